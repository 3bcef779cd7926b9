"""Breaches: recorded, contained, told to the award and the authority; each survivor told safely; closed with what was learned."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from cases import access, clocks
from cases.actions.duties import one_of, who_tells
from cases.actions.holds import lock_for_desk
from cases.actions.tasks import put_task
from cases.actions.trail import set_house_dues, settle_house_dues
from cases.choices.casework import DueKind
from cases.choices.duties import BreachCause, BreachKind, BreachLesson, NoticeDeferred
from cases.choices.releases import ToldHow
from cases.errors.duties import BreachIsClosed, BreachLacks
from cases.errors.erasing import PartIsErased
from cases.models import Breach, BreachCase

BREACH_ROLES = (Role.PRIVACY_OFFICER, Role.DIRECTOR)
#: What is noted with one button: the column and the code in the ledger.
STEPS = {"contained": "contained_at", "award": "award_told_at", "authority": "authority_told_at"}


@dataclass
class Found:
    """What is known of a breach in its first hour."""

    kinds: list[str]
    detected_at: datetime
    occurred_at: datetime | None = None
    is_imminent: bool = False
    people: int | None = None
    tells_award: bool = True
    tells_authority: bool = False


def breaches_for(actor: User, *, at: datetime) -> QuerySet[Breach]:
    """The breaches of the actor's house, the latest first; for privacy officers and directors, else none."""
    rows = access.for_the_house(Breach).filter(organisation=actor.organisation_id).select_related("recorded_by")
    may = actor.organisation.is_ours and actor.holds_role(*BREACH_ROLES, at=at)
    return (rows if may else rows.none()).order_by("-detected_at", "-pk")


def cases_in(breach: Breach, actor: User) -> QuerySet[BreachCase]:
    """The cases it concerns, without those a wall keeps from the actor."""
    rows = access.for_the_house(BreachCase).filter(breach=breach).select_related("case")
    return rows.exclude(case__in=access.walled_cases(actor)).order_by("pk")


def _locked(actor: User, now: datetime, uid: UUID) -> Breach:
    breach = breaches_for(actor, at=now).select_related(None).select_for_update().filter(uid=uid).first()
    if breach is None:
        raise Hidden
    if breach.closed_at is not None:
        raise BreachIsClosed
    return breach


def _remind(breach: Breach, now: datetime) -> None:
    """The next end of its clocks on the lists of those who answer for it; off them once all is told."""
    ends = [one.due_at for one in clocks.of_breach(breach, now) if one.due_at and not one.is_done]
    if breach.closed_at is not None or not ends:
        settle_house_dues(subject_uid=breach.uid, now=now)
        return
    people = User.objects.holding(*BREACH_ROLES, at=now).filter(organisation=breach.organisation_id)
    set_house_dues(people=people, kind=DueKind.DUTY, subject=breach, due_on=clocks.house_day(min(ends)), now=now)


def _noted(verb: Verb, actor: User, breach: Breach, kind: str) -> None:
    record(verb, actor=actor, subject=breach, detail={"kind": kind})


@action
def record_breach(*, actor: User, now: datetime, found: Found) -> Breach:
    """Record an actual or imminent breach; the clocks of 24 and 72 hours run from when it was detected.

    Raises Hidden, BreachLacks. Records BREACH_RECORDED.
    """
    if not actor.organisation.is_ours or not actor.holds_role(*BREACH_ROLES, at=now):
        raise Hidden
    if not found.kinds:
        raise BreachLacks("kinds")
    if found.detected_at > now or (found.occurred_at and found.occurred_at > found.detected_at):
        raise BreachLacks("detected_at")
    breach = Breach(
        organisation=actor.organisation, kinds=sorted(BreachKind(kind).value for kind in found.kinds),
        detected_at=found.detected_at, occurred_at=found.occurred_at, is_imminent=found.is_imminent, people=found.people,
        tells_award=found.tells_award, tells_authority=found.tells_authority, recorded_by=actor, recorded_at=now,
    )  # fmt: skip
    breach.save()
    _remind(breach, now)
    _noted(Verb.BREACH_RECORDED, actor, breach, "IMMINENT" if breach.is_imminent else "ACTUAL")
    return breach


@action
def note_step(*, actor: User, now: datetime, breach_uid: UUID, step: str) -> Breach:
    """It is contained, the award's programme manager was told, or the authority was: the moment is now. Repeatable.

    Raises Hidden, BreachIsClosed. Records BREACH_FOLLOWED.
    """
    breach = _locked(actor, now, breach_uid)
    column = STEPS[step]
    if getattr(breach, column) is None:
        setattr(breach, column, now)
        breach.save(update_fields=[column])
        _remind(breach, now)
        _noted(Verb.BREACH_FOLLOWED, actor, breach, step.upper())
    return breach


@action
def concern_case(*, actor: User, now: datetime, breach_uid: UUID, case_uid: UUID) -> BreachCase:
    """Say that a breach concerns a case: it is held, and somebody she trusts gets the task to tell her. Opens no case.

    Raises Hidden, BreachIsClosed, PartIsErased. Records BREACH_FOLLOWED and TASK_ADDED.
    """
    breach = _locked(actor, now, breach_uid)
    case, standing = lock_for_desk(actor, case_uid, now=now)
    if not (standing.is_privacy_officer or standing.is_director):
        raise Hidden
    if case.has_erased(Section.DUTIES):
        raise PartIsErased(case, Section.DUTIES)
    known = access.within(BreachCase, case).filter(breach=breach).first()
    if known is not None:
        return known
    row = BreachCase(case=case, breach=breach, added_by=actor, added_at=now)
    row.save()
    record(
        Verb.BREACH_FOLLOWED,
        actor=actor,
        subject=row,
        refs=[breach],
        sections=[Section.DUTIES],
        detail={"kind": "CASE"},
    )
    put_task(
        actor=actor, now=now, case=case, section=Section.DUTIES, assigned_to=who_tells(case, actor),
        title=_("Tell her safely that something happened to her records, and note it under Disclosures."),
        due_on=clocks.house_day(now + clocks.TELL_HER_WITHIN),
    )  # fmt: skip
    return row


@action
def tell_survivor(
    *, actor: User, now: datetime, case_uid: UUID, breach_case_uid: UUID, how: str = "", deferred: str = ""
) -> BreachCase:  # fmt: skip
    """She was told of a breach by a safe way, or cannot be told yet and why. For whoever keeps her duties.

    Raises Hidden, Refused, BreachLacks. Records SURVIVOR_NOTIFIED, or BREACH_FOLLOWED where it is put off.
    """
    held = access.lock_for_write(actor, case_uid, Section.DUTIES, even_closed=True)
    row: BreachCase = one_of(BreachCase, held.case, breach_case_uid)
    if bool(how) == bool(deferred):
        raise BreachLacks("told")
    if how:
        row.facts, row.told_at, verb, kind = (
            {"how": ToldHow(how).value},
            row.told_at or now,
            Verb.SURVIVOR_NOTIFIED,
            "BREACH",
        )
    else:
        row.facts, row.deferred_at = {"deferred": NoticeDeferred(deferred).value}, now
        verb, kind = Verb.BREACH_FOLLOWED, "PUT_OFF"
    row.save(update_fields=["facts", "told_at", "deferred_at"])
    record(verb, actor=actor, subject=row, held=held, sections=[Section.DUTIES], detail={"kind": kind})
    return row


@action
def close_breach(*, actor: User, now: datetime, breach_uid: UUID, root_cause: str, lessons: list[str]) -> Breach:
    """Close it: contained, everybody told who must be, each survivor told or put off with a reason, and what was learned.

    Raises Hidden, BreachIsClosed, BreachLacks. Records BREACH_FOLLOWED.
    """
    breach = _locked(actor, now, breach_uid)
    if breach.contained_at is None or any(one.due_at and not one.is_done for one in clocks.of_breach(breach, now)):
        raise BreachLacks("open")
    waiting = access.for_the_house(BreachCase).filter(breach=breach, told_at__isnull=True, deferred_at__isnull=True)
    if waiting.exists():
        raise BreachLacks("untold")
    if not root_cause:
        raise BreachLacks("root_cause")
    if not lessons:
        raise BreachLacks("lessons")
    breach.root_cause = BreachCause(root_cause).value
    breach.lessons = sorted(BreachLesson(one).value for one in lessons)
    breach.closed_at, breach.closed_by = now, actor
    breach.save(update_fields=["root_cause", "lessons", "closed_at", "closed_by"])
    _remind(breach, now)
    _noted(Verb.BREACH_FOLLOWED, actor, breach, "CLOSED")
    return breach
