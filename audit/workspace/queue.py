"""The review queue: hints that wait, and what reviewers found. A second reviewer where the first is too near."""

import uuid
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from casemgmt.access.errors import Hidden, Refused

from ..action import action
from ..errors import LedgerError
from ..log import Ref, record
from ..models import Disposition, Event, Hint
from ..verbs import Verb
from .models import Outcome


class ReviewRefused(LedgerError):
    """A hint cannot be settled so; the message says why, for people."""


def open_hints() -> QuerySet[Hint]:
    """Hints that nobody has settled."""
    return Hint.objects.exclude(Exists(_final()))


def settled_hints() -> QuerySet[Hint]:
    """Hints that are done."""
    return Hint.objects.filter(Exists(_final()))


def _final() -> QuerySet[Disposition]:
    return Disposition.objects.filter(hint=OuterRef("pk"), is_final=True)


def dispositions_of(hints: list[Hint]) -> dict[int, list[Disposition]]:
    """What was found of each hint, in order. One query."""
    found: dict[int, list[Disposition]] = {}
    for one in Disposition.objects.filter(hint__in=hints).order_by("step"):
        found.setdefault(one.hint_id, []).append(one)
    return found


def words_of(dispositions: list[Disposition]) -> dict[uuid.UUID, str]:
    """The words of each reviewer, empty where they were erased by order. One query."""
    uids = [one.uid for one in dispositions]
    rows = Event.objects.filter(subject_uid__in=uids, verb=Verb.HINT_REVIEWED).select_related("detail")
    return {event.subject_uid: event.detail.shown().get("reason", "") for event in rows if event.subject_uid}


def waits_for_second(dispositions: list[Disposition]) -> Disposition | None:
    """What the first reviewer found, where somebody else has to say the same; None where nothing waits."""
    last = dispositions[-1] if dispositions else None
    return last if last is not None and not last.is_final and not last.again else None


@action
def review_hint(
    *,
    actor: Any,
    now: datetime,
    hint_uid: uuid.UUID,
    outcome: str,
    words: str,
    is_own_team: bool,
    agrees: bool = True,
) -> Disposition:
    """Say what a hint was. ``is_own_team``: the reviewer is too near to the person, so this is not the last word.

    ``agrees``: as the second reviewer; where not, the hint goes back to the queue. ``words`` stay in the event's erasable
    detail. Raises Hidden, Refused (a hint about oneself), ReviewRefused. Records HINT_REVIEWED.
    """
    hint = Hint.objects.filter(uid=hint_uid).first()
    if hint is None:
        raise Hidden
    if hint.person_uid == actor.uid:
        raise Refused("review_hint")
    before = dispositions_of([hint]).get(hint.pk, [])
    if any(one.is_final for one in before):
        raise ReviewRefused(_("Somebody has settled this hint already."))
    first = waits_for_second(before)
    if first is not None and first.by_uid == actor.uid:
        raise ReviewRefused(_("You looked at this first. Somebody else has to look at it, too."))
    if first is not None and is_own_team:
        raise ReviewRefused(_("You know this person from your own team, so you cannot be the second reviewer."))
    sends_back = first is not None and not agrees
    found = Disposition(
        hint=hint,
        step=len(before) + 1,
        outcome=first.outcome if first is not None and agrees else Outcome(outcome),
        by_uid=actor.uid,
        at=now,
        is_own_team=is_own_team,
        is_final=not is_own_team and not sends_back,
        again=sends_back,
    )
    try:
        with transaction.atomic():
            found.save(force_insert=True)
    except IntegrityError:
        raise ReviewRefused(_("Somebody else was faster. Look at what they found.")) from None
    result = "SENT_BACK" if sends_back else "SETTLED" if found.is_final else "FIRST_OF_TWO"
    record(
        Verb.HINT_REVIEWED,
        actor=actor,
        subject=Ref("disposition", found.uid, hint.case_uid),
        refs=[Ref("hint", hint.uid, hint.case_uid), Ref("user", hint.person_uid)],
        reason=words,
        detail={"rule": hint.rule, "result": result, "step": found.step, "status": found.outcome},
    )
    return found
