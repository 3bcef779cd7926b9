"""The restore drill of an erasure: an old backup of the records with today's key store stays unreadable.

Real databases of their own, in which everything is committed: files of SQLite, or databases of a PostgreSQL cluster.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections

from audit import clock
from audit.context import audit_context
from audit.verify import verify_all
from casemgmt.crypto import keyring, shredding
from casemgmt.crypto.errors import ContentErased, DecryptionRefused
from casemgmt.crypto.models import CaseKey
from cases import access
from cases.actions import erasing
from cases.actions.drafts import save_draft
from cases.actions.notes import add_note
from cases.drafts import kept_draft
from cases.models import Case, Note, Survivor
from cases.opening import open_job, open_own
from tests import make, postgres
from tests.cases.erasing import erase
from tests.cast import Cast

ALIASES = ("default", "keystore")


@pytest.fixture
def place(django_db_blocker: Any, tmp_path: Path, settings: Any) -> Iterator[Path]:
    """Two databases of this test alone; the unit tests' own come back afterwards."""
    settings.ERASURE_COOLING_DAYS = 0
    settings.MEDIA_ROOT = tmp_path / "files"
    is_sqlite = connections["default"].vendor == "sqlite"
    with django_db_blocker.unblock():
        before = {alias: (connections[alias], dict(connections[alias].settings_dict)) for alias in ALIASES}
        for alias in ALIASES:
            fresh = connections.create_connection(alias)
            fresh.settings_dict = {**fresh.settings_dict, "NAME": str(tmp_path / f"{alias}.sqlite3")}
            if not is_sqlite:
                fresh.settings_dict["NAME"] = f"drill_{token_hex(4)}"
                postgres.create_database(fresh.settings_dict["NAME"])
            connections[alias] = fresh
        keyring.forget()
        try:
            for alias in reversed(ALIASES):
                call_command("migrate", database=alias, run_syncdb=True, verbosity=0)
            Cast.make()
            yield tmp_path
        finally:
            for alias in ALIASES:
                name = connections[alias].settings_dict["NAME"]
                connections[alias].close()
                connections[alias] = before[alias][0]
                if not is_sqlite:
                    postgres.drop_database(name)
            keyring.forget()


def back_up(alias: str, folder: Path) -> Any:
    """A copy of a database as it is now: a file, or a database made from it as a template."""
    connection = connections[alias]
    connection.close()
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        copy = folder / f"{alias}.{token_hex(4)}.backup"
        with closing(sqlite3.connect(name)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        return copy
    copy_name = f"backup_{token_hex(4)}"
    postgres.copy_database(name, copy_name)
    return copy_name


def restore(alias: str, backup: Any) -> None:
    """Put a copy in the place of the database."""
    connection = connections[alias]
    connection.close()
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        for ending in ("-wal", "-shm"):
            Path(f"{name}{ending}").unlink(missing_ok=True)
        shutil.copy(backup, name)
    else:
        postgres.drop_database(name)
        postgres.copy_database(backup, name)
    keyring.forget()


def read(case: Case) -> str:
    """What the case's content is, if anything can open it."""
    with open_job("drill", ["ADVOCACY", "IDENTITY"]):
        note = access.for_the_house(Note).get(case__uid=case.uid)
        return f"{note.body} {access.for_the_house(Survivor).get(case__uid=case.uid).first_name}"


def read_draft(cast: Cast, case: Case) -> list[str]:
    """What Amina typed about the case, if anything can open it."""
    with open_own(cast.amina):
        draft = kept_draft(cast.amina, "note", case.uid)
        assert draft is not None
        return draft.fields["body"]


def test_an_old_backup_of_the_records_stays_unreadable(place: Path) -> None:
    cast = Cast()
    with audit_context("test", "a drill"):
        case = make.case(cast.amina, cast.team_of("amina"))
        add_note(
            actor=cast.amina,
            now=clock.now(),
            case_uid=case.uid,
            privilege_class="ADVOCATE_CONFIDENTIAL",
            body="Umbrella",
        )
        save_draft(actor=cast.amina, now=clock.now(), kind="note", about_uid=case.uid, fields={"body": ["Half a word"]})
        assert read(case) == "Umbrella Zoraida" and read_draft(cast, case) == ["Half a word"]
        records, old_keys = back_up("default", place), back_up("keystore", place)
        wrapped = bytes(CaseKey.objects.get(case_uid=case.uid, retention_class="ADVOCACY").wrapped)

        make.closed(case, cast.amina)
        order = erase(cast, case, "CORE")
        assert verify_all().problems == []
        if connections["keystore"].vendor == "sqlite":
            assert shredding.scrub() is True
            files = Path(connections["keystore"].settings_dict["NAME"])
            for one in (files, Path(f"{files}-wal")):
                assert not one.exists() or wrapped not in one.read_bytes(), f"{one.name} still holds the destroyed key"

        # The drill: last night's records, today's keys.
        restore("default", records)
        back = access.for_the_house(Case).get(uid=case.uid)
        assert back.erasures == {} and not back.is_closed, "it is the old backup"
        for section in ("ADVOCACY", "IDENTITY"):
            with pytest.raises(ContentErased):
                keyring.sealing_cipher(case.uid, section)
        with pytest.raises(ContentErased):
            read(case)
        with open_job("drill", ["ADVOCACY"]), pytest.raises(ContentErased):
            _ = access.for_the_house(Note).get(case=back).history.first().body

        # What was typed about it and never saved was sealed for its writer, who has other keys since.
        with pytest.raises(DecryptionRefused):
            read_draft(cast, case)

        # Nothing makes new keys for it, and the cases learn what the key store knows.
        keyring.create_case_keys(case.uid)
        assert not CaseKey.objects.filter(case_uid=case.uid).exists()
        assert erasing.follow_tombstones() == 1
        told = access.for_the_house(Case).get(uid=case.uid)
        assert told.is_erased and told.erased["CORE"]["order"] == order.number

        # The counter-proof: with a key store from before, it would open. So its backups must be short-lived.
        restore("keystore", old_keys)
        assert read(case) == "Umbrella Zoraida" and read_draft(cast, case) == ["Half a word"]
    if connections["default"].vendor != "sqlite":
        postgres.drop_database(records)
        postgres.drop_database(old_keys)
