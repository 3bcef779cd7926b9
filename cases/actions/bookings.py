"""Booking an interpreter or a driver for one appointment: time, language, a name to call her by, a place, no more."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access
from cases.actions.grants import take_back, write_grant
from cases.actions.kinds import ROLES_OF_KIND
from cases.actions.trail import add_line, notify
from cases.choices.sharing import GrantKind
from cases.errors.guarding import AppointmentIsOdd
from cases.few_words import Read, open_words
from cases.models import AccessGrant, Booking
from cases.windows import APPOINTMENT_LIMIT, BOOKING_AFTER, BOOKING_BEFORE

NOTICE_BOOKED = "BOOKED"


def bookable(*, at: datetime) -> list[User]:
    """Interpreters and volunteers who can be booked, by name."""
    people = User.objects.holding(*ROLES_OF_KIND[GrantKind.BOOKING], at=at)
    return list(people.select_related("organisation").by_name())


@action
def book(
    *, actor: User, now: datetime, case_uid: UUID, person: User, starts_at: datetime, ends_at: datetime, language: str,
    alias: str, place: str,
) -> Booking:  # fmt: skip
    """Book somebody for one appointment (moments in UTC). What she reads of it opens a day before and closes two hours after.

    Raises Hidden, Refused, CaseIsClosed, AppointmentIsOdd, NotForThisRole. Records ACCESS_GRANTED and SERVICE_RECORDED.
    """
    held = access.lock_for_write(actor, case_uid, Section.SERVICES)
    if not (now < ends_at and starts_at < ends_at <= starts_at + APPOINTMENT_LIMIT):
        raise AppointmentIsOdd
    grant = write_grant(
        actor=actor, now=now, case=held.case, person=person, kind=GrantKind.BOOKING, permissions=[],
        begins=starts_at - BOOKING_BEFORE, until=ends_at + BOOKING_AFTER,
    )  # fmt: skip
    booking = Booking(
        case=held.case, person=person, grant=grant, starts_at=starts_at, ends_at=ends_at, time_zone=actor.time_zone,
        language=language, alias=alias, place=place, booked_by=actor, booked_at=now,
    )  # fmt: skip
    booking.save()
    add_line(
        case=held.case, section=Section.SERVICES, kind=Verb.ACCESS_GRANTED, subject=booking, author=actor, at=now,
        line=_("%(who)s booked for an appointment") % {"who": person.name},
    )  # fmt: skip
    notify(person=person, kind=NOTICE_BOOKED, about=booking, now=now)
    record(
        Verb.SERVICE_RECORDED, actor=actor, subject=booking, held=held, refs=[person, grant], sections=[Section.SERVICES],
        fields=["booking.language", "booking.alias", "booking.place"],
    )  # fmt: skip
    return booking


@action
def call_off(*, actor: User, now: datetime, booking_uid: UUID) -> Booking:
    """Call an appointment off: it closes to whoever was booked, at once. Repeating changes nothing.

    Raises Hidden, Refused. Records ACCESS_REVOKED.
    """
    found = access.for_the_house(Booking).select_related("case").filter(uid=booking_uid).first()
    if found is None:
        raise Hidden
    held = access.lock_for_write(actor, found.case.uid, Section.SERVICES, even_closed=True, even_erased=True)
    booking = access.within(Booking, held.case).select_related("person").get(uid=booking_uid)
    booking.case = held.case
    grant = access.grants_with_grounds().get(pk=booking.grant_id)
    if booking.called_off_at is None:
        booking.called_off_at = now
        booking.save(update_fields=["called_off_at"])
        take_back(grant, actor=actor, now=now, held=held, refs=[booking])
    return booking


def bookings_of(person: User, *, at: datetime) -> list[Booking]:
    """The appointments this person may read now: from a day before until two hours after; none of a case behind a wall."""
    if not person.is_active:
        return []
    # Read for the house: whoever is booked holds nothing else of the case.
    rows = access.for_the_house(Booking).filter(
        person=person,
        grant__valid_from__lte=at,
        grant__expires_at__gt=at,
        grant__revoked_at__isnull=True,
        called_off_at__isnull=True,
    )
    open_ones = rows.exclude(case__in=access.walled_cases(person)).exclude(case__erased__has_key="SERVICES")
    return list(open_ones.select_related("case", "grant").order_by("starts_at", "pk"))


@contextmanager
def open_bookings(actor: User, bookings: list[Booking]) -> Iterator[None]:
    """Open somebody's own bookings for a page. Records one CASE_VIEWED a case, with the booking as its ground."""

    def events(read: Read) -> list[dict[str, Any]]:
        first = {one.case.uid: one for one in reversed(bookings)}
        return [
            {
                "actor": actor, "subject": first[case_uid], "sections": [Section.SERVICES], "fields": sorted(fids),
                "basis": _basis(first[case_uid].grant),
            }
            for case_uid, fids in read.items()
        ]  # fmt: skip

    with open_words([one.case.uid for one in bookings], ("booking.",), events):
        yield


def _basis(grant: AccessGrant) -> dict[str, str]:
    return {"grant": str(grant.uid), "kind": GrantKind.BOOKING.value, "until": grant.expires_at.isoformat()}


def local_time(booking: Booking, moment: datetime) -> datetime:
    """A moment on the clock of the place where the appointment was made: people meet there."""
    return moment.astimezone(ZoneInfo(booking.time_zone))
