"""The intake on paper, for where there is no screen: the questions of the intake form itself, empty, to be typed in later."""

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
from casemgmt.interface.forms import CodeField, HavenForm
from cases.actions.intake import OPENING_ROLES
from cases.forms.intake import IntakeForm
from cases.her_language import speaking

#: The parts of the screen, in its order, with their questions. The team is chosen when it is typed in.
PARTS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("Reaching her safely"), ("contact_channel", "contact_rule", "contact_value", "language")),
    (_("Her consent"), ("consent_state", "consent_told", "consent_on")),
    (_("Her name, if she wants to say it"), ("first_name", "second_name", "other_names", "birth_date")),
    (_("The case"), ("status", "opened_on")),
)
#: A longer list (languages) is not printed: the answer is written down in words.
MOST_CHOICES = 20
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


class PaperForm(HavenForm):
    """In which language."""

    language = CodeField(label=_("Language of the form"), choices=settings.LANGUAGES, required=False, empty=None)


def parts_of() -> list[tuple[Any, list[Question]]]:
    """The questions of the intake form, part by part, in the language that is spoken now."""
    form = IntakeForm(teams=())
    return [(title, [_question(form, name) for name in names]) for title, names in PARTS]


def _question(form: IntakeForm, name: str) -> Question:
    field = form.fields[name]
    listed = [label for code, label in getattr(field, "choices", ()) if code]
    choices = listed if len(listed) <= MOST_CHOICES else []
    lines = 0 if choices else LONG if isinstance(field.widget, forms.Textarea) else SHORT
    return Question(field.label, field.help_text, form.why.get(name, ""), choices, range(lines))


@for_roles(*OPENING_ROLES)
@require_safe
def intake_paper(request: SignedInRequest) -> HttpResponse:
    """The empty form for printing. It names nobody: what is written on it is as dangerous to lose as a file."""
    form = PaperForm(request.GET or None, initial={"language": translation.get_language()})
    chosen = form.cleaned_data["language"] if form.is_bound and form.is_valid() else ""
    language, untranslated = speaking(chosen or translation.get_language() or "en")
    with translation.override(language):
        context = {"form": form, "parts": parts_of(), "untranslated": untranslated, "language": language}
        return render(request, "cases/intake_paper.html", context)
