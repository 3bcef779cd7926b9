"""Moving a case on, closing it, opening it again. Closing and reopening restate the case and the effect first."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from casemgmt.access.sections import Section, write
from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases.actions.cases import change_stage, close_case, reopen_case
from cases.choices.casework import ClosureReason, Stage
from cases.errors import CaseError
from cases.errors.casework import ClosedBeforeOpened, DayHasNotCome
from cases.forms.cases import CloseForm, ReopenForm, StageForm
from cases.guards import guarded
from cases.models import Case, Due
from cases.views.shell import render_case


@guarded(write(Section.CARD))
@require_http_methods(["GET", "POST"])
def stage(request: SignedInRequest, case: Case) -> HttpResponse:
    """Where the work stands."""
    form = StageForm(
        request.POST if request.method == "POST" else None, initial={"stage": case.stage, "status": case.status}
    )
    if request.method == "POST" and form.is_valid():
        try:
            change_stage(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid,
                stage=form.cleaned_data["stage"], status=form.cleaned_data["status"],
            )  # fmt: skip
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The stage is saved."))
            return redirect("case-overview", uid=case.uid)
    return _page(request, case, form, "cases/stage.html")


@guarded(write(Section.CARD))
@require_http_methods(["GET", "POST"])
def close(request: SignedInRequest, case: Case) -> HttpResponse:
    """Close the case: what stays, what ends, and what is still open."""
    form = CloseForm(request.POST if request.method == "POST" else None, initial={"closed_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            close_case(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid,
                reason=form.cleaned_data["reason"], closed_on=form.cleaned_data["closed_on"],
            )  # fmt: skip
        except (ClosedBeforeOpened, DayHasNotCome) as error:
            form.add_error("closed_on", str(error))
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The case is closed. It can be read, and reopened."))
            return redirect("case-overview", uid=case.uid)
    return _page(request, case, form, "cases/close.html")


@guarded(write(Section.CARD))
@require_http_methods(["GET", "POST"])
def reopen(request: SignedInRequest, case: Case) -> HttpResponse:
    """Go on with a closed case."""
    form = ReopenForm(request.POST if request.method == "POST" else None, initial={"stage": Stage.STABILISE})
    if request.method == "POST" and form.is_valid():
        try:
            reopen_case(
                actor=request.user,
                now=clock.now(),
                form_key=form.key,
                case_uid=case.uid,
                stage=form.cleaned_data["stage"],
            )
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The case is open again."))
            return redirect("case-overview", uid=case.uid)
    return _page(request, case, form, "cases/reopen.html")


def _page(request: SignedInRequest, case: Case, form: Any, template: str) -> HttpResponse:
    def build() -> dict[str, Any]:
        waiting = access.records(Due, case).filter(done_at__isnull=True).order_by("due_on", "pk")
        reason = case.closure_reason
        return {
            "form": form,
            "waiting": [(due.due_on, due.get_kind_display()) for due in waiting],
            "reason": ClosureReason(reason).label if reason in ClosureReason.values else "",
        }

    return render_case(request, case, "overview", template, build, status=422 if form.errors else 200)
