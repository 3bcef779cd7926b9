"""A sealed field through its life: written, kept, moved, copied, queried, printed."""

import copy
import pickle
import uuid
from datetime import date, datetime

import pytest
from django.core import serializers
from django.core.exceptions import FieldError, ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.db.models import Count, F, Max, Min, OuterRef, Subquery, Value
from django.db.models.functions import Length
from django.db.models.signals import post_init
from django.forms import modelform_factory

from casemgmt.crypto.errors import ContentErased, DecryptionRefused, SealedShut, VaultError
from casemgmt.crypto.sealed import Sealed, carrying
from tests.crypto import raw
from tests.crypto.gates import NotAdmitted, reading
from tests.crypto.vaulted.models import Guest, Sheet

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])


@pytest.fixture
def guest(case_uid):
    return Guest.objects.create(
        case_uid=case_uid, name="Ana Canary", born_on=date(1991, 5, 4), answers={"a": [1, {"b": None}]}, pregnant="no"
    )


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


# ---- queries ----


@pytest.mark.parametrize(
    "query",
    [
        lambda: Guest.objects.order_by("name"),
        lambda: Guest.objects.order_by("-name"),
        lambda: Guest.objects.order_by(F("name").desc()),
        lambda: Guest.objects.order_by(Length("name")),
        lambda: Sheet.objects.order_by("guest__name"),
        lambda: list(Guest._base_manager.order_by("name")),
        lambda: list(Sheet._base_manager.order_by("guest__name")),
        lambda: Guest.objects.latest("name"),
        lambda: Guest.objects.earliest("-born_on"),
        lambda: Guest.objects.distinct("name"),
        lambda: Guest.objects.values("name").distinct(),
        lambda: Guest.objects.aggregate(Max("name")),
        lambda: Guest.objects.aggregate(first=Min("born_on")),
        lambda: Guest.objects.aggregate(Count("name")),
        lambda: Guest.objects.aggregate(Count("sheets__body")),
        lambda: Guest.objects.annotate(length=Length("name")),
        lambda: Guest.objects.annotate(copy=F("name")),
        lambda: Guest.objects.alias(copy=F("name")),
        lambda: Guest.objects.values(copy=F("name")),
        lambda: Guest.objects.values("name").annotate(Count("pk")),
        lambda: Guest.objects.in_bulk(["Ana"], field_name="name"),
        lambda: Guest.objects.update(name="z"),
        lambda: Guest.objects.update(name=None),
        lambda: Guest.objects.update(number=F("name")),
        lambda: Guest.objects.update(name=F("remarks")),
        lambda: Guest._base_manager.update(name="z"),
        lambda: Guest._base_manager.update(name=Value("z")),
    ],
)
def test_what_ciphertext_cannot_do_is_refused(guest, query):
    with pytest.raises(FieldError):
        query()


def test_plain_columns_stay_usable(guest):
    Sheet.objects.create(case_uid=guest.case_uid, guest=guest, body="b")
    assert Guest.objects.annotate(n=Count("sheets")).get().n == 1
    assert Guest.objects.order_by("number", "-pk").distinct().count() == 1
    assert Guest.objects.update(number="7") == 1
    assert Guest.objects.aggregate(Max("number")) == {"number__max": "7"}
    assert Sheet.objects.select_related("guest").get().guest.number == "7"
    assert [found.pk for found in Guest.objects.order_by("pk")[:1]] == [guest.pk]


def test_values_show_sealed_bytes(guest):
    (value,) = Guest.objects.values_list("name", flat=True)
    assert type(value) is Sealed
    assert f"{value!r} {value}" == "<sealed 63 B> <sealed 63 B>"
    assert repr(Guest.objects.values("name")) == "<SealedQuerySet [{'name': <sealed 63 B>}]>"


def test_only_and_defer_keep_what_opening_needs(guest, django_assert_num_queries):
    Sheet.objects.create(case_uid=guest.case_uid, guest=guest, body="b", title="t")
    with reading(), django_assert_num_queries(1):
        assert [sheet.body for sheet in Sheet.objects.only("body")] == ["b"]
    with reading(), django_assert_num_queries(1):
        assert [sheet.title for sheet in Sheet.objects.defer("body", "section", "uid")] == ["t"]
    with reading(), django_assert_num_queries(2):
        assert Sheet.objects.only("title").get().body == "b"
    assert Sheet.objects.defer("body").defer(None).get().get_deferred_fields() == set()


def test_rows_are_the_same_whoever_listens(guest):
    """Whole rows are filled at once unless a signal or an __init__ wants to see them."""
    at_once = Guest.objects.get(pk=guest.pk)
    heard = []

    def listen(instance, **kwargs):
        heard.append(instance)

    post_init.connect(listen, sender=Guest)
    try:
        ordinary = Guest.objects.get(pk=guest.pk)
    finally:
        post_init.disconnect(listen, sender=Guest)
    assert heard == [ordinary]
    assert at_once == ordinary
    without_state = [{k: v for k, v in vars(found).items() if k != "_state"} for found in (at_once, ordinary)]
    assert without_state[0] == without_state[1]
    assert vars(at_once._state) == vars(ordinary._state)
    assert not at_once._state.adding


def test_raw_queries_are_sealed_too(guest):
    (found,) = Guest.objects.raw("SELECT * FROM vaulted_guest")
    with pytest.raises(SealedShut):
        found.name
    with reading():
        assert found.name == "Ana Canary"


# ---- many at once ----


def test_bulk_create_and_bulk_update_seal(case_uid):
    made = Guest.objects.bulk_create([Guest(case_uid=case_uid, name=f"G{n}", remarks="r") for n in range(3)])
    for number, guest in enumerate(made):
        guest.name = f"H{number}"
        guest.remarks = None
    Guest.objects.bulk_update(made, ["name", "remarks"])
    with reading():
        assert [(g.name, g.remarks) for g in Guest.objects.order_by("pk")] == [("H0", None), ("H1", None), ("H2", None)]


def test_bulk_update_reseals_what_moves(case_uid):
    sheets = Sheet.objects.bulk_create([Sheet(case_uid=case_uid, body=f"B{n}") for n in range(2)])
    for sheet in sheets:
        sheet.section = "SAFETY"
    Sheet.objects.bulk_update(sheets, ["section"])
    with reading("SAFETY"):
        assert [sheet.body for sheet in Sheet.objects.order_by("pk")] == ["B0", "B1"]


# ---- refresh, forms, copies, words ----


def test_refresh_stays_sealed_and_reads_anew(guest):
    found = Guest.objects.get(pk=guest.pk)
    other = Guest.objects.get(pk=guest.pk)
    other.name = "Changed"
    other.save()
    found.refresh_from_db()
    assert type(found.__dict__["name"]) is Sealed
    with reading():
        assert found.name == "Changed"
    other.name = "Again"
    other.save()
    found.refresh_from_db(fields=["name", "number"])
    with reading():
        assert found.name == "Again"


def test_refresh_after_a_move_elsewhere(case_uid):
    sheet = Sheet.objects.create(case_uid=case_uid, body="b")
    stale = Sheet.objects.get(pk=sheet.pk)
    sheet.section = "SAFETY"
    sheet.save()
    stale.refresh_from_db(fields=["body"])
    with reading("SAFETY"):
        assert stale.body == "b"
    stale.refresh_from_db()
    assert stale.section == "SAFETY"
    stale.save()
    with reading("SAFETY"):
        assert Sheet.objects.get(pk=sheet.pk).body == "b"


def test_full_clean_opens_nothing_and_still_checks(guest):
    found = Guest.objects.get(pk=guest.pk)
    found.full_clean()
    assert type(found.__dict__["name"]) is Sealed
    found.name = "x" * 81
    with pytest.raises(ValidationError, match="80"):
        found.full_clean()
    with pytest.raises(ValidationError):
        Guest(case_uid=guest.case_uid, name="").full_clean()


def test_a_form_shows_inside_the_gate_and_saves(guest):
    form_class = modelform_factory(Guest, fields=["name", "remarks", "born_on", "answers", "pregnant"])
    with pytest.raises(SealedShut):
        form_class(instance=Guest.objects.get(pk=guest.pk))
    with reading():
        form = form_class(instance=Guest.objects.get(pk=guest.pk))
    assert form.initial["name"] == "Ana Canary"
    assert form.initial["born_on"] == date(1991, 5, 4)
    typed = {"name": "New", "remarks": "", "born_on": "1992-01-01", "answers": '{"z": 1}', "pregnant": ""}
    with reading():
        form = form_class(typed, instance=Guest.objects.get(pk=guest.pk))
        assert form.is_valid(), form.errors
        form.save()
        found = Guest.objects.get(pk=guest.pk)
        assert (found.name, found.born_on, found.answers) == ("New", date(1992, 1, 1), {"z": 1})


def test_pickles_and_copies_hold_ciphertext_only(guest):
    found = Guest.objects.get(pk=guest.pk)
    with reading():
        assert found.name == "Ana Canary"
    found.remarks = "Unsaved Canary"
    for twin in (pickle.loads(pickle.dumps(found)), copy.copy(found), copy.deepcopy(found)):
        with pytest.raises(SealedShut):
            twin.name
        with reading():
            assert (twin.name, twin.remarks) == ("Ana Canary", "Unsaved Canary")
    assert b"Canary" not in pickle.dumps(found)
    with reading():
        assert b"1991" not in pickle.dumps(found.answers) and pickle.loads(pickle.dumps(found.answers)) == found.answers


def test_an_opened_record_keeps_no_text(guest):
    found = Guest.objects.get(pk=guest.pk)
    with reading():
        assert found.name == "Ana Canary"
    assert "Canary" not in repr(found.__dict__)
    assert str(found) == f"guest {found.uid}"


@pytest.mark.parametrize("gate_is_open", [False, True])
def test_dumpdata_is_refused(guest, gate_is_open):
    with pytest.raises((FieldError, CommandError), match="sealed"):
        if gate_is_open:
            with reading():
                serializers.serialize("json", Guest.objects.all())
        else:
            call_command("dumpdata", "vaulted.guest")


def test_expressions_are_no_values(guest):
    with pytest.raises(FieldError):
        guest.name = F("remarks")


def test_a_renamed_column_stays_readable(guest):
    """The ciphertext is bound to the fid, not to the attribute or the model."""
    field = copy.copy(Guest._meta.get_field("name"))
    field.name = field.attname = field.column = "full_name"
    found = Guest.objects.get(pk=guest.pk)
    with reading():
        assert field.open_through_gate(found, found.__dict__["name"]) == "Ana Canary"
