"""Shredding: keys that are gone, tombstones that stay, and certificates that anybody can check."""

import json
import sqlite3
import uuid
from datetime import UTC, datetime

import pytest
from django.db import connections

from casemgmt.crypto import certificates, keks, keyring, shredding
from casemgmt.crypto.errors import ContentErased, VaultError
from casemgmt.crypto.models import CaseKey, ErasedClass, KeystoreVersion

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ORDER = "ER-7Q4K-29MX"

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])


def destroy(case_uid, *classes, order=ORDER):
    return shredding.destroy(case_uid, classes, order=order, now=NOW)


def kept(case_uid):
    return set(CaseKey.objects.filter(case_uid=case_uid).values_list("retention_class", flat=True))


def test_the_keys_of_a_class_go_and_the_others_stay(case_uid, other_case_uid):
    keyring.sealing_cipher(case_uid, "ADVOCACY")
    [stone] = destroy(case_uid, "ADVOCACY")
    assert (stone.retention_class, stone.order, stone.erased_at, stone.keys) == ("ADVOCACY", ORDER, NOW, 1)
    assert stone.keks == (keks.primary()[0],)
    assert kept(case_uid) == {"CLINICAL", "CORE", "LEGAL", "SERVICES"} and len(kept(other_case_uid)) == 5
    with pytest.raises(ContentErased):
        keyring.sealing_cipher(case_uid, "ADVOCACY")
    with pytest.raises(ContentErased):
        keyring.opening_cipher(case_uid, "NARRATIVE", 1)
    keyring.sealing_cipher(case_uid, "CARD")


def test_all_epochs_go(case_uid):
    first = CaseKey.objects.get(case_uid=case_uid, retention_class="LEGAL")
    CaseKey(case_uid=case_uid, retention_class="LEGAL", epoch=2, kek=first.kek, wrapped=bytes(first.wrapped)).save(
        using="keystore"
    )
    assert destroy(case_uid, "LEGAL")[0].keys == 2
    assert "LEGAL" not in kept(case_uid)


def test_an_erased_class_never_has_a_key_again(case_uid):
    destroy(case_uid, "CLINICAL", "LEGAL")
    keyring.create_case_keys(case_uid)
    keyring.create_keys_of_cases([case_uid, uuid.uuid4()])
    assert kept(case_uid) == {"ADVOCACY", "CORE", "SERVICES"}
    with pytest.raises(ContentErased):
        keyring.sealing_cipher(case_uid, "HEALTH")


def test_a_second_call_changes_nothing_and_tells_the_same(case_uid):
    first = destroy(case_uid, "SERVICES")
    later = destroy(case_uid, "SERVICES", order="ER-AAAA-AAAA")
    assert first == later and ErasedClass.objects.count() == 1
    assert later[0].keys == 1 and later[0].order == ORDER


def test_every_process_hears_of_it(case_uid):
    keyring.begin_request()
    before = KeystoreVersion.objects.get().number
    destroy(case_uid, "CORE")
    assert KeystoreVersion.objects.get().number == before + 1
    assert keyring._wrapped.get(case_uid) is None


def test_a_class_that_nobody_knows_is_refused(case_uid):
    with pytest.raises(VaultError, match="NONSENSE"):
        destroy(case_uid, "CORE", "NONSENSE")
    assert len(kept(case_uid)) == 5


def test_what_was_deleted_is_scrubbed_from_the_engine(tmp_path):
    """On SQLite the bytes of a destroyed key are in no file of the key store any more, its log included."""
    case_uid = uuid.uuid4()
    keyring.create_case_keys(case_uid)
    wrapped = bytes(CaseKey.objects.get(case_uid=case_uid, retention_class="CORE").wrapped)
    destroy(case_uid, "CORE")
    assert shredding.scrub() is True
    if connections["keystore"].vendor != "sqlite":
        assert shredding.needs_kek_destroyed()
        return
    assert not shredding.needs_kek_destroyed()
    # The unit tests' own database lives in memory; the same statements on files, as settings make them.
    path = tmp_path / "keystore.sqlite3"
    files = [path, path.with_name(path.name + "-wal")]
    writer = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        writer.execute(f"PRAGMA {pragma}")
    writer.execute("CREATE TABLE k (wrapped BLOB)")
    writer.execute("INSERT INTO k VALUES (?)", [wrapped])
    assert any(wrapped in file.read_bytes() for file in files if file.exists())
    writer.execute("DELETE FROM k")
    assert any(wrapped in file.read_bytes() for file in files if file.exists()), "the log still holds it"
    writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert not any(wrapped in file.read_bytes() for file in files if file.exists())


# ---- Certificates ----


BODY = {"order": ORDER, "classes": ["ADVOCACY"], "keys": 1, "erased_at": "2026-11-21T12:00:00Z"}


def test_a_certificate_is_checked_with_the_public_key_alone(db):
    signed = json.loads(json.dumps(certificates.sign(BODY)))
    public = certificates.public_key()
    assert certificates.verify(signed, public) == BODY
    assert signed["key"] == public and len(signed["signature"]) == 128


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["body"].update(keys=2),
        lambda c: c["body"].update(more="x"),
        lambda c: c.update(signature="00" * 64),
        lambda c: c.update(signature="no hex"),
        lambda c: c.update(key="11" * 32),
        lambda c: c.update(format="haven certificate 2"),
        lambda c: c.pop("body"),
    ],
)
def test_a_changed_certificate_is_refused(db, change):
    signed = certificates.sign(BODY)
    public = signed["key"]
    change(signed)
    with pytest.raises(certificates.BadCertificate):
        certificates.verify(signed, public)


def test_a_certificate_of_another_vault_is_refused(db):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    theirs = Ed25519PrivateKey.generate()
    forged = certificates.sign(BODY) | {
        "key": theirs.public_key().public_bytes_raw().hex(),
        "signature": theirs.sign(b"haven/certificate/1\n" + certificates.canonical(BODY)).hex(),
    }
    with pytest.raises(certificates.BadCertificate, match="another key"):
        certificates.verify(forged, certificates.public_key())
    with pytest.raises(certificates.BadCertificate):
        certificates.verify(None, certificates.public_key())


def test_the_signing_key_stays_the_same_after_everything_was_forgotten(db):
    first = certificates.public_key()
    keyring.forget()
    assert certificates.public_key() == first
