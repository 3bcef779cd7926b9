"""Whatever is damaged, cut, lengthened or put in another's place: wrapped keys, marks, tokens, certificates, key files."""

import base64
import copy
import json
import uuid
from datetime import date

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casemgmt.crypto import certificates, keks, keyring
from casemgmt.crypto.certificates import BadCertificate
from casemgmt.crypto.errors import (
    BadToken,
    DecryptionRefused,
    KeystoreUnavailable,
    RootKeyUnavailable,
    RowMixed,
    WrongSecret,
)
from casemgmt.crypto.providers import keyfile, sheets
from casemgmt.crypto.providers.root import RootKey
from casemgmt.crypto.tokens import open_token, seal_token
from tests.crypto import raw
from tests.crypto.gates import reading
from tests.crypto.vaulted.models import Form, Guest, Marked

KEY, KEK, ROOT = bytes(range(32)), bytes(range(64, 96)), bytes(range(32, 64))
CASE, OTHER = uuid.UUID(int=2), uuid.UUID(int=3)
CONTEXT = keyring.key_context(CASE, "CORE", 1)
both = pytest.mark.django_db(databases=["default", "keystore"])
many = settings(
    derandomize=True, deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def flipped(whole: bytes, bit: int) -> bytes:
    """The same bytes with one bit turned over."""
    damaged = bytearray(whole)
    damaged[bit // 8] ^= 1 << (bit % 8)
    return bytes(damaged)


def every_damage(whole: bytes):
    """Each bit turned over, each length it could be cut to, and a byte too many at either end."""
    yield from (flipped(whole, bit) for bit in range(len(whole) * 8))
    yield from (whole[:length] for length in range(len(whole)))
    yield from (whole + b"\0", b"\0" + whole)


# ---- Keys wrapped by a KEK, and by the root ----


@pytest.fixture
def wrapped(monkeypatch):
    monkeypatch.setattr(keks, "primary", lambda: (7, AESGCM(KEK)))
    return keks.wrap(KEY, CONTEXT)[1]


@pytest.fixture
def opening(monkeypatch):
    """Only KEK 7 and another one exist."""
    known = {7: AESGCM(KEK), 6: AESGCM(ROOT)}

    def cipher(number):
        if number not in known:
            raise KeystoreUnavailable("no such key")
        return known[number]

    monkeypatch.setattr(keks, "_cipher", cipher)


def test_a_damaged_case_key_does_not_open(wrapped, opening):
    assert keks.unwrap(wrapped, CONTEXT) == KEY
    for damaged in every_damage(wrapped):
        with pytest.raises((InvalidTag, KeystoreUnavailable)):
            keks.unwrap(damaged, CONTEXT)


contexts = st.tuples(
    st.sampled_from([CASE, OTHER]), st.sampled_from(["CORE", "LEGAL", "COR", "E"]), st.integers(1, 65535)
)


@many
@given(contexts)
def test_a_case_key_serves_one_case_class_and_epoch(wrapped, opening, place):
    if keyring.key_context(*place) == CONTEXT:
        assert place == (CASE, "CORE", 1)
        return
    with pytest.raises(InvalidTag):
        keks.unwrap(wrapped, keyring.key_context(*place))


@many
@given(contexts, contexts)
def test_no_two_places_share_their_context(one, other):
    assert (one == other) == (keyring.key_context(*one) == keyring.key_context(*other))


@many
@given(st.sampled_from(["SEARCH", "SEARC", "LEDGER", "INDEX"]), st.integers(1, 65535), st.integers(0, 2**32 - 1))
def test_keys_of_different_kinds_share_no_context(name, epoch, number):
    made = {keks.shared_context(name, epoch), keks.kek_context(number), CONTEXT}
    assert len(made) == 3


def test_a_damaged_kek_does_not_open():
    root = RootKey(ROOT)
    sealed = root.wrap(KEK, context=keks.kek_context(7))
    assert root.unwrap(sealed, context=keks.kek_context(7)) == KEK
    for damaged in every_damage(sealed):
        with pytest.raises(RootKeyUnavailable):
            root.unwrap(damaged, context=keks.kek_context(7))
    for number in (0, 6, 8, 7 << 8):
        with pytest.raises(RootKeyUnavailable):
            root.unwrap(sealed, context=keks.kek_context(number))
    with pytest.raises(RootKeyUnavailable):
        RootKey(KEK).unwrap(sealed, context=keks.kek_context(7))


# ---- Files of root keys, sheets of paper ----


@pytest.mark.once
def test_a_key_file_with_any_changed_or_missing_line_does_not_open(tmp_path):
    """Every bit of the sealed line costs half a second to try; so each line is damaged, and its checksum made to fit."""
    whole = keyfile._sealed_text(RootKey(ROOT), "seven miles")
    lines = whole.splitlines()
    path = tmp_path / "root.key"

    def opens(text: str) -> bool:
        path.unlink(missing_ok=True)
        path.write_text(text, encoding="ascii")
        path.chmod(0o400)
        try:
            return keyfile.read(path).open("seven miles").reveal() == ROOT
        except RootKeyUnavailable:
            return False

    assert opens(whole)
    for place in range(len(lines)):
        assert not opens("\n".join(lines[:place] + lines[place + 1 :]) + "\n")
        for at in range(0, len(lines[place]), 7):
            letter = "0" if lines[place][at] != "0" else "1"
            changed = [*lines[:place], lines[place][:at] + letter + lines[place][at + 1 :], *lines[place + 1 :]]
            assert not opens("\n".join(changed) + "\n"), (place, at)
    for length in range(0, len(whole) - 1, 9):
        assert not opens(whole[:length])
    nonce_and_key = lines[3]
    for at in (len("sealed "), len(nonce_and_key) - 1, len(nonce_and_key) // 2):
        letter = "0" if nonce_and_key[at] != "0" else "1"
        body = [*lines[:3], nonce_and_key[:at] + letter + nonce_and_key[at + 1 :]]
        assert not opens("\n".join([*body, f"checksum {keyfile._checksum(keyfile._bound(body))}", ""])), at


@many
@given(sheet=st.integers(0, 2), place=st.integers(0, 32), word=st.integers(1, 1023))
def test_a_sheet_with_any_other_word_is_refused(sheet, place, word):
    made = SHEETS[sheet]
    words = list(made.words)
    words[place] = sheets.WORDLIST[(sheets.WORDLIST.index(words[place]) + word) % 1024]
    with pytest.raises(WrongSecret, match=f"Sheet {sheet + 1}"):
        sheets.read(" ".join(words), sheet + 1)


SHEETS = sheets.split(RootKey(ROOT))


# ---- Values of the newer kinds, row marks, tokens, certificates ----


@both
@many
@given(bit=st.integers(0, 63 * 8 - 1), name=st.sampled_from(["owed", "safe", "warrant", "fruit", "secret_fruit"]))
def test_flipped_bits_of_every_kind_of_value_are_refused(case_uid, bit, name):
    form = Form(case_uid=case_uid, owed="12.50", safe=False, warrant=None, fruit="FIG", secret_fruit=None)
    sealed = type(form)._meta.get_field(name).pre_save(form, add=True)
    form.__dict__[name] = type(sealed)(flipped(sealed.raw, bit % (len(sealed.raw) * 8)))
    with reading(), pytest.raises(DecryptionRefused):
        getattr(form, name)


@both
def test_every_damage_of_a_row_mark_is_refused(case_uid):
    row = Marked.objects.create(case_uid=case_uid, rule="Never call.", number="555-0101", checked_on=date(2026, 1, 2))
    whole = raw.read(Marked, "row_mac", row.pk)
    for damaged in every_damage(whole):
        found = Marked.objects.get(pk=row.pk)
        found.__dict__["row_mac"] = damaged
        with reading(), pytest.raises((RowMixed, DecryptionRefused)):
            found.rule
    with reading():
        assert Marked.objects.get(pk=row.pk).rule == "Never call."


@both
def test_every_damage_of_a_token_is_refused(case_uid):
    text = seal_token(case_uid, "page", {"before": 41})
    sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    for damaged in every_damage(sealed):
        with pytest.raises(BadToken):
            open_token(case_uid, "page", base64.urlsafe_b64encode(damaged).rstrip(b"=").decode())


@both
@many
@given(bit=st.integers(0, 64 * 8 - 1), where=st.sampled_from(["signature", "key", "body"]))
def test_every_changed_bit_of_a_certificate_is_refused(bit, where):
    certificate = certificates.sign({"order": "E-2026-001", "classes": ["ADVOCACY"], "rows": 12})
    known, changed = certificates.public_key(), copy.deepcopy(certificate)
    if where == "body":
        body = bytearray(json.dumps(certificate["body"]).encode())
        try:
            changed["body"] = json.loads(flipped(bytes(body), bit % (len(body) * 8)))
        except ValueError:
            return
        if changed["body"] == certificate["body"]:
            return
    else:
        value = bytes.fromhex(certificate[where])
        changed[where] = flipped(value, bit % (len(value) * 8)).hex()
    with pytest.raises(BadCertificate):
        certificates.verify(changed, known)
    assert certificates.verify(certificate, known)["rows"] == 12


@both
def test_a_version_of_the_past_is_bound_as_its_row_is(case_uid, other_case_uid):
    """History, too: another row's or another field's ciphertext does not open as a version."""
    ana, bea = (Guest.objects.create(case_uid=uid, name=name, remarks="x") for uid, name in
                ((case_uid, "Ana"), (other_case_uid, "Bea")))  # fmt: skip
    History = ana.history.model
    version = ana.history.get()
    for column, stored in (
        ("name", raw.read(Guest, "name", bea.pk)),
        ("name", raw.read(Guest, "remarks", ana.pk)),
        ("name", raw.read(Guest, "name", ana.pk)[:-1]),
    ):
        raw.write(History, column, version.pk, stored)
        with reading(), pytest.raises(DecryptionRefused):
            getattr(History.objects.get(pk=version.pk), column)
