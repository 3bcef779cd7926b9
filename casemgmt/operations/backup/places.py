"""Where a backup is restored to: this home, or a scratch one. And putting the three parts there."""

import io
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connections

from casemgmt.crypto import keks, providers
from casemgmt.crypto.errors import RootKeyUnavailable
from casemgmt.crypto.providers.keyfile import sync_folder
from casemgmt.operations.backup import manifest, postgresql, sqlite, taking
from casemgmt.operations.backup.errors import BackupDamaged, BackupRefused
from casemgmt.operations.backup.manifest import DATA_PARTS, KEYSTORE, MAIN, Archive
from casemgmt.operations.backup.sealing import Opener, unsealed
from casemgmt.operations.backup.tarring import read_all, unpack

Say = Callable[[str], None]
Options = dict[str, Any]


@dataclass(frozen=True)
class Goal:
    """Two empty databases (as Django's settings name them) and an empty folder for the files."""

    main: Options
    keystore: Options
    files: Path


@dataclass(frozen=True)
class Chosen:
    """The archives of a restore. The key store's may be of another set, if it is newer."""

    main: Archive
    files: Archive
    keystore: Archive

    @classmethod
    def find(cls, data: Path, keystore: Path) -> "Chosen":
        """The newest set of a place, or the set that a folder is. Raises BackupRefused and BackupDamaged."""
        for place in (data, keystore):
            if not place.is_dir():
                raise BackupRefused(f"The folder {place} does not exist. Is its disk mounted?")
        folder = manifest.choose(data.resolve(), MAIN)
        main, files = (manifest.read(folder, part) for part in DATA_PARTS)
        keys = manifest.read(manifest.choose_keystore(keystore.resolve(), folder.name), KEYSTORE)
        return cls(main, files, keys)

    def all(self) -> tuple[Archive, Archive, Archive]:
        """The three of them."""
        return self.main, self.files, self.keystore

    def demand_fitting(self) -> None:
        """The parts belong together, and no key comes back that was destroyed. Raises BackupRefused."""
        main, keys = self.main.manifest, self.keystore.manifest
        if main.name != self.files.manifest.name:
            raise BackupDamaged("The records and the files in this folder are not of one backup.")
        if len({archive.signed_by for archive in self.all()}) != 1:
            raise BackupRefused("These archives were not made by one installation.")
        manifest.demand_newest_shredding(self.keystore.folder)
        if main.last_erased is not None and main.last_erased > keys.moment:
            raise BackupRefused(manifest.OLDER_THAN_SHREDDING.format(name="one made after the records'"))
        if keys.moment < main.moment:
            raise BackupRefused(
                "This key store was taken before the records: what was written between the two could not be read. Take "
                "the key store's archive of the same name, or a newer one."
            )

    def demand_engines(self, goal: Goal) -> None:
        """Dumps are restored on the engine they came from. Raises BackupRefused."""
        for archive, options in ((self.main, goal.main), (self.keystore, goal.keystore)):
            engine = "sqlite" if options["ENGINE"].endswith("sqlite3") else "postgresql"
            if archive.manifest.engine != engine:
                raise BackupRefused(
                    f"The {archive.manifest.part} part was made on {archive.manifest.engine}, and this home is on {engine}. "
                    "Name a database of that kind in DATABASE_URL or KEYSTORE_URL."
                )


@dataclass(frozen=True, repr=False)
class OpenedKeystore:
    """The key store's archive, opened in memory: its database, its KEKs and its tombstones."""

    database: bytes
    wrapped: list[tuple[int, bytes]]
    tombstones: set[tuple[str, str]]

    @classmethod
    def of(cls, archive: Archive, opener: Opener) -> "OpenedKeystore":
        """Raises BackupRefused for another key, BackupDamaged for changed bytes."""
        with unsealed(archive.path, opener.identities(archive.folder)) as stream:
            entries = read_all(stream)
        try:
            about = json.loads(entries[taking.ABOUT])
            return cls(
                entries[taking.DATABASE],
                [(number, bytes.fromhex(key)) for number, key in about["keks"]],
                {(case_uid, name) for case_uid, name in about["tombstones"]},
            )
        except (KeyError, ValueError, TypeError):
            raise BackupDamaged("The archive of the key store is damaged.") from None

    def demand_root_key(self) -> None:
        """The root key of this home opens every KEK. Raises BackupRefused with what to do."""
        for number, wrapped in self.wrapped:
            try:
                keks.wipe(providers.current().unwrap(wrapped, context=keks.kek_context(number)))
            except RootKeyUnavailable as problem:
                raise BackupRefused(
                    f"The root key of this home does not open the key store of this backup. {problem} Bring back the root "
                    "key that was in use when the backup was made (`root_key combine`, with two of its sheets)."
                ) from None

    def demand_tombstones(self, known: set[tuple[str, str]]) -> None:
        """It knows every erasure that this home knows of. Raises BackupRefused."""
        if known - self.tombstones:
            raise BackupRefused(manifest.OLDER_THAN_SHREDDING.format(name="one made after it"))


def put(chosen: Chosen, opened: OpenedKeystore, opener: Opener, goal: Goal, say: Say) -> None:
    """Write the three parts to where nothing is. What goes wrong leaves unfinished databases: the caller removes them.

    The key store comes last: records without keys open nothing, so a restore that broke off shows nobody anything.
    """
    identities = opener.identities(chosen.main.folder)
    say("Restoring the records …")
    with unsealed(chosen.main.path, identities) as stream:
        _restore(goal.main, stream, "default")
    say("Restoring the files …")
    goal.files.mkdir(mode=0o700, parents=True, exist_ok=True)
    with unsealed(chosen.files.path, identities) as stream:
        count = unpack(stream, goal.files)
    sync_folder(goal.files)
    if count != chosen.files.manifest.counts.get("files"):
        raise BackupDamaged("The archive of the files does not hold as many as its manifest says.")
    say("Restoring the key store …")
    _restore(goal.keystore, io.BytesIO(opened.database), KEYSTORE)


def _restore(options: Options, stream: Any, alias: str) -> None:
    if options["ENGINE"].endswith("sqlite3"):
        sqlite.restore(options, stream)
    else:
        postgresql.restore(options, stream, wanted=postgresql.server_version(alias))


def check_files(chosen: Chosen, opener: Opener) -> int:
    """Open the archives of records and files to their end without writing anything; says how many bytes came out."""
    sizes = 0
    for archive in (chosen.main, chosen.files):
        with unsealed(archive.path, opener.identities(archive.folder)) as stream:
            while piece := stream.read(1024 * 1024):
                sizes += len(piece)
    return sizes


def is_empty(alias: str) -> bool:
    """Whether a database of this home holds nothing."""
    if connections[alias].vendor == "sqlite":
        return sqlite.is_empty(connections[alias].settings_dict)
    return postgresql.is_empty(alias)


def has_files(folder: Path) -> bool:
    """Whether there is any file below a folder."""
    return folder.is_dir() and any(names for _place, _folders, names in os.walk(folder))


def room_needed(chosen: Chosen) -> int:
    """About how many bytes a restore needs."""
    return sum(archive.manifest.bytes for archive in chosen.all())


def demand_room(folder: Path, wanted: int) -> None:
    """Raise BackupRefused where a folder's disk has not so many bytes left."""
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise BackupRefused(
            f"Restoring needs about {wanted // 2**20 + 1} MB, and {folder} has {free // 2**20} MB left."
        )
