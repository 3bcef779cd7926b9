"""Forms of a breach. None of them has a place for a survivor's name."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, CodesField, HavenForm, MomentField
from cases.actions.breaches import Found
from cases.choices.duties import BreachCause, BreachKind, BreachLesson, NoticeDeferred
from cases.choices.releases import ToldHow
from cases.forms.erasure import AboutCaseForm


class BreachForm(HavenForm):
    """What is known in the first hour."""

    wide = ("kinds", "is_imminent", "tells_award", "tells_authority")

    kinds = CodesField(label=_("What happened"), choices=BreachKind.choices)
    detected_at = MomentField(label=_("Noticed at"), help_text=_("The clocks run from here."))
    occurred_at = MomentField(label=_("Happened at, if known"), required=False)
    people = forms.IntegerField(label=_("About how many survivors"), min_value=0, max_value=99_999, required=False)
    is_imminent = forms.BooleanField(label=_("It has not happened yet, but it is about to"), required=False)
    tells_award = forms.BooleanField(
        label=_("We have a federal award: its programme manager is told within 24 hours"), required=False, initial=True
    )
    tells_authority = forms.BooleanField(
        label=_("Data protection law applies: the authority is told within 72 hours"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["detected_at"].initial = timezone.localtime()

    @property
    def found(self) -> Found:
        """What is known."""
        return Found(**{name: self.cleaned_data[name] for name in Found.__dataclass_fields__})


class ConcernForm(AboutCaseForm):
    """A case that it concerns, by its number."""


class CloseForm(HavenForm):
    """What it came from, and what is done otherwise from now on."""

    wide = ("lessons",)

    root_cause = CodeField(label=_("What it came from"), choices=BreachCause.choices)
    lessons = CodesField(label=_("What we do otherwise from now on"), choices=BreachLesson.choices)


class NoticeForm(HavenForm):
    """She was told, or not yet: one of the two."""

    how = CodeField(label=_("How she was told"), choices=ToldHow.choices, required=False)
    deferred = CodeField(label=_("Or why not yet"), choices=NoticeDeferred.choices, required=False)
