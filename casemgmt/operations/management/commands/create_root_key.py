"""``manage.py create_root_key``: the one key that a person makes on purpose."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casemgmt.crypto.providers import local


class Command(BaseCommand):
    """Make the root key of this home. Never overwrites one."""

    help = "Make the root key of a home for real work. Without it nothing can be read, so keep a copy apart."
    requires_system_checks: list[str] = []  # the checks ask for the key that is made here

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            path = local.create()
        except FileExistsError:
            raise CommandError("This home has a root key already. It is never overwritten.") from None
        self.stdout.write(
            f"The root key lies in {path}. Copy it now to a place apart from all backups: "
            "without it nothing can ever be read again, and with it and a backup everything can."
        )
