"""Restoring a backup into this home: what would happen (a dry run), and doing it."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from audit.anchoring.gaps import note_gap
from audit.context import audit_context
from audit.log import record
from audit.verbs import Outcome, Verb
from casemgmt.crypto import certificates, keyring, providers, shredding
from casemgmt.operations import root_key
from casemgmt.operations.backup import places, postgresql, sqlite
from casemgmt.operations.backup.errors import BackupDamaged, BackupRefused
from casemgmt.operations.backup.looking import Found, look_through
from casemgmt.operations.backup.manifest import KEYSTORE
from casemgmt.operations.backup.places import Chosen, Goal, OpenedKeystore
from casemgmt.operations.backup.sealing import Opener
from casemgmt.operations.errors import AlreadyServed
from casemgmt.operations.health import OK, database_state
from casemgmt.operations.locks import alone
from casemgmt.operations.prepare import prepare
from cases.actions.erasing import follow_tombstones

Say = Callable[[str], None]
_LOCKS = ("serve", "worker", "backup")


@dataclass(frozen=True)
class Plan:
    """A restore that was looked through and may be done."""

    chosen: Chosen
    opened: OpenedKeystore
    goal: Goal
    replaces: bool


def this_home() -> Goal:
    """Where a real restore goes."""
    return Goal(connections["default"].settings_dict, connections[KEYSTORE].settings_dict, Path(settings.MEDIA_ROOT))


def plan(data: Path, keystore: Path, opener: Opener, say: Say, *, replace: bool = False) -> Plan:
    """Look at everything that can be looked at without writing, saying what was found. Raises what stands against it.

    The root key must be there: it is asked for here, not when half of it is done.
    """
    chosen, goal = Chosen.find(data, keystore), this_home()
    for archive in chosen.all():
        one = archive.manifest
        say(
            f"{one.part}: {archive.folder.name}, taken {one.moment:%Y-%m-%d %H:%M} UTC on {one.engine}, {one.bytes} bytes"
        )
    chosen.demand_fitting()
    chosen.demand_engines(goal)
    _demand_known_migrations(chosen)
    if chosen.main.manifest.is_demo != settings.HAVEN_DEMO:
        raise BackupRefused("One of the two is a demo: this home, or the one the backup was made from. They never mix.")
    for archive in chosen.all():
        archive.demand_whole()
    say("All three are whole: their checksums are those of their manifests.")
    opened = OpenedKeystore.of(chosen.keystore, opener)
    places.check_files(chosen, opener)
    say("All three open to their end.")
    replaces = _demand_goal(goal, replace)
    _demand_root_key(opened)
    say("The root key of this home opens the key store.")
    opened.demand_tombstones(_known_tombstones())
    places.demand_room(Path(settings.HAVEN_HOME), places.room_needed(chosen))
    return Plan(chosen, opened, goal, replaces)


def carry_out(ready: Plan, opener: Opener, say: Say) -> Found:
    """Do it. No server and no worker may run. Records BACKUP_RESTORED in the restored ledger.

    Raises BackupRefused, BackupDamaged; then this home is as empty as it was (a replaced one lies aside).
    """
    with ExitStack() as locks:
        try:
            for name in _LOCKS:
                locks.enter_context(alone(settings.HAVEN_HOME, name))
        except AlreadyServed:
            raise BackupRefused("Haven runs from this home. Stop the server first, then restore.") from None
        connections.close_all()
        aside = _put_aside(ready.goal) if ready.replaces else None
        try:
            places.put(ready.chosen, ready.opened, opener, ready.goal, say)
            connections.close_all()
            keyring.forget()
            demand_signed(ready.chosen)
        except BaseException:
            _take_back(ready.goal, aside)
            raise
        prepare(say)
        with audit_context("command", "After a restore."):
            follow_tombstones()
        return _look_and_record(ready, say, aside)


def _look_and_record(ready: Plan, say: Say, aside: Path | None) -> Found:
    main = ready.chosen.main.manifest
    with audit_context("command", "After a restore."):
        gap = note_gap()
    if gap is not None:
        say(
            f"{gap.lost} events that were recorded after this backup are lost: the anchor file knows of them. That stands in "
            "the ledger now (RESTORE_GAP), and auditors are told. Let whoever keeps a witness begin it anew."
        )
    expected = {key: number for key, number in main.counts.items() if key != "events"}  # preparing wrote some already
    found = look_through(expected, main.moment)
    with audit_context("command", "A backup was restored."):
        record(
            Verb.BACKUP_RESTORED, actor=None, outcome=Outcome.OK if not found.problems else Outcome.FAILED,
            detail={"taken_at": main.moment, "sha256": main.sha256, "bytes": main.bytes, "engine": main.engine,
                    "result": "PASSED" if not found.problems else "FAILED"},
        )  # fmt: skip
    say(f"The ledger's {found.events} events, {found.values} sealed values and {found.files} files were looked at.")
    if aside is not None:
        say(f"What was here before lies in {aside}. Delete that folder as soon as you are sure: it holds old keys.")
    return found


# ---- what stands against it ----


def _demand_goal(goal: Goal, replace: bool) -> bool:
    """Nothing is there, or a person said that it may be replaced. True where something is to be put aside."""
    empty = places.is_empty("default") and places.is_empty(KEYSTORE) and not places.has_files(goal.files)
    if empty:
        return False
    if not replace:
        raise BackupRefused(
            "This home is not empty. Restore into an empty one (a new HAVEN_HOME, and on PostgreSQL two empty databases), "
            "or say --replace: what is here now is then put aside."
        )
    if not all(one["ENGINE"].endswith("sqlite3") for one in (goal.main, goal.keystore)):
        raise BackupRefused(
            "A PostgreSQL database is never overwritten. Make two empty ones and name them in DATABASE_URL and "
            "KEYSTORE_URL; the old ones stay as they are."
        )
    return True


def _demand_root_key(opened: OpenedKeystore) -> None:
    if not providers.current().is_present():
        raise BackupRefused(
            "This home has no root key, and without the right one the backup stays closed. Bring it here first: "
            "`root_key combine` with two sheets, or a copy of its file."
        )
    root_key.demand()
    opened.demand_root_key()


def _demand_known_migrations(chosen: Chosen) -> None:
    loader = MigrationLoader(None)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations}
    for archive in (chosen.main, chosen.keystore):
        foreign = set(archive.manifest.migrations) - known
        if foreign:
            raise BackupRefused(
                f"This backup was made by a newer Haven ({archive.manifest.version}): it knows changes of the database "
                "that this one does not. Install that version first."
            )


def _known_tombstones() -> set[tuple[str, str]]:
    """What this home's key store says was erased; nothing where there is none."""
    if database_state(KEYSTORE) != OK:
        return set()
    return {(stone.case_uid.hex, stone.retention_class) for stone in shredding.tombstones()}


def demand_signed(chosen: Chosen) -> None:
    """The manifests were signed by the vault that was restored, not by somebody who could only write to the place."""
    if certificates.public_key() != chosen.main.signed_by:
        raise BackupDamaged(
            "The manifests of this backup were not signed by the installation whose keys it holds. Do not use it: "
            "somebody may have put other archives there."
        )


# ---- putting aside ----


def _put_aside(goal: Goal) -> Path:
    """Move what is here into a folder of its own, on the same disk."""
    aside = Path(settings.HAVEN_HOME) / f"before-restore-{timezone.now():%Y%m%dT%H%M%SZ}"
    aside.mkdir(mode=0o700)
    for options in (goal.main, goal.keystore):
        sqlite.put_aside(options, aside)
    if goal.files.exists():
        os.replace(goal.files, aside / "files")
    return aside


def _take_back(goal: Goal, aside: Path | None) -> None:
    """After a restore that broke off: the home as it was before."""
    connections.close_all()
    for alias, options in (("default", goal.main), (KEYSTORE, goal.keystore)):
        if not options["ENGINE"].endswith("sqlite3"):
            postgresql.make_empty(alias)
            continue
        sqlite.remove(Path(options["NAME"]))
        if aside is not None:
            sqlite.put_aside({"NAME": aside / Path(options["NAME"]).name}, Path(options["NAME"]).parent)
    _remove_below(goal.files)
    if aside is not None and (aside / "files").exists():
        goal.files.rmdir()
        os.replace(aside / "files", goal.files)


def _remove_below(folder: Path) -> None:
    for place, folders, names in os.walk(folder, topdown=False):
        for name in names:
            Path(place, name).unlink()
        for name in folders:
            Path(place, name).rmdir()
