"""What a renewal of a case's keys needs of the case room: to be the only one, and the stored files of its documents."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from secrets import token_hex
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from casemgmt.crypto import rekeying
from cases import files
from cases.models import Document


@contextmanager
def alone_with(*uids: UUID) -> Iterator[None]:
    """Be the only process that renews the keys of these cases or people; gone with the process, however it ends.

    Raises RenewalUnderWay where another one does. On PostgreSQL locks of the session, for all machines; on SQLite,
    which has one machine and one writer, the kernel's lock on the home: one process at a time.
    """
    if connection.vendor == "postgresql":
        with ExitStack() as locks:
            for uid in uids:
                locks.enter_context(_advisory_lock(uid))
            yield
        return
    # The folder itself is what is locked, so no file of ours is left there.
    descriptor = os.open(settings.HAVEN_HOME / "tmp", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise rekeying.RenewalUnderWay from None
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _advisory_lock(uid: UUID) -> Iterator[None]:
    number = int.from_bytes(uid.bytes[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise rekeying.RenewalUnderWay
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


# ---- Stored files ----


@dataclass(frozen=True)
class Part:
    """One stored file of a document: what follows ``stored_as`` in its name, and what it is bound to."""

    suffix: str
    bound: dict[str, Any]


def parts_of(document: Document) -> list[Part]:
    """The content of a document, and its small picture where one is kept."""
    bound = files._bound_to(document)
    parts = [Part("", bound)]
    picture = files._preview_name("")
    if files.storage().exists(document.stored_as + picture):
        parts.append(Part(picture, bound | {"file_uid": files.preview_uid(document.uid)}))
    return parts


def has_old_file(renewal: rekeying.Renewal, document: Document) -> bool:
    """Whether a stored file of this document is still under a key that is to go. Raises OddCiphertext, OSError."""
    return any(
        rekeying.is_old_file(
            renewal,
            files.storage(),
            document.stored_as + part.suffix,
            section=document.section,
            file_uid=part.bound["file_uid"],
        )
        for part in parts_of(document)
    )


def reseal_files(renewal: rekeying.Renewal, document: Document) -> str:
    """Seal the files of a document anew beside the old ones, and return what ``stored_as`` is to become.

    Under a name that nobody else has, so an attempt that was interrupted is in nobody's way. Raises
    DecryptionRefused, ContentErased, OSError; then no new file stays.
    """
    target = renewal.target_of(document.section)
    new = f"{document.uid.hex[:2]}/{document.uid.hex}.{target}.{token_hex(4)}"
    made: list[str] = []
    try:
        for part in parts_of(document):
            made.append(new + part.suffix)
            rekeying.reseal_file(files.storage(), document.stored_as + part.suffix, made[-1], **part.bound)
    except BaseException:
        discard(made)
        raise
    return new


def discard(names: list[str]) -> None:
    """Delete stored files that no record names."""
    for name in names:
        files.storage().delete(name)


def sweep_files(document: Document) -> int:
    """Delete every stored file of this document that its record does not name, and say how many.

    Only while nobody else renews this case: what lies there is what an interrupted renewal left.
    """
    named = {PurePosixPath(document.stored_as + part.suffix).name for part in parts_of(document)}
    folder = document.uid.hex[:2]
    try:
        found = files.storage().listdir(folder)[1]
    except FileNotFoundError:
        return 0
    left = [name for name in found if name.startswith(document.uid.hex) and name not in named]
    discard([f"{folder}/{name}" for name in left])
    return len(left)
