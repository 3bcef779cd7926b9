"""Releases of which something fails, by the auditor's names: which attribute, until when they stand, when that was found."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import clock, pseudonyms
from audit.paging import page_of
from audit.reader import INTERNAL, Reader
from audit.views.shared import workspace
from casemgmt.access.rules import for_roles
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.reports.release_control import attribute_lines, figures, hold_and_fail
from cases.choices.release_checks import Attribute
from cases.models import ReleaseCheck
from cases.release_checks import failing

PER_PAGE = 50


@for_roles(INTERNAL)
@require_safe
def release_evidence(request: SignedInRequest) -> HttpResponse:
    """How many releases hold and fail in each attribute, and those that fail, the newest first. Opens nothing.

    The same number of queries for any page.
    """
    reader, now = Reader(request.user), clock.now()
    asked = request.GET.get("attribute", "")
    attribute = asked if asked in Attribute.values else ""
    rows = failing(now, attribute).select_related("release__case", "release__recipient")
    found = page_of(request, rows, name=f"releases/{attribute}", key="release_id", size=PER_PAGE)
    reader.leave_trace(
        "RELEASES", filters=["attribute"] if attribute else [], case_uids={one.release.case_uid for one in found.rows}
    )
    context = {
        **workspace(reader, "controls"),
        "parts": [
            {"code": one.value, "label": one.label, "words": hold_and_fail(reader, holds, fails), "fails": bool(fails)}
            for one, holds, fails in attribute_lines(figures(now))
        ],
        "lines": [_line(one) for one in found.rows],
        "newer": found.newer,
        "older": found.older,
        "attribute": Attribute(attribute).label if attribute else "",
    }
    return render(request, "reports/releases.html", context)


def _line(one: ReleaseCheck) -> dict[str, Any]:
    release = one.release
    return {
        "case": pseudonyms.of_case(release.case_uid),
        "begins": release.starts_at,
        "until": release.expires_at,
        "kind": release.recipient.get_kind_display(),
        "fails": [Attribute(code).label for code in one.codes],
        "is_erased": one.is_erased,
        "checked_at": one.checked_at,
    }
