"""Giving heads away, all the time: into the file, to the witnesses, to the auditor. For the schedule, each minute."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Max

from .. import clock
from ..log import record
from ..models import Event
from ..sealing import rows
from ..sealing.models import Checkpoint
from ..sealing.notes import BadNote
from ..verbs import Outcome, Verb
from . import file, letters, witnesses
from .models import Anchor


def keep_anchors() -> int:
    """Give the newest head to whoever has not got it; how many did. What fails is logged and comes again in a minute.

    That nothing goes out for too long is a finding of the verification (``checking``). Records LEDGER_ANCHORED for a
    letter, and LEDGER_VERIFIED with FAILED once where a witness refuses.
    """
    head = rows.head()
    if head is None:
        return 0
    return _into_file(head) + sum(_to_witness(one, head) for one in witnesses.listed()) + _by_letter(head)


def _into_file(head: Checkpoint) -> int:
    if file.path() is None or _last_size(Anchor.Kind.FILE, file.place()) >= head.size:
        return 0
    now = clock.now()
    try:
        file.append(head.note, now)
    except OSError as error:
        structlog.get_logger("haven").error("anchor_failed", error=type(error).__name__, job="file")
        return 0
    _keep(Anchor.Kind.FILE, file.place(), head)
    return 1


def _to_witness(witness: witnesses.Listed, head: Checkpoint) -> int:
    try:
        return int(witness.submit(head) is not None)
    except witnesses.WitnessAway:
        structlog.get_logger("haven").error("anchor_failed", error="WitnessAway", job="witness")
    except witnesses.WitnessRefused:
        structlog.get_logger("haven").error("anchor_refused", job="witness")
        last = Anchor.objects.filter(kind=Anchor.Kind.WITNESS, place=witness.name).aggregate(at=Max("at"))["at"]
        told = Event.objects.filter(
            verb=Verb.LEDGER_VERIFIED,
            outcome=Outcome.FAILED,
            detail__content__codes__kind=Anchor.Kind.WITNESS.value,
        )
        if not (told.filter(recorded_at__gt=last) if last else told).exists():
            detail = {"problems": 1, "kind": Anchor.Kind.WITNESS.value, "size": head.size}
            record(Verb.LEDGER_VERIFIED, actor=None, outcome=Outcome.FAILED, detail=detail)
    return 0


def _by_letter(head: Checkpoint) -> int:
    if not settings.ANCHOR_MAIL_TO or not _is_letter_due(head):
        return 0
    try:
        count = letters.send(head)
    except (letters.LetterNotSent, BadNote) as error:
        structlog.get_logger("haven").error("anchor_failed", error=type(error).__name__, job="letter")
        return 0
    with transaction.atomic():
        _keep(Anchor.Kind.MAIL, "", head)
        detail = {"kind": Anchor.Kind.MAIL.value, "size": head.size, "head": bytes(head.root), "count": count}
        record(Verb.LEDGER_ANCHORED, actor=None, detail=detail)
    return 1


def _is_letter_due(head: Checkpoint) -> bool:
    last = Anchor.objects.filter(kind=Anchor.Kind.MAIL).order_by("-at").first()
    if last is None:
        return True
    if head.size <= last.size:
        return False
    if clock.now() - last.at >= timedelta(hours=settings.ANCHOR_MAIL_EVERY_HOURS):
        return True
    every = settings.ANCHOR_MAIL_EVERY_CHECKPOINTS
    return bool(every) and Checkpoint.objects.filter(pk__gt=last.size).count() >= every


def _last_size(kind: str, place: str) -> int:
    return Anchor.objects.filter(kind=kind, place=place).aggregate(size=Max("size"))["size"] or 0


def _keep(kind: Anchor.Kind, place: str, head: Checkpoint) -> None:
    """Remember that it went out."""
    Anchor(kind=kind, place=place, size=head.size, root=head.root, note=head.note, at=clock.now()).save(
        force_insert=True
    )
