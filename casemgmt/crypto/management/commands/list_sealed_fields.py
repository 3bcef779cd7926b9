"""``manage.py list_sealed_fields``: print or write the list of all sealed fields."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casemgmt.crypto import registry


class Command(BaseCommand):
    help = "Print the list of sealed fields, write it to a file, or compare it with one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", type=Path, metavar="FILE", help="write the list to this file")
        parser.add_argument("--compare", type=Path, metavar="FILE", help="fail if this file is out of date")

    def handle(self, *args: Any, write: Path | None, compare: Path | None, **options: Any) -> None:
        if write:
            registry.write_registry(write)
        elif compare:
            found = registry.differences(compare)
            if found:
                raise CommandError("The list of sealed fields is out of date:\n" + "\n".join(found))
        else:
            self.stdout.write("\n".join(registry.registry_lines()))
