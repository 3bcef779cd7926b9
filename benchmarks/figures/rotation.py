"""Changing keys: wrapping the keys of many cases anew, and renewing all of one case, each beside reading the same rows."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from audit import clock, rekeying
from audit.context import audit_context
from benchmarks.measure import Figure, without_collector
from benchmarks.world import WORDS, World, fresh_keys, say
from casemgmt.crypto import keks, keyring, rotation
from casemgmt.crypto import rekeying as vault
from cases.actions import notes
from cases.actions import rekeying as renewing
from cases.choices.casework import PrivilegeClass
from tests.crypto.gates import reading

#: Cases of which the keys are wrapped anew; each has one for every retention class.
CASES = 2_000
NOTES = 200
ROUNDS = 3


def figures(world: World) -> Iterator[Figure]:
    """Rates, not limits: a million cases within minutes is what the design asks for (``docs/keys.md``)."""
    yield _rewrapping()
    yield _renewing(world)


def _rewrapping() -> Figure:
    """Keys wrapped anew in a second, by whole rotations, beside reading the same rows of the key store."""
    keyring.create_keys_of_cases([uuid.uuid4() for _ in range(CASES)])
    rates, reads, count = [], [], 0
    for _round in range(ROUNDS):
        rotation.add()
        rotation.promote(now=clock.now())
        with without_collector():
            reads.append(_seconds_of(_read_wrapped))
            begun = time.perf_counter()
            result = rotation.rewrap()
            rates.append(time.perf_counter() - begun)
        if result.remaining or not result.done:
            raise RuntimeError(f"{result.remaining} keys were not wrapped anew.")
        count = result.done
    say(f"  {count} keys wrapped anew, {ROUNDS} times")
    rewrapped, read = count / min(rates), count / min(reads)
    return Figure(
        name="keys: wrapped anew, written and committed", measured=rewrapped, unit="keys/s", peer="reading their rows",
        peer_value=read, ratio=rewrapped / read,
    )  # fmt: skip


def _read_wrapped() -> None:
    for name in rotation.WRAPPED:
        for _row in keks.rows(name).order_by("pk").iterator(chunk_size=rotation.BATCH):
            pass


def _seconds_of(run: Callable[[], None]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def _renewing(world: World) -> Figure:
    """Values of one case resealed in a second, live and past, with all their events, beside opening the same values."""
    amina, case_uid = world.people["amina"], world.rich[0]
    with audit_context("test", "a case to renew"):
        for number in range(NOTES):
            notes.add_note(
                actor=amina, now=clock.now(), case_uid=case_uid, body=f"{number}. {WORDS}",
                privilege_class=PrivilegeClass.ADVOCATE_CONFIDENTIAL, happened_at=clock.now(),
            )  # fmt: skip
        fresh_keys()
        read = _seconds_of(lambda: _open_all(case_uid))
        with _no_waiting():
            begun = time.perf_counter()
            result = renewing.renew_keys_of_case(case_uid=case_uid, wait=0)
            took = time.perf_counter() - begun
    if not result.is_done:
        raise RuntimeError("The case was not renewed.")
    say(f"  {result.values} values and {result.files} files of one case renewed")
    resealed, opened = result.values / took, result.values / read
    return Figure(
        name="keys: one case renewed, history and files too", measured=resealed, unit="values/s",
        peer="opening the same values", peer_value=opened, ratio=resealed / opened,
        more={"values": result.values, "files": result.files, "seconds": round(took, 2)},
    )  # fmt: skip


def _open_all(case_uid: uuid.UUID) -> None:
    with reading():
        for model in rekeying.sealed_models():
            for row in rekeying.rows_of(model, case_uid):
                for field, _bound, _raw in rekeying.ciphertexts_in(row):
                    getattr(row, field.attname)


@contextmanager
def _no_waiting() -> Iterator[None]:
    """The seconds in which other processes learn of the new key are a choice, and no speed."""
    real = vault.Renewal.wait_for_writers
    vault.Renewal.wait_for_writers = lambda renewal: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        vault.Renewal.wait_for_writers = real  # type: ignore[method-assign]
