"""The safety plan: written for all phases or for one of them, and on paper, which could be found (domain.md §8.2)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import freshly_confirmed
from cases.actions import safety as actions
from cases.choices.safety import PlanCopy, PlanPhase
from cases.forms.safety import PlanForm, PrintPlanForm
from cases.guards import guarded
from cases.models import Case, SafetyPlan
from cases.opening import open_printed
from cases.printing import Part
from cases.safety_plan import of_phase, plan_parts
from cases.views.editing import Page, edit, the_one
from cases.views.shell import render_case

_HEADINGS: dict[str, Any] = {
    "": _("Safety plan: at any time"),
    PlanPhase.STILL_IN: _("Safety plan: while she is still in it"),
    PlanPhase.LEAVING: _("Safety plan: when she leaves"),
    PlanPhase.AFTER: _("Safety plan: afterwards"),
}


def _page(phase: str) -> Page:
    return Page(
        "safety", _HEADINGS[phase], _("Make it with her, in her words. Leave out what she does not want on any record."),
        _("Saved."), "case-safety", Section.SAFETY, SafetyPlan, actions.PLAN, actions.plan_draft(phase),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.SAFETY))
def plan(request: SignedInRequest, case: Case, phase: str = "") -> HttpResponse:
    """Write the safety plan: what holds at any time, or one phase."""
    if phase not in _HEADINGS:
        raise Hidden

    def save(form: Any) -> Any:
        return actions.write_plan(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, topics=form.topics,
            copy=form.cleaned_data["copy"], phase=phase, mark=form.cleaned_data["mark"] or None,
        )  # fmt: skip

    def initial(row: SafetyPlan) -> dict[str, Any]:
        kept = row.plan or {}
        return dict(of_phase(kept.get("topics", {}), phase)) | {"copy": kept.get("copy", PlanCopy.NONE)}

    return edit(request, case, _page(phase), make_form=PlanForm, initial=initial, save=save)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(read(Section.SAFETY))
@freshly_confirmed
def print_plan(request: SignedInRequest, case: Case) -> HttpResponse:
    """The plan for paper, after the words that paper could be found. Without her name, number or alias on it.

    Recorded as PRINT_MADE. Paper leaves the house in a bag, so a fresh proof comes first.
    """
    form = PrintPlanForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():

        def build() -> dict[str, Any]:
            return {
                "form": form, "heading": _now("Print the safety plan"), "act": _now("Show it for printing"),
                "lead": _now("Paper could be found, and then it tells where she goes and whom she calls. She may decline a copy."),
            }  # fmt: skip

        return render_case(request, case, "safety", "cases/safety_form.html", build, status=422 if form.errors else 200)
    row = the_one(SafetyPlan, case)
    with open_printed(request.user, case, subject=row):
        context = {
            "case": case,
            "printed_at": clock.now(),
            "parts": [Part(str(heading), texts=topics) for heading, topics in plan_parts(row.plan or {})],
            "words": _now(
                "This paper could be found. Give it to her only if she wants it and has a safe place for it."
            ),
        }
        return render(request, "cases/safety_plan_print.html", context)
