"""Reading text with delimiters: encodings and delimiters as they occur, decided by what makes sense as a case sheet."""

import codecs
import csv
import io
from collections.abc import Iterator

from cases.htcds.cells import Cell, of_text
from cases.htcds.columns import count_known
from cases.htcds.errors import DamagedWorkbook, UnknownEncoding, WrongFileType

_DELIMITERS = (",", ";", "\t", "|")
#: A cell of a workbook holds at most 32,767 characters; CSV from elsewhere may hold a little more.
csv.field_size_limit(200_000)


def decode(content: bytes) -> tuple[str, bool]:
    """The text of a CSV file, and whether its encoding was guessed. Raises WrongFileType, UnknownEncoding."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return _strictly(content, encoding), False
    sample = content[:4096]
    if len(sample) > 8 and sample.count(0) > len(sample) * 0.3:
        return _sixteen_bits(
            content, "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
        ), True
    _demand_text(sample)
    try:
        return content.decode("utf-8"), False
    except UnicodeDecodeError:
        return _western(content), True


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise UnknownEncoding from None


def _sixteen_bits(content: bytes, encoding: str) -> str:
    """Text of two bytes a letter that does not say so; a picture has zeros, too, but no letters."""
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise WrongFileType from None
    letters = sum(1 for char in text[:2000] if char.isprintable() or char in "\t\r\n")
    if letters < len(text[:2000]) * 0.95:
        raise WrongFileType
    return text


def _demand_text(sample: bytes) -> None:
    """Refuse what is no text: many control characters, or the beginning of another format."""
    controls = sum(1 for byte in sample if byte < 32 and byte not in (0, 9, 10, 13))
    is_another = sample.lstrip()[:5].lower() in (b"<html", b"<?xml", b"{\\rtf", b"<!doc", b"%pdf-")
    if is_another or controls > max(2, len(sample) // 100):
        raise WrongFileType


def _western(content: bytes) -> str:
    """What Excel writes as plain "CSV" in western Europe; refused where most letters of such words would be accented.

    Arabic or Cyrillic in their own old encodings look like that, and guessing would spoil names.
    """
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        raise UnknownEncoding from None
    for word in text.split():
        letters = [char for char in word if char.isalpha()]
        if sum(not char.isascii() for char in letters) > max(1, len(letters) // 2):
            raise UnknownEncoding
    return text


def find_delimiter(text: str) -> str:
    """The delimiter under which the first lines name most columns of a case sheet."""
    if text[:4].lower() == "sep=" and text[4:5]:
        return text[4]
    head = text[:20_000]

    def known(delimiter: str) -> int:
        return max((count_known(row) for row in _rows(head, delimiter, 10)), default=0)

    def width(delimiter: str) -> int:
        return min((len(row) for row in _rows(head, delimiter, 10) if any(row)), default=0)

    # Where no column is known, the one that divides every line into most cells.
    return max(_DELIMITERS, key=lambda one: (known(one), width(one)))


def read(content: bytes) -> tuple[Iterator[list[Cell | None]], bool]:
    """The rows of a CSV file, and whether the encoding was guessed. Raises SheetRefused."""
    text, was_guessed = decode(content)
    delimiter = find_delimiter(text)
    if text[:4].lower() == "sep=":
        text = text.partition("\n")[2]
    return ([of_text(cell) for cell in row] for row in _rows(text, delimiter)), was_guessed


def _rows(text: str, delimiter: str, limit: int | None = None) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, row in enumerate(reader):
            if limit is not None and number >= limit:
                return
            yield row
    except csv.Error:
        raise DamagedWorkbook from None
