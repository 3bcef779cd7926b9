"""The form of a reporting authority. It has no field for words in which a case could stand."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, DayField, HavenForm, LineField
from cases.actions.authorities import LookedUp
from cases.choices.configuration import WRITTEN_WITHIN
from cases.choices.releases import MandateTrigger
from cases.forms.answers import PhoneField
from cases.forms.duties import HOURS

_COUNTED = ("hours", "writing_hours")


class PublicPhoneField(PhoneField):
    """An agency's telephone: checked as every other, and kept as it is written, so that it can be read out."""

    def clean(self, value: Any) -> str:
        """The line as it was written."""
        super().clean(value)
        return LineField.clean(self, value)


class AuthorityForm(HavenForm):
    """A new row."""

    why = {"phone": _("It stands beside the report, so that whoever must report can call at once.")}
    wide = ("authority", "agency", "in_writing")

    trigger = CodeField(label=_("What must be reported"), choices=MandateTrigger.choices)
    jurisdiction = LineField(
        label=_("Where"), max_length=80, help_text=_("The state or country, for example New York, USA.")
    )
    authority = LineField(label=_("By which law"), max_length=160)
    agency = LineField(label=_("To which agency"), max_length=160)
    phone = PublicPhoneField(
        label=_("Its telephone"), required=False, max_length=40,
        help_text=_("The public line of the agency. Nobody's own number."),
    )  # fmt: skip
    hours = CodeField(
        label=_("Say it by telephone within"), choices=HOURS, required=False, empty=_("No hours are counted"),
        help_text=_("If the law says “immediately”, choose the hours that your counsel goes by."),
    )  # fmt: skip
    in_writing = forms.BooleanField(label=_("The law wants it in writing, too"), required=False)
    writing_hours = CodeField(
        label=_("In writing within"), required=False, empty=_("No hours are counted"),
        choices=[(code, label) for code, label in HOURS if int(code) in WRITTEN_WITHIN],
    )  # fmt: skip
    looked_up_on = DayField(
        label=_("Looked up on"), past=True, help_text=_("When somebody last read the law and the agency's own page.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["looked_up_on"].initial = timezone.localdate
        self.fields["phone"].widget.attrs.update({"inputmode": "tel", "dir": "ltr"})

    @property
    def found(self) -> LookedUp:
        """What was looked up, for the action."""
        facts = {name: self.cleaned_data[name] for name in LookedUp.__dataclass_fields__}
        return LookedUp(**{**facts, **{name: int(facts[name] or 0) or None for name in _COUNTED}})


class ChangedAuthorityForm(AuthorityForm):
    """A row changed; ``version`` is the one that was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)
