"""Booking an interpreter or a driver for one appointment: time, language, a name to call her by, a place, no more."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from audit.action import action
from audit.context import require
from audit.log import record
from audit.verbs import Outcome, Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read
from casemgmt.accounts.models import User
from casemgmt.crypto import keyring
from casemgmt.crypto.gate import open_gate
from cases import access
from cases.actions.grants import write_grant
from cases.actions.kinds import ROLES_OF_KIND
from cases.actions.trail import add_line, notify
from cases.choices.sharing import GrantKind
from cases.errors.guarding import AppointmentIsOdd
from cases.models import Booking
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

    Raises Hidden, Refused, CaseIsClosed, AppointmentIsOdd, NotForThisRole. Records ACCESS_GRANTED.
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
        grant.revoked_at, grant.revoked_by = now, actor
        grant.save(update_fields=["revoked_at", "revoked_by"])
        record(
            Verb.ACCESS_REVOKED, actor=actor, subject=grant, held=held, refs=[booking.person, booking],
            detail={"kind": grant.kind},
        )  # fmt: skip
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


class BookingGate:
    """Admits the words of some bookings and nothing else. Remembers of which case."""

    def __init__(self, bookings: Iterable[Booking]) -> None:
        self.case_uids = frozenset(one.case.uid for one in bookings)
        self.read: dict[UUID, set[str]] = {}

    def admit(self, case_uid: UUID, section: str, fid: str, scope_uid: UUID | None = None) -> None:
        """Raise ``Refused`` for anything that is not a booking's."""
        if case_uid not in self.case_uids or not fid.startswith("booking."):
            raise Refused(read(section))
        self.read.setdefault(case_uid, set()).add(fid)


@contextmanager
def open_bookings(actor: User, bookings: list[Booking]) -> Iterator[None]:
    """Open somebody's own bookings for a page. Records one CASE_VIEWED a case, with the booking as its ground."""
    keyring.prefetch(one.case.uid for one in bookings)
    gate, done = BookingGate(bookings), False
    try:
        with open_gate(gate):
            yield
        done = True
    finally:
        for booking in bookings:
            fids = gate.read.pop(booking.case.uid, None)
            if fids is None:
                continue
            basis = {
                "grant": str(booking.grant.uid),
                "kind": GrantKind.BOOKING.value,
                "until": booking.grant.expires_at.isoformat(),
            }
            event: dict[str, Any] = {
                "actor": actor, "subject": booking, "sections": [Section.SERVICES], "fields": sorted(fids), "basis": basis,
            }  # fmt: skip
            if done:
                record(Verb.CASE_VIEWED, **event)
            else:
                require().handed_over.append({"verb": Verb.CASE_VIEWED, **event, "outcome": Outcome.ROLLED_BACK})


def local_time(booking: Booking, moment: datetime) -> datetime:
    """A moment on the clock of the place where the appointment was made: people meet there."""
    return moment.astimezone(ZoneInfo(booking.time_zone))
