"""The desk of duties: mandated reports and legal process, for counsel and the privacy officer. It opens no case."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import Section
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import proven_from_the_start
from cases import authorities, desk
from cases.actions.disclosures import disclose_by_law, record_process, record_report
from cases.desk import DUTY_ROLES, Standing, open_desk
from cases.forms.duties import GivenForm, ProcessForm, ReportForm
from cases.models import LegalProcess, MandatedReport, SubjectRequest
from cases.views.desk_forms import done, form_about_case, typed_about_case
from cases.views.disclosures import process_line, report_line
from cases.views.subject_requests import request_line

#: More duties than one page shows; the newest first.
MOST = 100


@for_roles(*DUTY_ROLES)
@require_safe
def all_duties(request: SignedInRequest) -> HttpResponse:
    """The reports, processes and requests within one's reach, newest first."""
    now = clock.now()
    reports = _mine(request, MandatedReport, now)
    processes = _mine(request, LegalProcess, now)
    requests = _mine(request, SubjectRequest, now)
    with open_desk(request.user, [*reports, *processes, *requests]):
        context = {
            "reports": [report_line(one) for one in reports if not one.case.has_erased(Section.DUTIES)],
            "processes": [process_line(one) for one in processes if not one.case.has_erased(Section.DUTIES)],
            "requests": [request_line(one) for one in requests if not one.case.has_erased(Section.DUTIES)],
        }
        return render(request, "cases/duties/duties.html", context)


def _mine(request: SignedInRequest, model: Any, now: datetime) -> list[Any]:
    """Rows of cases for which this person may record such things."""
    rows = list(desk.duties_for(request.user, model, at=now)[:MOST])
    each = Standing.of_each(request.user, [row.case for row in rows], at=now)
    return [row for row in rows if each[row.case.pk].may_record_duty]


@for_roles(*DUTY_ROLES)
@require_http_methods(["GET", "POST"])
def report_new(request: SignedInRequest) -> HttpResponse:
    """Record that the law demands a report about somebody, found by the number of the case.

    A row of the organisation's table fills the form; that looks for no case, records nothing and keeps what was typed.
    """
    offered = authorities.offered(request.user)
    named = request.POST.get("use") or request.POST.get("chosen")
    chosen = next((line for line in offered if str(line.row.uid) == named), None)
    table = {"offered": offered, "chosen": chosen}
    if "use" in request.POST:
        if chosen is None:
            messages.error(
                request, _("This row is not in your table any more. Choose another one, or fill in by hand.")
            )
        typed = ReportForm.typed_with_row(request.POST, chosen.row if chosen else None)
        return _form_page(
            request, typed_about_case(request, ReportForm, typed), "cases/duties/report_form.html", **table
        )
    form, case = form_about_case(request, ReportForm)
    if case is not None and isinstance(form, ReportForm):
        made = done(
            request, form,
            lambda: record_report(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, report=form.report
            ),
            words=_("The report is on the list. Note what was given once it was made."),
        )  # fmt: skip
        if made is not None:
            return HttpResponseRedirect(reverse("report-given", args=[made.uid]))
    return _form_page(request, form, "cases/duties/report_form.html", **table)


@for_roles(*DUTY_ROLES)
@require_http_methods(["GET", "POST"])
def process_new(request: SignedInRequest) -> HttpResponse:
    """Record what a court, an attorney or an authority sent."""
    form, case = form_about_case(request, ProcessForm)
    if case is not None:
        facts = {
            name: form.cleaned_data[name] for name in ProcessForm.base_fields if name not in ("number", "form_key")
        }
        made = done(
            request, form,
            lambda: record_process(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, **facts
            ),
            words=_("The process is recorded. Nothing is given on it unless a judge ordered it."),
        )  # fmt: skip
        if made is not None:
            return HttpResponseRedirect(reverse("duties"))
    return _form_page(request, form, "cases/duties/process_form.html")


def _form_page(request: SignedInRequest, form: Any, template: str, **more: Any) -> HttpResponse:
    return render(request, template, {"form": form, **more}, status=422 if form.errors else 200)


@for_roles(*DUTY_ROLES)
@require_http_methods(["GET", "POST"])
@proven_from_the_start
def given_by_report(request: SignedInRequest, report_uid: UUID) -> HttpResponse:
    """Note what was given to the agency: the least, and somebody tells her safely."""
    return _given(request, MandatedReport, report_uid, "report_uid")


@for_roles(*DUTY_ROLES)
@require_http_methods(["GET", "POST"])
@proven_from_the_start
def given_by_process(request: SignedInRequest, process_uid: UUID) -> HttpResponse:
    """Note what was given on a judge's order; a subpoena is refused here."""
    return _given(request, LegalProcess, process_uid, "process_uid")


def _given(request: SignedInRequest, model: Any, uid: UUID, name: str) -> HttpResponse:
    now = clock.now()
    row = desk.duties_for(request.user, model, at=now).filter(uid=uid).first()
    if row is None or not Standing(request.user, row.case, at=now).may_record_duty:
        raise Hidden
    form = GivenForm(request.POST if request.method == "POST" else None, least=True)
    made = done(
        request, form,
        lambda: disclose_by_law(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=row.case.uid, given=form.given, **{name: uid}
        ),
        words=_("It stands in her account of disclosures. A task says who tells her, safely."),
    )  # fmt: skip
    if made is not None:
        return HttpResponseRedirect(reverse("duties"))
    with open_desk(request.user, [row]):
        line = report_line(row) if model is MandatedReport else process_line(row)
        return _form_page(request, form, "cases/duties/given_form.html", line=line)
