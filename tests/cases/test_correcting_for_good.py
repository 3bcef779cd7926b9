"""Really committed, in databases of its own: what was written into the wrong record is in no file of the database any more."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from audit import clock, net
from audit.context import audit_context
from audit.history import history_model_of
from audit.verify import verify_all
from cases import access
from cases.actions.correcting import approve_correction, ask_correction
from cases.actions.survivor import change_survivor
from cases.models import Survivor
from tests import make
from tests.audit import committed
from tests.cast import Cast


@pytest.fixture(scope="module")
def home(tmp_path_factory: Any, django_db_blocker: Any) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("own")
    with committed.databases(folder, django_db_blocker):
        Cast.make()
        yield folder


def ciphertext(record: Survivor) -> bytes:
    return bytes(Survivor._base_manager.get(pk=record.pk).__dict__["first_name"])


def lies_somewhere(home: Path, raw: bytes) -> bool:
    """In a file of SQLite or its log; on PostgreSQL, whose files are the server's, in a row."""
    if connection.vendor == "sqlite":
        return any(raw in path.read_bytes() for path in home.glob("default.sqlite3*"))
    with connection.cursor() as cursor:
        for table in (Survivor, history_model_of(Survivor)):
            cursor.execute(f"SELECT 1 FROM {table._meta.db_table} WHERE first_name = %s", [raw])
            if cursor.fetchone():
                return True
    return False


def was_reclaimed() -> bool:
    """Whether PostgreSQL was told to reclaim the old rows of the history; SQLite's files were read instead."""
    if connection.vendor == "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT n_dead_tup, vacuum_count FROM pg_stat_user_tables WHERE relname = 'cases_historicalsurvivor'"
        )
        dead, times = cursor.fetchone()
    return times > 0 and dead == 0


def test_no_file_holds_it_and_the_whole_ledger_verifies(home: Path) -> None:
    cast = Cast()
    with audit_context("test", "for good"):
        case = make.case(cast.amina, cast.team_of("amina"))
        common = {"actor": cast.amina, "now": clock.now(), "case_uid": case.uid}
        record = change_survivor(**common, names={"first_name": "Wrongwoman"})
        raw = ciphertext(record)
        change_survivor(**common, names={"second_name": "Rightname"})
        assert lies_somewhere(home, raw)
        correction = ask_correction(
            **common, record_uid=record.uid, kind="survivor", number=2, reason="The file beside it"
        )
        approve_correction(actor=cast.bea, now=clock.now(), correction_uid=correction.uid)
        assert not lies_somewhere(home, raw)
        assert any(was_reclaimed() or time.sleep(0.2) for _ in range(25))  # its counters come a moment later
        assert access.for_the_house(Survivor).get(pk=record.pk).history.count() == 4
        report = verify_all()
        assert report.problems == [] and report.corrected == 2
        assert net.tidy() and verify_all().problems == []
