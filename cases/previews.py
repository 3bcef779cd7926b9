"""Small pictures of images, drawn anew by a process that holds no key (``cases.preview_maker``).

The image goes there and back by pipe, never by the disk. What cannot be drawn has no small picture; the document itself
is kept all the same.
"""

import subprocess
import sys
from pathlib import Path

_MAKER = Path(__file__).with_name("preview_maker.py")
#: Longer than the processor time it may use, because the machine may be busy.
SECONDS = 20
#: A small picture has some ten thousand bytes; more is none.
MOST_BYTES = 1024 * 1024
_JPEG = b"\xff\xd8\xff"


def make(image: bytes) -> bytes:
    """A JPEG of at most 640 dots a side, without anything beside the picture; empty where none can be made."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_MAKER)], input=image, env={}, cwd="/",
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS, check=False,
        )  # fmt: skip
    except (subprocess.TimeoutExpired, OSError):
        return b""
    is_small = done.stdout.startswith(_JPEG) and len(done.stdout) <= MOST_BYTES
    return done.stdout if done.returncode == 0 and is_small else b""
