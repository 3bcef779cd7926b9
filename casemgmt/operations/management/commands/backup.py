"""``manage.py backup``: records, files and keys, each sealed, in two places, while people work."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casemgmt.crypto.errors import VaultError
from casemgmt.operations import root_key
from casemgmt.operations.backup.making import Wishes, run_command
from casemgmt.operations.database_roles import as_owner
from casemgmt.operations.errors import NotReady


class Command(BaseCommand):
    """Make one backup."""

    help = "Back up records and files to one place and the key store to another, sealed to a key or passphrase (docs/keys.md)."
    requires_system_checks: list[str] = []  # a backup matters most when something else is out of order

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", default="", metavar="FOLDER", help="where the records and files go")
        parser.add_argument("--keystore", default="", metavar="FOLDER", help="where the key store goes: another disk")
        parser.add_argument(
            "--recipient",
            action="append",
            default=[],
            metavar="age1…",
            help="seal to this age key (may be given again)",
        )
        parser.add_argument("--passphrase-file", default="", metavar="FILE", help="seal under the passphrase in a file")
        parser.add_argument("--keep", type=int, default=0, metavar="N", help="keep the newest N backups of the records")
        parser.add_argument(
            "--same-device-is-fine", action="store_true",
            help="both places may be on one disk: whoever takes it has the records and their keys",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        wishes = Wishes(
            data=options["data"], keystore=options["keystore"], recipients=options["recipient"], keep=options["keep"],
            passphrase_file=options["passphrase_file"], same_device_is_fine=options["same_device_is_fine"],
        )  # fmt: skip
        try:
            root_key.unlock()
            # Policies would hide rows from everybody but the owner, and a backup holds all of them.
            with as_owner("default"), as_owner("keystore"):
                made = run_command(wishes, self._say)
        except (NotReady, VaultError) as problem:
            raise CommandError(str(problem)) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped. Nothing half-readable is left.") from None
        for one in made.taken.manifests.values():
            self._say(f"{one.part}: {one.bytes} bytes, SHA-256 {one.sha256}")
        if made.taken.missing:
            self._say(f"Warning: {made.taken.missing} files that records name were not there.")
        for folder in made.cleared:
            self._say(f"Deleted, as it was too old: {folder}")
        self._say(f"Made {made.name}. Prove it with restore_drill.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
