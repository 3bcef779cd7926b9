"""History copies ciphertext: no key, no gate, no reading that never happened."""

import pytest
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from casemgmt.crypto import keks, keyring
from casemgmt.crypto.errors import ContentErased, SealedShut
from casemgmt.crypto.sealed import Sealed
from tests.crypto import raw
from tests.crypto.gates import reading
from tests.crypto.vaulted.models import Guest, Sheet

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])
Versions = Guest.history.model


@pytest.fixture
def guest(case_uid):
    guest = Guest.objects.create(case_uid=case_uid, name="Ana Canary", remarks="first")
    guest = Guest.objects.get(pk=guest.pk)
    guest.remarks = "second"
    guest.save()
    return guest


def versions(guest):
    return list(Versions.objects.filter(id=guest.pk).order_by("history_id"))


def test_the_same_bytes_and_readable(guest):
    first, second = versions(guest)
    assert raw.read(Versions, "name", first.pk) == raw.read(Versions, "name", second.pk)
    assert raw.read(Versions, "remarks", second.pk) == raw.read(Guest, "remarks", guest.pk)
    with pytest.raises(SealedShut):
        first.remarks
    with reading() as gate:
        assert (first.remarks, second.remarks) == ("first", "second")
    assert gate.admitted[0] == (guest.case_uid, "NARRATIVE", "guest.remarks", None)


def test_differences_need_no_key(guest):
    keyring.forget()
    first, second = versions(guest)
    (change,) = second.diff_against(first).changes
    assert change.field == "remarks"
    assert type(change.old) is Sealed and type(change.new) is Sealed
    assert "second" not in repr(change)
    assert len(keyring._opened) == 0


def test_instances_of_the_past(guest):
    first, second = versions(guest)
    past = first.instance
    with pytest.raises(SealedShut):
        past.remarks
    with reading():
        assert (past.name, past.remarks) == ("Ana Canary", "first")
    assert Guest.history.as_of(second.history_date).get().uid == guest.uid
    assert guest.history.most_recent().uid == guest.uid


def test_words_about_the_past_show_no_value(guest):
    first = versions(guest)[0]
    assert "Canary" not in f"{first} {first!r} {first.history_object}"


def test_a_move_between_sections_stays_readable(case_uid):
    sheet = Sheet.objects.create(case_uid=case_uid, section="ADVOCACY", body="b")
    sheet = Sheet.objects.get(pk=sheet.pk)
    sheet.section = "LEGAL_FILE"
    sheet.save()
    first, second = Sheet.history.model.objects.filter(id=sheet.pk).order_by("history_id")
    with reading("ADVOCACY"):
        assert first.body == "b"
    with reading("LEGAL_FILE"):
        assert second.body == "b"
        assert second.instance.body == "b"


def test_deletion_is_a_version(guest):
    pk = guest.pk
    Guest.objects.get(pk=pk).delete()
    last = Versions.objects.filter(id=pk).order_by("history_id").last()
    assert last.history_type == "-"
    with reading():
        assert last.name == "Ana Canary"


def test_deleting_a_deferred_record(guest):
    pk = guest.pk
    Guest.objects.defer("name").get(pk=pk).delete()
    with reading():
        assert Versions.objects.filter(id=pk).order_by("history_id").last().name == "Ana Canary"


def test_bulk_history(case_uid):
    made = bulk_create_with_history([Guest(case_uid=case_uid, name=f"G{n}") for n in range(3)], Guest)
    made[0].name = "H0"
    bulk_update_with_history([made[0]], Guest, ["name"])
    with reading():
        names = [row.name for row in Versions.objects.filter(id=made[0].pk).order_by("history_id")]
    assert names == ["G0", "H0"]


def test_history_dies_with_the_key(guest):
    keks.rows("CaseKey").filter(case_uid=guest.case_uid, retention_class="CORE").delete()
    keyring.move_version()
    keyring.begin_request()
    with reading():
        for row in versions(guest):
            with pytest.raises(ContentErased):
                row.name
        assert versions(guest)[1].remarks == "second"
