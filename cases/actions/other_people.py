"""Other people on a case: written down, changed as a court goes on, taken off the list (domain.md R20).

Whoever is said to have done something is compared, blind and in the same transaction, with the people whom colleagues
declared to know (``cases.actions.named``). Whether somebody was found is told to nobody who writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, write
from casemgmt.accounts.models import User
from cases import access
from cases.access import Held
from cases.actions.named import compare_anew, forget_comparison, keep_telephone
from cases.actions.trail import add_line
from cases.choices.other_people import NOT_ACCUSED, ROLES, KnownAs, OtherEnd, Standing
from cases.errors.casework import ChangedMeanwhile, StaleVersion
from cases.errors.other_people import ConvictionNeedsItsDay, IsNotListed, NobodyIsDescribed
from cases.marks import assign, demand_mark
from cases.models import OtherPerson
from cases.opening import open_to_change
from cases.other_people import facts_of, is_accused

#: What a page to change an entry is made from.
MARKED = ("who", "dangers", "part")
_DESCRIBED = ("first_name", "family_name", "other_names", "phone", "looks")


@dataclass(frozen=True)
class SaidOfOther:
    """What is said of somebody else. ``part`` is None where the writer may not write what happened: it stays as it is."""

    roles: list[str]
    first_name: str = ""
    family_name: str = ""
    other_names: str = ""
    birth_date: date | None = None
    phone: str = ""
    looks: str = ""
    known_as: str = KnownAs.UNKNOWN
    standing: str = Standing.ALLEGED
    standing_on: date | None = None
    no_contact: bool = False
    dangers: str = ""
    part: str | None = field(default=None)

    @property
    def who(self) -> dict[str, Any]:
        """As ``OtherPerson.who`` keeps it. Of a witness no standing: nobody says that she did anything.

        Raises NobodyIsDescribed, ConvictionNeedsItsDay.
        """
        if not any(getattr(self, name) for name in _DESCRIBED):
            raise NobodyIsDescribed
        roles = [code for code, _label in ROLES if code in self.roles]
        standing = Standing(self.standing) if set(roles) - NOT_ACCUSED else None
        if standing == Standing.CONVICTED and self.standing_on is None:
            raise ConvictionNeedsItsDay
        return {
            **{name: getattr(self, name) for name in _DESCRIBED},
            "birth_date": self.birth_date.isoformat() if self.birth_date else "",
            "roles": roles, "known_as": KnownAs(self.known_as).value, "standing": standing.value if standing else "",
            "standing_on": self.standing_on.isoformat() if standing and self.standing_on else "", "ended": "",
            "no_contact": self.no_contact,
        }  # fmt: skip


@action
def note_other_person(*, actor: User, now: datetime, case_uid: UUID, said: SaidOfOther) -> OtherPerson:
    """Write down somebody else of whom the case speaks. What they did is part of what happened, and needs its right.

    A colleague who declared to know them is kept away from the case by a wall, which may be the writer herself. Raises
    Hidden, Refused, CaseIsClosed, NobodyIsDescribed, ConvictionNeedsItsDay. Records OTHER_PERSON_NOTED, and
    DECLARATION_MATCHED for each who is kept away.
    """
    held = access.lock_for_write(actor, case_uid, Section.SAFETY)
    _may_say(held, said)
    who = said.who
    row = OtherPerson(
        case=held.case, who=who, dangers=said.dangers, part=said.part or None, noted_at=now, noted_by=actor
    )  # fmt: skip
    row.save()
    add_line(
        case=held.case, section=Section.SAFETY, kind=Verb.OTHER_PERSON_NOTED, subject=row, author=actor, at=now,
        line=_("Another person was written down"),
    )  # fmt: skip
    fields = ["other_person.who", "other_person.dangers", *(["other_person.part"] if said.part else [])]
    record(
        Verb.OTHER_PERSON_NOTED, actor=actor, subject=row, held=held, sections=_sections(fields), fields=fields
    )  # fmt: skip
    _compare(held, row, who, actor=actor, now=now)
    return row


@action
def change_other_person(
    *, actor: User, now: datetime, case_uid: UUID, person_uid: UUID, said: SaidOfOther, mark: str | None = None
) -> OtherPerson:
    """Change what is known of somebody; what is the same writes nothing. ``mark`` as ``cases.marks`` says.

    Raises Hidden, Refused, CaseIsClosed, IsNotListed, ChangedMeanwhile, NobodyIsDescribed, ConvictionNeedsItsDay.
    Records OTHER_PERSON_CHANGED, with what became of the charge as codes of nothing; and as ``note_other_person``.
    """
    held = access.lock_for_write(actor, case_uid, Section.SAFETY)
    row = _listed(held, person_uid)
    _may_say(held, said)
    try:
        demand_mark(row, mark, *MARKED)
    except StaleVersion:
        raise ChangedMeanwhile from None
    wanted: dict[str, Any] = {"who": said.who, "dangers": said.dangers}
    if said.part is not None:
        wanted["part"] = said.part or None
    changed = assign(row, **wanted)
    if not changed:
        return row
    row.checked_at = None if "who" in changed else row.checked_at
    row.save(update_fields=[*changed, "checked_at"])
    fields = [f"other_person.{name}" for name in changed]
    record(
        Verb.OTHER_PERSON_CHANGED, actor=actor, subject=row, held=held, sections=_sections(fields), fields=fields
    )  # fmt: skip
    if "who" in changed:
        _compare(held, row, wanted["who"], actor=actor, now=now)
    return row


@action
def end_other_person(*, actor: User, now: datetime, case_uid: UUID, person_uid: UUID, reason: str) -> OtherPerson:
    """Take somebody off the list, with the reason; the entry stays in the history, and is compared no more.

    A wall that it has placed stays until somebody lifts it. On a closed case too. Raises Hidden, Refused, IsNotListed.
    Records OTHER_PERSON_ENDED.
    """
    held = access.lock_for_write(actor, case_uid, Section.SAFETY, even_closed=True)
    row = _listed(held, person_uid)
    with open_to_change(actor, held, Section.SAFETY):
        who = dict(row.who or {})
    row.who = {**who, "ended": OtherEnd(reason).value}
    row.ended_at, row.ended_by = now, actor
    row.save(update_fields=["who", "ended_at", "ended_by"])
    forget_comparison(row)
    record(
        Verb.OTHER_PERSON_ENDED, actor=actor, subject=row, held=held, sections=[Section.SAFETY],
        fields=["other_person.who"],
    )  # fmt: skip
    return row


def _listed(held: Held, person_uid: UUID) -> OtherPerson:
    row = access.within(OtherPerson, held.case).filter(uid=person_uid).first()
    if row is None:
        raise Hidden
    if row.ended_at is not None:
        raise IsNotListed
    return row


def _may_say(held: Held, said: SaidOfOther) -> None:
    """What somebody did is part of what happened to her. Raises Refused."""
    if said.part is not None and not held.holding.may_write(Section.NARRATIVE):
        raise Refused(write(Section.NARRATIVE))


def _sections(fields: list[str]) -> list[Section]:
    return [Section.SAFETY, *([Section.NARRATIVE] if "other_person.part" in fields else [])]


def _compare(held: Held, row: OtherPerson, who: Mapping[str, Any], *, actor: User, now: datetime) -> None:
    """Compare whoever is said to have done something. Of others no fingerprint is kept, but that of the telephone of
    whoever nobody may speak with."""
    if is_accused(who):
        compare_anew(actor=actor, now=now, case=held.case, person=row, facts=facts_of(who))
        return
    forget_comparison(row)
    if who.get("no_contact"):
        keep_telephone(held.case, row, facts_of(who))
