"""Forms of a sheet of another system: what each column is, and what its words and days mean."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from casemgmt.interface.forms import CodeField, HavenForm
from cases.htcds.columns import DAY_FIRST, MONTH_FIRST
from cases.htcds.fields import FIELDS, FieldType
from cases.htcds.findings import field_label
from cases.htcds.mapping import CHOOSABLE, NEEDED
from cases.htcds.places import folded

#: Which group of the select a field stands in, by its prefix in the standard.
_GROUPS = (
    ("prs_", _("About her")), ("vic_", _("Trafficking")), ("con_", _("Consent")), ("cas_", _("Case and referrals")),
    ("cco_", _("Comments")),
)  # fmt: skip
#: Leaving a cell empty is an answer, too; no answer at all keeps the rows waiting for correction.
LEAVE_EMPTY = "-"


class ColumnsForm(HavenForm):
    """One question for each column: which field it is, or that it is left out."""

    mark_optional = False
    header_row = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, choice: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["header_row"].initial = choice.columns.first_row
        self.letters: list[str] = []
        for column in choice.columns.columns:
            samples = choice.samples.get(column.letter, [])
            if not column.header and not samples:
                continue
            self.letters.append(column.letter)
            label = _("Column %(column)s: %(header)s") % {"column": column.letter, "header": column.header or "–"}
            said = (
                _("For example: %(samples)s") % {"samples": " · ".join(samples)}
                if samples
                else _("Empty in the first rows")
            )
            self.fields[column.letter] = CodeField(
                choices=_fields(column.name), empty=_("Leave out"), required=False, label=label, help_text=said,
                initial=choice.proposed.get(column.letter, ""),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """No field twice; and at least one by which a case can be told from nothing."""
        facts = super().clean() or {}
        seen: dict[str, str] = {}
        for letter, name in self.names().items():
            if name in seen:
                words = {"field": field_label(name), "column": seen[name]}
                self.add_error(letter, _("“%(field)s” is column %(column)s already. Choose one of them.") % words)
            seen.setdefault(name, letter)
        if not seen.keys() & set(NEEDED):
            self.add_error(None, _("Choose at least the column of a name, a language or a status."))
        return facts

    def names(self) -> dict[str, str]:
        """Field by column letter, without those that are left out."""
        return {letter: name for letter in self.letters if (name := self.cleaned_data.get(letter))}


def _fields(own: str) -> list[tuple[Any, Any]]:
    names = [*CHOOSABLE, *([own] if own and own not in CHOOSABLE else [])]
    groups = [
        (label, [(name, FIELDS[name].label) for name in names if name.startswith(prefix)]) for prefix, label in _GROUPS
    ]
    return [(label, sorted(fields, key=lambda one: str(one[1]))) for label, fields in groups]


class AnswersForm(HavenForm):
    """One question for each word that is no answer of its field, and for the order of days in a column."""

    mark_optional = False

    def __init__(
        self, *args: Any, words: Mapping[tuple[str, str], int], days: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.words: dict[str, tuple[str, str]] = {}
        self.days = list(days)
        for name, example in days.items():
            self.fields[f"day-{name}"] = CodeField(
                choices=[(DAY_FIRST, _("Day, then month")), (MONTH_FIRST, _("Month, then day"))], empty=_("Ask me row by row"),
                required=False, label=_("%(field)s: how are its days written?") % {"field": field_label(name)},
                help_text=_("For example: %(samples)s") % {"samples": example},
            )  # fmt: skip
        for (name, word), count in words.items():
            key = f"word-{name}-{folded(word)}"
            if key in self.words:
                continue
            self.words[key] = (name, folded(word))
            rows = ngettext("In %(count)s row.", "In %(count)s rows.", count) % {"count": count}
            self.fields[key] = CodeField(
                choices=[*_answers(name), (LEAVE_EMPTY, _("Leave empty"))], empty=_("Ask me row by row"), required=False,
                label=_("%(field)s: “%(word)s”") % {"field": field_label(name), "word": word}, help_text=rows,
            )  # fmt: skip

    def meanings(self) -> dict[str, dict[str, str]]:
        """By field: folded word → code, or "" to leave it empty."""
        said: dict[str, dict[str, str]] = {}
        for key, (name, word) in self.words.items():
            if code := self.cleaned_data.get(key):
                said.setdefault(name, {})[word] = "" if code == LEAVE_EMPTY else code
        return said

    def orders(self) -> dict[str, str]:
        """By date field, how its days are written."""
        return {name: order for name in self.days if (order := self.cleaned_data.get(f"day-{name}"))}


def _answers(name: str) -> list[tuple[Any, Any]]:
    if FIELDS[name].type == FieldType.CHECKBOX:
        return [("TRUE", _("Yes")), ("FALSE", _("No"))]
    return list(FIELDS[name].choices())
