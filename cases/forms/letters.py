"""Forms of a letter from a case."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.access.sections import Section
from casemgmt.interface.forms import CodeField, HavenForm, LineField, TextField
from cases.forms.tasks import OFFICIAL_NUMBER
from cases.letters import TO_HER, TO_SOMEBODY_ELSE


class LetterForm(HavenForm):
    """The letter as it will be kept, for whom it is, and the word that her rule was read."""

    wide = ("body", "has_read")
    why = {"name": _("File names travel: no name, no number, nothing that says what this is about.")}

    name = LineField(label=_("Name of the file"), max_length=60)
    goes_to = CodeField(
        label=_("For whom"), choices=[(TO_HER, _("To her")), (TO_SOMEBODY_ELSE, _("To somebody else"))], radio=True
    )
    section = CodeField(
        label=_("Part of the case"), empty=None, help_text=_("Everybody who holds it can open the letter.")
    )
    body = TextField(label=_("The letter"), rows=18, max_length=20_000)
    has_read = forms.BooleanField(
        label=_("I have read how she may be reached, and the letter goes that way"), required=False,
        help_text=_("Needed for a letter to her."),
    )  # fmt: skip

    def __init__(self, *args: Any, sections: list[Section], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["section"]
        field.choices = [(one.value, one.label) for one in sections]
        field.initial = sections[0].value if sections else ""

    def clean_name(self) -> str:
        """No official number in what becomes the name of a file (domain.md R14)."""
        name = str(self.cleaned_data["name"])
        if OFFICIAL_NUMBER.search(name):
            self.add_error("name", _("Leave official numbers out of the name."))
        return name
