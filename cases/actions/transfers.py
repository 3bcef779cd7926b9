"""Closing a case that went over to a partner: the sender keeps a closed record, for its supervisors alone (access.md §3)."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.sections import Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from cases import access
from cases.access import Viewer
from cases.actions.grants import take_back
from cases.actions.kinds import OUTSIDE_KINDS
from cases.actions.trail import add_line, settle_due
from cases.choices.casework import DueKind
from cases.choices.sharing import GrantKind
from cases.errors.casework import CaseAlreadyClosed, ClosedBeforeOpened, DayHasNotCome, OpenServicesRemain
from cases.errors.sharing import NothingIsTransferred, NotTheSupervisor
from cases.models import Case, Due

#: What stays: the record with those who supervise it, and with those outside what a release gives them, for its own time.
STAYING_KINDS = frozenset({GrantKind.SUPERVISION, *OUTSIDE_KINDS})


def is_transferred(viewers: Iterable[Viewer]) -> bool:
    """Whether somebody of a partner has the case as a transfer now, of the accesses that are in force."""
    return any(viewer.grant.kind == GrantKind.TRANSFER for viewer in viewers)


def ending_with_transfer(case: Case) -> list[Viewer]:
    """The accesses in force that end when the case is closed so, oldest first."""
    return [viewer for viewer in access.live_access(case) if viewer.grant.kind not in STAYING_KINDS]


@action
def close_after_transfer(*, actor: User, now: datetime, case_uid: UUID, closed_on: date) -> Case:
    """Close a case whose work a partner has taken over. All access of the house ends but supervision; nothing is deleted.

    ``closed_on`` is a local calendar date. What waits for a second person is taken back: nothing more leaves. The
    partner's access goes on under its release. Raises Hidden, Refused, CaseAlreadyClosed, NotTheSupervisor,
    NothingIsTransferred, OpenServicesRemain, ClosedBeforeOpened, DayHasNotCome. Records CASE_CLOSED, and ACCESS_REVOKED
    for each access that ended.
    """
    held = access.lock_for_write(actor, case_uid, Section.DUTIES, even_closed=True)
    case = held.case
    viewers = access.live_access(case)
    _check(actor, now, case, viewers, closed_on)
    case.close_after_transfer(on=closed_on, kept_by=actor)
    case.save(update_fields=["status", "stage", "closed_on", "closure_reason", "lead"])
    for review in access.within(Due, case).filter(kind=DueKind.SAFETY_REVIEW, done_at__isnull=True):
        settle_due(case=case, subject_uid=review.subject_uid, now=now)
    add_line(
        case=case, section=Section.CARD, kind=Verb.CASE_CLOSED, subject=case, author=actor, at=now,
        line=_("Case closed after the transfer to a partner"),
    )  # fmt: skip
    record(Verb.CASE_CLOSED, actor=actor, subject=case, held=held, detail={"kind": GrantKind.TRANSFER.value})
    ending = [viewer.grant for viewer in viewers if viewer.grant.kind not in STAYING_KINDS]
    for grant in [*ending, *access.waiting_grants().filter(case=case)]:
        take_back(grant, actor=actor, now=now)
    return case


def _check(actor: User, now: datetime, case: Case, viewers: list[Viewer], closed_on: date) -> None:
    if case.is_closed:
        raise CaseAlreadyClosed
    if not supervises(actor, viewers, at=now):
        raise NotTheSupervisor
    if not is_transferred(viewers):
        raise NothingIsTransferred
    if case.open_services:
        raise OpenServicesRemain
    if closed_on < case.opened_on:
        raise ClosedBeforeOpened
    if closed_on > now.astimezone(actor.zone).date():
        raise DayHasNotCome


def supervises(actor: User, viewers: Iterable[Viewer], *, at: datetime) -> bool:
    """Whether this person supervises the case by name: with her the record stays."""
    hers = (viewer.grant for viewer in viewers if viewer.grant.person_id == actor.pk)
    return actor.holds_role(Role.SUPERVISOR, at=at) and any(one.kind == GrantKind.SUPERVISION for one in hers)
