"""Two PostgreSQL databases of a module's own in which rows are really committed, and roles that really sign in to them."""

import io
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections

from casemgmt.crypto import keyring
from tests import postgres
from tests.cast import Cast

PASSWORD = "a password for a test"


@dataclass(frozen=True)
class Roles:
    """Names that no other test has: roles belong to the whole cluster."""

    mark: str = field(default_factory=lambda: secrets.token_hex(3))

    @property
    def application(self) -> str:
        return f"haven_app_{self.mark}"

    @property
    def sealer(self) -> str:
        return f"haven_sealer_{self.mark}"

    @property
    def auditor(self) -> str:
        return f"haven_auditor_{self.mark}"

    @property
    def options(self) -> list[str]:
        return ["--role", self.application, "--sealer", self.sealer, "--auditor", self.auditor]

    def harden(self, *more: str) -> str:
        said = io.StringIO()
        call_command("harden_database", *self.options, *more, stdout=said, stderr=said)
        return said.getvalue()

    def harden_with_passwords(self, folder: Path) -> str:
        """Harden, all three roles with the password of the tests."""
        secret = folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        names = ("--password-file", "--sealer-password-file", "--auditor-password-file")
        return self.harden(*(word for name in names for word in (name, str(secret))))


@pytest.fixture(scope="module")
def roles() -> Roles:
    return Roles()


@pytest.fixture(scope="module")
def committed_cast(django_db_blocker: Any, roles: Roles) -> Iterator[Cast]:
    """The cast in two databases of its own."""
    if connections["default"].vendor != "postgresql":
        pytest.skip("Roles and policies are a matter of PostgreSQL.")
    with django_db_blocker.unblock():
        connections.close_all()
        keyring.forget()
        kept = {alias: dict(connections[alias].settings_dict) for alias in connections}
        last_event = Cast.last_event
        for alias in kept:
            connections[alias].settings_dict["NAME"] = f"hard_{secrets.token_hex(4)}"
            postgres.create_database(connections[alias].settings_dict["NAME"])
        made = {alias: connections[alias].settings_dict["NAME"] for alias in kept}
        try:
            for alias in reversed(kept):
                call_command("migrate", database=alias, run_syncdb=True, verbosity=0)
            Cast.make()
            yield Cast()
        finally:
            Cast.last_event = last_event
            connections.close_all()
            keyring.forget()
            for alias, options in kept.items():
                connections[alias].settings_dict.update(options)
                postgres.drop_database(made[alias])
            with psycopg.connect(f"{postgres.throwaway_cluster()}/postgres", autocommit=True) as connection:
                for role in (roles.application, roles.sealer, roles.auditor):
                    connection.execute(f"DROP ROLE IF EXISTS {role}")


@contextmanager
def signed_in_as(role: str) -> Iterator[dict[str, dict[str, Any]]]:
    """Both connections as this role, by its password; gives the options of the owner."""
    owner = {alias: dict(connections[alias].settings_dict) for alias in ("default", "keystore")}
    for alias in owner:
        connections[alias].close()
        connections[alias].settings_dict.update(USER=role, PASSWORD=PASSWORD)
    keyring.forget()
    try:
        yield owner
    finally:
        connections.close_all()
        keyring.forget()
        for alias, options in owner.items():
            connections[alias].settings_dict.update(options)
