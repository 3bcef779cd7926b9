"""Forms of the History tab: what to bring back, and what was written into the wrong record."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgmt.interface.forms import CodeField, CodesField, HavenForm, LineField


class RestoreForm(HavenForm):
    """Which fields come back. ``fields``: (name, label) of those that may."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    chosen = CodesField(label=gettext_lazy("What to bring back"))

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: Any = self.fields["chosen"]
        offered.choices = choices
        offered.initial = [name for name, _label in choices]


class WrongRecordForm(HavenForm):
    """Why a version does not belong here."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    reason = LineField(
        label=gettext_lazy("What happened"),
        help_text=gettext_lazy("For the second person. No name and no word of what was written."),
    )


class CorrectionDecisionForm(HavenForm):
    """What the second person says."""

    APPROVE, DECLINE = "APPROVE", "DECLINE"

    decision = CodeField(
        label=gettext_lazy("Your decision"), radio=True,
        choices=[
            (APPROVE, gettext_lazy("Remove it: it is destroyed and cannot come back")),
            (DECLINE, gettext_lazy("Leave it as it is")),
        ],
    )  # fmt: skip
    reason = LineField(label=gettext_lazy("Why not (for who asked)"), required=False)

    def clean(self) -> dict[str, Any]:
        """A no needs its reason."""
        facts = super().clean() or self.cleaned_data
        if facts.get("decision") == self.DECLINE and not facts.get("reason"):
            self.add_error("reason", _("Say why not."))
        return facts
