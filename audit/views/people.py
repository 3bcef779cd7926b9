"""What did this person see: everybody's acts of the last thirty days as numbers, and each act of one."""

from datetime import timedelta

from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from casemgmt.access.errors import Hidden

from .. import clock, pseudonyms
from ..models import Event
from ..reader import Reader, person_uids_in_ledger
from ..verbs import DENIALS, READINGS
from .home import DAYS
from .shared import auditor, filtered_page, tabs


@auditor
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Staff with what they did in the last days. Three queries."""
    reader = Reader(request.user)
    recent = Event.objects.between(clock.now() - timedelta(days=DAYS), None).open_to_auditors()
    counted = (
        recent.exclude(actor_uid=None)
        .order_by()
        .values("actor_uid")
        .annotate(
            readings=Count("id", filter=Q(verb__in=sorted(READINGS))),
            changes=Count("id", filter=Q(changed_rows__gt=0)),
            denials=Count("id", filter=Q(verb__in=sorted(DENIALS))),
            last=Max("at"),
        )
    )
    by_person = {row["actor_uid"]: row for row in counted}
    reader.leave_trace("PEOPLE")
    listed = [{"code": code, "name": name, **by_person.get(uid, {})} for uid, code, name in reader.staff()]
    return render(request, "audit/people.html", {"tabs": tabs("audit-people"), "days": DAYS, "people": listed})


@auditor
@require_safe
def person(request: HttpRequest, code: str) -> HttpResponse:
    """Each act of one person, newest first. A name nobody has is 404."""
    person_uid = pseudonyms.find_person(code, person_uids_in_ledger())
    if person_uid is None:
        raise Hidden
    reader = Reader(request.user)
    reader.learn_names([person_uid])
    events = Event.objects.by_person(person_uid)
    page = filtered_page(
        request, reader, events, name=f"person/{code}", tab="audit-people", without=("person",), person_uid=person_uid
    )
    figures = events.aggregate(
        cases=Count("case_uid", distinct=True, filter=Q(verb__in=sorted(READINGS))),
        readings=Count("id", filter=Q(verb__in=sorted(READINGS), is_privileged=False)),
        changes=Count("id", filter=Q(changed_rows__gt=0, is_privileged=False)),
        denials=Count("id", filter=Q(verb__in=sorted(DENIALS))),
        privileged=Count("id", filter=Q(is_privileged=True)),
    )
    figures["cases"] = reader.count_of_cases(figures["cases"])
    figures["privileged"] = reader.count_of_cases(figures["privileged"])
    return render(
        request, "audit/person.html", {**page, "code": code, "name": reader.name_of(person_uid), "figures": figures}
    )
