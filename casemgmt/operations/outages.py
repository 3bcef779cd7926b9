"""The key store or the root key does not answer: remembered in this process until the ledger can be written again.

Who asks is noted under a pseudonym that needs a key, so in the middle of an outage an event often cannot be written. Then
it waits here, with how often somebody was turned away, for the first moment at which it can.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections, transaction

from audit import circumstances
from audit.log import record
from audit.verbs import Outcome, Verb
from casemgmt.crypto.errors import KeystoreUnavailable, RootKeyUnavailable, VaultError
from casemgmt.logs import get_logger

#: An outage is told once and then at most this often in a process, with a count: a flood of events helps nobody.
PAUSE = 60.0

_lock = Lock()
_waiting: dict[Verb, int] = {}
_told_at: dict[Verb, float] = {}


def note(error: KeystoreUnavailable, route: str = "") -> None:
    """Remember that somebody was turned away, and say so in the log: which kind, never a value."""
    is_root = isinstance(error, RootKeyUnavailable)
    verb = Verb.ROOT_KEY_UNAVAILABLE if is_root else Verb.KEYSTORE_UNAVAILABLE
    get_logger().error(verb.value.lower(), error=type(error).__name__, route=route)
    with _lock:
        _waiting[verb] = _waiting.get(verb, 0) + 1


def is_waiting() -> bool:
    """Whether something was not told yet."""
    return bool(_waiting)


def tell() -> int:
    """Record what waits, in a transaction of its own, if that is possible now; say how many events.

    Called inside a context (a request's, a job's) and outside every transaction. Records ROOT_KEY_UNAVAILABLE and
    KEYSTORE_UNAVAILABLE with the number of times.
    """
    if not _waiting or (connections[DEFAULT_DB_ALIAS].in_atomic_block and connections[DEFAULT_DB_ALIAS].needs_rollback):
        return 0
    circumstances.require()
    told = 0
    for verb in list(_waiting):
        with _taken(verb) as count:
            if count:
                detail: dict[str, str | int] = {"count": count}
                if verb == Verb.ROOT_KEY_UNAVAILABLE:
                    detail |= {"provider": settings.ROOT_KEY_PROVIDER}
                with transaction.atomic():
                    record(verb, actor=None, outcome=Outcome.FAILED, detail=detail)
                told += 1
    return told


@contextmanager
def _taken(verb: Verb) -> Iterator[int]:
    """The count that is told now; 0 where the last word is too fresh. It waits on where telling it failed."""
    with _lock:
        fresh = time.monotonic() - _told_at.get(verb, -PAUSE) < PAUSE
        count = 0 if fresh else _waiting.pop(verb, 0)
    try:
        yield count
    except (VaultError, DatabaseError, InterfaceError):
        with _lock:
            _waiting[verb] = _waiting.get(verb, 0) + count
        return
    if count:
        with _lock:
            _told_at[verb] = time.monotonic()


def forget() -> None:
    """Begin anew: for tests."""
    with _lock:
        _waiting.clear()
        _told_at.clear()
