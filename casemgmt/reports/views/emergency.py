"""Emergency accesses for the auditor: every opening with its review, by pseudonyms; from outside the numbers alone."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit import pseudonyms
from audit.reader import Reader
from audit.views.shared import workspace
from casemgmt.access.rules import for_roles
from casemgmt.accounts.choices import AUDITOR_ROLES
from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases.choices.sharing import EmergencyFinding
from cases.models import EmergencyAccess

#: Openings of one page, the newest.
MOST = 200


@for_roles(*sorted(AUDITOR_ROLES))
@require_safe
def emergency_openings(request: SignedInRequest) -> HttpResponse:
    """All emergency accesses of the house, the newest first. Plain columns alone: no reason, no case number, no name of hers."""
    reader = Reader(request.user)
    every = access.for_the_house(EmergencyAccess)
    rows = every.select_related("case", "grant", "opened_by", "reviewed_by").order_by("-opened_at", "-pk")
    found = [] if reader.is_external else list(rows[: MOST + 1])
    shown = found[:MOST]
    reader.learn_names({one.opened_by.uid for one in shown} | {one.reviewed_by.uid for one in shown if one.reviewed_by})
    reader.leave_trace("EMERGENCY", case_uids=[one.case.uid for one in shown])
    context = {
        **workspace(reader, "emergency-evidence"),
        "figures": _figures(reader, every),
        "lines": [_line(reader, one) for one in shown],
        "is_more": len(found) > MOST,
        "is_external": reader.is_external,
        "limit": reader.smallest_shown,
    }
    return render(request, "reports/emergency.html", context)


def _figures(reader: Reader, every: QuerySet[EmergencyAccess]) -> list[tuple[str, str]]:
    """How many there were, how many were reviewed and how; small numbers hidden. One query."""
    found = every.aggregate(
        every=Count("pk"),
        waiting=Count("pk", filter=Q(reviewed_at__isnull=True)),
        late=Count("pk", filter=Q(escalated_at__isnull=False)),
        **{finding.value: Count("pk", filter=Q(finding=finding.value)) for finding in EmergencyFinding},
    )
    counted = [
        (_("Emergency accesses"), found["every"]),
        (_("Not reviewed yet"), found["waiting"]),
        (_("Passed on, because nobody reviewed in time"), found["late"]),
        *((str(finding.label), found[finding.value]) for finding in EmergencyFinding),
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
