"""Each format that is kept, frozen: what was written once is read for ever, and what is written now is byte for byte the same.

``vectors/formats.json`` is never regenerated. Code that writes other bytes under the same version fails here: give the
new form a version of its own and a file of vectors beside it, and keep reading the old one.
"""

import io
import itertools
import json
import os
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemgmt.crypto import blind_index, certificates, envelope, keks, keyring, rowmac
from casemgmt.crypto.files import seal_stream
from casemgmt.crypto.models import CaseKey
from casemgmt.crypto.providers import keyfile, sheets
from casemgmt.crypto.providers.root import RootKey
from casemgmt.crypto.tokens import open_token, seal_token
from casemgmt.operations.backup import manifest
from tests.crypto import raw
from tests.crypto.gates import reading
from tests.crypto.test_vectors import FROZEN as FORMAT_1
from tests.crypto.vaulted.models import Form, Guest, Marked

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])

FROZEN = json.loads((Path(__file__).parent / "vectors" / "formats.json").read_text())
CASE, RECORD = uuid.UUID("11111111-1111-4111-8111-111111111111"), uuid.UUID("33333333-3333-4333-8333-333333333333")
DATA_KEY, ROOT_KEY, KEK = bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 96))
SHARED = {keks.SEARCH: bytes(range(96, 128)), keks.SIGNING: bytes(range(128, 160))}
PASSPHRASE = "Ångström läuft seven miles"
ANSWERS: dict[str, Any] = {
    "owed": Decimal("-12.50"),
    "safe": True,
    "warrant": None,
    "fruit": "FIG",
    "secret_fruit": None,
}
BODY = {"order": "E-2026-001", "class": "ADVOCACY", "erased_at": "2026-11-22T00:00:00+00:00", "words": "Grün"}
MANIFEST = manifest.Manifest(
    name="haven-20261122T000000Z", part="main", engine="sqlite", taken_at="2026-11-22T00:00:00+00:00", version="0.1.0",
    bytes=4096, sha256="ab" * 32, migrations=["cases.0001_initial"], counts={"cases_case": 3}, keystore_version=7, erased=1,
    last_erased_at="2026-11-01T00:00:00+00:00", is_demo=True,
)  # fmt: skip


@pytest.fixture(autouse=True)
def known_keys(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A case and shared keys of known bytes, and chance that always falls the same way."""
    for retention_class in ("CORE", "ADVOCACY", "CLINICAL", "LEGAL", "SERVICES"):
        number, wrapped = keks.wrap(DATA_KEY, keyring.key_context(CASE, retention_class, 1))
        CaseKey.objects.create(case_uid=CASE, retention_class=retention_class, epoch=1, kek_id=number, wrapped=wrapped)
    for name, key in SHARED.items():
        keks.rows("SharedKey").filter(name=name).delete()
        number, wrapped = keks.wrap(key, keks.shared_context(name, 1))
        keks.rows("SharedKey").create(name=name, epoch=1, kek_id=number, wrapped=wrapped)
    keyring.forget()
    yield
    keyring.forget()


@pytest.fixture
def same_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nonces and salts in a row that is always the same."""
    counter = itertools.count(1)

    def bytes_of(count: int) -> bytes:
        return bytes([next(counter) % 256]) * count

    monkeypatch.setattr(envelope, "fresh_nonce", lambda: bytes_of(envelope.NONCE_BYTES))
    monkeypatch.setattr(os, "urandom", bytes_of)
    monkeypatch.setattr(keks, "primary", lambda: (7, AESGCM(KEK)))
    # What a passphrase costs may rise without a new form: it stands in the file.
    for name, value in {"MEMORY_KIB": 256 * 1024, "PASSES": 3, "LANES": 4}.items():
        monkeypatch.setattr(keyfile, name, value)


def sealed_columns(row: Any, *names: str) -> dict[str, str]:
    """What the fields of a row would store, in hex."""
    return {name: type(row)._meta.get_field(name).pre_save(row, add=True).raw.hex() for name in names}


def write_values() -> dict[str, str]:
    """One value of each kind."""
    guest = Guest(
        uid=RECORD, case_uid=CASE, name="Ana", born_on=date(1990, 1, 2), answers={"b": 1, "a": ["é", None, False]}
    )
    form = Form(uid=RECORD, case_uid=CASE, **ANSWERS)
    return {**sealed_columns(guest, "name", "born_on", "answers", "pregnant"), **sealed_columns(form, *ANSWERS)}


def write_row_mark() -> str:
    """The mark over the ciphertexts of a row, one of them absent."""
    return rowmac.mark_of(
        Marked(uid=RECORD, case_uid=CASE, rule="Never call.", number="555-0101", checked_on=None)
    ).hex()


def write_key_file(passphrase: str | None) -> str:
    """The text of a root key file."""
    root = RootKey(ROOT_KEY)
    return keyfile._plain_text(root) if passphrase is None else keyfile._sealed_text(root, passphrase)


def write_file() -> str:
    """A sealed file's header and length: the rest falls otherwise each time."""
    stream = seal_stream(io.BytesIO(b"the letter"), case_uid=CASE, section="LEGAL", file_uid=RECORD)
    whole = b"".join(stream)
    return f"{whole[:3].hex()} {len(whole)}"


def write_blind_tokens() -> dict[str, int]:
    """Tokens of several indexes and widths."""
    asked = [
        ("NAME", 16, "ana perez"),
        ("BIRTH", 12, "1990-01-02"),
        ("MATCH", 40, "ana perez|1990-01-02"),
        ("X", 62, "é"),
    ]
    return {f"{index} {bits} {text}": blind_index.token(index, 1, bits, text) for index, bits, text in asked}


WRITERS: dict[str, Callable[[], Any]] = {
    "values": write_values,
    "row mark": write_row_mark,
    "token": lambda: seal_token(CASE, "page", {"before": 41}),
    "key wrapped by the root": lambda: RootKey(ROOT_KEY).wrap(KEK, context=keks.kek_context(7)).hex(),
    "key wrapped by a kek": lambda: keks.wrap(DATA_KEY, keyring.key_context(CASE, "LEGAL", 3))[1].hex(),
    "key file 1": lambda: write_key_file(None),
    "key file 2": lambda: write_key_file(PASSPHRASE),
    "file": write_file,
    "blind tokens": write_blind_tokens,
    "certificate": lambda: certificates.sign(BODY),
    "backup manifest": lambda: manifest.signed(MANIFEST).decode(),
}


@pytest.mark.usefixtures("same_chance")
@pytest.mark.parametrize("name", WRITERS)
def test_what_is_written_now_is_what_was_written_then(name):
    assert WRITERS[name]() == FROZEN[name]


# ---- And the other way: what was written then is read now ----


def test_values_and_their_history_are_read():
    guest, form = (
        Guest.objects.create(uid=RECORD, case_uid=CASE, name="x"),
        Form.objects.create(uid=RECORD, case_uid=CASE),
    )
    for row, names in ((guest, ("name", "born_on", "answers", "pregnant")), (form, tuple(ANSWERS))):
        version = row.history.get()
        for name in names:
            raw.write(type(row), name, row.pk, bytes.fromhex(FROZEN["values"][name]))
            raw.write(type(version), name, version.pk, bytes.fromhex(FROZEN["values"][name]))
    for found in (Guest.objects.get(), Guest.history.get()):
        with reading():
            assert (found.name, found.born_on, found.pregnant) == ("Ana", date(1990, 1, 2), None)
            assert found.answers == {"a": ["é", None, False], "b": 1}
    for found in (Form.objects.get(), Form.history.get()):
        with reading():
            assert {name: getattr(found, name) for name in ANSWERS} == ANSWERS


def test_a_token_is_read():
    assert open_token(CASE, "page", FROZEN["token"]) == {"before": 41}


def test_wrapped_keys_are_read(monkeypatch):
    by_root, by_kek = (bytes.fromhex(FROZEN[f"key wrapped by {whom}"]) for whom in ("the root", "a kek"))
    assert RootKey(ROOT_KEY).unwrap(by_root, context=keks.kek_context(7)) == KEK
    monkeypatch.setattr(keks, "_cipher", lambda number: {7: AESGCM(KEK)}[number])
    assert keks.unwrap(by_kek, keyring.key_context(CASE, "LEGAL", 3)) == DATA_KEY


@pytest.mark.parametrize(("name", "passphrase"), [("key file 1", ""), ("key file 2", PASSPHRASE)])
def test_key_files_are_read(tmp_path, name, passphrase):
    path = tmp_path / "root.key"
    path.write_text(FROZEN[name], encoding="ascii")
    path.chmod(0o400)
    assert keyfile.read(path).open(passphrase).reveal() == ROOT_KEY


@pytest.mark.parametrize("pair", [(0, 1), (0, 2), (2, 1)])
def test_paper_sheets_are_read(pair):
    first, second = (sheets.read(FROZEN["paper sheets"][place], place + 1) for place in pair)
    assert sheets.combine(first, second).reveal() == ROOT_KEY


def test_new_paper_sheets_are_of_the_same_kind():
    made = sheets.split(RootKey(ROOT_KEY))
    assert [(len(sheet.words), sheet.number) for sheet in made] == [(33, 1), (33, 2), (33, 3)]
    old = sheets.read(FROZEN["paper sheets"][0], 1)
    assert old.set_words != made[0].set_words and old.number == 1


def test_a_certificate_is_read():
    assert certificates.verify(FROZEN["certificate"], certificates.public_key()) == BODY


def test_a_backup_manifest_is_read(tmp_path):
    (tmp_path / "main.json").write_text(FROZEN["backup manifest"])
    assert manifest.read(tmp_path, "main").manifest == MANIFEST


def test_a_row_mark_is_read():
    row = Marked.objects.create(uid=RECORD, case_uid=CASE, rule="Never call.", number="555-0101")
    for name, stored in FROZEN["marked row"].items():
        raw.write(Marked, name, row.pk, bytes.fromhex(stored))
    with reading():
        assert Marked.objects.get().rule == "Never call."


def test_the_two_files_of_vectors_are_of_the_same_case():
    assert (FORMAT_1["case_uid"], FORMAT_1["data_key"]) == (str(CASE), DATA_KEY.hex())
