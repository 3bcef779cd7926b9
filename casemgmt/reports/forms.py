"""Forms of the gallery: what a reviewer found, a copy of the ledger, and naming a case."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.pseudonyms import ALPHABET
from audit.workspace import digest
from audit.workspace.copies import CSV, JSONL
from audit.workspace.models import Outcome, WhyIdentify
from casemgmt.interface.forms import CodeField, HavenForm, TextField

#: A sentence, not a word.
FEWEST_LETTERS = 15


def _sentence(text: str) -> str:
    if len(text.strip()) < FEWEST_LETTERS:
        raise forms.ValidationError(_("Write a sentence, so that it can be understood in a year."), code="short")
    return text


class ReviewHint(HavenForm):
    """The first reviewer."""

    outcome = CodeField(Outcome.choices, label=_("What was it?"), radio=True)
    words = TextField(
        label=_("What you looked at, and what you found"),
        help_text=_("Never write a survivor's name or a case number. Colleagues who review read this."),
        rows=4,
    )

    def clean_words(self) -> str:
        """A sentence."""
        return _sentence(self.cleaned_data["words"])


class SecondReview(HavenForm):
    """The second reviewer, where the first was too near."""

    agrees = CodeField(
        [("YES", _("I find the same: settle it")), ("NO", _("I see it otherwise: back to the queue"))],
        label=_("What do you find?"),
        radio=True,
    )
    words = TextField(label=_("What you looked at, and what you found"), rows=4)

    def clean_words(self) -> str:
        """A sentence."""
        return _sentence(self.cleaned_data["words"])


class MakeCopy(HavenForm):
    """What leaves the house."""

    form = CodeField(
        [
            (CSV, _("CSV, for a spreadsheet")),
            (JSONL, _("JSONL, each event with its proof: to be checked without us")),
        ],
        label=_("As what?"),
        radio=True,
    )
    names = CodeField(
        [("CODES", _("By the ledger's own names (P-XXXX-XXXX)")), ("NAMES", _("By their names"))],
        label=_("How do members of staff appear?"),
        radio=True,
    )


class AskWhichCase(HavenForm):
    """A privacy officer asks which case is meant."""

    code = forms.CharField(
        label=_("The auditor's name of the case (S-XXXX-XXXX)"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    purpose = CodeField(WhyIdentify.choices, label=_("What for?"), radio=True)
    reason = TextField(
        label=_("Why it has to be known"),
        help_text=_("The second person reads this and decides. It stays in the ledger."),
        rows=4,
    )

    def clean_code(self) -> Any:
        """The uid of the case. A name that the ledger does not know is said so: names tell nothing of anybody."""
        found = digest.find_case(self.cleaned_data["code"].strip().upper())
        if found is None:
            raise forms.ValidationError(_("The ledger knows no case of this name."), code="unknown")
        return found

    def clean_reason(self) -> str:
        """A sentence."""
        return _sentence(self.cleaned_data["reason"])


#: The ledger's name of a client address, as people read it out and type it.
_ADDRESS_NAME = re.compile(rf"A-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}")


class OpenAddress(HavenForm):
    """A privacy officer opens a client address."""

    name = forms.CharField(
        label=_("The ledger's name of the address (A-XXXX-XXXX)"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    reason = TextField(
        label=_("Why you must know it"),
        help_text=_("This stays in the ledger. Never write a survivor's name or a case number."),
        rows=4,
    )

    def clean_name(self) -> str:
        """As the ledger writes it."""
        name: str = self.cleaned_data["name"].strip().upper()
        if not _ADDRESS_NAME.fullmatch(name):
            raise forms.ValidationError(
                _("Names of addresses look like A-7Q4K-29MX. Copy it from the event."), code="unknown"
            )
        return name

    def clean_reason(self) -> str:
        """A sentence."""
        return _sentence(self.cleaned_data["reason"])
