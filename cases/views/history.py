"""The History tab: who did what and when on this case, and what each act changed."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from audit import clock
from audit.context import Source
from audit.models import Event
from audit.querysets import EventQuerySet
from audit.verbs import DENIALS
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.lines import in_a_row
from cases import addresses, linked, versions, walls
from cases.choices.sharing import GrantKind, Purpose
from cases.erased import words_of_removal
from cases.guards import guarded
from cases.models import Case
from cases.opening import open_history
from cases.record_versions import has_versions, removals_in
from cases.tokens import open_place, seal_place
from cases.views.editing import names_of
from cases.views.shell import render_case

PAGE_SIZE = 50
#: What one may narrow the list to.
SHOWN = (("", _("Everything")), ("changes", _("What was changed")), ("readings", _("Who looked")))


def events_for(reader: User, case: Case) -> EventQuerySet:
    """The events of a case that its reader may know of: of sections she holds, and her own; an outsider's only her own.

    Denials are not among them: they are the auditor's. Walls are for those who may place them; links with other cases are told
    on the page of links alone, to those who may open both.
    """
    holding = case.holding
    if holding is None:
        raise RuntimeError("Open the case through the door first.")
    events = Event.objects.about_case(case.uid).exclude(verb__in=[*DENIALS, *linked.VERBS])
    if reader.organisation_id != case.organisation_id:
        return events.by_person(reader.uid)
    if not walls.may_know(reader, case, at=clock.now()):
        events = events.exclude(Q(verb__in=walls.SECRET_VERBS) | Q(subject_kind__in=walls.SECRET_KINDS))
    known = Q(sections="") | Q(actor_uid=reader.uid)
    for section in holding.held:
        known |= Q(sections__contains=f" {section} ")
    return events.filter(known)


@require_http_methods(["GET", "HEAD"])
@guarded(READ_CARD, even_erased=True)
def history(request: SignedInRequest, case: Case) -> HttpResponse:
    """One page of events, the newest first."""
    shown = request.GET.get("show", "")
    list_name = f"history/{case.uid}"
    rows = events_for(request.user, case)
    rows = rows.changes() if shown == "changes" else rows.readings() if shown == "readings" else rows
    if "before" in request.GET:
        rows = rows.filter(pk__lt=open_place(request.user, list_name, request.GET["before"]))
    found = list(rows.newest()[: PAGE_SIZE + 1])
    page = reverse("case-history", args=[case.uid])
    kept = f"show={shown}&" if shown in ("changes", "readings") else ""
    older = f"{page}?{kept}before={seal_place(request.user, list_name, found[-2].pk)}" if len(found) > PAGE_SIZE else ""
    names = names_of([event.actor_uid or event.on_behalf_of for event in found])

    def build() -> dict[str, Any]:
        return {
            "lines": _together([_line(event, case, names) for event in found[:PAGE_SIZE]]),
            "filters": [
                {"label": label, "url": f"{page}?show={code}" if code else page, "current": code == shown}
                for code, label in SHOWN
            ],
            "older": older,
            "newest": page if "before" in request.GET else "",
            "is_outsider": request.user.organisation_id != case.organisation_id,
        }

    return render_case(request, case, "history", "cases/history.html", build)


def _line(event: Event, case: Case, names: dict[UUID | None, str]) -> dict[str, Any]:
    """One event in words; of its sections only those the reader holds."""
    holding = case.holding
    assert holding is not None
    who = names.get(event.actor_uid or event.on_behalf_of, "")
    claimed = _("The system, for %(name)s") % {"name": who} if event.on_behalf_of else ""
    return {
        "uid": event.uid,
        "who": claimed or who or _("The system"),
        "what": event.sentence,
        "when": event.at,
        "sections": [Section(code).label for code in event.section_codes if holding.holds(code)],
        "is_demo": event.source == Source.DEMO,
        "tells": versions.tells_of_versions(event),
        "failed": event.outcome != "OK",
    }


def _together(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same person doing the same thing again and again on one day is one line, with how often."""
    found: list[dict[str, Any]] = []
    for line in lines:
        last = found[-1] if found else None
        same = ("who", "what", "is_demo", "failed")
        is_again = last is not None and not line["tells"] and not last["tells"]
        if last is not None and is_again and all(line[key] == last[key] for key in same) and _day(line) == _day(last):
            last["times"] += 1
            last["sections"] = list(dict.fromkeys([*last["sections"], *line["sections"]]))
        else:
            found.append({**line, "times": 1})
    return found


def _day(line: dict[str, Any]) -> date:
    return timezone.localdate(line["when"])


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(READ_CARD, even_erased=True)
def event(request: SignedInRequest, case: Case, event_uid: UUID) -> HttpResponse:
    """What one act changed: names of fields; with POST also what stood there, and that is recorded."""
    found = events_for(request.user, case).filter(uid=event_uid).first()
    if found is None:
        raise Hidden
    changes = versions.changes_of(found, case)
    shows_values = request.method == "POST"

    def build() -> dict[str, Any]:
        values: list[list[versions.Values]] = [[] for _change in changes]
        if shows_values:
            hides = addresses.is_hidden(case, clock.now())
            with open_history(request.user, case):
                values = [versions.values_of(change, case, hides_address=hides) for change in changes]
        cards = [
            {
                "change": change,
                "section": Section(change.section).label,
                "shown": shown,
                "removed": [
                    (label, words_of_removal(one)) for label, one in removals_in(change.now, case.holding).items()
                ],
                "versions_url": versions_url(case, change.now),
            }
            for change, shown in zip(changes, values, strict=True)
        ]
        return {
            "line": _line(found, case, names_of([found.actor_uid or found.on_behalf_of])),
            "basis": _basis(found),
            "cards": cards,
            "shows_values": shows_values,
        }

    return render_case(request, case, "history", "cases/history_event.html", build)


def versions_url(case: Case, row: Any) -> str:
    """The page with all versions of a version's record, where it has one."""
    if not has_versions(row):
        return ""
    kind = row.instance_type._meta.model_name
    return f"{reverse('case-record-versions', args=[case.uid, row.uid])}?kind={kind}"


def _basis(event: Event) -> str:
    """The right an act rested on, in words."""
    kind, purpose = event.basis_kind, event.purpose
    words = [str(GrantKind(kind).label)] if kind in GrantKind.values else []
    words += [str(Purpose(purpose).label)] if purpose in Purpose.values else []
    return in_a_row(words)
