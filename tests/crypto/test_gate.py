"""The gate: nothing opens without one, and none stays open."""

import threading
from contextvars import copy_context

import pytest

from casemgmt.crypto import gate
from casemgmt.crypto.errors import GateLeftOpen, SealedShut
from casemgmt.crypto.gate import assert_shut, current_gate, open_gate
from tests.crypto.gates import NotAdmitted, RecordingGate, reading
from tests.crypto.vaulted.models import Guest

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])


@pytest.fixture
def found(case_uid):
    guest = Guest.objects.create(case_uid=case_uid, name="Ana", remarks="r")
    return Guest.objects.get(pk=guest.pk)


def test_without_a_gate_it_is_shut(found):
    with pytest.raises(SealedShut) as refusal:
        found.name
    assert refusal.value.fid == "guest.name"
    assert "Ana" not in str(refusal.value)


def test_the_gate_decides_each_time(found):
    with reading("IDENTITY") as open_one:
        assert found.name == "Ana"
        assert found.name == "Ana"
        with pytest.raises(NotAdmitted):
            found.remarks
    assert len(open_one.admitted) == 2
    with pytest.raises(SealedShut):
        found.name


def test_an_error_inside_shuts_it(found):
    with pytest.raises(ZeroDivisionError), reading():
        1 / 0
    assert current_gate() is None
    with pytest.raises(SealedShut):
        found.name


def test_gates_nest_and_the_inner_one_decides(found):
    with reading("IDENTITY") as outer:
        with reading("NARRATIVE") as inner:
            assert current_gate() is inner
            with pytest.raises(NotAdmitted):
                found.name
        assert current_gate() is outer
        assert found.name == "Ana"


def test_another_thread_has_no_gate(found):
    seen = []
    with reading():
        thread = threading.Thread(target=lambda: seen.append(current_gate()))
        thread.start()
        thread.join()
    assert seen == [None]


def test_a_gate_at_the_edge_of_a_request_is_an_error():
    assert_shut()

    def leave_one_open():
        gate._OPEN.set(RecordingGate())
        with pytest.raises(GateLeftOpen):
            assert_shut()
        assert_shut()  # it shut it, so that this worker thread lives on

    copy_context().run(leave_one_open)
    with open_gate(RecordingGate()), pytest.raises(GateLeftOpen):
        assert_shut()


def test_lists_ask_only_for_what_is_shown(case_uid):
    Guest.objects.bulk_create([Guest(case_uid=case_uid, name=f"G{n}", remarks="r") for n in range(5)])
    with reading() as open_one:
        assert [guest.name for guest in Guest.objects.order_by("pk")] == ["G0", "G1", "G2", "G3", "G4"]
    assert {entry[2] for entry in open_one.admitted} == {"guest.name"}
