"""``manage.py root_key …``: the one key that people keep. docs/keys.md is the ceremony around it."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casemgmt.crypto.errors import VaultError
from casemgmt.operations import key_ceremony
from casemgmt.operations.errors import NotReady

#: What one can do, and how the help says it.
ACTS: dict[str, tuple[Callable[..., None], str]] = {
    "create": (key_ceremony.create, "make the root key of a new home"),
    "status": (key_ceremony.show_status, "say what holds the root key, without opening it"),
    "check": (key_ceremony.check, "open the root key and everything under it, and close it again"),
    "split": (key_ceremony.split, "make three sheets of paper, of which any two make the root key"),
    "combine": (key_ceremony.combine, "make the root key file anew from two sheets"),
    "passphrase": (key_ceremony.change_passphrase, "seal the root key file under a new passphrase"),
    "change": (key_ceremony.change, "make a new root key and wrap everything under it"),
    "drop-old": (key_ceremony.drop_old, "destroy the root key of before the last change"),
}


class Command(BaseCommand):
    """Make, split, put together, change and check the root key."""

    help = "The root key: " + "; ".join(f"{name} ({words})" for name, (_act, words) in ACTS.items()) + "."
    requires_system_checks: list[str] = []  # the checks ask for the key that is made or repaired here

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
        for name, (_act, words) in ACTS.items():
            one = acts.add_parser(name, help=words)
            if name in ("create", "split", "change"):
                one.add_argument(
                    "--to", type=Path, metavar="FOLDER", help="write the sheets to three files in this folder"
                )
            if name in ("combine", "passphrase", "change"):
                one.add_argument(
                    "--new-passphrase-file", default="", metavar="FILE", help="read the new passphrase there"
                )

    def handle(
        self, *args: Any, act: str, to: Path | None = None, new_passphrase_file: str = "", **options: Any
    ) -> None:
        wanted = {"to": to, "new_passphrase_file": new_passphrase_file}
        takes = {
            "create": ("to",), "split": ("to",), "change": ("to", "new_passphrase_file"),
            "combine": ("new_passphrase_file",), "passphrase": ("new_passphrase_file",),
        }.get(act, ())  # fmt: skip
        try:
            ACTS[act][0](self.stdout.write, **{name: wanted[name] for name in takes})
        except (NotReady, VaultError) as problem:
            raise CommandError(str(problem)) from None
        except FileExistsError:
            raise CommandError("This home has a root key already. It is never overwritten.") from None
        except KeyboardInterrupt:
            raise CommandError("Stopped. Run the same command again; nothing is half done.") from None
