"""``manage.py work``: the background worker. ``manage.py serve`` starts one by itself."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casemgmt.operations import root_key
from casemgmt.operations.errors import NotReady
from casemgmt.operations.worker import make_worker


class Command(BaseCommand):
    """Run tasks and the schedule until told to stop."""

    help = "Run background tasks, notices and the schedule until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="run what is ready now, then end")
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between two looks (default 1)")

        parser.add_argument("--server", type=int, default=0, metavar="PID", help="end when this parent process is gone")
        parser.add_argument("--keys", type=int, default=-1, metavar="FD", help="the pipe with the server's root key")

    def handle(self, *args: Any, once: bool, interval: float, server: int, keys: int, **options: Any) -> None:
        try:
            if keys >= 0:
                root_key.take_from_pipe(keys)
            root_key.unlock()
            root_key.keep_to_itself()
            worker = make_worker(interval, server)
            if once:
                done, jobs = worker.run_once()
                self.stdout.write(f"{done} tasks, {jobs} scheduled jobs")
            else:
                worker.run()
        except NotReady as problem:
            raise CommandError(str(problem)) from None
