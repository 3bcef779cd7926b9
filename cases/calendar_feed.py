"""The calendar feed: whose address it is, whether it still stands, and what it tells, which is when and nothing else."""

from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from casemgmt.accounts import configured
from casemgmt.accounts.models import OfficeLock, User
from casemgmt.crypto.keyring import index_fingerprint
from cases import access
from cases.ical import Entry, calendar
from cases.models import CalendarFeed, Due, HouseDue
from cases.weeks import ATTORNEYS, mine

#: What a feed holds: from a week ago to two months ahead.
DAYS_BACK, DAYS_AHEAD = 7, 60
#: More than that in one feed is no calendar any more.
MOST = 1000
_TOKEN, _EVENT = "calendar feed", "calendar event"


def digest_of(token: str) -> bytes:
    """What is kept of a feed's secret: a hash under a key of the vault, so that a stolen table gives no address."""
    return index_fingerprint(_TOKEN, token)


def feed_of(person: User) -> CalendarFeed | None:
    """The feed of a person that stands, or None. At most five queries."""
    feed = access.own(CalendarFeed, person, "person").filter(ended_at__isnull=True).first()
    return feed if feed is not None and stands(feed) else None


def find_feed(token: str) -> CalendarFeed | None:
    """The standing feed of this secret, or None. Says the same of a wrong one, an old one and one of an account at rest."""
    digest = digest_of(token)
    rows = access.for_the_house(CalendarFeed).select_related("person", "person__organisation")
    feed = rows.filter(token_digest=digest, ended_at__isnull=True).first()
    if feed is None or not constant_time_compare(bytes(feed.token_digest), digest):
        return None
    return feed if stands(feed) else None


def stands(feed: CalendarFeed) -> bool:
    """Whether a feed still opens anything. It ends as sessions end: when the account closes for whatever reason (leaving,
    leave, a journey, a lock, a suspended organisation), and when the office is locked. Who comes back makes a new one.
    """
    person = feed.person
    if feed.ended_at is not None or not person.is_active or person.organisation.suspended_at is not None:
        return False
    # The account has been open without a break since the feed was made.
    if not person.account_states.filter(starts_at__lte=feed.made_at, ends_at__isnull=True).exists():
        return False
    return not OfficeLock.objects.filter(Q(ended_at__isnull=True) | Q(began_at__gte=feed.made_at)).exists()


def content_of(feed: CalendarFeed, now: datetime) -> bytes:
    """The file: one event for each hour at which she has an appointment, one for each day on which something is due.

    How many things are due is told by neither. Read as the person, by the door: what she may not see any more is gone.
    Opens nothing that is sealed. Six queries at most.
    """
    person = feed.person
    with translation.override(person.language), timezone.override(person.zone):
        today = timezone.localdate(now)
        first, last = today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)
        moments, days = _dates(person, first, last)
        appointment = _("%(site)s: appointment") % {"site": configured.words().site_name}
        due = _("%(site)s: due") % {"site": configured.words().site_name}
        entries = [Entry(_uid(feed, f"at {one.isoformat()}"), one, appointment) for one in sorted(moments)]
        entries += [Entry(_uid(feed, f"on {one.isoformat()}"), one, due) for one in sorted(days)]
    return calendar(entries, name=configured.words().site_name, at=now)


def _dates(person: User, first: date, last: date) -> tuple[set[datetime], set[date]]:
    """The hours and the days of what is hers to do."""
    inside = Q(due_on__gte=first, due_on__lte=last, done_at__isnull=True)
    matters = [one.pk for one in access.visible_matters(person)] if person.holds_role(*ATTORNEYS) else []
    rows = access.visible(Due, person, None).filter(mine(person, matters)).filter(inside).order_by("due_on", "pk")
    found = list(rows.values_list("due_at", "due_on")[:MOST])
    house = access.own(HouseDue, person, "person").filter(inside).values_list("due_on", flat=True)
    return {at for at, _day in found if at}, {day for at, day in found if not at} | set(house[:MOST])


def _uid(feed: CalendarFeed, when: str) -> str:
    """A name for an event that says nothing of any record, and stays the same while the event stays where it is."""
    return index_fingerprint(_EVENT, f"{feed.person.uid} {when}").hex()[:40]
