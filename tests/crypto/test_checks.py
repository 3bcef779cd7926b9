"""System checks: a model that would weaken the vault does not start."""

import copy
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connections, models
from django.test.utils import isolate_apps

from casemgmt.crypto import checks, registry
from casemgmt.crypto.fields import SealedText
from casemgmt.crypto.models import SealedModel
from tests.crypto.vaulted.models import Guest, History, Sheet


def ids(messages):
    return sorted(message.id for message in messages)


def test_the_test_models_are_clean():
    messages = checks.check_sealed_models()
    assert [message for message in messages if message.obj in (Guest, Sheet)] == []
    for model in (Guest, Sheet):
        assert model.check() == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"unique": True}, ["crypto.E001"]),
        ({"db_index": True}, ["crypto.E001"]),
        ({}, []),
    ],
)
@isolate_apps("tests.crypto.vaulted")
def test_a_field_is_neither_unique_nor_indexed(options, expected):
    class Odd(SealedModel):
        name = SealedText(fid="odd.name", section="CARD", **options)

        class Meta:
            app_label = "vaulted"

    assert ids(Odd._meta.get_field("name").check()) == expected


def test_a_hidden_null_is_never_a_null_of_the_database():
    field = SealedText(fid="odd.name", section="CARD", hide_null=True, null=True, blank=True)
    assert not field.null
    assert field.deconstruct()[3] == {"fid": "odd.name", "section": "CARD", "hide_null": True, "blank": True}


@isolate_apps("tests.crypto.vaulted")
def test_a_model_without_the_base():
    class Bare(models.Model):
        name = SealedText(fid="bare.name", section="CARD")

        class Meta:
            app_label = "vaulted"

    assert ids(checks.check_model(Bare)) == ["crypto.E005", "crypto.E008"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"ordering": ["-name"]}, "crypto.E006"),
        ({"unique_together": [("uid", "name")]}, "crypto.E007"),
        ({"indexes": [models.Index(fields=["-name"], name="by_name")]}, "crypto.E007"),
        ({"constraints": [models.UniqueConstraint(fields=["name"], name="one_name")]}, "crypto.E007"),
    ],
)
@isolate_apps("tests.crypto.vaulted")
def test_no_order_and_no_index_by_ciphertext(options, expected):
    class Sorted(SealedModel):
        name = SealedText(fid="sorted.name", section="CARD")
        history = History()

        Meta = type("Meta", (), {"app_label": "vaulted", **options})

    assert ids(checks.check_model(Sorted)) == [expected]


@isolate_apps("tests.crypto.vaulted")
def test_history_must_carry_ciphertext():
    class Forgetful(SealedModel):
        name = SealedText(fid="forgetful.name", section="CARD")

        class Meta:
            app_label = "vaulted"

    assert ids(checks.check_model(Forgetful)) == ["crypto.E008"]
    Forgetful.keeps_no_history = "A draft: its history would be the leak."
    assert ids(checks.check_model(Forgetful)) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"fid": "Guest Name"}, ["crypto.E003"]),
        ({"fid": "sheet.body"}, ["crypto.E004"]),
        ({"section": "GOSSIP"}, ["crypto.E009"]),
        ({"section": "no_such_column"}, ["crypto.E009"]),
        ({"section": "uid"}, ["crypto.E009"]),
        ({"scope": "number"}, ["crypto.E010"]),
        ({"scope": "no_such_column"}, ["crypto.E010"]),
    ],
)
def test_names_and_bindings_are_checked(monkeypatch, change, expected):
    field = copy.copy(Guest._meta.get_field("name"))
    vars(field).update(change)
    monkeypatch.setattr(checks, "live_sealed_fields", lambda: [Sheet._meta.get_field("body"), field])
    assert ids(checks.check_sealed_models()) == expected


def test_the_history_copies_share_their_fid_without_complaint():
    fids = [field.fid for field in registry.live_sealed_fields()]
    assert len(fids) == len(set(fids))
    assert Guest.history.model._meta.get_field("name").fid == "guest.name"


@pytest.mark.django_db(databases=["default", "keystore"])
def test_deleted_keys_are_overwritten_on_sqlite():
    assert checks.check_keystore(databases=["keystore"]) == []
    if connections["keystore"].vendor == "sqlite":
        with connections["keystore"].cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=OFF")
            try:
                assert ids(checks.check_keystore(databases=["keystore"])) == ["crypto.E011"]
            finally:
                cursor.execute("PRAGMA secure_delete=ON")
    assert checks.check_keystore(databases=["default"]) == []


# ---- the committed list ----


@pytest.fixture
def as_product(monkeypatch):
    """The test models counted as if they were the product's."""
    monkeypatch.setattr(Guest, "__module__", "cases.models")
    monkeypatch.setattr(registry.apps, "get_models", lambda: [Guest, Guest.history.model])


def test_the_list_names_each_sealed_field(as_product, tmp_path):
    listed = tmp_path / "sealed-fields.txt"
    registry.write_registry(listed)
    lines = listed.read_text().splitlines()
    assert lines[0] == registry.HEADING
    assert "guest.name  IDENTITY  -  vaulted.guest.name" in lines
    assert len(lines) == 6
    assert registry.differences(listed) == []
    call_command("list_sealed_fields", compare=listed)


def test_a_changed_field_is_noticed(as_product, tmp_path):
    listed = tmp_path / "sealed-fields.txt"
    registry.write_registry(listed)
    listed.write_text(listed.read_text().replace("guest.name  IDENTITY", "guest.name  CARD"))
    assert registry.differences(listed) == [
        "+ guest.name  IDENTITY  -  vaulted.guest.name",
        "- guest.name  CARD  -  vaulted.guest.name",
    ]
    with pytest.raises(CommandError, match=r"guest\.name"):
        call_command("list_sealed_fields", compare=listed)
    listed.unlink()
    assert len(registry.differences(listed)) == 5


def test_test_apps_are_left_out(tmp_path):
    assert apps.is_installed("tests.crypto.vaulted")
    assert not [line for line in registry.registry_lines() if "vaulted." in line]
    out = StringIO()
    call_command("list_sealed_fields", stdout=out)
    assert out.getvalue().split("\n")[:-1] == (registry.registry_lines() or [""])
    call_command("list_sealed_fields", write=tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text().startswith(registry.HEADING)
