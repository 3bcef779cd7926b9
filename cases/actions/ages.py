"""Once a month, whoever leads an open case is asked to look at the dates by age of her cases (domain.md §8.5).

Everybody who leads one, whether or not somebody in it comes of age: a reminder about one case, or for some people, would
say plainly in which month somebody was born. So the job opens nothing and needs no key; which case it is, and when, is
looked up by the page itself (``cases.views.ages``), each time anew.
"""

from datetime import date, datetime, timedelta
from uuid import uuid5

from django.utils import timezone

from audit import clock
from audit.action import action
from audit.log import Ref, record
from audit.verbs import Verb
from casemgmt.accounts.models import User
from cases import access
from cases.actions.trail import leave_notice
from cases.choices.notices import NOTICE_AGES
from cases.models import Case, Notice
from cases.reminding import is_working_day


def remind_of_ages() -> int:
    """Ask everybody whom nobody has asked this month; say how many. For the schedule; repeatable."""
    now = clock.now()
    today = timezone.localdate(now)
    return ask_to_look(actor=None, now=now) if today >= first_working_day(today) else 0


def first_working_day(day: date) -> date:
    """The first day of its month that is none of a weekend."""
    first = day.replace(day=1)
    while not is_working_day(first):
        first += timedelta(days=1)
    return first


@action
def ask_to_look(*, actor: None, now: datetime) -> int:
    """Leave the month's notice for each lead of an open case, and say how many are new.

    Records DUE_STAMPED with the number of people, where there were any.
    """
    month = f"ages {timezone.localdate(now):%Y-%m}"
    leads = access.for_the_house(Case).filter(closed_on__isnull=True, lead__isnull=False).values("lead")
    people = {uuid5(person.uid, month): person for person in User.objects.filter(pk__in=leads, is_active=True)}
    asked = access.for_the_house(Notice).filter(kind=NOTICE_AGES, about_uid__in=list(people))
    known = set(asked.values_list("about_uid", flat=True))
    new = {about: person for about, person in people.items() if about not in known}
    for about, person in sorted(new.items(), key=lambda pair: pair[1].pk):
        leave_notice(person, NOTICE_AGES, "month", about, now)
    if new:
        record(Verb.DUE_STAMPED, actor=None, subject=Ref("month", min(new)), detail={"count": len(new)})
    return len(new)
