"""What the auditor's pages share: the rules, the tabs with the badge, and a filtered page of events."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from casemgmt.access.rules import for_roles

from .. import clock
from ..forms import EventFilter
from ..paging import Page, page_of_events
from ..presenting import lines_of
from ..reader import EXTERNAL, INTERNAL, Reader
from ..workspace.badge import badge
from ..workspace.walking import Chosen

#: Counts and controls are for both; what was done by whom in which case is for the auditor of the house alone.
auditor = for_roles(INTERNAL, EXTERNAL)
internal = for_roles(INTERNAL)


def tabs(current: str, reader: Reader | None = None) -> list[dict[str, Any]]:
    """The pages of the workspace that this reader has (an auditor of the house, if none is given), ``current`` marked."""
    listed = (
        ("auditor-home", _("Overview"), True),
        ("audit-queue", _("To look at"), False),
        ("audit-cases", _("Who looked at a case"), False),
        ("audit-people", _("What a person saw"), False),
        ("audit-files", _("Check a file"), True),
        ("audit-denials", _("Turned away"), False),
        ("audit-changes", _("Changes"), False),
        ("audit-events", _("All events"), False),
        ("audit-heads", _("Heads"), True),
        ("controls", _("Controls"), True),
        ("sample-evidence", _("Samples"), True),
        ("access-evidence", _("Access reviews"), True),
        ("emergency-evidence", _("Emergency access"), True),
    )
    is_external = reader is not None and reader.is_external
    return [
        {"label": label, "url": reverse(name), "current": name == current}
        for name, label, for_external in listed
        if for_external or not is_external
    ]


def workspace(reader: Reader, current: str) -> dict[str, Any]:
    """What every page of the workspace shows: ``tabs``, ``badge`` and ``reader``. Seven queries."""
    return {"tabs": tabs(current, reader), "badge": badge(), "reader": reader, "now": clock.now()}


def filtered_page(
    request: HttpRequest,
    reader: Reader,
    within: Chosen,
    *,
    name: str,
    tab: str,
    without: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The context of a list of events: filter form, lines, newer and older. Leaves the reader's own trace.

    ``within`` is what the page shows anyway. Takes what ``audit/_events.html`` needs.
    """
    form = EventFilter(_filters_in(request), reader=reader, without=without)
    chosen = form.chosen(within)
    found = Page([], "", "") if chosen is None else page_of_events(request, chosen, name=name)
    reader.leave_trace(
        name.partition("/")[0].upper(), filters=form.used(), case_uid=within.case_uid, person_uid=within.person_uid
    )
    return {
        **workspace(reader, tab),
        "filter_form": form,
        "is_filtered": form.is_bound,
        "filter_query": "&".join(f"{key}={value}" for key, value in (_filters_in(request) or {}).items()),
        "lines": lines_of(reader, found.rows),
        "newer": found.newer,
        "older": found.older,
        "looked_to": found.looked_to,
    }


def _filters_in(request: HttpRequest) -> Any:
    """What the address says of the filters; None where it says nothing."""
    asked = {key: value for key, value in request.GET.items() if key in EventFilter.base_fields and value}
    return asked or None
