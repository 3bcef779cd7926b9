"""Case sheets for tests, built with the layout and the slips of the official ones. All people in them are fictional."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook

from cases.htcds.fields import CORE_ORDER

#: The label row as the official sheet writes it: the five address labels in another order than their codes.
LABELS = (
    "Case Owner", "Salutation", "First Name", "Second Name", "Consent", "Birthdate", "Gender", "Citizenship", "Title", "Email",
    "Home Phone", "Mobile Phone", "Mailing Street", "Mailing City", "Mailing State/Province", "Mailing Zip/Postal Code",
    "Mailing Country", "Trafficking Status", "Trafficking Status Decision Making Organization", "Method of Recruitment",
    "Location of Recruitment", "Methods of Control", "Type of Exploitation", "Forced Labour Industry",
    "Type of Sex Exploitation", "Location of Exploitation", "Status", "Referring Organisation", "Incoming Referral Date",
    "Referring Primary Case Worker", "Reason for Incoming Referral", "Incoming Referral Details", "Referred Organisation",
    "Referred Primary Case Worker", "Reason for Outgoing Referral", "Outgoing Referral Date", "Outgoing Referral Details",
    "Reason for Case Closure",
)  # fmt: skip
_MISSPELT = {"vic_TraffickingStatusDecisionMakingOrg": "vic_TraffickinStatusDecisionMakingOrg"}
_BLANK = "cas_ReasonForOutgoingReferral"

ZORAIDA: dict[str, Any] = {
    "prs_FirstName": "Zoraida", "prs_SecondName": "Quillfeather", "prs_Birthdate": "1998-04-05", "prs_Gender": "Feminine",
    "prs_Citizenship": "Honduras", "con_Consent": "TRUE", "vic_TraffickingStatus": "Actual victim of trafficking",
    "vic_MethodsOfControl": "Debt bondage ; Withholds documents", "vic_TypeOfExploitation": "Forced labour",
    "vic_ForcedLabourIndustry": "Agriculture, forestry and fishing", "cas_Status": "Active",
    "cas_IncomingReferralDate": "2026-01-15", "cas_ReferringOrganisation": "Fictional Hotline",
}  # fmt: skip


def person(**changes: Any) -> dict[str, Any]:
    """A fictional row, with changes."""
    return {**ZORAIDA, **changes}


def people(count: int, **changes: Any) -> list[dict[str, Any]]:
    """So many different fictional rows."""
    return [person(prs_SecondName=f"Quillfeather-{number}", **changes) for number in range(count)]


def official(rows: Sequence[Mapping[str, Any]], *, numbered: int = 0, title: str = "Sheet1") -> bytes:
    """The official workbook: codes with a slip and a blank, labels, column A with numbers and no header."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    sheet.append([None, *("" if name == _BLANK else _MISSPELT.get(name, name) for name in CORE_ORDER)])
    sheet.cell(1, CORE_ORDER.index(_BLANK) + 2).value = None
    sheet.append([None, *LABELS])
    for number, row in enumerate(rows, start=1):
        sheet.append([number, *(row.get(name) for name in CORE_ORDER)])
    for number in range(len(rows) + 1, numbered + 1):
        sheet.append([number])
    return saved(book)


def saved(book: Workbook) -> bytes:
    """The bytes of a workbook."""
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()


def delimited(
    rows: Sequence[Mapping[str, Any]],
    names: Sequence[str] | None = None,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> bytes:
    """A CSV file with one header row of code names."""
    names = list(names or CORE_ORDER)
    quote = '"{}"'.format
    lines = [delimiter.join(names)]
    lines += [delimiter.join(quote(str(row.get(name, "") or "").replace('"', '""')) for name in names) for row in rows]
    return "\r\n".join(lines).encode(encoding)


def as_kobo(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """What Kobo exports of the official form: other names, groups, spaces between answers, its own columns."""
    other = {"prs_FirstName": "group_a/prs_First_Name", "prs_SecondName": "prs_Second_Name",
             "vic_MethodsOfControl": "vic_Methods_of_Control"}  # fmt: skip
    names = ["prs_FirstName", "prs_SecondName", "prs_Birthdate", "prs_Gender", "vic_MethodsOfControl", "con_Consent"]
    book = Workbook()
    sheet = book.active
    sheet.append(["start", *(other.get(name, name) for name in names), "_status", "_uuid"])
    for row in rows:
        sheet.append(["2026-01-01T10:00", *(row.get(name) for name in names), "submitted_via_web", "u-1"])
    return saved(book)
