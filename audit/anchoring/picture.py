"""A head as a picture that a telephone reads: the signed note as a QR code, drawn by the template."""

from dataclasses import dataclass

import segno

#: White around the code, in modules (ISO/IEC 18004).
BORDER = 4


@dataclass(frozen=True)
class Picture:
    """The side of a square of modules with its border, and the dark ones as the path of an SVG."""

    side: int
    path: str


def picture_of(text: str) -> Picture:
    """The code of a text, with correction level M."""
    matrix = segno.make(text, error="m", micro=False, encoding="utf-8").matrix
    parts = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                parts.append(f"M{start + BORDER} {y + BORDER}h{x - start}v1h-{x - start}z")
            x += 1
    return Picture(len(matrix) + 2 * BORDER, "".join(parts))
