"""``manage.py audit_bundle OUT.zip --as EMAIL --reason TEXT``: the ledger in a form that an outsider verifies himself."""

from argparse import ArgumentParser
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.bundling.writing import BundleRefused, Wanted
from audit.context import audit_context
from audit.reach import may
from audit.sealing.sealer import SealRefused
from casemgmt.accounts.models import User
from casemgmt.crypto.errors import VaultError
from casemgmt.operations import root_key
from casemgmt.operations.bundles import LedgerNotWhole, make_bundle
from casemgmt.operations.errors import NotReady

NEEDS_THE_HOUSE = (
    "The role that signed in to the database may not read who works here, so nobody's right to a bundle could be asked. "
    "Let the house run audit_bundle, with the DATABASE_URL of the application. audit_verify works with the auditor's."
)


class Command(BaseCommand):
    """Seals, verifies, writes the zip and records it. Redacted unless a privacy officer says --full."""

    help = "Make a zip of the ledger with verify.py, which an outsider runs with nothing of ours installed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("out", type=Path, metavar="OUT.zip")
        parser.add_argument("--as", dest="email", required=True, help="e-mail of the auditor or privacy officer")
        parser.add_argument("--reason", required=True, help="why, for the ledger")
        parser.add_argument(
            "--from", dest="since", type=_day, metavar="YYYY-MM-DD", help="recorded on this day or later"
        )
        parser.add_argument(
            "--to", dest="until", type=_day, metavar="YYYY-MM-DD", help="recorded on this day or before"
        )
        parser.add_argument(
            "--full", action="store_true", help="with values: a privacy officer's, and never by default"
        )
        parser.add_argument(
            "--event",
            dest="events",
            action="append",
            default=[],
            type=UUID,
            metavar="UID",
            help="for a court: only this event, with its proof; may be given several times",
        )

    def handle(
        self,
        *args: Any,
        out: Path,
        email: str,
        reason: str,
        since: date | None,
        until: date | None,
        full: bool,
        events: list[UUID],
        **options: Any,
    ) -> None:
        if not reason.strip():
            raise CommandError("Say why in --reason.")
        if events and (since or until):
            raise CommandError("Chosen events have no --from and no --to.")
        if since and until and until < since:
            raise CommandError("--to lies before --from.")
        wanted = Wanted(
            since=_begin(since) if since else None,
            until=_begin(until + timedelta(days=1)) if until else None,
            is_full=full,
            events=tuple(dict.fromkeys(events)),
        )
        try:
            if not may("SELECT", [User._meta.db_table]):
                raise CommandError(NEEDS_THE_HOUSE)
            root_key.unlock()
            person = User.objects.filter(email=email.strip().lower(), is_active=True).first()
            if person is None:
                raise CommandError("Nobody with this e-mail address has an account that is active.")
            with audit_context("command", reason, on_behalf_of=person):
                made = make_bundle(person, out, wanted, reason)
        except LedgerNotWhole as refused:
            for problem in refused.problems:
                self.stderr.write(problem)
            raise CommandError(str(refused)) from None
        except (BundleRefused, SealRefused, VaultError, NotReady) as refused:
            raise CommandError(str(refused)) from None
        except OSError as problem:
            raise CommandError(f"The file cannot be written: {problem.strerror}.") from None
        self.stdout.write(f"{made.entries} entries ({wanted.kind}) under the head {made.size} {made.root}.")
        self.stdout.write(f"SHA-256 of {out.name}, also in the ledger: {made.sha256}")
        self.stdout.write(f"Its names of cases and people are those of engagement {made.engagement}.")
        self.stdout.write("Whoever gets it unpacks it and runs: python -I verify.py")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _begin(day: date) -> datetime:
    """The first moment of a local calendar day."""
    return timezone.make_aware(datetime.combine(day, time.min))
