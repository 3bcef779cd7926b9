"""Moving a case on, closing it, opening it again. Closing and reopening restate the case and the effect first."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Refused
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.requests import SignedInRequest
from cases import access, closing, codes
from cases.actions.cases import change_stage, close_case, reopen_case
from cases.actions.kinds import OUTSIDE_KINDS
from cases.answers import facts_of
from cases.choices.casework import DueKind, Stage
from cases.choices.configuration import ListName
from cases.errors import CaseError
from cases.forms.cases import CloseForm, ReopenForm, StageForm, SummaryForm
from cases.guards import guarded
from cases.her_language import speaking
from cases.models import Case, Due
from cases.opening import open_printed
from cases.views.desk_forms import done
from cases.views.shell import render_case, viewers_of


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
    assert case.holding is not None  # the guard has set it
    form = CloseForm(
        request.POST if request.method == "POST" else None, initial={"closed_on": timezone.localdate()},
        writes_safety=case.holding.writes(Section.SAFETY), writes_services=case.holding.writes(Section.SERVICES),
    )  # fmt: skip
    made = done(
        request, form,
        lambda: close_case(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, reason=form.cleaned_data["reason"],
            closed_on=form.cleaned_data["closed_on"], farewell=form.farewell,
        ),
        words=_("The case is closed. It can be read, and reopened."),
    )  # fmt: skip
    if made is not None:
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


@guarded(read(Section.SERVICES))
@require_safe
def exit_summary(request: SignedInRequest, case: Case) -> HttpResponse:
    """What she may take along at the end, for paper, in her language: the help she had, what was agreed, and her rights.

    No name and no number of hers stands in it, and who we are only where that is wanted. Recorded as PRINT_MADE.
    """
    if request.user.organisation_id != case.organisation_id:
        # Which kinds of help she had tells of a shelter.
        raise Refused(read(Section.SERVICES))
    form = SummaryForm(request.GET or None)
    chosen, discreet = form.chosen
    with open_printed(request.user, case, detail={"kind": "EXIT_SUMMARY"}):
        language, untranslated = speaking(chosen or case.language)
        with translation.override(language):
            context = {
                "case": case, "form": form, "untranslated": untranslated, "since": case.opened_on,
                "until": case.closed_on or timezone.localdate(), "agreed": (case.closing or {}).get("agreed", ""),
                "house": "" if discreet else case.organisation.name, "help": closing.help_given(case),
                "follow_ups": closing.follow_ups(case), "language": language,
            }  # fmt: skip
            return render(request, "cases/exit_summary.html", context)


def _page(request: SignedInRequest, case: Case, form: Any, template: str) -> HttpResponse:
    def build() -> dict[str, Any]:
        assert case.holding is not None  # the guard has set it
        reads_services = case.holding.reads(Section.SERVICES)
        waiting = access.records(Due, case).filter(done_at__isnull=True).order_by("due_on", "pk")
        # Of a closed case nobody is asked to look at the safety plan: that one comes off the lists.
        waiting = waiting.exclude(kind=DueKind.SAFETY_REVIEW)
        reason = case.closure_reason
        return {
            "form": form,
            "waiting": [(due.due_on, due.get_kind_display()) for due in waiting],
            "reason": codes.label(ListName.CLOSURE_REASON, reason) if reason else "",
            "ended": facts_of(("told", "agreed"), case.closing) if reads_services and case.closing else [],
            "ending": [viewer.who for viewer in viewers_of(case) if viewer.grant.kind in OUTSIDE_KINDS],
        }

    return render_case(request, case, "overview", template, build, status=422 if form.errors else 200)
