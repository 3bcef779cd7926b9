"""Rotation of the key-encryption keys (KEKs): add, promote, rewrap, retire, destroy.

``PENDING -> PRIMARY -> DECRYPT_ONLY -> (retired) -> DESTROYED``. Each step is one short transaction on the key store
(rewrapping is many), harmless to repeat, and safe against another process that does the same at the same time. No
case data is touched and nothing stops: what a KEK wrapped stays readable until it is destroyed, and it is destroyed
only when nothing is wrapped by it any more and no backup of the key store needs it.

The vault records nothing; the command (``manage.py keys``) does.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.db import connections, models, transaction
from django.db.models.functions import Substr

from casemgmt.crypto import keks, keyring, shredding
from casemgmt.crypto.errors import KeystoreUnavailable, VaultError
from casemgmt.crypto.router import KEYSTORE

#: How many wrapped keys one transaction of rewrapping holds.
BATCH = 2_000
#: Backups of the key store live so long; a KEK is destroyed no sooner after it was retired.
BACKUPS_LIVE = timedelta(days=14)
#: AES-GCM with random nonces: rotate a key before it wrapped so many times, and say so from half of that on.
MOST_WRAPS = 2**28
#: How long rewrapping waits for rows that another process holds before it says that it could not finish.
PATIENCE_SECONDS = 30.0

_KEK = "KeyEncryptionKey"
Say = Callable[[int, int], None]
Contexts = dict[str, Callable[[Any], bytes]]


class RotationRefused(VaultError):
    """A step that would lose something, or that comes too early. The message is for the person at the terminal."""


#: Every model whose rows a KEK wraps, and per column what the wrapped key is bound to. ``rewrap`` and ``destroy``
#: refuse to work while the key store has a model with a foreign key to KEKs that is not listed here.
WRAPPED: dict[str, Contexts] = {
    "CaseKey": {
        "wrapped": lambda row: keyring.key_context(row.case_uid, row.retention_class, row.epoch),
        "fingerprint_root": lambda row: keyring.root_context(row.case_uid, row.retention_class, row.epoch),
    },
    "SharedKey": {"wrapped": lambda row: keks.shared_context(row.name, row.epoch)},
}


@dataclass(frozen=True)
class Kek:
    """One KEK as the operator sees it. ``wraps`` counts the keys wrapped by it, by the name of their model."""

    number: int
    state: str
    created_at: datetime
    since: datetime
    retired_at: datetime | None
    wraps: dict[str, int]

    @property
    def in_use(self) -> int:
        """How many keys cannot be opened without it."""
        return sum(self.wraps.values())


@dataclass
class Rewrapped:
    """What a run of rewrapping did. ``damaged`` lists wrapped keys that do not open (``CaseKey 17``)."""

    primary: int
    done: int = 0
    remaining: int = 0
    damaged: list[str] = field(default_factory=list)


# ---- Looking ----


def overview() -> list[Kek]:
    """Every KEK there ever was, by number, with what it wraps. Raises KeystoreUnavailable."""
    with keks.reaching_keystore():
        counts = {name: _counts(name) for name in _wrapped_models()}
        return [
            Kek(
                kek.number,
                kek.state,
                kek.created_at,
                kek.since,
                kek.retired_at,
                {name: counted.get(kek.number, 0) for name, counted in counts.items()},
            )
            for kek in keks.rows(_KEK).order_by("number")
        ]


def version() -> int:
    """How often the key store has moved."""
    with keks.reaching_keystore():
        return keks.rows("KeystoreVersion").values_list("number", flat=True).first() or 0


def _wrapped_models() -> list[str]:
    """The models whose rows a KEK wraps. Raises RotationRefused for one that this module does not know."""
    kek = apps.get_model("crypto", _KEK)
    pointing = {
        model.__name__
        for model in apps.get_app_config("crypto").get_models()
        if any(found.is_relation and found.related_model is kek for found in model._meta.concrete_fields)
    }
    unknown = pointing - WRAPPED.keys()
    if unknown:
        raise RotationRefused(f"Rotation does not know how {', '.join(sorted(unknown))} is wrapped.")
    return sorted(pointing)


def _counts(name: str) -> dict[int, int]:
    """How many rows of one model each KEK wraps."""
    found = keks.rows(name).filter(kek__isnull=False).values_list("kek").order_by("kek").annotate(models.Count("pk"))
    return dict(found)


def _uses(number: int) -> int:
    """How many wrapped keys name this KEK: by their column, or (should the two ever differ) in their bytes."""
    head = number.to_bytes(4, "big")
    total = 0
    for name in _wrapped_models():
        in_bytes = models.Q()
        rows = keks.rows(name)
        for column in WRAPPED[name]:
            rows = rows.annotate(**{f"{column}_head": Substr(column, 1, 4, output_field=models.BinaryField())})
            in_bytes |= models.Q(**{f"{column}_head": head})
        total += rows.filter(models.Q(kek_id=number) | (models.Q(kek_id__isnull=False) & in_bytes)).count()
    return total


# ---- Add and promote ----


def add() -> tuple[int, bool]:
    """Make a KEK that waits: every process loads it before any uses it. Its number, and whether it is new.

    While one waits, no second one is made: a repeat, and a second process, get the first one's number.
    """
    with keks.reaching_keystore():
        waiting = _numbers("PENDING")
        if waiting:
            return waiting[0], False
        number = (keks.rows(_KEK).aggregate(last=models.Max("number"))["last"] or 0) + 1
        before = keks.rows(_KEK).filter(number=number).exists()
        with transaction.atomic(using=KEYSTORE, durable=True):
            keks.create_kek(number, "PENDING")
            keyring.move_version()
    keyring.forget()
    keks.is_usable(number)
    return number, not before


def promote(number: int | None = None, *, now: datetime) -> tuple[int, int | None]:
    """Make a waiting KEK the one that wraps new keys; the one before opens what it wrapped.

    Returns the number in use now, and the one before (None where nothing had to be changed). Without a number, the
    one that waits. Raises RotationRefused.
    """
    with keks.reaching_keystore():
        number = _chosen(number)
        if number in _numbers("PENDING"):
            keks.is_usable(number)  # raises here, before anything depends on it
        with transaction.atomic(using=KEYSTORE, durable=True):
            states = _locked_states()
            state = states.get(number)
            if state == "PRIMARY":
                return number, None
            if state != "PENDING":
                raise RotationRefused(_no_such(number) if state is None else f"Key {number} was in use before.")
            before = next((other for other, held in states.items() if held == "PRIMARY"), None)
            if before is not None:
                keks.rows(_KEK).filter(number=before).update(state="DECRYPT_ONLY", since=now)
            keks.rows(_KEK).filter(number=number).update(state="PRIMARY", since=now)
            keyring.move_version()
    keyring.forget()
    return number, before


def _chosen(number: int | None) -> int:
    """The KEK to promote: the one that was named, else the one that waits, else the one in use."""
    if number is not None:
        return number
    found = _numbers("PENDING") or _numbers("PRIMARY")
    if not found:
        raise RotationRefused("No key waits. Add one first.")
    return found[0]


def _numbers(state: str) -> list[int]:
    return list(keks.rows(_KEK).filter(state=state).order_by("number").values_list("number", flat=True))


def _locked_states() -> dict[int, str]:
    """The state of every KEK, locked until the transaction ends. On SQLite the transaction itself is the lock."""
    keks.hold_version()
    return dict(keks.rows(_KEK).select_for_update().order_by("number").values_list("number", "state"))


def _no_such(number: int) -> str:
    return f"There is no key {number}."


# ---- Rewrap ----


def rewrap(say: Say | None = None, *, batch: int = BATCH) -> Rewrapped:
    """Wrap every key anew by the KEK in use, some at a time, and say how it goes: ``say(done, of)``.

    Interrupted at any moment, a repeat goes on with what is left. Two processes share the work (PostgreSQL) or take
    turns (SQLite); a key that changed meanwhile is left to the next look. No process needs to be told: a key opens
    by the KEK that its bytes name.
    """
    with keks.reaching_keystore():
        result = Rewrapped(keks.primary()[0])
        names = _wrapped_models()
        of = _left(names, result.primary)
        tell = say or (lambda *_figures: None)
        tell(0, of)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            before, result.damaged = result.done, []
            for name in names:
                for done in _rewrap_model(name, result, batch):
                    result.done += done
                    tell(min(result.done, of), of)
            result.remaining = _left(names, result.primary)
            if result.remaining <= len(result.damaged):
                return result
            if result.done > before:
                deadline = time.monotonic() + PATIENCE_SECONDS
            elif time.monotonic() > deadline:
                return result
            else:
                time.sleep(0.1)  # another process holds the rest


def _left(names: list[str], primary: int) -> int:
    """How many keys are wrapped by another KEK than the one in use."""
    return sum(count for name in names for number, count in _counts(name).items() if number != primary)


def _rewrap_model(name: str, result: Rewrapped, batch: int) -> Iterator[int]:
    """Go once through the rows of one model that are wrapped by another KEK; yields how many each batch changed."""
    after = 0
    while True:
        try:
            with transaction.atomic(using=KEYSTORE, durable=True):
                last, changed = _rewrap_batch(name, result, batch, after)
        except keks.NotPrimaryAnyMore:
            continue  # another KEK was promoted meanwhile: the same rows again, by that one
        if last is None:
            return
        after = last
        yield changed


def _rewrap_batch(name: str, result: Rewrapped, batch: int, after: int) -> tuple[int | None, int]:
    """One batch inside its transaction: the last row it looked at (None where there was none), and how many changed."""
    result.primary = _primary_now()
    rows = keks.rows(name).filter(kek__isnull=False, pk__gt=after).exclude(kek=result.primary)
    if connections[KEYSTORE].features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    found = list(rows.order_by("pk")[:batch])
    changes = [change for row in found if (change := _wrapped_anew(name, row, result)) is not None]
    changed = _compare_and_set(name, changes) if changes else 0
    if changes:
        keks.demand_primary(result.primary)
    return (found[-1].pk if found else None), changed


def _primary_now() -> int:
    """The KEK in use as the key store says now, and this process with it."""
    numbers = _numbers("PRIMARY")
    if not numbers:
        raise KeystoreUnavailable("The key store has no primary key-encryption key.")
    if keks.primary()[0] != numbers[0]:
        keks.forget()
    return keks.primary()[0]


def _wrapped_anew(name: str, row: Any, result: Rewrapped) -> list[Any] | None:
    """The row's new columns, its key and its old columns; None (and a line in ``damaged``) where it does not open."""
    new: list[Any] = [result.primary]
    old: list[Any] = [row.kek_id]
    try:
        for column, context_of in WRAPPED[name].items():
            held = getattr(row, column)
            old.append(None if held is None else bytes(held))
            if held is None:
                new.append(None)
                continue
            key = keks.unwrap(held, context_of(row))
            number, wrapped = keks.wrap(key, context_of(row))
            keks.wipe(key)
            if number != result.primary:
                raise keks.NotPrimaryAnyMore(f"Key-encryption key {result.primary} is not the one in use any more.")
            new.append(wrapped)
    except (InvalidTag, KeystoreUnavailable):
        result.damaged.append(f"{name} {row.pk}")
        return None
    return [*new, row.pk, *old]


def _compare_and_set(name: str, changes: list[list[Any]]) -> int:
    """Write the changes, each only where its row still holds what was read; says how many were written."""
    model = apps.get_model("crypto", name)
    quote = connections[KEYSTORE].ops.quote_name
    columns = [quote(column) for column in ("kek_id", *WRAPPED[name])]
    same = "IS NOT DISTINCT FROM" if connections[KEYSTORE].vendor == "postgresql" else "IS"
    statement = (
        f"UPDATE {quote(model._meta.db_table)} SET {', '.join(f'{column} = %s' for column in columns)} "  # noqa: S608
        f"WHERE {quote('id')} = %s AND {' AND '.join(f'{column} {same} %s' for column in columns)}"
    )
    with connections[KEYSTORE].cursor() as cursor:
        cursor.executemany(statement, changes)
        return int(cursor.rowcount)


# ---- Retire and destroy ----


def retire(number: int, *, now: datetime) -> bool:
    """Say that nothing needs a KEK any more, so that the days until its destruction count. False on a repeat.

    Raises RotationRefused while it is in use or still wraps a key.
    """
    with keks.reaching_keystore(), transaction.atomic(using=KEYSTORE, durable=True):
        kek = _locked(number)
        if kek.retired_at is not None:
            return False
        if kek.state == "PRIMARY":
            raise RotationRefused(f"Key {number} is in use. Add and promote another one first.")
        _demand_unused(number)
        keks.rows(_KEK).filter(number=number).update(state="DECRYPT_ONLY", since=now, retired_at=now)
        keyring.move_version()
    keyring.forget()
    return True


def destroy(number: int, *, now: datetime, early: bool = False) -> bool:
    """Delete a retired KEK for ever; its row stays as a trace. False on a repeat.

    What backups of the key store hold under it dies with it, so it is refused within the time they live after it was
    retired, unless ``early``. Every process drops it at its next request. Raises RotationRefused.
    """
    with keks.reaching_keystore():
        with transaction.atomic(using=KEYSTORE, durable=True):
            kek = _locked(number)
            if kek.state == "DESTROYED":
                return False
            if kek.state == "PRIMARY":
                raise RotationRefused(f"Key {number} is in use. Add and promote another one first.")
            _demand_unused(number)
            if kek.retired_at is None:
                raise RotationRefused(f"Key {number} is not retired. Retire it first.")
            due = kek.retired_at + BACKUPS_LIVE
            if now < due and not early:
                raise RotationRefused(
                    f"Backups of the key store may need key {number} until {due:%Y-%m-%d %H:%M} UTC. "
                    "To destroy it before that, with them, add --now."
                )
            keks.rows(_KEK).filter(number=number).update(state="DESTROYED", since=now, wrapped=b"")
            keyring.move_version()
        shredding.scrub()
    keyring.forget()
    return True


def _locked(number: int) -> Any:
    """One KEK, locked: whoever stores a key that it wraps waits, or is seen by ``_uses``."""
    keks.hold_version()
    kek = keks.rows(_KEK).select_for_update().filter(number=number).first()
    if kek is None:
        raise RotationRefused(_no_such(number))
    return kek


def _demand_unused(number: int) -> None:
    uses = _uses(number)
    if uses:
        raise RotationRefused(f"Key {number} still wraps {uses:,} keys. Rewrap them first.")
