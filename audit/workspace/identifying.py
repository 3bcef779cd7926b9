"""Which case is meant by an auditor's name: asked by one privacy officer, decided by a second person, open for a day.

Nothing here knows a case number. The page that shows it lies in the gallery, which may ask the door.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from casemgmt.access.errors import Hidden, Refused

from ..action import action
from ..errors import LedgerError
from ..log import Ref, record
from ..models import Event, Identification
from ..verbs import Outcome, Verb
from .models import WhyIdentify

#: So long is the case named to whoever asked.
OPEN_FOR = timedelta(hours=24)
#: What nobody decided on is over.
WAITS_FOR = timedelta(days=7)


class AlreadyDecided(LedgerError):
    """Somebody has decided on it, or it waited too long."""


@action
def ask_which_case(*, actor: Any, now: datetime, case_uid: uuid.UUID, purpose: str, reason: str) -> Identification:
    """Ask which case this is. Nothing is named before another person agrees. Records CASE_IDENTIFY_ASKED."""
    asked = Identification(case_uid=case_uid, purpose=WhyIdentify(purpose).value, asked_by_uid=actor.uid, asked_at=now)
    asked.save(force_insert=True)
    record(
        Verb.CASE_IDENTIFY_ASKED, actor=actor, subject=Ref("identification", asked.uid, case_uid), purpose=asked.purpose,
        reason=reason,
    )  # fmt: skip
    return asked


@action
def decide_which_case(
    *, actor: Any, now: datetime, identification_uid: uuid.UUID, is_allowed: bool, reason: str
) -> Identification:
    """Say whether it may be known. Never by whoever asked.

    Raises Hidden, Refused, AlreadyDecided. Records CASE_IDENTIFY_DECIDED.
    """
    asked = Identification.objects.select_for_update().filter(uid=identification_uid).first()
    if asked is None:
        raise Hidden
    if asked.asked_by_uid == actor.uid:
        raise Refused("decide_which_case")
    if asked.decided_at is not None or now - asked.asked_at > WAITS_FOR:
        raise AlreadyDecided(_("This was decided already, or it waited too long."))
    asked.decided_by_uid, asked.decided_at, asked.is_allowed = actor.uid, now, is_allowed
    asked.until = now + OPEN_FOR if is_allowed else None
    asked.save(update_fields=["decided_by_uid", "decided_at", "is_allowed", "until"])
    record(
        Verb.CASE_IDENTIFY_DECIDED, actor=actor, subject=Ref("identification", asked.uid, asked.case_uid),
        refs=[Ref("user", asked.asked_by_uid)], purpose=asked.purpose, reason=reason,
        outcome=Outcome.OK if is_allowed else Outcome.REFUSED,
        detail={"result": "ALLOWED" if is_allowed else "DECLINED", "until": asked.until},
    )  # fmt: skip
    return asked


@action
def show_which_case(*, actor: Any, now: datetime, identification_uid: uuid.UUID) -> Identification:
    """The identification, where this person may see it now: asked by her, allowed, and not over.

    Raises Hidden. Records CASE_IDENTIFIED, each time.
    """
    asked = Identification.objects.filter(uid=identification_uid, asked_by_uid=actor.uid).first()
    if asked is None or not is_open(asked, now):
        raise Hidden
    record(
        Verb.CASE_IDENTIFIED, actor=actor, subject=Ref("identification", asked.uid, asked.case_uid),
        purpose=asked.purpose, detail={"until": asked.until},
    )  # fmt: skip
    return asked


def is_open(asked: Identification, now: datetime) -> bool:
    """Whether the case may be named now."""
    return bool(asked.is_allowed) and asked.until is not None and now < asked.until


def asked_by(person_uid: uuid.UUID) -> QuerySet[Identification]:
    """What this person asked, the newest first."""
    return Identification.objects.filter(asked_by_uid=person_uid).order_by("-pk")


def waiting_for_others(person_uid: uuid.UUID, now: datetime) -> QuerySet[Identification]:
    """What waits for somebody else than whoever asked, the oldest first."""
    waiting = Identification.objects.filter(decided_at__isnull=True, asked_at__gt=now - WAITS_FOR)
    return waiting.filter(~Q(asked_by_uid=person_uid)).order_by("pk")


def reasons(asked: list[Identification]) -> dict[uuid.UUID, str]:
    """The reason of each, from its event; empty where it was erased by order. One query."""
    rows = Event.objects.filter(subject_uid__in=[one.uid for one in asked], verb=Verb.CASE_IDENTIFY_ASKED)
    found = rows.select_related("detail")
    return {event.subject_uid: event.detail.shown().get("reason", "") for event in found if event.subject_uid}
