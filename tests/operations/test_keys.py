"""``manage.py keys``: in words and as JSON, each step in the ledger once, and a reason for each."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit import clock
from audit.models import Event
from casemgmt.crypto import rekeying as vault
from casemgmt.crypto import rotation
from casemgmt.crypto.models import CaseKey, KeyEncryptionKey, SharedKey
from casemgmt.operations import keys
from tests import make

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])


def run(*arguments):
    out, err = StringIO(), StringIO()
    reason = [] if arguments[0] == "status" else ["--reason", "A year has passed."]
    call_command("keys", *arguments, *reason, stdout=out, stderr=err)
    return out.getvalue() + err.getvalue()


def told(verb):
    return list(Event.objects.filter(verb=verb).order_by("pk"))


@pytest.fixture
def case(cast, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(vault.Renewal, "wait_for_writers", lambda renewal: None)
    return make.case(cast.amina, cast.team_of("amina"))


def test_a_year_of_keys(case):
    said = run("status")
    assert "in use" in said and "Nothing to do" in said and f"{rotation.MOST_WRAPS:,}" in said
    assert "Key 2 is made" in run("add")
    assert "waits" in run("status") and "keys promote" in run("status")
    assert "Key 2 wraps what is made" in run("promote")
    assert "keys rewrap" in run("status")
    words = run("rewrap")
    total = CaseKey.objects.filter(kek=2).count() + SharedKey.objects.filter(kek=2).count()
    assert f"{total:,} of {total:,}" in words and f"{total:,} keys are wrapped anew by key 2" in words
    assert "keys retire 1" in run("status")
    assert "14 days" in run("retire", "1")
    assert "Wait 14 days" in run("status")
    with pytest.raises(CommandError, match="Backups"):
        run("destroy", "1")
    assert "is destroyed" in run("destroy", "1", "--now")
    assert "destroyed" in run("status")
    for verb, count in (
        ("KEY_CREATED", 1), ("KEY_PROMOTED", 1), ("KEYS_REWRAPPED", 2), ("KEY_RETIRED", 1), ("KEY_DESTROYED", 1)
    ):  # fmt: skip
        events = told(verb)
        assert len(events) == count, verb
        assert all(event.source == "command" for event in events)
        assert all(event.detail.content["reason"] == "A year has passed." for event in events)
    assert told("KEY_DESTROYED")[0].detail.content["codes"] == {"key": 1, "status": "EARLY"}


def test_a_repeat_writes_no_second_event_and_finds_a_missing_one(case, monkeypatch):
    real = keys.record
    monkeypatch.setattr(keys, "record", lambda *args, **named: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        run("add")
    monkeypatch.setattr(keys, "record", real)
    assert KeyEncryptionKey.objects.count() == 2 and not told("KEY_CREATED")
    assert "waits already" in run("add")
    assert len(told("KEY_CREATED")) == 1
    run("add")
    assert len(told("KEY_CREATED")) == 1 and KeyEncryptionKey.objects.count() == 2
    monkeypatch.setattr(keys, "record", lambda *args, **named: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        run("promote")
    monkeypatch.setattr(keys, "record", real)
    assert "in use already" in run("promote") and len(told("KEY_PROMOTED")) == 1


def test_every_change_needs_a_reason(case):
    for step in ("add", "promote", "rewrap", "retire", "destroy", "renew"):
        with pytest.raises(CommandError, match="--reason"):
            call_command("keys", step, *(["1"] if step in ("retire", "destroy") else []), stdout=StringIO())


def test_as_json(case):
    found = json.loads(run("status", "--json"))
    assert [key["number"] for key in found["keys"]] == [1] and found["keys"][0]["wraps"]["CaseKey"] >= 5
    assert found["version"] >= 1 and found["next"]
    assert json.loads(run("add", "--json")) == {"key": 2, "changed": True}


def test_nearly_worn_out_is_said_first(case, monkeypatch):
    monkeypatch.setattr(rotation, "MOST_WRAPS", 8)
    assert "of at most 8. Add a key now." in keys.status(clock.now()).advice[0]


def test_when_the_backups_are_over_it_says_so(case):
    run("add")
    run("promote")
    run("rewrap")
    run("retire", "1")
    assert "keys destroy 1" in keys.status(clock.now() + timedelta(days=14, minutes=1)).advice[0]


def test_a_case_by_its_number_or_uid(case):
    words = run("renew", "--number", case.number, "--wait", "0")
    assert "5 old keys are deleted" in words and "records" in words
    words = run("renew", str(case.uid), "--wait", "0", "--class", "CORE", "--json")
    figures = json.loads(words[words.index("{") : words.rindex("}") + 1])
    assert figures["epochs"] == {"CORE": 3} and figures["keys_deleted"] == 1 and figures["is_done"]
    assert {event.subject_uid for event in told("CASE_KEYS_RENEWED")} == {case.uid}
    assert told("CASE_KEYS_RENEWED")[0].detail.content["context_reason"] == "A year has passed."


@pytest.mark.parametrize("which", [["--number", "HV-0000-0000"], ["11111111-1111-4111-8111-111111111111"]])
def test_no_such_case(case, which):
    with pytest.raises(CommandError, match="no such case"):
        run("renew", *which, "--wait", "0")
