"""A process of its own that turns one image into a small one: the image comes by stdin, the small JPEG goes to stdout.

Reading pictures is the classic way into a program that reads them. So it happens here: in a process that holds no key,
no database and no setting, that can open no file for writing, and whose memory and time are limited. Only the standard
library and Pillow; run by ``cases.previews`` with ``python -I``.
"""

import io
import resource
import sys

from PIL import Image, ImageOps
from PIL import WebPImagePlugin as _webp  # noqa: F401  loaded now: the limits below would keep it from being loaded

LONGEST_SIDE = 640
#: More dots than any camera makes; a bomb says here how large it would become, before it does.
MOST_DOTS = 60_000_000
MEMORY_BYTES = 1024 * 1024 * 1024
SECONDS = 10
KINDS = ("JPEG", "PNG", "WEBP", "GIF")


def main() -> int:
    """Make the small picture; 1 where this image cannot be drawn."""
    Image.preinit()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Image.MAX_IMAGE_PIXELS = None  # said in our own words, below
    try:
        with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=KINDS) as image:
            if image.width * image.height > MOST_DOTS:
                return 1
            image.draft("RGB", (LONGEST_SIDE * 2, LONGEST_SIDE * 2))
            small = ImageOps.exif_transpose(image)
            small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            if small.mode in ("RGBA", "LA", "PA", "P"):
                drawn = small.convert("RGBA")
                small = Image.new("RGB", drawn.size, "white")
                small.paste(drawn, mask=drawn.getchannel("A"))
            made = io.BytesIO()
            # A new picture, drawn dot by dot: nothing beside the dots is carried over.
            Image.frombytes("RGB", small.size, small.convert("RGB").tobytes()).save(made, "JPEG", quality=80)
    except (OSError, ValueError, SyntaxError, MemoryError, ArithmeticError, LookupError, TypeError, AttributeError):
        return 1
    sys.stdout.buffer.write(made.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main())
