"""System checks: each is seen to speak up, and to be silent where all is well."""

import pytest
from django.db import OperationalError, connections

from casemgmt import checks
from casemgmt.operations.models import Installation


def ids(messages) -> set[str]:
    return {message.id for message in messages}


def test_secrets(settings):
    assert not checks.check_secrets(None)
    settings.SECRET_KEY = "short"
    settings.DEBUG = True
    assert ids(checks.check_secrets(None)) == {"haven.E001", "haven.E002"}
    settings.SECRET_KEY = "x" * 60
    assert "haven.E001" in ids(checks.check_secrets(None))


@pytest.mark.parametrize("name", ["root.key", ".env"])
def test_what_others_can_read(settings, tmp_path, name):
    settings.HAVEN_HOME, settings.ROOT_KEY_FILE = tmp_path, tmp_path / "root.key"
    secret = tmp_path / name
    secret.write_text("secret")
    secret.chmod(0o400)
    assert not checks.check_home(None)
    secret.chmod(0o440)
    (message,) = checks.check_home(None)
    assert message.id == "haven.E003" and str(secret) in message.hint


def test_demo_answers_to_this_machine_alone(settings):
    settings.HAVEN_DEMO = True
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    assert not checks.check_demo_flags(None)
    settings.ALLOWED_HOSTS = ["localhost", "haven.example.org"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert ids(checks.check_demo_flags(None)) == {"haven.E004", "haven.E005"}
    settings.ALLOWED_HOSTS = ["*"]
    assert "haven.E004" in ids(checks.check_demo_flags(None))
    settings.HAVEN_DEMO = False
    assert not checks.check_demo_flags(None)


def test_where_heads_of_the_ledger_go(settings, tmp_path):
    assert not checks.check_anchors(None) and ids(checks.check_place_of_anchors(None)) == {"haven.W004"}
    settings.WITNESSES, settings.SHADOW_SYSLOG, settings.ANCHOR_MAIL_EVERY_HOURS = ["http://x"], "loghost", 0
    assert ids(checks.check_anchors(None)) == {"haven.E022", "haven.E023", "haven.E024"}
    settings.HAVEN_HOME, settings.ANCHOR_FILE = tmp_path, str(tmp_path / "heads.jsonl")
    assert ids(checks.check_place_of_anchors(None)) == {"haven.W005"}
    settings.HAVEN_HOME = tmp_path / "home"
    assert not checks.check_place_of_anchors(None)
    settings.ANCHOR_FILE, settings.HAVEN_DEMO = "", True
    assert not checks.check_place_of_anchors(None)


#: The checks only read the setting; no connection is made with it.
OVERRIDES = pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
SQLITE = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {"transaction_mode": "IMMEDIATE"}}
POSTGRESQL = {"ENGINE": "django.db.backends.postgresql", "HOST": "db"}


@OVERRIDES
def test_engines(settings):
    settings.DATABASES = {"default": {**SQLITE, "NAME": "a"}, "keystore": {**SQLITE, "NAME": "b"}}
    assert not checks.check_engine_options(None)
    settings.DATABASES = {
        "default": {**SQLITE, "NAME": "a", "OPTIONS": {}}, "keystore": {"ENGINE": "x.mysql", "NAME": "b"},
    }  # fmt: skip
    assert ids(checks.check_engine_options(None)) == {"haven.E007", "haven.E008"}


@OVERRIDES
def test_records_and_keys_apart(settings):
    settings.DATABASES = {alias: {**POSTGRESQL, "NAME": "haven"} for alias in ("default", "keystore")}
    assert ids(checks.check_engine_options(None)) == {"haven.E009"}


@OVERRIDES
def test_real_data_belongs_on_postgresql(settings):
    settings.DATABASES = {"default": {**SQLITE, "NAME": "a"}, "keystore": {**SQLITE, "NAME": "b"}}
    settings.HTTPS = False
    found = checks.check_place_of_real_data(None)
    assert ids(found) == {"haven.W002", "haven.W003"}
    assert "belongs on PostgreSQL" in found[0].msg
    settings.DATABASES = {alias: {**POSTGRESQL, "NAME": alias} for alias in ("default", "keystore")}
    settings.HTTPS = True
    assert not checks.check_place_of_real_data(None)
    settings.HAVEN_DEMO, settings.HTTPS = True, False
    assert not checks.check_place_of_real_data(None)


def test_both_databases_are_fine(db):
    found = checks.check_databases(databases=["default", "keystore"])
    # A throwaway cluster does not wait for its disk, and says so.
    assert ids(found) <= {"haven.W001"}


def test_database_that_does_not_answer(db, monkeypatch):
    def refuse(*_arguments):
        raise OperationalError("could not connect to host db.example.org")

    monkeypatch.setattr(connections["keystore"], "cursor", refuse)
    monkeypatch.setattr(connections["keystore"], "ensure_connection", refuse)
    (message,) = checks.check_databases(databases=["keystore"])
    assert message.id == "haven.E010" and "example.org" not in message.msg


def test_guards_and_mark(db, settings):
    assert not checks.check_guards(databases=["default"])
    Installation.objects.create(id=1, is_demo=True)
    assert ids(checks.check_guards(databases=["default"])) == {"haven.E015"}
    settings.HAVEN_DEMO = True
    assert not checks.check_guards(databases=["default"])
    assert not checks.check_guards(databases=["keystore"]), "the guards are in the other database"


def test_missing_guard_is_named(db, monkeypatch):
    monkeypatch.setattr(checks, "check_protection", lambda: ["The guard haven_keep_audit_event_delete is missing."])
    assert ids(checks.check_guards(databases=["default"])) == {"haven.E014"}
