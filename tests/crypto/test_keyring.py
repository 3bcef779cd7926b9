"""The keys: one per case and class, made before the case, loaded once a page, forgotten when the key store moves."""

import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casemgmt.crypto import keks, keyring, providers
from casemgmt.crypto.classes import class_of, register_sections, registered_classes
from casemgmt.crypto.errors import ContentErased, DecryptionRefused, KeystoreUnavailable, UnknownSection, VaultError
from casemgmt.crypto.models import CaseKey, KeyEncryptionKey, KeystoreVersion, SharedKey
from casemgmt.crypto.router import KeystoreRouter
from tests.crypto.gates import reading
from tests.crypto.vaulted.models import Guest

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])


@pytest.fixture
def keystore_queries(django_assert_num_queries):
    """Count queries on the key store only."""
    return lambda number: django_assert_num_queries(number, connection=connections["keystore"])


# ---- making keys ----


def test_a_case_has_a_key_of_each_class(case_uid):
    keys = CaseKey.objects.filter(case_uid=case_uid)
    assert sorted(key.retention_class for key in keys) == ["ADVOCACY", "CLINICAL", "CORE", "LEGAL", "SERVICES"]
    assert {(key.epoch, key.mode, key.kek_id, len(key.wrapped)) for key in keys} == {(1, "KEK", 1, 64)}
    assert len({bytes(key.wrapped) for key in keys}) == 5


def test_making_keys_twice_changes_nothing(case_uid):
    before = set(CaseKey.objects.filter(case_uid=case_uid).values_list("pk", "wrapped"))
    keyring.create_case_keys(case_uid)
    keyring.create_case_keys(case_uid, ["CORE"])
    assert set(CaseKey.objects.filter(case_uid=case_uid).values_list("pk", "wrapped")) == before


def test_a_person_has_one_key(db):
    person = uuid.uuid4()
    keyring.ensure_own_keys(person)
    keyring.ensure_own_keys(person)
    assert [key.retention_class for key in CaseKey.objects.filter(case_uid=person)] == ["CORE"]


def test_many_cases_at_once_cost_few_queries():
    uids = [uuid.uuid4() for _ in range(300)]
    keks.primary()
    with CaptureQueriesContext(connections["keystore"]) as queries:
        keyring.create_keys_of_cases(uids)
    assert len(queries) <= 20  # of 1,500 rows; SQLite takes some 120 in one statement
    assert CaseKey.objects.filter(case_uid__in=uids).count() == 1500


def test_keys_commit_in_a_transaction_of_their_own(monkeypatch):
    asked = []
    real = transaction.atomic

    def noted(*args, **kwargs):
        asked.append(kwargs)
        return real(*args, **kwargs)

    monkeypatch.setattr(transaction, "atomic", noted)
    keyring.create_case_keys(uuid.uuid4(), ["CORE"])
    assert asked[0] == {"using": "keystore", "durable": True}


def test_a_new_key_is_used_at_once_though_the_old_one_was_cached(case_uid):
    guest = Guest(case_uid=case_uid, name="Ana")
    old = Guest._meta.get_field("name").seal(guest, "Ana")
    CaseKey.objects.filter(case_uid=case_uid).delete()
    keyring.create_case_keys(case_uid)
    new = Guest._meta.get_field("name").seal(guest, "Ana")
    with reading():
        assert Guest._meta.get_field("name").open_through_gate(guest, new) == "Ana"
        with pytest.raises(DecryptionRefused):
            Guest._meta.get_field("name").open_through_gate(guest, old)


# ---- loading keys ----


def test_all_keys_of_a_page_load_in_one_query(keystore_queries):
    uids = [uuid.uuid4() for _ in range(50)]
    keyring.create_keys_of_cases(uids)
    for uid in uids:
        Guest.objects.create(case_uid=uid, name="Ana", remarks="r", answers={"a": 1})
    keyring.forget()
    keks.primary()
    guests = list(Guest.objects.all())
    with keystore_queries(1):
        keyring.prefetch(guest.case_uid for guest in guests)
    with reading(), keystore_queries(0):
        assert {(guest.name, guest.remarks, guest.answers["a"]) for guest in guests} == {("Ana", "r", 1)}


def test_a_key_made_elsewhere_is_found(case_uid):
    """Another process keyed a class after this one had loaded the case."""
    CaseKey.objects.filter(case_uid=case_uid, retention_class="LEGAL").delete()
    keyring.forget()
    keyring.prefetch([case_uid])
    with pytest.raises(ContentErased):
        keyring.sealing_cipher(case_uid, "LEGAL")
    key = bytearray(32)
    number, wrapped = keks.wrap(key, keyring.key_context(case_uid, "LEGAL", 1))
    CaseKey.objects.create(case_uid=case_uid, retention_class="LEGAL", kek_id=number, wrapped=wrapped)
    assert keyring.sealing_cipher(case_uid, "LEGAL")[0] == 1


def test_new_writes_use_the_newest_epoch_and_old_ones_stay_readable(case_uid):
    guest = Guest.objects.create(case_uid=case_uid, name="old")
    number, wrapped = keks.wrap(bytes(range(32)), keyring.key_context(case_uid, "CORE", 2))
    CaseKey.objects.create(case_uid=case_uid, retention_class="CORE", epoch=2, kek_id=number, wrapped=wrapped)
    row_mark = keyring.fingerprint(case_uid, "CORE", "row", "x")
    keyring.move_version()
    keyring.begin_request()
    newer = Guest.objects.create(case_uid=case_uid, name="new")
    assert newer.__dict__["name"].raw[:3] == b"\x01\x00\x02"
    with reading():
        assert [g.name for g in Guest.objects.filter(pk__in=[guest.pk, newer.pk]).order_by("pk")] == ["old", "new"]
    assert keyring.fingerprint(case_uid, "CORE", "row", "x") == row_mark


def test_opened_keys_are_dropped_when_the_version_moves(case_uid, keystore_queries):
    keyring.begin_request()
    keyring.sealing_cipher(case_uid, "CARD")
    with keystore_queries(1):
        keyring.begin_request()
    assert len(keyring._opened) == 1
    CaseKey.objects.filter(case_uid=case_uid).delete()
    keyring.move_version()
    keyring.begin_request()
    assert len(keyring._opened) == len(keyring._wrapped) == 0
    with pytest.raises(ContentErased):
        keyring.sealing_cipher(case_uid, "CARD")


def test_one_class_is_erased_and_the_others_live(case_uid):
    guest = Guest.objects.create(case_uid=case_uid, name="Ana", remarks="r")
    CaseKey.objects.filter(case_uid=case_uid, retention_class="ADVOCACY").delete()
    keyring.move_version()
    keyring.begin_request()
    with reading():
        found = Guest.objects.get(pk=guest.pk)
        assert found.name == "Ana"
        with pytest.raises(ContentErased) as refusal:
            found.remarks
    assert refusal.value.retention_class == "ADVOCACY"
    found.remarks = "r"
    with pytest.raises(ContentErased):
        found.save()


def test_a_wrapped_key_does_not_serve_another_case_or_class(case_uid, other_case_uid):
    theirs = CaseKey.objects.get(case_uid=other_case_uid, retention_class="CORE")
    CaseKey.objects.filter(case_uid=case_uid, retention_class__in=["CORE", "LEGAL"]).update(wrapped=theirs.wrapped)
    for section in ("CARD", "LEGAL"):
        with pytest.raises(DecryptionRefused):
            keyring.sealing_cipher(case_uid, section)


def test_a_sealed_case_has_no_server_key(case_uid):
    CaseKey.objects.filter(case_uid=case_uid).update(mode="SEALED", kek=None)
    with pytest.raises(KeystoreUnavailable):
        keyring.sealing_cipher(case_uid, "CARD")


def test_each_section_has_a_key_of_its_own(case_uid):
    ciphers = {section: keyring.sealing_cipher(case_uid, section)[1] for section in ("CARD", "IDENTITY", "LOCATION")}
    sealed = {section: cipher.encrypt(bytes(12), b"same", b"") for section, cipher in ciphers.items()}
    assert len(set(sealed.values())) == 3


# ---- fingerprints and the ledger's keys ----


def test_fingerprints_compare_within_a_case_only(case_uid, other_case_uid):
    mark = keyring.fingerprint(case_uid, "CORE", "row", "Ana")
    assert mark == keyring.fingerprint(case_uid, "CORE", "row", "Ana")
    assert len(mark) == 32
    others = {
        keyring.fingerprint(other_case_uid, "CORE", "row", "Ana"),
        keyring.fingerprint(case_uid, "LEGAL", "row", "Ana"),
        keyring.fingerprint(case_uid, "CORE", "file", "Ana"),
        keyring.fingerprint(case_uid, "CORE", "row", "ana"),
    }
    assert mark not in others
    assert len(others) == 4


def test_index_fingerprints_compare_across_cases():
    mark = keyring.index_fingerprint("import.row", "Ana|1990")
    keyring.forget()
    assert mark == keyring.index_fingerprint("import.row", "Ana|1990")
    assert mark != keyring.index_fingerprint("import.file", "Ana|1990")


def test_ledger_keys_are_stable_and_differ_by_purpose():
    stream = keyring.ledger_key("stream")
    keyring.forget()
    assert keyring.ledger_key("stream") == stream
    assert len(stream) == 32
    assert len({stream, keyring.ledger_key("pseudonym"), keyring.index_fingerprint("stream", "")}) == 3


def test_the_shared_keys_are_wrapped_rows():
    assert sorted(SharedKey.objects.values_list("name", "epoch", "kek_id")) == [
        ("INDEX", 1, 1),
        ("LEDGER", 1, 1),
        ("SIGNING", 1, 1),
    ]
    SharedKey.objects.filter(name="LEDGER").update(wrapped=SharedKey.objects.get(name="INDEX").wrapped)
    with pytest.raises(KeystoreUnavailable):
        keyring.ledger_key("stream")


# ---- the first keys, and when they are missing ----


def test_provisioning_again_changes_nothing():
    def rows():
        return [list(model.objects.order_by("pk").values_list()) for model in (KeyEncryptionKey, SharedKey)]

    before = rows()
    keks.provision()
    assert rows() == before


def test_an_empty_key_store_makes_its_keys_on_first_use():
    CaseKey.objects.all().delete()
    SharedKey.objects.all().delete()
    KeyEncryptionKey.objects.all().delete()
    KeystoreVersion.objects.all().delete()
    keyring.forget()
    keyring.begin_request()
    keyring.create_case_keys(uuid.uuid4())
    assert len(keyring.ledger_key("stream")) == 32
    assert KeyEncryptionKey.objects.get().state == "PRIMARY"


def test_a_missing_root_key_is_never_replaced(settings, tmp_path):
    """Keys exist, the root key file is gone: say so, and do not bury the loss under a new one."""
    settings.ROOT_KEY_FILE = tmp_path / "keys" / "root.key"
    keyring.forget()
    with pytest.raises(KeystoreUnavailable, match="missing"):
        keyring.create_case_keys(uuid.uuid4())
    keks.provision()
    assert not settings.ROOT_KEY_FILE.exists()
    with pytest.raises(KeystoreUnavailable):
        keyring.health()


def test_outside_the_demo_a_person_makes_the_root_key(settings, tmp_path):
    settings.ROOT_KEY_FILE = tmp_path / "keys" / "root.key"
    settings.ROOT_KEY_AUTOCREATE = False
    for model in (CaseKey, SharedKey, KeyEncryptionKey):
        model.objects.all().delete()
    keyring.forget()
    with pytest.raises(KeystoreUnavailable, match="missing"):
        keks.provision()
    assert not settings.ROOT_KEY_FILE.exists()
    providers.local.create()
    keks.provision()
    assert KeyEncryptionKey.objects.count() == 1


def test_a_foreign_root_key_is_noticed(settings, tmp_path):
    settings.ROOT_KEY_FILE = tmp_path / "root.key"
    providers.local.create()
    keyring.forget()
    with pytest.raises(KeystoreUnavailable, match="another root key"):
        keks.primary()


def test_a_silent_key_store_is_unavailable(monkeypatch, case_uid):
    def broken(model):
        raise DatabaseError("no such table: crypto_casekey in /some/where")

    monkeypatch.setattr(keks, "rows", broken)
    keyring.forget()
    for use in (
        keyring.begin_request,
        keyring.health,
        lambda: keyring.create_case_keys(uuid.uuid4()),
        lambda: keyring.prefetch([case_uid]),
        lambda: keyring.ledger_key("stream"),
    ):
        with pytest.raises(KeystoreUnavailable) as refusal:
            use()
        assert "casekey" not in str(refusal.value)


def test_an_unknown_kek_is_unavailable(case_uid):
    for key in CaseKey.objects.filter(case_uid=case_uid):
        CaseKey.objects.filter(pk=key.pk).update(wrapped=(9).to_bytes(4, "big") + bytes(key.wrapped)[4:])
    with pytest.raises(KeystoreUnavailable, match="9"):
        keyring.sealing_cipher(case_uid, "CARD")


def test_health_is_quiet_when_all_is_well():
    keyring.health()


# ---- orphans ----


def test_keys_whose_case_never_came_are_swept(case_uid, other_case_uid):
    now = timezone.now()
    young = uuid.uuid4()
    keyring.create_case_keys(young)
    CaseKey.objects.filter(case_uid__in=[case_uid, other_case_uid]).update(created_at=now - timedelta(hours=25))
    number = KeystoreVersion.objects.get().number
    asked = []

    def existing(uids):
        asked.append(uids)
        return {case_uid}

    assert keyring.sweep_orphans(existing, now=now) == 5
    assert asked == [{case_uid, other_case_uid}]
    assert set(CaseKey.objects.values_list("case_uid", flat=True)) >= {case_uid, young}
    assert not CaseKey.objects.filter(case_uid=other_case_uid).exists()
    assert KeystoreVersion.objects.get().number == number + 1
    assert keyring.sweep_orphans(existing, now=now) == 0


# ---- sections and classes ----


def test_an_unknown_section_raises(case_uid):
    with pytest.raises(UnknownSection):
        class_of("GOSSIP")
    with pytest.raises(UnknownSection):
        keyring.sealing_cipher(case_uid, "GOSSIP")


def test_a_section_has_one_class_for_ever():
    register_sections({"CARD": "CORE"})
    with pytest.raises(VaultError, match="CARD"):
        register_sections({"CARD": "LEGAL"})
    assert class_of("CARD") == "CORE"
    assert registered_classes() == ["ADVOCACY", "CLINICAL", "CORE", "LEGAL", "SERVICES"]


# ---- the two databases ----


def test_nothing_crosses_between_the_databases():
    router = KeystoreRouter()
    assert router.db_for_read(CaseKey) == router.db_for_write(CaseKey) == "keystore"
    assert router.db_for_read(Guest) == router.db_for_write(Guest) == "default"
    assert not router.allow_relation(CaseKey(), Guest())
    assert router.allow_relation(Guest(), Guest())
    assert router.allow_migrate("keystore", "crypto")
    assert not router.allow_migrate("default", "crypto")
    assert not router.allow_migrate("keystore", "vaulted")
    assert CaseKey.objects.all().db == "keystore"
