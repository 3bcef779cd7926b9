"""What is done with a case as a whole: showing its name, moving its stage, closing and reopening it."""

from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section, read
from casemgmt.accounts.models import Team, User
from cases import access
from cases.actions.drafts import forget_draft
from cases.actions.intake import Intake, take_in
from cases.actions.matching import ask_if_known
from cases.actions.trail import add_line, settle_due
from cases.choices.casework import CLOSED_STATUSES, CaseStatus, ClosureReason, DueKind, Stage
from cases.errors.casework import (
    CaseAlreadyClosed,
    CaseIsNotClosed,
    ClosedBeforeOpened,
    DayHasNotCome,
    OpenServicesRemain,
)
from cases.models import Case, Due

INTAKE_DRAFT = "intake"


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
def close_case(*, actor: User, now: datetime, case_uid: UUID, reason: str, closed_on: date) -> Case:
    """Close an open case. ``closed_on`` is a local calendar date: not before the case began, not after today.

    What is still to be done stays on the lists; only the safety review is no longer asked.
    Raises Hidden, Refused, CaseAlreadyClosed, OpenServicesRemain, ClosedBeforeOpened, DayHasNotCome.
    Records CASE_CLOSED.
    """
    held = access.lock_for_write(actor, case_uid, Section.CARD, even_closed=True)
    case = held.case
    if case.is_closed:
        raise CaseAlreadyClosed
    if case.open_services:
        raise OpenServicesRemain
    if closed_on < case.opened_on:
        raise ClosedBeforeOpened
    if closed_on > now.astimezone(actor.zone).date():
        raise DayHasNotCome
    case.close(reason=ClosureReason(reason), on=closed_on)
    case.save(update_fields=["status", "stage", "closed_on", "closure_reason"])
    for review in access.within(Due, case).filter(kind=DueKind.SAFETY_REVIEW, done_at__isnull=True):
        settle_due(case=case, subject_uid=review.subject_uid, now=now)
    _tell(case, Verb.CASE_CLOSED, _("Case closed"), actor, now)
    record(Verb.CASE_CLOSED, actor=actor, subject=case, held=held)
    return case


@action
def reopen_case(*, actor: User, now: datetime, case_uid: UUID, stage: str) -> Case:
    """Open a closed case again, at the stage where the work goes on. Raises Hidden, Refused, CaseIsNotClosed.

    Records CASE_REOPENED.
    """
    held = access.lock_for_write(actor, case_uid, Section.CARD, even_closed=True)
    case = held.case
    if not case.is_closed:
        raise CaseIsNotClosed
    case.reopen(stage=Stage(stage))
    case.save(update_fields=["status", "stage", "closed_on", "closure_reason"])
    _tell(case, Verb.CASE_REOPENED, _("Case reopened"), actor, now)
    record(Verb.CASE_REOPENED, actor=actor, subject=case, held=held)
    return case


def _tell(case: Case, verb: Verb, line: str, actor: User, now: datetime) -> None:
    add_line(case=case, section=Section.CARD, kind=verb, line=line, subject=case, author=actor, at=now)
