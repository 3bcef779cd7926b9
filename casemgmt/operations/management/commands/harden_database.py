"""``manage.py harden_database``: row-level security on PostgreSQL, and three roles that it binds."""

import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from audit.context import audit_context
from audit.log import record
from audit.verbs import Verb
from casemgmt.operations import database_grants, row_security
from casemgmt.operations.database_grants import APPLICATION, AUDITOR, SEALER
from casemgmt.operations.database_roles import as_owner, harden
from casemgmt.operations.errors import NotReady

_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}\Z")


class Command(BaseCommand):
    """Lay the second wall, or say whether it stands."""

    help = (
        "On PostgreSQL: make the roles of the application, the sealer and the auditor, let each do its own work in tables it "
        "does not own, and lay policies on every table with sealed sections. Repeating it changes nothing. See "
        "docs/hardening.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", default="haven_app", help="the role the application signs in with")
        parser.add_argument("--sealer", default="haven_sealer", help="the role that audit_seal signs in with")
        parser.add_argument("--auditor", default="haven_auditor", help="the role an auditor's commands sign in with")
        for option, what in (("", "application"), ("sealer-", "sealer"), ("auditor-", "auditor")):
            parser.add_argument(
                f"--{option}password-file", type=Path, help=f"a file with the password of the {what}'s role, to make it"
            )
        parser.add_argument(
            "--check", action="store_true", help="change nothing; end with an error if something is amiss"
        )

    def handle(self, *args: Any, role: str, sealer: str, auditor: str, check: bool, **options: Any) -> None:
        """Print one line a step (or a problem). Records CONFIGURATION_CHANGED where anything was changed."""
        if connection.vendor != "postgresql":
            raise CommandError("Row-level security is a matter of PostgreSQL; SQLite has neither roles nor policies.")
        if check:
            self._check()
            return
        named = {APPLICATION: role, SEALER: sealer, AUDITOR: auditor}
        if not all(map(_ROLE.match, named.values())):
            raise CommandError("The name of a role has small letters, digits and underscores only.")
        files = {
            APPLICATION: options["password_file"],
            SEALER: options["sealer_password_file"],
            AUDITOR: options["auditor_password_file"],
        }
        try:
            passwords = {kind: file.read_text(encoding="utf-8").strip() for kind, file in files.items() if file}
        except OSError as error:
            raise CommandError(f"The password file cannot be read ({type(error).__name__}).") from None
        try:
            with as_owner("default"), as_owner("keystore"):
                done = harden(named, passwords)
                if done:
                    with audit_context("command", "Hardening the database."):
                        record(
                            Verb.CONFIGURATION_CHANGED, actor=None,
                            detail={"setting": "ROW_SECURITY", "engine": connection.vendor},
                        )  # fmt: skip
        except NotReady as problem:
            raise CommandError(str(problem)) from None
        for line in done or ["Everything stands already; nothing was changed."]:
            self.stdout.write(line)
        self.stdout.write(f"Let DATABASE_URL sign in as {role}, OWNER_DATABASE_URL as the owner, and start Haven anew.")
        self.stdout.write(f"Let DATABASE_URL of audit_seal sign in as {sealer}, that of audit_verify as {auditor}.")

    def _check(self) -> None:
        found = [*row_security.problems(), *row_security.role_problems(), *database_grants.problems()]
        for line in found:
            self.stderr.write(line)
        if found:
            raise CommandError(f"{len(found)} problems.")
        self.stdout.write("The second wall stands, and binds the role that the application signs in with.")
        self.stdout.write("Application, sealer and auditor may do their own work and nothing else.")
