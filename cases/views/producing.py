"""The numbered production of a legal process: counsel chooses papers, a second person decides, counsel takes them out."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import ask_for_proof, confirmed_lately, proven_from_the_start
from cases import access, desk, handing_production
from cases.actions.producing import MOST_AT_ONCE, decide_production, may_decide, prepare_production
from cases.browsing import brake
from cases.choices.releases import InfoCategory, ProductionStatus
from cases.desk import DUTY_ROLES, Standing, open_desk
from cases.document_versions import listed
from cases.errors import CaseError
from cases.errors.producing import Problem, ProductionIsBroken
from cases.forms.producing import ProductionDecisionForm, ProductionForm
from cases.handing_production import Pinned, number_of, take_out
from cases.models import Case, Document, LegalProcess, Production
from cases.opening import open_case
from cases.views.desk_forms import done
from cases.views.disclosures import process_line
from cases.views.document_files import closed


def _offered(request: SignedInRequest, case: Case) -> list[tuple[str, str]]:
    """The newest version of each paper that stands, of the parts that counsel reads: its name, kind and day."""
    with open_case(request.user, case):
        rows = access.records(Document, case).exclude(section=Section.LEGAL_FILE).filter(listed(case))
        rows = rows.filter(withdrawn_at__isnull=True, quarantined_at__isnull=True).order_by("-uploaded_at", "-pk")
        return [(row.uid.hex, _in_words(row)) for row in rows[:MOST_AT_ONCE]]


def _in_words(document: Document) -> str:
    kind = handing_production.kind_of(document.about["category"])
    return f"{document.name} · {kind} · {date_format(document.uploaded_at, 'DATE_FORMAT')}"


@for_roles(*DUTY_ROLES)
@require_http_methods(["GET", "POST"])
@proven_from_the_start
def prepare(request: SignedInRequest, process_uid: UUID) -> HttpResponse:
    """Choose the papers that the order asks for. The case is open on this page: only for counsel who holds it."""
    now = clock.now()
    row: LegalProcess | None = desk.duties_for(request.user, LegalProcess, at=now).filter(uid=process_uid).first()
    if row is None or not Standing(request.user, row.case, at=now).is_counsel:
        raise Hidden
    case = access.get_for(request.user, row.case.uid)
    proof_first = brake(request, case.uid)
    if proof_first is not None:
        return proof_first
    form = ProductionForm(request.POST if request.method == "POST" else None, documents=_offered(request, case))
    made = done(request, form, lambda: prepare_production(
        actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, process_uid=row.uid,
        documents=[UUID(uid) for uid in form.cleaned_data["documents"]], categories=form.cleaned_data["categories"],
        is_minimised=form.cleaned_data["is_minimised"],
    ), words=_("The papers have their numbers. A second person decides before any of them leaves."))  # fmt: skip
    if made is not None:
        return HttpResponseRedirect(reverse("process", args=[row.uid]))
    with open_desk(request.user, [row]):
        context = {"form": form, "line": process_line(row), "title": _("Papers that the order asks for")}
        return render(request, "cases/duties/process_step.html", context, status=422 if form.errors else 200)


def _within_reach(request: SignedInRequest, production_uid: UUID) -> tuple[Production, Standing]:
    """The production, for whoever may decide on those of its case. Raises Hidden."""
    now = clock.now()
    rows = desk.duties_for(request.user, Production, at=now, by="prepared_by").select_related("process", "decided_by")
    row: Production | None = rows.filter(uid=production_uid).first()
    standing = Standing(request.user, row.case, at=now) if row is not None else None
    if row is None or standing is None or not may_decide(standing):
        raise Hidden
    return row, standing


@for_roles(*DUTY_ROLES, Role.SUPERVISOR)
@require_http_methods(["GET", "POST"])
@proven_from_the_start
def production(request: SignedInRequest, production_uid: UUID) -> HttpResponse:
    """One production: its numbers, and the decision of the second person. Nothing of the case is open here."""
    row, standing = _within_reach(request, production_uid)
    form = None
    if row.status == ProductionStatus.WAITING and row.prepared_by_id != request.user.pk:
        form = ProductionDecisionForm(request.POST if request.method == "POST" else None)
        made = done(request, form, lambda: decide_production(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=row.case.uid, production_uid=row.uid,
            approve=form.cleaned_data["decision"] == form.APPROVE, why=form.cleaned_data["reason"],
        ), words=_("Your decision is recorded."))  # fmt: skip
        if made is not None:
            return HttpResponseRedirect(reverse("production", args=[row.uid]))
    return _page(request, row, standing, form, status=422 if form is not None and form.errors else 200)


def _page(
    request: SignedInRequest, row: Production, standing: Standing, form: Any = None, problems: list[Problem] | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    wrong = {one.number: one.sentence for one in problems or []}
    with open_desk(request.user, [row]):
        lines = [
            {
                "number": number_of(row.case, one["number"]), "kind": handing_production.kind_of(one["kind"]),
                "day": date.fromisoformat(one["day"]), "version": one["version"], "bytes": one["bytes"],
                "problem": wrong.get(number_of(row.case, one["number"]), ""),
            }
            for one in row.items
        ]  # fmt: skip
        context = {
            "production": row, "lines": lines, "categories": [InfoCategory(code).label for code in row.categories],
            "why": row.decided_why, "form": form, "may_take": standing.is_counsel and handing_production.is_open(row),
            "at_the_desk": standing.may_record_duty, "problems": problems,
        }  # fmt: skip
        return render(request, "cases/duties/production.html", context, status=status)


@for_roles(*DUTY_ROLES)
@require_GET
def take(request: SignedInRequest, production_uid: UUID) -> HttpResponseBase:
    """An approved production as one file, made now of the pinned versions. Recorded before the first byte."""
    row, standing = _within_reach(request, production_uid)
    if not standing.is_counsel:
        raise Hidden
    back = reverse("production", args=[row.uid])
    if not confirmed_lately(request):
        return ask_for_proof(request, back)
    case = access.get_for(request.user, row.case.uid)
    proof_first = brake(request, case.uid)
    if proof_first is not None:
        return proof_first
    with open_desk(request.user, [row]):
        pinned = Pinned(list(row.items), list(row.process.facts.get("withheld", [])))
    try:
        file = take_out(request.user, case, row, pinned, now=clock.now())
    except ProductionIsBroken as error:
        return _page(request, row, standing, problems=error.problems, status=409)
    except CaseError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(back)
    response = StreamingHttpResponse(file.pieces, content_type=file.content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=file.name)
    return closed(response)
