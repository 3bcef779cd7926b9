"""Forms of an administrator: rows of code lists, and texts of the house."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from casemgmt.accounts.configured import languages_offered, usual_language
from casemgmt.interface.forms import CodeField, DayField, HavenForm, LineField, TextField
from cases import codes, texts
from cases.choices.configuration import CROSSWALKS, ListName, TemplateKind
from cases.codes import CodeList, Row

_SYSTEMS = {"htcds": "HTCDS", "ctdc": "CTDC", "otip": "OTIP", "pmt": "OVC PMT"}


class CodeForm(HavenForm):
    """Words, translations, dates, order and crosswalks of one answer."""

    wide = ("label",)
    why = {"active_to": _("From the day after, forms no longer offer it. Records that hold it keep and show it.")}

    label = LineField(label=_("Words"), max_length=120, required=False, help_text=_("Empty: as Haven is shipped."))
    active_from = DayField(label=_("Offered from"), required=False)
    active_to = DayField(label=_("Offered until"), required=False)
    sort = forms.IntegerField(
        label=_("Place in the list"), min_value=1, max_value=9_999, required=False,
        help_text=_("A number: the lowest stands first. Shipped answers stand at 10, 20, 30 …"),
        error_messages={"invalid": _("Write a number.")},
    )  # fmt: skip

    def __init__(self, *args: Any, of: CodeList, row: Row | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = row.row if row else None
        usual = usual_language()
        self.languages = [(code, label) for code, label in settings.LANGUAGES if code != usual]
        for code, label in self.languages:
            self.fields[f"label_{code}"] = LineField(
                label=_("Words in %(language)s") % {"language": label}, max_length=120, required=False,
                initial=stored.labels.get(code, "") if stored else "",
            )  # fmt: skip
        for system in CROSSWALKS:
            self.fields[system] = LineField(
                label=_("Called in %(system)s") % {"system": _SYSTEMS[system]}, max_length=80, required=False,
                initial=getattr(stored, system) if stored else "",
            )  # fmt: skip
        if stored is not None:
            for name in ("label", "active_from", "active_to", "sort"):
                self.fields[name].initial = getattr(stored, name)
        if row is None or row.is_own:
            self.fields["label"].required = True
            self.fields["label"].help_text = ""
        elif row.code in of.fixed:
            # Rules ask for it: it cannot be ended, so nobody is asked.
            del self.fields["active_from"], self.fields["active_to"]

    @property
    def facts(self) -> dict[str, Any]:
        """For the action."""
        given = dict(self.answers)
        labels = {code: given.pop(f"label_{code}", "") for code, _label in self.languages}
        return {**given, "labels": labels}


class NewCodeForm(CodeForm):
    """An own answer: its code, and the shipped one that it counts as."""

    field_order = ("code", "counts_as", "label")

    code = LineField(
        label=_("Code"), max_length=codes.LONGEST_CODE,
        help_text=_("Capital letters, digits and underscores. It stays for ever: records and files carry it."),
    )  # fmt: skip
    counts_as = CodeField(
        label=_("Counts as"), help_text=_("Rules and reports treat it as this one.")
    )  # fmt: skip

    def __init__(self, *args: Any, of: CodeList, **kwargs: Any) -> None:
        super().__init__(*args, of=of, **kwargs)
        field: Any = self.fields["counts_as"]
        shipped = [(code, codes.label(of.name, code)) for code in of.choices.values if code not in of.unasked]
        field.choices = [("", _("Choose…")), *shipped]

    @property
    def facts(self) -> dict[str, Any]:
        """For the action; code and what it counts as go beside it."""
        return {key: value for key, value in super().facts.items() if key not in ("code", "counts_as")}


class TextForm(HavenForm):
    """The wording of a text. ``kind`` is chosen by the page."""

    wide = ("body",)
    version = forms.IntegerField(widget=forms.HiddenInput)
    body = TextField(label=_("Text"), rows=14, max_length=8_000)


class NewLetterForm(HavenForm):
    """A new letter."""

    wide = ("body",)
    name = LineField(label=_("Name of the letter"), max_length=120, help_text=_("As colleagues find it in a list."))
    language = CodeField(label=_("Language"), choices=languages_offered, initial=usual_language)
    body = TextField(label=_("Text"), rows=14, max_length=8_000)


class NewWordsForm(HavenForm):
    """New words to begin a note with."""

    wide = ("body",)
    about_code = CodeField(label=_("What the note tells of"), choices=codes.offered(ListName.NOTE_TYPE))
    language = CodeField(label=_("Language"), choices=languages_offered, initial=usual_language)
    body = TextField(
        label=_("Words to begin with"), rows=8, max_length=4_000,
        help_text=_("One question a line. Ask for facts, services and plans, not for what happened to her."),
    )  # fmt: skip


def new_text_form(kind: str) -> type[NewLetterForm] | type[NewWordsForm]:
    """The form of a new text of this kind."""
    return NewLetterForm if kind == TemplateKind.LETTER else NewWordsForm


def places_for_page(kind: str) -> list[tuple[str, Any]]:
    """The places that a text of this kind may name, as they are written, with their words."""
    if kind != TemplateKind.LETTER:
        return []
    return [("{{ " + name + " }}", words) for name, words in texts.PLACES.items()]
