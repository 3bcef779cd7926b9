"""Forms of retention: a period, as counsel set it."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, DayField, HavenForm, LineField
from cases.actions.retention import check_policy
from cases.choices.retention import BEGINS, OF_THE_LEDGER, USUAL, PeriodUnit, RecordClass
from cases.errors import CaseError


class PolicyForm(HavenForm):
    """How long a class of records is kept, on what ground, and from when. ``record_class`` is chosen by the page."""

    why = {"authority": _("Auditors read this. Name the source, no case and no person.")}
    wide = ("authority",)

    number = forms.IntegerField(
        label=_("How long it is kept"), min_value=1, max_value=1200,
        error_messages={"required": _("Write a number."), "invalid": _("Write a number.")},
    )  # fmt: skip
    unit = CodeField(label=_("Counted in"), choices=PeriodUnit.choices)
    authority = LineField(label=_("Who or what sets this period"), max_length=300)
    effective_from = DayField(label=_("From which day"))
    counts_from = DayField(
        label=_("Counts from this day at the earliest"), required=False,
        help_text=_(
            "For records that a grant paid for: the day of its last financial report. While the grant runs, the day you "
            "expect; set the period again when it is known."
        ),
    )  # fmt: skip

    def __init__(self, *args: Any, record_class: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record_class = RecordClass(record_class)
        fields: dict[str, Any] = self.fields
        fields["number"].help_text = f"{BEGINS[self.record_class]}. {USUAL[self.record_class]}."
        fields["effective_from"].initial = timezone.localdate()
        if self.record_class in OF_THE_LEDGER:
            del fields["counts_from"]

    def clean(self) -> dict[str, Any]:
        """The sentence of the rule beside its field."""
        facts = super().clean() or self.cleaned_data
        if {"number", "unit", "authority", "effective_from"} <= set(facts):
            try:
                check_policy(
                    self.record_class, facts["number"], facts["unit"], facts["authority"], facts["effective_from"],
                    today=timezone.localdate(),
                )  # fmt: skip
            except CaseError as error:
                self.add_error(error.field, str(error))
        return facts
