"""``manage.py seal_column cases.Note old_body body --reason "…"``: seal the values of a column that was plain."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.context import audit_context
from casemgmt.operations.column_sealing import CannotSeal, seal_column


class Command(BaseCommand):
    """Move a plain column into a sealed field of the same model."""

    help = "Seal an existing plain column, batch by batch, while people work. Safe to interrupt and to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", help="for example cases.Note")
        parser.add_argument("plain", help="the plain column; it is emptied")
        parser.add_argument("sealed", help="the sealed field of the same model")
        parser.add_argument("--reason", required=True, help="why, for the ledger")

    def handle(self, *args: Any, model: str, plain: str, sealed: str, reason: str, **options: Any) -> None:
        """Say how far it has come, then what is left for a person to look at."""
        if not reason.strip():
            raise CommandError("Say why with --reason. It goes into the ledger.")
        try:
            with audit_context("command", reason.strip()):
                found = seal_column(model, plain, sealed, say=self.stderr.write)
        except CannotSeal as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"{found.done} sealed, {len(found.odd)} left as they were.")
        if found.odd:
            raise CommandError("Look at these records: " + ", ".join(found.odd[:50]))
        self.stdout.write(f"Past versions still hold {plain}: drop the column with a migration now.")
