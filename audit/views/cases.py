"""Who looked at this case: each access with its reason, and the people summed up first."""

import uuid
from typing import Any

from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from casemgmt.access.errors import Hidden

from .. import pseudonyms
from ..forms import FindCase
from ..models import Event
from ..paging import page_of
from ..presenting import words_of_basis
from ..reader import Reader, case_uids_in_ledger
from ..verbs import READINGS, Verb
from .shared import auditor, filtered_page, tabs


@auditor
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """The cases of the ledger by pseudonym, the last touched first; or straight to one by its name."""
    form = FindCase(request.GET if "case" in request.GET else None, case_uids=case_uids_in_ledger)
    if form.is_bound and form.is_valid():
        return redirect("audit-case", code=pseudonyms.of_case(form.cleaned_data["case"]))
    reader = Reader(request.user)
    # Somebody asking for an address that does not exist makes no case.
    touched = Event.objects.exclude(case_uid=None).exclude(verb=Verb.ACCESS_HIDDEN).order_by().values("case_uid")
    found = page_of(
        request,
        touched.annotate(last=Max("id"), last_at=Max("at"), people=Count("actor_uid", distinct=True)),
        name="cases",
        key="last",
    )
    reader.leave_trace("CASES")
    page = {
        "tabs": tabs("audit-cases"),
        "form": form,
        "cases": [{**row, "code": pseudonyms.of_case(row["case_uid"])} for row in found.rows],
        "newer": found.newer,
        "older": found.older,
    }
    return render(request, "audit/cases.html", page)


@auditor
@require_safe
def case(request: HttpRequest, code: str) -> HttpResponse:
    """Everybody who saw something of one case and why, then each act. A name the ledger does not know is 404."""
    case_uid = pseudonyms.find_case(code, case_uids_in_ledger())
    if case_uid is None:
        raise Hidden
    reader = Reader(request.user)
    events = Event.objects.about_case(case_uid)
    page = filtered_page(request, reader, events, name=f"case/{code}", tab="audit-cases", case_uid=case_uid)
    privileged = events.filter(is_privileged=True).count()
    page |= {"code": code, "people": _who_looked(reader, case_uid), "privileged": reader.count_of_cases(privileged)}
    return render(request, "audit/case.html", page)


def _who_looked(reader: Reader, case_uid: uuid.UUID) -> list[dict[str, Any]]:
    """Each person who saw something of the case: how often, when last, and by which rights. Two queries."""
    seen = Event.objects.about_case(case_uid).open_to_auditors().of_verbs(READINGS).exclude(actor_uid=None)
    rows = seen.order_by().values("actor_uid", "basis_kind").annotate(times=Count("id"), last=Max("at"))
    people: dict[uuid.UUID | None, dict[str, Any]] = {}
    for row in rows:
        person = people.setdefault(row["actor_uid"], {"times": 0, "last": row["last"], "why": [], "unexplained": 0})
        person["times"] += row["times"]
        person["last"] = max(person["last"], row["last"])
        if row["basis_kind"]:
            person["why"].append(words_of_basis(row["basis_kind"]))
        else:
            person["in_lists"] = True
    reader.learn_names(people)
    for uid, person in people.items():
        if uid is None:
            continue
        person |= {"name": reader.name_of(uid), "code": pseudonyms.of_person(uid)}
        if person.get("in_lists") and not person["why"]:
            person["why"] = [_("Appeared only in lists of cases this person may open")]
    return sorted(people.values(), key=lambda person: person["last"], reverse=True)
