"""The mark of a row: what an attacker with the database can mix, and what a working system may still do."""

from datetime import date

import pytest
from django.db import transaction

from casemgmt.crypto import keyring, rowmac
from casemgmt.crypto.errors import ContentErased, RowMixed, SealedShut, VaultError
from casemgmt.crypto.models import CaseKey
from casemgmt.crypto.sealed import Sealed
from tests.crypto import raw
from tests.crypto.gates import reading
from tests.crypto.vaulted.models import Marked

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])

COLUMNS = ("rule", "number", "checked_on")


@pytest.fixture
def row(case_uid):
    return Marked.objects.create(case_uid=case_uid, rule="Never call.", number="555-0101", checked_on=date(2026, 1, 2))


def fresh(row):
    return Marked.objects.get(pk=row.pk)


def values(row):
    with reading():
        return row.rule, row.number, row.checked_on


def changed(row, **new):
    found = fresh(row)
    for name, value in new.items():
        setattr(found, name, value)
    found.save(update_fields=list(new))
    return found


@pytest.mark.parametrize("column", COLUMNS)
def test_an_older_value_of_the_same_field_is_refused(row, column):
    """Without the mark this opens: same field, same record, same key, only of another time."""
    older = raw.read(Marked, column, row.pk)
    changed(row, rule="Call at noon.", number="555-0199", checked_on=date(2026, 3, 4))
    raw.write(Marked, column, row.pk, older)
    for name in COLUMNS:
        with reading(), pytest.raises(RowMixed):
            getattr(fresh(row), name)


def test_a_value_that_was_taken_away_is_missed(row):
    raw.write(Marked, "number", row.pk, None)
    with reading(), pytest.raises(RowMixed):
        _ = fresh(row).rule


def test_a_field_that_came_later_leaves_the_marks_of_before_and_hides_nothing(case_uid, monkeypatch):
    """A case of last year has no value in this year's column, and opens; whoever puts one there, or takes one away, is found."""
    column = Marked._meta.get_field("row_mac")
    before = [field for field in rowmac.sealed_fields_of(Marked) if field.name != "checked_on"]
    with monkeypatch.context() as last_year:
        last_year.setattr(rowmac, "sealed_fields_of", lambda model: before)
        old = Marked.objects.create(case_uid=case_uid, rule="Never call.", number="555-0101", checked_on=None)
    with reading(), pytest.raises(RowMixed):
        _ = fresh(old).rule
    monkeypatch.setattr(column, "later", frozenset({"checked_on"}))
    with reading():
        assert fresh(old).rule == "Never call." and fresh(old).checked_on is None
    changed(old, checked_on=date(2026, 3, 4))
    kept = raw.read(Marked, "checked_on", old.pk)
    for stolen in (None, "back"):
        if stolen is None:
            raw.write(Marked, "checked_on", old.pk, None)
        else:
            raw.write(Marked, "checked_on", old.pk, kept)
            changed(old, checked_on=None)
            raw.write(Marked, "checked_on", old.pk, kept)
        with reading(), pytest.raises(RowMixed):
            _ = fresh(old).rule


@pytest.mark.parametrize("forged", [None, b"", b"\x00\x01", b"\x00\x01" + bytes(32)])
def test_a_mark_that_was_taken_away_or_made_up_is_refused(row, forged):
    raw.write(Marked, "row_mac", row.pk, forged)
    with reading(), pytest.raises(RowMixed):
        _ = fresh(row).rule


def test_the_mark_of_another_row_and_of_another_case_is_refused(row, case_uid, other_case_uid):
    same_case = Marked.objects.create(case_uid=case_uid, rule="Never call.", number="555-0101")
    other_case = Marked.objects.create(case_uid=other_case_uid, rule="Never call.", number="555-0101")
    for other in (same_case, other_case):
        raw.write(Marked, "row_mac", row.pk, raw.read(Marked, "row_mac", other.pk))
        with reading(), pytest.raises(RowMixed):
            _ = fresh(row).number


def test_every_way_of_saving_keeps_the_row_whole(row):
    assert values(changed(row, rule="Call at noon.")) == ("Call at noon.", "555-0101", date(2026, 1, 2))
    assert values(fresh(row)) == ("Call at noon.", "555-0101", date(2026, 1, 2))
    found = fresh(row)
    found.number, found.order = None, 3
    found.save()
    assert values(fresh(row)) == ("Call at noon.", None, date(2026, 1, 2))
    found = fresh(row)
    found.checked_on = date(2026, 5, 6)
    Marked.objects.bulk_update([found], ["checked_on"])
    assert values(fresh(row)) == ("Call at noon.", None, date(2026, 5, 6))
    Marked.objects.filter(pk=row.pk).update(order=9)
    assert values(fresh(row))[0] == "Call at noon."
    many = Marked.objects.bulk_create([Marked(case_uid=row.case_uid, rule=f"Rule {n}", number="1") for n in range(3)])
    assert [values(fresh(one))[0] for one in many] == ["Rule 0", "Rule 1", "Rule 2"]


def test_a_plain_column_alone_writes_no_mark(row):
    before = raw.read(Marked, "row_mac", row.pk)
    changed(row, order=4)
    assert raw.read(Marked, "row_mac", row.pk) == before


def test_a_value_that_would_stay_behind_is_refused(row):
    found = fresh(row)
    found.rule, found.number = "Call at noon.", "555-0199"
    with pytest.raises(VaultError, match=r"marked\.number"), transaction.atomic():
        found.save(update_fields=["rule"])
    with pytest.raises(VaultError, match=r"marked\.number"), transaction.atomic():
        Marked.objects.bulk_update([found], ["rule"])
    assert values(fresh(row)) == ("Never call.", "555-0101", date(2026, 1, 2))


def test_partial_readings_open_and_a_whole_one_looks_again(row):
    some = Marked.objects.only("rule").get(pk=row.pk)
    with reading():
        assert some.rule == "Never call." and some.number == "555-0101"
    found = fresh(row)
    changed(row, number="555-0150")
    found.refresh_from_db(fields=["number"])
    assert values(found)[1] == "555-0150"
    older = raw.read(Marked, "number", row.pk)
    changed(row, number="555-0151")
    raw.write(Marked, "number", row.pk, older)
    found.refresh_from_db()
    with reading(), pytest.raises(RowMixed):
        _ = found.rule


def test_without_a_gate_nothing_is_said(row):
    raw.write(Marked, "row_mac", row.pk, None)
    with pytest.raises(SealedShut):
        _ = fresh(row).rule


def test_versions_carry_the_mark_they_were_given(row):
    changed(row, rule="Call at noon.")
    new, old = row.history.order_by("-history_id")
    with reading():
        assert (new.rule, old.rule) == ("Call at noon.", "Never call.")
    History = row.history.model
    raw.write(History, "rule", new.pk, raw.read(History, "rule", old.pk))
    with reading(), pytest.raises(RowMixed):
        _ = History.objects.get(pk=new.pk).number
    raw.write(History, "row_mac", old.pk, None)  # of a time before there were marks
    with reading():
        assert History.objects.get(pk=old.pk).rule == "Never call."


def test_an_older_epoch_still_proves_its_rows(row):
    key = CaseKey.objects.using("keystore").get(case_uid=row.case_uid, retention_class="CORE")
    first, _mac = keyring.authenticator(row.case_uid)
    assert int.from_bytes(raw.read(Marked, "row_mac", row.pk)[:2], "big") == first == key.epoch


def test_an_untouched_row_is_not_looked_at(row, monkeypatch):
    found = fresh(row)
    monkeypatch.setattr(keyring, "authenticator", lambda *_: pytest.fail("nobody has opened anything"))
    assert type(found.__dict__["rule"]) is Sealed


def test_rows_of_a_time_before_marks_are_marked_and_it_may_be_stopped(case_uid, other_case_uid):
    rows = [
        Marked.objects.create(case_uid=uid, rule=f"Rule {n}", number=str(n))
        for n, uid in enumerate([case_uid] * 5 + [other_case_uid])
    ]
    for row in rows:
        raw.write(Marked, "row_mac", row.pk, None)
    CaseKey.objects.using("keystore").filter(case_uid=other_case_uid).delete()
    keyring.forget()
    steps = rowmac.mark_rows(Marked, batch=2)
    assert next(steps) == 2
    steps.close()  # killed here
    assert list(rowmac.mark_rows(Marked, batch=2)) == [2, 1]  # the last row's case is erased
    assert [values(fresh(row))[0] for row in rows[:5]] == [f"Rule {n}" for n in range(5)]
    with reading(), pytest.raises(ContentErased):
        _ = fresh(rows[5]).rule
    assert list(rowmac.mark_rows(Marked)) == [0]
