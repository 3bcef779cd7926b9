"""``manage.py way_out FOLDER --as EMAIL --reason TEXT``: everything the house owns, in open formats, for another system."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.bundling.writing import BundleRefused
from audit.context import audit_context
from audit.reach import may
from audit.sealing.sealer import SealRefused
from casemgmt.accounts.models import User
from casemgmt.crypto.errors import VaultError
from casemgmt.operations import root_key
from casemgmt.operations.errors import NotReady
from casemgmt.operations.way_out.writing import make_way_out

NEEDS_THE_HOUSE = (
    "The role that signed in to the database may not read who works here. Let the house run way_out, with the DATABASE_URL "
    "of the application."
)


class Command(BaseCommand):
    """Writes cases, files, history and ledger into a new folder, and records it. Ends with 3 where something is missing."""

    help = "Write everything the house owns into a new folder, in open formats with a description."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("out", type=Path, metavar="FOLDER")
        parser.add_argument("--as", dest="email", required=True, help="e-mail of the privacy officer in whose name")
        parser.add_argument("--reason", required=True, help="why, for the ledger")

    def handle(self, *args: Any, out: Path, email: str, reason: str, **options: Any) -> None:
        if not reason.strip():
            raise CommandError("Say why in --reason.")
        try:
            if not may("SELECT", [User._meta.db_table]):
                raise CommandError(NEEDS_THE_HOUSE)
            root_key.unlock()
            person = User.objects.filter(email=email.strip().lower(), is_active=True).first()
            if person is None:
                raise CommandError("Nobody with this e-mail address has an account that is active.")
            with audit_context("command", reason, on_behalf_of=person):
                made = make_way_out(person, out, reason, self.stdout.write)
        except (BundleRefused, SealRefused, VaultError, NotReady) as refused:
            raise CommandError(str(refused)) from None
        except OSError as problem:
            raise CommandError(f"The folder cannot be written: {problem.strerror}.") from None
        self.stdout.write(f"{out}: {made.cases} cases, {made.files} files. SHA-256 of manifest.json: {made.sha256}")
        self.stdout.write("Whoever holds this folder reads every name in it. README.txt in it says how to keep it.")
        if made.problems:
            for sentence in made.problems:
                self.stderr.write(sentence)
            raise CommandError("Not everything came along: see above, and manifest.json.", returncode=3)
