"""``manage.py serve``: what ``make run``, ``make serve`` and production use."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections

from audit.context import audit_context
from audit.log import record
from audit.verbs import Verb
from casemgmt.accounts.cast import CAST
from casemgmt.operations import root_key
from casemgmt.operations.errors import NotReady
from casemgmt.operations.locks import alone
from casemgmt.operations.port import is_loopback, why_not
from casemgmt.operations.prepare import demand_good_order, prepare
from casemgmt.operations.server import GRACE_SECONDS, House, default_workers


class Command(BaseCommand):
    """Check everything, then serve until told to stop."""

    help = "Serve Haven, with its background worker, until SIGTERM or Ctrl-C."
    requires_system_checks: list[str] = []  # all of them are run here, on both databases

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1", help="address to serve on (default: this machine only)")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=0, help="processes (default: one a core)")
        parser.add_argument("--prepare", action="store_true", help="first migrate, and make the demo in a demo home")
        parser.add_argument("--without-worker", action="store_true", help="no background worker on this machine")

    def handle(self, *args: Any, bind: str, port: int, workers: int, **options: Any) -> None:
        if settings.HAVEN_DEMO and not is_loopback(bind):
            raise CommandError("The demo is for this machine alone: it is served on 127.0.0.1 and nowhere else.")
        problem = why_not(bind, port)
        if problem:
            raise CommandError(problem)
        try:
            with alone(settings.HAVEN_HOME, "serve", wait=GRACE_SECONDS):  # the one before may be ending
                root_key.unlock()
                if options["prepare"]:
                    prepare(self._say)
                else:
                    demand_good_order(self._say)
                self._record_start()
                connections.close_all()
                self._serve(bind, port, workers, with_worker=not options["without_worker"])
        except NotReady as problem:
            raise CommandError(str(problem)) from None
        except KeyboardInterrupt:
            raise SystemExit(130) from None

    def _serve(self, bind: str, port: int, workers: int, *, with_worker: bool) -> None:
        address = f"[{bind}]:{port}" if ":" in bind else f"{bind}:{port}"
        House(
            bind=address,
            workers=workers or default_workers(),
            with_worker=with_worker,
            when_ready=lambda: self._greet(address if not is_loopback(bind) else f"localhost:{port}"),
        ).run()

    def _record_start(self) -> None:
        with audit_context("command", "Starting the server."):
            record(Verb.SYSTEM_STARTED, actor=None, detail={"engine": connection.vendor})

    def _greet(self, address: str) -> None:
        """The address, and in the demo its people."""
        self._say(f"\n{settings.SITE_NAME} is ready: http://{address}/   (Ctrl-C ends it)")
        if settings.HAVEN_DEMO:
            self._say(f"\nFictional people only. Choose one at http://{address}/demo/\n")
            for member in CAST:
                self._say(f"  {member.first_name:<8} {member.line}")
            self._say("")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
