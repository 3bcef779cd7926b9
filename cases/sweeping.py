"""What a killed process leaves behind: stored files that no record names, and keys that seal nothing. They go after a day."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.storage import Storage

from audit.log import record
from audit.models import Event
from audit.verbs import Verb
from casemgmt.accounts.models import Organisation, User
from casemgmt.crypto import keyring
from cases import access, files
from cases.models import Case, Contact, Document, Inquiry, Proceeding

#: An upload takes minutes; what nobody has recorded after a day, nobody will.
GRACE = timedelta(days=1)
#: How long somebody may still find the newer backup after an older one was restored.
AFTER_RESTORE = timedelta(days=60)
_BATCH = 500


def sweep_files(*, now: datetime) -> int:
    """Delete stored files older than a day that no document names, and say how many. Records JOB_RUN if there were any.

    Also small pictures of documents that went into quarantine, or were sealed anew under another name. A file that a
    record names is never touched, whatever state it is in.
    """
    storage, swept, batch = files.storage(), 0, []
    for name in _old_files(storage, "", now - GRACE):
        batch.append(name)
        if len(batch) == _BATCH:
            swept += _sweep(storage, batch)
            batch = []
    swept += _sweep(storage, batch)
    if swept:
        record(Verb.JOB_RUN, actor=None, detail={"job": "sweep_files", "count": swept})
    return swept


def sweep_keys(*, now: datetime) -> int:
    """Delete keys whose case, person or organisation never came, and say how many. Records KEYS_SWEPT if there were any.

    Not for 60 days after a restore: the records of today may lack what a newer backup holds.
    Raises KeystoreUnavailable.
    """
    if Event.objects.filter(verb=Verb.BACKUP_RESTORED, at__gte=now - AFTER_RESTORE).exists():
        return 0
    swept = keyring.sweep_orphans(_existing, now=now)
    if swept:
        record(Verb.KEYS_SWEPT, actor=None, detail={"count": swept})
    return swept


def _existing(uids: set[UUID]) -> set[UUID]:
    """Those of these uids that are a case's, a person's or an organisation's, or of a record sealed by keys of its own."""
    models: tuple[Any, ...] = (
        access.for_the_house(Case), access.for_the_house(Contact), access.for_the_house(Inquiry),
        access.for_the_house(Proceeding), User.objects.all(), Organisation.objects.all(),
    )  # fmt: skip
    return {uid for rows in models for uid in rows.filter(uid__in=uids).values_list("uid", flat=True)}


def _sweep(storage: Storage, names: list[str]) -> int:
    """Delete those that are nobody's."""
    owners = {name: files.owner_name(name) for name in names}
    rows = access.for_the_house(Document).filter(stored_as__in=set(owners.values()))
    quarantined = dict(rows.values_list("stored_as", "quarantined_at"))
    swept = 0
    for name, owner in owners.items():
        is_kept = owner in quarantined and (name == owner or quarantined[owner] is None)
        if not is_kept:
            storage.delete(name)
            swept += 1
    return swept


def _old_files(storage: Storage, folder: str, before: datetime) -> Iterator[str]:
    """Names of the files last written before a moment, folder by folder."""
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        path = f"{folder}/{name}" if folder else name
        if storage.get_modified_time(path) < before:
            yield path
    for inner in folders:
        yield from _old_files(storage, f"{folder}/{inner}" if folder else inner, before)
