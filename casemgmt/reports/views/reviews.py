"""Pages and files with the evidence of the reviews of access."""

import hashlib
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.accounts.choices import Role
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import freshly_confirmed
from casemgmt.reports.review_evidence import (
    SHOWN,
    EvidenceReader,
    csv_of,
    csv_of_figures,
    figures_of,
    lines_of,
    reviews_in_evidence,
    row_of,
)
from cases.models import AccessReview

EVIDENCE_ROLES = (Role.INTERNAL_AUDITOR, Role.EXTERNAL_AUDITOR, Role.PRIVACY_OFFICER, Role.DIRECTOR)
#: What the event of a reading calls these pages.
PAGE = "ACCESS_REVIEWS"
MOST = 40


@for_roles(*EVIDENCE_ROLES)
@require_safe
def evidence(request: SignedInRequest) -> HttpResponse:
    """Every review with what became of its lines, as numbers."""
    reader = EvidenceReader(request.user)
    found = list(reviews_in_evidence(reader)[:MOST])
    figures = figures_of(reader, found)
    _leave_trace(reader)
    lines = [{"review": one, "figures": figures.get(one.pk, [])} for one in found]
    return render(request, "reports/reviews.html", {"reviews": lines, "limit": reader.limit})


def _review(reader: EvidenceReader, review_uid: UUID) -> AccessReview:
    found = reviews_in_evidence(reader).filter(uid=review_uid).first()
    if found is None:
        raise Hidden
    return found


@for_roles(*EVIDENCE_ROLES)
@require_safe
def evidence_of_review(request: SignedInRequest, review_uid: UUID) -> HttpResponse:
    """One review, line by line; an auditor from outside reads the numbers alone."""
    reader = EvidenceReader(request.user)
    found = _review(reader, review_uid)
    rows = [] if reader.is_external else [row_of(reader, line) for line in lines_of(reader, found)[: SHOWN + 1]]
    _leave_trace(reader)
    context = {
        "review": found,
        "figures": figures_of(reader, [found]).get(found.pk, []),
        "rows": rows[:SHOWN],
        "is_more": len(rows) > SHOWN,
        "shown": SHOWN,
        "is_external": reader.is_external,
        "limit": reader.limit,
    }
    return render(request, "reports/review.html", context)


@for_roles(*EVIDENCE_ROLES)
@require_safe
@freshly_confirmed
def evidence_file(request: SignedInRequest, review_uid: UUID) -> HttpResponse:
    """The same as a file, after a fresh proof: it leaves the house. The ledger keeps its checksum."""
    reader = EvidenceReader(request.user)
    found = _review(reader, review_uid)
    if reader.is_external:
        content = csv_of_figures(figures_of(reader, [found]).get(found.pk, []))
    else:
        content = csv_of(row_of(reader, line) for line in lines_of(reader, found).iterator(chunk_size=500))
    record(
        Verb.EXPORT_MADE, actor=request.user, subject=found,
        detail={
            "kind": PAGE, "format": "CSV", "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(),
        },
    )  # fmt: skip
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="access-review-{found.quarter}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _leave_trace(reader: EvidenceReader) -> None:
    reader.reader.leave_trace(PAGE)
