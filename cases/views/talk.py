"""The long talk: one topic a screen, in her order, to be left and taken up again at any time (domain.md §8.7)."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, write
from casemgmt.accounts.requests import SignedInRequest
from cases.guards import guarded
from cases.models import Case, Survivor, TraffickingProfile
from cases.talk import STEPS, Step, next_step, steps_for
from cases.views.editing import Page, edit, the_one
from cases.views.shell import render_case, viewers_of, visible_names


def _url(case: Case, step: Step) -> str:
    return reverse("case-talk-step", args=[case.uid, step.slug])


def _said(answered: int, reasons: int, of: int) -> str:
    """How far a topic went, in words."""
    if not answered and not reasons:
        return _now("Not asked yet")
    words = _now("%(answered)s of %(of)s answered") % {"answered": answered, "of": of}
    if not reasons:
        return words
    kept = ngettext("%(count)s left open by her", "%(count)s left open by her", reasons) % {"count": reasons}
    return f"{words}, {kept}"


@require_safe
@guarded(write(Section.NARRATIVE))
def talk(request: SignedInRequest, case: Case) -> HttpResponse:
    """Every topic with how far it went, and where to go on."""

    def build() -> dict[str, Any]:
        steps = steps_for(case)
        rows: dict[type, Any] = {model: the_one(model, case) for model in (Survivor, TraffickingProfile)}
        progress = {step.slug: step.progress(step.answers_in(rows[step.model])) for step in steps}
        following = next_step(steps, progress)
        return {
            "lines": [
                {
                    "heading": step.heading, "url": _url(case, step), "is_touched": bool(sum(progress[step.slug])),
                    "said": _said(*progress[step.slug], len(step.names)),
                }
                for step in steps
            ],
            "touched": sum(bool(sum(said)) for said in progress.values()),
            "of": len(steps),
            "following": None if following is None else {"heading": following.heading, "url": _url(case, following)},
            "sees": visible_names(request.user, case, viewers_of(case), Section.NARRATIVE),
        }  # fmt: skip

    return render_case(request, case, "survivor", "cases/talk.html", build)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.NARRATIVE))
def step(request: SignedInRequest, case: Case, part: str) -> HttpResponse:
    """One topic. What is answered is kept at once where the case keeps it; stopping keeps it, too."""
    found = next((one for one in STEPS if one.slug == part), None)
    if found is None:
        raise Hidden
    steps = steps_for(case)
    if found not in steps:
        raise Refused(write(found.section))
    place = steps.index(found)
    onward = _url(case, steps[place + 1]) if place + 1 < len(steps) else reverse("case-talk", args=[case.uid])
    page = Page(
        "survivor", found.heading, found.why, _("Saved. You can go on at any time, also on another day."), "case-talk",
        found.section, found.model, (found.column,),
    )  # fmt: skip

    def prepare(form: Any, _row: Any) -> None:
        if found.warning:
            form.notes = [found.warning]

    def save(form: Any) -> Any:
        return found.write(
            form, actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid,
            mark=form.cleaned_data["mark"] or None,
        )  # fmt: skip

    return edit(
        request, case, page, make_form=found.make_form, initial=found.answers_in, save=save, prepare=prepare, onward=onward,
        template="cases/talk_step.html",
        more={
            "step": place + 1,
            "steps": len(steps),
            "before": _url(case, steps[place - 1]) if place else "",
        },
    )  # fmt: skip
