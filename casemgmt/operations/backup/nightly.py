"""The backup that Haven makes by itself, once a place and a recipient are named; and its drills, where it can open them.

In the queue and not in the schedule's own thread: it takes long, and the heartbeat and the notices must go on.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from django_tasks import task

from casemgmt.logs import get_logger
from casemgmt.operations.backup import drill
from casemgmt.operations.backup.errors import BackupFailed, BackupRefused
from casemgmt.operations.backup.making import Wishes, make_backup, opener
from casemgmt.operations.backup.reminders import last_backup
from casemgmt.operations.models import RestoreDrill

#: How often a drill runs by itself, where the server may open its backups.
DRILL_EVERY = timedelta(days=7)


def is_configured() -> bool:
    """Whether the settings name both places and whom a backup is sealed to."""
    sealed = settings.BACKUP_RECIPIENTS or settings.BACKUP_PASSPHRASE_FILE
    return bool(settings.BACKUP_DATA_TARGET and settings.BACKUP_KEYSTORE_TARGET and sealed)


def can_open() -> bool:
    """Whether this server may open its own backups."""
    return bool(settings.BACKUP_IDENTITY_FILE or settings.BACKUP_PASSPHRASE_FILE)


def order_backup() -> bool:
    """For the schedule: put a backup into the queue where it is time for one."""
    if not is_due():
        return False
    back_up.enqueue()
    return True


def is_due() -> bool:
    """Whether a backup is configured, and the last good one nearly BACKUP_EVERY_HOURS old."""
    if not is_configured():
        return False
    last = last_backup()
    return last is None or timezone.now() - last >= timedelta(hours=settings.BACKUP_EVERY_HOURS) - timedelta(minutes=30)


@task()
def back_up() -> None:
    """Make the backup, and now and then prove it. What failed is recorded, and the reminder says so."""
    if not is_due():
        return  # it was put into the queue twice, because the one before took long
    try:
        make_backup(Wishes(), _log)
        last = RestoreDrill.objects.aggregate(last=Max("at"))["last"]
        if can_open() and (last is None or timezone.now() - last > DRILL_EVERY):
            drill.run("", "", opener("", ""), _log)
    except (BackupFailed, BackupRefused) as problem:
        # Tried again at the next turn of the schedule, not at once: a full disk stays full for a while.
        get_logger().error("backup_failed", error=type(problem).__name__)


def _log(text: str) -> None:
    """Nobody sits at a terminal; what matters is in the tables and the ledger."""
