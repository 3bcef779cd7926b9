"""Forms of the intake: search first, then the minimum (domain.md R1). Everything else can wait, a name least of all."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casemgmt.accounts.models import Team
from casemgmt.interface.forms import CodeField, CodesField, DayField, HavenForm, LineField, TextField, code_choices
from cases.actions.intake import Intake
from cases.choices.casework import CaseStatus
from cases.choices.survivor import ConsentState, ContactChannel
from cases.htcds.codes import ConsentPrompt
from cases.htcds.places import languages


class IntakeSearchForm(HavenForm):
    """Is she among the cases one may see? Each answer may stay empty."""

    first_name = LineField(label=_("First name"), required=False, max_length=120)
    second_name = LineField(label=_("Family name"), required=False, max_length=120)
    birth_date = DayField(label=_("Date of birth"), required=False, past=True)
    phone = LineField(label=_("Phone"), required=False, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _without_autofill(self)

    @property
    def names(self) -> str:
        """The words of the name."""
        return f"{self.cleaned_data['first_name']} {self.cleaned_data['second_name']}"


class IntakeForm(HavenForm):
    """A new case. Asked in the order that matters to her: safety, language, consent, and only then who she is."""

    contact_channel = CodeField(
        label=_("How may we reach her?"), choices=ContactChannel.choices, initial=ContactChannel.NONE, empty=None
    )
    contact_value = LineField(
        label=_("Number or address for it"), required=False, max_length=200,
        help_text=_("Only people who may see her identity read this."),
    )  # fmt: skip
    contact_rule = TextField(
        label=_("What must be respected?"), required=False, rows=2, max_length=500,
        help_text=_("Days and hours, who may answer, what never to say. Everybody on the case sees it before calling."),
    )  # fmt: skip
    language = CodeField(label=_("Language she wants to speak with us"), empty=_("Choose…"))
    consent_state = CodeField(
        label=_("May we keep her information?"), choices=ConsentState.choices, radio=True, initial=ConsentState.PENDING
    )
    consent_told = CodesField(
        label=_("If she consented: what was talked about"), choices=ConsentPrompt.choices, required=False,
        help_text=_("All seven, or her consent stays pending until you have talked about the rest."),
    )  # fmt: skip
    consent_on = DayField(label=_("Day of her consent"), required=False, past=True)
    first_name = LineField(label=_("First name"), required=False, max_length=120)
    second_name = LineField(label=_("Family name"), required=False, max_length=120)
    other_names = LineField(
        label=_("Other names"),
        required=False,
        max_length=200,
        help_text=_("A name she likes to be called, other spellings."),
    )
    birth_date = DayField(label=_("Date of birth"), required=False, past=True)
    status = CodeField(
        label=_("Is this a case already?"), radio=True, initial=CaseStatus.ACTIVE,
        choices=[
            (CaseStatus.ACTIVE, _("Yes, we work with her")),
            (CaseStatus.SCREENING, _("Not sure yet, we are screening")),
        ],
    )  # fmt: skip
    opened_on = DayField(label=_("Day of the intake"), past=True)
    team = CodeField(label=_("Team"), help_text=_("The team's supervisor will see the case."))

    why = {
        "contact_channel": _(
            "A call or a letter at the wrong moment can put her in danger. “Do not contact” is an answer."
        ),
        "language": _("So that she can speak for herself, with an interpreter if she wants one."),
        "consent_state": _("It is hers to decide. A no, or no answer, never keeps her from being helped."),
        "first_name": _(
            "Only so that colleagues who work with her can call her by name. The case has an alias without it."
        ),
        "birth_date": _("Some help and some deadlines depend on age. Leave it empty if she does not want to say."),
    }

    def __init__(self, *args: Any, teams: Sequence[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = code_choices(languages(), empty=_("Choose…"))  # type: ignore[attr-defined]
        self.fields["opened_on"].initial = timezone.localdate
        self.fields["team"].choices = [(str(team.uid), team.name) for team in teams]  # type: ignore[attr-defined]
        if teams:
            self.fields["team"].initial = str(teams[0].uid)
        if len(teams) == 1:
            self.fields["team"].widget = forms.HiddenInput()
        _without_autofill(self)

    def clean(self) -> dict[str, Any]:
        """Consent counts only with all seven prompts and a day (domain.md R2). A refusal blocks nothing."""
        facts = super().clean() or self.cleaned_data
        if facts.get("consent_state") == ConsentState.CONSENTED:
            if set(facts.get("consent_told", [])) != set(ConsentPrompt.values):
                sentence = gettext(
                    "Consent counts when all seven have been talked about. Tick them, or choose “Pending”."
                )
                self.add_error("consent_told", sentence)
            if not facts.get("consent_on") and "consent_on" not in self.errors:
                self.add_error("consent_on", gettext("Enter the day of her consent, or choose “Pending”."))
        return facts

    def intake(self, asked_by: str) -> Intake:
        """What the action takes. ``asked_by``: the name of whoever asked for consent."""
        facts = self.cleaned_data
        consented = facts["consent_state"] == ConsentState.CONSENTED
        told = {prompt: prompt in facts["consent_told"] for prompt in ConsentPrompt.values} if consented else {}
        record = {}
        if consented:
            record = {
                "obtained_on": facts["consent_on"].isoformat(),
                "obtained_by": asked_by,
                "language": facts["language"],
            }
        return Intake(
            opened_on=facts["opened_on"],
            language=facts["language"],
            status=facts["status"],
            contact_channel=facts["contact_channel"],
            contact_rule=contact_words(facts["contact_channel"], facts["contact_rule"]),
            contact_value=facts["contact_value"],
            consent_state=facts["consent_state"],
            consent_told=told,
            consent_record=record,
            first_name=facts["first_name"],
            second_name=facts["second_name"],
            other_names=facts["other_names"],
            birth_date=facts["birth_date"],
        )


def contact_words(channel: str, words: str) -> str:
    """The rule as the case header shows it: the way first, then what must be respected."""
    label = str(ContactChannel(channel).label)
    return f"{label}. {words.strip()}" if words.strip() else f"{label}."


def _without_autofill(form: forms.Form) -> None:
    """A browser must not learn these answers, nor offer those of another person."""
    for field in form.fields.values():
        field.widget.attrs.setdefault("autocomplete", "off")
