"""Forms of reaching her: that the rule was read, and how it went."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, HavenForm, TextField
from cases.choices.survivor import ContactChannel, ContactOutcome, outcome_words

#: "Do not contact" is a rule, and no way.
WAYS = [(one.value, one.label) for one in ContactChannel if one != ContactChannel.NONE]


class ContactForm(HavenForm):
    """Which way, and that her rule was read."""

    wide = ("reason",)

    channel = CodeField(choices=WAYS, label=_("How"))
    has_read = forms.BooleanField(label=_("I have read her rule"), required=False)
    reason = TextField(
        label=_("Why it cannot wait"), required=False, rows=2, max_length=1_000,
        help_text=_("Only where her rule stands against it. It stays on record."),
    )  # fmt: skip

    def suggest(self, way: str) -> None:
        """Offer the way of her rule first."""
        if not self.is_bound and way in dict(WAYS):
            self.fields["channel"].initial = way

    def speak_of_person(self) -> None:
        """Before one of her people is contacted there is more to read than her rule."""
        self.fields["has_read"].label = _("I have read her rule, and what stands here of this person")
        self.fields["reason"].help_text = _("Only where something stands against it. It stays on record.")

    @property
    def facts(self) -> dict[str, Any]:
        """What the action takes."""
        return {name: self.cleaned_data[name] for name in ("channel", "has_read", "reason")}


class OutcomeForm(HavenForm):
    """How it went."""

    wide = ("words",)

    outcome = CodeField(choices=ContactOutcome.choices, label=_("How it went"), radio=True)
    words = TextField(label=_("In a few words"), required=False, rows=3, max_length=2_000)

    def speak_of_person(self) -> None:
        """Say the outcomes of somebody else than of her."""
        listed = [(code, outcome_words(code, with_person=True)) for code in ContactOutcome.values]
        self.fields["outcome"].choices = listed  # type: ignore[attr-defined]

    @property
    def facts(self) -> dict[str, Any]:
        """What the action takes."""
        return {name: self.cleaned_data[name] for name in ("outcome", "words")}
