"""Her account of who saw and received her data: of which time, in which language, and whether the house's people are named."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from casemgmt.interface.forms import CodeField, DayField
from cases.htcds.places import language_name

#: Of the page for paper: a language speaks when its catalogue has all of them.
SENTENCES = (
    gettext_noop("Who saw what about me, and who was given what"), gettext_noop("Given out"), gettext_noop("Seen by"),
    gettext_noop("Could be seen there with my release"), gettext_noop("Nothing was given out."),
    gettext_noop("Nobody saw anything in this time."), gettext_noop("printed or took a copy"),
    gettext_noop("in an emergency"),
)  # fmt: skip


def is_translated(language: str) -> bool:
    """Whether the catalogue of this language has the sentences of the account."""
    with translation.override(language):
        return language == "en" or all(translation.gettext(sentence) != sentence for sentence in SENTENCES)


def speaking(language: str) -> tuple[str, str]:
    """In which language the account is written, and the name of the one that was meant where it cannot speak yet."""
    known = {code for code, _label in settings.LANGUAGES}
    meant = language if language in known else language.split("-")[0]
    if meant in known and is_translated(meant):
        return meant, ""
    return "en", language_name(language) if language else ""


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
