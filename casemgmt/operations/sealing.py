"""Sealing the ledger all the time, and telling when it does not happen.

One loop, in a thread of the worker that ``manage.py serve`` starts, or as a process of its own (``manage.py
audit_seal``), or both: a pass is one transaction that only one sealer holds, so nothing is sealed twice.
"""

import threading
import time
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from audit import clock
from audit.context import audit_context
from audit.log import record
from audit.sealing.lag import Lag, is_many_unsealed, lag
from audit.sealing.sealer import Pass, Sealer, SealRefused
from audit.verbs import Outcome, Verb
from casemgmt.crypto.errors import VaultError
from casemgmt.logs import get_logger
from casemgmt.operations.backup.reminders import remind
from casemgmt.operations.models import Reminder
from casemgmt.operations.tasks import class_path

#: What may pass by itself: a database or key store that does not answer now.
PASSING = (DatabaseError, InterfaceError, VaultError)
#: So many events are sealed before the second is over.
MANY = 500
#: Looks for many events, in one interval.
LOOKS = 4
#: How often everything is looked through for an event that slipped below, in seconds.
SWEEP_EVERY = 3600.0
#: The rest after something that did not answer, or that is not signed.
REST = 5.0
#: What a late event is given to be sealed before it is called late, in seconds: its transaction may just have ended.
SECOND_LOOK = 3.0


class SealingLoop:
    """Seals every ``interval`` seconds, sooner where many events wait, until told to stop."""

    def __init__(self, stopping: threading.Event, interval: float = 1.0) -> None:
        self.stopping, self.interval = stopping, interval
        self.sealer = Sealer()
        self.swept_at: float | None = None
        self.has_told = False

    def run(self) -> None:
        """Until told to stop; the pass at hand is finished first."""
        while not self.stopping.is_set():
            close_old_connections()
            if self.turn():
                self._wait()
            else:
                self.stopping.wait(REST)
        connections.close_all()

    def turn(self) -> bool:
        """Seal what is there. False where something does not answer now, or nothing is signed; the log says which."""
        try:
            self.once()
        except SealRefused as refused:
            get_logger().error("sealing_refused", error=class_path(refused))
            self._tell()
            return False
        except PASSING as error:
            get_logger().error("sealing_waits", error=class_path(error))
            return False
        return True

    def once(self) -> Pass:
        """Seal what is there. Every hour, and at first, look at all events. Raises SealRefused and what may pass."""
        is_sweep = self.swept_at is None or time.monotonic() - self.swept_at > SWEEP_EVERY
        with audit_context("job", "Sealing the ledger."):
            done = self.sealer.seal_all(sweep=is_sweep)
        if is_sweep and not done.is_busy:
            self.swept_at = time.monotonic()
        if done.problems:
            get_logger().error("sealing_found_problems", count=len(done.problems))
        self.has_told = False
        return done

    def _wait(self) -> None:
        for _look in range(LOOKS):
            if self.stopping.wait(self.interval / LOOKS):
                return
            try:
                if is_many_unsealed(MANY):
                    return
            except PASSING:
                return  # the next pass says so

    def _tell(self) -> None:
        """Once, until it went well again: that nothing is signed. Records LEDGER_VERIFIED with FAILED."""
        if self.has_told:
            return
        try:
            with audit_context("job", "Sealing the ledger."):
                record(Verb.LEDGER_VERIFIED, actor=None, outcome=Outcome.FAILED, detail={"problems": 1})
        except PASSING as error:
            get_logger().error("sealing_waits", error=class_path(error))
        else:
            self.has_told = True


# ---- Telling that the seal is behind ----


@dataclass(frozen=True)
class SealingState:
    """The metric: how many events wait, since how many seconds the oldest, and whether that is too long."""

    waiting: int
    seconds: float
    is_late: bool


def sealing_state() -> SealingState:
    """How far the seal is behind, now."""
    found = lag()
    return SealingState(found.waiting, found.seconds, _is_late(found))


def keep_sealing_reminder() -> bool:
    """For the schedule: remind the administrators while the seal is too far behind. Whether it is. Idempotent.

    Late is what is late at two looks: the first may have met a long transaction that had just ended.
    """
    found = lag()
    is_late = _is_late(found)
    if is_late:
        time.sleep(SECOND_LOOK)
        again = lag()
        is_late = _is_late(again) and again.oldest_id == found.oldest_id
    standing = Reminder.objects.standing().filter(kind=Reminder.Kind.SEALING)
    now = clock.now()
    if not is_late:
        standing.update(done_at=now)
    elif not standing.exists():
        remind(actor=None, now=now, kind=Reminder.Kind.SEALING, since=found.oldest or now)
    return is_late


def _is_late(found: Lag) -> bool:
    return found.seconds > timedelta(minutes=settings.SEALING_LATE_AFTER_MINUTES).total_seconds()
