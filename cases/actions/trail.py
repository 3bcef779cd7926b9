"""What every action of the case room leaves behind for others to see: a line of the timeline, a due row, a notice."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access
from cases.choices.casework import DueKind
from cases.clocks import house_day
from cases.models import Case, Due, HouseDue, Matter, Notice, TimelineEntry

#: A plan is written within so many days of the intake (domain.md §4.3; a policy, not a law).
PLAN_WITHIN = timedelta(days=30)


def add_line(
    *,
    case: Case,
    section: str,
    kind: str,
    line: str,
    subject: Any,
    author: User | None,
    at: datetime,
    matter: Matter | None = None,
) -> TimelineEntry | None:
    """Add one line to the case's timeline, sealed under ``section`` (and matter). ``line`` is a sentence for colleagues.

    Inside an action that holds the case. ``at`` is when it happened (UTC), not when it was written. None where the
    section was erased: nothing can be written there, and what was done stands in the ledger.
    """
    if case.has_erased(section):
        return None
    entry = TimelineEntry(
        case=case, section=section, matter=matter, kind=kind, line=line, at=at, author=author,
        subject_kind=subject._meta.model_name, subject_uid=subject.uid,
    )  # fmt: skip
    entry.save()
    return entry


def set_due(
    *, case: Case, section: str, kind: str, line: str, subject: Any, due_on: date, assigned_to: User | None = None,
    due_at: datetime | None = None, time_zone: str | None = None, matter: Matter | None = None,
) -> Due | None:  # fmt: skip
    """Put something with a date on the lists: one open row for one subject and kind; a second call moves it.

    ``time_zone``: of the place where one has to be there at ``due_at``.
    None where the section was erased: nothing can be written there.
    """
    if case.has_erased(section):
        return None
    due = access.within(Due, case).filter(kind=kind, subject_uid=subject.uid, done_at__isnull=True).first()
    if due is None:
        due = Due(
            case=case, section=section, matter=matter, kind=kind, subject_kind=subject._meta.model_name,
            subject_uid=subject.uid, line=line, due_on=due_on, due_at=due_at, time_zone=time_zone, assigned_to=assigned_to,
        )  # fmt: skip
        due.save()
        return due
    due.line, due.due_on, due.due_at, due.assigned_to, due.noticed_at = line, due_on, due_at, assigned_to, None
    due.time_zone = time_zone
    due.save(update_fields=["line", "due_on", "due_at", "time_zone", "assigned_to", "noticed_at"])
    return due


def ask_for_plan(case: Case, *, since: date, now: datetime) -> None:
    """A plan is due 30 days after the intake (``since``, a local calendar date); the lead's, until there is one.

    A case that comes from another system was opened long ago there: its plan is due 30 days after it came.
    """
    today, by = house_day(now), since + PLAN_WITHIN
    set_due(
        case=case, section=Section.SERVICES, kind=DueKind.PLAN, subject=case, line=_("Write her plan, with her"),
        due_on=by if by > today else today + PLAN_WITHIN,
    )  # fmt: skip


def settle_due(*, case: Case, subject_uid: UUID, now: datetime, kind: str = "") -> None:
    """Take what is due about one subject (of one ``kind`` alone, if it is named) off the lists: done, or no longer asked."""
    only = {"kind": kind} if kind else {}
    for due in access.within(Due, case).filter(subject_uid=subject_uid, done_at__isnull=True, **only):
        due.done_at = now
        due.save(update_fields=["done_at"])


def set_house_dues(*, people: Iterable[User], kind: str, subject: Any, due_on: date, now: datetime) -> int:
    """Put something of the house on the lists of these people and of nobody else; says how many rows were changed.

    A second call moves the date. Inside an action that records.
    """
    wanted = {person.pk: person for person in people}
    changed = 0
    for due in access.for_the_house(HouseDue).filter(kind=kind, subject_uid=subject.uid, done_at__isnull=True):
        if wanted.pop(due.person_id, None) is None:
            due.done_at = now
        elif due.due_on != due_on:
            due.due_on, due.noticed_at = due_on, None
        else:
            continue
        due.save(update_fields=["due_on", "done_at", "noticed_at"])
        changed += 1
    for person in wanted.values():
        HouseDue(
            kind=kind, person=person, due_on=due_on, subject_kind=subject._meta.model_name, subject_uid=subject.uid
        ).save()
    return changed + len(wanted)


def settle_house_dues(*, subject_uid: UUID, now: datetime, kind: str = "") -> None:
    """Take what the house has to do about one subject (of one ``kind``, if named) off all lists. Inside an action that records."""
    only = {"kind": kind} if kind else {}
    for due in access.for_the_house(HouseDue).filter(subject_uid=subject_uid, done_at__isnull=True, **only):
        due.done_at = now
        due.save(update_fields=["done_at"])


def notify(*, person: User, kind: str, about: Any, now: datetime, case: Case | None = None) -> None:
    """Leave a notice for a person: what kind of thing waits, never a word of it. One for one thing."""
    if not Notice._base_manager.filter(person=person, kind=kind, about_uid=about.uid).exists():
        Notice(
            person=person, kind=kind, case=case, about_kind=about._meta.model_name, about_uid=about.uid, created_at=now
        ).save()


def leave_notice(person: User, kind: str, about_kind: str, about_uid: UUID, now: datetime) -> None:
    """A notice about something that belongs to no case: an account, a device, the house. For ``accounts.telling``."""
    if not Notice._base_manager.filter(person=person, kind=kind, about_uid=about_uid).exists():
        Notice(person=person, kind=kind, about_kind=about_kind, about_uid=about_uid, created_at=now).save()
