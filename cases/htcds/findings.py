"""What is worth saying about a row or a sheet: kept as codes with parameters, said in the reader's language.

A finding is ``{"level", "code", "column", "name", …}``. ``BAD``: the row cannot be taken before somebody corrects it.
``NOTE``: how something was understood. Parameters hold values of the sheet, so findings are kept sealed.
"""

import datetime as dt
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgmt.interface.lines import in_a_row
from cases.htcds.fields import FIELDS

BAD, NOTE = "bad", "note"

Finding = dict[str, Any]

#: About one cell.
_OF_CELLS: dict[str, str | Promise] = {
    "FORMULA": gettext_lazy("The cell contains a formula. Formulas are not worked out here; type the value itself."),
    "BROKEN_CELL": gettext_lazy("The cell shows an error of the spreadsheet (%(said)s). Type the value itself."),
    "CONTROL_CHARACTER": gettext_lazy(
        "The text holds a character that cannot be kept (position %(place)s). It often comes along when copying. Type "
        "the text again."
    ),
    "TOO_LONG": gettext_lazy("The text is longer than the %(limit)s characters that fit here. Shorten it."),
    "UNKNOWN_CODE": gettext_lazy("“%(said)s” is not one of the answers for this column. Choose one from the list."),
    "UNKNOWN_COUNTRY": gettext_lazy("“%(said)s” is not a country that we know. Choose one from the list."),
    "UNKNOWN_LANGUAGE": gettext_lazy("“%(said)s” is not a language that we know. Choose one from the list."),
    "NOT_YES_OR_NO": gettext_lazy("“%(said)s” means neither yes nor no here. Write TRUE or FALSE."),
    "NOT_A_NUMBER": gettext_lazy("“%(said)s” is not a whole number."),
    "NUMBER_IMPOSSIBLE": gettext_lazy("%(said)s is not possible here. It must be from 0 to %(limit)s."),
    "DAY_UNREADABLE": gettext_lazy("“%(said)s” is not a day that can be read. Write year-month-day, like 1990-05-07."),
    "DAY_NOT_IN_CALENDAR": gettext_lazy("“%(said)s” is not a day of the calendar. Check day and month."),
    "DAY_SHORT_YEAR": gettext_lazy("“%(said)s” has a year of two digits. Write it with four, like 1990-05-07."),
    "DAY_TWO_READINGS": gettext_lazy(
        "“%(said)s” can be %(first)s or %(second)s. Write year-month-day, like 1990-05-07."
    ),
    "DAY_IN_FUTURE": gettext_lazy("%(day)s has not come yet. Check the year."),
    "DAY_TOO_EARLY": gettext_lazy("%(day)s is before 1900. Check the year."),
    "BORN_TOO_EARLY": gettext_lazy("Born on %(day)s, the person would be older than 120. Check the year."),
    "REFERRED_BEFORE_BIRTH": gettext_lazy("The referral is dated before the birth. Check both days."),
    # How it was understood.
    "CODE_UNDERSTOOD": gettext_lazy("“%(said)s” was understood as “%(means)s”."),
    "DAY_UNDERSTOOD": gettext_lazy("“%(said)s” was understood as %(day)s."),
    "DAY_FROM_NUMBER": gettext_lazy("The number %(said)s was understood as Excel's count of days: %(day)s."),
    "DAY_PARTIAL": gettext_lazy("Only “%(said)s” is known. It is kept as that, and the day stays open."),
    "MAILING_BY_LABEL": gettext_lazy(
        "The official sheet names this column twice. By the values it is the one of the label row: “%(field)s”."
    ),
    "MAILING_BY_CODE": gettext_lazy(
        "The official sheet names this column twice. By the values it is the one of the code row: “%(field)s”."
    ),
    "MAILING_UNCLEAR": gettext_lazy(
        "The official sheet names this column twice, and the values do not tell which is meant. It was taken as the "
        "code row says: “%(field)s”. Please check."
    ),
    "LEFT_EMPTY": gettext_lazy("“%(said)s” was left empty, as you chose for this sheet."),
    "PHONE_ODD": gettext_lazy("This does not look like a phone number with its country code. It is kept as it is."),
    "EMAIL_ODD": gettext_lazy("This does not look like an e-mail address. It is kept as it is."),
    "TITLE_IS_A_POSITION": gettext_lazy("In the standard this is a position in an organisation. It is kept as it is."),
    "EXPLOITATION_MISSING": gettext_lazy("Given although the type of exploitation beside it does not say so. Kept."),
    "CONSENT_AS_REPORTED": gettext_lazy(
        "The sheet says yes. It counts as “pending, as reported” until the seven points were gone through with her."
    ),
    "CONSENT_REFUSED": gettext_lazy("The sheet says no. It is kept as declined, as reported."),
    "TABLE_ROWS": gettext_lazy("%(count)s rows of the table “%(said)s” belong to this case and come along."),
    "TABLE_TOO_LONG": gettext_lazy(
        "%(count)s rows of the table “%(said)s” are more than one case can have, and stay out."
    ),
    "TABLE_LEFT_OUT": gettext_lazy("Haven has no place for this, or cannot read it, and leaves it out. %(said)s"),
    "DEPRECATED": gettext_lazy("This column is no longer part of the standard. The answer is kept."),
}

#: About a whole sheet.
_OF_SHEETS: dict[str, str | Promise] = {
    "HEADER_MISSPELT": gettext_lazy("Column %(column)s: “%(said)s” is a misspelt name for “%(field)s”."),
    "HEADER_FROM_LABEL": gettext_lazy("Column %(column)s has no code; by its label it is “%(field)s”."),
    "HEADER_FROM_POSITION": gettext_lazy("Column %(column)s has no header; by its place it is “%(field)s”."),
    "HEADER_CODE_WINS": gettext_lazy("Column %(column)s is labelled “%(said)s”; by its code it is “%(field)s”."),
    "HEADER_MISLABELLED": gettext_lazy("Column %(column)s, the second “%(said)s”, was taken as “%(field)s”."),
    "HEADER_REPEATED": gettext_lazy("Column %(column)s names “%(field)s” a second time and was left out."),
    "COLUMN_LEFT_OUT": gettext_lazy("Column %(column)s (“%(said)s”) is not part of the standard and was left out."),
    "COLUMN_NOT_CHOSEN": gettext_lazy("Column %(column)s (“%(said)s”) was left out, as you chose."),
    "COLUMN_WITHOUT_NAME": gettext_lazy("Column %(column)s has no header and was left out, with what it holds."),
    "MAILING_LABELS": gettext_lazy(
        "The official sheet names the five address columns differently in its two header rows. By the values, the "
        "label row is right."
    ),
    "MAILING_CODES": gettext_lazy(
        "The official sheet names the five address columns differently in its two header rows. By the values, the "
        "code row is right."
    ),
    "MAILING_UNSURE": gettext_lazy(
        "The official sheet names the five address columns differently in its two header rows, and the values do not "
        "tell which is right. The code row was used; please check addresses."
    ),
    "ENCODING_GUESSED": gettext_lazy("The file does not say how its letters are written. Check names with accents."),
    "TABLE_WITHOUT_CASE": gettext_lazy(
        "%(count)s rows of other tables name no case of this sheet (x_CaseRef), and were left out."
    ),
    "OTHER_SHEETS": gettext_lazy("The sheet “%(said)s” was read; other sheets of the workbook were left out."),
}


def bad(code: str, column: str, name: str, **parameters: Any) -> Finding:
    """A finding that keeps a row from being taken."""
    return {"level": BAD, "code": code, "column": column, "name": name, **parameters}


def note(code: str, column: str, name: str, **parameters: Any) -> Finding:
    """A finding that says how something was understood."""
    return {"level": NOTE, "code": code, "column": column, "name": name, **parameters}


def field_label(name: str) -> str:
    """The word for a field; its name where it is none of ours."""
    return str(FIELDS[name].label) if name in FIELDS else name


def sentence(finding: Finding) -> str:
    """The finding in the reader's language."""
    words = dict(finding)
    words["field"] = field_label(str(finding.get("name", "")))
    for key in ("day", "first", "second"):
        if key in words:
            words[key] = _spoken(str(words[key]))
    if "means" in words and finding.get("name") in FIELDS:
        means = words["means"] if isinstance(words["means"], list) else [words["means"]]
        words["means"] = in_a_row(FIELDS[str(finding["name"])].label_of(code) for code in means)
    known = {**_OF_CELLS, **_OF_SHEETS}.get(str(finding["code"]))
    return str(known) % words if known is not None else _("Please check this value.")


def _spoken(day: str) -> str:
    """A day in words, so that nobody mixes up day and month."""
    return date_format(dt.date.fromisoformat(day), "j F Y")
