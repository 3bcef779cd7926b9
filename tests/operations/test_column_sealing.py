"""Sealing a column that was plain: nothing lost, nothing twice, whoever stops it."""

import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.log import record
from audit.models import Event
from audit.verbs import Verb
from audit.verify import Report, verify_history
from casemgmt.crypto import keyring
from casemgmt.operations import column_sealing
from tests.audit.kept.models import Memo
from tests.crypto import raw
from tests.crypto.gates import reading

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]


@pytest.fixture
def case_uid():
    uid = uuid.uuid4()
    keyring.create_case_keys(uid)
    return uid


def memos(case_uid, count=5, **values):
    for number in range(count):
        Memo(case_uid=case_uid, **{"old_text": f"Canaryplain {number}", **values}).save()
    record(Verb.CASE_CHANGED, actor=None, detail={"count": count})
    return list(Memo._base_manager.filter(case_uid=case_uid).order_by("pk"))


def seal(*columns, model="kept.Memo"):
    out = StringIO()
    call_command(
        "seal_column", model, *columns, reason="A column that should have been sealed.", stdout=out, stderr=StringIO()
    )
    return out.getvalue()


def texts(case_uid):
    with reading():
        return [memo.text for memo in Memo._base_manager.filter(case_uid=case_uid).order_by("pk")]


def test_values_move_and_nothing_of_them_stays_in_the_row(case_uid):
    rows = memos(case_uid)
    assert "5 sealed, 0 left" in seal("old_text", "text")
    assert texts(case_uid) == [f"Canaryplain {number}" for number in range(5)]
    for row in rows:
        row.refresh_from_db()
        assert row.old_text == ""
        assert b"Canaryplain" not in raw.read(Memo, "text", row.pk)
    told = Event.objects.filter(verb="COLUMN_SEALED").latest("pk")
    assert (told.source, told.detail.content["codes"]) == ("command", {"fid": "memo.text", "count": 5})
    assert "0 sealed" in seal("old_text", "text")
    assert verify_history(Report()).problems == []


def test_it_may_be_stopped_after_any_batch(case_uid, monkeypatch):
    memos(case_uid, 7)
    monkeypatch.setattr(column_sealing, "BATCH", 2)
    steps = []

    class Killed(BaseException):
        pass

    def stop_after_two(line):
        steps.append(line)
        if len(steps) == 2:
            raise Killed

    with pytest.raises(Killed):
        column_sealing.seal_column("kept.Memo", "old_text", "text", say=stop_after_two)
    assert steps == ["2 of 7", "4 of 7"]
    assert texts(case_uid)[4:] == [None] * 3
    assert "3 sealed, 0 left" in seal("old_text", "text")
    assert texts(case_uid) == [f"Canaryplain {number}" for number in range(7)]


def test_what_the_field_refuses_and_what_is_there_already_is_left_for_a_person(case_uid):
    long, other, same, _fits = memos(case_uid, 4)
    for row, values in (
        (long, {"old_text": "x" * 41}),
        (other, {"text": "Something else"}),
        (same, {"text": "Canaryplain 2"}),
    ):
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
    with pytest.raises(CommandError, match=f"{long.uid}, {other.uid}"):
        seal("old_text", "text")
    assert texts(case_uid) == [None, "Something else", "Canaryplain 2", "Canaryplain 3"]
    other.refresh_from_db()
    assert other.old_text == "Canaryplain 1"


def test_another_kind_of_value_is_read_as_its_field_reads_it(case_uid):
    memos(case_uid, 1, old_day="2026-03-04")
    seal("old_day", "day")
    with reading():
        memo = Memo._base_manager.get(case_uid=case_uid)
        assert (memo.day.isoformat(), memo.old_day) == ("2026-03-04", None)


@pytest.mark.parametrize(
    ("model", "columns", "words"),
    [
        ("kept.Nothing", ("a", "b"), "no such column"),
        ("kept.Memo", ("old_text", "nothing"), "no such column"),
        ("kept.Memo", ("old_text", "old_day"), "is not sealed"),
        ("kept.Memo", ("text", "day"), "no plain column"),
        ("kept.Memo", ("old_count", "text"), "cannot be emptied"),
    ],
)
def test_what_does_not_fit_is_said_before_anything_is_touched(model, columns, words):
    with pytest.raises(CommandError, match=words):
        seal(*columns, model=model)
