"""Every process that serves pages looks at the key store's version by itself, so that an idle one forgets keys too.

A process forgets opened keys when a request finds that the version moved (an erasure, a rotation, the locked office).
Where no request comes, nobody looks: so a thread of each process does, every few seconds.
"""

import threading

from django.db import DatabaseError, InterfaceError, connections

from casemgmt.crypto import keyring
from casemgmt.crypto.errors import KeystoreUnavailable
from casemgmt.crypto.router import KEYSTORE

#: How long an idle process may hold keys that it was told to forget.
EVERY_SECONDS = 3.0


def watch(stopping: threading.Event, every: float = EVERY_SECONDS) -> None:
    """Look until told to stop. A key store that does not answer is met by the next request, which says so."""
    while not stopping.wait(every):
        try:
            keyring.begin_request()
        except (KeystoreUnavailable, DatabaseError, InterfaceError):
            connections[KEYSTORE].close()


def begin_watching() -> threading.Event:
    """Start the thread, in a process that was forked just now."""
    stopping = threading.Event()
    threading.Thread(target=watch, args=(stopping,), name="forgetting", daemon=True).start()
    return stopping
