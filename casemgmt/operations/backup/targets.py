"""Where backups go: two places that are not one, sets that are whole or not there, and old ones that are cleared away."""

import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from casemgmt.crypto.providers.keyfile import sync_folder
from casemgmt.operations.backup import manifest
from casemgmt.operations.backup.errors import BackupDamaged, BackupRefused
from casemgmt.operations.backup.manifest import FILES, KEYSTORE, MAIN, UNFINISHED

_SAME = (
    "Both places are on the same disk: whoever takes it has the records and their keys, and when it breaks, both are "
    "lost. Name another disk or a mounted share for one of them. If they only look like one, or this is a trial, say "
    "--same-device-is-fine."
)


@dataclass(frozen=True)
class Places:
    """Where the records and files go, and where the key store goes."""

    data: Path
    keystore: Path

    @classmethod
    def demand(cls, data: str, keystore: str, *, same_device_is_fine: bool) -> "Places":
        """Two folders that exist and are apart. Raises BackupRefused with what is wrong."""
        if not data or not keystore:
            raise BackupRefused(
                "Name two places: --data for the records and files, --keystore for the keys (or BACKUP_DATA_TARGET and "
                "BACKUP_KEYSTORE_TARGET in the settings)."
            )
        places = cls(Path(data).resolve(), Path(keystore).resolve())
        for place in (places.data, places.keystore):
            if not place.is_dir():
                raise BackupRefused(f"The folder {place} does not exist. Is its disk mounted?")
            if _is_within(place, Path(settings.MEDIA_ROOT).resolve()):
                raise BackupRefused(f"{place} is the folder of the files themselves. Name another place.")
        if places.data == places.keystore or os.path.samefile(places.data, places.keystore):
            raise BackupRefused(
                "The records and the key store may not go to one place: a backup of both in one hand opens every case."
            )
        if _is_within(places.data, places.keystore) or _is_within(places.keystore, places.data):
            raise BackupRefused("One place lies inside the other: whoever takes the outer one has both.")
        if not same_device_is_fine and places.data.stat().st_dev == places.keystore.stat().st_dev:
            raise BackupRefused(_SAME)
        return places

    def of(self, part: str) -> Path:
        """The place of a part."""
        return self.keystore if part == KEYSTORE else self.data


def _is_within(inner: Path, outer: Path) -> bool:
    return inner == outer or outer in inner.parents


def beside_the_home(places: Places) -> list[str]:
    """A warning for each place on the disk that it shall help against."""
    home = Path(settings.HAVEN_HOME).stat().st_dev
    return [
        f"{place} is on the same disk as Haven itself: when that breaks, this backup is lost with it."
        for place in (places.data, places.keystore)
        if place.stat().st_dev == home
    ]


class Unfinished:
    """A set while it is written: two folders under names that say so."""

    def __init__(self, places: Places, name: str) -> None:
        self.places, self.name = places, name

    def begin(self) -> None:
        """Make the folders (0700), throwing away what an earlier attempt or a killed backup left."""
        for place in {self.places.data, self.places.keystore}:
            for left in manifest.unfinished_in(place):
                shutil.rmtree(left)
            (place / f"{self.name}{UNFINISHED}").mkdir(mode=0o700)

    def folder(self, part: str) -> Path:
        """Where the archive of a part is written."""
        return self.places.of(part) / f"{self.name}{UNFINISHED}"

    def put(self, part: str, name: str, content: bytes) -> None:
        """Write a small file beside the archive, to the disk."""
        descriptor = os.open(self.folder(part) / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def finish(self) -> None:
        """Give both folders their names. The key store's first: records without keys are not found as a backup."""
        for part in (KEYSTORE, MAIN):
            unfinished = self.folder(part)
            sync_folder(unfinished)
            os.replace(unfinished, unfinished.with_name(self.name))
            sync_folder(unfinished.parent)

    def throw_away(self) -> None:
        """Leave nothing half-readable."""
        for part in (KEYSTORE, MAIN):
            shutil.rmtree(self.folder(part), ignore_errors=True)


def clear_old(places: Places, *, keep: int, now: datetime) -> list[Path]:
    """Delete old sets: of the records all but the newest ``keep``, of the key store what is too old; says which.

    A key store archive that outlives KEYSTORE_BACKUP_DAYS would break the date that an erasure was promised for. The
    newest of each is never deleted. What is not ours, or cannot be read, is left alone.
    """
    gone = [folder for folder in manifest.sets_in(places.data)[max(keep, 1) :] if (folder / f"{MAIN}.json").is_file()]
    # A day early: this runs once a day, and the promise counts in days.
    oldest = now - timedelta(days=settings.KEYSTORE_BACKUP_DAYS - 1)
    for folder in manifest.sets_in(places.keystore)[1:]:
        try:
            if manifest.read(folder, KEYSTORE).manifest.moment < oldest:
                gone.append(folder)
        except (BackupRefused, BackupDamaged):
            continue
    for folder in gone:
        _delete(folder)
    return gone


def _delete(folder: Path) -> None:
    """Archives first: a set that is deleted half-way is not a set any more."""
    for part in (MAIN, FILES, KEYSTORE):
        (folder / f"{part}.json").unlink(missing_ok=True)
    shutil.rmtree(folder)
    sync_folder(folder.parent)
