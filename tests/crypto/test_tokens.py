"""Tokens: opaque text for one owner and one purpose."""

import uuid

import pytest

from casemgmt.crypto.errors import BadToken, ContentErased
from casemgmt.crypto.keyring import ensure_own_keys
from casemgmt.crypto.tokens import open_token, seal_token

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])


@pytest.fixture
def owner(db):
    uid = uuid.uuid4()
    ensure_own_keys(uid)
    return uid


@pytest.mark.parametrize("value", [{"before": 41}, [1, "zwei"], "TOTP secret", 7, None, True, ""])
def test_a_value_comes_back(owner, value):
    assert open_token(owner, "page", seal_token(owner, "page", value)) == value


def test_a_token_is_opaque_and_fits_a_url(owner):
    token = seal_token(owner, "page", {"secret": "Ana Canary"})
    assert "Ana" not in token
    assert token.replace("-", "").replace("_", "").isalnum()
    assert token != seal_token(owner, "page", {"secret": "Ana Canary"})
    assert len(seal_token(owner, "page", {"before": 1})) == len(seal_token(owner, "page", {"before": 999_999}))


def test_a_token_serves_one_owner_and_one_purpose(owner):
    other = uuid.uuid4()
    ensure_own_keys(other)
    token = seal_token(owner, "page", 41)
    for who, purpose in ((other, "page"), (owner, "pin"), (uuid.uuid4(), "page")):
        with pytest.raises(BadToken):
            open_token(who, purpose, token)


@pytest.mark.parametrize("text", ["", "a", "é", "../../etc", "A" * 83, "A" * 84, "=" * 8, "AQAB", " ", "\x00"])
def test_rubbish_is_refused(owner, text):
    with pytest.raises(BadToken):
        open_token(owner, "page", text)


def test_each_changed_character_is_refused(owner):
    token = seal_token(owner, "page", 41)
    for position in range(len(token) - 1):  # the last one carries bits that mean nothing
        other = "A" if token[position] != "A" else "B"
        with pytest.raises(BadToken):
            open_token(owner, "page", token[:position] + other + token[position + 1 :])


def test_an_owner_without_keys(db):
    with pytest.raises(ContentErased):
        seal_token(uuid.uuid4(), "page", 1)
