"""The whole timeline of a case: everything its reader may see, narrowed by kind, part, person and days."""

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases.forms.timeline import TimelineForm
from cases.guards import guarded
from cases.models import Case, TimelineEntry
from cases.tokens import open_place, seal_place
from cases.views.shell import render_case
from cases.views.timeline_lines import KINDS, entries_of, of_kind

PAGE = 50
#: Two pages of one case, each with places of its own.
PLACES = "whole-timeline"
_FILTERS = ("kind", "section", "who", "since", "until")


@guarded(READ_CARD)
@require_safe
def timeline(request: SignedInRequest, case: Case) -> HttpResponse:
    """One page of the timeline, newest first, with its filters in the address: codes and days, never a word of the case.

    The number of queries is the same for ten lines and for thousands; only the lines of the page are opened.
    """
    token = request.GET.get("place", "")
    start = open_place(request.user, f"{PLACES}/{case.uid}", token) if token else 0
    rows = access.records(TimelineEntry, case)
    form = TimelineForm(
        request.GET if any(request.GET.get(name) for name in _FILTERS) else None,
        kinds=[(code, words) for code, (words, _kinds) in KINDS.items()],
        sections=_sections(rows),
        people=_people(request, case, rows),
    )
    facts = form.cleaned_data if form.is_bound and form.is_valid() else {}
    rows = rows.filter(_wanted(facts))
    asked = {name: request.GET[name] for name in _FILTERS if facts.get(name)}

    def build() -> dict[str, Any]:
        entries, has_more = entries_of(request, case, rows, start, PAGE)
        return {
            "form": form,
            "entries": entries,
            "count": rows.count(),
            "first": start + 1,
            "last": start + len(entries),
            "older": _address(request, case, asked, start + PAGE) if has_more else "",
            "newer": _address(request, case, asked, max(0, start - PAGE)) if start else "",
            "is_narrowed": bool(asked),
            "all_url": reverse("case-timeline", args=[case.uid]),
        }

    return render_case(request, case, "overview", "cases/timeline.html", build, status=422 if form.errors else 200)


def _sections(rows: Any) -> list[tuple[str, Any]]:
    """The parts in which the reader finds lines, in the order of the enumeration."""
    found = set(rows.order_by().values_list("section", flat=True).distinct())
    return [(section.value, section.label) for section in Section if section in found]


def _people(request: SignedInRequest, case: Case, rows: Any) -> list[tuple[str, str]]:
    """Who wrote the lines; to an outsider nobody, because she is shown nobody but herself."""
    if request.user.organisation_id != case.organisation_id:
        return []
    found = rows.order_by().filter(author__isnull=False).values_list("author__uid", "author__name").distinct()
    return sorted(((str(uid), name) for uid, name in found), key=lambda one: one[1])


def _wanted(facts: dict[str, Any]) -> Q:
    """The lines that the filters leave; days are those of the reader's calendar."""
    wanted = of_kind(facts.get("kind", ""))
    if facts.get("section"):
        wanted &= Q(section=facts["section"])
    if facts.get("who"):
        wanted &= Q(author__uid=facts["who"])
    if facts.get("since"):
        wanted &= Q(at__gte=timezone.make_aware(datetime.combine(facts["since"], time.min)))
    if facts.get("until"):
        wanted &= Q(at__lt=timezone.make_aware(datetime.combine(facts["until"] + timedelta(days=1), time.min)))
    return wanted


def _address(request: SignedInRequest, case: Case, asked: dict[str, str], start: int) -> str:
    query = {**asked, **({"place": seal_place(request.user, f"{PLACES}/{case.uid}", start)} if start else {})}
    url = reverse("case-timeline", args=[case.uid])
    return f"{url}?{urlencode(query)}" if query else url
