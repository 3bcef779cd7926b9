"""What a person chooses for her calendar: the address for her calendar program, and how she is reminded."""

import secrets
from collections.abc import Collection
from datetime import datetime

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.accounts.models import User
from cases import access
from cases.calendar_feed import digest_of
from cases.choices.notices import MAY_BE_HIDDEN, ReminderMail
from cases.models import CalendarFeed, ReminderChoice


@action
def make_feed(*, actor: User, now: datetime) -> CalendarFeed:
    """Make an address for one's own calendar program. An earlier one ends.

    The secret (256 random bits) is on the returned object as ``token``, once. Records CALENDAR_FEED_MADE.
    """
    User.objects.select_for_update().get(pk=actor.pk)
    _end_standing(actor, now)
    token = secrets.token_urlsafe(32)
    feed = CalendarFeed(person=actor, token_digest=digest_of(token), made_at=now)
    feed.save()
    record(Verb.CALENDAR_FEED_MADE, actor=actor, subject=feed)
    feed.token = token
    return feed


@action
def end_feed(*, actor: User, now: datetime) -> int:
    """End the address of one's own calendar program; says how many ended. Records CALENDAR_FEED_ENDED."""
    User.objects.select_for_update().get(pk=actor.pk)
    ended = _end_standing(actor, now)
    if ended:
        record(Verb.CALENDAR_FEED_ENDED, actor=actor, subject=actor, detail={"count": ended})
    return ended


@action
def choose_reminders(*, actor: User, now: datetime, by_mail: str, shown_kinds: Collection[str]) -> ReminderChoice:
    """Choose when one is reminded by e-mail, and of which kinds of dates one sees a notice. Records REMINDERS_CHOSEN."""
    User.objects.select_for_update().get(pk=actor.pk)
    chosen = access.own(ReminderChoice, actor, "person").first() or ReminderChoice(person=actor)
    before = chosen.by_mail
    chosen.by_mail = ReminderMail(by_mail)
    chosen.hidden_kinds = [kind.value for kind in MAY_BE_HIDDEN if kind.value not in shown_kinds]
    chosen.save()
    detail = {"before": before, "after": chosen.by_mail, "count": len(chosen.hidden_kinds)}
    record(Verb.REMINDERS_CHOSEN, actor=actor, subject=actor, refs=[chosen], detail=detail)
    return chosen


def _end_standing(actor: User, now: datetime) -> int:
    feeds = list(access.own(CalendarFeed, actor, "person").filter(ended_at__isnull=True))
    for feed in feeds:
        feed.ended_at = now
        feed.save(update_fields=["ended_at"])
    return len(feeds)
