"""The first tab of a case: a quick note, what is due, the timeline."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from casemgmt.access.sections import READ_CARD, Section, read
from cases import access
from cases.actions.cases import show_name
from cases.guards import guarded
from cases.models import Case, TimelineEntry
from cases.views.shell import render_case


@guarded(READ_CARD)
@require_safe
def overview(request: HttpRequest, case: Case) -> HttpResponse:
    """What happened lately and what comes next."""
    return _overview(request, case)


@guarded(read(Section.IDENTITY))
@require_POST
def name(request: HttpRequest, case: Case) -> HttpResponse:
    """The same page with the name, this once. The name is recorded before it is read."""
    show_name(actor=request.user, now=clock.now(), case_uid=case.uid)
    return _overview(request, case, show_name=True)


def _overview(request: HttpRequest, case: Case, *, show_name: bool = False) -> HttpResponse:
    def build() -> dict[str, Any]:
        rows = access.records(TimelineEntry, case).select_related("author").order_by("-at", "-pk")[:50]
        return {"entries": [{"when": row.at, "title": row.line, "who": row.author.name if row.author else ""} for row in rows]}

    return render_case(request, case, "overview", "cases/overview.html", build, show_name=show_name)
