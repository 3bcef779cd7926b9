"""What the auditor's pages share: the rule, the tabs, and a filtered page of events."""

import uuid
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from casemgmt.access.rules import for_roles

from ..forms import EventFilter
from ..paging import page_of
from ..presenting import lines_of
from ..querysets import EventQuerySet
from ..reader import EXTERNAL, INTERNAL, Reader

auditor = for_roles(INTERNAL, EXTERNAL)


def tabs(current: str) -> list[dict[str, Any]]:
    """The pages of the workspace, with ``current`` (the name of an address) marked."""
    listed = (
        ("auditor-home", _("Overview")),
        ("audit-cases", _("Who looked at a case")),
        ("audit-people", _("What a person saw")),
        ("audit-files", _("Check a file")),
        ("audit-denials", _("Turned away")),
        ("audit-changes", _("Changes")),
        ("audit-events", _("All events")),
        ("audit-heads", _("Heads")),
        ("access-evidence", _("Access reviews")),
        ("emergency-evidence", _("Emergency access")),
    )
    return [{"label": label, "url": reverse(name), "current": name == current} for name, label in listed]


def filtered_page(
    request: HttpRequest,
    reader: Reader,
    events: EventQuerySet,
    *,
    name: str,
    tab: str,
    without: tuple[str, ...] = (),
    case_uid: uuid.UUID | None = None,
    person_uid: uuid.UUID | None = None,
) -> dict[str, Any]:
    """The context of a list of events: filter form, lines, newer and older. Leaves the reader's own trace.

    Takes what ``audit/_events.html`` needs. Five queries and the trace, however many lines.
    """
    form = EventFilter(_filters_in(request), reader=reader, without=without)
    found = page_of(request, form.apply(events.open_to_auditors()).select_related("detail"), name=name)
    reader.leave_trace(name.partition("/")[0].upper(), filters=form.used(), case_uid=case_uid, person_uid=person_uid)
    return {
        "tabs": tabs(tab),
        "filter_form": form,
        "is_filtered": form.is_bound,
        "lines": lines_of(reader, found.rows),
        "newer": found.newer,
        "older": found.older,
    }


def _filters_in(request: HttpRequest) -> Any:
    """What the address says of the filters; None where it says nothing."""
    asked = {key: value for key, value in request.GET.items() if key in EventFilter.base_fields and value}
    return asked or None
