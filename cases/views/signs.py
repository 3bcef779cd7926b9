"""Signs of trafficking and what they suggest; and the decision on the status, which is a person's (domain.md §9, R5)."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.requests import SignedInRequest
from cases import deciding, minors
from cases import signs as rules
from cases.actions import identifying as actions
from cases.actions.survivor import ANSWERS
from cases.answers import facts_of, is_answered, label_of, words_of
from cases.choices.signs import (
    SIGNS_OF_GROUP,
    TALKED,
    WEIGHED,
    Sign,
    SignGroup,
    kept_as,
    source_of,
    strength_of,
    words_of_group,
)
from cases.choices.survivor import TriState
from cases.forms.signs import SignsForm
from cases.forms.survivor import DecisionForm
from cases.guards import guarded
from cases.htcds.fields import STATUS_DECIDED_BY, STATUS_DECIDED_ON, STATUS_SOURCE
from cases.models import Case, Survivor, TraffickingProfile
from cases.rules import DECISION
from cases.views.editing import Page, edit, the_one
from cases.views.shell import render_case, viewers_of, visible_names

STATUS_PAGE = Page(
    "survivor", _("Trafficking status"),
    _("“Possible” is enough for every service. Anything more is the decision of a person or an authority."), _("Saved."),
    "case-survivor", Section.NARRATIVE, TraffickingProfile, ANSWERS,
)  # fmt: skip

#: What each finding says. Never a verdict, and never about her.
FINDINGS: dict[rules.Finding, Any] = {
    rules.Finding.NOTHING: _("Too little was gone through to suggest anything. What was not asked is no “no”."),
    rules.Finding.SIGNS: _(
        "There are signs, but not what makes a suggestion: a purpose, with an act or means. Go through those with a colleague."
    ),
    rules.Finding.POSSIBLE: _("What is recorded suggests “possible”. Not every element is recorded yet."),
    rules.Finding.ALL: _(
        "What is recorded suggests “possible”, with every element the protocol asks for. Whoever may decide can look at it now."
    ),
    rules.Finding.NO_PURPOSE: _(
        "Every purpose was answered with no. That suggests nothing, and is not a finding: she may tell more another day."
    ),
}
CAUTIONS: dict[rules.Caution, Any] = {
    rules.Caution.ALL_WEAK: _("Everything this rests on is one hint. Look for a second source before anybody decides."),
    rules.Caution.SMUGGLING: _(
        "There is a journey and no purpose yet. It may have been smuggling; whoever was smuggled may still have been exploited."
    ),
    rules.Caution.LABOUR_LAW: _(
        "There is trouble with work or pay and no means yet. It may be a matter of labour law: her wages are hers either way."
    ),
    rules.Caution.US_MEANS: _(
        "She was under 18, so the protocol asks for no means. For labour, the law of the United States does: ask counsel."
    ),
}


@require_safe
@guarded(read(Section.NARRATIVE))
def signs(request: SignedInRequest, case: Case) -> HttpResponse:
    """What was gone through, what it suggests and why, and what was decided."""

    def build() -> dict[str, Any]:
        assert case.holding is not None  # the door has set it
        row = the_one(TraffickingProfile, case)
        kept, answers = row.signs or {}, row.answers or {}
        may_write = case.holding.writes(Section.NARRATIVE) and not case.is_closed
        suggestion = rules.suggest(kept, answers, is_minor=_is_minor(case))
        return {
            "suggestion": in_words(suggestion),
            "status": words_of(deciding.STATUS, answers.get(deciding.STATUS)),
            "decided": facts_of(
                [name for name in (STATUS_SOURCE, *DECISION) if is_answered(answers.get(name))], answers
            ),
            "may_decide": not case.is_closed and deciding.may_write_down(request.user, case, at=clock.now()),
            "may_write": may_write,
            "weighed": [_group_line(case, group, kept) for group in WEIGHED],
            "talked": [_group_line(case, group, kept) for group in TALKED],
            "sees": visible_names(request.user, case, viewers_of(case), Section.NARRATIVE),
        }

    return render_case(request, case, "survivor", "cases/signs.html", build)


def _is_minor(case: Case) -> bool | None:
    """Whether she is under 18 today, as far as the reader may know it. Read while the case is open."""
    assert case.holding is not None  # the door has set it
    if not case.holding.reads(Section.IDENTITY):
        return None
    return minors.is_minor(the_one(Survivor, case), case.alerts or [], timezone.localdate(clock.now()))


def in_words(suggestion: rules.Suggestion) -> dict[str, Any]:
    """A suggestion for the page: what it says, what it rests on, what is missing, what to be careful with."""
    return {
        "words": FINDINGS[suggestion.finding],
        "is_possible": suggestion.status is not None,
        "because": [(group.label, [_cause(code) for code in codes]) for group, codes in suggestion.because],
        "lacking": [group.label for group in suggestion.lacking] if suggestion.because else [],
        "points_to": [sign.label for sign in suggestion.points_to],
        "cautions": [CAUTIONS[one] for one in suggestion.cautions],
        "no_means": not suggestion.needs_means,
    }


def _cause(code: str) -> str:
    """A sign, or a coded answer of the profile (``field:code``), in words."""
    if ":" not in code:
        return str(Sign(code).label)
    name, _colon, value = code.partition(":")
    return f"{label_of(name)}: {words_of(name, value)}"


def _group_line(case: Case, group: SignGroup, kept: dict[str, Any]) -> dict[str, Any]:
    """One group: its signs that were answered, each with how one knows it, and how many were not asked."""
    listed = SIGNS_OF_GROUP[group]
    touched = [sign for sign in listed if kept.get(kept_as(sign)) not in (None, "", "NOT_ASKED")]
    return {
        "label": group.label,
        "slug": group.value,
        "url": reverse("case-signs-part", args=[case.uid, group.value]),
        "rows": [_sign_line(sign, kept) for sign in touched],
        "yes": sum(kept.get(kept_as(sign)) == TriState.YES for sign in listed),
        "asked": len(touched),
        "of": len(listed),
        "words": kept.get(words_of_group(group), ""),
    }


def _sign_line(sign: Sign, kept: dict[str, Any]) -> dict[str, Any]:
    beside = [(name, kept.get(name)) for name in (source_of(sign), strength_of(sign))]
    return {
        "label": sign.label,
        "answer": words_of(kept_as(sign), kept[kept_as(sign)]),
        "is_yes": kept[kept_as(sign)] == TriState.YES,
        "how": " · ".join(words_of(name, value) for name, value in beside if value),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.NARRATIVE))
def part(request: SignedInRequest, case: Case, part: str) -> HttpResponse:
    """Go through one group of signs."""
    if part not in SignGroup.values:
        raise Hidden
    group = SignGroup(part)
    order = list(SignGroup)
    place = order.index(group)
    is_last = group == order[-1]
    onward = (
        reverse("case-signs", args=[case.uid])
        if is_last
        else reverse("case-signs-part", args=[case.uid, order[place + 1].value])
    )
    page = Page(
        "survivor", group.label, _("Answer what is known. What stays open counts as not asked, and never as a no."),
        _("Saved. The status stays as it is until a person decides."), "case-signs", Section.NARRATIVE, TraffickingProfile,
        actions.SIGNS,
    )  # fmt: skip

    def make_form(*args: Any, **kwargs: Any) -> SignsForm:
        return SignsForm(*args, group=group, **kwargs)

    def initial(row: TraffickingProfile) -> dict[str, Any]:
        return dict(row.signs or {})

    def save(form: Any) -> Any:
        return actions.write_signs(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, group=group, signs=form.signs,
            mark=form.cleaned_data["mark"] or None,
        )  # fmt: skip

    return edit(
        request, case, page, make_form=make_form, initial=initial, save=save, onward=onward,
        template="cases/signs_edit.html",
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(read(Section.NARRATIVE))
def status(request: SignedInRequest, case: Case) -> HttpResponse:
    """Decide on the status, or write down who decided it: for who writes what happened, and the supervisor of the case."""
    now = clock.now()
    if not deciding.may_write_down(request.user, case, at=now):
        raise Refused(write(Section.NARRATIVE))
    may_decide = deciding.may_decide(request.user, case, at=now)

    def initial(row: TraffickingProfile) -> dict[str, Any]:
        answers = dict(row.answers or {})
        return answers | {
            "decided_by": answers.get(STATUS_DECIDED_BY, ""),
            "decided_on": answers.get(STATUS_DECIDED_ON, ""),
        }

    def prepare(form: Any, row: TraffickingProfile) -> None:
        suggestion = in_words(rules.suggest(row.signs or {}, row.answers or {}, is_minor=_is_minor(case)))
        form.notes = [str(suggestion["words"])]
        if not may_decide:
            form.notes.append(
                _now(
                    "You may write down what another body decided: kind of organisation, person and day as they stand on its "
                    "paper. What this organisation finds by itself is decided by the supervisor of the case."
                )
            )

    def save(form: Any) -> Any:
        return actions.decide_status(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, decision=form.answers,
            mark=form.cleaned_data["mark"] or None,
        )  # fmt: skip

    names = {STATUS_DECIDED_BY: "decided_by", STATUS_DECIDED_ON: "decided_on"}
    onward = reverse("case-profile", args=[case.uid, "recruitment"]) if _writes(case) else ""
    return edit(
        request, case, STATUS_PAGE, make_form=DecisionForm, initial=initial, save=save, prepare=prepare, field_of=names,
        onward=onward,
    )  # fmt: skip


def _writes(case: Case) -> bool:
    assert case.holding is not None  # the door has set it
    return case.holding.writes(Section.NARRATIVE)
