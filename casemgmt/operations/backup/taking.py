"""Taking one set: a moment of the records, then the files, then a moment of the key store (the package says why so)."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connections
from django.utils import timezone

from casemgmt.crypto import keks
from casemgmt.operations.backup import manifest, postgresql, sqlite
from casemgmt.operations.backup.errors import NotTogether
from casemgmt.operations.backup.manifest import FILES, KEYSTORE, MAIN, Manifest
from casemgmt.operations.backup.sealing import IDENTITY_NAME, Lock, Reader, Written, seal
from casemgmt.operations.backup.targets import Unfinished
from casemgmt.operations.backup.tarring import Pieces, tar_of, tar_of_one

#: Tables whose rows are counted, so that a drill can compare: (key in the manifest, app, model).
COUNTED = {
    MAIN: (
        ("cases", "cases", "Case"), ("survivors", "cases", "Survivor"), ("notes", "cases", "Note"),
        ("documents", "cases", "Document"), ("people", "accounts", "User"), ("events", "audit", "Event"),
    ),
    KEYSTORE: (
        ("case_keys", "crypto", "CaseKey"), ("keks", "crypto", "KeyEncryptionKey"),
        ("shared_keys", "crypto", "SharedKey"), ("tombstones", "crypto", "ErasedClass"),
    ),
}  # fmt: skip
#: What the key store's archive holds beside the database: what opens and ages it, readable without restoring it.
ABOUT, DATABASE = "about.json", "database"


class Moment(Protocol):
    """A database as it was at one moment."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]: ...

    def content(self) -> Reader: ...


@dataclass
class Before:
    """What the key store held before the records were read."""

    shared: set[tuple[str, int]]
    oldest: dict[tuple[str, str], int]


@dataclass
class Taken:
    """The manifests of a set as it was written."""

    manifests: dict[str, Manifest] = field(default_factory=dict)
    #: Files that records name and that were not there: none, unless something was lost before.
    missing: int = 0


def engine_of(alias: str) -> str:
    """``sqlite`` or ``postgresql``."""
    return connections[alias].vendor


@contextmanager
def moment_of(alias: str, *, on_disk: Path | None) -> Iterator[Moment]:
    """One moment of a database of either engine."""
    with ExitStack() as stack:
        if engine_of(alias) == "sqlite":
            yield stack.enter_context(sqlite.moment_of(connections[alias].settings_dict, on_disk=on_disk))
        else:
            yield stack.enter_context(postgresql.moment_of(alias))


def select(what: str, app: str, model: str, rest: str = "") -> str:
    """A question to a moment, which has no models. Every part of it stands in this package."""
    return f'SELECT {what} FROM "{apps.get_model(app, model)._meta.db_table}" {rest}'  # noqa: S608


def count_rows(part: str, moment: Moment) -> dict[str, int]:
    """Rows of the counted tables."""
    return {key: moment.rows(select("COUNT(*)", app, model))[0][0] for key, app, model in COUNTED[part]}


def take(unfinished: Unfinished, lock: Lock) -> Taken:
    """Write the three archives of a set. Raises NotTogether where something was taken away between them."""
    taken = Taken()
    for part in (MAIN, KEYSTORE):
        if lock.identity:
            unfinished.put(part, IDENTITY_NAME, lock.identity)
    before = _look_before()
    named = _take_main(unfinished, lock, taken)
    _take_files(unfinished, lock, taken, named)
    _take_keystore(unfinished, lock, taken, before)
    return taken


def _take_main(unfinished: Unfinished, lock: Lock, taken: Taken) -> set[str]:
    at = timezone.now()
    with moment_of("default", on_disk=Path(settings.HAVEN_HOME) / "tmp") as moment:
        erased = moment.rows(
            select("COUNT(*), MAX(keys_gone_at)", "cases", "ErasureOrder", "WHERE keys_gone_at IS NOT NULL")
        )
        named = {name for (name,) in moment.rows(select("stored_as", "cases", "Document"))}
        facts = {"counts": count_rows(MAIN, moment), "migrations": _migrations(moment), **_erased(*erased[0])}
        written = seal(moment.content(), unfinished.folder(MAIN) / "main.age", lock)
    _note(unfinished, taken, MAIN, at, written, engine_of("default"), facts)
    return named


def _take_files(unfinished: Unfinished, lock: Lock, taken: Taken, named: set[str]) -> None:
    at = timezone.now()
    present: set[str] = set()
    stream = Pieces(tar_of(Path(settings.MEDIA_ROOT), present))
    written = seal(stream, unfinished.folder(FILES) / "files.age", lock)
    lost = named - present
    if lost and _were_renewed(lost):
        raise NotTogether("The keys of a case were renewed while the files were read.")
    taken.missing = len(lost)
    _note(unfinished, taken, FILES, at, written, "files", {"counts": {"files": len(present), "missing": len(lost)}})


def _were_renewed(lost: set[str]) -> bool:
    """Whether documents stand under other names now than the records of a moment ago said."""
    current: set[str] = set()
    with connections["default"].cursor() as cursor:
        cursor.execute(select("stored_as", "cases", "Document"))
        while rows := cursor.fetchmany(1000):
            current.update(name for (name,) in rows)
    return bool(lost - current)


def _take_keystore(unfinished: Unfinished, lock: Lock, taken: Taken, before: Before) -> None:
    at = timezone.now()
    with moment_of(KEYSTORE, on_disk=None) as moment:
        demand_nothing_lost(moment, before)
        erased = moment.rows(select("COUNT(*), MAX(erased_at)", "crypto", "ErasedClass"))
        version = moment.rows(select("MAX(number)", "crypto", "KeystoreVersion"))[0][0] or 0
        facts = {
            "counts": count_rows(KEYSTORE, moment), "migrations": _migrations(moment), "keystore_version": version,
            **_erased(*erased[0]),
        }  # fmt: skip
        about = json.dumps(about_keystore(moment)).encode()
        content = _all_of(moment.content())
        stream = Pieces(_two_entries(about, content))
        written = seal(stream, unfinished.folder(KEYSTORE) / "keystore.age", lock)
    _note(unfinished, taken, KEYSTORE, at, written, engine_of(KEYSTORE), facts)


def _two_entries(about: bytes, content: bytes) -> Iterator[bytes]:
    """One tar of two: the end of the first entry's stream is not the end of the archive."""
    yield from tar_of_one(ABOUT, about)
    yield from tar_of_one(DATABASE, content)
    yield bytes(1024)


def _all_of(reader: Reader) -> bytes:
    """The dump of the key store, in memory: a copy on a disk would keep what is erased later."""
    pieces = []
    while piece := reader.read(1024 * 1024):
        pieces.append(piece)
    return b"".join(pieces)


def about_keystore(moment: Moment) -> dict[str, Any]:
    """What opens the key store (KEKs, wrapped by the root key) and what was erased, as JSON."""
    wrapped = moment.rows(select("number, wrapped", "crypto", "KeyEncryptionKey", "WHERE state <> 'DESTROYED'"))
    stones = moment.rows(select("case_uid, retention_class", "crypto", "ErasedClass"))
    return {
        "keks": [[number, bytes(key).hex()] for number, key in wrapped],
        "tombstones": sorted([str(case_uid).replace("-", ""), name] for case_uid, name in stones),
    }


# ---- whether the parts belong together ----


def _look_before() -> Before:
    """Before anything is read: the epochs that must still be there at the end."""
    shared = set(keks.rows("SharedKey").values_list("name", "epoch"))
    return Before(shared, _oldest(_ask))


def _ask(sql: str) -> list[tuple[Any, ...]]:
    with connections[KEYSTORE].cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _oldest(rows: Callable[[str], list[tuple[Any, ...]]]) -> dict[tuple[str, str], int]:
    """The oldest epoch of every class of which the first is gone: its keys were renewed at some time."""
    grouped = "GROUP BY case_uid, retention_class HAVING MIN(epoch) > 1"
    found = rows(select("case_uid, retention_class, MIN(epoch)", "crypto", "CaseKey", grouped))
    return {(UUID(str(case_uid)).hex, name): epoch for case_uid, name, epoch in found}


def demand_nothing_lost(moment: Moment, before: Before) -> None:
    """Raise NotTogether where keys went since ``before`` that the records may still need: renewed or rotated ones.

    Keys that were shredded are not missed: their tombstones are there.
    """
    shared = set(moment.rows(select("name, epoch", "crypto", "SharedKey")))
    if before.shared - shared:
        raise NotTogether("A shared key was destroyed meanwhile.")
    if any(epoch > before.oldest.get(key, 1) for key, epoch in _oldest(moment.rows).items()):
        raise NotTogether("The keys of a case were renewed meanwhile.")


def _aware(value: Any) -> datetime:
    """A moment as a database gives it: SQLite has text without a zone, in UTC."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _erased(count: int, last: Any) -> dict[str, Any]:
    return {"erased": count, "last_erased_at": _aware(last).isoformat() if last else ""}


def _migrations(moment: Moment) -> list[str]:
    return sorted(f"{app}.{name}" for app, name in moment.rows("SELECT app, name FROM django_migrations"))


def _note(
    unfinished: Unfinished, taken: Taken, part: str, at: datetime, written: Written, engine: str, facts: dict[str, Any]
) -> None:
    """Write the manifest of a part beside its archive."""
    one = Manifest(
        name=unfinished.name, part=part, engine=engine, taken_at=at.isoformat(), version=manifest.own_version(),
        bytes=written.size, sha256=written.sha256, is_demo=settings.HAVEN_DEMO, **facts,
    )  # fmt: skip
    unfinished.put(part, f"{part}.json", manifest.signed(one))
    taken.manifests[part] = one
