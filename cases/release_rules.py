"""The rules of a release: who signs, for how long, for what (domain.md §0b, §2.5, R3; 28 CFR 94.115, 34 USC 12291(b)(2)).

Numbers of law are rows of a table, each with its authority, so that counsel can put a name to them.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from django.utils import timezone

from casemgmt.access.sections import Section
from cases.choices.releases import (
    AUTHORITY_OF_TICK,
    OPENS_ONLY_WITH,
    SECTION_OF_CATEGORY,
    InfoCategory,
    ReleaseSigner,
)
from cases.choices.sharing import Purpose
from cases.errors.releases import GuardianSignsUntilGrownUp, ReleaseEndsTooLate, ReleaseLacks, SignerCannot


@dataclass(frozen=True)
class Length:
    """Days from the signature: what a form offers at first, and the most without a supervisor."""

    usual: int
    longest: int


#: Policy (domain.md §2.5): thirty days; a referral never more without a supervisor; a representation half a year.
LENGTHS = {
    Purpose.REFERRAL: Length(30, 30),
    Purpose.REPORT_TO_AUTHORITY: Length(30, 30),
    Purpose.LEGAL_REPRESENTATION: Length(180, 180),
}
LENGTH_OTHERWISE = Length(30, 90)
#: Nobody may set a later end (R3).
HARD_MAXIMUM_DAYS = 365


@dataclass(frozen=True)
class StateRule:
    """What a state says of a release without an end date: it lapses so many days after the signature."""

    lapses_after_days: int
    authority: str
    verified_on: date


#: States with a rule of their own, by ISO 3166-2. A release that names no end is accepted nowhere else.
STATE_RULES: dict[str, StateRule] = {
    "US-WA": StateRule(90, "RCW 70.123.076(2)(a)", date(2026, 11, 22)),
}

#: Purposes that mean everything, folded: a release that says no more is void.
_ANYTHING = frozenset(
    {
        "all",
        "any",
        "anything",
        "everything",
        "any purpose",
        "all purposes",
        "whatever",
        "general",
        "as needed",
        "any reason",
    }
)
_WHOLE_FILE = re.compile(
    r"\b(entire|whole|complete|full)\s+(case\s+)?(file|record|history)\b|\ball\s+(my\s+|her\s+|the\s+)?(records|information|files)\b"
    r"|\bany\s+and\s+all\b|\bany(thing)?\s+(they|he|she)\s+(need|want|ask)s?\b",
    re.IGNORECASE,
)
_BY_ANOTHER = frozenset({ReleaseSigner.PARENT_GUARDIAN, ReleaseSigner.LEGAL_REP})
_UNDER_AGE = frozenset({ReleaseSigner.PARENT_GUARDIAN, ReleaseSigner.CLIENT_MINOR, ReleaseSigner.EMANCIPATED})
_NEEDS_AUTHORITY = frozenset({ReleaseSigner.CLIENT_MINOR, ReleaseSigner.EMANCIPATED, ReleaseSigner.LEGAL_REP})


def length_of(purpose: str) -> Length:
    """Usual and longest life of a release for this purpose, in days."""
    return LENGTHS.get(Purpose(purpose), LENGTH_OTHERWISE)


def usual_end(purpose: str, signed_on: date) -> date:
    """The last day that a form offers at first."""
    return signed_on + timedelta(days=length_of(purpose).usual)


def end_without_date(purpose: str, state: str, signed_on: date) -> date | None:
    """When a release that names no end lapses by the law of a state, and not later than its purpose allows; else None."""
    rule = STATE_RULES.get(state)
    if rule is None:
        return None
    return signed_on + timedelta(days=min(rule.lapses_after_days, length_of(purpose).longest))


def check_end(
    purpose: str,
    signed_on: date,
    expires_at: datetime,
    *,
    now: datetime,
    zone: tzinfo,
    is_supervisor: bool,
    reason: str,
) -> None:
    """Within the limit of its purpose, counted from the signature; beyond it only a supervisor, with a reason, to a year.

    Raises ReleaseLacks, ReleaseEndsTooLate.
    """
    if expires_at <= now:
        raise ReleaseLacks("expires_at")
    days = (timezone.localdate(expires_at, zone) - signed_on).days
    if days <= length_of(purpose).longest:
        return
    if days > HARD_MAXIMUM_DAYS or not is_supervisor:
        raise ReleaseEndsTooLate
    if not reason.strip():
        raise ReleaseLacks("reason")


def check_purpose(text: str) -> None:
    """A purpose says one thing. Raises ReleaseLacks."""
    folded = re.sub(r"[^\w\s]", " ", text).casefold()
    folded = " ".join(folded.split())
    if not folded:
        raise ReleaseLacks("purpose")
    if folded in _ANYTHING or _WHOLE_FILE.search(folded):
        raise ReleaseLacks("purpose_narrow")


def check_categories(categories: Collection[str]) -> None:
    """Named one by one; never all of them, never all sections there are. Raises ReleaseLacks."""
    if not categories or not set(categories) <= set(InfoCategory.values):
        raise ReleaseLacks("categories")
    if sections_of(categories) == sections_of(InfoCategory.values):
        raise ReleaseLacks("narrow")


def check_named(categories: Collection[str], named: Collection[str]) -> None:
    """Medical care, HIV, notes of psychotherapy and substance use: she said yes to each by name (45 CFR 164.508, 42 CFR 2.31).

    Raises ReleaseLacks.
    """
    if not set(by_name(categories)) <= set(named):
        raise ReleaseLacks("named")


def by_name(categories: Iterable[str]) -> list[InfoCategory]:
    """Which of these categories need a yes by name, in the order of the enumeration."""
    chosen = set(categories)
    return [category for category in InfoCategory if category in AUTHORITY_OF_TICK and category in chosen]


def left_out_by_name(categories: Iterable[str]) -> list[InfoCategory]:
    """What one could think is told with these categories, and is not, because its own tick is missing."""
    chosen = set(categories)
    beside = {InfoCategory.MEDICAL: InfoCategory.HIV, InfoCategory.MENTAL_HEALTH: InfoCategory.PSYCHOTHERAPY_NOTES}
    return [left for named, left in beside.items() if named in chosen and left not in chosen]


def sections_of(categories: Iterable[str]) -> list[Section]:
    """The sections that these categories open, in the order of the enumeration. Never the shelter's.

    Health opens only with medical care, counselling only with its notes (``OPENS_ONLY_WITH``).
    """
    chosen = set(categories)
    named = {SECTION_OF_CATEGORY[category] for category in chosen}
    shut = {section for section, key in OPENS_ONLY_WITH.items() if key not in chosen} | {Section.LOCATION}
    return [section for section in Section if section in named - shut]


def signs_with_another(signer: str) -> bool:
    """Whether somebody else signs with her or for her."""
    return signer in _BY_ANOTHER


def needs_her_signature(signer: str) -> bool:
    """Whether her own signature is asked for: always, except where a representative signs for her."""
    return signer != ReleaseSigner.LEGAL_REP


def signers_of(signer: str) -> list[str]:
    """Who signs, by rule, in their order."""
    people = ["CLIENT"] if needs_her_signature(signer) else []
    if signs_with_another(signer):
        people.append("REPRESENTATIVE" if signer == ReleaseSigner.LEGAL_REP else "GUARDIAN")
    return people


def needs_authority(signer: str) -> bool:
    """Whether the law or order must be named by which this person signs."""
    return signer in _NEEDS_AUTHORITY


def check_signer(
    signer: str,
    *,
    is_minor: bool | None,
    guardian_is_accused: bool,
    guardian_is_not_abuser: bool,
    name: str,
    authority: str,
) -> None:
    """Who may sign (28 CFR 94.115(b)): she herself; a minor and her guardian, or a minor alone where the law lets her.

    Never somebody who abused her, or abused her other parent. ``is_minor`` is None where her age is not known. Raises
    SignerCannot, ReleaseLacks.
    """
    if signer in (ReleaseSigner.DECEASED, ReleaseSigner.GUARDIAN_REFUSED):
        raise SignerCannot(signer)
    if signs_with_another(signer) and not guardian_is_not_abuser:
        raise ReleaseLacks("guardian")
    if signer == ReleaseSigner.PARENT_GUARDIAN and guardian_is_accused:
        raise SignerCannot("ABUSER")
    if signer in _UNDER_AGE and is_minor is False:
        raise SignerCannot("OF_AGE")
    if signer == ReleaseSigner.CLIENT and is_minor:
        raise SignerCannot("MINOR")
    if signs_with_another(signer) and not name.strip():
        raise ReleaseLacks("signer_name")
    if needs_authority(signer) and not authority.strip():
        raise ReleaseLacks("authority")


def check_guardian_end(signer: str, expires_at: datetime, grows_up_on: date | None, zone: tzinfo) -> None:
    """A release that a guardian signs for a minor ends before she is 18 (domain.md §8.5): nothing has to end it later.

    The end is a day that somebody chose, never her birthday by rule: it stands plain. Raises GuardianSignsUntilGrownUp.
    """
    if signer != ReleaseSigner.PARENT_GUARDIAN or grows_up_on is None:
        return
    if timezone.localdate(expires_at - timedelta(microseconds=1), zone) >= grows_up_on:
        raise GuardianSignsUntilGrownUp
