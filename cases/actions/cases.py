"""What is done with a case as a whole: showing its name, moving its stage, closing and reopening it."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section, read
from casemgmt.accounts.models import Team, User
from cases import access, closing, codes, search_index
from cases.access import Held
from cases.actions.callers import take_contact_in
from cases.actions.contacting import was_tried
from cases.actions.drafts import forget_draft
from cases.actions.grants import end_access
from cases.actions.intake import Intake, take_in
from cases.actions.kinds import OUTSIDE_KINDS
from cases.actions.matching import ask_if_known
from cases.actions.safety import review_safety
from cases.actions.trail import add_line, ask_for_plan, settle_due
from cases.choices.casework import CLOSED_STATUSES, WITHOUT_HER, CaseStatus, ClosureReason, DueKind, Stage, ToldHer
from cases.choices.configuration import ListName
from cases.clocks import house_day
from cases.closing import Farewell
from cases.errors.casework import (
    CaseAlreadyClosed,
    CaseIsNotClosed,
    ClosedBeforeLastService,
    ClosedBeforeOpened,
    DayHasNotCome,
    NotTold,
    NotTriedEnough,
    OpenServicesRemain,
    SafetyPlanUnseen,
)
from cases.models import Case, Due, SafetyPlan
from cases.opening import open_to_change

INTAKE_DRAFT = "intake"
#: At the end, the safety plan must not be older than this. Our own figure: domain.md R9 asks for a review and names no time.
SAFETY_SEEN_DAYS = 30


@action
def show_name(*, actor: User, now: datetime, case_uid: UUID) -> Case:
    """Note that somebody has the name of a case shown, on one page only. Raises Hidden, Refused. Records NAME_SHOWN."""
    case = access.get_for(actor, case_uid, read(Section.IDENTITY))
    assert case.holding is not None  # the door has set it
    basis = case.holding.basis_for(Section.IDENTITY)
    record(
        Verb.NAME_SHOWN, actor=actor, subject=case, sections=[Section.IDENTITY], basis=basis.snapshot() if basis else {}
    )
    return case


@action
def show_names(*, actor: User, now: datetime) -> None:
    """Note that somebody has the names of her caseload shown in lists, until she signs out. Records NAMES_SHOWN."""
    record(Verb.NAMES_SHOWN, actor=actor, subject=actor, sections=[Section.IDENTITY])


@action
def finish_intake(*, actor: User, now: datetime, draft_uid: UUID, team_uid: UUID, intake: Intake) -> Case:
    """Open the case of an intake and forget its draft. ``team_uid`` is one of the actor's teams.

    Raises Hidden, Refused. Records INTAKE_DONE beside what ``take_in`` records.
    """
    hers = Team.objects.filter(group_id__in=actor.team_group_ids(now)).select_related("organisation")
    team = hers.filter(uid=team_uid).first()
    if team is None:
        raise Hidden
    case = take_in(actor=actor, now=now, team=team, intake=intake)
    # For the intake coordinator alone: whoever takes in hears the same, hit or miss.
    ask_if_known(actor=actor, now=now, case=case)
    forget_draft(actor=actor, kind=INTAKE_DRAFT, about_uid=draft_uid)
    # An intake that began from an anonymous contact has that contact's uid for its draft's.
    take_contact_in(actor=actor, now=now, contact_uid=draft_uid)
    record(Verb.INTAKE_DONE, actor=actor, subject=case)
    return case


@action
def change_stage(*, actor: User, now: datetime, case_uid: UUID, stage: str, status: str) -> Case:
    """Say where the work stands. Closing has an action of its own, so a closed status is refused here.

    Raises Hidden, Refused, CaseIsClosed. Records CASE_CHANGED with the codes before and after.
    """
    if status in CLOSED_STATUSES:
        raise ValueError("Closing is close_case().")
    held = access.lock_for_write(actor, case_uid, Section.CARD)
    case = held.case
    stage, status = Stage(stage), CaseStatus(status)
    before = (case.stage, case.status)
    if before == (stage, status):
        return case
    case.stage, case.status = stage, status
    case.save(update_fields=["stage", "status"])
    line = _("Stage: %(stage)s. Status: %(status)s.") % {"stage": stage.label, "status": status.label}
    _tell(case, Verb.CASE_CHANGED, line, actor, now)
    record(
        Verb.CASE_CHANGED, actor=actor, subject=case, held=held, fields=["case.stage", "case.status"],
        detail={"before": "+".join(before), "after": f"{stage.value}+{status.value}"},
    )  # fmt: skip
    return case


@action
def close_case(*, actor: User, now: datetime, case_uid: UUID, reason: str, closed_on: date, farewell: Farewell) -> Case:
    """Close an open case (domain.md R9). ``closed_on`` is a local calendar date: not before the case began or the last help
    was given, not after today.

    No service runs any more (a legal matter is one, and takes its dates along when it is closed); the safety plan was
    looked at within SAFETY_SEEN_DAYS (``farewell.safety_reviewed``: now, by whoever writes that part); and she was told,
    or it is said why not. What people outside could open ends, but an attorney's own file stays hers for its time; with
    ``farewell.follow_up`` the contacts after the exit are planned. Other tasks stay on the lists. Raises Hidden, Refused,
    CaseAlreadyClosed, OpenServicesRemain, ClosedBeforeOpened, ClosedBeforeLastService, DayHasNotCome, SafetyPlanUnseen,
    NotTold, NotTriedEnough. Records CASE_CLOSED, SAFETY_CHANGED, and ACCESS_REVOKED for each access that ended.
    """
    held = access.lock_for_write(actor, case_uid, Section.CARD, even_closed=True)
    case = held.case
    # Rules go by the shipped code; the record keeps the one that was chosen.
    why = ClosureReason(codes.base(ListName.CLOSURE_REASON, reason))
    _may_close(case, actor, now, closed_on)
    _knows(why, farewell)
    if why == ClosureReason.LOST_CONTACT and not was_tried(case, now):
        raise NotTriedEnough
    if why not in WITHOUT_HER and not case.has_erased(Section.SAFETY):
        _look_at_safety(held, actor, now, farewell)
    if farewell.follow_up:
        closing.plan_follow_ups(actor=actor, now=now, case=case, exit_on=closed_on)
    case.close(reason=reason, on=closed_on)
    case.closing = farewell.as_json
    case.save(update_fields=["status", "stage", "closed_on", "closure_reason", "closing"])
    for review in access.within(Due, case).filter(kind=DueKind.SAFETY_REVIEW, done_at__isnull=True):
        settle_due(case=case, subject_uid=review.subject_uid, now=now)
    _tell(case, Verb.CASE_CLOSED, _("Case closed"), actor, now)
    record(Verb.CASE_CLOSED, actor=actor, subject=case, held=held)
    outside = [viewer.grant for viewer in access.live_access(case) if viewer.grant.kind in OUTSIDE_KINDS]
    for grant in [*outside, *access.waiting_grants().filter(case=case)]:
        end_access(grant, actor=actor, now=now, held=held)
    return case


def _may_close(case: Case, actor: User, now: datetime, closed_on: date) -> None:
    if case.is_closed:
        raise CaseAlreadyClosed
    if case.open_services:
        raise OpenServicesRemain
    if closed_on < case.opened_on:
        raise ClosedBeforeOpened
    if closed_on > now.astimezone(actor.zone).date():
        raise DayHasNotCome
    last = closing.last_day(case)
    if last is not None and closed_on < last:
        raise ClosedBeforeLastService


def _knows(why: ClosureReason, farewell: Farewell) -> None:
    """She was told, or it is said why not; that there is nobody to be told is said of nobody who lives."""
    if (ToldHer(farewell.told) == ToldHer.NOBODY) != (why in WITHOUT_HER):
        raise NotTold


def _look_at_safety(held: Held, actor: User, now: datetime, farewell: Farewell) -> None:
    plan = access.within(SafetyPlan, held.case).first()
    if plan is None:
        raise Hidden
    if farewell.safety_reviewed and held.holding.writes(Section.SAFETY):
        review_safety(actor=actor, now=now, case_uid=held.case.uid)
    elif plan.reviewed_at is None or plan.reviewed_at < now - timedelta(days=SAFETY_SEEN_DAYS):
        raise SafetyPlanUnseen


@action
def reopen_case(*, actor: User, now: datetime, case_uid: UUID, stage: str) -> Case:
    """Open a closed case again, at the stage where the work goes on. Raises Hidden, Refused, CaseIsNotClosed.

    Records CASE_REOPENED.
    """
    held = access.lock_for_write(actor, case_uid, Section.CARD, even_closed=True)
    case = held.case
    if not case.is_closed:
        raise CaseIsNotClosed
    with open_to_change(actor, held, Section.CARD):
        was_undone = case.closure_reason == ClosureReason.IMPORT_UNDONE
    case.reopen(stage=Stage(stage))
    case.save(update_fields=["status", "stage", "closed_on", "closure_reason", "closing"])
    if was_undone:
        search_index.remember(actor, case)  # undoing took her out of every search
    ask_for_plan(case, since=house_day(now), now=now)  # entered anew, planned anew (domain.md §3.2)
    _tell(case, Verb.CASE_REOPENED, _("Case reopened"), actor, now)
    record(Verb.CASE_REOPENED, actor=actor, subject=case, held=held)
    return case


def _tell(case: Case, verb: Verb, line: str, actor: User, now: datetime) -> None:
    add_line(case=case, section=Section.CARD, kind=verb, line=line, subject=case, author=actor, at=now)
