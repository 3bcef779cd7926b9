"""``manage.py audit_keys``: the keys that sign the ledger's checkpoints, for whoever wants to check them elsewhere."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.context import audit_context
from audit.sealing.keys import key_file
from casemgmt.crypto.errors import VaultError
from casemgmt.operations.keys import rotate_checkpoint_key


class Command(BaseCommand):
    """Print the key file, with retired keys and the time of each; or put a new key to use."""

    help = "Print the public keys of the ledger's checkpoints with their times, or rotate the key that signs."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rotate", action="store_true", help="sign with a new key from now on")
        parser.add_argument("--reason", default="", help="why, for the ledger (with --rotate)")

    def handle(self, *args: Any, rotate: bool, reason: str, **options: Any) -> None:
        if rotate and not reason.strip():
            raise CommandError("Say why the key is changed: --reason TEXT")
        try:
            if rotate:
                with audit_context("command", reason):
                    rotate_checkpoint_key(reason)
            self.stdout.write(key_file(), ending="")
        except VaultError as problem:
            raise CommandError(str(problem)) from None
