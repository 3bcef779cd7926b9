"""The one worker of a home: tasks of the queue in its main thread, schedule and heartbeat in another, the sealer in a third.

Reminders never depend on the queue: a long import holds up other tasks, but not the notices of what is due.
"""

import os
import secrets
import signal
import threading
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from audit import clock
from audit.context import audit_context
from casemgmt.crypto import keyring
from casemgmt.crypto.errors import KeystoreUnavailable, VaultError
from casemgmt.logs import get_logger
from casemgmt.operations import outages, schedule, tasks
from casemgmt.operations.locks import alone, place_of
from casemgmt.operations.models import WorkerBeat
from casemgmt.operations.sealing import SealingLoop

#: What may pass by itself: a database or key store that does not answer now.
PASSING = (DatabaseError, InterfaceError, VaultError)
#: How long a new worker waits for the one before it to end.
HANDOVER = 30.0


class Worker:
    """Runs until it is told to stop, or until the server that started it is gone."""

    def __init__(self, home: Path, *, interval: float = 1.0, server: int = 0) -> None:
        self.home, self.interval = home, interval
        self.place = place_of(home)
        self.name = f"{self.place}-{secrets.token_hex(6)}"
        self.server = server
        self.stopping = threading.Event()

    def run(self) -> None:
        """Sweep what a killed worker left, then work until SIGTERM or SIGINT; the task at hand is finished first."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked_to_stop)
        with alone(self.home, "worker", wait=HANDOVER):
            self._beat()
            swept = tasks.sweep(self.place, self.name)
            get_logger().info("worker_started", count=swept)
            clockwork = threading.Thread(target=self._run_clockwork, name="clockwork", daemon=True)
            clockwork.start()
            parts = [clockwork]
            if settings.SEAL_IN_WORKER:
                sealing = SealingLoop(self.stopping, self.interval)
                parts.append(threading.Thread(target=sealing.run, name="sealer", daemon=True))
                parts[-1].start()
            while not self.stopping.is_set():
                if not all(part.is_alive() for part in parts):
                    raise SystemExit("A part of the worker broke.")  # the server starts a new worker
                if not self._work():
                    self.stopping.wait(self.interval)
            for part in parts:
                part.join(10)
            WorkerBeat.objects.filter(name=self.name).delete()
        connections.close_all()

    def run_once(self) -> tuple[int, int]:
        """For a machine that starts jobs by cron: what is ready now, then end. Returns (tasks, jobs)."""
        with alone(self.home, "worker"):
            self._beat()
            tasks.sweep(self.place, self.name)
            jobs = schedule.run_what_is_due()
            done = 0
            while self._work():
                done += 1
            if settings.SEAL_IN_WORKER:
                SealingLoop(self.stopping).turn()
            WorkerBeat.objects.filter(name=self.name).delete()
        return done, jobs

    def _work(self) -> bool:
        """Run the next task. False where there is none, or the database does not answer now."""
        close_old_connections()
        try:
            row = tasks.claim(self.name)
            if row is None:
                return False
            keyring.begin_request()
            tasks.run(row)
        except PASSING as error:
            self._wait_for(error)
            return False
        return True

    def _run_clockwork(self) -> None:
        """Heartbeat and schedule, every five seconds."""
        while not self.stopping.is_set():
            if self.server and os.getppid() != self.server:
                get_logger().error("worker_orphaned")
                self.stopping.set()
                break
            close_old_connections()
            try:
                self._beat()
                keyring.begin_request()
                tasks.sweep(self.place, self.name)
                schedule.run_what_is_due()
                if outages.is_waiting():
                    with audit_context("job", "What the worker met."):
                        outages.tell()
            except PASSING as error:
                self._wait_for(error)
            self.stopping.wait(5 * self.interval)
        connections.close_all()

    def _wait_for(self, error: Exception) -> None:
        """Say what does not answer now; the worker tries again by itself."""
        if isinstance(error, KeystoreUnavailable):
            outages.note(error)
        get_logger().error("worker_waits", error=tasks.class_path(error))

    def _beat(self) -> None:
        """Say that this worker is alive."""
        WorkerBeat.objects.update_or_create(name=self.name, defaults={"place": self.place, "seen_at": clock.now()})

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping.set()


def make_worker(interval: float = 1.0, server: int = 0) -> Worker:
    """The worker of this home; with the process id of the server that starts it, it ends with that one."""
    return Worker(settings.HAVEN_HOME, interval=interval, server=server)
