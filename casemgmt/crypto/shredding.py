"""Shredding: the data keys of a retention class of a case are destroyed, and with them every copy of its content.

A tombstone stays in the key store and says that this class must never have a key again (``keyring`` reads it).
Nothing here waits for the main database: the order of locks is records first, keys second, never the other way.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.apps import apps
from django.db import connections, transaction

from casemgmt.crypto import classes as retention
from casemgmt.crypto import keks, keyring
from casemgmt.crypto.errors import VaultError
from casemgmt.crypto.router import KEYSTORE


@dataclass(frozen=True)
class Tombstone:
    """What stays of destroyed keys: whose and which class, under which order, when, how many, and what wrapped them."""

    case_uid: UUID
    retention_class: str
    order: str
    erased_at: datetime
    keys: int
    keks: tuple[int, ...]


def destroy(case_uid: UUID, classes: Iterable[str], *, order: str, now: datetime) -> list[Tombstone]:
    """Destroy the data keys of these classes, all epochs, and leave a tombstone for each. Returns the tombstones.

    One short key store transaction of its own. Idempotent: what an earlier call destroyed keeps its tombstone, with
    the order and the moment of the first one. ``order`` is its number, never a word. Every process drops its opened
    keys. Raises KeystoreUnavailable, and VaultError for a class that nobody registered.
    """
    wanted = sorted({str.__str__(name) for name in classes})
    unknown = set(wanted) - set(retention.registered_classes())
    if unknown:
        raise VaultError(f"There is no retention class {', '.join(sorted(unknown))}.")
    with keks.reaching_keystore(), transaction.atomic(using=KEYSTORE, durable=True):
        # First, because it is a lock as well: nobody renews these keys, or makes some, at the same time.
        keyring.move_version()
        tombstone = apps.get_model("crypto", "ErasedClass")
        for name in wanted:
            keys = keks.rows("CaseKey").filter(case_uid=case_uid, retention_class=name)
            wrapped_by = sorted(set(keys.exclude(kek=None).values_list("kek_id", flat=True)))
            found = keys.values("epoch").distinct().count()
            tombstone._base_manager.using(KEYSTORE).bulk_create(
                [
                    tombstone(
                        case_uid=case_uid, retention_class=name, order=order, erased_at=now, keys=found, keks=wrapped_by
                    )
                ],
                ignore_conflicts=True,
            )
            keys.delete()
    keyring.forget()
    return tombstones([case_uid], wanted)


def tombstones(case_uids: Collection[UUID] | None = None, classes: Collection[str] | None = None) -> list[Tombstone]:
    """The tombstones of these cases (and classes), or all. One query."""
    with keks.reaching_keystore():
        rows = keks.rows("ErasedClass")
        if case_uids is not None:
            rows = rows.filter(case_uid__in=list(case_uids))
        if classes is not None:
            rows = rows.filter(retention_class__in=list(classes))
        found = list(rows.order_by("erased_at", "retention_class"))
    return [
        Tombstone(row.case_uid, row.retention_class, row.order, row.erased_at, row.keys, tuple(row.keks))
        for row in found
    ]


def scrub() -> bool:
    """Let no trace of deleted keys stay in the key store's own files, as far as its engine can. True when done.

    SQLite overwrites freed pages (``secure_delete``), and its log is emptied here: False while somebody reads it, so
    call again. PostgreSQL frees the rows, whose bytes may stay in its files until they are written over: there it is
    the destruction of the key-encryption key that ends them, and its backups are what the date is counted from.
    """
    connection = connections[KEYSTORE]
    if connection.in_atomic_block:
        return True  # whoever holds a transaction around this (a unit test) has no log of its own to empty
    with keks.reaching_keystore(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return not cursor.fetchone()[0]
        cursor.execute("VACUUM crypto_casekey")
    return True


def needs_kek_destroyed() -> bool:
    """Whether deleted rows may survive in the engine's files until the key that wrapped them is destroyed, too."""
    return connections[KEYSTORE].vendor != "sqlite"
