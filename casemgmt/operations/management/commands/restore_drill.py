"""``manage.py restore_drill``: prove that the newest backup can be restored, in a scratch home that is deleted again."""

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.context import audit_context
from casemgmt.crypto.errors import VaultError
from casemgmt.operations import root_key
from casemgmt.operations.backup import drill, inside
from casemgmt.operations.backup.making import opener
from casemgmt.operations.errors import NotReady


class Command(BaseCommand):
    """Run one drill."""

    help = (
        "Restore the newest backup into a scratch home, look through it, record the result, delete it (docs/keys.md)."
    )
    requires_system_checks: list[str] = []  # the scratch home is looked through much harder than by those

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--data", default="", metavar="FOLDER", help="the place of the records, or one set")
        parser.add_argument("--keystore", default="", metavar="FOLDER", help="the place of the key store")
        parser.add_argument("--identity-file", default="", metavar="FILE", help="the age key that opens it")
        parser.add_argument("--passphrase-file", default="", metavar="FILE", help="the passphrase that opens it")
        # For the process that this command starts in the scratch home.
        parser.add_argument("--inside", default="", help=argparse.SUPPRESS)
        parser.add_argument("--keys", type=int, default=-1, help=argparse.SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["inside"]:
            self.stdout.write(json.dumps(inside.look(options["inside"], options["keys"])))
            return
        try:
            root_key.unlock()
            key = opener(options["identity_file"], options["passphrase_file"])
            with audit_context("command", "A drill: restoring a backup into a scratch home."):
                done = drill.run(options["data"], options["keystore"], key, self._say)
        except (NotReady, VaultError) as problem:
            raise CommandError(str(problem)) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped. The scratch home is gone, and nothing was recorded.") from None
        if done.problems:
            raise CommandError(
                f"The drill FAILED: {done.row.name} could not be restored as it must be ({len(done.problems)} problems). "
                "Make a new backup now, and drill again."
            )
        found = done.row.found
        self._say(
            f"The drill passed in {done.row.seconds} seconds: {done.row.name} was restored; {found['events']} events of the "
            f"ledger are whole, {found['values']} sealed values and {found['files']} files opened, all counts are right."
        )

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
