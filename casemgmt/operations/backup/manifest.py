"""What lies beside each archive: what it is, when it was taken, how to know that it is whole. Nothing about anybody.

The vault signs it, so an archive and a manifest that somebody else put there are known once the key store is open.
"""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.dateparse import parse_datetime

from casemgmt.crypto import certificates
from casemgmt.operations.backup.errors import BackupDamaged, BackupRefused
from casemgmt.operations.backup.sealing import sha256_of

FORMAT = "haven backup 1"
MAIN, FILES, KEYSTORE = "main", "files", "keystore"
PARTS = (MAIN, FILES, KEYSTORE)
#: The parts that lie in one place. The key store lies in another.
DATA_PARTS = (MAIN, FILES)
PREFIX, UNFINISHED = "haven-", ".partial"
_MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Manifest:
    """One archive. ``counts``: rows of some tables, or files. ``erased``: tombstones or carried out orders; since when."""

    name: str
    part: str
    engine: str
    taken_at: str
    version: str
    bytes: int
    sha256: str
    migrations: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    keystore_version: int = 0
    erased: int = 0
    last_erased_at: str = ""
    is_demo: bool = False

    @property
    def moment(self) -> datetime:
        """When it was taken, aware."""
        return aware(self.taken_at)

    @property
    def last_erased(self) -> datetime | None:
        """When keys were last destroyed, as far as this part knew."""
        return aware(self.last_erased_at) if self.last_erased_at else None


@dataclass(frozen=True)
class Archive:
    """An archive in its folder, with its manifest and who signed it (hex of the public key)."""

    folder: Path
    manifest: Manifest
    signed_by: str

    @property
    def path(self) -> Path:
        return self.folder / f"{self.manifest.part}.age"

    def demand_whole(self) -> None:
        """Raise BackupDamaged where a byte differs from what was written. Reads all of it."""
        try:
            found = sha256_of(self.path)
        except OSError:
            raise BackupDamaged(f"{self.path} cannot be read.") from None
        if (found.size, found.sha256) != (self.manifest.bytes, self.manifest.sha256):
            raise BackupDamaged(
                f"{self.path} is not what was written: its checksum differs. Take another copy or an older backup."
            )


def aware(text: str) -> datetime:
    """A moment in ISO format, with its zone. Raises BackupDamaged."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BackupDamaged("A manifest holds a date that is none.")
    return moment


def own_version() -> str:
    """Haven's version, as ``pyproject.toml`` says it."""
    text = (settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


def signed(manifest: Manifest) -> bytes:
    """The content of the file beside the archive. Raises KeystoreUnavailable."""
    return json.dumps(certificates.sign({"kind": FORMAT, **asdict(manifest)}), indent=1, sort_keys=True).encode()


def read(folder: Path, part: str) -> Archive:
    """The archive of a part in a set's folder. Raises BackupDamaged and BackupRefused."""
    path = folder / f"{part}.json"
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError
        whole = json.loads(path.read_bytes())
        key = str(whole["key"])
        body = certificates.verify(whole, key)
    except FileNotFoundError:
        raise BackupRefused(f"There is no {part} part in {folder}.") from None
    except (OSError, ValueError, KeyError, TypeError, certificates.BadCertificate):
        raise BackupDamaged(f"{path} is not what was written.") from None
    if body.pop("kind", "") != FORMAT:
        raise BackupRefused(f"{path} is of a format that this version of Haven does not know.")
    known = {one.name for one in fields(Manifest)}
    if set(body) != known or body["part"] != part:
        raise BackupDamaged(f"{path} is not what was written.")
    return Archive(folder, Manifest(**body), key)


def sets_in(place: Path) -> list[Path]:
    """The complete sets of a place, newest first: their names begin with the moment they were taken."""
    found = [one for one in place.glob(f"{PREFIX}*") if one.is_dir() and not one.name.endswith(UNFINISHED)]
    return sorted(found, key=lambda one: one.name, reverse=True)


def unfinished_in(place: Path) -> Iterator[Path]:
    """What a backup that was killed left behind."""
    return place.glob(f"{PREFIX}*{UNFINISHED}")


def choose(place: Path, part: str) -> Path:
    """The set that a person means by a folder: the folder itself, or the newest set in it. Raises BackupRefused."""
    if (place / f"{part}.json").is_file():
        return place
    for folder in sets_in(place):
        if (folder / f"{part}.json").is_file():
            return folder
    raise BackupRefused(f"There is no backup ({part}) in {place}.")


def choose_keystore(place: Path, name: str) -> Path:
    """The key store's archive for a set: of the same name, unless keys were destroyed since; then the newest.

    The older one would bring back what was erased. Raises BackupRefused.
    """
    newest = choose(place, KEYSTORE)
    same = place / name
    if newest in (place, same) or not (same / f"{KEYSTORE}.json").is_file():
        return newest
    return same if read(same, KEYSTORE).manifest.erased == read(newest, KEYSTORE).manifest.erased else newest


def demand_newest_shredding(folder: Path) -> None:
    """Raise BackupRefused where a newer key store archive beside this one knows of later destruction of keys."""
    own = read(folder, KEYSTORE).manifest
    for other in sets_in(folder.parent):
        if other != folder and (other / f"{KEYSTORE}.json").is_file():
            manifest = read(other, KEYSTORE).manifest
            if manifest.erased > own.erased:
                raise BackupRefused(OLDER_THAN_SHREDDING.format(name=other.name))


OLDER_THAN_SHREDDING = (
    "This key store is older than the last erasure: it would bring back keys that were destroyed by order. "
    "Take a newer backup of the key store ({name})."
)
