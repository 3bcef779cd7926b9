"""Controls at a glance, and every disclosure with its basis."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import clock, pseudonyms
from audit.paging import page_of
from audit.reader import Reader
from audit.views.shared import workspace
from casemgmt.access.rules import for_roles
from casemgmt.accounts.choices import AUDITOR_ROLES
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.reports.controls import Control, controls
from cases import access
from cases.models import Disclosure, Release


@for_roles(*sorted(AUDITOR_ROLES))
@require_safe
def controls_page(request: SignedInRequest) -> HttpResponse:
    """Each control: what it is, its last proof, its state. An auditor from outside reads no small number."""
    reader = Reader(request.user)
    found = controls(clock.now())
    reader.leave_trace("CONTROLS")
    context = {
        **workspace(reader, "controls"),
        "controls": [_line(reader, control) for control in found],
        "broken": sum(control.tone == "bad" for control in found),
        "late": sum(control.tone == "warn" for control in found),
    }
    return render(request, "reports/controls.html", context)


#: Lists that have no line for somebody from outside, so no link leads there.
_NOT_FROM_OUTSIDE = frozenset({"disclosure-evidence", "release-evidence"})


def _line(reader: Reader, control: Control) -> dict[str, Any]:
    has_link = control.url_name and not (reader.is_external and control.url_name in _NOT_FROM_OUTSIDE)
    return {"control": control, "facts": control.shown(reader), "url_name": control.url_name if has_link else ""}


@for_roles("INTERNAL_AUDITOR")
@require_safe
def disclosures(request: SignedInRequest) -> HttpResponse:
    """Every disclosure, the newest first: when, which case by pseudonym, on which basis, and whether that stood then.

    Plain columns alone. To whom is told by kind of organisation, for a name can tell what happened to her.
    """
    reader = Reader(request.user)
    rows = access.for_the_house(Disclosure).select_related("case", "release", "recipient", "disclosed_by", "report")
    found = page_of(request, rows, name="disclosures")
    reader.learn_names({one.disclosed_by.uid for one in found.rows})
    reader.leave_trace("DISCLOSURES", case_uids={one.case.uid for one in found.rows})
    context = {
        **workspace(reader, "controls"),
        "lines": [_disclosure(reader, one) for one in found.rows],
        "newer": found.newer,
        "older": found.older,
    }
    return render(request, "reports/disclosures.html", context)


def _disclosure(reader: Reader, one: Disclosure) -> dict[str, Any]:
    release: Release | None = one.release
    return {
        "at": one.disclosed_at,
        "case": pseudonyms.of_case(one.case.uid),
        "basis": one.get_basis_display(),
        "until": release.expires_at if release else None,
        "stands": release.in_force(one.disclosed_at)
        if release
        else one.report is not None or one.process_id is not None,
        "kind": one.recipient.get_kind_display() if one.recipient else "",
        "who": reader.name_of(one.disclosed_by.uid),
        "told_at": one.notified_at,
        "needs_telling": one.basis != "RELEASE",
    }
