"""Changing what a case holds of her family and of the people who stand by her, and beginning to reach one of them.

No line of the timeline tells of it, and no event a name, a relation or a number: who else is in her life is not hers alone.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.models import User
from cases import access, contacting
from cases.access import Held
from cases.actions.safety import standing_instruction
from cases.addresses import address_is_confidential
from cases.answers import changed_names, is_answered, merged
from cases.choices.kin import KinEnd
from cases.choices.survivor import ContactChannel, Obstacle, TriState
from cases.errors.kin import EligibleByWhat, NoLongerListed, WhereTellsHers
from cases.errors.survivor import ContactNotNow, RuleNotRead
from cases.kin import is_own, obstacles_to, tells_where_she_is
from cases.kin_answers import ELIGIBLE, ELIGIBLE_AS, ENDED_WHY
from cases.marks import assign, demand_mark
from cases.models import ContactAttempt, FamilyMember, SupportContact
from cases.opening import open_to_change

#: The fields from which the page of each is made.
WHO = ("who",)
#: What of her own rule is about any outreach; her hours and her way are about her own telephone.
_OF_HER_RULE = (Obstacle.NO_RULE, Obstacle.DO_NOT_CONTACT, Obstacle.NOT_CHECKED)

Listed = TypeVar("Listed", FamilyMember, SupportContact)


@action
def add_family_member(*, actor: User, now: datetime, case_uid: UUID, who: Mapping[str, Any]) -> FamilyMember:
    """Write down somebody of her family (``cases.kin_answers.KIN``).

    Raises Hidden, Refused, CaseIsClosed, EligibleByWhat, WhereTellsHers (R13). Records FAMILY_ADDED.
    """
    held = _held(actor, case_uid)
    answers = merged({}, who)
    _check(actor, held, answers, now)
    member = FamilyMember(case=held.case, who=answers, added_by=actor, added_at=now)
    member.save()
    record(Verb.FAMILY_ADDED, actor=actor, subject=member, held=held, sections=[Section.IDENTITY])
    return member


@action
def change_family_member(
    *, actor: User, now: datetime, case_uid: UUID, member_uid: UUID, who: Mapping[str, Any], mark: str | None = None
) -> FamilyMember:
    """Change what is known of somebody of her family. What is not named stays; empty text removes.

    Raises Hidden, Refused, CaseIsClosed, NoLongerListed, StaleVersion, EligibleByWhat, WhereTellsHers (R13). Records
    FAMILY_CHANGED with the names of the answers, unless nothing changed.
    """
    held = _held(actor, case_uid)
    member = _listed(FamilyMember, held, member_uid)
    demand_mark(member, mark, *WHO)
    with open_to_change(actor, held, Section.IDENTITY):
        before = member.who
        answers = merged(before, who)
    _check(actor, held, answers, now)
    if assign(member, who=answers):
        member.save(update_fields=["who"])
        fields = [f"family_member.who.{name.lower()}" for name in changed_names(before, answers)]
        record(Verb.FAMILY_CHANGED, actor=actor, subject=member, held=held, sections=[Section.IDENTITY], fields=fields)
    return member


@action
def end_family_member(*, actor: User, now: datetime, case_uid: UUID, member_uid: UUID, reason: str) -> FamilyMember:
    """Take somebody off the list of her family; the history keeps what stood there.

    Raises Hidden, Refused, CaseIsClosed, NoLongerListed. Records FAMILY_ENDED.
    """
    held = _held(actor, case_uid)
    member = _listed(FamilyMember, held, member_uid)
    _end(actor, now, held, member, reason)
    record(Verb.FAMILY_ENDED, actor=actor, subject=member, held=held, sections=[Section.IDENTITY])
    return member


@action
def add_supporter(
    *, actor: User, now: datetime, case_uid: UUID, who: Mapping[str, Any], reached_by: Mapping[str, Any]
) -> SupportContact:
    """Write down somebody who stands by her (``PERSON``), and how this person is reached (``PERSON_REACHED_BY``).

    Raises Hidden, Refused, CaseIsClosed. Records SUPPORT_ADDED.
    """
    held = _held(actor, case_uid)
    person = SupportContact(
        case=held.case, who=merged({}, who), reached_by=merged({}, reached_by) or None, added_by=actor, added_at=now
    )
    person.save()
    record(Verb.SUPPORT_ADDED, actor=actor, subject=person, held=held, sections=[Section.IDENTITY])
    return person


@action
def change_supporter(
    *, actor: User, now: datetime, case_uid: UUID, person_uid: UUID, who: Mapping[str, Any],
    reached_by: Mapping[str, Any], mark: str | None = None,
) -> SupportContact:  # fmt: skip
    """Change what is known of somebody who stands by her. What ``reached_by`` does not name stays; empty text removes.

    Raises Hidden, Refused, CaseIsClosed, NoLongerListed, StaleVersion. Records SUPPORT_CHANGED with the names of the
    answers, unless nothing changed.
    """
    held = _held(actor, case_uid)
    person = _listed(SupportContact, held, person_uid)
    demand_mark(person, mark, *WHO)
    with open_to_change(actor, held, Section.IDENTITY):
        before = {**person.who, **(person.reached_by or {})}
        answers, ways = merged(person.who, who), merged(person.reached_by, reached_by)
    if changed := assign(person, who=answers, reached_by=ways or None):
        person.save(update_fields=changed)
        fields = [f"support_contact.{name.lower()}" for name in changed_names(before, {**answers, **ways})]
        record(Verb.SUPPORT_CHANGED, actor=actor, subject=person, held=held, sections=[Section.IDENTITY], fields=fields)
    return person


@action
def end_supporter(*, actor: User, now: datetime, case_uid: UUID, person_uid: UUID, reason: str) -> SupportContact:
    """Take somebody who stands by her off the list. Raises Hidden, Refused, CaseIsClosed, NoLongerListed.

    Records SUPPORT_ENDED.
    """
    held = _held(actor, case_uid)
    person = _listed(SupportContact, held, person_uid)
    _end(actor, now, held, person, reason)
    record(Verb.SUPPORT_ENDED, actor=actor, subject=person, held=held, sections=[Section.IDENTITY])
    return person


@action
def begin_contact_with(
    *, actor: User, now: datetime, case_uid: UUID, person_uid: UUID, channel: str, has_read: bool, reason: str = ""
) -> ContactAttempt:
    """Begin an attempt to reach somebody who stands by her, after both rules were read. Closed too: follow-ups go on (R10).

    Where she does not agree, something is dangerous, or her own rule speaks against any contact, ``reason`` must say why it
    cannot wait. Raises Hidden, Refused, NoLongerListed, RuleNotRead, ContactNotNow. Records CONTACT_BEGAN with the way and
    how many things stood against it.
    """
    held = access.lock_as_reader(actor, case_uid, Section.IDENTITY)
    if not is_own(actor, held.case):
        raise Refused(read(Section.IDENTITY))
    person, way = _listed(SupportContact, held, person_uid), ContactChannel(channel)
    if not has_read:
        raise RuleNotRead
    instruction = standing_instruction(held.case)
    with open_to_change(actor, held, Section.CARD, Section.IDENTITY):
        rule = dict(instruction.rule) if instruction else None
        against = against_person(rule, instruction.verified_on if instruction else None, person.who, way, now)
    if against and not reason.strip():
        raise ContactNotNow(against)
    attempt = ContactAttempt(
        case=held.case, made_by=actor, began_at=now,
        facts={
            "channel": way.value, "against": [one.value for one in against], "reason": reason.strip(),
            "person": str(person.uid),
        },
    )  # fmt: skip
    attempt.save()
    record(
        Verb.CONTACT_BEGAN, actor=actor, subject=attempt, held=held, sections=[Section.IDENTITY],
        detail={"kind": way.value, "count": len(against)},
    )  # fmt: skip
    return attempt


def against_person(
    rule: Mapping[str, Any] | None, verified_on: Any, who: Mapping[str, Any], channel: str, at: datetime
) -> list[Obstacle]:
    """What stands against speaking to this person now: of the person's own line, and of her rule what is about anybody."""
    hers = [one for one in contacting.obstacles(rule, verified_on, channel, at) if one in _OF_HER_RULE]
    return [*obstacles_to(who), *hers]


def _held(actor: User, case_uid: UUID) -> Held:
    """The case, locked. Outsiders write nothing here: their release speaks of her alone."""
    held = access.lock_for_write(actor, case_uid, Section.IDENTITY)
    if not is_own(actor, held.case):
        raise Refused(write(Section.IDENTITY))
    return held


def _listed(model: type[Listed], held: Held, uid: UUID) -> Listed:
    row = access.within(model, held.case).filter(uid=uid).first()
    if row is None:
        raise Hidden
    if row.ended_at is not None:
        raise NoLongerListed
    return row


def _check(actor: User, held: Held, who: Mapping[str, Any], now: datetime) -> None:
    """Eligible by a relation; and no place of hers by way of somebody who lives with her (R13)."""
    if who.get(ELIGIBLE) == TriState.YES and not is_answered(who.get(ELIGIBLE_AS)):
        raise EligibleByWhat
    with open_to_change(actor, held, Section.CARD):
        alerts = list(held.case.alerts or [])
    if tells_where_she_is(who) and address_is_confidential(held.case, alerts, now):
        raise WhereTellsHers


def _end(actor: User, now: datetime, held: Held, row: Any, reason: str) -> None:
    with open_to_change(actor, held, Section.IDENTITY):
        row.who = {**row.who, ENDED_WHY: KinEnd(reason).value}
    row.ended_at = now
    row.save(update_fields=["who", "ended_at"])
