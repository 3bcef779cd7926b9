"""Lists of events: all of them, who was turned away, and what was changed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..models import Event
from ..reader import Reader
from .shared import auditor, filtered_page


@auditor
@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """Everything but the privileged part, newest first."""
    page = filtered_page(request, Reader(request.user), Event.objects.all(), name="events", tab="audit-events")
    page |= {"heading": _("All events"), "lead": _("Everything that was done, newest first.")}
    return render(request, "audit/events.html", page)


@auditor
@require_safe
def denials(request: HttpRequest) -> HttpResponse:
    """Who asked for what is not theirs."""
    rows = Event.objects.denials()
    page = filtered_page(request, Reader(request.user), rows, name="denials", tab="audit-denials", without=("verb",))
    page |= {
        "heading": _("Turned away"),
        "lead": _("Who asked for a page or a section without a right to it. A wrong address looks the same."),
    }
    return render(request, "audit/events.html", page)


@auditor
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """Which sections were changed, by whom and by which right. What was written is never shown here."""
    rows = Event.objects.changes()
    page = filtered_page(request, Reader(request.user), rows, name="changes", tab="audit-changes")
    page |= {
        "heading": _("Changes"),
        "lead": _("Which sections of which case were changed. What was written is not shown here."),
    }
    return render(request, "audit/events.html", page)
