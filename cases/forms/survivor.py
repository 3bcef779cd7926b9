"""Forms of the Survivor tab: one topic a page, each with why we ask; any question may stay open."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgmt.interface.forms import CodeField, CodesField, DayField, LineField, TextField
from cases import rules
from cases.answers import (
    ACTS,
    ADDRESS,
    AGE_DISPUTED,
    ALIEN_NUMBER,
    BIRTHDATE_PRECISION,
    MIGRANT,
    MOBILITY,
    NATIONAL_ID,
    PAPER_COUNTRY,
    PAPER_ENDS,
    PASSPORT,
    PROTECTION,
    REACHED_BY,
    RECEIPT_NUMBER,
    SAFE_ADDRESS,
    STATUS_NOTE,
    BirthdatePrecision,
    is_answered,
    label_of,
)
from cases.choices.survivor import ConsentGiver, ConsentState, TriState
from cases.forms.answers import MarkedForm, answer_field
from cases.htcds import places
from cases.htcds.codes import ConsentPrompt
from cases.htcds.fields import STATUS_DECIDED_BY, STATUS_DECIDED_ON

_NUMBER = re.compile(r"[A-Z0-9]{4,20}")


class IdentityForm(MarkedForm):
    """Who she is. Nothing is required, a name least of all; a name may be the one she wants to be called by."""

    why = {
        "first_name": gettext_lazy(
            "So that people who help her call her what she wants to be called. It may be an alias."
        ),
        "birth_date": gettext_lazy("Being under 18 changes her rights and what the law asks of us."),
        AGE_DISPUTED: gettext_lazy("While somebody doubts her age she has the rights of a minor."),
        "prs_Citizenship": gettext_lazy(
            "It decides which protection and which consulate may matter. She need not say."
        ),
        "prs_Gender": gettext_lazy("For fitting services, and for reports that count people without names."),
        "prs_PrimaryLanguage": gettext_lazy("So that she is asked and told things in a language she understands."),
        "prs_NumberOfChildren": gettext_lazy("Children may need safety or services of their own."),
    }
    wide = ("prs_Citizenship",)
    names = (
        BIRTHDATE_PRECISION, AGE_DISPUTED, "prs_Salutation", "prs_Gender", "prs_Citizenship", "prs_PrimaryLanguage",
        "prs_SecondaryLanguage",
        "prs_MaritalStatus", "prs_NumberOfChildren", "prs_HighestLevelOfEducation",
    )  # fmt: skip

    first_name = LineField(label=gettext_lazy("First name"), required=False)
    second_name = LineField(label=gettext_lazy("Family name"), required=False)
    other_names = LineField(label=gettext_lazy("Other names"), required=False)
    birth_date = DayField(label=gettext_lazy("Date of birth"), past=True, required=False)

    field_order = (
        "first_name", "second_name", "other_names", "prs_Salutation", "birth_date", BIRTHDATE_PRECISION, AGE_DISPUTED, "prs_Gender",
        "prs_PrimaryLanguage", "prs_SecondaryLanguage", "prs_Citizenship",
    )  # fmt: skip

    def __init__(self, *args: Any, countries: int = 1, **kwargs: Any) -> None:
        self.countries = countries
        super().__init__(*args, **kwargs)

    def field_for(self, name: str) -> forms.Field:
        """As many lists of countries as were asked for."""
        if name == AGE_DISPUTED:
            return CodeField(TriState.choices, ask=True, label=label_of(name))
        if name == BIRTHDATE_PRECISION:
            return CodeField(BirthdatePrecision.choices, ask=True, label=gettext_lazy("How exact the date is"))
        return answer_field(name, count=self.countries) if name == "prs_Citizenship" else answer_field(name)

    def clean(self) -> dict[str, Any]:
        """A date that is there is more or less exact; a date that is not there has a reason."""
        facts = super().clean() or {}
        precision = facts.get(BIRTHDATE_PRECISION)
        if facts.get("birth_date") and precision not in BirthdatePrecision.values:
            facts[BIRTHDATE_PRECISION] = BirthdatePrecision.EXACT.value
        elif not facts.get("birth_date") and precision in BirthdatePrecision.values and "birth_date" not in self.errors:
            self.add_error("birth_date", _("Enter the date, or say why there is none in the field beside it."))
        return facts


class ContactDetailsForm(MarkedForm):
    """Phone, e-mail and addresses. Where knowing where she lives could be dangerous, only the safe address is asked."""

    why = {
        "prs_MobilePhone": gettext_lazy(
            "Only to reach her in the way she said is safe. The rule stands above every case."
        ),
        "safe_address": gettext_lazy("Courts and agencies need an address. It must not be where she lives."),
    }
    wide = ("safe_address", "remove_address")
    names = (*REACHED_BY, *ADDRESS)

    safe_address = TextField(
        label=gettext_lazy("Safe mailing address"), rows=3, max_length=500, required=False,
        help_text=gettext_lazy("A post box, an address programme, or in care of this organisation."),
    )  # fmt: skip
    remove_address = forms.BooleanField(
        label=gettext_lazy("Remove the address that is still on this record"), required=False
    )
    field_order = ("prs_MobilePhone", "prs_HomePhone", "prs_Email", "safe_address")

    def block_address(self, *, is_recorded: bool) -> None:
        """No address is asked for; one that is still there can be removed."""
        for name in ADDRESS:
            del self.fields[name]
        if not is_recorded:
            del self.fields["remove_address"]

    @property
    def contact(self) -> dict[str, Any]:
        """The answers by their names; ticked removal empties the address."""
        facts = self.facts
        contact = {name: facts[name] for name in self.names if name in facts}
        contact[SAFE_ADDRESS] = facts.get("safe_address", "")
        if facts.get("remove_address"):
            contact.update(dict.fromkeys(ADDRESS, ""))
        return contact


class LocationForm(MarkedForm):
    """Where she sleeps. For very few people; never for somebody who lives in a shelter."""

    location = TextField(label=gettext_lazy("Where she stays"), rows=3, max_length=1000, required=False)


class ProtectionForm(MarkedForm):
    """Migration and protection: three lists, and the numbers that agencies ask for. Never shown whole again."""

    why = {
        PROTECTION: gettext_lazy("Some protections come with deadlines and rights. Leave it open if she prefers."),
        ALIEN_NUMBER: gettext_lazy("Agencies ask for it on every form. It is encrypted, and only its end is shown."),
    }
    names = (PROTECTION, MIGRANT, MOBILITY, PAPER_COUNTRY)
    field_order = (
        PROTECTION, MIGRANT, MOBILITY, "note", "a_number", "receipt_number", "passport", PAPER_COUNTRY, "passport_ends",
        "national_id", "remove_numbers",
    )  # fmt: skip

    note = TextField(
        label=gettext_lazy("Status in words"), rows=2, max_length=1000, required=False,
        help_text=gettext_lazy("For example the kind of visa, and until when. No numbers here."),
    )  # fmt: skip
    a_number = LineField(label=gettext_lazy("A-number"), max_length=20, required=False)
    receipt_number = LineField(label=gettext_lazy("Receipt number"), max_length=20, required=False)
    remove_numbers = forms.BooleanField(label=gettext_lazy("Remove the recorded numbers"), required=False)

    passport = LineField(label=gettext_lazy("Passport number"), max_length=24, required=False)
    national_id = LineField(label=gettext_lazy("Number of the identity card"), max_length=24, required=False)
    passport_ends = DayField(label=gettext_lazy("Passport valid until"), required=False)

    #: The field of each number.
    number_fields = {
        ALIEN_NUMBER: "a_number", RECEIPT_NUMBER: "receipt_number", PASSPORT: "passport", NATIONAL_ID: "national_id",
    }  # fmt: skip

    def field_for(self, name: str) -> forms.Field:
        """A country of the world for the passport; else the field of the answer."""
        if name != PAPER_COUNTRY:
            return super().field_for(name)
        choices = [("", _("Not recorded")), *places.countries()]
        return forms.ChoiceField(choices=choices, required=False, label=label_of(name))

    def tell_recorded(self, recorded: dict[str, str]) -> None:
        """Say which numbers stand there, by their last places."""
        help_text = gettext_lazy("Recorded, ends in %(end)s. Leave empty to keep it.")
        for name, number in recorded.items():
            if number:
                self.fields[self.number_fields[name]].help_text = help_text % {"end": number[-3:]}
        if not any(recorded.values()):
            del self.fields["remove_numbers"]

    def clean(self) -> dict[str, Any]:
        """Letters and digits as they stand on the paper, without blanks, dashes and dots."""
        facts = super().clean() or {}
        for field in self.number_fields.values():
            try:
                facts[field] = self._number(field)
            except ValidationError as error:
                self.add_error(field, error)
        return facts

    def _number(self, name: str) -> str:
        number = re.sub(r"[\s\-./]", "", str(self.cleaned_data.get(name, ""))).upper()
        if number and not _NUMBER.fullmatch(number):
            raise ValidationError(_("Write the letters and digits as they stand on the paper."), code="number")
        return number

    @property
    def protection(self) -> dict[str, Any]:
        """The answers; a number that was left empty stays as it is, unless it is to be removed."""
        facts = self.facts
        answers = {name: facts[name] for name in (*self.names, STATUS_NOTE)}
        ends = facts.get("passport_ends")
        answers[PAPER_ENDS] = ends.isoformat() if ends else ""
        numbers = {name: facts[field] for name, field in self.number_fields.items()}
        if facts.get("remove_numbers"):
            return answers | numbers
        return answers | {name: number for name, number in numbers.items() if number}


class DecisionForm(MarkedForm):
    """What has been determined, by whom, and when (domain.md R5). "Possible" needs nobody's decision."""

    why = {
        "vic_TraffickingStatus": gettext_lazy(
            "“Possible” is enough for every service here. Only a person or an authority can decide more, never Haven."
        ),
    }
    names = ("vic_TraffickingStatus", "vic_TraffickingStatusDecisionMakingOrg")
    field_order = (*names, "decided_by", "decided_on")

    decided_by = LineField(
        label=gettext_lazy("Decided by"), required=False, help_text=gettext_lazy("Name and office, as on the decision.")
    )
    decided_on = DayField(label=gettext_lazy("Decided on"), past=True, required=False)

    @property
    def answers(self) -> dict[str, Any]:
        """The answers by their stored names; the day as text."""
        facts = self.cleaned_data
        day = facts.get("decided_on")
        return {name: facts.get(name) for name in self.names} | {
            STATUS_DECIDED_BY: facts.get("decided_by"),
            STATUS_DECIDED_ON: day.isoformat() if day else "",
        }

    def clean(self) -> dict[str, Any]:
        """Once it is decided, all of who and when."""
        facts = super().clean() or {}
        for name in rules.decision_gaps(self.answers):
            form_field = {STATUS_DECIDED_ON: "decided_on", STATUS_DECIDED_BY: "decided_by"}.get(name, name)
            if form_field not in self.errors:
                self.add_error(form_field, _("Needed, because the status is decided."))
        return facts


class ProfilePartForm(MarkedForm):
    """A part of what happened; the answers are stored under the names of their fields."""

    @property
    def answers(self) -> dict[str, Any]:
        """The answers by their stored names."""
        return self.facts


class RecruitmentForm(ProfilePartForm):
    """How it began."""

    why = {
        "vic_MethodOfRecruitment": gettext_lazy("Patterns help to warn others. How it began is never her fault."),
        "vic_AgeWhenTrafficked": gettext_lazy("For somebody who was under 18, the law asks for less proof."),
    }
    names = (
        ACTS, "vic_MethodOfRecruitment", "vic_RecruitmentWebsitesAndApps", "vic_RelationshipToTrafficker",
        "vic_AgeWhenTrafficked", "vic_LocationOfRecruitment",
    )  # fmt: skip


class ControlForm(ProfilePartForm):
    """What kept her there."""

    why = {
        "vic_MethodsOfControl": gettext_lazy("Courts and agencies ask how she was controlled. Tick only what she told.")
    }
    names = ("vic_MethodsOfControl",)
    wide = ("vic_MethodsOfControl",)


class ExploitationForm(ProfilePartForm):
    """What she was made to do."""

    why = {"vic_TypeOfExploitation": gettext_lazy("It decides which rights, claims and services are open to her.")}
    names = (
        "vic_TypeOfExploitation", "vic_ForcedLabourIndustry", "vic_TypeOfSexExploitation",
        "vic_ExploitationWebsitesAndApps", "vic_LocationOfExploitation",
    )  # fmt: skip


#: The parts of the profile after its status, in the order in which one goes on: slug → (form, heading, the note before it).
_ASK_GENTLY = gettext_lazy(
    "You need not ask now. Write only what she has told, in neutral words; any question may stay open."
)
PROFILE: dict[str, tuple[type[MarkedForm], Any, Any]] = {
    "recruitment": (RecruitmentForm, gettext_lazy("How it began"), _ASK_GENTLY),
    "control": (ControlForm, gettext_lazy("How she was controlled"), _ASK_GENTLY),
    "exploitation": (ExploitationForm, gettext_lazy("What the exploitation was"), _ASK_GENTLY),
}


class StatementForm(MarkedForm):
    """Her statement, in her words. Never needed for help; written once, so that nobody asks her twice."""

    statement = TextField(label=gettext_lazy("Her statement"), rows=14, max_length=100_000, required=False)


class ConsentForm(MarkedForm):
    """Consent to keep her information: the state, the seven things she was told, when, and who asked (domain.md R2)."""

    why = {
        "told": gettext_lazy("Consent counts only if she was told all seven, in a language she understands."),
        "state": gettext_lazy("Saying no, or not yet, never changes the help she gets."),
    }
    wide = ("told", "state")

    state = CodeField(ConsentState.choices, radio=True, label=gettext_lazy("What she said"))
    told = CodesField(choices=ConsentPrompt.choices, label=gettext_lazy("The seven points"), required=False)
    obtained_on = DayField(label=gettext_lazy("Asked on"), past=True, required=False)
    obtained_by = LineField(label=gettext_lazy("Asked by"), required=False)
    language = CodeField(label=gettext_lazy("In which language"), required=False)
    interpreter = LineField(label=gettext_lazy("Interpreter"), required=False)
    witness = LineField(label=gettext_lazy("Witness"), required=False)
    read_aloud = forms.BooleanField(label=gettext_lazy("It was read aloud to her"), required=False)
    given_by = CodeField(
        ConsentGiver.choices, label=gettext_lazy("Who answers"), initial=ConsentGiver.HERSELF, required=False
    )
    assent = CodeField(TriState.choices, radio=True, label=gettext_lazy("Her own answer, if a minor"), required=False)
    guardian = LineField(label=gettext_lazy("Parent, guardian or representative"), required=False)
    guardian_is_not_abuser = forms.BooleanField(
        label=gettext_lazy("We have made sure that this person has not harmed her, and is not close to who did"),
        required=False,
    )
    authority = LineField(label=gettext_lazy("The law or order that lets her or them answer"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("Choose…")), *places.languages()]  # type: ignore[attr-defined]

    @property
    def told_prompts(self) -> dict[str, bool]:
        """Each of the seven, ticked or not."""
        ticked = self.cleaned_data.get("told") or []
        return {prompt: prompt in ticked for prompt in ConsentPrompt.values}

    @property
    def record(self) -> dict[str, Any]:
        """How it was asked; the day as text."""
        facts = self.cleaned_data
        day = facts.get("obtained_on")
        names = ("obtained_by", "language", "interpreter", "witness", "given_by", "assent", "guardian", "authority")
        return {name: facts.get(name) or "" for name in names} | {
            "obtained_on": day.isoformat() if day else "",
            "read_aloud": bool(facts.get("read_aloud")),
            "guardian_is_not_abuser": bool(facts.get("guardian_is_not_abuser")),
        }

    def clean(self) -> dict[str, Any]:
        """What is missing is said beside each field."""
        facts = super().clean() or {}
        for name in rules.consent_gaps(facts.get("state", ""), self.told_prompts, self.record):
            if name not in self.errors:
                self.add_error(name, _GAPS.get(name) or _("Needed for a consent."))
        return facts


#: What is said beside a field that a consent lacks; of the others, that it is needed.
_GAPS = {
    "told": gettext_lazy("All seven points, or it is not a consent yet."),
    "assent": gettext_lazy("Her own yes is needed too. Without it, choose “Declined” or “Pending” above."),
    "guardian_is_not_abuser": gettext_lazy("Somebody who harmed her, or is close to who did, cannot answer for her."),
}


def is_recorded(contact: dict[str, Any] | None) -> bool:
    """Whether any part of a mailing address stands on the record."""
    return any(is_answered((contact or {}).get(name)) for name in ADDRESS)
