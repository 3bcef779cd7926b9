"""Forms of import and export: a sheet, the cells to correct, and where an export goes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.accounts.models import Organisation, Team
from casemgmt.interface.forms import CodeField, CodesField, DayField, HavenForm, LineField, TextField, UploadField
from cases.choices.sharing import Purpose
from cases.htcds.cells import BROKEN, FORMULA, Cell
from cases.htcds.days import read_day
from cases.htcds.export import Profile
from cases.htcds.fields import FIELDS, FieldType
from cases.htcds.findings import BAD, field_label, sentence
from cases.htcds.understanding import match_codes
from cases.htcds.wording import codes_by_spelling

ACCEPT = ".xlsx,.csv,.tsv,.txt"


class UploadSheetForm(HavenForm):
    """A case sheet, and the team whose cases its rows become."""

    sheet = UploadField(
        label=_("Case sheet"), accept=ACCEPT,
        help_text=_("Excel (.xlsx) or CSV, made from the case sheet or the form of HTCDS 2.0. At most 20,000 rows."),
    )  # fmt: skip
    team = CodeField(label=_("Team"), empty=None, help_text=_("The cases will belong to this team."))

    def __init__(self, *args: Any, teams: Sequence[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = [(str(team.uid), team.name) for team in teams]  # type: ignore[attr-defined]
        if len(teams) == 1:
            self.fields["team"].widget = forms.HiddenInput()
            self.fields["team"].initial = str(teams[0].uid)


class CorrectRowForm(HavenForm):
    """The cells of one row that cannot be taken as they are, one question each. Empty is an answer: nothing is known."""

    mark_optional = False

    def __init__(self, *args: Any, findings: Sequence[dict[str, Any]], cells: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.letters: list[str] = []
        for finding in findings:
            letter = finding["column"]
            if finding["level"] != BAD or not letter or letter in self.letters:
                continue
            self.letters.append(letter)
            self.fields[letter] = self._field(finding, Cell.of_json(cells[letter]) if letter in cells else None)

    def _field(self, finding: dict[str, Any], cell: Cell | None) -> forms.Field:
        """The field for one cell, with what stood there and what is wrong with it above."""
        about = FIELDS[finding["name"]]
        label = _("Column %(column)s: %(field)s") % {"column": finding["column"], "field": field_label(about.name)}
        common: dict[str, Any] = {"label": label, "help_text": sentence(finding), "required": False}
        if about.takes_several:
            said = match_codes(cell.text, codes_by_spelling(about), several=True)[0] if cell else []
            return CodesField(choices=about.choices(), initial=said, **common)
        if about.is_coded:
            return CodeField(choices=about.choices(), empty=_("Leave empty"), **common)
        if about.type == FieldType.DATE:
            return DayField(past=True, initial=read_day(cell).day if cell else None, **common)
        if about.type == FieldType.CHECKBOX:
            answers = [("TRUE", _("Yes")), ("FALSE", _("No"))]
            return CodeField(choices=answers, empty=_("Leave empty"), **common)
        # A formula is shown, so that its value can be typed; what it would give is nobody's guess.
        common["initial"] = "" if cell is None or cell.kind in (FORMULA, BROKEN) else cell.text
        if about.type == FieldType.LONG_TEXT:
            return TextField(max_length=30_000, **common)
        return LineField(max_length=200, **common)

    def texts(self) -> dict[str, str]:
        """What to write into which column, as a sheet would hold it."""
        return {letter: _as_text(self.cleaned_data.get(letter)) for letter in self.letters}


def _as_text(answer: Any) -> str:
    if isinstance(answer, list):
        return "; ".join(answer)
    return answer.isoformat() if hasattr(answer, "isoformat") else str(answer or "")


class ExportForm(HavenForm):
    """Where an export goes, and in which form. To outsiders only what a release names for them and this purpose."""

    profile = CodeField(label=_("Columns"), choices=Profile.choices, radio=True, initial=Profile.HTCDS_CORE_STRICT)
    recipient = CodeField(
        label=_("Who will get it?"), required=False, empty=_("Somebody inside the organisation"),
        help_text=_("For a recipient outside, only rows with a release for this recipient and purpose are written."),
    )  # fmt: skip
    purpose = CodeField(
        label=_("What is it for?"), choices=Purpose.choices, required=False, empty=_("Choose the purpose of the release"),
        help_text=_("Only asked for a recipient outside."),
    )  # fmt: skip

    def __init__(self, *args: Any, recipients: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = [(str(one.uid), one.name) for one in recipients]
        self.fields["recipient"].choices = [("", _("Somebody inside the organisation")), *listed]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A recipient outside needs the purpose that a release names."""
        facts = super().clean() or {}
        if facts.get("recipient") and not facts.get("purpose"):
            self.add_error("purpose", _("Choose the purpose: a release names one, and only that one counts."))
        return facts
