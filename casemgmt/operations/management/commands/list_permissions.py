"""``manage.py list_permissions``: the page of all permissions, made from the code."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.permission_table import permissions_page


class Command(BaseCommand):
    """Print the page, write it to a file, or fail if a file is out of date. Touches no database."""

    help = "List what each kind of access opens, and which role may be given it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """One of two, or neither."""
        parser.add_argument("--write", type=Path, metavar="FILE", help="write the page to this file")
        parser.add_argument("--compare", type=Path, metavar="FILE", help="fail if this file is out of date")

    def handle(self, *args: Any, write: Path | None, compare: Path | None, **options: Any) -> None:
        """Do what was asked."""
        page = permissions_page()
        if write:
            write.write_text(page, encoding="utf-8")
        elif compare:
            if not compare.exists() or compare.read_text(encoding="utf-8") != page:
                raise CommandError(f"{compare.name} is out of date: manage.py list_permissions --write {compare}")
        else:
            self.stdout.write(page)
