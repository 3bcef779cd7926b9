"""Reminding of what is overdue (a backup, a drill, a rotation of keys): a row that stands while it is true, and a notice."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max

from audit import clock
from audit.action import action
from audit.log import record
from audit.models import Checkpoint, Event
from audit.verbs import Outcome, Verb
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.crypto import blind_index
from casemgmt.operations import keys
from casemgmt.operations.models import BackupRun, Installation, Reminder, RestoreDrill
from cases.actions.trail import notify
from cases.choices.notices import (
    NOTICE_BACKUP,
    NOTICE_DRILL,
    NOTICE_INDEX,
    NOTICE_KEYS,
    NOTICE_LEDGER,
    NOTICE_SEALING,
)

#: The notice's kind for each kind of reminder.
NOTICE_OF = {
    Reminder.Kind.BACKUP: NOTICE_BACKUP,
    Reminder.Kind.DRILL: NOTICE_DRILL,
    Reminder.Kind.KEYS: NOTICE_KEYS,
    Reminder.Kind.INDEX: NOTICE_INDEX,
    Reminder.Kind.SEALING: NOTICE_SEALING,
    Reminder.Kind.LEDGER: NOTICE_LEDGER,
}


def keep_reminders_now() -> int:
    """For the schedule."""
    return keep_reminders(clock.now())


def keep_reminders(now: datetime) -> int:
    """Open a reminder for what is overdue, close those that are not any more, and say how many changed. Idempotent.

    The key store is asked last: while it does not answer, the other two are told all the same.
    """
    changed = 0
    for kind, is_overdue in (
        (Reminder.Kind.BACKUP, is_backup_overdue),
        (Reminder.Kind.DRILL, is_drill_overdue),
        (Reminder.Kind.KEYS, is_rotation_overdue),
        (Reminder.Kind.INDEX, is_index_rotation_overdue),
    ):
        overdue = is_overdue(now)
        standing = Reminder.objects.standing().filter(kind=kind)
        if overdue and not standing.exists():
            remind(actor=None, now=clock.now(), kind=kind, since=now)
            changed += 1
        elif not overdue:
            changed += standing.update(done_at=now)
    return changed


def is_backup_overdue(now: datetime) -> bool:
    """Whether the last good backup (or, before the first, this installation) is older than BACKUP_EVERY_HOURS.

    An hour's grace, so that a nightly one is not called late because it took some minutes.
    """
    return _is_older(last_backup(), now - timedelta(hours=settings.BACKUP_EVERY_HOURS + 1))


def is_drill_overdue(now: datetime) -> bool:
    """Whether the last drill that passed (or, before the first, this installation) is older than DRILL_EVERY_DAYS."""
    return _is_older(last_drill(), now - timedelta(days=settings.DRILL_EVERY_DAYS))


def is_rotation_overdue(now: datetime) -> bool:
    """Whether a key-encryption key is in use for longer than ROTATE_EVERY_DAYS, or one before it still wraps keys."""
    since = keys.oldest_in_use()
    return since is not None and _is_older(since, now - timedelta(days=settings.ROTATE_EVERY_DAYS))


def is_index_rotation_overdue(now: datetime) -> bool:
    """Whether the key of the search indexes, where there are any, is older than ROTATE_EVERY_DAYS."""
    since = blind_index.oldest_made_at()
    return since is not None and _is_older(since, now - timedelta(days=settings.ROTATE_EVERY_DAYS))


def last_backup() -> datetime | None:
    """When the last good backup was made."""
    return BackupRun.objects.filter(result=BackupRun.Result.DONE).aggregate(last=Max("at"))["last"]


def last_drill() -> datetime | None:
    """When a drill last passed."""
    return RestoreDrill.objects.filter(result=RestoreDrill.Result.PASSED).aggregate(last=Max("at"))["last"]


def last_sealed() -> datetime | None:
    """When the ledger's newest checkpoint was signed."""
    return Checkpoint.objects.aggregate(last=Max("sealed_at"))["last"]


def last_whole() -> datetime | None:
    """When the ledger was last verified without a finding."""
    whole = Event.objects.filter(verb=Verb.LEDGER_VERIFIED, outcome=Outcome.OK).order_by("-pk")
    return whole.values_list("recorded_at", flat=True).first()


def standing_lines() -> list[dict[str, Any]]:
    """For the page: each standing reminder with the last time it was well. One query where there is none."""
    last = {
        Reminder.Kind.BACKUP.value: last_backup,
        Reminder.Kind.DRILL.value: last_drill,
        Reminder.Kind.KEYS.value: keys.oldest_in_use,
        Reminder.Kind.INDEX.value: blind_index.oldest_made_at,
        Reminder.Kind.SEALING.value: last_sealed,
        Reminder.Kind.LEDGER.value: last_whole,
    }
    return [{"kind": one.kind, "last": last[one.kind]()} for one in Reminder.objects.standing().order_by("kind")]


def _is_older(last: datetime | None, than: datetime) -> bool:
    """Whether the last time, or the beginning of this installation, is so long ago. The demo holds nobody: never there."""
    installation = Installation.objects.filter(pk=1, is_demo=False).first()
    return installation is not None and (last or installation.created_at) < than


@action
def remind(
    *, actor: None, now: datetime, kind: str, since: datetime, told: Iterable[str] = (Role.ADMINISTRATOR,)
) -> Reminder:
    """Open a reminder and leave a notice for each holder of these roles. Records DUE_STAMPED."""
    row = Reminder(kind=kind, since=since)
    row.save()
    people = User.objects.filter(is_active=True).order_by("pk")
    found = [person for person in people if person.holds_role(*told)]
    for person in found:
        notify(person=person, kind=NOTICE_OF[Reminder.Kind(kind)], about=row, now=now)
    record(Verb.DUE_STAMPED, actor=actor, detail={"kind": NOTICE_OF[Reminder.Kind(kind)], "count": len(found)})
    return row
