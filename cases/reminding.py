"""Who is reminded of what, and when: her own choice, her own morning, and only of what she may still see."""

from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from casemgmt.accounts.models import User
from cases import access
from cases.choices.casework import DueKind
from cases.choices.notices import MAY_BE_HIDDEN, ReminderMail
from cases.models import Due, HouseDue, ReminderChoice
from cases.weeks import ATTORNEYS, mine

#: The morning, on the person's own clock. A letter that could not go until its end is not sent that day.
MORNING_FROM, MORNING_UNTIL = time(7), time(12)
_FRIDAY = 5
#: Of what is told the working day before.
TOLD_BEFORE = (DueKind.HEARING, DueKind.DEADLINE)


def choice_of(person: User) -> ReminderChoice:
    """What this person chose; where she never did, what holds by itself (not saved). One query."""
    return access.own(ReminderChoice, person, "person").first() or ReminderChoice(person=person)


def hidden_kinds(person: User) -> list[str]:
    """Of which kinds she sees no notice. One query."""
    allowed = {kind.value for kind in MAY_BE_HIDDEN}
    chosen = access.own(ReminderChoice, person, "person").values_list("hidden_kinds", flat=True).first()
    return [kind for kind in chosen or () if kind in allowed]


def is_working_day(day: date) -> bool:
    """Monday to Friday. No calendar of holidays: a letter on one of them harms nobody."""
    return day.isoweekday() <= _FRIDAY


def is_morning(person: User, now: datetime) -> bool:
    """Whether it is the morning of a working day where this person is."""
    here = timezone.localtime(now, person.zone)
    return is_working_day(here.date()) and MORNING_FROM <= here.time() < MORNING_UNTIL


def may_be_written_to(person: User) -> bool:
    """Nobody who left, rests, travels, is locked out or belongs to a suspended organisation gets a letter."""
    return person.is_active and person.organisation.suspended_at is None and bool(person.email)


def what_to_say(person: User, by_mail: str, today: date) -> str:
    """ "TODAY", "SOON" or nothing. Today is also what fell due on the days off just before it.

    By the door, as the person: what she may not see any more reminds her of nothing. Six queries at most.
    """
    if by_mail == ReminderMail.OFF:
        return ""
    since, until = _working_day(today, -1) + timedelta(days=1), _working_day(today, +1)
    matters = [one.pk for one in access.visible_matters(person)] if person.holds_role(*ATTORNEYS) else []
    hers = access.visible(Due, person, None).filter(mine(person, matters), done_at__isnull=True)
    house = access.own(HouseDue, person, "person").filter(done_at__isnull=True)
    now_due = Q(due_on__gte=since, due_on__lte=today)
    if hers.filter(now_due).exists() or house.filter(now_due).exists():
        return "TODAY"
    if by_mail == ReminderMail.DAY_BEFORE:
        soon = hers.filter(due_on__gt=today, due_on__lte=until, kind__in=TOLD_BEFORE)
        return "SOON" if soon.exists() else ""
    return ""


def sign_in_address() -> str:
    """Where people sign in; empty where the settings do not say by which name this house is reached."""
    base = settings.SITE_ADDRESS
    host = settings.ALLOWED_HOSTS[0].lstrip(".") if settings.ALLOWED_HOSTS else ""
    if not base and host and "*" not in host:
        base = f"{'https' if settings.HTTPS else 'http'}://{host}"
    return f"{base.rstrip('/')}{reverse('sign-in')}" if base else ""


def _working_day(day: date, step: int) -> date:
    """The next working day after a day, or the last one before it."""
    day += timedelta(days=step)
    while not is_working_day(day):
        day += timedelta(days=step)
    return day
