"""One suite for whatever holds the root key; each provider must pass it. So far there is the local file."""

import stat

import pytest

from casemgmt.crypto.errors import KeystoreUnavailable
from casemgmt.crypto.providers import current, local
from casemgmt.crypto.providers.local import LocalFile


@pytest.fixture
def root_key_file(settings, tmp_path):
    settings.ROOT_KEY_FILE = tmp_path / "keys" / "root.key"
    return settings.ROOT_KEY_FILE


@pytest.fixture
def provider(root_key_file):
    local.create()
    return LocalFile()


# ---- conformance ----


def test_wrap_and_unwrap(provider):
    key = bytes(range(32))
    wrapped = provider.wrap(key, context=b"kek 1")
    assert key not in wrapped
    assert provider.unwrap(wrapped, context=b"kek 1") == key
    assert isinstance(provider.unwrap(wrapped, context=b"kek 1"), bytearray)
    assert provider.wrap(key, context=b"kek 1") != wrapped


def test_the_context_is_part_of_it(provider):
    wrapped = provider.wrap(bytes(32), context=b"kek 1")
    with pytest.raises(KeystoreUnavailable):
        provider.unwrap(wrapped, context=b"kek 2")


def test_damage_is_refused(provider):
    wrapped = provider.wrap(bytes(32), context=b"kek 1")
    for position in range(len(wrapped)):
        damaged = bytearray(wrapped)
        damaged[position] ^= 1
        with pytest.raises(KeystoreUnavailable):
            provider.unwrap(bytes(damaged), context=b"kek 1")
    with pytest.raises(KeystoreUnavailable):
        provider.unwrap(b"", context=b"kek 1")


def test_rewrap_keeps_the_key(provider):
    key = bytes(range(32))
    wrapped = provider.wrap(key, context=b"kek 1")
    again = provider.rewrap(wrapped, context=b"kek 1")
    assert again != wrapped
    assert provider.unwrap(again, context=b"kek 1") == key


def test_describe_and_health(provider, root_key_file):
    provider.health()
    secret = root_key_file.read_text().splitlines()[1]
    assert secret not in provider.describe()
    assert provider.describe() == provider.describe()


# ---- the file ----


def test_the_file_is_for_its_owner_only_and_never_overwritten(provider, root_key_file):
    assert stat.S_IMODE(root_key_file.stat().st_mode) == 0o400
    before = root_key_file.read_bytes()
    with pytest.raises(FileExistsError):
        local.create()
    assert root_key_file.read_bytes() == before
    assert [path.name for path in root_key_file.parent.iterdir()] == ["root.key"]


def test_a_missing_file(root_key_file):
    with pytest.raises(KeystoreUnavailable, match="missing"):
        LocalFile().health()


def test_a_file_open_to_others(provider, root_key_file):
    root_key_file.chmod(0o440)
    with pytest.raises(KeystoreUnavailable, match="chmod"):
        provider.health()


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: lines[:2],
        lambda lines: ["another title", *lines[1:]],
        lambda lines: [lines[0], lines[1][:-1] + ("0" if lines[1][-1] != "0" else "1"), lines[2]],
        lambda lines: [lines[0], lines[1][:-2], lines[2]],
        lambda lines: [lines[0], "not hex", lines[2]],
        lambda lines: [],
    ],
)
def test_a_damaged_file(provider, root_key_file, damage):
    lines = damage(root_key_file.read_text().splitlines())
    root_key_file.chmod(0o600)
    root_key_file.write_text("\n".join(lines))
    with pytest.raises(KeystoreUnavailable, match="damaged"):
        provider.health()


def test_only_the_demo_makes_its_key_by_itself(settings):
    del settings.ROOT_KEY_AUTOCREATE
    settings.HAVEN_DEMO = False
    assert not local.may_create()
    settings.HAVEN_DEMO = True
    assert local.may_create()


def test_the_local_file_is_the_provider():
    assert isinstance(current(), LocalFile)
