"""Forms for what the law demands: a report, a process, what was given because of them; and what was given by a release."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, CodesField, DayField, HavenForm, LineField, TextField
from cases.actions.disclosures import Given, Report
from cases.choices.releases import DisclosureHow, InfoCategory, MandateTrigger, ProcessKind
from cases.forms.erasure import AboutCaseForm

_HOW = [choice for choice in DisclosureHow.choices if choice[0] != DisclosureHow.HTCDS_CSV]


class GivenForm(HavenForm):
    """What was given. ``least``: by law, so that only the least that is needed may be given."""

    wide = ("categories", "is_minimised")

    categories = CodesField(label=_("What was given"), choices=InfoCategory.choices)
    how = CodeField(label=_("How"), choices=_HOW)
    given_on = DayField(label=_("On"), past=True)
    is_minimised = forms.BooleanField(label=_("Only the least that was needed was given"), required=False)

    def __init__(self, *args: Any, categories: list[str] | None = None, least: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["given_on"].initial = timezone.localdate()
        fields["is_minimised"].required = least
        if categories is not None:
            fields["categories"].choices = [(code, label) for code, label in InfoCategory.choices if code in categories]

    @property
    def given(self) -> Given:
        """What was given."""
        names = ("categories", "how", "given_on", "is_minimised")
        return Given(**{name: self.cleaned_data[name] for name in names})


class ReportForm(AboutCaseForm):
    """A report that the law demands."""

    why = {
        "reporter": _("Sealed, and protected: the account that the survivor is given leaves it out."),
        "is_informed_before": _("The law asks that she is told before, wherever that is safe."),
    }
    wide = ("is_informed_before", "why_not_informed")

    trigger = CodeField(label=_("What must be reported"), choices=MandateTrigger.choices)
    jurisdiction = LineField(label=_("Where"), max_length=80, help_text=_("The state or country whose law demands it."))
    authority = LineField(label=_("By which law"), max_length=160)
    agency = LineField(label=_("To which agency"), max_length=160)
    discovered_on = DayField(label=_("Learned on"), past=True)
    due_on = DayField(label=_("Due on"))
    reference = LineField(label=_("Reference of the agency"), required=False, max_length=80)
    reporter = LineField(label=_("Who reports"), required=False, max_length=120)
    is_informed_before = forms.BooleanField(label=_("She was told before"), required=False)
    why_not_informed = LineField(label=_("If not, why"), required=False)

    @property
    def report(self) -> Report:
        """What the report says of itself."""
        return Report(**{name: self.cleaned_data[name] for name in Report.__dataclass_fields__})


class ProcessForm(AboutCaseForm):
    """What a court, an attorney or an authority sent."""

    wide = ("scope",)

    kind = CodeField(
        label=_("What came"), choices=ProcessKind.choices,
        help_text=_("A subpoena is usually not an order of a judge. Nothing is given on it; counsel answers it."),
    )  # fmt: skip
    issuer = LineField(label=_("From whom"), max_length=160)
    reference = LineField(label=_("Its number"), required=False, max_length=80)
    received_on = DayField(label=_("Received on"), past=True)
    due_on = DayField(label=_("Answer due on"), required=False)
    scope = TextField(label=_("What it asks for, in a few words"), rows=3, max_length=2_000)
