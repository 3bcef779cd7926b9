"""The append-only file: one line a head, written with O_APPEND and fsync, on another disk or machine than the database.

A line is JSON: ``at`` (UTC) and ``note``, the signed checkpoint. Whoever administers that place can give the file the
system's own append-only mark (``chattr +a``); Haven itself never rewrites a line.
"""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

from ..sealing import notes
from .held import Held

#: A line is some 400 bytes; a file that holds longer ones is none of ours.
LONGEST_LINE = 10_000


def path() -> Path | None:
    """Where heads are appended; None where no file is set."""
    return Path(settings.ANCHOR_FILE) if settings.ANCHOR_FILE else None


def place() -> str:
    """The name under which rows remember the file."""
    here = path()
    return "" if here is None else here.name[-200:]


def append(note: str, at: datetime) -> None:
    """Add a head. On return it is on the disk. Raises OSError."""
    here = path()
    if here is None:
        raise ValueError("ANCHOR_FILE is not set.")
    line = json.dumps({"at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "note": note}, ensure_ascii=False).encode() + b"\n"
    is_new = not here.exists()
    with open(os.open(here, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b", buffering=0) as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":  # the power went away in the middle of a line
                line = b"\n" + line
        if file.write(line) != len(line):
            raise OSError("The anchor file took a part of the line only.")
        os.fsync(file.fileno())
    if is_new:
        folder = os.open(here.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def heads() -> Iterator[Held]:
    """Every head in the file, as it stands there; what is no line of ours is passed over. Raises OSError."""
    here = path()
    if here is None or not here.exists():
        return
    with here.open("rb") as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            try:
                told = json.loads(line)
                note, at = str(told["note"]), datetime.fromisoformat(told["at"])
                checkpoint = notes.parse_checkpoint(notes.parse_note(note))
            except (ValueError, KeyError, TypeError, notes.BadNote):
                continue
            yield Held(f"the anchor file, line {number}", checkpoint.size, checkpoint.root, at, note)
