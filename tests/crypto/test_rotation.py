"""Rotation of the key-encryption keys: step by step, repeated, refused where it would lose something."""

import uuid
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from casemgmt.crypto import keks, keyring, rotation
from casemgmt.crypto.errors import KeystoreUnavailable
from casemgmt.crypto.models import CaseKey, KeyEncryptionKey, KeystoreVersion, SharedKey
from casemgmt.crypto.rotation import RotationRefused
from tests.crypto.gates import reading
from tests.crypto.vaulted.models import Guest

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])


@pytest.fixture
def guest(case_uid):
    return Guest.objects.create(case_uid=case_uid, name="Ana", remarks="r")


def read(guest):
    with reading():
        return Guest.objects.get(pk=guest.pk).name


def states():
    return dict(KeyEncryptionKey.objects.values_list("number", "state"))


def now():
    return timezone.now()


def rotate():
    number, _new = rotation.add()
    rotation.promote(now=now())
    rotation.rewrap()
    return number


# ---- end to end ----


def test_a_whole_rotation(guest, case_uid):
    mark, ledger = keyring.fingerprint(case_uid, "CORE", "row", "x"), keyring.ledger_key("stream")
    index = keyring.index_fingerprint("i", "x")
    assert rotation.add() == (2, True)
    assert states() == {1: "PRIMARY", 2: "PENDING"}
    young = uuid.uuid4()
    keyring.create_case_keys(young)
    assert set(CaseKey.objects.filter(case_uid=young).values_list("kek", flat=True)) == {1}
    assert rotation.promote(now=now()) == (2, 1)
    assert states() == {1: "DECRYPT_ONLY", 2: "PRIMARY"}
    keyring.create_case_keys(uuid.uuid4())
    assert CaseKey.objects.filter(kek=2).count() == 5
    old = CaseKey.objects.filter(kek=1).count() + SharedKey.objects.filter(kek=1).count()
    told = []
    result = rotation.rewrap(lambda done, of: told.append((done, of)), batch=3)
    assert (result.done, result.remaining, result.damaged, result.primary) == (old, 0, [], 2)
    assert told[0] == (0, old) and told[-1] == (old, old) and len(told) > 3
    assert rotation.retire(1, now=now()) and rotation.destroy(1, now=now() + timedelta(days=15))
    assert states() == {1: "DESTROYED", 2: "PRIMARY"}
    assert bytes(KeyEncryptionKey.objects.get(number=1).wrapped) == b""
    keyring.forget()
    assert read(guest) == "Ana"
    assert keyring.fingerprint(case_uid, "CORE", "row", "x") == mark
    assert keyring.ledger_key("stream") == ledger and keyring.index_fingerprint("i", "x") == index


def test_old_keys_open_until_they_are_destroyed(guest):
    for _round in range(3):
        rotation.add()
        rotation.promote(now=now())
        keyring.forget()
        assert read(guest) == "Ana"
    assert sorted(states().values()) == ["DECRYPT_ONLY", "DECRYPT_ONLY", "DECRYPT_ONLY", "PRIMARY"]


def test_the_wrapped_bytes_are_bound_to_the_new_key(case_uid):
    before = set(CaseKey.objects.filter(case_uid=case_uid).values_list("wrapped", flat=True))
    rotate()
    after = {bytes(key.wrapped) for key in CaseKey.objects.filter(case_uid=case_uid)}
    assert not after & {bytes(wrapped) for wrapped in before}
    assert {wrapped[:4] for wrapped in after} == {b"\x00\x00\x00\x02"}


def test_roots_of_fingerprints_are_rewrapped_too(case_uid):
    from casemgmt.crypto import rekeying

    mark = keyring.fingerprint(case_uid, "CORE", "row", "x")
    rekeying.finish(rekeying.begin(case_uid))
    rotate()
    rotation.retire(1, now=now())
    rotation.destroy(1, now=now(), early=True)
    keyring.forget()
    assert keyring.fingerprint(case_uid, "CORE", "row", "x") == mark


# ---- repeated ----


def test_every_step_may_be_repeated(guest):
    version = KeystoreVersion.objects.get().number
    assert [rotation.add(), rotation.add()] == [(2, True), (2, False)]
    assert [rotation.promote(now=now()), rotation.promote(now=now()), rotation.promote(2, now=now())] == [
        (2, 1),
        (2, None),
        (2, None),
    ]
    assert rotation.rewrap().done > 0 and rotation.rewrap().done == 0
    assert [rotation.retire(1, now=now()), rotation.retire(1, now=now())] == [True, False]
    assert [rotation.destroy(1, now=now(), early=True) for _ in range(2)] == [True, False]
    assert KeystoreVersion.objects.get().number == version + 4  # add, promote, retire, destroy
    assert read(guest) == "Ana"


def test_an_unused_key_can_be_given_up(guest):
    rotation.add()
    rotation.retire(2, now=now())
    rotation.destroy(2, now=now(), early=True)
    assert states() == {1: "PRIMARY", 2: "DESTROYED"}
    assert rotation.add() == (3, True)


# ---- refused ----


def test_nothing_in_use_is_retired_or_destroyed(guest):
    rotation.add()
    for step in (rotation.retire, rotation.destroy):
        with pytest.raises(RotationRefused, match="in use"):
            step(1, now=now())
    rotation.promote(now=now())
    for step in (rotation.retire, rotation.destroy):
        with pytest.raises(RotationRefused, match=r"still wraps \d+ keys"):
            step(1, now=now())
    assert states() == {1: "DECRYPT_ONLY", 2: "PRIMARY"}


@pytest.mark.parametrize("model", ["CaseKey", "SharedKey"])
def test_one_key_left_is_enough_to_refuse(guest, model):
    number, wrapped = keks.wrap(bytes(32), b"context")
    rotate()
    left = keks.rows(model).order_by("pk").first()
    keks.rows(model).filter(pk=left.pk).update(kek_id=number, wrapped=wrapped)
    with pytest.raises(RotationRefused, match="still wraps 1 keys"):
        rotation.retire(1, now=now())
    # The column says it was rewrapped, the bytes say otherwise: the bytes are what counts.
    keks.rows(model).filter(pk=left.pk).update(kek_id=2)
    with pytest.raises(RotationRefused, match="still wraps 1 keys"):
        rotation.retire(1, now=now())


def test_backups_get_their_time(guest):
    rotate()
    retired = now()
    with pytest.raises(RotationRefused, match="not retired"):
        rotation.destroy(1, now=now())
    rotation.retire(1, now=retired)
    with pytest.raises(RotationRefused, match="Backups"):
        rotation.destroy(1, now=retired + timedelta(days=14) - timedelta(seconds=1))
    assert states()[1] == "DECRYPT_ONLY"
    assert rotation.destroy(1, now=retired + timedelta(days=14))


def test_what_was_in_use_once_does_not_come_back(guest):
    rotate()
    with pytest.raises(RotationRefused, match="before"):
        rotation.promote(1, now=now())
    with pytest.raises(RotationRefused, match="no key 9"):
        rotation.promote(9, now=now())
    with pytest.raises(RotationRefused, match="no key 9"):
        rotation.destroy(9, now=now())


def test_a_kind_of_wrapped_key_that_rotation_does_not_know_stops_it(guest, monkeypatch):
    monkeypatch.delitem(rotation.WRAPPED, "SharedKey")
    for step in (rotation.rewrap, lambda: rotation.retire(1, now=now()), rotation.overview):
        rotation.add()
        with pytest.raises(RotationRefused, match=r"SharedKey|in use"):
            step()


def test_a_damaged_key_stays_and_is_named(guest, case_uid):
    key = CaseKey.objects.filter(case_uid=case_uid).first()
    spoiled = bytes(key.wrapped)[:-1] + bytes([bytes(key.wrapped)[-1] ^ 1])
    CaseKey.objects.filter(pk=key.pk).update(wrapped=spoiled)
    rotation.add()
    rotation.promote(now=now())
    result = rotation.rewrap(batch=2)
    assert result.damaged == [f"CaseKey {key.pk}"] and result.remaining == 1
    assert bytes(CaseKey.objects.get(pk=key.pk).wrapped) == spoiled
    with pytest.raises(RotationRefused, match="still wraps 1"):
        rotation.retire(1, now=now())


# ---- others at the same time ----


def test_a_key_that_changed_meanwhile_is_left_alone(guest, case_uid, monkeypatch):
    """Between reading and writing, another process rewrapped the row: its work stays."""
    rotation.add()
    rotation.promote(now=now())
    target = CaseKey.objects.filter(case_uid=case_uid).order_by("pk").first()
    real = rotation._compare_and_set
    theirs = []

    def late(name, changes):
        if name == "CaseKey" and not theirs:
            context = keyring.key_context(target.case_uid, target.retention_class, target.epoch)
            key = keks.unwrap(target.wrapped, context)
            number, wrapped = keks.wrap(key, context)
            CaseKey.objects.filter(pk=target.pk).update(kek_id=number, wrapped=wrapped)
            theirs.append(wrapped)
        return real(name, changes)

    monkeypatch.setattr(rotation, "_compare_and_set", late)
    result = rotation.rewrap()
    assert bytes(CaseKey.objects.get(pk=target.pk).wrapped) == theirs[0]
    assert result.remaining == 0 and read(guest) == "Ana"


def test_a_process_that_did_not_hear_of_the_promotion_wraps_by_the_new_key_all_the_same(guest):
    rotation.add()
    keks.primary()
    KeyEncryptionKey.objects.filter(number=1).update(state="DECRYPT_ONLY")  # elsewhere
    KeyEncryptionKey.objects.filter(number=2).update(state="PRIMARY")
    assert keks.primary()[0] == 1  # what this process still believes
    young = uuid.uuid4()
    keyring.create_case_keys(young)
    assert set(CaseKey.objects.filter(case_uid=young).values_list("kek", flat=True)) == {2}


def test_a_destroyed_key_is_gone_from_memory_at_the_next_request(guest):
    rotate()
    keks._cipher(1)
    assert 1 in keks._ciphers
    KeyEncryptionKey.objects.filter(number=1).update(state="DESTROYED", wrapped=b"")  # elsewhere
    keyring.move_version()
    assert 1 in keks._ciphers
    keyring.begin_request()
    assert 1 not in keks._ciphers
    with pytest.raises(KeystoreUnavailable, match="1"):
        keks._cipher(1)


def test_what_was_read_before_the_destruction_is_not_remembered_after_it(monkeypatch):
    """One thread reads the rows, another destroys and forgets, then the first one remembers what it read."""
    rotation.add()
    keyring.forget()
    provider = keks.providers.current()
    real = provider.unwrap

    def slow(wrapped, *, context):
        keyring.forget()
        return real(wrapped, context=context)

    monkeypatch.setattr(provider, "unwrap", slow)
    assert set(keks._load()) == {1, 2}
    assert not keks._ciphers


def test_the_log_of_sqlite_is_cut_after_a_destruction():
    if connections["keystore"].vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its log elsewhere; the date of its backups counts.")
    with connections["keystore"].cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone()[0] == 1


def test_whoever_seals_looks_again_after_two_seconds(case_uid, monkeypatch):
    """A job that runs for an hour seals by the key of now."""
    from casemgmt.crypto import rekeying

    keyring.sealing_cipher(case_uid, "CARD")
    monkeypatch.setattr(keyring, "forget", lambda: None)  # the other process's renewal does not empty our memory
    rekeying.begin(case_uid)
    monkeypatch.undo()
    assert keyring.sealing_cipher(case_uid, "CARD")[0] == 1
    keyring._looked_at[0] -= keyring.FRESH_SECONDS + 0.1
    assert keyring.sealing_cipher(case_uid, "CARD")[0] == 2


# ---- the shared keys, while another process rotates ----


def elsewhere_promoted():
    """Another process put key 2 to use and retired key 1; this one still believes in key 1."""
    rotation.add()
    keks.primary()
    KeyEncryptionKey.objects.filter(number=1).update(state="DECRYPT_ONLY", retired_at=now())
    KeyEncryptionKey.objects.filter(number=2).update(state="PRIMARY")
    assert keks.primary()[0] == 1


@pytest.mark.parametrize("name", ["SEARCH", "LEDGER"])
def test_a_new_shared_key_is_never_wrapped_by_a_key_that_was_retired_a_moment_before(name):
    before = keks.newest_shared_epoch(name)
    elsewhere_promoted()
    epoch = keks.add_shared_epoch(name)
    made = SharedKey.objects.get(name=name, epoch=epoch)
    assert epoch == before + 1 and made.kek_id == 2 and bytes(made.wrapped)[:4] == b"\x00\x00\x00\x02"
    assert len(keks.shared(name, "x", epoch)) == 32


def test_first_shared_keys_are_wrapped_by_the_key_in_use(monkeypatch):
    SharedKey.objects.filter(name=keks.SIGNING).delete()
    elsewhere_promoted()
    keks.provision()
    assert SharedKey.objects.get(name=keks.SIGNING).kek_id == 2


def test_a_shared_key_that_never_gets_a_key_in_use_is_refused(monkeypatch):
    """Promotions without end: nothing is stored under any of them, and that is said."""
    before = SharedKey.objects.count()
    rotation.add()
    KeyEncryptionKey.objects.filter(number=1).update(state="DECRYPT_ONLY")
    KeyEncryptionKey.objects.filter(number=2).update(state="PRIMARY")
    monkeypatch.setattr(keks, "primary", lambda: (1, keks._cipher(1)))
    with pytest.raises(KeystoreUnavailable, match="changes all the time"):
        keks.add_shared_epoch(keks.SEARCH)
    assert SharedKey.objects.count() == before
