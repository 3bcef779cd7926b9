"""Forms of the long talk: one topic a screen. Each takes a few questions out of the pages that keep the answers."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.answers import (
    INTERPRETER_GENDER,
    MIGRANT,
    NEEDS_INTERPRETER,
    OWN_PRONOUNS,
    PRONOUNS,
    PROTECTION,
    READ_ALOUD,
    READS,
    SPOKEN,
    WANTED_NAME,
)
from cases.forms.answers import MarkedForm
from cases.forms.speech import LanguagesForm, NamesForm


class CalledForm(NamesForm):
    """How she wants to be called."""

    why = {WANTED_NAME: NamesForm.why[WANTED_NAME], PRONOUNS: NamesForm.why[PRONOUNS]}
    names = (WANTED_NAME, PRONOUNS, OWN_PRONOUNS)
    field_order = names


class SpokenForm(LanguagesForm):
    """What she speaks, and whom she can speak through."""

    why = {name: LanguagesForm.why[name] for name in (NEEDS_INTERPRETER, INTERPRETER_GENDER)}
    wide = ()
    names = (SPOKEN[0], READS[0], NEEDS_INTERPRETER, INTERPRETER_GENDER, READ_ALOUD)
    field_order = names


class _CodedForm(MarkedForm):
    """Coded answers of the standard, under their names."""

    @property
    def answers(self) -> dict[str, Any]:
        """The answers by their stored names."""
        return self.facts


class FamilyForm(_CodedForm):
    """Her family."""

    names = ("prs_MaritalStatus", "prs_NumberOfChildren")
    why = {"prs_NumberOfChildren": _("Children may need safety or services of their own.")}


class SchoolForm(_CodedForm):
    """What she has learned."""

    names = ("prs_HighestLevelOfEducation",)


class BeganForm(_CodedForm):
    """How it began."""

    names = ("vic_MethodOfRecruitment", "vic_RelationshipToTrafficker", "vic_AgeWhenTrafficked")
    why = {"vic_AgeWhenTrafficked": _("For somebody who was under 18, the law asks for less proof.")}


class ProtectedForm(_CodedForm):
    """Migration and protection, without a number."""

    names = (PROTECTION, MIGRANT)
