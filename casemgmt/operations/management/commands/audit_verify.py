"""``manage.py audit_verify``: is the ledger whole? Nightly, and whenever somebody asks."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.context import audit_context
from audit.verify import verify_and_record


class Command(BaseCommand):
    help = (
        "Verify the ledger: streams, commitments, leaves, tiles, roots and signatures of the seal, history against its "
        "digests, guards against their manifest."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--incremental",
            action="store_true",
            help="only what came after the last head that was verified; histories are left out",
        )

    def handle(self, *args: Any, incremental: bool, **options: Any) -> None:
        """Print one line a problem, record that it was asked, and end with an error if there is any problem."""
        with audit_context("command", "Verification of the ledger."):
            report = verify_and_record(None, incremental=incremental)
        for problem in report.problems:
            self.stderr.write(problem)
        if not report.is_whole:
            raise CommandError(f"{len(report.problems)} problems in {report.events} events.")
        if report.since:
            after = f"after the {report.since} that were verified before"
            self.stdout.write(f"{report.events} events {after} are whole; histories were left out.")
        else:
            self.stdout.write(
                f"{report.events} events in {report.streams} streams and {report.history_rows} history rows are whole; "
                f"{report.erased} details were erased by order, {report.corrected} versions were corrected by two people."
            )
        if report.pruned:
            orders = f" under {', '.join(report.prune_orders)}" if report.prune_orders else ""
            self.stdout.write(f"{report.pruned} of the leaves stand for events that were pruned{orders}.")
        self.stdout.write(
            f"{report.leaves} leaves, {report.tiles} tiles and {report.checkpoints} checkpoints hold. "
            f"The head is {report.size} {report.head or 'not made yet'}."
        )
