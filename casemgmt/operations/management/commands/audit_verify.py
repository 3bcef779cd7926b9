"""``manage.py audit_verify``: is the ledger whole? Nightly, and whenever somebody asks."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.anchoring.shadow_log import check_shadow
from audit.context import audit_context
from casemgmt.operations.verifying import verify_everything


class Command(BaseCommand):
    help = (
        "Verify the ledger: streams, commitments, leaves, tiles, roots and signatures of the seal, anchors, history "
        "against its digests, guards against their manifest, access against its grounds."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--incremental",
            action="store_true",
            help="only what came after the last head that was verified; histories are left out",
        )
        parser.add_argument(
            "--shadow",
            type=Path,
            metavar="FILE",
            help="hold the ledger against this log, to which SHADOW_SYSLOG sent its lines",
        )

    def handle(self, *args: Any, incremental: bool, shadow: Path | None, **options: Any) -> None:
        """Print one line a problem, record that it was asked, and end with an error if there is any problem."""
        also = [] if shadow is None else [lambda report: check_shadow(report, shadow)]
        try:
            with audit_context("command", "Verification of the ledger."):
                report = verify_everything(None, incremental=incremental, also=also)
        except OSError:
            raise CommandError("The file given with --shadow cannot be read.") from None
        for remark in report.remarks:
            self.stdout.write(remark)
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
        self.stdout.write(
            f"{report.leaves} leaves, {report.tiles} tiles and {report.checkpoints} checkpoints hold, "
            f"and so do {report.anchors} anchors. "
            f"The head is {report.size} {report.head or 'not made yet'}."
        )
