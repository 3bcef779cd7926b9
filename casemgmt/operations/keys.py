"""What an operator does with the keys, each step with its event: the commands of ``manage.py keys``.

The key store and the ledger are two databases, so a step may be done and its event missing where the process was
killed between the two. A repeat does nothing to the keys and writes the event: it looks whether the ledger has it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from audit import clock
from audit.log import Ref, record
from audit.models import Event
from audit.verbs import Outcome, Verb
from casemgmt.crypto import keks, rotation, signing
from casemgmt.crypto.rotation import Kek, Rewrapped, Say


def ref_of(number: int) -> Ref:
    """How the ledger points to a key-encryption key."""
    return Ref("key", UUID(int=number))


def _record_once(verb: Verb, number: int, reason: str, **detail: Any) -> None:
    """Write the event of a step that happens once to each key, unless the ledger has it."""
    subject = ref_of(number)
    if not Event.objects.filter(verb=verb, subject_kind=subject.kind, subject_uid=subject.uid).exists():
        record(verb, actor=None, subject=subject, reason=reason, detail={"key": number, **detail})


def add_key(reason: str) -> tuple[int, bool]:
    """Make a key that waits; its number, and whether it is new. Records KEY_CREATED."""
    number, is_new = rotation.add()
    _record_once(Verb.KEY_CREATED, number, reason)
    return number, is_new


def promote_key(number: int | None, reason: str) -> tuple[int, int | None]:
    """Make a waiting key the one in use; its number, and the one before if this changed it. Records KEY_PROMOTED."""
    number, before = rotation.promote(number, now=clock.now())
    if before is not None or number != 1:  # the first key was never promoted
        _record_once(Verb.KEY_PROMOTED, number, reason, **({} if before is None else {"before": before}))
    return number, before


def rewrap_keys(reason: str, say: Say) -> Rewrapped:
    """Wrap everything by the key in use. Records KEYS_REWRAPPED when it begins and when it ends, if there is any."""
    waiting = sum(kek.in_use for kek in rotation.overview() if kek.state != "PRIMARY")
    if not waiting:
        return Rewrapped(keks.primary()[0])
    primary = keks.primary()[0]
    detail: dict[str, Any] = {"key": primary, "status": "BEGUN", "count": waiting}
    record(Verb.KEYS_REWRAPPED, actor=None, subject=ref_of(primary), reason=reason, detail=detail)
    result = rotation.rewrap(say)
    is_whole = not result.remaining
    record(
        Verb.KEYS_REWRAPPED,
        actor=None,
        subject=ref_of(result.primary),
        reason=reason,
        outcome=Outcome.OK if is_whole else Outcome.FAILED,
        detail={"key": result.primary, "status": "DONE" if is_whole else "HALTED", "count": result.done},
    )
    return result


def retire_key(number: int, reason: str) -> bool:
    """Take a key that wraps nothing out of use. False on a repeat. Records KEY_RETIRED."""
    is_new = rotation.retire(number, now=clock.now())
    _record_once(Verb.KEY_RETIRED, number, reason)
    return is_new


def destroy_key(number: int, reason: str, *, early: bool) -> bool:
    """Delete a retired key for ever. False on a repeat. Records KEY_DESTROYED."""
    is_new = rotation.destroy(number, now=clock.now(), early=early)
    _record_once(Verb.KEY_DESTROYED, number, reason, status="EARLY" if early else "DUE")
    return is_new


def rotate_checkpoint_key(reason: str) -> int:
    """Sign the ledger's checkpoints with a new key from now on; its epoch. Records KEY_ROTATED.

    The event comes after the key: where the process is killed between the two, the key file still tells.
    """
    epoch = signing.rotate()
    record(Verb.KEY_ROTATED, actor=None, reason=reason, detail={"key": keks.CHECKPOINT, "epoch": epoch})
    return epoch


# ---- What there is, and what to do next ----


@dataclass(frozen=True)
class Status:
    """The keys as the operator sees them, and one sentence for each thing to do."""

    keks: list[Kek]
    version: int
    advice: list[str]


def status(now: datetime) -> Status:
    """All keys, the version of the key store, and what to do next. Raises KeystoreUnavailable."""
    found = rotation.overview()
    return Status(found, rotation.version(), list(_advice(found, now)))


def oldest_in_use() -> datetime | None:
    """Since when the oldest KEK is there that is not retired; None where there is none.

    A rotation is over when the KEK before is retired, not when another one was put to use: until it is rewrapped,
    everything still hangs on the old one.
    """
    with keks.reaching_keystore():
        live = keks.rows("KeyEncryptionKey").filter(state__in=["PRIMARY", "DECRYPT_ONLY"], retired_at__isnull=True)
        kept = [
            since if state == "PRIMARY" else made
            for state, since, made in live.values_list("state", "since", "created_at")
        ]
    return min(kept, default=None)


def destroyable_at(kek: Kek) -> datetime | None:
    """From when on a retired key may be destroyed: no backup of the key store needs it then."""
    return None if kek.retired_at is None else kek.retired_at + rotation.BACKUPS_LIVE


def _advice(found: list[Kek], now: datetime) -> list[str]:
    """One sentence a thing to do, in the order in which to do them; never empty."""
    advice = []
    for kek in found:
        if kek.state == "PRIMARY" and kek.in_use >= rotation.MOST_WRAPS // 2:
            advice.append(
                f"Key {kek.number} has wrapped {kek.in_use:,} keys, of at most {rotation.MOST_WRAPS:,}. Add a key now."
            )
    waiting = [kek.number for kek in found if kek.state == "PENDING"]
    if waiting:
        advice.append(f"Key {waiting[0]} waits. Put it to use: keys promote")
    old = [kek for kek in found if kek.state == "DECRYPT_ONLY"]
    left = sum(kek.in_use for kek in old)
    if left:
        advice.append(f"{left:,} keys are still wrapped by an older one. Go on: keys rewrap")
    for kek in old:
        due = destroyable_at(kek)
        if kek.in_use:
            continue
        if due is None:
            advice.append(
                f"Nothing is wrapped by key {kek.number} any more. Take it out of use: keys retire {kek.number}"
            )
        elif now >= due:
            advice.append(f"No backup needs key {kek.number} any more. Destroy it: keys destroy {kek.number}")
        else:
            days = -(-(due - now) // timedelta(days=1))
            advice.append(f"Wait {days} days: backups of the key store may need key {kek.number} until {due:%Y-%m-%d}.")
    return advice or ["Nothing to do. Rotate once a year, and when somebody who could reach the keys leaves: keys add"]
