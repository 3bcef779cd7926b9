"""What six Django encryption packages got wrong, one probe each. Ours passes them all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.core.exceptions import FieldError
from django.db import connections

from casemgmt.crypto.errors import DecryptionRefused, OddCiphertext
from tests.crypto import raw
from tests.crypto.gates import reading
from tests.crypto.vaulted.models import Guest

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])


def test_falsy_values_come_back_as_they_were(case_uid):
    guest = Guest.objects.create(
        case_uid=case_uid, name="", remarks="", answers={"none": 0, "no": False, "empty": "", "list": [], "null": None}
    )
    found = Guest.objects.get(pk=guest.pk)
    with reading():
        assert found.name == ""
        assert found.remarks == ""
        assert found.answers == {"none": 0, "no": False, "empty": "", "list": [], "null": None}
        assert found.answers["no"] is False
        assert found.born_on is None


@pytest.mark.parametrize("value", [0, False, [], {}, "", 0.5])
def test_a_falsy_structured_value_is_a_value(case_uid, value):
    guest = Guest.objects.create(case_uid=case_uid, answers=value)
    with reading():
        answers = Guest.objects.get(pk=guest.pk).answers
    assert answers == value
    assert isinstance(answers, type(value))


def test_a_ciphertext_in_another_row_is_refused(case_uid):
    ana = Guest.objects.create(case_uid=case_uid, name="Ana")
    bea = Guest.objects.create(case_uid=case_uid, name="Bea")
    raw.write(Guest, "name", ana.pk, raw.read(Guest, "name", bea.pk))
    with reading(), pytest.raises(DecryptionRefused) as refusal:
        Guest.objects.get(pk=ana.pk).name
    assert refusal.value.fid == "guest.name"
    assert refusal.value.uid == ana.uid


def test_a_ciphertext_in_another_column_is_refused(case_uid):
    guest = Guest.objects.create(case_uid=case_uid, name="Ana", remarks="quiet", pregnant="yes")
    raw.write(Guest, "remarks", guest.pk, raw.read(Guest, "name", guest.pk))
    raw.write(Guest, "pregnant", guest.pk, raw.read(Guest, "remarks", guest.pk))
    with reading(), pytest.raises(DecryptionRefused):
        Guest.objects.get(pk=guest.pk).remarks
    with reading(), pytest.raises(DecryptionRefused):
        Guest.objects.get(pk=guest.pk).pregnant


def test_one_changed_byte_is_refused(case_uid):
    guest = Guest.objects.create(case_uid=case_uid, name="Ana")
    stored = bytearray(raw.read(Guest, "name", guest.pk))
    stored[len(stored) // 2] ^= 1
    raw.write(Guest, "name", guest.pk, bytes(stored))
    with reading(), pytest.raises(DecryptionRefused):
        Guest.objects.get(pk=guest.pk).name


@pytest.mark.parametrize("injected", [b"plain injected", b"", b"\x01", b"\x02" + bytes(80), bytes(80)])
def test_injected_bytes_are_refused(case_uid, injected):
    guest = Guest.objects.create(case_uid=case_uid, name="Ana")
    raw.write(Guest, "name", guest.pk, injected)
    with reading(), pytest.raises(OddCiphertext):
        Guest.objects.get(pk=guest.pk).name


@pytest.mark.parametrize("injected", ["plain injected", 7])
def test_what_is_not_even_bytes_is_refused(case_uid, injected):
    if connections["default"].vendor != "sqlite":
        pytest.skip("only SQLite stores text and numbers in a binary column")
    guest = Guest.objects.create(case_uid=case_uid, name="Ana")
    raw.write(Guest, "name", guest.pk, injected)
    with reading(), pytest.raises(OddCiphertext):
        Guest.objects.get(pk=guest.pk).name


@pytest.mark.parametrize(
    "query",
    [
        lambda: Guest.objects.filter(name="Ana"),
        lambda: Guest.objects.filter(name=None),
        lambda: Guest.objects.filter(name__icontains="a"),
        lambda: Guest.objects.filter(name__in=["Ana"]),
        lambda: Guest.objects.exclude(name="Ana"),
        lambda: Guest.objects.filter(born_on=date(1990, 1, 1)),
        lambda: Guest.objects.filter(born_on__year=1990),
        lambda: Guest.objects.filter(answers__key="x"),
        lambda: Guest.objects.filter(name__lower="ana"),
        lambda: Guest.objects.filter(pregnant__isnull=False),
    ],
)
def test_lookups_are_refused(query):
    with pytest.raises(FieldError):
        query()


def test_what_a_person_types_is_never_decrypted(case_uid):
    """A decryption oracle: paste another record's ciphertext into a form, and read it back."""
    bea = Guest.objects.create(case_uid=case_uid, name="Bea")
    stored = raw.read(Guest, "name", bea.pk)
    for typed in (stored.hex(), stored.decode("latin-1")):
        guest = Guest(case_uid=case_uid, name=typed[:80])
        guest.full_clean()
        guest.save()
        with reading():
            assert Guest.objects.get(pk=guest.pk).name == typed[:80]


def test_bytes_are_no_text(case_uid):
    bea = Guest.objects.create(case_uid=case_uid, name="Bea")
    with pytest.raises(Exception, match="Enter text"):
        Guest.objects.create(case_uid=case_uid, name=raw.read(Guest, "name", bea.pk))


def test_threads_do_not_corrupt_each_other(case_uid):
    """One package shared a cipher between threads and wrote rows nobody could open."""
    guests = [Guest(case_uid=case_uid, name=f"Guest {number}") for number in range(40)]
    field = Guest._meta.get_field("name")

    def seal_and_open(mine: list[Guest]) -> int:
        with reading() as gate:
            for _ in range(25):
                for guest in mine:
                    expected = guest.__dict__["name"]
                    assert field.open_through_gate(guest, field.seal(guest, expected)) == expected
        return len(gate.admitted)

    field.seal(guests[0], "warm")  # the keys are in memory now: the threads need no database of their own
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(seal_and_open, [guests[start::8] for start in range(8)])) == 1000


def test_nothing_is_pickled(case_uid):
    guest = Guest.objects.create(case_uid=case_uid, name="Ana")
    stored = raw.read(Guest, "name", guest.pk)
    assert stored[0] == 1
    field = Guest._meta.get_field("name")
    assert field.to_bytes("Ana") == b"Ana"
    assert Guest._meta.get_field("born_on").to_bytes(date(1990, 1, 2)) == b"1990-01-02"
    assert Guest._meta.get_field("answers").to_bytes({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()
