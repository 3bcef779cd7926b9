"""Writing cases as HTCDS: which columns, which value of a case stands in each, and cells that no spreadsheet runs.

Strict: the 38 core columns in the official order, value names, several answers divided by ``;``, nothing else.
Extended: besides them what the standard calls optional, and ``x_`` columns of ours. Reasons for having no answer are
left blank in the strict form, as the standard knows none.
"""

import csv
import datetime as dt
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import TextChoices
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from casemgmt.access.sections import Section
from cases import codes
from cases.answers import IDENTITY_NUMBER, codes_in, is_answered, years_between
from cases.choices.casework import HTCDS_STATUS, CaseStatus, ClosureReason
from cases.choices.configuration import ListName
from cases.choices.releases import InfoCategory
from cases.choices.survivor import ConsentState, NullFlavour
from cases.htcds.codes import EXTENSION_CODES, ConsentPrompt, MethodOfControl
from cases.htcds.fields import CORE_ORDER, FIELDS, Home
from cases.htcds.tables import Row, Table, needs, written
from cases.models import Case, Consent, Survivor, TraffickingProfile


class Profile(TextChoices):
    """Which columns an export has (domain.md §1.4)."""

    HTCDS_CORE_STRICT = "HTCDS_CORE_STRICT", _("HTCDS, the 38 core columns")
    HTCDS_EXTENDED = "HTCDS_EXTENDED", _("HTCDS with its optional columns, and our own beside them (x_…)")
    HTCDS_TABLES = "HTCDS_TABLES", _("HTCDS with all its tables: people, events, support plans, organisations (Excel)")


#: Fields of the standard that no file holds: what is deprecated; a number that finds her in an authority's files (R15);
#: and the middle name, as Haven keeps it among her other names, where a name that somebody forced on her may stand too.
NEVER_WRITTEN = frozenset({"vic_AgreementToManagePersonalData", IDENTITY_NUMBER, "prs_MiddleName"})

#: The optional fields of the standard, in the order of its tables.
OPTIONAL = tuple(name for name, one in FIELDS.items() if not one.is_core and name not in NEVER_WRITTEN)


#: Ours, with the section each is read from and the categories a release must name for it.
X_COLUMNS: dict[str, tuple[Section, frozenset[str]]] = {
    "x_CaseRef": (Section.CARD, frozenset()),
    "x_MethodsOfControl": (Section.NARRATIVE, frozenset({InfoCategory.TRAFFICKING_HISTORY})),
    "x_AgeBand": (Section.IDENTITY, frozenset({InfoCategory.DEMOGRAPHICS})),
    "x_RegistrationYear": (Section.CARD, frozenset({InfoCategory.SERVICES_DATES})),
    "x_CountryOfExploitation": (Section.NARRATIVE, frozenset({InfoCategory.TRAFFICKING_HISTORY})),
    "x_DurationMonths": (Section.NARRATIVE, frozenset({InfoCategory.TRAFFICKING_HISTORY})),
    "x_RecruiterRelation": (Section.NARRATIVE, frozenset({InfoCategory.TRAFFICKING_HISTORY})),
    "x_NullFlavour": (Section.NARRATIVE, frozenset({InfoCategory.TRAFFICKING_HISTORY})),
}

#: The age bands of the Counter-Trafficking Data Collaborative: (from, to).
_AGE_BANDS = ((0, 8), (9, 17), (18, 20), (21, 23), (24, 26), (27, 29), (30, 38), (39, 47))
_RECRUITER = {"Familial": "Family", "Acquainted": "Other", "Unaquainted": "Other"}

#: What a spreadsheet takes for the beginning of a formula, or for a divider of cells.
#: The wide signs of East Asian keyboards are formulas there, too.
_DANGEROUS = re.compile(r"^\s*[=+\-@\t\r\n|%＝＋－＠]|^[\t\r\n]")
_PHONE = re.compile(r"\+[1-9]\d{5,14}")

#: Excel takes UTF-8 for granted only with this mark; without it every accented or Arabic name is spoilt.
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class Facts:
    """What an export knows of one case, as far as its reader opened it. ``sections``: what she holds of it."""

    case: Case
    sections: frozenset[str]
    survivor: Survivor | None = None
    profile: TraffickingProfile | None = None
    consent: Consent | None = None
    hides_address: bool = False
    #: Random in every export: it tells two rows of one file apart, joins its tables, and links nothing else.
    ref: str = field(default_factory=lambda: secrets.token_hex(8))


@dataclass(frozen=True)
class Columns:
    """The columns of one export. ``categories`` narrows each row to what its release names; None inside the house."""

    profile: str
    names: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, profile: str) -> "Columns":
        """Those of a profile."""
        extra = () if profile == Profile.HTCDS_CORE_STRICT or profile not in Profile.values else (*OPTIONAL, *X_COLUMNS)
        return cls(profile, (*CORE_ORDER, *extra))

    @property
    def has_tables(self) -> bool:
        """Whether the other tables of the standard go along."""
        return self.profile == Profile.HTCDS_TABLES

    @property
    def everything(self) -> tuple[str, ...]:
        """Every column, those of the tables by their keys."""
        return (*self.names, *needs()) if self.has_tables else self.names

    def row(self, facts: Facts, categories: Collection[str] | None, today: dt.date) -> list[str]:
        """One line of the file, inside an opening of the case; blank where the reader or the release does not reach."""
        return [
            safe(_value(name, facts, today)) if may_write(name, facts.sections, categories) else ""
            for name in self.names
        ]

    def released(self, categories: Collection[str]) -> set[str]:
        """Which of these categories let any column be written: what a disclosure notes."""
        asked = [set(needed(name)[1]) for name in self.everything]
        return {one for need in asked if need and need <= set(categories) for one in need}

    def lines(
        self, table: Table, rows: Collection[Row], facts: Facts, categories: Collection[str] | None
    ) -> list[list[str]]:  # fmt: skip
        """The lines of one case in a table; a row of which nothing may be written is no line."""
        may = [one for one in table.fields if may_write(table.key(one), facts.sections, categories)]
        told = [{one.name: safe(written(one, row.get(one.name))) for one in may} for row in rows]
        return [[facts.ref, *(line.get(one.name, "") for one in table.fields)] for line in told if any(line.values())]


class Echo:
    """A file for ``csv.writer`` that hands each line back instead of keeping it."""

    def write(self, line: str) -> str:
        """The line itself."""
        return line


def line_writer() -> Any:
    """A CSV writer whose ``writerow`` returns the line."""
    return csv.writer(Echo())


def needed(name: str) -> tuple[Section, frozenset[str]]:
    """The section a column is read from, and the categories it needs outside."""
    if name in FIELDS:
        return FIELDS[name].section, FIELDS[name].categories
    return X_COLUMNS[name] if name in X_COLUMNS else needs()[name]


def may_write(name: str, sections: Collection[str], categories: Collection[str] | None) -> bool:
    """Whether a column may hold its value: the reader holds its section, and outside the release names all it needs."""
    section, wanted = needed(name)
    return section in sections and (categories is None or wanted <= set(categories))


def sections_of(names: Collection[str], categories: Collection[str] | None) -> set[str]:
    """The sections that an export of these columns opens."""
    return {section for name in names for section in [needed(name)[0]] if may_write(name, [section], categories)}


def safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe before what would begin one, except phone numbers."""
    return f"'{text}" if _DANGEROUS.match(text) and not _PHONE.fullmatch(text) else text


def _value(name: str, facts: Facts, today: dt.date) -> str:
    if name in X_COLUMNS:
        return _extension(name, facts, today)
    if name == "cas_CaseOwner":
        # A role and an organisation, never a colleague's name.
        return f"Caseworker, {facts.case.organisation.name}"
    if name == "cas_Status":
        return HTCDS_STATUS[CaseStatus(facts.case.status)]
    if name == "con_Consent":
        return _consent(facts.consent)
    if name == "cas_ReasonForCaseClosure":
        return _plain(name, _answer(name, facts)) or _closure_reason(facts.case)
    if name.startswith("prs_Mailing") and facts.hides_address:
        return ""
    return _plain(name, _answer(name, facts))


def _answer(name: str, facts: Facts) -> Any:
    """The stored answer of a field."""
    home = FIELDS[name].home
    if home == Home.REFERRAL:
        return (facts.case.referral or {}).get(name)
    if home == Home.ANSWERS:
        return (facts.profile.answers or {}).get(name) if facts.profile else None
    if facts.survivor is None:
        return None
    if home == Home.SURVIVOR:
        attribute = {"prs_FirstName": "first_name", "prs_SecondName": "second_name", "prs_Birthdate": "birth_date"}
        return getattr(facts.survivor, attribute[name])
    return ((facts.survivor.about if home == Home.ABOUT else facts.survivor.contact) or {}).get(name)


def _plain(name: str, answer: Any) -> str:
    """An answer as the standard writes it; nothing where there is a reason instead of one."""
    if not is_answered(answer):
        return ""
    if isinstance(answer, bool):
        return "TRUE" if answer else "FALSE"
    if FIELDS[name].takes_several:
        chosen = codes_in(answer)
        strict = [MethodOfControl.OTHER.value if code in EXTENSION_CODES else code for code in chosen]
        return ";".join(dict.fromkeys(strict))
    return answer.isoformat() if isinstance(answer, dt.date) else str(answer)


def _consent(consent: Consent | None) -> str:
    """TRUE only with all seven points (R2); FALSE for a refusal; nothing while it is open."""
    if consent is None or consent.state == ConsentState.PENDING:
        return ""
    told = consent.told or {}
    is_whole = consent.state == ConsentState.CONSENTED and all(told.get(prompt) for prompt in ConsentPrompt.values)
    return "TRUE" if is_whole else "FALSE"


def _closure_reason(case: Case) -> str:
    """Why a case was closed here: as the house mapped its reason, else in the words of our list, as the standard has no
    codes for it; in its language."""
    if case.closure_reason is None:
        return ""
    mapped = codes.crosswalk(ListName.CLOSURE_REASON, case.closure_reason, "htcds")
    if mapped or not codes.is_known(ListName.CLOSURE_REASON, case.closure_reason):
        return mapped
    with translation.override("en"):
        # An own reason leaves as the one that it counts as: whoever reads the sheet does not know ours.
        return str(ClosureReason(codes.base(ListName.CLOSURE_REASON, case.closure_reason)).label)


def _extension(name: str, facts: Facts, today: dt.date) -> str:
    """Our own columns. What Haven does not hold yet (country and months of exploitation) stays blank."""
    answers: Mapping[str, Any] = (facts.profile.answers or {}) if facts.profile else {}
    if name == "x_CaseRef":
        return facts.ref
    if name == "x_MethodsOfControl":
        return ";".join(codes_in(answers.get("vic_MethodsOfControl")))
    if name == "x_RegistrationYear":
        return str(facts.case.opened_on.year)
    if name == "x_AgeBand":
        born = facts.survivor.birth_date if facts.survivor else None
        return age_band(years_between(born, today)) if born else ""
    if name == "x_RecruiterRelation":
        return _RECRUITER.get(str(answers.get("vic_RelationshipToTrafficker", "")), "")
    if name == "x_NullFlavour":
        flavours = {key: value for key, value in answers.items() if key in FIELDS and value in NullFlavour.values}
        return ";".join(f"{key}={value}" for key, value in sorted(flavours.items()))
    return ""


def age_band(years: int) -> str:
    """The band of an age."""
    return next((f"{low}--{high}" for low, high in _AGE_BANDS if low <= years <= high), "48+")
