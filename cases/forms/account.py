"""Her account of who saw and received her data: of which time, in which language, and whether the house's people are named."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, DayField


class AccountForm(forms.Form):
    """Sent by GET: it changes nothing. Without a day, everything since the case was opened."""

    since = DayField(label=_("From"), past=True, required=False)
    until = DayField(label=_("Until"), past=True, required=False)
    language = CodeField(choices=settings.LANGUAGES, label=_("Language"), required=False, empty=_("Her language"))
    names = forms.BooleanField(label=_("Name the people of this house"), required=False)

    def __init__(self, *args: Any, begins: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.begins = begins

    def clean(self) -> dict[str, Any]:
        """A time has its end after its beginning."""
        facts = super().clean() or self.cleaned_data
        since, until = facts.get("since"), facts.get("until")
        if since and until and until < since:
            self.add_error("until", _("Choose a day that is not before the first one."))
        return facts

    @property
    def chosen(self) -> tuple[date, date, bool]:
        """From when, until when, and whether with names; where something is not valid, everything and without names."""
        if not self.is_bound or not self.is_valid():
            return self.begins, timezone.localdate(), False
        facts = self.cleaned_data
        until = facts["until"] or timezone.localdate()
        return min(facts["since"] or self.begins, until), until, facts["names"]

    @property
    def asked_language(self) -> str:
        """The language that was chosen; empty for hers."""
        return str(self.cleaned_data.get("language") or "") if self.is_bound and self.is_valid() else ""
