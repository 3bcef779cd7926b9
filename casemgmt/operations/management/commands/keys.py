"""``manage.py keys``: look at the keys, rotate the key-encryption keys, renew those of one case, person or organisation."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from audit import clock
from audit.context import audit_context
from casemgmt.access.errors import Hidden
from casemgmt.accounts.models import User
from casemgmt.crypto import rotation
from casemgmt.crypto.errors import KeystoreUnavailable
from casemgmt.crypto.rekeying import RenewalRefused
from casemgmt.crypto.rotation import Kek, RotationRefused
from casemgmt.operations import keys
from cases import access
from cases.actions.own_rekeying import renew_own_keys
from cases.actions.rekeying import WAIT_SECONDS, renew_keys_of_case
from cases.models import Case

STATES = {
    "PENDING": "waits",
    "PRIMARY": "in use",
    "DECRYPT_ONLY": "opens what it wrapped",
    "DESTROYED": "destroyed",
}
_HEADINGS = ("key", "state", "since", "case keys", "shared keys", "")


class Command(BaseCommand):
    """Each step is recorded, and harmless to interrupt and to repeat."""

    requires_system_checks: list[str] = []  # keys are changed in bad moments, too
    help = "Look at the keys and rotate them: status, add, promote, rewrap, retire, destroy, renew (of one case or person)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One subcommand a step."""
        steps = parser.add_subparsers(dest="step", required=True, metavar="step")
        described = {
            "status": "every key, what it wraps, and what to do next",
            "add": "make a key-encryption key that waits to be used",
            "promote": "let the waiting key wrap what is made from now on",
            "rewrap": "wrap every key anew by the one in use",
            "retire": "take a key out of use that wraps nothing any more",
            "destroy": "delete a retired key for ever, once no backup needs it",
            "renew": "give one case, person or organisation new data keys, with history and files",
        }
        made = {name: steps.add_parser(name, help=text, description=text) for name, text in described.items()}
        for name, step in made.items():
            step.add_argument("--json", action="store_true", help="say it as JSON")
            if name != "status":
                step.add_argument("--reason", required=True, help="why, for the ledger")
        made["promote"].add_argument("number", type=int, nargs="?", help="the key (default: the one that waits)")
        made["retire"].add_argument("number", type=int)
        made["destroy"].add_argument("number", type=int)
        made["destroy"].add_argument(
            "--now", action="store_true", help="do not wait until backups of the key store do without it"
        )
        which = made["renew"].add_mutually_exclusive_group(required=True)
        which.add_argument("case", type=UUID, nargs="?", help="the uid of the case")
        which.add_argument("--number", help="the number of the case")
        which.add_argument("--person", metavar="EMAIL", help="a person's own key: drafts, imports, second factors")
        which.add_argument("--owner", type=UUID, metavar="UID", help="the uid of a person or an organisation")
        made["renew"].add_argument("--class", dest="classes", action="append", metavar="CLASS", help="one class only")
        made["renew"].add_argument(
            "--wait", type=float, default=WAIT_SECONDS, metavar="SECONDS",
            help="how long pages that are being drawn get before the old keys go (default: %(default)s)",
        )  # fmt: skip
        made["renew"].add_argument(
            "--damaged-too", action="store_true", help="delete the old keys though they are named by what does not open"
        )

    def handle(self, *args: Any, step: str, **options: Any) -> None:
        """Run one step; what the vault refuses is one sentence and an exit code."""
        self.as_json = options["json"]
        self.told = 0
        try:
            if step == "status":
                self._status()
                return
            with audit_context("command", options["reason"]):
                getattr(self, f"_{step}")(options)
        except (RotationRefused, RenewalRefused, KeystoreUnavailable) as problem:
            raise CommandError(str(problem)) from None
        except Hidden:
            is_own = options.get("person") or options.get("owner")
            raise CommandError(
                "There is no such person or organisation." if is_own else "There is no such case."
            ) from None

    # ---- Looking ----

    def _status(self) -> None:
        found = keys.status(clock.now())
        if self.as_json:
            self._json(
                {
                    "version": found.version,
                    "keys": [asdict(kek) | {"destroyable_at": keys.destroyable_at(kek)} for kek in found.keks],
                    "next": found.advice,
                }
            )
            return
        rows = [_HEADINGS, *(_line(kek) for kek in found.keks)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
        for row in rows:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        self.stdout.write("")
        self.stdout.write(
            f"The key store is at version {found.version}. A key-encryption key (AES-GCM) wraps at most "
            f"{rotation.MOST_WRAPS:,} keys; the shared keys are used for HMAC and signatures, which have no such limit."
        )
        for line in found.advice:
            self.stdout.write(f"Next: {line}")

    # ---- Rotating ----

    def _add(self, options: dict[str, Any]) -> None:
        number, is_new = keys.add_key(options["reason"])
        words = f"Key {number} is made and waits." if is_new else f"Key {number} waits already; no other was made."
        self._say({"key": number, "changed": is_new}, f"{words} Put it to use: keys promote")

    def _promote(self, options: dict[str, Any]) -> None:
        number, before = keys.promote_key(options["number"], options["reason"])
        if before is None:
            words = f"Key {number} is in use already."
        else:
            words = (
                f"Key {number} wraps what is made from now on; key {before} opens what it wrapped. Next: keys rewrap"
            )
        self._say({"key": number, "before": before, "changed": before is not None}, words)

    def _rewrap(self, options: dict[str, Any]) -> None:
        result = keys.rewrap_keys(options["reason"], self._progress)
        self._say(asdict(result), f"{result.done:,} keys are wrapped anew by key {result.primary}.")
        if result.damaged:
            raise CommandError(
                f"{len(result.damaged):,} wrapped keys do not open and stay as they are: "
                f"{', '.join(result.damaged[:5])}. Look for them in a backup of the key store."
            )
        if result.remaining:
            raise CommandError(f"{result.remaining:,} keys are held by another process. Repeat this step.")

    def _retire(self, options: dict[str, Any]) -> None:
        is_new = keys.retire_key(options["number"], options["reason"])
        words = "is out of use now" if is_new else "was out of use already"
        self._say(
            {"key": options["number"], "changed": is_new},
            f"Key {options['number']} {words}. It can be destroyed {rotation.BACKUPS_LIVE.days} days after that, "
            "when no backup of the key store needs it.",
        )

    def _destroy(self, options: dict[str, Any]) -> None:
        is_new = keys.destroy_key(options["number"], options["reason"], early=options["now"])
        words = "is destroyed" if is_new else "was destroyed already"
        self._say({"key": options["number"], "changed": is_new}, f"Key {options['number']} {words}.")

    # ---- Renewing ----

    def _renew(self, options: dict[str, Any]) -> None:
        how = {"say": self._progress_of, "wait": options["wait"], "damaged_too": options["damaged_too"]}
        owner = options["owner"]
        if options["person"]:
            owner = User.objects.filter(email=options["person"].strip().lower()).values_list("uid", flat=True).first()
            if owner is None:
                raise Hidden
        if owner is not None:
            if options["classes"]:
                raise CommandError("--class goes with a case: a person has one key.")
            result = renew_own_keys(owner_uid=owner, **how)
        else:
            result = renew_keys_of_case(case_uid=self._case(options), classes=options["classes"], **how)
        figures = asdict(result) | {"damaged": sorted(result.damaged)}
        values, files = _counted(result.values, "value", "values"), _counted(result.files, "document", "documents")
        words = f"Under new keys: {values} and {files}"
        if result.is_done:
            gone = _counted(result.keys_deleted, "old key is", "old keys are")
            self._say(figures, f"{words}; {gone} deleted.")
            return
        self._say(figures, f"{words}; the old keys stay.")
        raise CommandError(
            f"{_counted(len(result.damaged), 'value or file does', 'values or files do')} not open, so the old keys stay: "
            f"{', '.join(sorted(result.damaged)[:5])}. Bring them back from a backup and repeat this step, or give them "
            "up with --damaged-too."
        )

    def _case(self, options: dict[str, Any]) -> UUID:
        uid: UUID | None = options["case"]
        if uid is None:
            uid = access.for_the_house(Case).filter(number=options["number"]).values_list("uid", flat=True).first()
        if uid is None:
            raise Hidden
        return uid

    # ---- Saying ----

    def _progress(self, done: int, of: int) -> None:
        """Where it stands, on the other channel, not more often than a person reads."""
        if of and (done == of or done - self.told >= max(of // 50, 1)):
            self.told = done
            self.stderr.write(f"{done:,} of {of:,}")

    def _progress_of(self, what: str, done: int, of: int) -> None:
        words = {"records": "records", "files": "documents"}
        if what == "wait":
            self.stderr.write("Everything is under the new keys. Waiting until no page needs the old ones …")
        elif done == of or done % 500 < 50:
            self.stderr.write(f"{done:,} of {of:,} {words[what]}")

    def _say(self, figures: dict[str, Any], words: str) -> None:
        if self.as_json:
            self._json(figures)
        else:
            self.stdout.write(words)

    def _json(self, figures: Any) -> None:
        self.stdout.write(json.dumps(figures, default=str, indent=2 if sys.stdout.isatty() else None))


def _counted(number: int, one: str, many: str) -> str:
    """``1 old key``, ``2,000 old keys``."""
    return f"{number:,} {one if number == 1 else many}"


def _line(kek: Kek) -> tuple[str, ...]:
    """One key in words."""
    shared = sum(count for name, count in kek.wraps.items() if name != "CaseKey")
    remark = ""
    due = keys.destroyable_at(kek)
    if kek.state == "DECRYPT_ONLY" and due is not None:
        remark = f"retired, may be destroyed from {due:%Y-%m-%d %H:%M} UTC"
    return (
        str(kek.number),
        STATES[kek.state],
        f"{kek.since:%Y-%m-%d %H:%M} UTC",
        f"{kek.wraps.get('CaseKey', 0):,}",
        f"{shared:,}",
        remark,
    )
