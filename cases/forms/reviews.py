"""Forms of the review of access, and of the question who could see a case on a date."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import clock
from casemgmt.accounts.models import Team
from casemgmt.interface.forms import CodeField, DayField, HavenForm, LineField, MomentField, TextField, end_of_day
from cases.choices.sharing import ReviewDecision

#: What a person may decide, in the words of an order; there is no "keep all".
DECISIONS = [
    (ReviewDecision.KEEP.value, gettext_lazy("Keep it as it is")),
    (ReviewDecision.SHORTEN.value, gettext_lazy("Let it end sooner")),
    (ReviewDecision.REVOKE.value, gettext_lazy("End it now")),
]


class AtDateForm(HavenForm):
    """A case by its number, and a moment that has passed."""

    number = LineField(label=gettext_lazy("Case number"), max_length=40)
    at = MomentField(label=gettext_lazy("Day and time"))

    def clean_at(self) -> datetime:
        """Nobody can say who will be able to see it."""
        at: datetime = self.cleaned_data["at"]
        if at > clock.now():
            raise forms.ValidationError(_("This moment has not come yet. Choose an earlier one."), code="in_future")
        return at


class BeginReviewForm(HavenForm):
    """Of which team the access is to be looked at."""

    team = forms.ModelChoiceField(
        label=gettext_lazy("Team"), queryset=Team.objects.none(), empty_label=gettext_lazy("Choose…"),
        error_messages={
            "required": gettext_lazy("Choose a team."), "invalid_choice": gettext_lazy("Choose one of the teams."),
        },
    )  # fmt: skip

    def __init__(self, *args: Any, organisation_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["team"]
        field.queryset = Team.objects.filter(organisation_id=organisation_id).order_by("name")


class DecideForm(HavenForm):
    """What becomes of one access, and why."""

    wide = ("decision", "reason")

    decision = CodeField(label=gettext_lazy("What becomes of it"), choices=DECISIONS, radio=True)
    until = DayField(
        label=gettext_lazy("Its last day"), coming=True, required=False,
        help_text=gettext_lazy("Only where it is to end sooner."),
    )  # fmt: skip
    reason = TextField(label=gettext_lazy("Why, in a few words"), rows=2, max_length=1_000)

    def clean(self) -> dict[str, Any]:
        """A day belongs to "sooner", and to nothing else."""
        facts: dict[str, Any] = super().clean() or self.cleaned_data
        sooner = facts.get("decision") == ReviewDecision.SHORTEN
        if sooner and not facts.get("until") and "until" not in self.errors:
            self.add_error("until", _("Choose its last day."))
        if facts.get("until") and facts.get("decision") and not sooner:
            self.add_error("until", _("A day is only for “Let it end sooner”. Choose that, or leave the day empty."))
        return facts

    @property
    def until_moment(self) -> datetime | None:
        """The last moment of the chosen day on the reader's clock, or None."""
        day = self.cleaned_data.get("until")
        return end_of_day(day) if day else None
