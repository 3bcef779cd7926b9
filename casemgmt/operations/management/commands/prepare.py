"""``manage.py prepare``: migrations, static files, checks; what ``serve --prepare`` does before it serves."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casemgmt.operations.errors import NotReady
from casemgmt.operations.prepare import prepare


class Command(BaseCommand):
    """Bring this installation up to date."""

    help = "Migrate both databases, collect static files, check everything; in the demo make its people and cases."
    requires_system_checks: list[str] = []  # they are run on the prepared databases

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            prepare(self.stdout.write)
        except NotReady as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write("Ready.")
