"""Forms of contacts before cases, and of inquiries by third parties: quick to fill in with a telephone at the ear."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, CodesField, HavenForm, LineField, MomentField, TextField, code_choices
from cases.actions.callers import SAID_OUTCOMES
from cases.choices.callers import (
    CallerNeed,
    CallerOffer,
    CallerOutcome,
    DeclineReason,
    InquirerKind,
    InquiryAnswer,
    InquiryWay,
    SafetyConcern,
)
from cases.errors.callers import ReasonMissing
from cases.htcds.places import languages

OUTCOMES = [(one.value, one.label) for one in SAID_OUTCOMES]


class _OutcomeForm(HavenForm):
    """What came of a contact, with a reason where we could not take it on."""

    def clean(self) -> dict[str, Any]:
        """A reason belongs to declining; where something else came of it, what stands there is left out."""
        facts = super().clean() or self.cleaned_data
        if facts.get("outcome") != CallerOutcome.DECLINED:
            facts["reason"] = ""
        elif not facts.get("reason") and "reason" not in self.errors:
            self.add_error("reason", str(ReasonMissing()))
        return facts


class ContactForm(_OutcomeForm):
    """An anonymous contact. It asks for no name and no place."""

    at = MomentField(label=_("When"))
    need = CodeField(label=_("What is needed most?"), choices=CallerNeed.choices)
    safety = CodeField(
        label=_("May somebody be in danger?"), choices=SafetyConcern.choices, radio=True, initial=SafetyConcern.UNKNOWN
    )
    language = CodeField(label=_("Language"), required=False)
    minutes = forms.IntegerField(
        label=_("How long, in minutes"), required=False, min_value=0, max_value=1_440,
        error_messages={"invalid": _("Write the minutes as a number, for example 15.")},
    )  # fmt: skip
    offered = CodesField(label=_("What was offered"), choices=CallerOffer.choices, required=False)
    words = TextField(
        label=_("What else is good to know"), required=False, rows=3, max_length=4_000,
        help_text=_("No name, no number, no address: nothing by which somebody could be found."),
    )  # fmt: skip
    outcome = CodeField(label=_("What came of it?"), choices=OUTCOMES, radio=True, initial=CallerOutcome.OPEN)
    reason = CodeField(label=_("If we could not take it on: why"), choices=DeclineReason.choices, required=False)

    why = {"language": _("So that somebody who speaks it is there at the next call.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].initial = timezone.localtime
        self.fields["language"].choices = code_choices(languages(), empty=_("Not known"))  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")

    @property
    def facts(self) -> dict[str, Any]:
        """What the action seals as facts."""
        return {name: self.cleaned_data[name] for name in ("need", "language", "minutes", "offered", "safety")}


class OutcomeForm(_OutcomeForm):
    """What came of a contact that was open."""

    outcome = CodeField(
        label=_("What came of it?"), radio=True,
        choices=[choice for choice in OUTCOMES if choice[0] != CallerOutcome.OPEN],
    )  # fmt: skip
    reason = CodeField(label=_("If we could not take it on: why"), choices=DeclineReason.choices, required=False)


class InquiryForm(HavenForm):
    """Somebody asks whether a person is helped here. All but the codes may stay empty."""

    number = LineField(
        label=_("The number that calls, if it shows"), required=False, max_length=40,
        help_text=_("It may be on the list of those with whom nobody here speaks. Nobody else is looked up."),
    )  # fmt: skip
    at = MomentField(label=_("When"))
    kind = CodeField(label=_("Who asks?"), choices=InquirerKind.choices)
    way = CodeField(label=_("How?"), choices=InquiryWay.choices, radio=True)
    answer = CodeField(
        label=_("What were they told?"), choices=InquiryAnswer.choices, radio=True, initial=InquiryAnswer.SCRIPT
    )
    safety = CodeField(
        label=_("May somebody be in danger because of it?"), choices=SafetyConcern.choices, radio=True,
        initial=SafetyConcern.UNKNOWN, help_text=_("With “Yes”, the supervisors are told that something waits, and no more."),
    )  # fmt: skip
    who = LineField(label=_("Their name, if they said it"), required=False, max_length=200)
    organisation = LineField(label=_("Their organisation and number"), required=False, max_length=200)
    about = LineField(
        label=_("Whom they asked about"), required=False, max_length=200,
        help_text=_("As they said it. Nothing is looked up, and it is linked with nobody."),
    )  # fmt: skip
    words = TextField(label=_("What else was said"), required=False, rows=3, max_length=4_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].initial = timezone.localtime
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")

    @property
    def facts(self) -> dict[str, Any]:
        """What the action seals as facts."""
        return {
            name: self.cleaned_data[name]
            for name in ("way", "answer", "safety", "who", "organisation", "about", "number")
        }
