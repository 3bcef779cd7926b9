"""Keyed, forward-secure chains of events, one for each database connection.

``mac = HMAC(Kn, previous mac ‖ canonical bytes)`` and ``Kn+1 = SHA-256("r" ‖ Kn)``; the old key is forgotten
once its event is committed. Writers share no row and never wait for each other. Whoever breaks in later cannot
forge what was written before, unless he holds the ledger's key too (then the tree and its anchors speak).

A stream belongs to one connection of one process: a fork, another database or a lost state begins a new one.
Its state follows savepoints and rollbacks: it is kept beside a callback in Django's own list of callbacks for
after the commit, which a rolled back savepoint shortens. Where that list cannot tell (it is emptied before the
callbacks run, and on a lost connection), the rows of the stream do.
"""

import hashlib
import hmac
import os
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from casemgmt.crypto.keyring import ledger_key

from .inserting import insert
from .models import Event

ATTRIBUTE = "haven_stream"
FIRST = bytes(32)


class Link(NamedTuple):
    """Where a chain stands: the last number, its mac, and the key of the next."""

    number: int
    mac: bytes
    next_key: bytes


def first_key(stream: uuid.UUID) -> bytes:
    """The key of a stream's first event, derived from the ledger's root for streams."""
    return hmac.digest(ledger_key("streams"), b"stream\0" + stream.bytes, hashlib.sha256)


#: HMAC's two paddings of a key (RFC 2104), as tables for ``bytes.translate``.
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))
_FILL = bytes(32)


def mac_of(key: bytes, previous: bytes, canonical: bytes) -> bytes:
    """The mac of one event: HMAC-SHA256 under a key of 32 bytes. Spelled out, because the library takes twice as long."""
    sha256, block = hashlib.sha256, key + _FILL
    inner = sha256(block.translate(_INNER) + previous + canonical).digest()
    return sha256(block.translate(_OUTER) + inner).digest()


def step(key: bytes) -> bytes:
    """The key after this one. There is no way back."""
    return hashlib.sha256(b"r" + key).digest()


def key_at(stream: uuid.UUID, number: int) -> bytes:
    """The key of a stream's event of this number; the first is 1. Costs a hash for each number before it."""
    key = first_key(stream)
    for _ in range(number - 1):
        key = step(key)
    return key


class Chain:
    """The chain of one connection. Use ``append``; everything else is how it keeps its place."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.owner = _owner(connection)
        self.uid = uuid.uuid4()
        self.committed = Link(0, FIRST, first_key(self.uid))
        #: Links of the running transaction, each with its callback for after the commit.
        self.pending: list[tuple[Callable[[], None], Link]] = []

    def append(self, number_and_sign: Callable[[uuid.UUID, int], tuple[Event, bytes]]) -> Event:
        """Add one event. ``number_and_sign(stream, number)`` returns the unsaved event and its canonical bytes.

        Must run inside a transaction. Sets ``canonical`` and ``mac`` and saves the event.
        """
        last = self._tail()
        number = last.number + 1
        event, canonical = number_and_sign(self.uid, number)
        event.canonical = canonical
        event.mac = mac_of(last.next_key, last.mac, canonical)
        insert(event)
        self._remember(Link(number, event.mac, step(last.next_key)))
        return event

    def is_new(self) -> bool:
        """No event of this stream is in the database yet."""
        return self._tail().number == 0

    def _remember(self, link: Link) -> None:
        """Hold a link until its transaction commits; then forget the keys before it."""

        def settle() -> None:
            if self.connection.in_atomic_block:
                return  # a test plays the callbacks inside its own transaction, which will roll back
            while self.pending:
                callback, settled = self.pending.pop(0)
                self.committed = settled
                if callback is settle:
                    return

        self.pending.append((settle, link))
        transaction.on_commit(settle, using=self.connection.alias)

    def _tail(self) -> Link:
        """The last link that is part of the database as this transaction sees it."""
        if not self.pending:
            return self.committed
        callback, link = self.pending[-1]
        if any(entry[1] is callback for entry in reversed(self.connection.run_on_commit)):
            return link
        return self._tail_by_rows()

    def _tail_by_rows(self) -> Link:
        """Django's list cannot tell whether the last links rolled back; the rows can."""
        wanted = [link.number for _callback, link in self.pending]
        rows = Event.objects.using(self.connection.alias).filter(stream=self.uid, number__in=wanted)
        present = {number: bytes(mac) for number, mac in rows.values_list("number", "mac")}
        while self.pending and present.get(self.pending[-1][1].number) != self.pending[-1][1].mac:
            self.pending.pop()
        return self.pending[-1][1] if self.pending else self.committed


def chain_of_connection(alias: str = DEFAULT_DB_ALIAS) -> Chain:
    """The chain of this thread's connection; a new one after a fork or for another database."""
    connection = connections[alias]
    chain: Chain | None = getattr(connection, ATTRIBUTE, None)
    if chain is None or chain.owner != _owner(connection):
        chain = Chain(connection)
        setattr(connection, ATTRIBUTE, chain)
    return chain


def _owner(connection: Any) -> tuple[int, str]:
    """What a chain belongs to: this process and this database."""
    return os.getpid(), str(connection.settings_dict["NAME"])
