"""``manage.py restore``: bring a backup back into an empty home, or say what that would do."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casemgmt.crypto.errors import VaultError
from casemgmt.operations import terminal
from casemgmt.operations.backup import restoring
from casemgmt.operations.backup.making import opener
from casemgmt.operations.errors import NotReady

_WORD = "replace"


class Command(BaseCommand):
    """Restore one backup."""

    help = "Restore a backup into this home, which must be empty and not served (docs/keys.md). First with --dry-run."
    requires_system_checks: list[str] = []  # there is nothing to check yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--data", required=True, type=Path, metavar="FOLDER", help="the place of the records, or one set"
        )
        parser.add_argument("--keystore", required=True, type=Path, metavar="FOLDER", help="the place of the key store")
        parser.add_argument("--identity-file", default="", metavar="FILE", help="the age key that opens it")
        parser.add_argument("--passphrase-file", default="", metavar="FILE", help="the passphrase that opens it")
        parser.add_argument(
            "--dry-run", action="store_true", help="check everything, say what would be done, write nothing"
        )
        parser.add_argument("--replace", action="store_true", help="put aside what is in this home (SQLite)")
        parser.add_argument("--yes", action="store_true", help=f"do not ask for the word “{_WORD}”")

    def handle(self, *args: Any, data: Path, keystore: Path, **options: Any) -> None:
        try:
            key = opener(options["identity_file"], options["passphrase_file"])
            ready = restoring.plan(data, keystore, key, self._say, replace=options["replace"])
            if options["dry_run"]:
                self._say("It can be restored. Nothing was written (--dry-run).")
                return
            if ready.replaces and not options["yes"]:
                self._ask()
            found = restoring.carry_out(ready, key, self._say)
        except (NotReady, VaultError) as problem:
            raise CommandError(str(problem)) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped. This home is as it was before.") from None
        for wrong in found.problems[:20]:
            self.stderr.write(wrong)
        if found.problems:
            raise CommandError(f"It was restored, and {len(found.problems)} things are not as they must be.")
        self._say(f"Restored as of {ready.chosen.main.manifest.moment:%Y-%m-%d %H:%M} UTC. Start Haven as usual.")

    def _ask(self) -> None:
        """What is here is put aside only after somebody typed the word."""
        if not terminal.is_there():
            raise CommandError("To replace what is in this home without a terminal, say --yes, too.")
        terminal.tell(f"What is in this home now is put aside. Type “{_WORD}” to go on:")
        if sys.stdin.readline().strip() != _WORD:
            raise CommandError("Nothing was changed.")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
