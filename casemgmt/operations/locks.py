"""One process at a time for one thing of a home: the kernel's own lock on a file, gone with the process."""

import fcntl
import hashlib
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from casemgmt.operations.errors import AlreadyServed


@contextmanager
def alone(home: Path, thing: str, *, wait: float = 0) -> Iterator[None]:
    """Hold ``<home>/tmp/<thing>.lock``. Raises AlreadyServed where another process holds it after ``wait`` seconds."""
    descriptor = os.open(home / "tmp" / f"{thing}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + wait
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise AlreadyServed(
                        f"Haven already runs from this home ({thing}). Stop it first, or set HAVEN_HOME to another folder."
                    ) from None
                time.sleep(0.2)
        yield
    finally:
        os.close(descriptor)


def place_of(home: Path) -> str:
    """A short name for this machine and home, the same at every start, saying neither."""
    return hashlib.sha256(f"{platform.node()}:{home.resolve()}".encode()).hexdigest()[:12]
