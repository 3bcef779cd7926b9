"""Forms of signs: as colleagues weigh them, and as they are talked about with her."""

from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import NOT_APPLICABLE, CodeField, TextField
from cases.answers import label_of
from cases.choices.signs import (
    SIGNS_OF_GROUP,
    SignSource,
    SignStrength,
    kept_as,
    source_of,
    strength_of,
    words_of_group,
)
from cases.choices.survivor import TriState
from cases.forms.answers import MarkedForm

#: Yes, no, does not apply; with the ways of having no answer that every asked code has, all four of them (domain.md G3).
ANSWERS = [(TriState.YES.value, TriState.YES.label), (TriState.NO.value, TriState.NO.label), NOT_APPLICABLE]


class Row(NamedTuple):
    """The fields of one sign."""

    answer: Any
    source: Any
    strength: Any


class TalkSignsForm(MarkedForm):
    """One topic of the long talk: an answer to each of its questions, and nothing else. Any may stay open."""

    def __init__(self, *args: Any, group: str, **kwargs: Any) -> None:
        self.group = group
        self.names = self.names_in(group)
        super().__init__(*args, **kwargs)

    def names_in(self, group: str) -> tuple[str, ...]:
        """What is asked of a group."""
        return tuple(kept_as(sign) for sign in SIGNS_OF_GROUP[group])

    def field_for(self, name: str) -> forms.Field:
        """Yes, no, or a way of having no answer."""
        return CodeField(ANSWERS, ask=True, label=label_of(name))

    @property
    def signs(self) -> dict[str, Any]:
        """The signs by the names under which they are kept."""
        return {name: self.cleaned_data[name] for name in self.names}


class SignsForm(TalkSignsForm):
    """The signs of one group: each with its answer, how one knows it and how much it weighs; and words for all of them."""

    def names_in(self, group: str) -> tuple[str, ...]:
        """Three fields a sign, and the words."""
        names = [name(sign) for sign in SIGNS_OF_GROUP[group] for name in (kept_as, source_of, strength_of)]
        return (*names, words_of_group(group))

    def field_for(self, name: str) -> forms.Field:
        """By what the name is for. Source and weight have a short label, which is said whole to those who listen."""
        if name == words_of_group(self.group):
            return TextField(
                label=_("In words"), rows=3, max_length=5000, required=False,
                help_text=_("What was seen or said, in neutral words. Short is enough."),
            )  # fmt: skip
        for ending, label, listed in (
            ("_source", _("How we know"), SignSource), ("_strength", _("How much it weighs"), SignStrength),
        ):  # fmt: skip
            if name.endswith(ending):
                field = CodeField(listed.choices, label=label, required=False, empty=_("Not said"))
                field.widget.attrs["aria-label"] = label_of(name)
                return field
        return super().field_for(name)

    @property
    def rows(self) -> list[Row]:
        """The fields, sign by sign."""
        return [
            Row(*(self[name(sign)] for name in (kept_as, source_of, strength_of)))
            for sign in SIGNS_OF_GROUP[self.group]
        ]

    @property
    def words(self) -> Any:
        """The field of the words."""
        return self[words_of_group(self.group)]
