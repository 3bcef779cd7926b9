"""The auditor's home: the last thirty days at a glance, and whether the ledger is whole."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from ..anchoring import seen
from ..reader import Reader
from ..verbs import Verb
from ..verify import verify_and_record
from ..workspace import digest
from ..workspace.queue import open_hints
from .shared import auditor, workspace

DAYS = 30
#: Different cases are counted up to so many.
MOST_CASES = 10_000
MOST_HINTS = 1000


@auditor
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Figures, integrity, and the way to everything else. The same number of queries, however long the ledger is."""
    reader = Reader(request.user)
    reader.leave_trace("HOME")
    seen.look(request.user)
    page = {**workspace(reader, "auditor-home"), "days": DAYS, "figures": _figures(reader)}
    return render(request, "audit/home.html", page)


@auditor
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Verify what came since the last head that was found whole (all of it, the first time), and record how it went."""
    report = verify_and_record(request.user, incremental=True)
    if report.is_whole:
        messages.success(
            request,
            ngettext(
                "The ledger is whole: %(count)s event was checked.",
                "The ledger is whole: %(count)s events were checked.",
                report.events,
            )
            % {"count": report.events},
        )
    else:
        messages.error(request, _("The ledger is not whole. Tell the privacy officer at once."))
    return redirect("auditor-home")


def _figures(reader: Reader) -> list[dict[str, Any]]:
    """The last days as numbers, each with the list behind it for whoever may read it."""
    since = timezone.localdate() - timedelta(days=DAYS)
    tallies = digest.tallies(since).values()
    found = {
        name: sum(getattr(tally, name) for tally in tallies)
        for name in ("readings", "changes", "denials", "copies", "privileged")
    }
    cases = digest.cases_read(since, MOST_CASES)
    every = reverse("audit-events")
    listed = [
        (reader.capped_count_of_cases(cases, MOST_CASES), _("cases looked at"), reverse("audit-cases")),
        (found["readings"], _("readings"), reverse("audit-people")),
        (found["changes"], _("changes"), reverse("audit-changes")),
        (found["denials"], _("times turned away"), reverse("audit-denials")),
        (found["copies"], _("exports and prints"), f"{every}?verb={Verb.EXPORT_MADE.value}"),
        (reader.count_of_cases(found["privileged"]), _("acts in privileged files"), ""),
    ]
    waiting = open_hints()[: MOST_HINTS + 1].count()
    listed.append(
        (f"{MOST_HINTS}+" if waiting > MOST_HINTS else waiting, _("hints to look at"), reverse("audit-queue"))
    )
    if reader.is_external:
        return [
            {"number": _hidden_if_small(reader, number), "label": label, "url": ""} for number, label, _url in listed
        ]
    return [{"number": number, "label": label, "url": url} for number, label, url in listed]


def _hidden_if_small(reader: Reader, number: int | str) -> str:
    """From outside no small number is read, whatever it counts."""
    return reader.count_of_cases(number) if isinstance(number, int) else number
