"""``manage.py prune --reason "…"``: carry out the approved orders to destroy, as the owner of the tables."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.context import audit_context
from casemgmt.operations.database_roles import as_owner
from casemgmt.operations.pruning import destroy_what_was_approved, may_prune


class Command(BaseCommand):
    """What two people approved and nothing holds; nothing else can be named here."""

    help = (
        "Carry out approved orders to destroy what was kept its time: events are pruned and their leaves stay. Needed where "
        "the application's role may not delete events (OWNER_DATABASE_URL names the owner). Safe to repeat."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", required=True, help="why now, for the ledger")

    def handle(self, *args: Any, reason: str, **options: Any) -> None:
        """Say how many orders were finished."""
        if not reason.strip():
            raise CommandError("Say why with --reason. It goes into the ledger.")
        with as_owner("default"), audit_context("command", reason.strip()):
            if not may_prune():
                raise CommandError("This role may not take events out. Name the owner in OWNER_DATABASE_URL.")
            finished = destroy_what_was_approved()
        self.stdout.write(f"{finished} orders were finished.")
