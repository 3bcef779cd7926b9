"""A table that gets marks over its rows in a later version is gone over once, and never again (``crypto.rowmac``)."""

from typing import Any

import pytest
from django.db import connection

from audit import clock
from audit.models import Event
from casemgmt.crypto.errors import RowMixed
from casemgmt.operations.models import Installation
from casemgmt.operations.prepare import mark_rows
from cases import access
from cases.actions.notes import add_note
from cases.models import Note
from cases.opening import open_case
from tests import make

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]


def forget(table: str, key: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET row_mac = NULL WHERE id = %s", [key])


def unmarked(model: Any) -> int:
    return model._base_manager.filter(row_mac__isnull=True).count()


def test_a_home_of_before_gets_the_marks_of_a_new_table_once(cast):
    home, _made = Installation.objects.update_or_create(
        pk=1, defaults={"is_demo": False, "rows_marked_at": clock.now(), "rows_marked": []}
    )
    case = make.case(cast.amina, cast.team_of("amina"))
    make.case(cast.amina, cast.team_of("amina"))
    note = add_note(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, body="Before.", privilege_class="ADVOCATE_CONFIDENTIAL"
    )
    forget("cases_note", note.pk)
    forget("cases_case", case.pk)
    said: list[str] = []
    mark_rows(said.append)
    home.refresh_from_db()
    assert unmarked(Note) == 0 and any("notes" in line for line in said)
    assert unmarked(type(case)) == 1, "of a table that had marks before, a missing one was taken away"
    assert {"cases.Note", "cases.Case"} <= set(home.rows_marked)
    assert Event.objects.filter(verb="COLUMN_SEALED").count() == 1
    forget("cases_note", note.pk)
    mark_rows(said.append)
    assert unmarked(Note) == 1, "nobody has a mark made anew by taking it away"


def test_a_note_without_its_mark_is_refused(cast):
    case = make.case(cast.amina, cast.team_of("amina"))
    note = add_note(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, body="Before.", privilege_class="ADVOCATE_CONFIDENTIAL"
    )
    forget("cases_note", note.pk)
    found = access.get_for(cast.amina, case.uid)
    with open_case(cast.amina, found), pytest.raises(RowMixed):
        _ = access.get_record(Note, found, note.uid).body
