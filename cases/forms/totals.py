"""The form for totals without persons that were given out."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, DayField, HavenForm, LineField
from cases.actions.totals import Totals, check_totals
from cases.choices.releases import DisclosureHow, TotalsKind
from cases.errors.releases import TotalsLack

_HOW = [choice for choice in DisclosureHow.choices if choice[0] != DisclosureHow.HTCDS_CSV]


class TotalsForm(HavenForm):
    """To whom, for what, about which time; and that no person is in them."""

    why = {
        "is_without_persons": _(
            "Totals need no release, because nobody can be found in them. One small number can be enough to find somebody."
        ),
    }
    wide = ("is_without_persons",)

    kind = CodeField(label=_("What for"), choices=TotalsKind.choices)
    recipient = LineField(
        label=_("To which organisation"), max_length=120,
        help_text=_("Its name alone. No number of a case, no name of a person."),
    )  # fmt: skip
    period_from = DayField(label=_("About the time from"), past=True)
    period_until = DayField(label=_("Until"), past=True)
    how = CodeField(label=_("How"), choices=_HOW)
    given_on = DayField(label=_("Given on"), past=True)
    is_without_persons = forms.BooleanField(
        label=_("Totals only: no line of a person, and small numbers are left out"),
        error_messages={"required": TotalsLack.sentences["is_without_persons"]},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["given_on"].initial = timezone.localdate()

    def clean(self) -> dict[str, Any]:
        """The sentence of the rule beside its field, before anything is sent on."""
        facts = super().clean() or self.cleaned_data
        if set(Totals.__dataclass_fields__) <= set(facts):
            try:
                check_totals(self.totals, today=timezone.localdate())
            except TotalsLack as lack:
                self.add_error(lack.what, str(lack))
        return facts

    @property
    def totals(self) -> Totals:
        """What was given."""
        return Totals(**{name: self.cleaned_data[name] for name in Totals.__dataclass_fields__})
