"""What a weaker choice of the root key means, in words: each check is seen to speak up, and to be silent."""

import os
from pathlib import Path

import pytest
from django.apps import apps

from casemgmt.crypto.providers import keyfile, local, token
from casemgmt.operations import root_key, root_key_checks
from casemgmt.operations.errors import NotReady

PASSPHRASE = "seven green doors behind the mill"
OVERRIDES = pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")


@pytest.fixture(autouse=True)
def real_home(settings, tmp_path, monkeypatch):
    """A home for real work whose root key is sealed."""
    monkeypatch.setattr(keyfile, "MEMORY_KIB", 64 * 1024)
    monkeypatch.setattr(keyfile, "PASSES", 1)
    settings.HAVEN_DEMO = False
    del settings.ROOT_KEY_AUTOCREATE
    settings.HAVEN_HOME, settings.ROOT_KEY_FILE = tmp_path, tmp_path / "keys" / "root.key"
    settings.DATABASES = {
        "default": {"ENGINE": "django.db.backends.postgresql", "NAME": "a", "HOST": "records", "PORT": 5432},
        "keystore": {"ENGINE": "django.db.backends.postgresql", "NAME": "b", "HOST": "keys", "PORT": 5432},
    }
    return settings


pytestmark = [OVERRIDES, pytest.mark.once]


def ids(messages) -> set[str]:
    return {message.id for message in messages}


def test_a_sealed_key_and_separate_places_need_no_word(real_home):
    local.create(passphrase=PASSPHRASE)
    assert not root_key_checks.check_root_key() and not root_key_checks.check_choices()


def test_a_plain_key_file(real_home):
    local.create()
    assert ids(root_key_checks.check_root_key()) == {"haven.E020"}
    with pytest.raises(NotReady, match="root_key passphrase"):
        root_key.demand()
    real_home.ROOT_KEY_PLAIN = True
    assert not root_key_checks.check_root_key()
    root_key.demand()
    (warning,) = root_key_checks.check_choices()
    assert warning.id == "haven.W010" and "opens every case" in warning.msg
    real_home.ROOT_KEY_PLAIN, real_home.HAVEN_DEMO = False, True
    assert not root_key_checks.check_root_key() and not root_key_checks.check_choices(), "the demo has nobody to lose"


@pytest.mark.django_db(databases="__all__")
def test_no_root_key(real_home):
    for name in ("CaseKey", "SharedKey", "KeyEncryptionKey"):
        apps.get_model("crypto", name).objects.all().delete()
    with pytest.raises(NotReady, match="root_key create"):
        root_key.demand()


def test_a_passphrase_file_on_the_disk_of_the_key(real_home, tmp_path):
    local.create(passphrase=PASSPHRASE)
    mounted = tmp_path / "passphrase"
    mounted.write_text(PASSPHRASE)
    mounted.chmod(0o600)
    real_home.ROOT_PASSPHRASE_FILE = str(mounted)
    (warning,) = root_key_checks.check_choices()
    assert warning.id == "haven.W011" and "same disk" in warning.msg and PASSPHRASE not in warning.msg
    mounted.chmod(0o644)
    assert ids(root_key_checks.check_choices()) == {"haven.W011", "haven.W013"}


def test_a_passphrase_file_in_memory(real_home):
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == real_home.HAVEN_HOME.stat().st_dev:
        pytest.skip("this machine has no /dev/shm")
    local.create(passphrase=PASSPHRASE)
    mounted = memory / f"haven-test-{os.getpid()}"
    mounted.write_text(PASSPHRASE)
    mounted.chmod(0o400)
    real_home.ROOT_PASSPHRASE_FILE = str(mounted)
    try:
        assert not root_key_checks.check_choices()
    finally:
        mounted.unlink()


def test_records_and_keys_in_one_place(real_home, tmp_path):
    local.create(passphrase=PASSPHRASE)
    one_disk = {
        alias: {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / alias} for alias in ("default", "keystore")
    }
    one_server = {
        alias: {"ENGINE": "django.db.backends.postgresql", "NAME": alias, "HOST": "db"}
        for alias in ("default", "keystore")
    }
    for together in (one_disk, one_server):
        real_home.DATABASES = together
        assert ids(root_key_checks.check_choices()) == {"haven.W012"}


def test_an_old_root_key_that_stays(real_home):
    local.create(passphrase=PASSPHRASE)
    real_home.ROOT_KEY_FILE.with_name("root.key.old").write_text("")
    assert ids(root_key_checks.check_choices()) == {"haven.W014"}


@pytest.mark.parametrize("name", ["ROOT_PASSPHRASE", "ROOT_KEY", "PKCS11_PIN"])
def test_a_secret_in_the_environment(real_home, monkeypatch, name):
    local.create(passphrase=PASSPHRASE)
    monkeypatch.setenv(name, PASSPHRASE)
    (error,) = root_key_checks.check_root_key()
    assert error.id == "haven.E017" and PASSPHRASE not in f"{error.msg} {error.hint}"


def test_a_token_without_its_library_or_package(real_home, monkeypatch):
    real_home.ROOT_KEY_PROVIDER = "pkcs11"
    real_home.PKCS11_MODULE = "/nowhere/libtoken.so"
    monkeypatch.setattr(token, "pkcs11", None)
    assert ids(root_key_checks.check_root_key()) == {"haven.E018", "haven.E019"}


def test_an_unknown_provider(real_home):
    real_home.ROOT_KEY_PROVIDER = "cloud"
    assert ids(root_key_checks.check_root_key()) == {"haven.E016"}
    with pytest.raises(NotReady, match="ROOT_KEY_PROVIDER"):
        root_key.demand()
