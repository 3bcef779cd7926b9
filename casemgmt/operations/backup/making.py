"""Making a backup: the places, as many attempts as a quiet moment takes, what is recorded, what is cleared away."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from django.utils import timezone

from audit.context import audit_context
from audit.errors import LedgerError
from audit.log import record
from audit.reach import may
from audit.sealing.models import Leaf
from audit.sealing.sealer import Sealer, SealRefused
from audit.verbs import Outcome, Verb
from casemgmt.crypto.errors import VaultError
from casemgmt.crypto.uploads import is_full_disk
from casemgmt.operations import terminal
from casemgmt.operations.backup import taking
from casemgmt.operations.backup.errors import BackupFailed, BackupRefused, NotTogether
from casemgmt.operations.backup.manifest import PARTS, PREFIX
from casemgmt.operations.backup.reminders import keep_reminders
from casemgmt.operations.backup.sealing import ByIdentity, ByPassphrase, Lock, Opener
from casemgmt.operations.backup.targets import Places, Unfinished, beside_the_home, clear_old
from casemgmt.operations.errors import AlreadyServed
from casemgmt.operations.locks import alone
from casemgmt.operations.models import BackupRun

Say = Callable[[str], None]

#: How often a set is begun anew because keys were renewed meanwhile.
ATTEMPTS = 3
_NOTHING_LEFT = "Nothing half-readable is left, and the last good backup is untouched."


@dataclass(frozen=True)
class Wishes:
    """What a person or the settings ask for: where to, sealed to whom, how many to keep."""

    data: str = ""
    keystore: str = ""
    recipients: list[str] = field(default_factory=list)
    passphrase_file: str = ""
    keep: int = 0
    same_device_is_fine: bool = False

    def completed(self) -> "Wishes":
        """With the settings for what was not said."""
        told = bool(self.recipients or self.passphrase_file)
        return Wishes(
            data=self.data or settings.BACKUP_DATA_TARGET,
            keystore=self.keystore or settings.BACKUP_KEYSTORE_TARGET,
            recipients=self.recipients if told else list(settings.BACKUP_RECIPIENTS),
            passphrase_file=self.passphrase_file if told else settings.BACKUP_PASSPHRASE_FILE,
            keep=self.keep or settings.BACKUP_KEEP,
            same_device_is_fine=self.same_device_is_fine or settings.BACKUP_SAME_DEVICE_IS_FINE or settings.HAVEN_DEMO,
        )

    def lock(self) -> Lock:
        """Whom the set is sealed to. Raises BackupRefused and RootKeyUnavailable (a file that cannot be read)."""
        if self.recipients and self.passphrase_file:
            raise BackupRefused("Seal to recipients or under a passphrase, not both.")
        if self.recipients:
            return Lock.to_recipients(self.recipients)
        if not self.passphrase_file:
            raise BackupRefused(
                "Say whom the backup is sealed to: --recipient age1… (the public half of a key made with age-keygen), or "
                "--passphrase-file FILE."
            )
        passphrase = terminal.read_file(self.passphrase_file, "--passphrase-file")
        problem = terminal.why_weak(passphrase)
        if problem:
            raise BackupRefused(problem)
        return Lock.under_passphrase(passphrase)


def opener(identity_file: str, passphrase_file: str) -> Opener:
    """What opens a backup, of the two that a person may name, else of the settings. Raises BackupRefused."""
    if not identity_file and not passphrase_file:
        identity_file, passphrase_file = settings.BACKUP_IDENTITY_FILE, settings.BACKUP_PASSPHRASE_FILE
    if identity_file:
        return ByIdentity(Path(identity_file))
    if passphrase_file:
        return ByPassphrase(terminal.read_file(passphrase_file, "--passphrase-file"))
    raise BackupRefused("Say what opens the backup: --identity-file FILE (the age key) or --passphrase-file FILE.")


@dataclass
class Made:
    """A backup that was made: its name, its manifests, what was cleared away."""

    name: str
    taken: taking.Taken
    cleared: list[Path]


def make_backup(wishes: Wishes, say: Say) -> Made:
    """Make one set and clear old ones away. For commands and jobs: the caller has an audit context open.

    Raises BackupRefused before anything is written, BackupFailed after everything written was removed. Records
    BACKUP_MADE for each part, or BACKUP_FAILED.
    """
    try:
        with alone(settings.HAVEN_HOME, "backup"):
            wishes = wishes.completed()
            places = Places.demand(wishes.data, wishes.keystore, same_device_is_fine=wishes.same_device_is_fine)
            lock = wishes.lock()
            for warning in beside_the_home(places):
                say(f"Warning: {warning}")
            _seal_the_ledger(say)
            made = _attempt(places, lock, say)
            made.cleared = clear_old(places, keep=wishes.keep, now=timezone.now())
            return made
    except AlreadyServed:
        raise BackupRefused("Another backup, restore or drill of this home is running.") from None


def _seal_the_ledger(say: Say) -> None:
    """Put what waits under a signed head, so that the backup ends with one even where no worker runs.

    A ledger that cannot be sealed is backed up as it is: then a backup is wanted most.
    """
    if not may("INSERT", [Leaf._meta.db_table]):
        return  # a process of its own seals here
    try:
        Sealer().seal_all()
    except SealRefused:
        say("Warning: the ledger could not be sealed. It is backed up as it is; run audit_verify.")


def _attempt(places: Places, lock: Lock, say: Say) -> Made:
    name = f"{PREFIX}{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    unfinished = Unfinished(places, name)
    for number in range(1, ATTEMPTS + 1):
        try:
            taken = _write(unfinished, lock)
        except NotTogether as problem:
            say(f"{problem} The backup begins anew ({number} of {ATTEMPTS}).")
            continue
        except BackupFailed as failure:
            _tell_failure(failure, places)
            raise
        _tell(taken, places)
        return Made(name, taken, [])
    never = BackupFailed(
        "Keys are renewed or rotated all the time, so no moment could be taken. Run this again when that is done.",
        code="KEYS_RENEWED",
    )
    _tell_failure(never, places)
    raise never


def _write(unfinished: Unfinished, lock: Lock) -> taking.Taken:
    """Take the set and give it its name; whatever goes wrong, nothing of it is left."""
    try:
        unfinished.begin()
        taken = taking.take(unfinished, lock)
        unfinished.finish()
        return taken
    except OSError as error:
        unfinished.throw_away()
        if is_full_disk(error):
            raise BackupFailed(f"There is no room left for the backup. {_NOTHING_LEFT}", code="DISK_FULL") from None
        raise BackupFailed(
            f"The backup could not be written ({error.strerror or 'the disk does not answer'}). {_NOTHING_LEFT}",
            code="DISK",
        ) from None
    except VaultError as error:
        unfinished.throw_away()
        raise BackupFailed(f"{error} {_NOTHING_LEFT}", code="KEYSTORE") from None
    except (DatabaseError, InterfaceError):
        unfinished.throw_away()
        raise BackupFailed(f"A database does not answer. {_NOTHING_LEFT}", code="DATABASE") from None
    except BaseException:
        unfinished.throw_away()
        raise


# ---- what is remembered of it ----


def _tell(taken: taking.Taken, places: Places) -> None:
    now = timezone.now()
    with transaction.atomic():
        for part in PARTS:
            one = taken.manifests[part]
            BackupRun(
                name=one.name, part=part, at=now, bytes=one.bytes, sha256=one.sha256, engine=one.engine,
                target=places.of(part).name, result=BackupRun.Result.DONE,
            ).save()  # fmt: skip
            record(
                Verb.BACKUP_MADE, actor=None,
                detail={"part": part.upper(), "bytes": one.bytes, "sha256": one.sha256, "engine": one.engine,
                        "taken_at": one.moment, "count": sum(one.counts.values())},
            )  # fmt: skip
    keep_reminders(now)


def _tell_failure(failure: BackupFailed, places: Places) -> None:
    """Remember that it failed, if there is any room left to remember it in."""
    with suppress(DatabaseError, InterfaceError, LedgerError, VaultError, OSError), transaction.atomic():
        BackupRun(
            name="",
            part="",
            at=timezone.now(),
            target=places.data.name,
            result=BackupRun.Result.FAILED,
            error=failure.code,
        ).save()
        record(
            Verb.BACKUP_FAILED, actor=None, outcome=Outcome.FAILED,
            detail={"error": failure.code or "FAILED", "engine": taking.engine_of("default")},
        )  # fmt: skip


def run_command(wishes: Wishes, say: Say) -> Made:
    """As ``make_backup``, for the person at a terminal."""
    with audit_context("command", "A backup."):
        return make_backup(wishes, say)
