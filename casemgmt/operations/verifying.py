"""Is the ledger whole, and does access follow from its grounds? Each night, on demand, and who is told when it is not."""

from typing import Any

from django_tasks import task

from audit import clock
from audit.models import Event
from audit.report import Report
from audit.verbs import Outcome, Verb
from audit.verify import verify_and_record
from casemgmt.accounts.choices import Role
from casemgmt.operations.backup.reminders import remind
from casemgmt.operations.models import Reminder
from cases import access

#: Who is told that the ledger is not whole.
TOLD = (Role.ADMINISTRATOR, Role.PRIVACY_OFFICER, Role.INTERNAL_AUDITOR, Role.EXTERNAL_AUDITOR)
#: Verifications that are looked back over: one that goes on from an earlier one takes no finding back.
LOOKED_BACK = 1_000


def verify_everything(actor: Any, *, incremental: bool = False, also: Any = ()) -> Report:
    """The ledger's checks, then the door's, in one report that is recorded. ``also``: further checks, before these."""
    report = verify_and_record(actor, incremental=incremental, also=[*also, check_drift])
    keep_ledger_reminder()
    return report


def check_drift(report: Report) -> None:
    """Adds each access whose rows are not what its ground gives: rows of permissions, or of grants, were touched."""
    report.problems += [f"The rows of access {uid} are not what its ground gives." for uid in access.drift()]


def order_verification() -> None:
    """For the schedule: put a whole verification into the queue, because it may take minutes."""
    verify_ledger.enqueue()


@task()
def verify_ledger() -> None:
    """The whole ledger, from its first event on. Lines of the net that have their event are tidied there."""
    verify_everything(None)


def keep_ledger_reminder() -> bool:
    """For the schedule: remind while the last look found problems. Whether it did. Idempotent.

    Whoever looked: the nightly job, a command, the sealer, a witness that refused, an auditor on her page. Only a whole
    verification without a finding takes it back.
    """
    found = _last_finding()
    standing = Reminder.objects.standing().filter(kind=Reminder.Kind.LEDGER)
    if found is None:
        standing.update(done_at=clock.now())
    elif not standing.exists():
        remind(actor=None, now=clock.now(), kind=Reminder.Kind.LEDGER, since=found.recorded_at, told=TOLD)
    return found is not None


def _last_finding() -> Event | None:
    """The newest verification that found something, unless a whole one came after it that found nothing."""
    told = Event.objects.filter(verb=Verb.LEDGER_VERIFIED).select_related("detail").order_by("-pk")
    for event in told[:LOOKED_BACK].iterator():
        if event.outcome == Outcome.FAILED:
            return event
        if not event.detail.shown().get("codes", {}).get("since"):
            return None
    return None
