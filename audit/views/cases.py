"""Who looked at this case: each access with its reason, and the people summed up first."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from casemgmt.access.errors import Hidden

from .. import pseudonyms
from ..forms import FindCase
from ..models import Event, KnownCase
from ..paging import page_of
from ..presenting import lines_of, words_of_basis
from ..reader import Reader
from ..verbs import READINGS
from ..workspace import digest, walking
from ..workspace.walking import Chosen
from .shared import filtered_page, internal, workspace

#: The people of a case come from so many of its newest readings; a longer list is told as such.
MOST_READINGS = 5000
MOST_PRIVILEGED = 1000
#: Cases that were touched since the digest came by, shown on top of the first page.
MOST_NEW = 50


@internal
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """The cases of the ledger by pseudonym, the last touched first; or straight to one by its name."""
    form = FindCase(request.GET if "case" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect("audit-case", code=pseudonyms.of_case(form.cleaned_data["case"]))
    reader = Reader(request.user)
    found = page_of(request, KnownCase.objects.all(), name="cases", key="last_event")
    last_events = {row.case_uid: row.last_event for row in found.rows}
    if not found.newer:
        newest = sorted(digest.newest_cases().items(), key=lambda entry: entry[1])[-MOST_NEW:]
        last_events |= dict(newest)
    reader.leave_trace("CASES")
    page = {
        **workspace(reader, "audit-cases"),
        "form": form,
        "cases": _lines(reader, last_events),
        "newer": found.newer,
        "older": found.older,
    }
    return render(request, "audit/cases.html", page)


def _lines(reader: Reader, last_events: dict[uuid.UUID, int]) -> list[dict[str, Any]]:
    """Each case with its last event in words; of a privileged one only the moment. Two queries."""
    events = Event.objects.select_related("detail").in_bulk(list(last_events.values()))
    lines = dict(zip(events, lines_of(reader, events.values()), strict=True))
    rows = []
    for case_uid, last in sorted(last_events.items(), key=lambda entry: entry[1], reverse=True):
        event = events.get(last)
        line = None if event is None or event.is_privileged else lines[last]
        rows.append({"code": pseudonyms.of_case(case_uid), "at": event.at if event else None, "line": line})
    return rows


@internal
@require_safe
def case(request: HttpRequest, code: str) -> HttpResponse:
    """Everybody who saw something of one case and why, then each act. A name the ledger does not know is 404."""
    case_uid = digest.find_case(code)
    if case_uid is None:
        raise Hidden
    reader = Reader(request.user)
    within = Chosen(case_uid=case_uid)
    page = filtered_page(request, reader, within, name=f"case/{code}", tab="audit-cases", without=("case",))
    people, is_cut = _who_looked(reader, case_uid)
    privileged = walking.capped(Event.objects.filter(case_uid=case_uid, is_privileged=True), MOST_PRIVILEGED)
    page |= {
        "code": code,
        "people": people,
        "is_cut": is_cut,
        "most": MOST_READINGS,
        "privileged": reader.capped_count_of_cases(privileged, MOST_PRIVILEGED),
    }
    return render(request, "audit/case.html", page)


def _who_looked(reader: Reader, case_uid: uuid.UUID) -> tuple[list[dict[str, Any]], bool]:
    """Each person who saw something of the case: how often, when last, by which rights; whether the list was cut.

    Three queries: the newest readings of the case itself, those of lists, and names.
    """
    columns = ("actor_uid", "basis_kind", "at")
    readings = Event.objects.open_to_auditors().of_verbs(READINGS).exclude(actor_uid=None)
    own = readings.filter(case_uid=case_uid).newest().values_list(*columns)[: MOST_READINGS + 1]
    listed = readings.filter(pk__in=walking.cases_listed(case_uid, MOST_READINGS)).order_by().values_list(*columns)
    rows, others = list(own), list(listed)
    is_cut = len(rows) > MOST_READINGS or len(others) >= MOST_READINGS
    people: dict[uuid.UUID, dict[str, Any]] = {}
    for actor_uid, basis_kind, at in [*rows[:MOST_READINGS], *others]:
        if actor_uid is None:
            continue
        person = people.setdefault(actor_uid, {"times": 0, "last": at, "why": []})
        person["times"] += 1
        person["last"] = max(person["last"], at)
        words = words_of_basis(basis_kind) if basis_kind else ""
        if words and words not in person["why"]:
            person["why"].append(words)
    reader.learn_names(people)
    for uid, person in people.items():
        person |= {"name": reader.name_of(uid), "code": pseudonyms.of_person(uid)}
        if not person["why"]:
            person["why"] = [_("Appeared only in lists of cases this person may open")]
    return sorted(people.values(), key=lambda person: person["last"], reverse=True), is_cut
