"""Forms for taking in several people of one incident: a line each, the least that is needed to open a case."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgmt.accounts.models import Team
from casemgmt.interface.forms import CodeField, DayField, HavenForm, LineField, code_choices
from cases.actions.intake import Intake
from cases.answers import AGE_DISPUTED
from cases.choices.safety import AlertCode
from cases.choices.survivor import ContactChannel, TriState
from cases.forms.intake import contact_words
from cases.htcds.places import languages

#: So many lines are on the page, and so many at most.
LINES, MOST_LINES = 10, 20


class GroupForm(HavenForm):
    """What all of them have in common."""

    opened_on = DayField(label=gettext_lazy("Day of the intake"), past=True)
    team = CodeField(label=gettext_lazy("Team"), help_text=gettext_lazy("The team's supervisor will see the cases."))

    def __init__(self, *args: Any, teams: Sequence[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opened_on"].initial = timezone.localdate
        self.fields["team"].choices = [(str(team.uid), team.name) for team in teams]  # type: ignore[attr-defined]
        if teams:
            self.fields["team"].initial = str(teams[0].uid)
        if len(teams) == 1:
            self.fields["team"].widget = forms.HiddenInput()


class PersonForm(HavenForm):
    """One person. Her alias comes by itself, nobody contacts her yet, and her consent is still to be asked for.

    An empty line is nobody; a line with anything in it needs her language, so that she can be spoken with.
    """

    mark_optional = False

    language = CodeField(label=gettext_lazy("Language"), required=False, empty=gettext_lazy("Choose…"))
    first_name = LineField(label=gettext_lazy("First name, if she says it"), required=False, max_length=120)
    second_name = LineField(label=gettext_lazy("Family name, if she says it"), required=False, max_length=120)
    minor = CodeField(
        label=gettext_lazy("Under 18?"), choices=TriState.choices, required=False, empty=gettext_lazy("Not asked yet")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = code_choices(languages(), empty=_("Choose…"))  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")

    @property
    def is_somebody(self) -> bool:
        """Whether anything was written in this line."""
        return any(value for name, value in self.cleaned_data.items() if name != "form_key")

    def clean(self) -> dict[str, Any]:
        """A line that is somebody has a language."""
        facts = super().clean() or self.cleaned_data
        if self.is_somebody and not facts.get("language") and "language" not in self.errors:
            self.add_error("language", _("Choose the language she wants to speak with us."))
        return facts

    def intake(self, opened_on: date) -> Intake:
        """What the action takes."""
        facts = self.cleaned_data
        # A yes is the alert on the card; a no, or that she herself cannot say, is what is known of a doubt about her age.
        about = {AGE_DISPUTED: facts["minor"]} if facts["minor"] in (TriState.NO, TriState.UNKNOWN) else {}
        return Intake(
            opened_on=opened_on, language=facts["language"], first_name=facts["first_name"], second_name=facts["second_name"],
            contact_channel=ContactChannel.NONE, contact_rule=contact_words(ContactChannel.NONE, ""),
            alerts=(AlertCode.MINOR.value,) if facts["minor"] == TriState.YES else (),
            about=about,
        )  # fmt: skip
