"""The intake on paper, for where there is no screen: the questions of the screens themselves, empty, to be typed in later.

Two forms: the short intake, and the long talk of ``cases.talk``, one topic under the other.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from casemgmt.access.rules import for_roles
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.forms import DECLINED, NOT_APPLICABLE, NOT_ASKED, UNKNOWN, CodeField, HavenForm
from cases.actions.intake import OPENING_ROLES
from cases.forms.intake import IntakeForm
from cases.her_language import speaking
from cases.talk import STEPS, Step

#: The parts of the screen, in its order, with their questions. The team is chosen when it is typed in.
PARTS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("Reaching her safely"), ("contact_channel", "contact_rule", "contact_value", "language")),
    (_("Her consent"), ("consent_state", "consent_told", "consent_on")),
    (_("Her name, if she wants to say it"), ("first_name", "second_name", "other_names", "birth_date")),
    (_("The case"), ("status", "opened_on")),
)
#: A longer list (languages) is not printed: the answer is written down in words.
MOST_CHOICES = 20
#: Which form is printed.
SHORT_PAPER, LONG_PAPER = "short", "long"
PAPERS = ((SHORT_PAPER, _("The first intake")), (LONG_PAPER, _("The long talk, topic by topic")))
#: Why there is no answer, to be ticked beside every question that has no such boxes of its own (domain.md G3).
REASONS = (NOT_ASKED, DECLINED, UNKNOWN, NOT_APPLICABLE)
#: On the short form: what is about her. The rest is the house's own, and consent has answers of its own.
ABOUT_HER = frozenset({"contact_value", "language", "first_name", "second_name", "other_names", "birth_date"})
#: Lines to write on, for a short answer and for a long one.
SHORT, LONG = 1, 3


@dataclass(frozen=True)
class Question:
    """One question as it is printed: what it asks, why, and boxes to tick or lines to write on."""

    label: Any
    help_text: Any
    why: Any
    choices: list[Any]
    lines: range
    reasons: list[Any]


class PaperForm(HavenForm):
    """Which of the two, and in which language."""

    paper = CodeField(label=_("Which form"), choices=PAPERS, required=False, empty=None)
    language = CodeField(label=_("Language of the form"), choices=settings.LANGUAGES, required=False, empty=None)


@dataclass(frozen=True)
class Part:
    """Questions under one heading, with why they are asked and what is said before a hard topic."""

    title: Any
    questions: list[Question]
    why: Any = ""
    warning: Any = ""


def parts_of(paper: str = SHORT_PAPER) -> list[Part]:
    """The questions of the intake form, or of the long talk, part by part, in the language that is spoken now."""
    if paper == LONG_PAPER:
        return [_topic(step) for step in STEPS]
    form = IntakeForm(teams=())
    return [Part(title, [_question(form, name) for name in names]) for title, names in PARTS]


def _topic(step: Step) -> Part:
    """One screen of the long talk: every question that it shows, and no other."""
    form = step.make_form()
    return Part(step.heading, [_question(form, one.name) for one in form.visible_fields()], step.why, step.warning)


def _question(form: HavenForm, name: str) -> Question:
    field = form.fields[name]
    listed = [(code, label) for code, label in getattr(field, "choices", ()) if code]
    choices = [label for _code, label in listed] if len(listed) <= MOST_CHOICES else []
    lines = 0 if choices else LONG if isinstance(field.widget, forms.Textarea) else SHORT
    own = {code for code, _label in listed} if choices else set()
    is_hers = not isinstance(form, IntakeForm) or name in ABOUT_HER
    reasons = [label for _code, label in REASONS] if is_hers and NOT_ASKED[0] not in own else []
    return Question(field.label, field.help_text, form.why.get(name, ""), choices, range(lines), reasons)


@for_roles(*OPENING_ROLES)
@require_safe
def intake_paper(request: SignedInRequest) -> HttpResponse:
    """The empty form for printing. It names nobody: what is written on it is as dangerous to lose as a file."""
    form = PaperForm(request.GET or None, initial={"language": translation.get_language()})
    is_valid = form.is_bound and form.is_valid()
    chosen = form.cleaned_data["language"] if is_valid else ""
    paper = form.cleaned_data["paper"] if is_valid else SHORT_PAPER
    language, untranslated = speaking(chosen or translation.get_language() or "en")
    with translation.override(language):
        context = {
            "form": form, "parts": parts_of(paper), "is_long": paper == LONG_PAPER, "untranslated": untranslated,
            "language": language,
        }  # fmt: skip
        return render(request, "cases/intake_paper.html", context)
