"""Known answers: published ones for the primitives, frozen ones of our own for format version 1."""

import hashlib
import hmac
import io
import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from casemgmt.crypto import envelope, keks, keyring
from casemgmt.crypto.files import open_stream
from casemgmt.crypto.models import CaseKey
from casemgmt.crypto.providers import keyfile
from casemgmt.crypto.tokens import open_token
from tests.crypto import raw
from tests.crypto.gates import reading
from tests.crypto.vaulted.models import Guest, Sheet

PUBLISHED = Path(cryptography_vectors.__file__).parent
FROZEN = json.loads((Path(__file__).parent / "vectors" / "format_1.json").read_text())


def blocks(path: Path) -> Iterator[dict[str, str]]:
    """The records of a NIST or RFC response file, as dicts of lower-case names."""
    for block in re.split(r"\n\s*\n", path.read_text()):
        found = dict(re.findall(r"^(\w+) = ?(.*)$", block, re.MULTILINE))
        found["FAIL"] = "FAIL" if re.search(r"^FAIL$", block, re.MULTILINE) else ""
        yield {name.lower(): value.strip() for name, value in found.items()}


def test_nist_gcm_256_encrypts_as_published():
    count = 0
    for case in blocks(PUBLISHED / "ciphers/AES/GCM/gcmEncryptExtIV256.rsp"):
        if len(case.get("iv", "")) != 24 or len(case["tag"]) != 32:
            continue
        key, nonce, text, bound = (bytes.fromhex(case[name]) for name in ("key", "iv", "pt", "aad"))
        assert AESGCM(key).encrypt(nonce, text, bound).hex() == case["ct"] + case["tag"]
        count += 1
    assert count > 300


def test_nist_gcm_256_refuses_as_published():
    good = bad = 0
    for case in blocks(PUBLISHED / "ciphers/AES/GCM/gcmDecrypt256.rsp"):
        if len(case.get("iv", "")) != 24 or len(case["tag"]) != 32:
            continue
        key, nonce, bound = (bytes.fromhex(case[name]) for name in ("key", "iv", "aad"))
        sealed = bytes.fromhex(case["ct"] + case["tag"])
        if case["fail"]:
            with pytest.raises(InvalidTag):
                AESGCM(key).decrypt(nonce, sealed, bound)
            bad += 1
        else:
            assert AESGCM(key).decrypt(nonce, sealed, bound).hex() == case["pt"]
            good += 1
    assert good > 100
    assert bad > 100


def test_rfc_5869_expand_as_published():
    published = (PUBLISHED / "KDF" / "rfc-5869-HKDF-SHA256.txt").read_text()
    cases = re.findall(r"^info = ?(\w*)\nL +=.*\n+PRK  = (\w+)\nOKM  = (\w+)$", published, re.MULTILINE)
    assert len(cases) == 3
    for info, key, expected in cases:
        derived = HKDFExpand(hashes.SHA256(), len(expected) // 2, bytes.fromhex(info)).derive(bytes.fromhex(key))
        assert derived.hex() == expected


def test_rfc_4231_hmac_as_published():
    """Of which blind tokens, row marks and fingerprints are made."""
    count = 0
    for case in blocks(PUBLISHED / "HMAC" / "rfc-4231-sha256.txt"):
        if "md" in case:
            key, text = bytes.fromhex(case["key"]), bytes.fromhex(case["msg"])
            mac = HMAC(key, hashes.SHA256())
            mac.update(text)
            assert mac.finalize().hex() == hmac.digest(key, text, hashlib.sha256).hex() == case["md"]
            count += 1
    assert count >= 5


def test_rfc_8032_ed25519_as_published():
    """Of which certificates and backup manifests are made."""
    lines = (PUBLISHED / "asymmetric" / "Ed25519" / "sign.input").read_text().split()
    for line in lines[::8]:
        secret, public, text, signed = (bytes.fromhex(part) for part in line.split(":")[:4])
        key = Ed25519PrivateKey.from_private_bytes(secret[:32])
        assert key.public_key().public_bytes_raw() == public
        assert key.sign(text) == signed[:64]
        with pytest.raises(InvalidSignature):
            key.public_key().verify(signed[:64], text + b"x")
    assert len(lines) == 1024


def test_rfc_9106_argon2id_as_published(monkeypatch):
    """Of which a passphrase's key is made; the published case with all inputs, and ours without secret and context."""
    count = 0
    for case in blocks(PUBLISHED / "KDF" / "argon2id.txt"):
        if "output" not in case:
            continue
        text, salt = bytes.fromhex(case["pass"]), bytes.fromhex(case["salt"])
        costs = {"memory_cost": int(case["memcost"]), "iterations": int(case["iter"]), "lanes": int(case["lanes"])}
        more = {
            there: bytes.fromhex(case[name]) for name, there in (("secret", "secret"), ("ad", "ad")) if case.get(name)
        }
        made = Argon2id(salt=salt, length=int(case["length"]), **costs, **more).derive(text)
        assert made.hex() == case["output"]
        if not more and case["length"] == "32" and text.isascii():
            assert (
                keyfile._stretch(text.decode(), salt, costs["memory_cost"], costs["iterations"], costs["lanes"]) == made
            )
            count += 1
    assert count >= 2


def test_our_expand_is_that_expand():
    key = bytes(range(32))
    assert bytes(keks.expand(key, "CARD")) == HKDFExpand(hashes.SHA256(), 32, b"haven/1/CARD").derive(key)


# ---- frozen vectors ----


@pytest.mark.parametrize("vector", FROZEN["envelopes"], ids=lambda vector: vector["name"])
def test_frozen_envelopes(vector, monkeypatch):
    """Byte for byte, in both directions."""
    scope = uuid.UUID(vector["scope_uid"]) if vector["scope_uid"] else None
    record, case = uuid.UUID(vector["record_uid"]), uuid.UUID(vector["case_uid"])
    bound = envelope.associated_data(vector["fid"], record, case, vector["section"], scope, vector["epoch"])
    assert bound.hex() == vector["associated_data"]
    cipher = AESGCM(bytes(keks.expand(bytes.fromhex(vector["data_key"]), vector["section"])))
    monkeypatch.setattr(envelope, "fresh_nonce", lambda: bytes.fromhex(vector["nonce"]))
    typed, sealed = bytes.fromhex(vector["typed"]), bytes.fromhex(vector["sealed"])
    assert envelope.seal(cipher, vector["epoch"], typed, bound) == sealed
    assert envelope.epoch_of(sealed, vector["fid"], record) == vector["epoch"]
    assert envelope.unseal(cipher, sealed, bound, vector["fid"], record) == typed


def test_frozen_case_key():
    vector = FROZEN["case_key"]
    wrapped, case = bytes.fromhex(vector["wrapped"]), uuid.UUID(vector["case_uid"])
    context = keyring.key_context(case, vector["retention_class"], vector["epoch"])
    assert wrapped[:4] == vector["kek"].to_bytes(4, "big")
    cipher = AESGCM(bytes.fromhex(vector["kek_key"]))
    assert cipher.decrypt(wrapped[4:16], wrapped[16:], context).hex() == vector["data_key"]


@pytest.fixture
def frozen_case(db) -> uuid.UUID:
    """The case of the frozen vectors, with the data key they were made with."""
    case, data_key = uuid.UUID(FROZEN["case_uid"]), bytes.fromhex(FROZEN["data_key"])
    for retention_class in ("CORE", "ADVOCACY", "CLINICAL", "LEGAL", "SERVICES"):
        number, wrapped = keks.wrap(data_key, keyring.key_context(case, retention_class, 1))
        CaseKey.objects.create(case_uid=case, retention_class=retention_class, epoch=1, kek_id=number, wrapped=wrapped)
    return case


@pytest.mark.django_db(databases=["default", "keystore"])
def test_frozen_rows(frozen_case):
    for row in FROZEN["rows"]:
        model = {"guest": Guest, "sheet": Sheet}[row["model"]]
        record = model.objects.create(case_uid=frozen_case, **row["columns"])
        raw.write(model, row["field"], record.pk, bytes.fromhex(row["sealed"]))
        with reading():
            assert str(getattr(model.objects.get(pk=record.pk), row["field"])) == row["value"]


@pytest.mark.django_db(databases=["default", "keystore"])
def test_frozen_file_token_and_fingerprint(frozen_case):
    file = FROZEN["file"]
    pieces = open_stream(
        io.BytesIO(bytes.fromhex(file["sealed"])),
        case_uid=frozen_case,
        section=file["section"],
        file_uid=uuid.UUID(file["file_uid"]),
    )
    assert b"".join(pieces).decode() == file["text"]
    assert open_token(frozen_case, "page", FROZEN["token"]) == {"before": 41}
    assert keyring.fingerprint(frozen_case, "CORE", "row", "Ana").hex() == FROZEN["fingerprint"]
