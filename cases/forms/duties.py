"""Forms for what the law demands: a report, a process, what was given because of them; and what was given by a release."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, CodesField, DayField, HavenForm, LineField, MomentField, TextField
from cases import authorities
from cases.actions.disclosures import Given, Report
from cases.actions.duties import Withheld
from cases.actions.putting_off import PutOff
from cases.choices.releases import (
    DisclosureHow,
    InfoCategory,
    MandateTrigger,
    Privilege,
    ProcessKind,
    ProcessResponse,
    PutOffBecause,
    ToldHow,
    WithheldKind,
)
from cases.forms.erasure import AboutCaseForm
from cases.models import ReportingAuthority

#: What statutes of the states ask for (domain.md §2.7); where one counts days, none is chosen.
HOURS = [("24", _("24 hours")), ("36", _("36 hours")), ("48", _("48 hours")), ("72", _("72 hours"))]
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
        "hours": _(
            "Many laws say “immediately”: then choose the hours of the state. They count from when it was learned."
        ),
    }
    wide = ("is_informed_before", "why_not_informed", "in_writing")

    trigger = CodeField(label=_("What must be reported"), choices=MandateTrigger.choices)
    jurisdiction = LineField(label=_("Where"), max_length=80, help_text=_("The state or country whose law demands it."))
    authority = LineField(label=_("By which law"), max_length=160)
    agency = LineField(label=_("To which agency"), max_length=160)
    discovered_on = DayField(label=_("Learned on"), past=True)
    learned_at = MomentField(label=_("At what time"), required=False)
    hours = CodeField(label=_("Say it by telephone within"), choices=HOURS, required=False)
    due_on = DayField(label=_("Due on"), help_text=_("The day of the report in writing, or of the only one."))
    in_writing = forms.BooleanField(label=_("The law wants it in writing, too"), required=False)
    reference = LineField(label=_("Reference of the agency"), required=False, max_length=80)
    reporter = LineField(label=_("Who reports"), required=False, max_length=120)
    is_informed_before = forms.BooleanField(label=_("She was told before"), required=False)
    why_not_informed = LineField(label=_("If not, why"), required=False)

    @classmethod
    def typed_with_row(cls, posted: QueryDict, row: ReportingAuthority | None) -> dict[str, Any]:
        """What was typed, as ``initial`` of a fresh form, with the values of a row of the table in its own fields."""
        typed: dict[str, Any] = {name: posted.get(name, "") for name in cls.base_fields if name != "form_key"}
        if row is None:
            return typed
        form = cls(posted)
        form.is_valid()
        learned = form.cleaned_data.get("discovered_on"), form.cleaned_data.get("learned_at")
        due_on = authorities.due_on(row, learned_on=learned[0], learned_at=learned[1])
        of_row = {name: getattr(row, name) for name in ("trigger", "jurisdiction", "authority", "agency", "in_writing")}
        return {**typed, **of_row, "hours": str(row.hours or ""), **({"due_on": due_on} if due_on else {})}

    @property
    def report(self) -> Report:
        """What the report says of itself."""
        facts = {name: self.cleaned_data[name] for name in Report.__dataclass_fields__}
        return Report(**{**facts, "hours": int(facts["hours"] or 0) or None})


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


class AnswerForm(HavenForm):
    """How a process was answered, and whether it is over."""

    why = {"is_over": _("Until it is over, nothing of the case can be erased.")}
    wide = ("is_over",)

    response = CodeField(label=_("What became of it"), choices=ProcessResponse.choices, radio=True)
    is_over = forms.BooleanField(label=_("It is over: counsel expects nothing more"), required=False)


class WithheldForm(HavenForm):
    """A line of the privilege log. There is no field for words: it says nothing of what was written."""

    what = CodeField(label=_("What was withheld"), choices=WithheldKind.choices)
    privilege = CodeField(label=_("By which right"), choices=Privilege.choices)
    number = forms.IntegerField(label=_("How many"), min_value=1, max_value=99_999)
    dated_from = DayField(label=_("Written from"), past=True)
    dated_until = DayField(label=_("Until"), past=True)

    @property
    def withheld(self) -> Withheld:
        """The line."""
        return Withheld(**{name: self.cleaned_data[name] for name in Withheld.__dataclass_fields__})


class PutOffForm(HavenForm):
    """Who forbids telling her, on which ground, until when."""

    why = {
        "until": _(
            "On this day it comes back to the lists. If the order has no end, choose when counsel looks at it again."
        )
    }

    authority = LineField(
        label=_("By whom"), max_length=160, help_text=_("The court and its order, the statute, or the office and its letter.")
    )  # fmt: skip
    because = CodeField(label=_("Because"), choices=PutOffBecause.choices, radio=True)
    until = DayField(label=_("Until"))

    @property
    def put_off(self) -> PutOff:
        """What was said."""
        return PutOff(**{name: self.cleaned_data[name] for name in PutOff.__dataclass_fields__})


class ToldForm(HavenForm):
    """How she was told of a process, and what she wishes."""

    wide = ("wishes",)

    how = CodeField(label=_("How she was told"), choices=ToldHow.choices)
    wishes = TextField(
        label=_("What she wishes"), rows=3, max_length=2_000,
        help_text=_("For example: that counsel objects, that a judge hears her first, or nothing."),
    )  # fmt: skip
