"""The same pages without vault, door and ledger: a plain Django site over plain rows, showing the very same HTML.

Each page reads as many plain rows as ours shows records, by indexes of its own, and renders the template of ours with the
context that ours had. So it does less than an honest rival would (nothing is put into words anew): what it takes is the
least that this HTML costs on this machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import Context, engines
from django.urls import include, path
from django.utils import timezone

from benchmarks.peers.models import PlainCase, PlainEntry

#: What a plain Django site needs between a socket and a page; compressed as ours is.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "casemgmt.middleware.CompressPagesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]


@dataclass(frozen=True)
class PlainPage:
    """What one page reads and shows. ``reads``: how many entries of each kind, of one case or (lists) of one person."""

    template: str
    context: dict[str, Any]
    case: int | None = None
    cases: int = 0
    reads: Mapping[str, int] = field(default_factory=dict)


#: By name in the address; filled before the server is forked.
PAGES: dict[str, PlainPage] = {}


@login_required
def page(request: HttpRequest, name: str) -> HttpResponse:
    """One page for whoever is signed in."""
    wanted, today = PAGES[name], timezone.localdate()
    person = request.user
    if wanted.case is not None:
        case = PlainCase.objects.select_related("lead").get(pk=wanted.case)
        for kind, count in wanted.reads.items():
            list(case.plainentry_set.filter(kind=kind).select_related("author").order_by("-at")[:count])
    else:
        mine = PlainCase.objects.filter(lead=person, status="OPEN")
        if wanted.cases:
            mine[:1001].count()
            found = list(mine.select_related("lead").order_by("-id")[: wanted.cases])
            list(PlainEntry.objects.filter(case__in=found, kind="TASK", due_on__gte=today).order_by("due_on"))
        for kind, count in wanted.reads.items():
            entries = PlainEntry.objects.filter(author=person, kind=kind).select_related("case")
            list(entries.order_by("due_on")[:count])
    return HttpResponse(render(wanted))


def render(wanted: PlainPage) -> str:
    """The HTML, by the template and context of ours."""
    template: Any = engines["django"].get_template(wanted.template)
    return str(template.template.render(Context(wanted.context)))


#: Those of ours besides, because the HTML names them.
urlpatterns = [path("plain/<slug:name>/", page), path("", include("casemgmt.urls"))]
