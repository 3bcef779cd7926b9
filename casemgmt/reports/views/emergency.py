"""Emergency accesses for the auditor: every opening with its review, by pseudonyms; from outside the numbers alone."""

from collections import Counter
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit import pseudonyms
from audit.reader import Reader
from audit.views.shared import tabs
from casemgmt.access.rules import for_roles
from casemgmt.accounts.choices import AUDITOR_ROLES
from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases.choices.sharing import EmergencyFinding
from cases.models import EmergencyAccess

MOST = 200


@for_roles(*sorted(AUDITOR_ROLES))
@require_safe
def emergency_openings(request: SignedInRequest) -> HttpResponse:
    """All emergency accesses of the house, the newest first. Plain columns alone: no reason, no case number, no name of hers."""
    reader = Reader(request.user)
    rows = access.for_the_house(EmergencyAccess).select_related("case", "grant", "opened_by", "reviewed_by")
    every = list(rows.order_by("-opened_at", "-pk"))
    shown = [] if reader.is_external else every[:MOST]
    reader.learn_names({one.opened_by.uid for one in shown} | {one.reviewed_by.uid for one in shown if one.reviewed_by})
    reader.leave_trace("EMERGENCY", case_uids=[one.case.uid for one in shown])
    context = {
        "tabs": tabs("emergency-evidence"),
        "figures": _figures(reader, every),
        "lines": [_line(reader, one) for one in shown],
        "is_external": reader.is_external,
        "limit": reader.smallest_shown,
    }
    return render(request, "reports/emergency.html", context)


def _figures(reader: Reader, every: list[EmergencyAccess]) -> list[tuple[str, str]]:
    """How many there were, how many were reviewed and how; small numbers hidden."""
    findings = Counter(one.finding for one in every if one.finding)
    late = sum(one.escalated_at is not None for one in every)
    counted = [
        (_("Emergency accesses"), len(every)),
        (_("Not reviewed yet"), sum(one.reviewed_at is None for one in every)),
        (_("Passed on, because nobody reviewed in time"), late),
        *((str(finding.label), findings[finding.value]) for finding in EmergencyFinding),
    ]
    return [(words, reader.count_of_cases(number)) for words, number in counted]


def _line(reader: Reader, opened: EmergencyAccess) -> dict[str, Any]:
    return {
        "at": opened.opened_at,
        "who": reader.name_of(opened.opened_by.uid),
        "case": pseudonyms.of_case(opened.case.uid),
        "found_by": opened.found_by,
        "until": opened.grant.expires_at,
        "review_on": opened.review_on,
        "finding": EmergencyFinding(opened.finding).label if opened.finding else "",
        "reviewed_by": reader.name_of(opened.reviewed_by.uid) if opened.reviewed_by else "",
        "reviewed_at": opened.reviewed_at,
        "is_late": opened.reviewed_at is None and opened.escalated_at is not None,
    }
