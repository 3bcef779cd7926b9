"""Coded answers in words: what HTCDS names ``prs_*`` and ``vic_*``, and the few of our own beside them.

An answer is a code, a list of codes, a number or text; or one of the null flavours, which say why there is none
(domain.md G3). A key that is missing means "not asked yet", and so does the flavour NOT_ASKED.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from casemgmt.interface.lines import in_a_row
from cases.choices.casework import ToldHer
from cases.choices.signs import SIGN_ANSWERS
from cases.choices.survivor import (
    BestInterests,
    GuardianCheck,
    InterpreterGender,
    InterpreterNeed,
    InterpreterWay,
    NullFlavour,
    Pronouns,
    Reading,
    Script,
    TriState,
)
from cases.htcds import codes, fields, places
from cases.htcds.fields import FIELDS
from cases.kin_answers import BORN_ON, KIN_OWN, PERSON_REACHED_BY

#: Ours, beside the standard's: how sure a date of birth is, a safe address, which acts happened (domain.md §9.1).
BIRTHDATE_PRECISION, SAFE_ADDRESS, ACTS = "x_BirthdatePrecision", "x_SafeMailingAddress", "x_Acts"
MIGRANT, PROTECTION, MOBILITY = "migrant_type", "protection_status", "mobility_status"
STATUS_NOTE, ALIEN_NUMBER, RECEIPT_NUMBER = "note", "a_number", "receipt_number"
PASSPORT, NATIONAL_ID, PAPER_COUNTRY, PAPER_ENDS = "x_Passport", "x_NationalId", "x_PassportCountry", "x_PassportEnds"
#: The numbers among her protection, in the order of the page; and what is said of the passport beside its number.
NUMBERS = (ALIEN_NUMBER, RECEIPT_NUMBER, PASSPORT, NATIONAL_ID)
PASSPORT_FACTS = (PAPER_COUNTRY, PAPER_ENDS)
IDENTITY_NUMBER, FILING_RECEIPT = "prs_IdentityNumber", "receipt"
#: Further names, each by what it is; the script of the one she writes herself; how she is spoken of.
WANTED_NAME, LEGAL_NAME, BIRTH_NAME, SCRIPT_NAME = "x_WantedName", "x_LegalName", "x_BirthName", "x_ScriptName"
PAPER_NAME, FORCED_NAME = "x_PaperName", "x_ForcedName"
SCRIPT, PRONOUNS, OWN_PRONOUNS = "x_Script", "x_Pronouns", "x_OwnPronouns"
NAMES = (WANTED_NAME, LEGAL_NAME, BIRTH_NAME, SCRIPT_NAME, PAPER_NAME, FORCED_NAME)
CALLED = (*NAMES, SCRIPT, PRONOUNS, OWN_PRONOUNS)
#: Languages she speaks, with dialect and reading, and what she needs of an interpreter (domain.md §8.6).
SPOKEN = ("x_Spoken1", "x_Spoken2", "x_Spoken3")
DIALECT = ("x_Dialect1", "x_Dialect2", "x_Dialect3")
READS = ("x_Reads1", "x_Reads2", "x_Reads3")
NEEDS_INTERPRETER, INTERPRETER_GENDER, INTERPRETER_WAY = "x_Interpreter", "x_InterpreterGender", "x_InterpreterWay"
SAME_INTERPRETER, INTERPRETER_AVOID = "x_SameInterpreter", "x_InterpreterAvoid"
INTERPRETER_AGREED, READ_ALOUD = "x_InterpreterAgreed", "x_ReadAloud"
NEEDS = (
    NEEDS_INTERPRETER, INTERPRETER_AGREED, INTERPRETER_GENDER, INTERPRETER_WAY, SAME_INTERPRETER, INTERPRETER_AVOID,
    READ_ALOUD,
)  # fmt: skip
SPEECH = (*(name for row in zip(SPOKEN, DIALECT, READS, strict=True) for name in row), *NEEDS)
#: Whether her age is in doubt: then she is a minor until it is settled (domain.md §8.5). Beside the date of birth.
AGE_DISPUTED = "x_AgeDisputed"
#: Who speaks for somebody under 18, and what was looked at for her.
UNACCOMPANIED, GUARDIAN, GUARDIAN_IS, GUARDIAN_CHECK = (
    "x_Unaccompanied",
    "x_Guardian",
    "x_GuardianIs",
    "x_GuardianCheck",
)
REPRESENTATIVE, SCHOOL, CUSTODY = "x_Representative", "x_School", "x_Custody"
BEST_INTERESTS, ASSENT, REPORT_LOOKED_AT = "x_BestInterests", "x_Assent", "x_ReportLookedAt"
GROWN_UP_ASKED = "x_GrownUpAsked"
MINORITY = (
    UNACCOMPANIED, GUARDIAN, GUARDIAN_IS, GUARDIAN_CHECK, REPRESENTATIVE, CUSTODY, SCHOOL, ASSENT, BEST_INTERESTS,
    REPORT_LOOKED_AT, GROWN_UP_ASKED,
)  # fmt: skip
#: What finds her in an authority's files: shown masked, and whole only where that is asked for and recorded (R15).
MASKED = frozenset({*NUMBERS, IDENTITY_NUMBER, FILING_RECEIPT, *PERSON_REACHED_BY})


class BirthdatePrecision(TextChoices):
    """How exact a date of birth is: many people never had a paper that says it."""

    EXACT = "EXACT", _("The exact day")
    MONTH = "MONTH", _("The month is right, the day is not")
    YEAR = "YEAR", _("Only the year is right")
    ESTIMATED = "ESTIMATED", _("Estimated")


class Act(TextChoices):
    """What was done (Palermo Protocol, article 3 a)."""

    RECRUITMENT = "RECRUITMENT", _("Recruited")
    TRANSPORTATION = "TRANSPORTATION", _("Transported")
    TRANSFER = "TRANSFER", _("Handed over to others")
    HARBOURING = "HARBOURING", _("Harboured")
    RECEIPT = "RECEIPT", _("Received")


#: Our own answers: label and code list (None for text, a date or a number).
OWN: dict[str, tuple[Any, type[TextChoices] | None]] = {
    BIRTHDATE_PRECISION: (_("How exact the date is"), BirthdatePrecision),
    SAFE_ADDRESS: (_("Safe mailing address"), None),
    ACTS: (_("What was done"), Act),
    fields.STATUS_SOURCE: (_("Where the status comes from"), None),
    fields.STATUS_DECIDED_ON: (_("Decided on"), None),
    fields.STATUS_DECIDED_BY: (_("Decided by"), None),
    MIGRANT: (_("Kind of migration"), codes.MigrantType),
    PROTECTION: (_("International protection"), codes.ProtectionStatus),
    MOBILITY: (_("Other circumstances"), codes.MobilityStatus),
    STATUS_NOTE: (_("Status in words"), None),
    ALIEN_NUMBER: (_("A-number"), None),
    RECEIPT_NUMBER: (_("Receipt number"), None),
    PASSPORT: (_("Passport number"), None),
    NATIONAL_ID: (_("Number of the identity card"), None),
    PAPER_COUNTRY: (_("Country of the passport"), None),
    PAPER_ENDS: (_("Passport valid until"), None),
    AGE_DISPUTED: (_("Her age is in doubt"), TriState),
    UNACCOMPANIED: (_("Is here without family"), TriState),
    GUARDIAN: (_("Guardian"), None),
    GUARDIAN_IS: (_("Who the guardian is to her"), None),
    GUARDIAN_CHECK: (_("Check of the guardian"), GuardianCheck),
    REPRESENTATIVE: (_("Representative or child advocate"), None),
    CUSTODY: (_("Custody, and which court"), None),
    SCHOOL: (_("School"), None),
    ASSENT: (_("She herself agrees to the help"), TriState),
    BEST_INTERESTS: (_("Determination of her best interests"), BestInterests),
    REPORT_LOOKED_AT: (_("A duty to report was looked at"), TriState),
    GROWN_UP_ASKED: (_("Asked anew since she turned 18"), TriState),
    WANTED_NAME: (_("Name she wants to be called"), None),
    LEGAL_NAME: (_("Legal name"), None),
    BIRTH_NAME: (_("Name at birth"), None),
    SCRIPT_NAME: (_("Name as she writes it"), None),
    PAPER_NAME: (_("Spellings on papers"), None),
    FORCED_NAME: (_("Names she was made to use"), None),
    SCRIPT: (_("In which writing"), Script),
    PRONOUNS: (_("Pronouns"), Pronouns),
    OWN_PRONOUNS: (_("Pronouns in her own words"), None),
    SPOKEN[0]: (_("Language she speaks best"), None),
    SPOKEN[1]: (_("Second language she speaks"), None),
    SPOKEN[2]: (_("Third language she speaks"), None),
    DIALECT[0]: (_("Dialect of the first"), None),
    DIALECT[1]: (_("Dialect of the second"), None),
    DIALECT[2]: (_("Dialect of the third"), None),
    READS[0]: (_("Reading the first"), Reading),
    READS[1]: (_("Reading the second"), Reading),
    READS[2]: (_("Reading the third"), Reading),
    NEEDS_INTERPRETER: (_("Needs an interpreter"), InterpreterNeed),
    INTERPRETER_AGREED: (_("Agrees to an interpreter"), TriState),
    INTERPRETER_GENDER: (_("Whom she can speak before"), InterpreterGender),
    INTERPRETER_WAY: (_("How the interpreter is there"), InterpreterWay),
    SAME_INTERPRETER: (_("Wants the same interpreter each time"), TriState),
    INTERPRETER_AVOID: (_("People and communities to avoid"), None),
    READ_ALOUD: (_("Wants papers read aloud"), TriState),
    "told": (_("Does she know that the work has ended?"), ToldHer),
    "agreed": (_("What you agreed on for afterwards"), None),
    **SIGN_ANSWERS,
    **KIN_OWN,
}

#: Where a letter would find her. Not kept for somebody who must not be found (domain.md R13).
ADDRESS = ("prs_MailingStreet", "prs_MailingCity", "prs_MailingState", "prs_MailingPostalCode", "prs_MailingCountry")

#: What rings or is opened where others may see it. Shown on no page but that of an attempt (``cases.actions.contacting``).
REACHED_BY = ("prs_MobilePhone", "prs_HomePhone", "prs_Email")

FLAVOURS = frozenset(NullFlavour.values)


def label_of(name: str) -> str:
    """The question, in words; the name itself where it is unknown."""
    if name in FIELDS:
        return str(FIELDS[name].label)
    return str(OWN[name][0]) if name in OWN else name


def is_answered(value: Any) -> bool:
    """Whether there is an answer, as against a reason for having none."""
    return value not in (None, "", []) and not (isinstance(value, str) and value in FLAVOURS)


def codes_in(value: Any) -> list[str]:
    """The codes of an answer that may be one code, several, or none."""
    if not is_answered(value):
        return []
    return [str(value)] if isinstance(value, str) else [str(code) for code in value]


def words_of(name: str, value: Any) -> str:
    """One answer in the reader's words."""
    if value is None or value in ("", []):
        return str(NullFlavour.NOT_ASKED.label)
    if isinstance(value, str) and value in FLAVOURS:
        return str(NullFlavour(value).label)
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, list | tuple):
        return in_a_row(_word(name, str(code)) for code in value)
    return _word(name, str(value))


def _word(name: str, code: str) -> str:
    if name in FIELDS:
        return str(FIELDS[name].label_of(code))
    if name in (fields.STATUS_DECIDED_ON, PAPER_ENDS, BORN_ON):
        return day_words(code)
    if name == PAPER_COUNTRY:
        return places.country_name(code)
    if name in SPOKEN:
        return places.language_name(code)
    listed = OWN[name][1] if name in OWN else None
    return str(listed(code).label) if listed is not None and code in listed.values else code


class Fact(NamedTuple):
    """One question with its answer in words; ``is_open`` where there is a reason instead of an answer."""

    label: str
    words: str
    is_open: bool = False


def facts_of(names: Iterable[str], answers: Mapping[str, Any] | None) -> list[Fact]:
    """Questions and answers, for a list of facts."""
    held = answers or {}
    return [Fact(label_of(name), words_of(name, held.get(name)), not is_answered(held.get(name))) for name in names]


def masked(number: str) -> str:
    """A number of which only the last three places are shown (domain.md R15)."""
    return f"••••••{number[-3:]}" if number else ""


def merged(old: Mapping[str, Any] | None, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The answers after ``changes``. None and empty text remove; "not asked" is not written where nothing stood."""
    answers = dict(old or {})
    for name, value in changes.items():
        if value in (None, "", []):
            answers.pop(name, None)
        elif value != NullFlavour.NOT_ASKED or name in answers:
            answers[name] = value
    return answers


def changed_names(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> list[str]:
    """The names of the answers that differ, sorted: what an event may hold of a change."""
    before, after = old or {}, new or {}
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def day_words(text: str) -> str:
    """A day that is kept as text, as people write it; text of an import that is no day as it came."""
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    return date_format(day, pgettext("how a day is written; Django's letters", "j F Y")) if day else text


def years_between(birth: Any, day: Any = None) -> int:
    """Whole years of age on a day (today, on the reader's calendar)."""
    on = day or timezone.localdate()
    return int(on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day)))
