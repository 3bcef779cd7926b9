"""The gates of the vault: the same records plain, sealed, and as two field packages keep them."""

import io
import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from cryptography.cobblestone import Cobblestone256Encryptor
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from django.db import connection, transaction

from benchmarks.measure import Figure, computed, median, ratio_of, timed, without_collector
from benchmarks.peers.models import FernetCard, PlainCard, SealedCard, SignedCard
from benchmarks.world import say
from casemgmt.access.sections import Section
from casemgmt.crypto import files, keyring
from tests.crypto.gates import reading

ROWS = 300
ROUNDS = 40
SAVES = 60
KEYS = 300
FILE_MB = 32
FERNET, SIGNED = "django-fernet-encrypted-fields", "django-cryptography-django5"
READ = ("first_name", "second_name", "telephone", "address", "remarks")


def figures() -> Iterator[Figure]:
    """Speeds: how many times as fast as the peer, by what is computed and, on PostgreSQL, by the clock."""
    uids = _rows()
    keyring.prefetch(uids)
    yield from _lists()
    yield from _saves()
    yield _opening(uids)
    yield from _files(uids[0])


def _rows() -> list[uuid.UUID]:
    """As many cards as cases, the same texts in each form."""
    uids = [uuid.uuid4() for _ in range(ROWS)]
    keyring.create_keys_of_cases(uids)
    for model in (PlainCard, SealedCard, FernetCard, SignedCard):
        with transaction.atomic():
            for place, uid in enumerate(uids):
                model(case_uid=uid, number=f"HV-{place:05}", **_texts(place)).save()
    say("  cards in four forms")
    return uids


def _texts(place: int) -> dict[str, str]:
    return {
        "first_name": f"Zoraida {place}", "second_name": f"Quillfeather {place}", "telephone": f"+1 202 555 {place:04}",
        "address": f"{place} Harbour Street, 12345 Riverside", "remarks": "She came on foot and asked for help. " * 4,
    }  # fmt: skip


def _listed(model: type[Any]) -> Callable[[], list[Any]]:
    return lambda: list(model._base_manager.order_by("pk"))


def _read(model: type[Any]) -> Callable[[], None]:
    def run() -> None:
        with reading():
            for row in model._base_manager.order_by("pk"):
                row.first_name, row.second_name, row.telephone, row.address, row.remarks  # noqa: B018

    return run


def _lists() -> Iterator[Figure]:
    # This limit is meant for SQLite; a driver of PostgreSQL makes uids by itself, and plain rows cost half as much.
    untouched = 0.85 if connection.vendor == "sqlite" else None
    plain, sealed = timed(_listed(PlainCard), _listed(SealedCard), rounds=ROUNDS)
    yield _speed("list, nothing read", "plain", sealed, plain, untouched, of=ROWS)
    plain, sealed, fernet, signed = timed(
        _read(PlainCard), _read(SealedCard), _read(FernetCard), _read(SignedCard), rounds=ROUNDS
    )
    yield _speed("list, five fields of each read", "plain", sealed, plain, 0.30, of=ROWS)
    yield _speed("list, five fields of each read", FERNET, sealed, fernet, 2, of=ROWS)
    yield _speed("list, five fields of each read", SIGNED, sealed, signed, None, of=ROWS)
    yield _values()


def _values() -> Figure:
    """One value of a loaded row opened through a gate, against AES-256-GCM alone on a text of that length."""
    rows = list(SealedCard._base_manager.order_by("pk"))
    cipher, nonce, context = AESGCM(os.urandom(32)), os.urandom(12), os.urandom(90)
    texts = [cipher.encrypt(nonce, bytes(size), context) for size in (32, 32, 32, 64, 256)]

    def ours() -> None:
        with reading():
            for row in rows:
                row.first_name, row.second_name, row.telephone, row.address, row.remarks  # noqa: B018

    def bare() -> None:
        for _ in rows:
            for text in texts:
                cipher.decrypt(nonce, text, context)

    opened, primitive = computed(ours, bare, rounds=ROUNDS)
    count = ROWS * len(READ)
    return Figure(
        name="vault: a value opened through the gate", measured=median(opened) / count * 1e6, unit="µs", peer="AES-GCM alone",
        peer_value=median(primitive) / count * 1e6, ratio=ratio_of(opened, primitive),
    )  # fmt: skip


def _saves() -> Iterator[Figure]:
    """New values in all five fields of loaded records, saved one by one in one transaction."""
    turns = iter(range(10**9))

    def saved(model: type[Any]) -> Callable[[], None]:
        records = list(model._base_manager.order_by("pk")[:SAVES])

        def run() -> None:
            texts = _texts(1000 + next(turns))
            with transaction.atomic():
                for record in records:
                    for name in READ:
                        setattr(record, name, texts[name])
                    record.save()

        return run

    plain, sealed, fernet, signed = timed(
        saved(PlainCard), saved(SealedCard), saved(FernetCard), saved(SignedCard), rounds=ROUNDS // 2
    )
    yield _speed("save of five new values", "plain", sealed, plain, 0.60, of=SAVES)
    yield _speed("save of five new values", FERNET, sealed, fernet, None, of=SAVES)
    yield _speed("save of five new values", SIGNED, sealed, signed, None, of=SAVES)


def _speed(name: str, peer: str, ours: list[float], theirs: list[float], limit: float | None, *, of: int) -> Figure:
    return Figure(
        name=f"vault: {name}", measured=median(ours) / of * 1e6, unit="µs a row", peer=peer,
        peer_value=median(theirs) / of * 1e6, ratio=ratio_of(theirs, ours), limit=limit, of="ratio", at_most=False,
    )  # fmt: skip


def _opening(uids: list[uuid.UUID]) -> Figure:
    """From the wrapped key in memory to a cipher, nothing of it opened before; against the three primitives it takes."""
    section = str(Section.IDENTITY)
    named = [(uid, keyring.sealing_cipher(uid, section)[0]) for uid in uids[:KEYS]]

    primary = AESGCM(os.urandom(32))
    nonce, context = os.urandom(12), os.urandom(40)
    wrapped = primary.encrypt(nonce, os.urandom(32), context)

    def missed() -> None:
        keyring._opened.clear()
        for uid, epoch in named:
            keyring.opening_cipher(uid, section, epoch)

    def bare() -> None:
        for _ in named:
            key = primary.decrypt(nonce, wrapped, context)
            AESGCM(HKDFExpand(hashes.SHA256(), 32, b"haven/1/IDENTITY").derive(key))

    ours, primitives = computed(missed, bare, rounds=ROUNDS)
    return Figure(
        name="vault: a key of a case from cache miss", measured=median(ours) / len(named) * 1e6, unit="µs",
        peer="unwrap, HKDF and cipher alone", peer_value=median(primitives) / len(named) * 1e6,
        ratio=ratio_of(ours, primitives), limit=10,
    )  # fmt: skip


def _files(case_uid: uuid.UUID) -> Iterator[Figure]:
    """A file in memory, sealed and opened to its end, against the bare cipher in the same pieces."""
    content = os.urandom(FILE_MB * 1024 * 1024)
    place: dict[str, Any] = {"case_uid": case_uid, "section": Section.IDENTITY, "file_uid": uuid.uuid4()}
    kept = b"".join(files.seal_stream(io.BytesIO(content), **place))

    def ours() -> None:
        for _piece in files.seal_stream(io.BytesIO(content), **place):
            pass

    def opening() -> None:
        for _piece in files.open_stream(io.BytesIO(kept), **place):
            pass

    def bare() -> None:
        encryptor = Cobblestone256Encryptor(os.urandom(32), b"context")
        for start in range(0, len(content), files.READ_BYTES):
            encryptor.update(content[start : start + files.READ_BYTES])
        encryptor.finalize()

    with without_collector():
        sealed, opened, cipher = computed(ours, opening, bare, rounds=9, warm=1)
    megabytes = len(content) / 1e6
    for name, times, limit in (
        ("sealing a file in memory, with its SHA-256", sealed, 400),
        ("opening a file in memory", opened, None),
    ):
        yield Figure(
            name=f"vault: {name}", measured=megabytes / median(times), unit="MB/s", peer="cipher alone",
            peer_value=megabytes / median(cipher), ratio=ratio_of(cipher, times), limit=limit, at_most=False,
        )  # fmt: skip
