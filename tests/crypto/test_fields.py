"""A sealed field as it is written, read and kept: its values, its section and its scope."""

import uuid
from datetime import date, datetime

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError
from django.db.models import OuterRef, Subquery

from casemgmt.crypto.errors import ContentErased, DecryptionRefused, SealedShut, VaultError
from casemgmt.crypto.sealed import Sealed, carrying
from tests.crypto import raw
from tests.crypto.gates import NotAdmitted, reading
from tests.crypto.vaulted.models import Guest, Sheet

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])


# ---- reading and writing ----


def test_every_type_comes_back(guest):
    found = Guest.objects.get(pk=guest.pk)
    with reading() as gate:
        assert found.name == "Ana Canary"
        assert found.born_on == date(1991, 5, 4)
        assert found.answers == {"a": [1, {"b": None}]}
        assert found.pregnant == "no"
    assert [entry[1:3] for entry in gate.admitted] == [
        ("IDENTITY", "guest.name"),
        ("IDENTITY", "guest.born_on"),
        ("HEALTH", "guest.answers"),
        ("SRH", "guest.pregnant"),
    ]


def test_untouched_values_stay_sealed(guest, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = Guest.objects.get(pk=guest.pk)
    assert type(found.__dict__["name"]) is Sealed


def test_a_saved_value_needs_the_gate_again(guest):
    with pytest.raises(SealedShut):
        guest.name


def test_a_value_not_yet_saved_is_the_writers_own(case_uid):
    assert Guest(case_uid=case_uid, name="Ana").name == "Ana"


def test_writing_needs_no_gate_and_keeps_equal_bytes(guest):
    before = raw.read(Guest, "name", guest.pk)
    found = Guest.objects.get(pk=guest.pk)
    found.name = "Ana Canary"
    found.save()
    assert raw.read(Guest, "name", guest.pk) == before
    found.name = "Ana"
    found.save()
    assert raw.read(Guest, "name", guest.pk) != before


def test_the_setter_tells_a_writer_nothing(guest):
    found = Guest.objects.get(pk=guest.pk)
    assert setattr(found, "name", "Ana Canary") is None
    with pytest.raises(SealedShut):
        found.name


def test_one_and_true_are_two_answers(case_uid):
    guest = Guest.objects.create(case_uid=case_uid, answers={"given": 1})
    guest = Guest.objects.get(pk=guest.pk)
    guest.answers = {"given": True}
    guest.save()
    with reading():
        assert Guest.objects.get(pk=guest.pk).answers["given"] is True


def test_a_structured_value_refuses_changes_in_place(guest):
    found = Guest.objects.get(pk=guest.pk)
    with reading():
        answers = found.answers
    with pytest.raises(TypeError):
        answers["a"] = 2
    with pytest.raises(TypeError):
        answers["a"].append(2)
    with pytest.raises(TypeError):
        answers["a"][1].update(b=2)
    found.answers = {**answers, "c": 3}
    found.save()
    with reading():
        assert Guest.objects.get(pk=guest.pk).answers == {"a": [1, {"b": None}], "c": 3}


def test_none_is_null_and_isnull_works(case_uid):
    Guest.objects.create(case_uid=case_uid, name="with", remarks="x")
    without = Guest.objects.create(case_uid=case_uid, name="without")
    assert Guest.objects.get(remarks__isnull=True).pk == without.pk
    assert Guest.objects.exclude(remarks__isnull=True).count() == 1
    inner = Guest.objects.filter(remarks__isnull=True, pk=OuterRef("pk"))
    assert Guest.objects.filter(pk__in=Subquery(inner.values("pk"))).count() == 1


def test_a_hidden_null_looks_like_a_value(case_uid):
    nothing = Guest.objects.create(case_uid=case_uid)
    something = Guest.objects.create(case_uid=case_uid, pregnant="yes")
    stored = raw.read(Guest, "pregnant", nothing.pk)
    assert len(stored) == len(raw.read(Guest, "pregnant", something.pk))
    with reading():
        assert Guest.objects.get(pk=nothing.pk).pregnant is None
        assert Guest.objects.get(pk=something.pk).pregnant == "yes"
    found = Guest.objects.get(pk=nothing.pk)
    found.pregnant = None
    found.save()
    assert raw.read(Guest, "pregnant", nothing.pk) == stored
    found = Guest.objects.get(pk=something.pk)
    found.pregnant = None
    found.save()
    with reading():
        assert Guest.objects.get(pk=something.pk).pregnant is None


def test_null_where_none_may_be(case_uid):
    with pytest.raises(IntegrityError):
        Guest.objects.create(case_uid=case_uid, name=None)


def test_lengths_tell_little(case_uid):
    def stored(text):
        return len(raw.read(Guest, "name", Guest.objects.create(case_uid=case_uid, name=text).pk))

    assert stored("") == stored("Jo") == stored("x" * 30) < stored("x" * 31) == stored("x" * 62)
    assert stored("x" * 200) == stored("x" * 254) < stored("x" * 255)


@pytest.mark.parametrize(
    "text", ["é\u0301\u202e\U0001f98a", "nul \x00 byte", "مُنى", "line\nline", "x" * 5000, "\x80\x00"]
)
def test_any_text_comes_back(case_uid, text):
    guest = Guest.objects.create(case_uid=case_uid, remarks=text)
    with reading():
        assert Guest.objects.get(pk=guest.pk).remarks == text


def test_what_is_no_value_of_the_type_is_refused(case_uid):
    for wrong in ("31 May", "2024-13-01", 7, datetime(2024, 1, 1)):
        with pytest.raises(ValidationError):
            Guest.objects.create(case_uid=case_uid, born_on=wrong)
    for wrong in ({1, 2}, float("nan"), object()):
        with pytest.raises(ValidationError):
            Guest.objects.create(case_uid=case_uid, answers=wrong)
    with pytest.raises(ValidationError):
        Guest.objects.create(case_uid=case_uid, name="\ud800")


def test_dates_as_text_are_read(case_uid):
    guest = Guest.objects.create(case_uid=case_uid, born_on="1990-02-28")
    with reading():
        assert Guest.objects.get(pk=guest.pk).born_on == date(1990, 2, 28)
    assert Guest.objects.create(case_uid=case_uid, born_on="").born_on is None


def test_a_case_without_keys_cannot_be_written(db):
    with pytest.raises(ContentErased):
        Guest.objects.create(case_uid=uuid.uuid4(), name="Ana")


def test_a_record_without_its_case_cannot_be_written(db):
    with pytest.raises(VaultError, match="case_uid"):
        Guest.objects.create(name="Ana")


# ---- section and scope by row ----


def test_the_section_follows_the_row(case_uid):
    sheet = Sheet.objects.create(case_uid=case_uid, section="LEGAL_FILE", matter_uid=uuid.uuid4(), body="strategy")
    found = Sheet.objects.get(pk=sheet.pk)
    with reading("LEGAL_FILE") as gate:
        assert found.body == "strategy"
    assert gate.admitted == [(case_uid, "LEGAL_FILE", "sheet.body", sheet.matter_uid)]


def test_relabelling_in_memory_opens_nothing(case_uid):
    """The gate hears the section the bytes were sealed for, not the one a bug or an intruder wrote over it."""
    sheet = Sheet.objects.create(case_uid=case_uid, section="LEGAL_FILE", body="strategy")
    found = Sheet.objects.get(pk=sheet.pk)
    found.section = "CARD"
    with reading("CARD"), pytest.raises(NotAdmitted):
        found.body


def test_relabelling_in_the_database_opens_nothing(case_uid):
    sheet = Sheet.objects.create(case_uid=case_uid, section="LEGAL_FILE", body="strategy")
    raw.write(Sheet, "section", sheet.pk, "CARD")
    with reading("CARD"), pytest.raises(DecryptionRefused):
        Sheet.objects.get(pk=sheet.pk).body


@pytest.mark.parametrize("update_fields", [None, ["section"], ["section", "matter_uid"]])
def test_a_record_that_moves_is_resealed(case_uid, update_fields):
    sheet = Sheet.objects.create(case_uid=case_uid, section="ADVOCACY", body="moves", title="stays")
    body, title = raw.read(Sheet, "body", sheet.pk), raw.read(Sheet, "title", sheet.pk)
    found = Sheet.objects.get(pk=sheet.pk)
    found.section = "LEGAL_FILE"
    found.save(update_fields=update_fields)
    assert raw.read(Sheet, "body", sheet.pk) != body
    assert raw.read(Sheet, "title", sheet.pk) == title
    with reading("LEGAL_FILE"):
        assert Sheet.objects.get(pk=sheet.pk).body == "moves"
        assert found.body == "moves"


def test_a_deferred_value_is_resealed_too(case_uid):
    sheet = Sheet.objects.create(case_uid=case_uid, body="moves")
    found = Sheet.objects.defer("body").get(pk=sheet.pk)
    found.section = "SAFETY"
    found.save(update_fields=["section"])
    with reading("SAFETY"):
        assert Sheet.objects.get(pk=sheet.pk).body == "moves"


def test_a_record_that_moves_to_another_case_is_resealed(case_uid, other_case_uid):
    guest = Guest.objects.create(case_uid=case_uid, name="Ana", remarks="r")
    guest.case_uid = other_case_uid
    guest.save(update_fields=["case_uid"])
    with reading() as gate:
        found = Guest.objects.get(pk=guest.pk)
        assert (found.name, found.remarks, found.pregnant) == ("Ana", "r", None)
    assert {entry[0] for entry in gate.admitted} == {other_case_uid}


def test_a_ciphertext_of_another_record_is_not_taken_over(guest):
    other = Guest(case_uid=guest.case_uid)
    with carrying():
        other.name = Guest.objects.get(pk=guest.pk).name
        with pytest.raises(VaultError, match="another record"):
            other.save()


def test_a_row_cannot_be_moved_by_update(case_uid):
    for change in (
        {"section": "CARD"},
        {"matter_uid": uuid.uuid4()},
        {"case_uid": uuid.uuid4()},
        {"uid": uuid.uuid4()},
    ):
        with pytest.raises(FieldError):
            Sheet.objects.update(**change)
