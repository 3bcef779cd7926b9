"""What did this person see: everybody's acts of the last thirty days as numbers, and each act of one."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from casemgmt.access.errors import Hidden

from .. import pseudonyms
from ..models import Event
from ..reader import Reader, person_uids_in_ledger
from ..verbs import READINGS
from ..workspace import digest
from ..workspace.walking import Chosen
from .home import DAYS
from .shared import filtered_page, internal, workspace

#: The different cases of a person are counted among so many of the newest readings.
MOST_READINGS = 5000


@internal
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Staff with what they did in the last days. Four queries."""
    reader = Reader(request.user)
    counted = digest.tallies(timezone.localdate() - timedelta(days=DAYS))
    reader.leave_trace("PEOPLE")
    listed = [{"code": code, "name": name, "tally": counted.get(uid)} for uid, code, name in reader.staff()]
    return render(request, "audit/people.html", {**workspace(reader, "audit-people"), "days": DAYS, "people": listed})


@internal
@require_safe
def person(request: HttpRequest, code: str) -> HttpResponse:
    """Each act of one person, newest first. A name nobody has is 404."""
    person_uid = pseudonyms.find_person(code, person_uids_in_ledger())
    if person_uid is None:
        raise Hidden
    reader = Reader(request.user)
    reader.learn_names([person_uid])
    within = Chosen(person_uid=person_uid)
    page = filtered_page(request, reader, within, name=f"person/{code}", tab="audit-people", without=("person",))
    tally = digest.tallies(timezone.localdate() - timedelta(days=DAYS), person_uid).get(person_uid, digest.Tally())
    page |= {"code": code, "name": reader.name_of(person_uid), "days": DAYS, "tally": tally}
    page |= {"cases": _cases(reader, person_uid), "privileged": reader.count_of_cases(tally.privileged)}
    return render(request, "audit/person.html", page)


def _cases(reader: Reader, person_uid: Any) -> str:
    """How many different cases this person looked at, among the newest readings. One query."""
    readings = Event.objects.filter(actor_uid=person_uid).of_verbs(READINGS).newest().values_list("case_uid", flat=True)
    rows = list(readings[: MOST_READINGS + 1])
    number = len({case_uid for case_uid in rows[:MOST_READINGS] if case_uid is not None})
    return reader.count_of_cases(number) + ("+" if len(rows) > MOST_READINGS else "")
