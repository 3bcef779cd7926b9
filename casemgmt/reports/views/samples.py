"""Redacted samples of releases as auditors see them: while they are shown, with each opening in the ledger."""

import hashlib
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit import clock, pseudonyms
from audit.log import Ref, record
from audit.reader import Reader
from audit.verbs import Verb
from audit.views.shared import auditor, workspace
from casemgmt.access.errors import Hidden
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import freshly_confirmed
from cases.actions import samples
from cases.actions.samples import clear, copy_of, sheets_of
from cases.models import ReleaseSample
from cases.views.samples import sheet_in_words

MOST = 50


@auditor
@require_safe
def shown_samples(request: SignedInRequest) -> HttpResponse:
    """What is shown now, and how many were drawn, thrown away or taken back: who draws until it suits is seen here."""
    reader, now = Reader(request.user), clock.now()
    reader.leave_trace("SAMPLES")
    context = {
        **workspace(reader, "sample-evidence"),
        "samples": list(samples.shown_samples(now)[:MOST]),
        "drawn": samples.draws(),
    }
    return render(request, "reports/samples.html", context)


def _shown(sample_uid: UUID) -> ReleaseSample:
    found = samples.shown_samples(clock.now()).filter(uid=sample_uid).first()
    if found is None:
        raise Hidden
    return found


@auditor
@require_safe
def shown_sample(request: SignedInRequest, sample_uid: UUID) -> HttpResponse:
    """The sheets of one sample that staff let through. The auditor of the house reads the ledger's name of each case beside it.

    Records LEDGER_READ with the cases whose sheets were shown.
    """
    reader, sample = Reader(request.user), _shown(sample_uid)
    sheets = list(sheets_of(sample))
    lines = [_line(reader, one) for one in clear(sheets)]
    reader.leave_trace("SAMPLE", case_uids={one.release.case_uid for one in clear(sheets)}, result=str(sample.uid))
    context = {
        **workspace(reader, "sample-evidence"),
        "sample": sample,
        "lines": lines,
        "left_out": len(sheets) - len(lines),
    }
    return render(request, "reports/sample.html", context)


def _line(reader: Reader, sheet: Any) -> dict[str, Any]:
    code = "" if reader.is_external else pseudonyms.of_case(sheet.release.case_uid)
    return {**sheet_in_words(sheet), "code": code}


@auditor
@require_safe
@freshly_confirmed
def sample_file(request: SignedInRequest, sample_uid: UUID) -> HttpResponse:
    """The same sheets as a file: codes alone, the very bytes whose SHA-256 stands in the ledger since it was shown.

    It leaves the house, so a fresh proof comes first. Records EXPORT_MADE.
    """
    sample = _shown(sample_uid)
    content = copy_of(sheets_of(sample))
    record(
        Verb.EXPORT_MADE, actor=request.user, subject=Ref("releasesample", sample.uid),
        detail={
            "kind": "RELEASE_SAMPLE", "format": "CSV", "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        },
    )  # fmt: skip
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="releases-sample-{sample.drawn_at:%Y-%m-%d}.csv"'
    response["Cache-Control"] = "no-store"
    return response
