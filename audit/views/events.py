"""Lists of events: all of them, who was turned away, and what was changed; and the filters one keeps."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..reader import Reader
from ..verbs import DENIALS
from ..workspace.walking import Chosen
from .filters import kept_filters
from .shared import filtered_page, internal


@internal
@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """Everything but the privileged part, newest first."""
    page = filtered_page(request, Reader(request.user), Chosen(), name="events", tab="audit-events")
    page |= {"heading": _("All events"), "lead": _("Everything that was done, newest first.")}
    page |= kept_filters(request, page["filter_query"])
    return render(request, "audit/events.html", page)


@internal
@require_safe
def denials(request: HttpRequest) -> HttpResponse:
    """Who asked for what is not theirs."""
    within = Chosen(verbs=tuple(DENIALS))
    page = filtered_page(request, Reader(request.user), within, name="denials", tab="audit-denials", without=("verb",))
    page |= {
        "heading": _("Turned away"),
        "lead": _("Who asked for a page or a section without a right to it. A wrong address looks the same."),
    }
    return render(request, "audit/events.html", page)


@internal
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """Which sections were changed, by whom and by which right. What was written is never shown here."""
    within = Chosen(others=(Q(changed_rows__gt=0),))
    page = filtered_page(request, Reader(request.user), within, name="changes", tab="audit-changes")
    page |= {
        "heading": _("Changes"),
        "lead": _("Which sections of which case were changed. What was written is not shown here."),
    }
    return render(request, "audit/events.html", page)
