"""The long talk: its topics, why each is asked, and which page of the case keeps the answers (domain.md §8.7, §9.2).

Nothing of the talk is kept beside the case: every answer stands where the page of its topic shows it, with the reason for
having none (domain.md G3). So how far she went is read from the answers themselves, and whoever goes on another day, on
another machine, goes on from there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from casemgmt.access.sections import Section
from cases.actions import identifying, survivor
from cases.answers import is_answered
from cases.choices.signs import SIGNS_OF_GROUP, SignGroup, kept_as
from cases.choices.survivor import NullFlavour
from cases.forms import talk as forms
from cases.forms.answers import MarkedForm
from cases.forms.signs import TalkSignsForm
from cases.models import Case, Survivor, TraffickingProfile


@dataclass(frozen=True)
class Step:
    """One topic: what it is called, why it is asked, its form, and where its answers stand.

    ``why`` is said to her, so it speaks to her. ``column`` of ``model`` holds the answers;
    ``write(form, **who)`` calls the one action. ``warning`` is read before a hard topic.
    """

    slug: str
    heading: Any
    why: Any
    section: Section
    model: type[Survivor] | type[TraffickingProfile]
    column: str
    names: tuple[str, ...]
    make_form: Callable[..., MarkedForm]
    write: Callable[..., Any]
    warning: Any = ""

    def answers_in(self, row: Any) -> dict[str, Any]:
        """What its column holds. While the case is open."""
        return dict(getattr(row, self.column) or {})

    def progress(self, answers: Mapping[str, Any]) -> tuple[int, int]:
        """How many of its questions have an answer, and how many a reason for having none other than "not asked"."""
        said = [answers.get(name) for name in self.names]
        answered = sum(is_answered(value) for value in said)
        reasons = {flavour.value for flavour in NullFlavour} - {NullFlavour.NOT_ASKED.value}
        return answered, sum(isinstance(value, str) and value in reasons for value in said)


def _about(form: Any, **who: Any) -> Any:
    return survivor.change_survivor(**who, about=form.answers)


def _called(form: Any, **who: Any) -> Any:
    return survivor.change_called(**who, called=form.answers)


def _speech(form: Any, **who: Any) -> Any:
    return survivor.change_speech(**who, speech=form.answers)


def _profile(form: Any, **who: Any) -> Any:
    return survivor.change_profile(**who, answers=form.answers)


def _protection(form: Any, **who: Any) -> Any:
    return survivor.change_protection(**who, protection=form.answers)


def _signs(form: Any, **who: Any) -> Any:
    return identifying.write_signs(**who, group=form.group, signs=form.signs)


def _of_signs(group: SignGroup, why: Any, warning: Any = "") -> Step:
    """A topic whose answers are signs."""
    return Step(
        group.value, group.label, why, Section.NARRATIVE, TraffickingProfile, "signs",
        tuple(kept_as(sign) for sign in SIGNS_OF_GROUP[group]), partial(TalkSignsForm, group=group), _signs, warning,
    )  # fmt: skip


#: The order goes from light to hard and ends with today. She may take them in any other.
STEPS: tuple[Step, ...] = (
    Step(
        "called", _("What she is called"), _("So that everybody here calls you what you want to be called."), Section.IDENTITY,
        Survivor, "called", forms.CalledForm.names, forms.CalledForm, _called,
    ),
    Step(
        "language", _("Her languages"), _("So that you can say everything in a language that is yours."), Section.IDENTITY,
        Survivor, "speech", forms.SpokenForm.names, forms.SpokenForm, _speech,
    ),
    Step(
        "family", _("Her family"), _("So that we think of the people you care for, and of their safety."), Section.IDENTITY,
        Survivor, "about", forms.FamilyForm.names, forms.FamilyForm, _about,
    ),
    Step(
        "school", _("What she has learned"), _("So that courses and work that we find fit what you can do."), Section.IDENTITY,
        Survivor, "about", forms.SchoolForm.names, forms.SchoolForm, _about,
    ),
    Step(
        "began", _("How it began"),
        _("Some rights depend on how somebody came into it. How it began is never your fault."), Section.NARRATIVE,
        TraffickingProfile, "answers", forms.BeganForm.names, forms.BeganForm, _profile,
    ),
    _of_signs(SignGroup.JOURNEY, _("Debts and promises around a journey can give you rights. A border is no fault of yours.")),
    _of_signs(SignGroup.WORK, _("You may have a right to wages that were kept from you, whatever papers you had.")),
    _of_signs(SignGroup.LIVING, _("Not being free to go can be a crime against you, even without a locked door.")),
    _of_signs(
        SignGroup.PRESSURE, _("Threats count as much as force. They also tell us what keeps you safe now."),
        _("This may bring fear back. Ask whether today is a good day for it."),
    ),
    _of_signs(
        SignGroup.BODY, _("Doctors and courts can help with this only if they know. You decide who hears it."),
        _("This is about violence and sex. Ask whether she wants it today, and who should be in the room. No detail is needed."),
    ),
    _of_signs(SignGroup.PAPERS, _("Papers that somebody kept can be asked back or made new.")),
    Step(
        "protection", _("Staying here"),
        _("Some protections have a day until which one may ask for them. We tell no authority what you say."), Section.STATUS,
        Survivor, "protection", forms.ProtectedForm.names, forms.ProtectedForm, _protection,
    ),
    _of_signs(SignGroup.LEAVING, _("So that we plan with you for your safety, and for those you worry about.")),
)  # fmt: skip


def steps_for(case: Case) -> list[Step]:
    """The topics whose answers the reader may write. ``case.holding`` is set."""
    holding = case.holding
    assert holding is not None  # the door has set it
    return [step for step in STEPS if holding.writes(step.section)]


def next_step(steps: list[Step], progress: Mapping[str, tuple[int, int]]) -> Step | None:
    """Where to go on: the first untouched topic after the last that was touched; else the first untouched; None at the end."""
    touched = [place for place, step in enumerate(steps) if sum(progress[step.slug])]
    after = touched[-1] + 1 if touched else 0
    untouched = [place for place, step in enumerate(steps) if not sum(progress[step.slug])]
    ahead = [place for place in untouched if place >= after]
    places = ahead or untouched
    return steps[places[0]] if places else None
