"""Forms on what she is called, and in which languages she can be spoken with."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.answers import (
    BIRTH_NAME,
    CALLED,
    DIALECT,
    FORCED_NAME,
    INTERPRETER_AVOID,
    INTERPRETER_GENDER,
    LEGAL_NAME,
    NEEDS_INTERPRETER,
    OWN_PRONOUNS,
    PAPER_NAME,
    PRONOUNS,
    SCRIPT,
    SCRIPT_NAME,
    SPEECH,
    SPOKEN,
    WANTED_NAME,
    is_answered,
)
from cases.choices.survivor import Pronouns
from cases.forms.answers import OwnAnswersForm


class NamesForm(OwnAnswersForm):
    """Her further names, each by what it is, and how she is spoken of. Nothing is required."""

    why = {
        WANTED_NAME: gettext_lazy("So that everybody who helps her calls her by it."),
        SCRIPT_NAME: gettext_lazy(
            "Papers of her country are found by it, and it is the spelling that is surely right."
        ),
        PAPER_NAME: gettext_lazy("Offices look for exactly what a paper says. Write commas between several."),
        FORCED_NAME: gettext_lazy("Old papers may bear them. They are folded away on the page and never printed."),
        PRONOUNS: gettext_lazy("So that she is spoken of as she wishes."),
    }
    names: tuple[str, ...] = CALLED
    field_order: tuple[str, ...] = (
        WANTED_NAME, PRONOUNS, OWN_PRONOUNS, LEGAL_NAME, BIRTH_NAME, SCRIPT_NAME, SCRIPT, PAPER_NAME, FORCED_NAME,
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Words of her own where the list says so."""
        facts = super().clean() or {}
        if facts.get(PRONOUNS) == Pronouns.OWN and not facts.get(OWN_PRONOUNS):
            self.add_error(OWN_PRONOUNS, _("Write the words she uses."))
        return facts


class LanguagesForm(OwnAnswersForm):
    """What she speaks, and what an interpreter must be so that she can speak freely (domain.md §8.6)."""

    why = {
        NEEDS_INTERPRETER: gettext_lazy(
            "So that nothing important is ever said in a language she only half understands."
        ),
        INTERPRETER_GENDER: gettext_lazy("Some things cannot be said before everybody."),
        INTERPRETER_AVOID: gettext_lazy(
            "Nobody of her family, of those who exploited her or of their community may interpret for her."
        ),
    }
    wide: tuple[str, ...] = (INTERPRETER_AVOID,)
    names: tuple[str, ...] = SPEECH
    field_order: tuple[str, ...] = SPEECH

    def clean(self) -> dict[str, Any]:
        """A dialect is one of a language."""
        facts = super().clean() or {}
        for spoken, dialect in zip(SPOKEN, DIALECT, strict=True):
            if facts.get(dialect) and not is_answered(facts.get(spoken)):
                self.add_error(spoken, _("Choose the language of this dialect."))
        return facts
