"""Building the search indexes while the house works, giving them new keys, and taking them down again.

Every step is one transaction that leaves the indexes usable, so a process may be killed between any two and another
one, or the same, goes on: the state is in the database and nowhere else. Writes keep an index up to date from the
moment it begins to be filled; the back-fill then takes every case under the lock that its writers take.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from time import monotonic

from django.db import DEFAULT_DB_ALIAS, connections

from audit import clock
from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.crypto import blind_index
from cases import access, search_index
from cases.choices.search import IndexName
from cases.models import BlindToken, Case, SearchIndex

#: Cases in one transaction of the back-fill: a second or less, so that nobody waits for it.
CASES_AT_ONCE = 200
TOKENS_AT_ONCE = 5_000

_State = SearchIndex.State
Say = Callable[[int, int], None]


@action
def begin_fill(
    *, actor: None, now: datetime, epoch: int, bits: Mapping[str, int], reason: str, only: tuple[str, ...] = ()
) -> int:
    """From now on every write keeps these indexes of this epoch up to date; say how many were begun. Idempotent.

    On PostgreSQL it waits for the writes that are under way: one that began without knowing of the index, and ended
    after the back-fill had passed, would be missing from it. Records INDEX_FILLED.
    """
    names = only or tuple(IndexName.values)
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(f'LOCK TABLE "{Case._meta.db_table}" IN SHARE MODE')
    rows = access.for_the_house(SearchIndex)
    there = set(rows.filter(epoch=epoch).values_list("index", flat=True))
    made = [
        SearchIndex(index=name, epoch=epoch, bits=bits.get(name, search_index.BITS[name]), state=_State.FILLING)
        for name in names
        if name not in there
    ]
    rows.bulk_create(made, ignore_conflicts=True)
    begun = rows.filter(epoch=epoch, state=_State.EMPTY).update(state=_State.FILLING)
    if made or begun:
        record(Verb.INDEX_FILLED, actor=None, reason=reason, detail={"epoch": epoch, "kind": "BEGUN"})
    return len(made) + begun


@action
def fill_some(*, actor: None, now: datetime, reason: str) -> bool:
    """Write the tokens of the next cases in every index that is being filled; say whether any is left to fill.

    The indexes furthest behind go first. Safe beside writers and beside another back-fill. Records INDEX_FILLED when
    an index is ready, naming it, and DECRYPTION_REFUSED for a card that cannot be read.
    """
    rows = access.for_the_house(SearchIndex).select_for_update().filter(state=_State.FILLING)
    filling = list(rows.order_by("epoch", "index"))
    if not filling:
        return False
    done = min(one.done_up_to for one in filling)
    behind = [one for one in filling if one.done_up_to == done]
    keys = access.for_the_house(Case).filter(pk__gt=done).order_by("pk").values_list("pk", flat=True)
    cases = access.lock_cases(list(keys[:CASES_AT_ONCE]))
    if cases:
        search_index.remember_all(None, cases, behind)
        done = cases[-1].pk
    for one in behind:
        one.done_up_to = done
        if len(cases) < CASES_AT_ONCE:
            one.state, one.ready_at = _State.READY, now
            detail = {"index": one.index, "bits": one.bits, "epoch": one.epoch, "kind": "READY"}
            record(Verb.INDEX_FILLED, actor=None, reason=reason, detail=detail)
        one.save(update_fields=["done_up_to", "state", "ready_at"])
    return len(cases) == CASES_AT_ONCE or len(behind) < len(filling)


@action
def drop_some(*, actor: None, now: datetime, reason: str, epochs: tuple[int, ...], names: tuple[str, ...]) -> bool:
    """Take indexes of these epochs down: first their state, so that nobody asks them, then their tokens, some at a time.

    Says whether tokens are left. Records INDEX_ROTATED where an index went.
    """
    rows = access.for_the_house(SearchIndex).filter(epoch__in=epochs, index__in=names)
    for one in rows:
        detail = {"index": one.index, "bits": one.bits, "epoch": one.epoch, "kind": "DROPPED"}
        record(Verb.INDEX_ROTATED, actor=None, reason=reason, detail=detail)
    rows.delete()
    tokens = access.for_the_house(BlindToken).filter(epoch__in=epochs, index__in=names)
    keys = list(tokens.values_list("pk", flat=True)[:TOKENS_AT_ONCE])
    access.for_the_house(BlindToken).filter(pk__in=keys).delete()
    return len(keys) == TOKENS_AT_ONCE


@action
def record_destroyed(*, actor: None, now: datetime, reason: str, before: int, count: int) -> None:
    """Say that the keys of older epochs are gone. Records KEY_DESTROYED."""
    record(Verb.KEY_DESTROYED, actor=None, reason=reason, detail={"key": "SEARCH", "epoch": before, "count": count})


# ---- What commands and the schedule call ----


def fill(*, reason: str, bits: Mapping[str, int] | None = None, say: Say | None = None, seconds: float = 0) -> bool:
    """Begin or go on with the back-fill of every index, until it is done or ``seconds`` have passed; say if it is done."""
    epoch = _newest() or blind_index.newest_epoch() or blind_index.add_epoch()
    begin_fill(actor=None, now=clock.now(), epoch=epoch, bits=bits or {}, reason=reason)
    return go_on(reason=reason, say=say, seconds=seconds)


def go_on(*, reason: str, say: Say | None = None, seconds: float = 0) -> bool:
    """Fill what is begun, until it is done or ``seconds`` have passed; say whether it is done."""
    end = monotonic() + seconds
    while fill_some(actor=None, now=clock.now(), reason=reason):
        if say is not None:
            say(*progress())
        if seconds and monotonic() > end:
            return False
    return True


def progress() -> tuple[int, int]:
    """How many cases the back-fill has done, and of how many."""
    filling = [one.done_up_to for one in search_index.states() if one.state == _State.FILLING]
    cases = access.for_the_house(Case)
    total = cases.count()
    return (cases.filter(pk__lte=min(filling)).count() if filling else total), total


def rotate(*, reason: str, bits: Mapping[str, int] | None = None, say: Say | None = None) -> int:
    """Give every index a new key: fill a new epoch, switch to it, delete the old tokens, destroy the old keys.

    Interrupted anywhere and asked again it goes on where it was, with the same new epoch. Says the epoch in use.
    """
    there = search_index.states()
    epochs = sorted({one.epoch for one in there})
    newest = epochs[-1] if epochs else 0
    names = tuple(sorted({one.index for one in there})) or tuple(search_index.MATCHING)
    # The keys of old epochs are the last to go: while there are two, a rotation is under way.
    if blind_index.newest_epoch() <= newest and not blind_index.has_older_epochs():
        blind_index.add_epoch()
    newest = blind_index.newest_epoch()
    begin_fill(actor=None, now=clock.now(), epoch=newest, bits=_kept_bits(bits), reason=reason, only=names)
    go_on(reason=reason, say=say)
    finish_rotation(reason=reason)
    return newest


def finish_rotation(*, reason: str) -> int:
    """Once the newest epoch is ready: delete the tokens of all older ones, and destroy their keys. Idempotent."""
    there = search_index.states()
    newest = _newest()
    if not newest or any(one.epoch == newest and one.state != _State.READY for one in there):
        return 0
    known = access.for_the_house(BlindToken).filter(epoch__lt=newest).values_list("epoch", flat=True).distinct()
    old = tuple(sorted({one.epoch for one in there if one.epoch < newest} | set(known)))
    while old and drop_some(actor=None, now=clock.now(), reason=reason, epochs=old, names=tuple(IndexName.values)):
        pass
    destroyed = blind_index.destroy_epochs(before=newest)
    if destroyed:
        record_destroyed(actor=None, now=clock.now(), reason=reason, before=newest, count=destroyed)
    return destroyed


def drop(*, reason: str) -> None:
    """Take the indexes that answer questions down, in every epoch. Those for possible matches stay."""
    epochs = tuple(sorted({one.epoch for one in search_index.states()}))
    names = tuple(search_index.SEARCHED)
    while epochs and drop_some(actor=None, now=clock.now(), reason=reason, epochs=epochs, names=names):
        pass


def keep_indexes(*, seconds: float = 20) -> bool:
    """What the schedule does: fill what the setting asks for and is not ready, for so long at a time."""
    reason = "The setting CASE_SEARCH asks for it."
    if search_index.is_wanted():
        is_done = fill(reason=reason, seconds=seconds)
    else:
        is_done = go_on(reason=reason, seconds=seconds)
    if is_done:
        finish_rotation(reason="A rotation that was begun by command.")
    return is_done


def _newest() -> int:
    return max((one.epoch for one in search_index.states()), default=0)


def _kept_bits(bits: Mapping[str, int] | None) -> dict[str, int]:
    """The bits that were asked for; else those of the index now."""
    now = {one.index: one.bits for one in reversed(search_index.states())}
    return {**now, **(bits or {})}
