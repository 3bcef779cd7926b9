"""Forms of redacted samples: from which time, how many, for how long, and why one is taken back."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, DayField, HavenForm
from cases.actions.samples import MOST_DAYS, MOST_SHEETS
from cases.choices.release_checks import SheetFinding, WhyWithdrawn

_NUMBER = {"required": _("Write a number."), "invalid": _("Write a number.")}


class DrawForm(HavenForm):
    """Which time and how many. Which releases is the system's to draw."""

    period_from = DayField(label=_("Releases that began from"), past=True)
    period_until = DayField(label=_("Until"), past=True)
    size = forms.IntegerField(
        label=_("How many sheets"), min_value=1, max_value=MOST_SHEETS, initial=10, error_messages=_NUMBER
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        fields: dict[str, Any] = self.fields
        fields["period_from"].initial, fields["period_until"].initial = today.replace(month=1, day=1), today

    def clean(self) -> dict[str, Any]:
        """A time has its end after its beginning."""
        facts = super().clean() or self.cleaned_data
        since, until = facts.get("period_from"), facts.get("period_until")
        if since and until and until < since:
            self.add_error("period_until", _("Choose a day that is not before the first one."))
        return facts


class LookForm(HavenForm):
    """What somebody finds of one sheet. Two buttons."""

    finding = CodeField(SheetFinding.choices, label=_("What do you find?"), radio=True)


class ShowForm(HavenForm):
    """For how long auditors see it."""

    days = forms.IntegerField(
        label=_("For how many days"), min_value=1, max_value=MOST_DAYS, initial=14, error_messages=_NUMBER
    )


class WithdrawForm(HavenForm):
    """Why it is not shown any more. A code, because a reason in words could name somebody."""

    ground = CodeField(WhyWithdrawn.choices, label=_("Why?"), radio=True)
