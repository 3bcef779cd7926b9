"""/healthz says what is wrong, to anybody, without a page, and does not believe what it remembers."""

import json

import pytest
from django.db import DatabaseError, connections
from django.db.migrations.recorder import MigrationRecorder

from casemgmt.crypto import keks, keyring
from casemgmt.crypto.errors import KeystoreUnavailable
from casemgmt.operations import health
from casemgmt.operations.models import Installation

pytestmark = pytest.mark.sql


@pytest.fixture(autouse=True)
def nothing_remembered():
    health._complete.clear()
    yield
    health._complete.clear()


@pytest.fixture
def migrated(monkeypatch):
    """Unit tests build their tables without migrations; here both databases count as migrated."""
    monkeypatch.setattr(health, "database_state", lambda alias: "ok")


def ask(client) -> tuple[int, dict]:
    answer = client.get("/healthz")
    assert answer["Content-Type"] == "application/json"
    told = json.loads(answer.content)
    told.pop("sealing", None)  # figures: tests/operations/test_sealing.py
    return answer.status_code, told


def test_all_is_well(db, client, migrated):
    assert ask(client) == (200, {"default": "ok", "keystore": "ok", "status": "ok"})


def test_answer_is_never_kept(db, client, migrated):
    assert "no-store" in client.get("/healthz")["Cache-Control"]


def test_demo_must_be_complete(db, client, migrated, settings):
    settings.HAVEN_DEMO = True
    assert ask(client)[0] == 503
    Installation.objects.create(id=1, is_demo=True)
    assert ask(client) == (
        503, {"default": "ok", "keystore": "ok", "demo": "demo data not complete", "status": "not ready"},
    )  # fmt: skip
    Installation.objects.update(demo_completed_at="2026-01-01T00:00Z")
    assert ask(client)[0] == 200


def test_waiting_migrations_are_named(db, client, monkeypatch):
    monkeypatch.setattr(health, "is_migration_waiting", lambda alias: alias == "default")
    assert ask(client) == (503, {"default": "migrations waiting", "keystore": "ok", "status": "not ready"})


def test_good_answer_is_not_believed_when_the_table_has_changed(db, monkeypatch):
    asked = []
    monkeypatch.setattr(health, "is_migration_waiting", lambda alias: bool(asked.append(alias)))
    health.database_state("default")
    health.database_state("default")
    assert asked == ["default"], "the second answer is cheap"
    MigrationRecorder(connections["default"]).record_applied("cases", "9999_new")
    health.database_state("default")
    assert asked == ["default", "default"]


@pytest.mark.parametrize("alias", ["default", "keystore"])
def test_broken_database_is_named_though_it_was_well_before(db, client, monkeypatch, alias):
    health._complete[alias] = (1, 1)

    def refuse(*_arguments, **_options):
        raise DatabaseError("gone")

    monkeypatch.setattr(connections[alias], "cursor", refuse)
    status, report = ask(client)
    assert status == 503
    assert report[alias] == "unreachable"


def test_key_store_that_does_not_answer_gives_json_not_a_page(db, client, monkeypatch):
    def refuse(*_arguments):
        raise KeystoreUnavailable("The key store does not answer.")

    monkeypatch.setattr(keyring, "begin_request", refuse)
    assert ask(client)[0] == 503


def test_keys_that_cannot_be_opened_are_named(db, client, migrated, monkeypatch):
    def refuse(*_arguments):
        raise KeystoreUnavailable("The root key file is missing.")

    keks.forget()
    monkeypatch.setattr(keyring, "ledger_key", refuse)
    assert ask(client) == (503, {"default": "ok", "keystore": "keys unavailable", "status": "not ready"})
