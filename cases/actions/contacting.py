"""Reaching her: her rule is read first, the attempt is on record before the number is shown, and how it went afterwards."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access, contacting
from cases.actions.safety import standing_instruction
from cases.actions.trail import add_line
from cases.choices.survivor import ContactChannel, ContactOutcome, Obstacle, outcome_words
from cases.errors.survivor import ContactIsNoted, ContactNotNow, RuleNotRead
from cases.models import Case, ContactAttempt
from cases.opening import open_to_change

#: So long the number is shown to whoever began; afterwards the rule is read again.
SHOWN_FOR = timedelta(minutes=10)
#: What counts as having tried before contact is given up (domain.md §4.5, LOST_CONTACT).
TRIES, WITHIN = 3, timedelta(days=90)


@action
def begin_contact(
    *, actor: User, now: datetime, case_uid: UUID, channel: str, has_read: bool, reason: str = ""
) -> ContactAttempt:
    """Begin an attempt to reach her, after the rule was read, by whoever reads her identity. Closed too: follow-ups go on (R10).

    Where her rule stands against it (``cases.contacting.obstacles``), ``reason`` must say why it cannot wait. Raises
    Hidden, Refused, RuleNotRead, ContactNotNow. Records CONTACT_BEGAN with the way and how many things stood against it.
    """
    held = access.lock_as_reader(actor, case_uid, Section.IDENTITY)
    way = ContactChannel(channel)
    if not has_read:
        raise RuleNotRead
    instruction = standing_instruction(held.case)
    with open_to_change(actor, held, Section.CARD):
        rule = dict(instruction.rule) if instruction else None
    against = contacting.obstacles(rule, instruction.verified_on if instruction else None, way, now)
    if against and not reason.strip():
        raise ContactNotNow(against)
    attempt = ContactAttempt(
        case=held.case, made_by=actor, began_at=now,
        facts={"channel": way.value, "against": [one.value for one in against], "reason": reason.strip()},
    )  # fmt: skip
    attempt.save()
    record(
        Verb.CONTACT_BEGAN, actor=actor, subject=attempt, held=held, sections=[Section.IDENTITY],
        detail={"kind": way.value, "count": len(against)},
    )  # fmt: skip
    return attempt


@action
def note_contact(
    *, actor: User, now: datetime, case_uid: UUID, attempt_uid: UUID, outcome: str, words: str = ""
) -> ContactAttempt:
    """Write down how one's own attempt went, once. Raises Hidden, Refused, ContactIsNoted. Records CONTACT_NOTED."""
    held = access.lock_as_reader(actor, case_uid, Section.IDENTITY)
    attempt = access.within(ContactAttempt, held.case).filter(uid=attempt_uid, made_by=actor).first()
    if attempt is None:
        raise Hidden
    if attempt.noted_at is not None:
        raise ContactIsNoted
    went = ContactOutcome(outcome)
    with open_to_change(actor, held, Section.IDENTITY):
        facts = dict(attempt.facts)
    attempt.facts, attempt.noted_at = {**facts, "outcome": went.value, "words": words}, now
    attempt.save(update_fields=["facts", "noted_at"])
    way = ContactChannel(facts["channel"]).label
    add_line(
        case=held.case, section=Section.IDENTITY, kind=Verb.CONTACT_NOTED, subject=attempt, author=actor, at=now,
        line=_("%(way)s: %(went)s") % {"way": way, "went": outcome_words(went, with_person="person" in facts)},
    )  # fmt: skip
    record(Verb.CONTACT_NOTED, actor=actor, subject=attempt, held=held, sections=[Section.IDENTITY])
    return attempt


def is_shown_to(reader: User, attempt: ContactAttempt, at: datetime) -> bool:
    """Whether the number stands on the page of this attempt: for whoever began it, for a few minutes."""
    return attempt.made_by_id == reader.pk and attempt.noted_at is None and at < attempt.began_at + SHOWN_FOR


def was_tried(case: Case, at: datetime) -> bool:
    """Whether she was tried often enough to say that contact is lost."""
    return access.within(ContactAttempt, case).filter(began_at__gte=at - WITHIN, began_at__lte=at).count() >= TRIES


def words_of(against: Iterable[str]) -> list[str]:
    """What stood against it, in words."""
    return [str(Obstacle(code).label) for code in against]
