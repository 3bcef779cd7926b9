"""Forms of her family and of the people who stand by her."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgmt.interface.forms import CodeField, DayField, HavenForm, LineField, TextField
from cases.answers import label_of
from cases.choices.kin import KinEnd, KinRelation, Knows, MaySpeak
from cases.forms.answers import MarkedForm, OwnAnswersForm, PhoneField
from cases.kin_answers import (
    BIRTH_YEAR,
    BORN_ON,
    DANGER,
    ELIGIBLE,
    IN_DANGER,
    KIN,
    KIN_NAME,
    KNOWS,
    LIVES_WITH,
    MAY_SPEAK,
    NOTES,
    PERSON_DANGER,
    PERSON_EMAIL,
    PERSON_IS,
    PERSON_NAME,
    PERSON_NOTES,
    PERSON_PHONE,
    PERSON_REACHED_BY,
    RELATION,
    SAFE,
    WHERE,
)

#: Nobody of a family that is looked after was born before.
EARLIEST_YEAR = 1900


class FamilyMemberForm(OwnAnswersForm):
    """Somebody of her family. Only who it is to her is asked for; a name may stay open."""

    why = {
        BIRTH_YEAR: gettext_lazy("Enough where the day is not known. Some protections of a family have an age."),
        LIVES_WITH: gettext_lazy("A child beside her needs a plan, too."),
        ELIGIBLE: gettext_lazy(
            "Help for eligible family members is counted apart, and some get a status of their own."
        ),
        SAFE: gettext_lazy("A relative may have had a part in it, or be watched."),
        IN_DANGER: gettext_lazy(
            "Threats against a family at home are common. Relatives in danger may be helped sooner."
        ),
    }
    names = KIN
    field_order = KIN
    wide = (DANGER, NOTES)

    def field_for(self, name: str) -> forms.Field:
        """A day, a year, a longer text, or what the code list says."""
        label = label_of(name)
        if name == RELATION:
            return CodeField(KinRelation.choices, label=label)
        if name == BORN_ON:
            return DayField(label=label, required=False, past=True)
        if name == BIRTH_YEAR:
            return forms.IntegerField(
                label=label, required=False, min_value=EARLIEST_YEAR, max_value=timezone.localdate().year
            )
        if name in (DANGER, NOTES):
            return TextField(label=label, required=False, rows=3, max_length=2_000)
        return super().field_for(name)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[KIN_NAME].help_text = _("May stay empty, or be only a first name.")
        self.fields[WHERE].help_text = _("As roughly as will do, for example a country or town.")

    def block_where(self) -> None:
        """Where this person is stays unasked where that could be hers (R13)."""
        self.notes.append(_("Do not write where somebody is who lives with her: nobody may learn where she is."))

    def clean(self) -> dict[str, Any]:
        """A day and a year speak of one year."""
        facts = super().clean() or {}
        born, year = facts.get(BORN_ON), facts.get(BIRTH_YEAR)
        if isinstance(born, date) and year and born.year != year:
            self.add_error(
                BIRTH_YEAR, _("The day above is of another year. Correct one of the two, or leave one empty.")
            )
        return facts

    @property
    def answers(self) -> dict[str, Any]:
        """The answers by their names; a day as text."""
        facts = {name: self.facts[name] for name in self.names}
        born = facts[BORN_ON]
        return {**facts, BORN_ON: born.isoformat() if born else ""}

    @staticmethod
    def initial_of(who: dict[str, Any]) -> dict[str, Any]:
        """What is recorded, as the fields take it."""
        return {**who, BORN_ON: parse_date(who.get(BORN_ON) or "")}


class SupporterForm(MarkedForm):
    """Somebody who stands by her. Numbers are written and never shown here: reading them is an outreach."""

    wide = (PERSON_DANGER, PERSON_NOTES)
    names = (
        PERSON_NAME, PERSON_IS, MAY_SPEAK, KNOWS, PERSON_DANGER, PERSON_NOTES, PERSON_PHONE, PERSON_EMAIL, "remove_ways",
    )  # fmt: skip
    field_order = names

    def field_for(self, name: str) -> forms.Field:
        """Each with the words that belong to it."""
        label = "" if name == "remove_ways" else label_of(name)
        if name == MAY_SPEAK:
            return CodeField(MaySpeak.choices, label=label, radio=True)
        if name == KNOWS:
            return CodeField(Knows.choices, label=label, radio=True, help_text=_("Tell nobody more than they know."))
        if name == PERSON_DANGER:
            words = _("For example: speaks with the family of the accused; the phone is shared.")
            return TextField(label=label, required=False, rows=2, max_length=1_000, help_text=words)
        if name == PERSON_NOTES:
            return TextField(label=label, required=False, rows=2, max_length=2_000)
        if name == PERSON_PHONE:
            return PhoneField(label=label, required=False)
        if name == PERSON_EMAIL:
            return forms.EmailField(label=label, required=False)
        if name == "remove_ways":
            return forms.BooleanField(label=_("Remove the recorded phone and e-mail"), required=False)
        return LineField(label=label, required=name == PERSON_NAME)

    def keep_ways(self, kept: list[str]) -> None:
        """Say which are recorded, without showing them; there is nothing to remove where there is none."""
        for name in PERSON_REACHED_BY:
            if name in kept:
                self.fields[name].help_text = _("One is recorded. Leave this empty to keep it.")
        if not kept:
            del self.fields["remove_ways"]

    @property
    def who(self) -> dict[str, Any]:
        """What is known of this person."""
        return {name: value for name, value in self.facts.items() if name not in (*PERSON_REACHED_BY, "remove_ways")}

    @property
    def reached_by(self) -> dict[str, Any]:
        """What changes of the ways to reach this person: what was left empty stays, unless all is removed."""
        typed = {name: self.facts.get(name, "") for name in PERSON_REACHED_BY}
        return typed if self.facts.get("remove_ways") else {name: value for name, value in typed.items() if value}


class KinEndForm(HavenForm):
    """Why somebody is no longer on the list."""

    reason = CodeField(label=gettext_lazy("Why"), choices=KinEnd.choices, radio=True)
