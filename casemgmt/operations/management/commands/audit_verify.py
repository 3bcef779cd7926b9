"""``manage.py audit_verify``: is the ledger whole? Nightly, and whenever somebody asks."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.context import audit_context
from audit.verify import verify_and_record


class Command(BaseCommand):
    help = "Verify the ledger: streams, commitments, history against its digests, guards against their manifest."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a problem, record that it was asked, and end with an error if there is any problem."""
        with audit_context("command", "Verification of the ledger."):
            report = verify_and_record(None)
        for problem in report.problems:
            self.stderr.write(problem)
        if not report.is_whole:
            raise CommandError(f"{len(report.problems)} problems in {report.events} events.")
        self.stdout.write(
            f"{report.events} events in {report.streams} streams and {report.history_rows} history rows are whole; "
            f"{report.erased} details were erased by order, {report.corrected} versions were corrected by two people."
        )
