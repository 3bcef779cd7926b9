"""Notices for what is due: the loop that selects due rows and stamps them. It reads dates and people, never a line."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from audit import clock
from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.accounts.models import Membership, User
from cases import access
from cases.actions.copies import ask_after_the_end
from cases.actions.trail import notify
from cases.choices.casework import DueKind
from cases.models import Case, Due, Release
from cases.models.release import WARN_AT_MOST_DAYS

#: How many days before its date a person hears of it.
NOTICE_DAYS: dict[str, int] = {
    DueKind.TASK: 1,
    DueKind.DEADLINE: 7,
    DueKind.HEARING: 7,
    # At most: a release warns in the last quarter of its own life.
    DueKind.RELEASE_ENDS: WARN_AT_MOST_DAYS,
    DueKind.ACCESS_ENDS: 7,
    DueKind.FOLLOW_UP: 2,
    DueKind.SAFETY_REVIEW: 2,
    # Whoever is asked was woken when it began; this is the reminder.
    DueKind.SAFETY_CALL: 0,
    DueKind.ENGAGEMENT: 14,
    DueKind.HOLD_REVIEW: 7,
    DueKind.ERASURE: 14,
    DueKind.EMERGENCY_REVIEW: 1,
    # Of no case; the review's own loop reminds (``cases.actions.reviews``).
    DueKind.ACCESS_REVIEW: 7,
    DueKind.RETENTION: 0,
    # Told when it was passed on; this is the reminder.
    DueKind.ACCESS_ASKED: 0,
    DueKind.DUTY: 3,
    DueKind.TELL_HER: 0,
    # Its row stands ``document_expiry.RENEW_DAYS`` before the end already.
    DueKind.DOCUMENT_RENEW: 0,
    DueKind.DOCUMENT_ENDS: 30,
    # Needed within one or three days (domain.md §4.3).
    DueKind.NEED: 1,
    DueKind.PLAN: 7,
}
#: What is over by itself so many days after its date: a hearing has been, an access has ended. The end of a release
#: stays in sight for a while, for it can be renewed with her; later the case header alone says so. That a paper is to be
#: renewed is over when its end itself is near, which has a row of its own.
OVER_AFTER_DAYS: dict[str, int] = {
    DueKind.HEARING: 1,
    DueKind.ACCESS_ENDS: 1,
    DueKind.RELEASE_ENDS: 14,
    DueKind.DOCUMENT_RENEW: 60,
}
#: The day begins first in the Pacific, fourteen hours before UTC.
_EARLIEST_ZONE = timedelta(hours=14)
_LATEST_ZONE = timedelta(hours=12)


def stamp_everything_due() -> int:
    """Stamp the due rows of every case, each case in a transaction of its own, and say how many were stamped or closed.

    For the schedule. Run twice, or by two workers at once, it leaves one notice.
    """
    now = clock.now()
    return sum(stamp_due_rows(actor=None, now=clock.now(), case_uid=uid) for uid in cases_with_due_rows(now))


def cases_with_due_rows(now: datetime) -> list[UUID]:
    """Cases that may have something to stamp, the most urgent first. One query."""
    rows = access.for_the_house(Due).filter(_waiting(now) | _over(now)).order_by("due_on", "pk")
    return list(dict.fromkeys(rows.values_list("case__uid", flat=True)))


@action
def stamp_due_rows(*, actor: None, now: datetime, case_uid: UUID) -> int:
    """Leave a notice for each due row of one case whose time has come, and stamp the row; close what is over; say how many.

    The notice goes to the person the row names, else to the lead, else to the team's supervisors: whoever may
    still read that section. A row that nobody may read stays unstamped, so that it is not lost. The date is
    compared with the calendar of the person who is told. Records DUE_STAMPED, and TASK_ADDED where copies are asked back.
    """
    case = access.lock_case(case_uid)
    stamped = 0
    for due in access.within(Due, case).filter(_over(now)):
        due.done_at = now
        due.save(update_fields=["done_at"])
        stamped += 1
        if due.kind == DueKind.RELEASE_ENDS and (release := _release_of(due)) is not None:
            # It was not renewed: who took copies along is asked for them.
            ask_after_the_end(now=now, case=case, release=release)
    for due in access.within(Due, case).filter(_waiting(now)).select_related("assigned_to").order_by("due_on", "pk"):
        people = _who_hears(case, due, now)
        if not people or not _is_time(due, people[0], now):
            continue
        for person in people:
            notify(person=person, kind=due.kind, about=due, now=now, case=case)
        due.noticed_at = now
        due.save(update_fields=["noticed_at"])
        stamped += 1
    if stamped:
        record(Verb.DUE_STAMPED, actor=None, subject=case, detail={"count": stamped})
    return stamped


def _waiting(now: datetime) -> Q:
    """Rows not done and not stamped, whose time may have come somewhere on earth."""
    latest = (now.astimezone(UTC) + _EARLIEST_ZONE).date()
    times = Q(pk__in=[])
    for kind, days in NOTICE_DAYS.items():
        times |= Q(kind=kind, due_on__lte=latest + timedelta(days=days))
    return times & Q(done_at__isnull=True, noticed_at__isnull=True)


def _over(now: datetime) -> Q:
    """Rows that nobody closes, and whose day is over everywhere on earth."""
    yesterday = (now.astimezone(UTC) - _LATEST_ZONE).date()
    over = Q(pk__in=[])
    for kind, days in OVER_AFTER_DAYS.items():
        over |= Q(kind=kind, due_on__lt=yesterday - timedelta(days=days - 1))
    return over & Q(done_at__isnull=True)


def _is_time(due: Due, person: User, now: datetime) -> bool:
    """Whether the notice is due by this person's calendar."""
    return due.due_on - timedelta(days=_days_before(due)) <= now.astimezone(person.zone).date()


def _days_before(due: Due) -> int:
    """How many days before its date this one is told: of a release in the last quarter of its life (access.md §4)."""
    days = NOTICE_DAYS[due.kind]
    if due.kind == DueKind.RELEASE_ENDS:
        release = _release_of(due)
        return days if release is None else release.warning_days
    return days


def _release_of(due: Due) -> Release | None:
    return access.for_the_house(Release).select_related("recorded_by").filter(uid=due.subject_uid).first()


def _who_hears(case: Case, due: Due, now: datetime) -> list[User]:
    """The person named, else the lead, else the team's supervisors; only whoever may read the section now."""
    for person in (due.assigned_to, case.lead):
        if person is not None and _may_read(person, case, due):
            return [person]
    supervisors = Membership.objects.of_team(case.team).supervising().live(now).select_related("user").order_by("pk")
    return [row.user for row in supervisors if _may_read(row.user, case, due)]


def _may_read(person: User, case: Case, due: Due) -> bool:
    """Whether this person may read the row at this moment."""
    holding = access.holdings(person, [case]).get(case.pk)
    return holding is not None and holding.reads(due.section, due.matter_uid)
