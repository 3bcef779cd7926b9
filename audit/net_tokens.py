"""Which transaction a line of the net belongs to, on SQLite, which has no word for it.

The token of a transaction is kept beside a callback in Django's own list of callbacks for after the commit: a rolled back
savepoint shortens that list, and the end of the transaction empties it. So a token lives exactly as long as what was
written under it. Outside a transaction each statement is one by itself.
"""

import uuid
from collections.abc import Callable
from typing import Any


def of(connection: Any) -> Callable[[], str]:
    """The function ``haven_transaction()`` of one connection."""
    held: list[tuple[int, Callable[[], None], str]] = []

    def token() -> str:
        if not connection.in_atomic_block:
            return uuid.uuid4().hex
        waiting = connection.run_on_commit
        if held:
            place, callback, known = held[0]
            # What was put there before ours goes only together with ours, so the place stays.
            if place < len(waiting) and waiting[place][1] is callback:
                return known
            held.clear()

        def marker() -> None:
            """Nothing to do after the commit: the token ends with the transaction."""

        held.append((len(waiting), marker, uuid.uuid4().hex))
        connection.on_commit(marker)
        return held[0][2]

    return token
