"""A process of its own that writes a mark on every page of a PDF, or across a picture: the file comes by stdin, goes to stdout.

As ``cases.preview_maker``: reading files is the classic way into a program that reads them, so it happens in a process
that holds no key, no database and no setting, writes no file, and whose memory and time are limited. Only the standard
library, Pillow and pypdf; run by ``cases.marking`` with ``python -I``. The first line says, as JSON, what kind of file it
is and the words, in ASCII: the letters of a mark are those that every viewer draws.
"""

import io
import json
import resource
import sys

from PIL import Image, ImageDraw, ImageFont
from PIL import WebPImagePlugin as _webp  # noqa: F401  loaded now: the limits below would keep it from being loaded
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, FloatObject, NameObject

MOST_DOTS = 60_000_000
MOST_PAGES = 5_000
MEMORY_BYTES = 1024 * 1024 * 1024
SECONDS = 30
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
#: Of the width of a letter, in parts of its height: Helvetica, on average.
_LETTER = 0.52


def marked_pdf(content: bytes, words: str) -> bytes:
    """The PDF with the words at the foot of every page, and faintly across it. Raises what pypdf raises."""
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise ValueError("locked")
    writer = PdfWriter(clone_from=reader)
    if not 0 < len(writer.pages) <= MOST_PAGES:
        raise ValueError("pages")
    for page in writer.pages:
        if page.rotation:
            page.transfer_rotation_to_content()
        page.merge_page(_stamp(page, words))
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def _stamp(page: PageObject, words: str) -> PageObject:
    """A page of the same size that holds nothing but the mark."""
    box = page.cropbox
    width, height = float(box.width), float(box.height)
    if width < 1 or height < 1:
        raise ValueError("size")
    foot = min(8.0, (width - 16) / (len(words) * _LETTER))
    across = min(22.0, 0.9 * (width**2 + height**2) ** 0.5 / (len(words) * _LETTER))
    length = (width**2 + height**2) ** 0.5
    cosine, sine = width / length, height / length
    half = len(words) * _LETTER * across / 2
    x = float(box.left) + width / 2 - half * cosine
    y = float(box.bottom) + height / 2 - half * sine
    text = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    drawn = (
        f"q /HavenMark gs 0.35 g BT /HavenFont {across:.2f} Tf "
        f"{cosine:.4f} {sine:.4f} {-sine:.4f} {cosine:.4f} {x:.2f} {y:.2f} Tm ({text}) Tj ET Q\n"
        f"q 0.3 g BT /HavenFont {foot:.2f} Tf {float(box.left) + 8:.2f} {float(box.bottom) + 6:.2f} Td ({text}) Tj ET Q\n"
    )
    font = DictionaryObject()
    for name, value in (
        ("Type", "Font"),
        ("Subtype", "Type1"),
        ("BaseFont", "Helvetica"),
        ("Encoding", "WinAnsiEncoding"),
    ):
        font[NameObject(f"/{name}")] = NameObject(f"/{value}")
    faint = DictionaryObject({NameObject("/Type"): NameObject("/ExtGState"), NameObject("/ca"): FloatObject(0.16)})
    stamp = PageObject.create_blank_page(width=float(page.mediabox.width), height=float(page.mediabox.height))
    # The same corner as the page: a scan may begin anywhere.
    stamp.mediabox = page.mediabox
    stamp[NameObject("/Resources")] = DictionaryObject({
        NameObject("/Font"): DictionaryObject({NameObject("/HavenFont"): font}),
        NameObject("/ExtGState"): DictionaryObject({NameObject("/HavenMark"): faint}),
    })  # fmt: skip
    stream = DecodedStreamObject()
    stream.set_data(drawn.encode("ascii"))
    stamp[NameObject("/Contents")] = stream
    return stamp


def marked_image(content: bytes, kind: str, words: str) -> bytes:
    """The picture with the words in a band beneath it, which covers nothing, and once faintly in its middle."""
    with Image.open(io.BytesIO(content), formats=[FORMATS[kind]]) as image:
        if image.width * image.height > MOST_DOTS or getattr(image, "n_frames", 1) > 1:
            raise ValueError("size")
        whole = image.convert("RGBA")
    letters = max(8.0, min(whole.height / 24, whole.width / (len(words) * _LETTER)))
    font = ImageFont.load_default(letters)
    layer = Image.new("RGBA", whole.size, (0, 0, 0, 0))
    middle = ((whole.width - font.getlength(words)) / 2, whole.height / 2)
    ImageDraw.Draw(layer).text(
        middle, words, font=font, fill=(90, 90, 90, 110), stroke_width=1, stroke_fill=(255, 255, 255, 90)
    )
    drawn = Image.new("RGBA", (whole.width, whole.height + int(letters * 1.7)), "white")
    drawn.paste(Image.alpha_composite(whole, layer))
    ImageDraw.Draw(drawn).text((letters / 2, whole.height + letters * 0.2), words, font=font, fill=(40, 40, 40, 255))
    made = io.BytesIO()
    if FORMATS[kind] in ("JPEG", "GIF"):
        drawn = drawn.convert("RGB")
    drawn.save(made, FORMATS[kind], **({"quality": 90} if kind in ("image/jpeg", "image/webp") else {}))
    return made.getvalue()


def main() -> int:
    """Write the mark. Raises, and so ends with 1, where this file takes none."""
    Image.preinit()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Image.MAX_IMAGE_PIXELS = None  # said in our own words, above
    asked = json.loads(sys.stdin.buffer.readline())
    kind, words, content = asked["kind"], asked["words"], sys.stdin.buffer.read()
    # Whatever a broken file provokes in its reader ends the process, which tells nothing of it: the file takes no mark.
    made = marked_pdf(content, words) if kind == "application/pdf" else marked_image(content, kind, words)
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
