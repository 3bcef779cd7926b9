"""``manage.py audit_seal``: the sealer of the ledger as a process of its own."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.sealing.sealer import SealRefused
from casemgmt.crypto.errors import VaultError
from casemgmt.operations import root_key
from casemgmt.operations.errors import NotReady
from casemgmt.operations.sealing import SealingLoop


class Command(BaseCommand):
    """Seal events as they come, until SIGTERM or Ctrl-C. Others may seal at the same time: nothing is sealed twice."""

    help = "Seal the ledger: every second, or as soon as 500 events wait, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="seal what there is, then end")
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between two passes (default 1)")

    def handle(self, *args: Any, once: bool, interval: float, **options: Any) -> None:
        stopping = threading.Event()
        try:
            root_key.unlock()
            root_key.keep_to_itself()
            loop = SealingLoop(stopping, interval)
            if once:
                self._once(loop)
                return
        except NotReady as problem:
            raise CommandError(str(problem)) from None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stopping.set())
        loop.run()

    def _once(self, loop: SealingLoop) -> None:
        try:
            done = loop.once()
        except (SealRefused, VaultError) as problem:
            raise CommandError(str(problem)) from None
        for line in done.problems:
            self.stderr.write(line)
        if done.is_busy:
            self.stdout.write("Another sealer is at work.")
        else:
            self.stdout.write(f"{done.events} events were sealed; the ledger has {done.size}.")
        if done.problems:
            raise CommandError("What was sealed does not follow from what was there. Run audit_verify.")
