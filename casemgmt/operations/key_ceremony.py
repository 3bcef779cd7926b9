"""What people do with the root key at a terminal: make it, put it on paper, bring it back, change it (docs/keys.md)."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from audit import clock
from audit.verbs import Verb
from casemgmt.crypto import keks, keyring, providers, root_rotation
from casemgmt.crypto.errors import WrongSecret
from casemgmt.crypto.providers import keyfile, local, shares, sheets
from casemgmt.crypto.providers.root import RootKey
from casemgmt.crypto.providers.sheets import Sheet
from casemgmt.operations import root_key, root_key_checks, terminal
from casemgmt.operations.errors import NotReady
from casemgmt.operations.health import OK, database_state
from casemgmt.operations.locks import alone, place_of
from casemgmt.operations.models import WorkerBeat
from casemgmt.operations.tasks import SILENCE

Say = Callable[[str], None]

KEEPERS = ("the director", "the board", "counsel")
_ONLY_FILE = (
    "This is for a root key in a file or on paper. A token's key never leaves the token: its maker says how to copy it."
)


def create(say: Say, *, to: Path | None = None) -> None:
    """Make the root key where this home keeps it. Never overwrites: raises FileExistsError."""
    if settings.ROOT_KEY_PROVIDER == "pkcs11":
        say(f"The root key {_real().create()} was made in the token “{settings.PKCS11_TOKEN}”. It never leaves it.")
    elif settings.ROOT_KEY_PROVIDER == "shares":
        _demand_fresh_key_store()
        root = _new_on_paper(say, to)
        say(
            f"The root key {root.mark.hex()} is on the three sheets and nowhere else. Two of them are asked at every start."
        )
        root.wipe()
    else:
        _create_file(say)
    root_key.note(Verb.KEY_CREATED, "A root key.", kind="ROOT")


def show_status(say: Say) -> None:
    """What holds the root key, which ones are there, and whether the key store was made with it. Opens nothing."""
    say(f"Kept by: {providers.current().describe()}")
    if settings.ROOT_KEY_PROVIDER == "local":
        names = {
            "current": "in use",
            "next": "not yet in use (a change was interrupted)",
            "old": "of before the last change",
        }
        for name, mark in _real().marks().items():
            say(f"  root key {mark.hex()}: {names[name]}")
    if database_state("keystore") != OK:
        say("The key store is not there yet, or does not answer.")
        return
    in_use = {mark.hex() for mark in root_rotation.marks_in_use()}
    say(f"The key store was made with root key {', '.join(sorted(in_use))}." if in_use else "The key store is empty.")
    if settings.ROOT_KEY_PROVIDER == "local" and in_use - {mark.hex() for mark in _real().marks().values()}:
        raise NotReady("That root key is not here. Bring it back with `root_key combine` and two sheets.")


def check(say: Say) -> None:
    """Open the root key, every KEK under it and the shared keys; say so, or raise with what is wrong."""
    root_key.unlock()
    keyring.health()
    keyring.ledger_key("health")
    say(f"{providers.current().describe()}: it opens the key store.")
    if keks.rows("KeyEncryptionKey").exists() and settings.ROOT_KEY_PROVIDER == "local":
        marks = _real().marks()
        if root_rotation.marks_in_use() - {marks["current"]}:
            raise NotReady("Some keys are still under an older root key. Run `root_key drop-old` when you are sure.")
    for warning in root_key_checks.check_choices():
        say(f"{warning.msg} {warning.hint or ''}".strip())


def split(say: Say, *, to: Path | None) -> None:
    """Make a new set of three sheets. Older sheets of the same root key stay valid: destroy them."""
    _demand_place(to)
    root = _revealed()
    made = sheets.split(root)
    _hand_out(say, made, root, to)
    root_key.note(Verb.KEY_CREATED, "Sheets of the root key.", kind="ROOT_SHEETS")
    root.wipe()


def combine(say: Say, *, new_passphrase_file: str) -> None:
    """Make the root key file from two sheets, under a new passphrase. Never overwrites: raises FileExistsError."""
    path = Path(settings.ROOT_KEY_FILE)
    if path.exists():
        raise FileExistsError(path)
    root = shares.ask_for_two()
    if database_state("keystore") == OK:
        in_use = root_rotation.marks_in_use()
        if in_use and root.mark not in in_use:
            wanted = ", ".join(sorted(mark.hex() for mark in in_use))
            raise NotReady(
                f"These sheets make root key {root.mark.hex()}, and the key store was made with {wanted}. "
                "Take the sheets that carry that name."
            )
    keyfile.write(path, root, terminal.new_passphrase(new_passphrase_file or settings.ROOT_PASSPHRASE_FILE))
    say(f"The root key {root.mark.hex()} lies in {path} again, under its new passphrase.")
    providers.current().take_over(root.reveal())  # the ledger is written under it
    root.wipe()
    root_key.note(Verb.KEY_CREATED, "The root key from its sheets.", kind="ROOT_FROM_SHEETS")


def change_passphrase(say: Say, *, new_passphrase_file: str) -> None:
    """Seal the root key file under a new passphrase; a plain file becomes a sealed one. The root key stays the same."""
    _demand_local()
    root = _revealed()
    given = new_passphrase_file or (settings.ROOT_PASSPHRASE_FILE if root_key.is_plain() else "")
    keyfile.replace(Path(settings.ROOT_KEY_FILE), root, terminal.new_passphrase(given))
    root.wipe()
    say(
        "The root key is sealed under the new passphrase. Copies of the file from before still open with the old one: "
        "where somebody who must not know the key may have both, make a new root key with `root_key change`."
    )
    root_key.note(Verb.CONFIGURATION_CHANGED, "A new passphrase of the root key.", setting="ROOT_PASSPHRASE")


def change(say: Say, *, to: Path | None, new_passphrase_file: str) -> None:
    """Make a new root key and wrap every KEK under it. No server may run. Safe to interrupt and to repeat."""
    with alone(settings.HAVEN_HOME, "serve"), alone(settings.HAVEN_HOME, "worker"):
        _demand_nobody_works()
        if database_state("keystore") == OK and root_key.finish_change() == "finished":
            say("A change of the root key had been interrupted; it is finished now.")
            check(say)
            return
        root_key.unlock()
        if not root_rotation.marks_in_use():
            raise NotReady("The key store is empty: there is nothing to put under a new root key.")
        secret = None
        if settings.ROOT_KEY_PROVIDER == "shares":
            _real().expect(_new_on_paper(say, to))
        elif settings.ROOT_KEY_PROVIDER == "local" and not (root_key.is_plain() and not new_passphrase_file):
            secret = terminal.new_passphrase(new_passphrase_file or settings.ROOT_PASSPHRASE_FILE)
        before, after = root_rotation.change(secret)
        root_key.record_change(before=before, after=after)
    say(f"The root key is now {after}; everything was wrapped under it. Before it was {before}.")
    say(
        "Make a backup of the key store now. Backups from before need the old root key: keep its sheets apart until the "
        "last of them is gone, then destroy them."
    )
    if settings.ROOT_KEY_PROVIDER == "local":
        say("The sheets of the old key do not open the new one: make new ones with `root_key split`.")
    if settings.ROOT_KEY_PROVIDER != "shares":
        say("When no backup from before is needed any more, destroy the old root key with `root_key drop-old`.")


def drop_old(say: Say) -> None:
    """Destroy the root key of before the last change."""
    root_key.unlock()
    dropped = root_rotation.drop_old()
    say(f"The old root key {dropped} is destroyed here." if dropped else "There is no old root key here.")
    if dropped:
        root_key.note(Verb.KEY_DESTROYED, "The root key of before.", kind="ROOT", before=dropped)


# ---- inside ----


def _real() -> Any:
    """The provider with what is its own, behind the deadline."""
    return providers.current()


def _create_file(say: Say) -> None:
    path = Path(settings.ROOT_KEY_FILE)
    if path.exists():
        raise FileExistsError(path)
    _demand_fresh_key_store()
    plain = settings.ROOT_KEY_PLAIN or settings.HAVEN_DEMO
    local.create(passphrase=None if plain else terminal.new_passphrase(settings.ROOT_PASSPHRASE_FILE))
    kept = "WITHOUT a passphrase: whoever copies it opens every case" if plain else "sealed under the passphrase"
    say(f"The root key lies in {path}, {kept}.")
    say("Now make its three sheets with `manage.py root_key split`: without the key nothing can ever be read again.")


def _demand_fresh_key_store() -> None:
    """A new root key for keys that were made with another one would only bury the loss."""
    if database_state("keystore") == OK and root_rotation.marks_in_use():
        raise NotReady("The key store was made with another root key. Bring that one back with `root_key combine`.")


def _demand_local() -> None:
    if settings.ROOT_KEY_PROVIDER != "local":
        raise NotReady("Only a root key in a file has a passphrase.")


def _demand_nobody_works() -> None:
    """A server of another machine holds the old root key in its memory. (One of this home would hold its locks.)"""
    if database_state("default") != OK:
        return
    elsewhere = WorkerBeat.objects.exclude(place=place_of(settings.HAVEN_HOME))
    if elsewhere.filter(seen_at__gt=clock.now() - SILENCE).exists():
        raise NotReady(
            "A worker of Haven on another machine is or was at work in the last two minutes. Stop every server and "
            "worker, wait two minutes, and run this again."
        )


def _demand_place(to: Path | None) -> None:
    """Words on paper must not land in a log by accident."""
    if to is None and not sys.stdout.isatty():
        raise NotReady("The sheets are shown on a terminal, or written to three files: name a folder with --to.")
    if to is not None and not to.is_dir():
        raise NotReady(f"The folder {to} does not exist.")


def _revealed() -> RootKey:
    """The root key itself, for paper or for another passphrase. A token never gives it away."""
    if settings.ROOT_KEY_PROVIDER == "pkcs11":
        raise NotReady(_ONLY_FILE)
    root_key_provider = providers.current()
    if not root_key_provider.is_present():
        raise NotReady("This home has no root key yet. Make one with `root_key create`.")
    if root_key.is_plain():
        return keyfile.read(Path(settings.ROOT_KEY_FILE)).open()
    root_key_provider.open()
    return RootKey(root_key_provider.hand_over()[: sheets.KEY_BYTES])


def _new_on_paper(say: Say, to: Path | None) -> RootKey:
    """A new root key whose sheets were written and two of them typed back: from then on it may be the only copy."""
    _demand_place(to)
    if not terminal.is_there():
        raise NotReady("A root key on paper is made at a terminal: two of its sheets are typed back before it counts.")
    root = RootKey.new()
    _hand_out(say, sheets.split(root), root, to)
    terminal.tell(
        "Write or print the three sheets now. Then type two of them back, so that it is sure they can be read."
    )
    again = shares.ask_for_two()
    if again.mark != root.mark:
        raise WrongSecret("These are sheets of another root key. Nothing was changed; begin again.")
    again.wipe()
    return root


def _hand_out(say: Say, made: list[Sheet], root: RootKey, to: Path | None) -> None:
    """Show the sheets one after the other, or write each to a file of its own that only its owner can read."""
    for sheet in made:
        text = page(sheet, root)
        if to is None:
            say(text)
            input(f"Sheet {sheet.number} of {sheets.MADE}: write it down, check it, then press Enter. ")
            terminal.clear()
            continue
        path = to / f"root-key-{root.mark.hex()}-sheet-{sheet.number}.txt"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        say(f"{path}: for {KEEPERS[sheet.number - 1]}. Print it, then destroy the file.")


def page(sheet: Sheet, root: RootKey) -> str:
    """One sheet as it is printed: what it is, for whom, its words in numbered columns, and what to do with it."""
    today = timezone.localdate().isoformat()
    columns = [f"{place:>2}. {word:<12}" for place, word in enumerate(sheet.words, 1)]
    third = (len(columns) + 2) // 3
    rows = ["  ".join(columns[row::third]) for row in range(third)]
    return "\n".join(
        [
            f"Sheet {sheet.number} of {sheets.MADE}, for {KEEPERS[sheet.number - 1]}",
            f"{settings.SITE_NAME}: root key {root.mark.hex()}, set of {today}",
            "",
            *rows,
            "",
            "Any two of the three sheets open everything; one alone opens nothing. Keep it where only you can get it, and",
            "never together with another sheet. Do not photograph, scan or send it. When it is lost or seen by others, say",
            "so at once: new sheets are made, and a new key.",
            "",
        ]
    )
