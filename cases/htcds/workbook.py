"""Reading .xlsx: first what the package is and how large it would get, then its cells. Formulas are never evaluated."""

import io
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from openpyxl import DEFUSEDXML, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from cases.htcds.cells import Cell, of_value
from cases.htcds.errors import (
    ROW_LIMIT,
    DamagedWorkbook,
    EncryptedWorkbook,
    OldWorkbook,
    OpenDocumentSheet,
    TooManyRows,
    UnpacksTooLarge,
    WrongFileType,
)

if not DEFUSEDXML:
    raise RuntimeError("openpyxl must read XML through defusedxml; unset OPENPYXL_DEFUSEDXML.")

# openpyxl warns with the values of cells.
warnings.filterwarnings("ignore", module=r"openpyxl\.")

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: What a sheet of 20,000 rows unpacks to is about 60 MB.
MOST_BYTES = 150_000_000
MOST_PARTS = 2_000
#: Repetitive sheets reach about forty to one; a bomb is a thousand to one.
MOST_RATIO = 150
_SMALL = 1_000_000
#: No case sheet is wider; a single cell far to the right must not widen every row.
MOST_COLUMNS = 120

#: What a damaged package makes zip, XML and openpyxl raise.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, ParseError, DefusedXmlException, InvalidFileException, KeyError, ValueError,
    TypeError, IndexError, AttributeError, EOFError, OSError, struct.error, NotImplementedError, RuntimeError,
)  # fmt: skip

_ROW_OR_VALUE = re.compile(rb"<(?:\w+:)?(row|v|is)[\s>]")
_PIECE = 256 * 1024


def read(content: bytes) -> Iterator[tuple[str, Iterator[list[Cell | None]]]]:
    """(name, rows) of each sheet of a workbook. Raises SheetRefused, before anything is parsed where it can."""
    check(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        for sheet in book.worksheets:
            yield sheet.title, _rows_of(sheet)
        book.close()
    except _DAMAGE:
        raise DamagedWorkbook from None


def _rows_of(sheet: object) -> Iterator[list[Cell | None]]:
    try:
        sheet.reset_dimensions()  # type: ignore[attr-defined]  # what a file says of its own size is not believed
        for row in sheet.iter_rows(max_col=MOST_COLUMNS):  # type: ignore[attr-defined]
            cells = [of_value(cell.value, cell.data_type) if cell.value is not None else None for cell in row]
            while cells and cells[-1] is None:
                cells.pop()
            yield cells
    except _DAMAGE:
        raise DamagedWorkbook from None


def check(content: bytes) -> None:
    """Refuse what is no workbook, is encrypted or damaged, would unpack too large, or has too many filled rows."""
    if content.startswith(OLE):
        raise EncryptedWorkbook if "EncryptedPackage".encode("utf-16-le") in content else OldWorkbook
    if not content.startswith(ZIP):
        raise WrongFileType
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            _check_sizes(parts)
            names = {part.filename for part in parts}
            if "mimetype" in names and package.read("mimetype").startswith(b"application/vnd.oasis.opendocument"):
                raise OpenDocumentSheet
            if "xl/workbook.xml" not in names:
                raise WrongFileType
            _check_rows(package, [part for part in parts if part.filename.startswith("xl/worksheets/")])
    except _DAMAGE:
        raise DamagedWorkbook from None


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    """By what the package declares; zipfile hands out no byte more than that, and openpyxl reads through zipfile."""
    if any(part.flag_bits & 1 for part in parts):
        raise EncryptedWorkbook
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
        raise UnpacksTooLarge
    for part in parts:
        if part.file_size > _SMALL and part.file_size > MOST_RATIO * max(part.compress_size, 1):
            raise UnpacksTooLarge


def _check_rows(package: zipfile.ZipFile, sheets: list[zipfile.ZipInfo]) -> None:
    """Count the rows that hold anything while really unpacking; refuse an entity, which no workbook needs."""
    unpacked = 0
    for sheet in sheets:
        filled = 0
        is_counted = True
        rest = b""
        with package.open(sheet) as stream:
            while piece := stream.read(_PIECE):
                unpacked += len(piece)
                if unpacked > MOST_BYTES:
                    raise UnpacksTooLarge
                text = rest + piece
                # A tag that is cut in two is found with the next piece.
                cut = max(text.rfind(b"<"), 0) if len(piece) == _PIECE else len(text)
                if b"<!ENTITY" in text:
                    raise DamagedWorkbook
                for tag in _ROW_OR_VALUE.finditer(text, 0, cut):
                    if tag[1] == b"row":
                        is_counted = False
                    elif not is_counted:
                        is_counted, filled = True, filled + 1
                rest = text[cut:][-_SMALL:]
        # Two header rows belong to the sheet.
        if filled > ROW_LIMIT + 2:
            raise TooManyRows
