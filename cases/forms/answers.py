"""Fields for coded answers, each with the ways of having none; and the form that knows which version it was made from."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgmt.interface.forms import (
    DECLINED,
    NOT_APPLICABLE,
    NOT_ASKED,
    UNKNOWN,
    CodeField,
    HavenForm,
    LineField,
    TextField,
)
from cases.answers import OWN, SPOKEN, label_of
from cases.htcds import places
from cases.htcds.fields import FIELDS, FieldType

_PHONE = re.compile(r"\+?[1-9]\d{1,14}")
_NO_ANSWER = (DECLINED, UNKNOWN, NOT_APPLICABLE)
_REASONS = (NOT_ASKED, DECLINED, UNKNOWN)
_WITHOUT_NUMBER = (("", gettext_lazy("If there is no number…")), DECLINED, UNKNOWN)
#: A longer list of ticks takes the whole line, in columns.
LONG_LIST = 8


class SeveralField(forms.MultipleChoiceField):
    """Several codes as ticks, followed by the reasons for having none. Nothing ticked: not asked yet."""

    widget = forms.CheckboxSelectMultiple
    empty_code = NOT_ASKED[0]

    def __init__(self, *, choices: Iterable[tuple[str, Any]], **kwargs: Any) -> None:
        listed = [*choices, *_NO_ANSWER]
        super().__init__(choices=listed, required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """A reason for having no answer is kept as a word; the ticks want a list."""
        return [value] if isinstance(value, str) else value

    def clean(self, value: Any) -> Any:
        """A list of codes, or one reason; both at once contradict each other."""
        codes = super().clean(value)
        reasons = [code for code in codes if code in dict(_NO_ANSWER)]
        if reasons and len(codes) > 1:
            raise ValidationError(_("Tick answers, or one reason for having none, but not both."), code="both")
        return reasons[0] if reasons else codes or self.empty_code


class _RowWidget(forms.MultiWidget):
    """Parts of one answer beside each other; each part has a name for those who listen."""

    def __init__(self, widgets: list[forms.Widget], **kwargs: Any) -> None:
        super().__init__(widgets, **kwargs)

    def decompress(self, value: Any) -> list[Any]:
        raise NotImplementedError


class CountriesWidget(_RowWidget):
    """Some countries, one list each."""

    def decompress(self, value: Any) -> list[Any]:
        found = [value] if isinstance(value, str) else list(value or [])
        return [*found, *[""] * len(self.widgets)][: len(self.widgets)]


class CountriesField(forms.MultiValueField):
    """A few countries. Like ``SeveralField`` it gives a list of codes, or one reason for having none."""

    empty_code = NOT_ASKED[0]

    def __init__(self, *, choices: Iterable[tuple[str, Any]], count: int = 2, **kwargs: Any) -> None:
        countries = list(choices)
        first = [NOT_ASKED, DECLINED, UNKNOWN, *countries]
        more = [("", gettext_lazy("No other")), *countries]
        parts = [forms.ChoiceField(choices=first if place == 0 else more, required=False) for place in range(count)]
        labels = [gettext_lazy("First country"), *[gettext_lazy("Another country")] * (count - 1)]
        widget = CountriesWidget(
            [
                forms.Select(choices=first if place == 0 else more, attrs={"aria-label": label})
                for place, label in enumerate(labels)
            ]
        )
        super().__init__(parts, widget=widget, required=False, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> Any:
        """A list without repeats, in the order given."""
        if not data_list:
            return self.empty_code
        first, others = data_list[0], [code for code in data_list[1:] if code]
        if first in dict(_REASONS):
            if others:
                raise ValidationError(_("Choose the first country first, or leave the others open."), code="order")
            return first
        return list(dict.fromkeys([code for code in [first, *others] if code])) or self.empty_code


class NumberWidget(_RowWidget):
    """A number, or why there is none."""

    def decompress(self, value: Any) -> list[Any]:
        if isinstance(value, str) and value in dict(_REASONS):
            return [None, "" if value == NOT_ASKED[0] else value]
        return [value, ""]


class NumberField(forms.MultiValueField):
    """A whole number, or the reason for having none."""

    empty_code = NOT_ASKED[0]

    def __init__(self, *, smallest: int = 0, largest: int = 120, **kwargs: Any) -> None:
        words = {"invalid": gettext_lazy("Write a whole number.")}
        number = forms.IntegerField(min_value=smallest, max_value=largest, required=False, error_messages=words)
        reason = forms.ChoiceField(choices=_WITHOUT_NUMBER, required=False)
        widget = NumberWidget(
            [
                forms.NumberInput(attrs={"min": smallest, "max": largest, "aria-label": gettext_lazy("Number")}),
                forms.Select(choices=_WITHOUT_NUMBER, attrs={"aria-label": gettext_lazy("If there is no number")}),
            ]
        )
        super().__init__([number, reason], widget=widget, required=False, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[Any]) -> Any:
        """The number; without one, the reason."""
        number, reason = data_list or (None, "")
        return reason or self.empty_code if number is None else number


class PhoneField(LineField):
    """A phone number, kept as HTCDS writes it (E.164): digits, with an optional plus in front."""

    def clean(self, value: Any) -> str:
        """Blanks, dashes and brackets are people's, not the number's."""
        number = re.sub(r"[\s().\-/\u2010-\u2015]", "", super().clean(value) or "")
        if number and not _PHONE.fullmatch(number):
            raise ValidationError(_("Write digits, with + and the country code in front if you know it."), code="phone")
        return number


def answer_field(name: str, **kwargs: Any) -> forms.Field:
    """The field for one answer of HTCDS, or of our own, by its type. Lists are in the reader's language."""
    kwargs.setdefault("label", label_of(name))
    if name in OWN:
        listed = OWN[name][1]
        return SeveralField(choices=listed.choices, **kwargs) if listed else LineField(required=False, **kwargs)
    one = FIELDS[name]
    if one.type == FieldType.COUNTRIES:
        return CountriesField(choices=one.choices(), **kwargs)
    if one.takes_several:
        return SeveralField(choices=one.choices(), **kwargs)
    if one.is_coded:
        return CodeField(choices=one.choices(), ask=True, **kwargs)
    if one.type == FieldType.NUMBER:
        return NumberField(**kwargs)
    if one.type == FieldType.PHONE:
        return PhoneField(required=False, **kwargs)
    if one.type == FieldType.EMAIL:
        return forms.EmailField(required=False, **kwargs)
    return (
        TextField(required=False, **kwargs) if one.type == FieldType.LONG_TEXT else LineField(required=False, **kwargs)
    )


class MarkedForm(HavenForm):
    """A form that says which version of a record it was made from: ``mark`` (cases.marks), checked by the action.

    ``names``: answers that are asked beside the declared fields, built for the reader's language.
    """

    names: tuple[str, ...] = ()

    mark = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Before Django copies them: lists of countries are sorted by their names in the reader's language.
        self.base_fields = {  # type: ignore[misc]
            **self.base_fields,
            **{name: self.field_for(name) for name in self.names},
        }
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, SeveralField) and len(list(field.choices)) > LONG_LIST:  # type: ignore[arg-type]
                field.wide = True  # type: ignore[attr-defined]
        #: Things to know, shown above the fields.
        self.notes: list[str] = []

    def field_for(self, name: str) -> forms.Field:
        """The field of one of ``names``."""
        return answer_field(name)

    @property
    def facts(self) -> dict[str, Any]:
        """What was answered, by field name, without the form's own fields."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("mark", "form_key")}


class OwnAnswersForm(MarkedForm):
    """Answers of our own (``cases.answers.OWN``), of which each is one code, a language or a line."""

    def field_for(self, name: str) -> forms.Field:
        """A list of languages, a list of codes with the ways of having no answer, or a line."""
        label, listed = label_of(name), OWN[name][1]
        if name in SPOKEN:
            choices = [("", gettext_lazy("None recorded")), *places.languages()]
            return forms.ChoiceField(choices=choices, required=False, label=label)
        return (
            LineField(label=label, required=False)
            if listed is None
            else CodeField(listed.choices, ask=True, label=label)
        )

    @property
    def answers(self) -> dict[str, Any]:
        """The answers by their names."""
        return {name: self.facts[name] for name in self.names}
