"""The Safety tab: the safe-contact rule, alerts, the level of danger, the plan, and when it was last looked at."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from casemgmt.access.errors import Refused
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.lines import in_a_row
from cases import access, addresses, contacting
from cases.actions import safety as actions
from cases.actions.contacting import words_of
from cases.answers import Fact
from cases.choices.safety import PlanCopy, PlanPhase, RiskGroup, RiskLevel
from cases.choices.survivor import ContactChannel, TriState, Weekday, outcome_words
from cases.errors import CaseError
from cases.errors.erasing import PartIsErased
from cases.forms import safety as forms
from cases.guards import guarded
from cases.htcds import places
from cases.models import Case, ContactAttempt, ContactInstruction, SafetyPlan
from cases.people import shown_name
from cases.safety_plan import plan_parts
from cases.views.editing import Page, edit, the_one
from cases.views.safety_alerts import alert_lines, incidents_of
from cases.views.safety_risk import assessments_of, calls_of
from cases.views.shell import render_case, viewers_of, visible_names

RISK_TONES = {RiskLevel.IMMEDIATE: "bad", RiskLevel.HIGH: "warn", RiskLevel.MODERATE: "info", RiskLevel.LOW: "ok"}
#: Ended instructions that are still shown: what was once safe, and until when.
#: Of the attempts to reach her, the newest.
MOST_ATTEMPTS = 8
MOST_ENDED = 10


def _page(heading: Any, lead: Any, section: str, model: type, marked: tuple[str, ...], draft_kind: str = "") -> Page:
    return Page("safety", heading, lead, _("Saved."), "case-safety", section, model, marked, draft_kind)


CONTACT_PAGE = _page(
    _("Safe contact"), _("Agree it with her. The rule before this one ends, and stays readable below."),
    Section.CARD, ContactInstruction, actions.CONTACT,
)  # fmt: skip
ALERTS_PAGE = _page(_("Alerts"), _("Short warnings above every page of this case."), Section.CARD, Case, actions.ALERTS)


@require_http_methods(["GET", "HEAD"])
@guarded(read(Section.SAFETY), even_erased=True)
def safety(request: SignedInRequest, case: Case) -> HttpResponse:
    """What keeps her safe now."""
    holding = case.holding
    assert holding is not None
    if case.is_erased:
        raise PartIsErased(case, Section.CARD)

    def build() -> dict[str, Any]:
        rows = access.records(ContactInstruction, case).order_by("-pk")
        if request.user.organisation_id != case.organisation_id:
            # How she was reached before is nobody's business outside.
            rows = rows.filter(ended_at__isnull=True)
        instructions = list(rows[: MOST_ENDED + 1])
        standing = next((row for row in instructions if row.ended_at is None), None)
        # The safe-contact rule and the alerts stand with the card: they stay when the plan is erased.
        plan = the_one(SafetyPlan, case) if holding.reads(Section.SAFETY) else None
        writes = {section.value: holding.writes(section) and not case.is_closed for section in Section}
        return {
            "contact": instruction_in_words(standing, reads_value=False) if standing else None,
            "ended": [instruction_in_words(row, reads_value=False) for row in instructions if row.ended_at is not None],
            "alert_lines": alert_lines(case, request.user),
            "incidents": incidents_of(case, request.user) if plan else None,
            "risk": _risk(plan) | {"reviewed_by": shown_name(request.user, case, plan.reviewed_by)} if plan else None,
            "plan": _plan(plan) if plan else None,
            "assessments": assessments_of(case, request.user) if plan else [],
            "calls": calls_of(case, request.user) if plan else [],
            "first_part": RiskGroup.TRAFFICKER,
            "phases": PlanPhase,
            "may_contact": writes[Section.CARD] and writes[Section.IDENTITY],
            "may_alerts": writes[Section.CARD],
            "may_safety": writes[Section.SAFETY],
            "attempts": attempts_of(case, request.user),
            "may_reach": holding.reads(Section.IDENTITY),
            "sees_card": visible_names(request.user, case, viewers_of(case), Section.CARD),
            "sees_safety": visible_names(request.user, case, viewers_of(case), Section.SAFETY),
        }

    return render_case(request, case, "safety", "cases/safety.html", build)


def instruction_in_words(row: ContactInstruction, *, reads_value: bool) -> dict[str, Any]:
    """One instruction in words; the number only for those who may know how to reach her."""
    rule = row.rule
    age = (timezone.localdate() - row.verified_on).days
    languages = places.language_name(rule["language"]) if rule.get("language") else ""
    pairs = [
        (_("How"), ContactChannel(rule.get("channel", ContactChannel.NONE)).label),
        (_("Number or address"), (row.value or "") if reads_value else ""),
        (_("The rule in words"), rule.get("words", "")),
        (_("On these days"), in_a_row(Weekday(day).label for day in rule.get("days", []))),
        (_("From when to when"), _window(rule)),
        (_("Language"), languages),
        (_("Say that you are"), rule.get("identify_as", "")),
        (_("May one leave a message?"), TriState(rule.get("leave_message", TriState.UNKNOWN)).label),
        (_("Do others use this phone?"), TriState(rule.get("shared_device", TriState.UNKNOWN)).label),
        (_("Must our number stay hidden?"), TriState(rule.get("hide_number", TriState.UNKNOWN)).label),
        (_("Who else may pick up"), rule.get("who_may_answer", "")),
        (_("Never say"), rule.get("do_not_say", "")),
    ]
    return {
        "facts": [Fact(str(label), str(words)) for label, words in pairs if words],
        "verified_on": row.verified_on,
        "ended_at": row.ended_at,
        "is_old": age > contacting.VERIFY_AFTER_DAYS,
        "days": age,
    }


def _window(rule: dict[str, Any]) -> str:
    """The hours on her clock."""
    if not (rule.get("begins") or rule.get("ends")):
        return ""
    hours = f"{rule.get('begins', '00:00')}–{rule.get('ends', '24:00')}"
    return f"{hours} ({rule['zone']})" if rule.get("zone") else hours


def line_of(row: ContactAttempt, case: Case, reader: User) -> dict[str, Any]:
    """One attempt in words. Read while the case is open. An outsider reads the words of her own attempts alone."""
    is_foreign = reader.organisation_id != case.organisation_id and row.made_by_id != reader.pk
    facts = {"channel": row.facts["channel"]} if is_foreign else row.facts
    outcome = facts.get("outcome")
    return {
        "row": row,
        "who": shown_name(reader, case, row.made_by),
        "way": ContactChannel(facts["channel"]).label,
        "against": words_of(facts.get("against", [])),
        "reason": facts.get("reason", ""),
        "went": outcome_words(outcome, with_person="person" in facts) if outcome else "",
        "is_with_person": "person" in facts,
        "words": facts.get("words", ""),
    }


def attempts_of(case: Case, reader: User) -> list[dict[str, Any]]:
    """The newest attempts for the Safety tab. Inside an opening; for those who may know how to reach her."""
    assert case.holding is not None
    if not case.holding.reads(Section.IDENTITY) or reader.organisation_id != case.organisation_id:
        return []
    rows = access.records(ContactAttempt, case).select_related("made_by").order_by("-began_at", "-pk")
    return [line_of(row, case, reader) for row in rows[:MOST_ATTEMPTS]]


def _risk(plan: SafetyPlan) -> dict[str, Any]:
    level = RiskLevel(plan.risk_level)
    return {
        "level": level.label,
        "tone": RISK_TONES.get(level, ""),
        "reason": plan.reason,
        "own_view": plan.own_view,
        "review_on": plan.review_on,
        "reviewed_at": plan.reviewed_at,
    }


def _plan(plan: SafetyPlan) -> dict[str, Any]:
    kept = plan.plan or {}
    return {
        "parts": plan_parts(kept),
        "copy": PlanCopy(kept.get("copy", PlanCopy.NONE)).label,
        "uid": plan.uid,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.IDENTITY))
def contact(request: SignedInRequest, case: Case) -> HttpResponse:
    """Replace the safe-contact instruction."""
    assert case.holding is not None
    if not case.holding.writes(Section.CARD):
        raise Refused(write(Section.CARD))

    def initial(row: ContactInstruction) -> dict[str, Any]:
        usual = {"leave_message": TriState.UNKNOWN, "shared_device": TriState.UNKNOWN, "hide_number": TriState.UNKNOWN}
        value = row.value or ""
        if addresses.is_letter(row.rule) and addresses.is_hidden(case, clock.now()):
            # The address of a letter, from before none might stand here: it is not offered again.
            value = ""
        return usual | dict(row.rule) | {"value": value, "verified_on": row.verified_on}

    def save(form: Any) -> Any:
        return actions.replace_contact(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, contact=form.contact,
            mark=form.cleaned_data["mark"] or None,
        )  # fmt: skip

    return edit(request, case, CONTACT_PAGE, make_form=forms.SafeContactForm, initial=initial, save=save)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.CARD))
def alerts(request: SignedInRequest, case: Case) -> HttpResponse:
    """Set the alerts on the card."""

    def save(form: Any) -> Any:
        return actions.set_alerts(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, codes=form.cleaned_data["codes"],
            mark=form.cleaned_data["mark"] or None,
        )  # fmt: skip

    def initial(row: Case) -> dict[str, Any]:
        return {"codes": list(row.alerts or [])}

    return edit(request, case, ALERTS_PAGE, make_form=forms.AlertsForm, initial=initial, save=save)


@require_POST
@guarded(write(Section.SAFETY))
def review(request: SignedInRequest, case: Case) -> HttpResponse:
    """Looked at together, nothing changed."""
    try:
        actions.review_safety(actor=request.user, now=clock.now(), case_uid=case.uid)
    except CaseError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _now("Noted: looked at today. The next look is on the lists."))
    return HttpResponseRedirect(reverse("case-safety", args=[case.uid]))
