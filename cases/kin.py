"""Her family and the people who stand by her, in words, and counted apart from survivors (domain.md §2.2).

Read while the case is open, by its own organisation alone: a release speaks of her, not of them, so what an attorney
needs of her family is told or handed over by a person, and noted as a disclosure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access
from cases.answers import Fact, facts_of, is_answered, words_of, years_between
from cases.choices.kin import EligibleAs, Knows, MaySpeak
from cases.choices.survivor import Obstacle, TriState
from cases.kin_answers import (
    BIRTH_YEAR,
    BORN_ON,
    DANGER,
    DEPENDANT,
    ELIGIBLE,
    ELIGIBLE_AS,
    IN_DANGER,
    KIN,
    KIN_NAME,
    KNOWS,
    LIVES_WITH,
    MAY_SPEAK,
    PERSON_DANGER,
    PERSON_IS,
    PERSON_NAME,
    PERSON_NOTES,
    PERSON_REACHED_BY,
    RELATION,
    WHERE,
)
from cases.models import Case, FamilyMember, SupportContact
from cases.opening import held
from cases.rules import ADULT

#: Of these the line of the list speaks already.
_SAID = frozenset({KIN_NAME, RELATION, BORN_ON, BIRTH_YEAR, ELIGIBLE, ELIGIBLE_AS, DEPENDANT, IN_DANGER})
#: Family that funders count of a survivor of age (OVC; domain.md §2.2). Of others a person decides with counsel.
_OF_AN_ADULT = (EligibleAs.SPOUSE, EligibleAs.CHILD)


@dataclass(frozen=True)
class Kin:
    """Somebody of her family, as the page shows it. ``to_check``: a sentence on being eligible, or empty."""

    row: FamilyMember
    name: str
    relation: str
    age: str
    is_minor: bool
    is_dependant: bool
    is_eligible: bool
    eligible_as: str
    is_in_danger: bool
    facts: list[Fact]
    to_check: str = ""


@dataclass(frozen=True)
class KinCount:
    """Her family in numbers, never added to survivors. ``eligible`` is what statistics count (domain.md §2.2, M04)."""

    people: int
    eligible: int
    minors: int
    dependants: int
    in_danger: int


@dataclass(frozen=True)
class Supporter:
    """Somebody who stands by her, without a number. ``against``: what stands against speaking to this person."""

    row: SupportContact
    name: str
    is_to_her: str
    may_speak: str
    tone: str
    knows: str
    danger: str
    notes: str


def is_own(reader: User, case: Case) -> bool:
    """Whether the reader belongs to the organisation of the case."""
    return reader.organisation_id == case.organisation_id


def is_young(who: Mapping[str, Any], today: date) -> bool:
    """Whether somebody is under 18. Where only the year is known, the doubt is theirs (domain.md §8.5)."""
    born = parse_date(who.get(BORN_ON) or "")
    if born is not None:
        return years_between(born, today) < ADULT
    year = who.get(BIRTH_YEAR)
    return bool(year) and today.year - int(str(year)) <= ADULT


def family_of(case: Case, *, she_is_minor: bool | None, is_confidential: bool = False) -> list[Kin]:
    """Her family as it stands, minors apart at the end. One query. ``is_confidential``: no address of hers may show (R13)."""
    rows = access.records(FamilyMember, case).filter(ended_at__isnull=True).order_by("pk")
    lines = [_line(row, she_is_minor=she_is_minor, is_confidential=is_confidential) for row in rows]
    return sorted(lines, key=lambda line: line.is_minor)


def count(lines: Iterable[Kin]) -> KinCount:
    """The family in numbers."""
    family = list(lines)
    return KinCount(
        people=len(family),
        eligible=sum(line.is_eligible for line in family),
        minors=sum(line.is_minor for line in family),
        dependants=sum(line.is_dependant for line in family),
        in_danger=sum(line.is_in_danger for line in family),
    )


def family_count(reader: User, case: Case) -> KinCount | None:
    """Her family in numbers, for the first tab; None where nobody is written down, or it is not the reader's to know."""
    holding = held(case)
    if not is_own(reader, case) or not holding.reads(Section.IDENTITY) or holding.has_erased(Section.IDENTITY):
        return None
    lines = family_of(case, she_is_minor=None)
    return count(lines) if lines else None


def supporters_of(case: Case) -> list[Supporter]:
    """Who stands by her, without a telephone or an e-mail. One query."""
    rows = access.records(SupportContact, case).filter(ended_at__isnull=True).order_by("pk")
    return [supporter(row) for row in rows]


def supporter(row: SupportContact) -> Supporter:
    """One of them in words."""
    who = row.who
    may = who.get(MAY_SPEAK) or MaySpeak.NO
    return Supporter(
        row=row, name=who.get(PERSON_NAME, ""), is_to_her=who.get(PERSON_IS, ""), may_speak=str(MaySpeak(may).label),
        tone={MaySpeak.YES: "ok", MaySpeak.ASK_HER: "warn"}.get(MaySpeak(may), "bad"),
        knows=str(Knows(who.get(KNOWS) or Knows.NOTHING).label), danger=who.get(PERSON_DANGER, ""),
        notes=who.get(PERSON_NOTES, ""),
    )  # fmt: skip


def ways_to(row: SupportContact) -> list[Fact]:
    """Telephone and e-mail of somebody who stands by her: on the page of an attempt alone."""
    return [fact for fact in facts_of(PERSON_REACHED_BY, row.reached_by or {}) if not fact.is_open]


def obstacles_to(who: Mapping[str, Any]) -> list[Obstacle]:
    """What stands against speaking to this person, the gravest first; nothing where she agrees and nothing is dangerous."""
    may = who.get(MAY_SPEAK) or MaySpeak.NO
    found = {MaySpeak.NO: [Obstacle.PERSON_NO], MaySpeak.ASK_HER: [Obstacle.PERSON_ASK]}.get(MaySpeak(may), [])
    return [*found, *([Obstacle.PERSON_DANGER] if is_answered(who.get(PERSON_DANGER)) else [])]


def tells_where_she_is(who: Mapping[str, Any]) -> bool:
    """Whether the place of this person would be hers (domain.md R13)."""
    return who.get(LIVES_WITH) == TriState.YES and is_answered(who.get(WHERE))


def without_hers(who: Mapping[str, Any]) -> dict[str, Any]:
    """The answers without a place that would be hers."""
    return {name: value for name, value in who.items() if name != WHERE or not tells_where_she_is(who)}


def _line(row: FamilyMember, *, she_is_minor: bool | None, is_confidential: bool) -> Kin:
    who, today = without_hers(row.who) if is_confidential else row.who, timezone.localdate()
    said = [name for name in KIN if name not in _SAID and is_answered(who.get(name))]
    eligible, by = who.get(ELIGIBLE) == TriState.YES, who.get(ELIGIBLE_AS)
    is_doubtful = eligible and not she_is_minor and by not in _OF_AN_ADULT
    return Kin(
        row=row, name=who.get(KIN_NAME, ""), relation=words_of(RELATION, who.get(RELATION)), age=_age(who, today),
        is_minor=is_young(who, today), is_dependant=who.get(DEPENDANT) == TriState.YES, is_eligible=eligible,
        eligible_as=words_of(ELIGIBLE_AS, by) if is_answered(by) else "",
        is_in_danger=who.get(IN_DANGER) == TriState.YES or is_answered(who.get(DANGER)), facts=facts_of(said, who),
        to_check=_("Of a survivor of age funders count spouse and children: ask counsel about this one.") if is_doubtful else "",
    )  # fmt: skip


def _age(who: Mapping[str, Any], today: date) -> str:
    born = parse_date(who.get(BORN_ON) or "")
    if born is not None:
        return _("%(age)s years old") % {"age": years_between(born, today)}
    year = who.get(BIRTH_YEAR)
    return _("born in %(year)s") % {"year": year} if year else ""
