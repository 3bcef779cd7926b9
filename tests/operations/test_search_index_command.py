"""``manage.py search_index``: every change says why, the plan tells no name, and what cannot be is refused in words."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from cases import search_index
from cases.models import BlindToken
from tests import make


@pytest.fixture
def people(cast):
    for first, family in (("Zoraida", "Quillfeather"), ("Ysolde", "Marchbanks"), ("Perpetua", "Oglethorpe")):
        make.case(cast.amina, cast.team_of("amina"), first_name=first, second_name=family)


def told(*words):
    output = StringIO()
    call_command("search_index", *words, stdout=output)
    return output.getvalue()


def codes(verb):
    return [event.detail.content["codes"] for event in Event.objects.filter(verb=verb).order_by("pk")]


def test_from_nothing_to_new_keys_and_down_again(people, settings):
    settings.CASE_SEARCH = "index"
    assert "answered by scan" in told("status")
    assert "ready" in told("fill", "--reason", "We are many now", "--bits", "NAME=10")
    assert "answered by index" in told("status") and search_index.ready()["NAME"].bits == 10
    status = json.loads(told("status", "--json"))
    assert (status["filled"], status["cases"], len(status["indexes"])) == (3, 3, 8)
    epoch = search_index.ready()["NAME"].epoch
    assert f"Epoch {epoch + 1} is in use" in told("rotate", "--reason", "A year has passed", "--bits", "NAME=12")
    assert search_index.ready()["NAME"].bits == 12
    assert "will build them again" in told("drop", "--reason", "We are few again")
    assert not BlindToken._base_manager.filter(index="NAME").exists()
    assert {one["kind"] for one in codes("INDEX_FILLED")} == {"BEGUN", "READY"}
    assert {one["index"] for one in codes("INDEX_ROTATED")} >= {"NAME", "SOUND", "YEAR", "BIRTH", "ALIAS", "PHONE"}
    reasons = {event.detail.content["reason"] for event in Event.objects.filter(verb__startswith="INDEX_")}
    assert reasons >= {"We are many now", "A year has passed", "We are few again"}


def test_a_plan_is_recorded_and_names_nobody(people):
    table, as_json = told("plan"), told("plan", "--json")
    assert {leak["index"]: leak["rows"] for leak in json.loads(as_json)}["NAME"] == 3
    assert "identifiable" in table and "Same phone" not in table
    for text in (table, as_json):
        assert not any(name in text.lower() for name in ("zoraida", "marchbanks", "oglethorpe", "1998"))
    assert len(codes("INDEX_PLANNED")) == 16 and len(codes("JOB_RUN")) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fill"], "Say why"),
        (["rotate", "--reason", "  "], "Say why"),
        (["fill", "--reason", "x", "--bits", "SURNAME=12"], "none of"),
        (["fill", "--reason", "x", "--bits", "MATCH=12"], "none of"),
        (["fill", "--reason", "x", "--bits", "NAME=60"], "from 4 to 20"),
        (["fill", "--reason", "x", "--bits", "NAME"], "from 4 to 20"),
        (["plan", "--bits", "NAME=12"], "goes with fill and rotate"),
    ],
)
def test_what_cannot_be_is_said(people, words, said):
    with pytest.raises(CommandError, match=said):
        told(*words)
    assert not Event.objects.filter(verb__startswith="INDEX_").exists()


def test_bits_of_a_standing_index_change_by_rotation_only(people, settings):
    settings.CASE_SEARCH = "index"
    told("fill", "--reason", "x")
    with pytest.raises(CommandError, match="rotate --bits"):
        told("fill", "--reason", "x", "--bits", "NAME=10")


def test_where_the_setting_says_scan_a_filled_index_is_not_asked(people, settings):
    settings.CASE_SEARCH = "scan"
    assert "still compare in memory" in told("fill", "--reason", "x")
    assert not search_index.ready()
