"""A workbook with several sheets, written line by line into sealed spools: memory stays the same for any length.

Cells are inline texts, so no spreadsheet takes one for a formula. No part of it lies in clear on a disk.
"""

import re
import zipfile
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape, quoteattr

from casemgmt.crypto.uploads import SealedSpool

_PIECE = 64 * 1024
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
#: What XML cannot hold; no text of a person needs it.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: No date of the house stands on a file.
_NO_DAY = (1980, 1, 1, 0, 0, 0)


class Sink:
    """What ``zipfile`` writes to: handed on as it comes, and never gone back in."""

    def __init__(self, put: Callable[[bytes], None]) -> None:
        self.put = put

    def write(self, piece: bytes) -> int:
        """Hand on."""
        self.put(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits."""


class Book:
    """Sheets by title, in the order in which each got its header. ``add`` lines, then ``write`` it all once."""

    def __init__(self) -> None:
        self._sheets: dict[str, SealedSpool] = {}

    def add(self, title: str, cells: Sequence[str]) -> None:
        """One line below those of this sheet; the first is its header."""
        if title not in self._sheets:
            self._sheets[title] = SealedSpool()
            self._sheets[title].write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
        line = "".join(_cell(text) for text in cells)
        self._sheets[title].write(f"<row>{line}</row>".encode())

    def write(self, put: Callable[[bytes], None]) -> None:
        """The whole package, piece by piece."""
        with zipfile.ZipFile(Sink(put), "w", zipfile.ZIP_DEFLATED) as package:  # type: ignore[call-overload]
            for name, text in _frame(list(self._sheets)).items():
                package.writestr(zipfile.ZipInfo(name, _NO_DAY), text, zipfile.ZIP_DEFLATED)
            for number, spool in enumerate(self._sheets.values(), start=1):
                spool.write(b"</sheetData></worksheet>")
                reader = spool.reader()
                part = zipfile.ZipInfo(f"xl/worksheets/sheet{number}.xml", _NO_DAY)
                part.compress_type = zipfile.ZIP_DEFLATED
                with package.open(part, "w", force_zip64=True) as into:
                    while piece := reader.read(_PIECE):
                        into.write(piece)


def _cell(text: str) -> str:
    if not text:
        return "<c/>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(_NOT_XML.sub("", text))}</t></is></c>'


def _frame(titles: list[str]) -> dict[str, str]:
    """The parts of a package that say which sheets there are."""
    numbered = list(enumerate(titles, start=1))
    sheets = "".join(f'<sheet name={quoteattr(title)} sheetId="{n}" r:id="rId{n}"/>' for n, title in numbered)
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n, _title in numbered
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPES}.worksheet+xml"/>'
        for n, _title in numbered
    )
    return {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
        f'ContentType="{_TYPES}.sheet.main+xml"/>{kinds}</Types>',
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
    }
