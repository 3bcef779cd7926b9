"""The server: gunicorn inside this process, and beside it the one background worker."""

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connections
from django.urls import get_resolver
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from casemgmt.crypto import providers
from casemgmt.logs import get_logger
from casemgmt.operations import root_key
from casemgmt.operations.forgetting import begin_watching

THREADS = 4
#: A request that takes longer has lost its way; its process is replaced.
REQUEST_SECONDS = 60
#: How long requests and the task at hand may take to end when the server is asked to stop.
GRACE_SECONDS = 10
#: A worker that died is started again after this many seconds, then twice as many, up to a minute.
FIRST_REST = 1.0


class HouseLogger(Logger):
    """gunicorn's messages through Haven's own formatter, which keeps values out of log lines."""

    def setup(self, cfg: Any) -> None:
        """Keep the level, drop the handlers."""
        super().setup(cfg)
        for logger in (self.error_log, self.access_log):
            logger.handlers.clear()
            logger.propagate = True


class Companion:
    """The background worker as a child process: started, started again when it dies, and ended with the server."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.is_stopping = False
        self.rest, self.not_before, self.started_at = FIRST_REST, 0.0, 0.0

    def keep_running(self) -> None:
        """Start the worker if it does not run. Asked by the server about once a second."""
        now = time.monotonic()
        if self.is_stopping or (self.process is not None and self.process.poll() is None) or now < self.not_before:
            return
        if self.process is not None:
            get_logger().error("worker_ended")
            self.rest = FIRST_REST if now - self.started_at > REQUEST_SECONDS else min(self.rest * 2, 60)
        self.started_at, self.not_before = now, now + self.rest
        keys = root_key.pipe_to_child()
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "work", "--server", str(os.getpid()),
                   "--keys", str(keys)]  # fmt: skip
        without_secrets = {name: value for name, value in os.environ.items() if name not in settings.FROM_ENV_FILE}
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, cwd=settings.BASE_DIR, pass_fds=(keys,), env=without_secrets
            )
        finally:
            os.close(keys)

    def ask_to_stop(self) -> None:
        """SIGTERM: the worker ends after the task at hand."""
        self.is_stopping = True
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def see_end(self) -> None:
        """Wait for the end; a task that takes longer than the grace is cut off, and swept at the next start."""
        if self.process is None:
            return
        try:
            self.process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class HouseArbiter(Arbiter):
    """gunicorn's master process, which looks after the companion, too."""

    companion: Companion | None = None

    def manage_workers(self) -> None:
        """Called at the start and about once a second."""
        super().manage_workers()
        if self.companion is not None:
            self.companion.keep_running()

    def stop(self, graceful: bool = True) -> None:
        """End everything: both kinds of worker are told at the same time."""
        if self.companion is not None:
            self.companion.ask_to_stop()
        super().stop(graceful)
        if self.companion is not None:
            self.companion.see_end()


class House(BaseApplication):
    """Haven as a gunicorn application. ``load()`` runs once, before the worker processes are forked."""

    def __init__(self, *, bind: str, workers: int, with_worker: bool, when_ready: Callable[[], None]) -> None:
        self.bind, self.workers, self.when_ready = bind, workers, when_ready
        self.companion = Companion() if with_worker else None
        super().__init__()

    def load_config(self) -> None:
        """Everything is set here: no configuration file, and no word of gunicorn's own command line."""
        for name, value in {
            "bind": [self.bind],
            "workers": self.workers,
            "threads": THREADS,
            "worker_class": "gthread",
            "preload_app": True,
            "timeout": REQUEST_SECONDS,
            "graceful_timeout": GRACE_SECONDS,
            "keepalive": 5,
            "loglevel": "warning",
            "logger_class": HouseLogger,
            # Which proxy to believe is Django's own setting (BEHIND_PROXY); gunicorn believes none.
            "forwarded_allow_ips": "",
            "control_socket_disable": True,
            "proc_name": "haven",
            "when_ready": lambda _arbiter: self.when_ready(),
            "post_worker_init": lambda _worker: begin_watching(),
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Load all of Haven once, then close what a fork must not share."""
        os.environ["HAVEN_SERVED"] = "1"
        from casemgmt.wsgi import application  # noqa: PLC0415  wsgi.py demands the line above

        get_resolver().url_patterns  # noqa: B018  reads every address now, not at the first request
        connections.close_all()
        providers.current().hang_up()
        root_key.keep_to_itself()
        # What is loaded now stays: a collection in the middle of a page need not walk through all of it (a quarter of a
        # second, measured), and the processes go on sharing its memory.
        gc.collect()
        gc.freeze()
        return application

    def run(self) -> None:
        """Serve until SIGTERM or Ctrl-C."""
        arbiter = HouseArbiter(self)
        arbiter.companion = self.companion
        arbiter.run()


def default_workers() -> int:
    """One process for each core this process may use, at least two, so that a slow one does not stop the house."""
    return max(2, len(os.sched_getaffinity(0)))
