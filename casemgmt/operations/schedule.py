"""What Haven does by itself, and how often. Each job is idempotent; one worker runs it, however many there are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from types import TracebackType

from django.conf import settings
from django.db.models import F

from audit import clock
from audit.addresses import forget_old
from audit.anchoring.keeping import keep_anchors
from audit.context import audit_context
from audit.log import record
from audit.verbs import Verb
from casemgmt.accounts.actions.house import standing_lock
from casemgmt.logs import get_logger
from casemgmt.operations import tasks
from casemgmt.operations.backup.nightly import order_backup
from casemgmt.operations.backup.reminders import keep_reminders_now
from casemgmt.operations.models import ScheduledJob
from casemgmt.operations.pruning import destroy_what_was_approved
from casemgmt.operations.sealing import keep_sealing_reminder
from casemgmt.operations.verifying import keep_ledger_reminder, order_verification
from casemgmt.operations.workspace import keep_workspace
from cases.actions.ages import remind_of_ages
from cases.actions.asking import look_questions_up
from cases.actions.conflicts import find_conflicts
from cases.actions.declarations import check_declarations
from cases.actions.drafts import sweep_drafts
from cases.actions.due import stamp_everything_due
from cases.actions.emergency import escalate_overdue_reviews
from cases.actions.ending import note_what_ran_out
from cases.actions.erasing import erase_what_is_due, follow_tombstones
from cases.actions.indexing import keep_indexes
from cases.actions.matching import answer_match_questions
from cases.actions.named import check_named
from cases.actions.reducing import reduce_old_callers
from cases.actions.release_checks import check_releases
from cases.actions.reminding import send_reminders
from cases.actions.retention import remind_of_retention
from cases.actions.reviews import keep_reviews
from cases.actions.rota import keep_on_call
from cases.actions.safety_calls import escalate_calls
from cases.sweeping import sweep_files, sweep_keys


@dataclass(frozen=True)
class Job:
    """A job, how often it comes, and what it is for."""

    name: str
    every: timedelta
    run: Callable[[], object]
    reason: str


def clear_sessions() -> None:
    """Delete sessions that ran out."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()


def sweep_stored_files() -> None:
    """Delete sealed files that a killed process left behind without a record."""
    sweep_files(now=clock.now())


def sweep_lonely_keys() -> None:
    """Delete keys of cases that never came."""
    sweep_keys(now=clock.now())


def throw_old_drafts_away() -> None:
    """Delete drafts that were not touched for 14 days."""
    sweep_drafts(actor=None, now=clock.now())


SCHEDULE: tuple[Job, ...] = (
    Job("due_rows", timedelta(minutes=1), stamp_everything_due, "Notices for what is due."),
    Job("reminders", timedelta(minutes=5), send_reminders, "Morning letters that say that something is due."),
    Job("match_questions", timedelta(seconds=10), answer_match_questions, "Whether a new person is known already."),
    Job("known_questions", timedelta(seconds=10), look_questions_up, "What was asked of the intake coordinator."),
    Job("declarations", timedelta(seconds=10), check_declarations, "Whom people of the house have declared to know."),
    Job("other_people", timedelta(seconds=10), check_named, "Whether somebody who is accused is a survivor elsewhere."),
    Job("possible_conflicts", timedelta(minutes=1), find_conflicts, "Whether somebody of the house may be a relative."),
    Job("search_indexes", timedelta(minutes=1), keep_indexes, "The search indexes that the setting asks for."),
    Job(
        "emergency_reviews",
        timedelta(minutes=15),
        escalate_overdue_reviews,
        "Reviews of emergency access that are late.",
    ),
    Job("on_call", timedelta(minutes=10), keep_on_call, "What whoever is on duty may open."),
    Job("safety_calls", timedelta(minutes=1), escalate_calls, "Calls that nobody took within the hour."),
    Job("ends", timedelta(minutes=15), note_what_ran_out, "Accesses and releases whose end has come."),
    Job("release_checks", timedelta(minutes=1), check_releases, "Whether each release is valid, as codes."),
    Job("erasures", timedelta(minutes=1), erase_what_is_due, "Erasures whose time has come."),
    Job("follow_tombstones", timedelta(hours=1), follow_tombstones, "What the key store says was erased."),
    Job("access_reviews", timedelta(minutes=15), keep_reviews, "Reviews of access that begin, remind or end."),
    Job("retention", timedelta(hours=1), destroy_what_was_approved, "Orders to destroy what was kept its time."),
    Job("retention_due", timedelta(days=1), remind_of_retention, "What was kept longer than its period."),
    Job("age_dates", timedelta(hours=6), remind_of_ages, "Once a month, that dates by age are looked at."),
    Job("reduce_callers", timedelta(hours=6), reduce_old_callers, "Contacts and inquiries of which only counts stay."),
    Job("sweep_drafts", timedelta(hours=6), throw_old_drafts_away, "Drafts that nobody touched."),
    Job("sweep_files", timedelta(days=1), sweep_stored_files, "Stored files that no record names."),
    Job("sweep_keys", timedelta(days=1), sweep_lonely_keys, "Keys whose case never came."),
    Job("clear_sessions", timedelta(hours=6), clear_sessions, "Sessions that ran out."),
    Job("backup", timedelta(minutes=10), order_backup, "The backup that the settings ask for."),
    Job("backup_reminders", timedelta(minutes=30), keep_reminders_now, "Whether a backup or a drill is overdue."),
    Job("sealing_watch", timedelta(minutes=1), keep_sealing_reminder, "Whether the ledger is sealed in time."),
    Job("forget_addresses", timedelta(hours=6), forget_old, "Client addresses whose time is over."),
    Job("ledger_digest", timedelta(minutes=1), keep_workspace, "What auditors look through, and hints for them."),
    Job("anchors", timedelta(minutes=1), keep_anchors, "Heads of the ledger for whoever keeps them."),
    Job("verify_ledger", timedelta(days=1), order_verification, "Whether the ledger is whole."),
    Job("ledger_watch", timedelta(minutes=1), keep_ledger_reminder, "Whether the ledger was found whole."),
    Job("forget_tasks", timedelta(days=1), tasks.forget_finished, "Rows of finished tasks."),
)


#: What goes on in a locked office: it needs no key of a case.
OPENS_NOTHING = frozenset(
    {
        "clear_sessions",
        "backup",
        "backup_reminders",
        "sealing_watch",
        "anchors",
        "verify_ledger",
        "ledger_watch",
        "forget_addresses",
        "ledger_digest",
        "forget_tasks",
    }
)


def run_what_is_due() -> int:
    """Run each job whose time has come, and say how many ran. A job that fails is recorded and comes again.

    While the office is locked, only what opens nothing runs: the others would fetch the keys that were put away.
    """
    is_locked = standing_lock() is not None
    return sum(_run(job) for job in SCHEDULE if (not is_locked or job.name in OPENS_NOTHING) and _take(job))


def _take(job: Job) -> bool:
    """Whether this worker runs the job now: it is the one that moved ``next_at`` on."""
    now = clock.now()
    row, _new = ScheduledJob.objects.get_or_create(name=job.name, defaults={"next_at": now})
    if row.next_at > now:
        return False
    mine = ScheduledJob.objects.filter(name=job.name, next_at=row.next_at)
    return mine.update(next_at=now + job.every, last_at=now) == 1


def _run(job: Job) -> int:
    with Turn(job), audit_context("job", job.reason):
        job.run()
    return 1


class Turn:
    """One turn of a job. What it raises ends here: the other jobs and the worker go on."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        row = ScheduledJob.objects.filter(name=self.job.name)
        if error is None:
            row.update(outcome=ScheduledJob.Outcome.DONE, failures=0)
            return False
        if not isinstance(error, Exception):
            return False
        row.update(outcome=ScheduledJob.Outcome.FAILED, failures=F("failures") + 1)
        named = tasks.class_path(error)
        with audit_context("job", self.job.reason):
            record(Verb.JOB_FAILED, actor=None, detail={"job": self.job.name, "error": named[-80:]})
        get_logger().error("job_failed", job=self.job.name, error=named)
        return True
