"""Appointments: booked on a case, read by whoever is booked, from a day before until two hours after."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases.actions.bookings import book, bookable, bookings_of, call_off, local_time, open_bookings
from cases.actions.kinds import ROLES_OF_KIND
from cases.choices.sharing import GrantKind
from cases.forms.guarding import BookingForm
from cases.guards import guarded
from cases.models import Booking, Case, Survivor
from cases.speech import declines_interpreters, speech_facts
from cases.views.desk_forms import done
from cases.views.shell import render_case

#: Appointments of one page.
MOST_SHOWN = 50


@for_roles(*ROLES_OF_KIND[GrantKind.BOOKING])
@require_safe
def bookings(request: SignedInRequest) -> HttpResponse:
    """My appointments: when, where, in which language, and by which name to call her. Nothing else of any case."""
    found = bookings_of(request.user, at=clock.now())
    with open_bookings(request.user, found):
        return render(request, "cases/guarding/bookings.html", {"lines": [_line(one) for one in found]})


def _line(booking: Booking) -> dict[str, Any]:
    starts = local_time(booking, booking.starts_at)
    return {
        "booking": booking, "day": starts.date(), "from": starts, "until": local_time(booking, booking.ends_at),
        "language": booking.language, "alias": booking.alias, "place": booking.place, "zone": booking.time_zone,
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@guarded(write(Section.SERVICES))
def booking_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """Book an interpreter or a driver for one appointment."""
    form = BookingForm(request.POST if request.method == "POST" else None, people=bookable(at=clock.now()))
    facts = form.cleaned_data if form.is_valid() else {}
    booked = done(
        request, form,
        lambda: book(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, person=facts["person"],
            starts_at=facts["starts_at"], ends_at=facts["ends_at"], language=form.spoken, alias=facts["alias"],
            place=facts["place"],
        ),
        words=_("The appointment is booked. It opens to them a day before."),
    )  # fmt: skip
    if booked is not None:
        return HttpResponseRedirect(reverse("case-bookings", args=[case.uid]))
    return render_case(
        request, case, "aftercare", "cases/guarding/booking_form.html", lambda: {"form": form} | _needed(case),
        status=422 if form.errors else 200,
    )  # fmt: skip


def _needed(case: Case) -> dict[str, Any]:
    """What she needs of an interpreter (domain.md §8.6), for whoever reads who she is. While the case is open."""
    holding = case.holding
    row = access.records(Survivor, case).first()
    if holding is None or row is None or not holding.reads(Section.IDENTITY):
        return {}
    return {"needs": speech_facts(row), "declines": declines_interpreters(row)}


@require_safe
@guarded(read(Section.SERVICES))
def case_bookings(request: SignedInRequest, case: Case) -> HttpResponse:
    """The appointments of one case, the latest first."""
    holding = case.holding
    assert holding is not None
    if request.user.organisation_id != case.organisation_id:
        raise Refused(read(Section.SERVICES))  # who comes and when is the house's own

    def build() -> dict[str, Any]:
        rows = access.records(Booking, case).select_related("person").order_by("-starts_at", "-pk")[:MOST_SHOWN]
        return {
            "lines": [_line(one) for one in rows],
            "may_book": holding.writes(Section.SERVICES) and not case.is_closed,
            "now": clock.now(),
        }

    return render_case(request, case, "aftercare", "cases/guarding/case_bookings.html", build)


@require_POST
@guarded(write(Section.SERVICES))
def booking_call_off(request: SignedInRequest, case: Case, booking_uid: UUID) -> HttpResponse:
    """Call an appointment off: it closes at once."""
    if not access.records(Booking, case).filter(uid=booking_uid).exists():
        raise Hidden
    call_off(actor=request.user, now=clock.now(), booking_uid=booking_uid)
    messages.success(request, _("The appointment is called off."))
    return HttpResponseRedirect(reverse("case-bookings", args=[case.uid]))
