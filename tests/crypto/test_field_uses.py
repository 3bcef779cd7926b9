"""A sealed field at work: queried, written by the hundred, refreshed, in a form, copied, printed."""

import copy
import pickle
from datetime import date

import pytest
from django.core import serializers
from django.core.exceptions import FieldError, ValidationError
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Max, Min, Value
from django.db.models.functions import Length
from django.db.models.signals import post_init
from django.forms import modelform_factory

from casemgmt.crypto.errors import SealedShut
from casemgmt.crypto.sealed import Sealed
from tests.crypto.gates import reading
from tests.crypto.vaulted.models import Guest, Sheet

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])


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
