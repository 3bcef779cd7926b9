"""Making a bundle of the ledger for an outsider: seal, verify, write, record, in this order."""

import hashlib
import os
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from django.db import transaction
from django.db.models import Max

from audit import clock
from audit.action import action
from audit.bundling.writing import BundleRefused, Wanted, write_bundle
from audit.log import Ref, record
from audit.models import Checkpoint, Event
from audit.reach import may_add_to
from audit.sealing.sealer import Sealer
from audit.verbs import Verb
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.operations.database_grants import SEAL
from casemgmt.operations.verifying import verify_everything
from cases.actions.trail import leave_notice
from cases.choices.notices import NOTICE_BUNDLE

#: Who may have one made, and who may have values in it.
MAY, MAY_IN_FULL = (Role.INTERNAL_AUDITOR, Role.EXTERNAL_AUDITOR, Role.PRIVACY_OFFICER), (Role.PRIVACY_OFFICER,)
#: How long another sealer is waited for (seconds).
PATIENCE = 60.0


class LedgerNotWhole(BundleRefused):
    """The verification before it found something. ``problems`` says what."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("The ledger is not whole, so nothing was bundled. The findings are recorded.")
        self.problems = problems


@dataclass(frozen=True)
class Made:
    """A bundle that was written: what the event says of it."""

    entries: int
    size: int
    root: str
    sha256: str
    bytes: int
    engagement: str


def make_bundle(person: User, out: Path, wanted: Wanted, reason: str) -> Made:
    """Write the bundle to a path that does not exist yet. Needs a command's context that names the person.

    Raises BundleRefused where she may not or it cannot be made, SealRefused, OSError. Records LEDGER_BUNDLED with the
    SHA-256 of the file, and LEDGER_VERIFIED. Leaves a notice to the person in whose name it was made.
    """
    demand_right(person, wanted)
    if out.exists():
        raise BundleRefused("There is a file of this name already.")
    _seal_what_is_final()
    report = verify_everything(None)
    if not report.is_whole:
        raise LedgerNotWhole(report.problems)
    head = Checkpoint.objects.filter(pk=report.size).first()
    if head is None:
        raise BundleRefused("The ledger has no sealed event yet.")
    with tempfile.NamedTemporaryFile(dir=out.parent, prefix=".bundle-") as file:
        entries = write_bundle(file, wanted, head)
        file.flush()
        os.fsync(file.fileno())
        digest, size = _digest_of(Path(file.name))
        made = Made(entries, head.size, bytes(head.root).hex(), digest, size, wanted.engagement)
        with transaction.atomic():
            record_bundle(actor=person, now=clock.now(), wanted=wanted, made=made, reason=reason)
            os.link(file.name, out)  # as a whole or not at all, and never over another file
    return made


def demand_right(person: User, wanted: Wanted) -> None:
    """Raise BundleRefused unless this person may have such a bundle."""
    if not person.holds_role(*MAY):
        raise BundleRefused("This person is neither an auditor nor a privacy officer.")
    if wanted.is_full and not person.holds_role(*MAY_IN_FULL):
        raise BundleRefused("Values go out only in the name of a privacy officer: leave --full away, or ask one.")


def _seal_what_is_final() -> None:
    """Everything that is committed gets its leaf, whoever seals it: this role, or the process that alone may."""
    if not may_add_to(SEAL):
        _wait_for_the_sealer()
        return
    sealer, until = Sealer(), time.monotonic() + PATIENCE
    while sealer.seal_all(sweep=True).is_busy:
        if time.monotonic() > until:
            raise BundleRefused("Another sealer has been at work for a minute. Try again.")
        time.sleep(0.2)


def _wait_for_the_sealer() -> None:
    """Until every event that is there now has its leaf. Raises BundleRefused where that takes too long."""
    top, until = Event.objects.aggregate(top=Max("pk"))["top"] or 0, time.monotonic() + PATIENCE
    waiting = Event.objects.filter(leaf__isnull=True, pk__lte=top)
    while waiting.exists():
        if time.monotonic() > until:
            raise BundleRefused(
                f"{waiting.count()} events are not sealed yet, and the role that signed in to the database may not seal. "
                "Does “manage.py audit_seal” run? Try again when it has."
            )
        time.sleep(0.5)


def _digest_of(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


@action
def record_bundle(*, actor: User, now: datetime, wanted: Wanted, made: Made, reason: str) -> None:
    """Record a bundle, and leave a notice to the person in whose name it is made. Records LEDGER_BUNDLED."""
    uid = uuid4()
    leave_notice(actor, NOTICE_BUNDLE, "bundle", uid, now)
    detail = {
        "kind": wanted.kind,
        "events": made.entries,
        "size": made.size,
        "head": made.root,
        "sha256": made.sha256,
        "bytes": made.bytes,
        "engagement": made.engagement,
    }
    record(Verb.LEDGER_BUNDLED, actor=actor, subject=Ref("bundle", uid), reason=reason, detail=detail)
