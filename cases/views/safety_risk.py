"""Assessing the danger: the items step by step, what they suggest, what a person says, and who was called to look."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases import risk as rules
from cases.actions import safety as actions
from cases.actions.drafts import save_draft
from cases.actions.safety_calls import take_call
from cases.choices.safety import ITEMS_OF_GROUP, CallCause, RiskGroup, RiskItem, RiskLevel
from cases.drafts import kept_draft
from cases.forms.safety import RiskForm, RiskItemsForm
from cases.guards import guarded
from cases.models import Case, SafetyAssessment, SafetyCall, SafetyPlan
from cases.opening import open_own
from cases.people import shown_name
from cases.views.editing import Page, edit
from cases.views.shell import render_case, viewers_of, visible_names

#: Of the assessments and calls, the newest.
MOST_ASSESSMENTS, MOST_CALLS = 8, 3

RISK_PAGE = Page(
    "safety", _("How great is the danger?"),
    _("You decide, not Haven. The next look comes by itself, sooner the greater the danger."), _("Saved."), "case-safety",
    Section.SAFETY, SafetyPlan, actions.RISK,
)  # fmt: skip
_STEPS = list(RiskGroup)


def _items_page(group: RiskGroup) -> Page:
    words = _("Step %(step)s of %(steps)s. Ask only what is needed today; what you leave open counts as not asked.")
    lead = words % {"step": _STEPS.index(group) + 1, "steps": len(_STEPS)}
    return Page("safety", group.label, lead, _("Saved."), "case-safety", Section.SAFETY, SafetyPlan, ())


def level_words(level: str) -> Any:
    """A level in words."""
    return RiskLevel(level).label


def causes_in_words(because: list[str] | tuple[str, ...]) -> list[str]:
    """The items that caused a suggestion, in words."""
    return [_now("Her own view") if code == rules.OWN_VIEW else str(RiskItem(code).label) for code in because]


def assessments_of(case: Case, reader: User) -> list[dict[str, Any]]:
    """The assessments, the newest first, for those who read her safety. Inside an opening."""
    rows = access.records(SafetyAssessment, case).select_related("made_by").order_by("-made_at", "-pk")
    return [_line(row, case, reader) for row in rows[:MOST_ASSESSMENTS]]


def _line(row: SafetyAssessment, case: Case, reader: User) -> dict[str, Any]:
    verdict = row.verdict
    suggested = verdict.get("suggested", RiskLevel.UNKNOWN)
    return {
        "when": row.made_at,
        "who": shown_name(reader, case, row.made_by),
        "level": level_words(verdict["level"]),
        "suggested": "" if suggested == RiskLevel.UNKNOWN else level_words(suggested),
        "because": causes_in_words(verdict.get("because", [])),
        "reason": verdict.get("reason", ""),
        "own_view": verdict.get("own_view"),
        "concerns": verdict.get("concerns", ""),
    }


def calls_of(case: Case, reader: User) -> list[dict[str, Any]]:
    """The calls to look within the hour, the newest first; for people of the house. Inside an opening."""
    if reader.organisation_id != case.organisation_id:
        return []
    rows = access.records(SafetyCall, case).select_related("asked", "taken_by").order_by("-called_at", "-pk")
    return [{"row": row, "why": CallCause(row.why).label} for row in rows[:MOST_CALLS]]


def _typed(reader: User, case: Case) -> dict[str, str]:
    """What was answered in the steps so far, by item. Inside an opening that admits the reader's own drafts."""
    kept = kept_draft(reader, actions.RISK_DRAFT, case.uid)
    items = RiskItem.values
    return {} if kept is None else {name: values[0] for name, values in kept.fields.items() if name in items and values}


def _last_answers(case: Case) -> tuple[dict[str, str], Any]:
    """The answers of the last assessment in which items were gone through, and when that was."""
    for row in access.records(SafetyAssessment, case).order_by("-made_at", "-pk")[:MOST_ASSESSMENTS]:
        if row.answers:
            return dict(row.answers), row.made_at
    return {}, None


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.SAFETY))
def items(request: SignedInRequest, case: Case, part: str) -> HttpResponse:
    """One group of items. What is answered waits as the writer's own draft until she says how great the danger is."""
    if part not in RiskGroup.values:
        raise Hidden
    group = RiskGroup(part)
    place = _STEPS.index(group)
    is_last = group == _STEPS[-1]
    onward = reverse("case-risk", args=[case.uid]) if is_last else _step_url(case, _STEPS[place + 1])
    form = RiskItemsForm(request.POST if request.method == "POST" else None, group=group)
    if request.method == "POST" and form.is_valid():
        with open_own(request.user):
            typed = _typed(request.user, case)
        fields = typed | {item.value: form.cleaned_data[item] for item in ITEMS_OF_GROUP[group]}
        save_draft(
            actor=request.user, now=clock.now(), form_key=form.key, kind=actions.RISK_DRAFT, about_uid=case.uid,
            fields={name: [value] for name, value in fields.items()}, page=request.path,
        )  # fmt: skip
        if "onward" in request.POST:
            return HttpResponseRedirect(onward)
        messages.success(request, _now("Kept for you as a draft. It counts once you say how great the danger is."))
        return HttpResponseRedirect(reverse("case-safety", args=[case.uid]))

    def build() -> dict[str, Any]:
        typed = _typed(request.user, case)
        before, when = ({}, None) if typed else _last_answers(case)
        if not form.is_bound:
            form.initial = typed or before
        if when is not None:
            day = date_format(when, pgettext("how a day is written; Django's letters", "j F Y"))
            form.notes = [_now("These are the answers of %(day)s. Change what is different now.") % {"day": day}]
        names = visible_names(request.user, case, viewers_of(case), Section.SAFETY)
        return {"form": form, "page": _items_page(group), "names": names, "onward": onward, "kept": None}

    return render_case(request, case, "safety", "cases/survivor_edit.html", build, status=422 if form.errors else 200)


def _step_url(case: Case, group: RiskGroup) -> str:
    return reverse("case-risk-items", args=[case.uid, group.value])


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.SAFETY))
def risk(request: SignedInRequest, case: Case) -> HttpResponse:
    """Say how great the danger is, after reading what the answers suggest and why."""

    def save(form: Any) -> Any:
        with open_own(request.user):
            answers = _typed(request.user, case)
        facts = form.facts
        return actions.set_risk(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, level=facts["risk_level"],
            reason=facts["reason"], own_view=facts["own_view"], concerns=facts["concerns"], answers=answers,
            mark=form.cleaned_data["mark"] or None,
        )  # fmt: skip

    def initial(row: SafetyPlan) -> dict[str, Any]:
        return {"risk_level": row.risk_level, "reason": row.reason, "own_view": row.own_view}

    def prepare(form: Any, row: SafetyPlan) -> None:
        suggested = rules.suggest(_typed(request.user, case), row.own_view if isinstance(row.own_view, int) else None)
        form.notes = [_suggestion_in_words(suggested)]

    return edit(request, case, RISK_PAGE, make_form=RiskForm, initial=initial, save=save, prepare=prepare)


def _suggestion_in_words(suggested: rules.Suggestion) -> str:
    if suggested.level == RiskLevel.UNKNOWN:
        return _now("Too little was gone through for a suggestion. Say what you and she think.")
    words = {"level": level_words(suggested.level), "items": "; ".join(causes_in_words(suggested.because))}
    if not suggested.because:
        return _now("The answers suggest: %(level)s. You may decide otherwise.") % words
    return _now("The answers suggest: %(level)s, because of: %(items)s. You may decide otherwise.") % words


@require_POST
@guarded(read(Section.SAFETY))
def take(request: SignedInRequest, case: Case, safety_call_uid: UUID) -> HttpResponse:
    """Say that one looks."""
    call = take_call(actor=request.user, now=clock.now(), case_uid=case.uid, call_uid=safety_call_uid)
    if call.taken_by_id == request.user.pk:
        messages.success(request, _now("Noted: you look at it."))
    else:
        messages.info(request, _now("A colleague looks at it already."))
    return HttpResponseRedirect(reverse("case-safety", args=[case.uid]))
