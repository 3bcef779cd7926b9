"""``manage.py create_administrator EMAIL --name NAME --reason TEXT``: the first person of an installation."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import clock
from audit.context import audit_context
from casemgmt.accounts.actions.people import create_administrator
from casemgmt.accounts.errors import ReceptionError
from casemgmt.accounts.mail import invitation_address


class Command(BaseCommand):
    """Makes the first administrator and prints the link that opens the account. No password is typed here."""

    help = "Make the first administrator and print the link that opens the account (once, for seven days)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", required=True, help="as colleagues see it")
        parser.add_argument("--organisation", default="Our organisation", help="made if there is none of this name")
        parser.add_argument("--address", default="http://localhost:8000", help="where people reach this installation")
        parser.add_argument("--reason", default="First administrator of this installation")

    def handle(self, *args: Any, **options: Any) -> None:
        with audit_context("command", options["reason"]):
            try:
                _invitation, token = create_administrator(
                    now=clock.now(),
                    email=options["email"],
                    name=options["name"],
                    organisation_name=options["organisation"],
                )
            except ReceptionError as problem:
                raise CommandError(str(problem)) from None
        self.stdout.write(invitation_address(token, options["address"]))
