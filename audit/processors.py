"""Sharing out a long computation among the processors of the machine: for verification, which only reads.

Other processes are forks of this one, so they hold the keys it holds and ask for no passphrase. Where a fork would be
unsafe (other threads run) or useless (a transaction that nobody else sees into, one processor), everything is done here.
"""

import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections

Part = TypeVar("Part")
Result = TypeVar("Result")

#: More would wait for the database.
MOST = 4
#: Connections that a fork inherited: neither used nor closed there, because they are the parent's.
_inherited: list[Any] = []


def processors() -> int:
    """How many parts a computation is worth being cut into now."""
    connection = connections[DEFAULT_DB_ALIAS]
    is_private = connection.vendor == "sqlite" and connection.is_in_memory_db()  # type: ignore[attr-defined]
    if connection.in_atomic_block or is_private or threading.active_count() > 1:
        return 1
    return min(MOST, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)


def side_by_side(work: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """``work`` of each part, in order: the first here, each of the others in a process of its own.

    What a process could not do (it was killed, the database refused it) is done again here, so that its error is raised
    here, too. Results must be picklable.
    """
    forks = multiprocessing.get_context("fork")
    others = []
    for part in parts[1:]:
        ours, theirs = forks.Pipe(duplex=False)
        process = forks.Process(target=_work_apart, args=(theirs, work, part), daemon=True)
        process.start()
        theirs.close()
        others.append((part, process, ours))
    found = [work(part) for part in parts[:1]]
    for part, process, pipe in others:
        try:
            found.append(pipe.recv())
        except EOFError:
            found.append(work(part))
        finally:
            pipe.close()
            process.join()
    return found


def take_own_connections() -> None:
    """In a process that was just forked: leave the parent's connections alone, and open own ones when they are needed."""
    for alias in connections:
        _inherited.append(connections[alias])
        connections[alias] = connections[alias].copy()


def _work_apart(pipe: Any, work: Callable[[Part], Result], part: Part) -> None:
    """In the other process."""
    take_own_connections()
    try:
        pipe.send(work(part))
    finally:
        for alias in connections:
            connections[alias].close()
        pipe.close()
