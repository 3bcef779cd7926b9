"""The auditor's home: the last thirty days at a glance, and whether the ledger is whole."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from .. import clock
from ..anchoring import seen
from ..models import Event
from ..reader import Reader
from ..verbs import DENIALS, READINGS, Outcome, Verb
from ..verify import verify_and_record
from .shared import auditor, tabs

DAYS = 30


@auditor
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Figures, integrity, and the way to everything else. Six queries and the reader's own trace."""
    reader = Reader(request.user)
    reader.leave_trace("HOME")
    seen.look(request.user)
    page = {"tabs": tabs("auditor-home"), "days": DAYS, "figures": _figures(reader), "integrity": _integrity()}
    return render(request, "audit/home.html", {**page, "reader": reader})


@auditor
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Verify the whole ledger now, and record that and how it went."""
    report = verify_and_record(request.user)
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
    """The last days as numbers, each with the list behind it."""
    recent = Event.objects.between(clock.now() - timedelta(days=DAYS), None)
    seen = Q(verb__in=sorted(READINGS))
    found = recent.aggregate(
        readings=Count("id", filter=seen & Q(is_privileged=False)),
        privileged=Count("id", filter=Q(is_privileged=True)),
        denials=Count("id", filter=Q(verb__in=sorted(DENIALS))),
        changes=Count("id", filter=Q(changed_rows__gt=0, is_privileged=False)),
        copies=Count("id", filter=Q(verb__in=[Verb.EXPORT_MADE, Verb.PRINT_MADE])),
        cases=Count("case_uid", filter=seen, distinct=True),
    )
    every = reverse("audit-events")
    return [
        {"number": reader.count_of_cases(found["cases"]), "label": _("cases looked at"), "url": reverse("audit-cases")},
        {"number": found["readings"], "label": _("readings"), "url": reverse("audit-people")},
        {"number": found["changes"], "label": _("changes"), "url": reverse("audit-changes")},
        {"number": found["denials"], "label": _("times turned away"), "url": reverse("audit-denials")},
        {"number": found["copies"], "label": _("exports and prints"), "url": f"{every}?verb={Verb.EXPORT_MADE.value}"},
        {"number": reader.count_of_cases(found["privileged"]), "label": _("acts in privileged files"), "url": ""},
    ]


def _integrity() -> dict[str, Any]:
    """The last verification, and how much was written since."""
    last = Event.objects.of_verbs([Verb.LEDGER_VERIFIED]).select_related("detail").newest().first()
    if last is None:
        return {"last": None, "events": Event.objects.count()}
    return {
        "last": last,
        "is_whole": last.outcome == Outcome.OK,
        "events": last.detail.shown().get("codes", {}).get("events", 0),
        "since": Event.objects.filter(pk__gt=last.pk).count(),
    }
