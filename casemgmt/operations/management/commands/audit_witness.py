"""``manage.py audit_witness``: a witness of a ledger, with a key and a memory of its own. It needs no database."""

import signal
import sys
import threading
from argparse import ArgumentParser
from pathlib import Path
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError

from audit.anchoring.serving import Door
from audit.anchoring.witness import Witness, WitnessUnusable
from audit.sealing.notes import BadNote


class Command(BaseCommand):
    """Run it on another machine, in other hands. It cosigns heads that go on from the last one, and refuses all others."""

    help = "Witness a ledger: demand proof that each head goes on from the last one, cosign it, refuse all others."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--folder", type=Path, required=True, help="where its key and its memory lie; made if new")
        parser.add_argument("--keys", type=Path, required=True, help="the ledger's key file, from manage.py audit_keys")
        parser.add_argument("--name", default="witness.example.org/1", help="the name under which it signs")
        parser.add_argument("--listen", default="127.0.0.1:8470", metavar="HOST:PORT", help="default 127.0.0.1:8470")
        parser.add_argument(
            "--tell", action="append", default=[], metavar="EMAIL", help="who gets a letter at an alarm"
        )

    def handle(
        self, *args: Any, folder: Path, keys: Path, name: str, listen: str, tell: list[str], **options: Any
    ) -> None:
        host, _colon, port = listen.rpartition(":")
        if not port.isdigit() or not host:
            raise CommandError("--listen is HOST:PORT.")
        self.people = tell
        try:
            witness = Witness(folder, name, keys, self._alarm)
            door = Door((host.strip("[]"), int(port)), witness)
        except (WitnessUnusable, BadNote) as problem:
            raise CommandError(str(problem)) from None
        except (OSError, OverflowError) as problem:
            raise CommandError(f"The witness cannot begin: {problem}") from None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: threading.Thread(target=door.shutdown).start())
        if witness.last is None:
            self.stdout.write("This witness remembers no head: it will believe the first one it is shown.")
        else:
            self.stdout.write(f"The last head it saw: {witness.last.size} {witness.last.root.hex()}")
        self.stdout.write(f"Its key, for WITNESSES: {witness.verifier}")
        self.stdout.write(f"It listens on {host}:{door.server_address[1]}.")
        self.stdout.flush()
        door.serve_forever(poll_interval=0.2)
        door.server_close()
        witness.close()

    def _alarm(self, words: str) -> None:
        """On the terminal, and by letter: each person apart, so that one address that fails holds up no other."""
        print(f"ALARM: {words}", file=sys.stderr, flush=True)  # noqa: T201  from a thread of the door
        for address in self.people:
            try:
                send_mail("Alarm of a witness", f"{words}\n", settings.DEFAULT_FROM_EMAIL, [address])
            except (OSError, SMTPException):
                print(f"The letter to {address} could not be sent.", file=sys.stderr, flush=True)  # noqa: T201
