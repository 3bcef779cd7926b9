"""Why a file cannot be read as a case sheet: one class a situation, one sentence that says what to do."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.errors import CaseError

#: More rows than this are refused; a file of this size is read in about ten seconds.
ROW_LIMIT = 20_000


class SheetRefused(CaseError):
    """The file cannot be read as a case sheet. ``code`` is what the ledger and a failed batch keep."""

    code = "SHEET_REFUSED"


class WrongFileType(SheetRefused):
    """Neither a workbook nor text with delimiters, whatever its name says."""

    code = "WRONG_FILE_TYPE"
    sentence = gettext_lazy("This is not a case sheet. Choose an Excel workbook (.xlsx) or a CSV file.")


class OldWorkbook(SheetRefused):
    """Excel 97–2003."""

    code = "OLD_WORKBOOK"
    sentence = gettext_lazy("This is a workbook of an old Excel (.xls). Save it as .xlsx, and choose that file.")


class OpenDocumentSheet(SheetRefused):
    """LibreOffice's own format."""

    code = "OPEN_DOCUMENT"
    sentence = gettext_lazy("This is an OpenDocument sheet. Open it, save it as .xlsx or CSV, and choose that file.")


class EncryptedWorkbook(SheetRefused):
    """A workbook with a password."""

    code = "ENCRYPTED_WORKBOOK"
    sentence = gettext_lazy(
        "This workbook is protected by a password, so it cannot be read. Open it, save a copy without a password, and "
        "choose the copy. Delete the copy afterwards."
    )


class DamagedWorkbook(SheetRefused):
    """A workbook that does not open."""

    code = "DAMAGED_WORKBOOK"
    sentence = gettext_lazy(
        "This workbook is damaged and cannot be read. Open it in Excel, let Excel repair it, save it, and try again."
    )


class UnpacksTooLarge(SheetRefused):
    """A zip bomb, or something that behaves like one."""

    code = "UNPACKS_TOO_LARGE"
    sentence = gettext_lazy(
        "This workbook unpacks to far more than a case sheet can hold, so it was not opened. Copy its rows into a new "
        "workbook and try again."
    )


class TooManyRows(SheetRefused):
    """Over ROW_LIMIT."""

    code = "TOO_MANY_ROWS"

    def __str__(self) -> str:
        return _("This sheet has more than %(limit)s rows. Split it into parts of at most %(limit)s rows.") % {
            "limit": f"{ROW_LIMIT:,}"
        }


class UnknownEncoding(SheetRefused):
    """Text in an encoding that cannot be told for sure: guessing would spoil names."""

    code = "UNKNOWN_ENCODING"
    sentence = gettext_lazy(
        "The letters of this CSV file cannot be read for sure. Save it as “CSV UTF-8” or as an Excel workbook, and try "
        "again."
    )


class NoHeader(SheetRefused):
    """No row looks like the header of a case sheet."""

    code = "NO_HEADER"
    sentence = gettext_lazy(
        "No row of this file names the columns of a case sheet (HTCDS), such as prs_FirstName or “First Name”. Put "
        "the column names into the first row and try again."
    )


class FormDefinition(SheetRefused):
    """The XLSForm itself, not what people answered."""

    code = "FORM_DEFINITION"
    sentence = gettext_lazy(
        "This is the definition of a form, not what was filled in. Export the answers from Kobo or ODK, and choose "
        "that file."
    )


class NoRows(SheetRefused):
    """A header, and nothing under it."""

    code = "NO_ROWS"
    sentence = gettext_lazy("This sheet has column names, but no row is filled in.")
