"""Forms of a release: what she allows, then how it was signed; two short pages, in her hand and on a phone."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import clock
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import Organisation, Team, User
from casemgmt.interface.forms import (
    CodeField,
    CodesField,
    DayField,
    HavenForm,
    LineField,
    TextField,
    UploadField,
    end_of_day,
)
from cases.actions.releases import Signing, Terms
from cases.choices.releases import (
    AUTHORITY_OF_TICK,
    SECTION_OF_CATEGORY,
    TWO_PERSON_SECTIONS,
    Evidence,
    InfoCategory,
    ReleaseMethod,
    ReleaseSigner,
)
from cases.choices.sharing import Purpose
from cases.errors import CaseError
from cases.errors.releases import ReleaseLacks, SignerCannot
from cases.forms.sharing import PersonField
from cases.htcds.places import languages
from cases.models import Case
from cases.programmes import teams_across
from cases.release_rules import (
    STATE_RULES,
    by_name,
    check_categories,
    check_purpose,
    end_without_date,
    needs_authority,
    signers_of,
    signs_with_another,
    usual_end,
)
from cases.release_words import team_in_words

#: Which field a lacking part stands beside (``ReleaseLacks.what``), on either page.
FIELD_OF = {
    "purpose": "purpose_text", "purpose_narrow": "purpose_text", "categories": "categories", "narrow": "categories",
    "statements": "not_conditioned", "guardian": "guardian_is_not_abuser", "signed_on": "signed_on", "expires_at": "expires_on",
    "no_end": "expires_on", "authority": "authority", "signer_name": "signer_name", "signature": "signature",
    "guardian_signature": "other_signature", "kept_where": "kept_where", "reason": "reason",
    "named": "not_conditioned", "recipient_team": "recipient_team",
}  # fmt: skip
_STATES = {"US-WA": gettext_lazy("Washington")}


def state_in_words(code: str) -> str:
    """The state whose law counted where no end was named; empty for every other."""
    return str(_STATES.get(code, ""))


def category_choices() -> list[tuple[str, str]]:
    """The categories one by one; those that need a second person say so."""
    marked = _("%(category)s (a second person approves it)")
    return [
        (
            one.value,
            marked % {"category": one.label} if SECTION_OF_CATEGORY[one] in TWO_PERSON_SECTIONS else str(one.label),
        )
        for one in InfoCategory
    ]


class FoldedForm(HavenForm):
    """A form of which some questions, ``more``, are folded away: most releases need none of them."""

    more: tuple[str, ...] = ()
    #: Needed in some releases and not in others: their own sentence says so, and no "(optional)".
    depends: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.depends:
            self.fields[name].empty_code = "-"  # type: ignore[attr-defined]

    @property
    def more_has_errors(self) -> bool:
        """Whether a question that is folded away needs another look."""
        return any(name in self.errors for name in self.more)


class TeamField(forms.ModelChoiceField):
    """A team, shown with its programme."""

    def label_from_instance(self, obj: Any) -> str:
        """The team's name, and its programme's."""
        return team_in_words(obj)


class ReleaseForm(FoldedForm):
    """What she allows: to whom, for what, which parts, until when. ``more`` are the questions that are folded away."""

    why = {
        "categories": gettext_lazy(
            "Tell her: an attorney sees the whole part to which a tick belongs. Name, birth, contact and family are one "
            "part; services and plan another. HIV and the notes of counselling are told only with a tick of their own. Where "
            "she stays is never offered."
        ),
        "expires_on": gettext_lazy("Sharing stops by itself on this day. It can be renewed with her."),
    }
    wide = ("purpose_text", "categories", "excluded", "is_two_way", "subjects")
    depends = ("attorney", "matter", "recipient", "recipient_team", "expires_on")
    more = ("method", "is_two_way", "recipient_role", "subjects", "state", "reason")

    attorney = PersonField(
        label=gettext_lazy("Attorney who gets the matter"), queryset=User.objects.none(), required=False,
        empty_label=gettext_lazy("No attorney: a release only"),
    )  # fmt: skip
    matter = forms.ChoiceField(label=gettext_lazy("Matter"), required=False)
    recipient = forms.ModelChoiceField(
        label=gettext_lazy("Which organisation may know"), queryset=Organisation.objects.none(), required=False,
        empty_label=gettext_lazy("Choose…"), help_text=gettext_lazy("Leave empty if you choose an attorney."),
    )  # fmt: skip
    recipient_team = TeamField(
        label=gettext_lazy("Or which other programme of this house"), queryset=Team.objects.none(), required=False,
        empty_label=gettext_lazy("None"),
    )  # fmt: skip
    purpose = CodeField(choices=Purpose.choices, label=gettext_lazy("Purpose"))
    purpose_text = LineField(label=gettext_lazy("What it is needed for, in her words"), max_length=300)
    categories = CodesField(label=gettext_lazy("They may learn"))
    excluded = LineField(label=gettext_lazy("Not this, by her wish"), required=False)
    expires_on = DayField(label=gettext_lazy("Until"), required=False)
    signer = CodeField(choices=ReleaseSigner.choices, label=gettext_lazy("Who signs"), initial=ReleaseSigner.CLIENT)
    language = CodeField(label=gettext_lazy("Language it was explained in"))
    method = CodeField(
        choices=ReleaseMethod.choices, label=gettext_lazy("How it may travel"), initial=ReleaseMethod.WRITTEN
    )
    is_two_way = forms.BooleanField(label=gettext_lazy("They may also tell us"), required=False)
    recipient_role = LineField(label=gettext_lazy("Whom there, if no person is named"), required=False)
    subjects = LineField(
        label=gettext_lazy("Of whom else it speaks"),
        required=False,
        help_text=gettext_lazy("For example her children."),
    )
    state = CodeField(
        label=gettext_lazy("Signed in"), required=False, empty=gettext_lazy("A state without a rule of its own"),
        help_text=gettext_lazy("Where the law says when a release ends that names no day, “Until” may stay empty."),
    )  # fmt: skip
    reason = LineField(
        label=gettext_lazy("Why longer than usual"), required=False,
        help_text=gettext_lazy("Only a supervisor of the case may set a later end, within twelve months."),
    )  # fmt: skip

    def __init__(self, *args: Any, case: Case, matters: Sequence[str], is_renewal: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case
        fields: dict[str, Any] = self.fields
        fields["recipient"].queryset = Organisation.objects.filter(is_ours=False).order_by("name")
        across = teams_across(case)
        fields["recipient_team"].queryset = Team.objects.filter(pk__in=[team.pk for team in across]).order_by("name")
        if not across:
            del self.fields["recipient_team"]
        attorneys = User.objects.holding(Role.PRO_BONO_ATTORNEY, at=clock.now()).exclude(organisation=case.organisation)
        fields["attorney"].queryset = attorneys.select_related("organisation").by_name()
        fields["matter"].choices = [("", _("No matter")), *((uid, uid) for uid in matters)]
        if len(matters) == 1:
            fields["matter"].initial = matters[0]
        fields["categories"].choices = category_choices()
        fields["language"].choices = [("", _("Choose…")), *languages()]
        fields["state"].choices = [
            ("", fields["state"].choices[0][1]),
            *((code, _STATES[code]) for code in STATE_RULES),
        ]
        fields["purpose"].initial = Purpose.LEGAL_REPRESENTATION
        fields["expires_on"].initial = usual_end(Purpose.LEGAL_REPRESENTATION, timezone.localdate())
        if is_renewal:
            # The same recipient, purpose and matter, or it is another release.
            for name in {"attorney", "matter", "recipient", "recipient_team", "purpose"} & set(fields):
                fields[name].disabled = True

    def name_matters(self, titles: dict[str, str]) -> None:
        """Put titles in the place of uids, once the case is open."""
        field: Any = self.fields["matter"]
        field.choices = [(value, titles.get(value, label)) for value, label in field.choices]

    def clean(self) -> dict[str, Any]:
        """An attorney needs a matter, without one an organisation is needed; and what a release may say at all."""
        facts = super().clean() or self.cleaned_data
        if facts.get("recipient_team"):
            if facts.get("attorney") or facts.get("recipient"):
                self.add_error(
                    "recipient_team", _("One release names one recipient. Choose the programme, or the other.")
                )
            facts["recipient"] = self.case.organisation
        if facts.get("attorney") and not facts.get("matter"):
            self.add_error("matter", _("Choose the matter this attorney works on. Open one on the Legal tab first."))
        if not facts.get("attorney") and not facts.get("recipient"):
            self.add_error("recipient", _("Choose who may know: an organisation, or an attorney."))
        if facts.get("attorney") and facts.get("purpose") not in (None, Purpose.LEGAL_REPRESENTATION):
            self.add_error("purpose", _("An attorney's access serves legal representation."))
        for name, check in (("purpose_text", check_purpose), ("categories", check_categories)):
            if name in facts:
                self.demand(name, lambda value=facts[name], check=check: check(value))
        if facts.get("signer") in (ReleaseSigner.DECEASED, ReleaseSigner.GUARDIAN_REFUSED):
            self.add_error("signer", str(SignerCannot(facts["signer"])))
        if "expires_on" in facts and not facts["expires_on"] and self.lapses_on is None:
            self.add_error("expires_on", _("Choose the day on which it ends."))
        return facts

    def demand(self, name: str, act: Any) -> None:
        """Put the sentence of a rule beside its field."""
        try:
            act()
        except CaseError as error:
            self.add_error(FIELD_OF.get(getattr(error, "what", ""), name), str(error))

    @property
    def lapses_on(self) -> date | None:
        """The day on which a release without an end lapses by the law of its state; None where no law says so."""
        facts = self.cleaned_data
        if not facts.get("purpose"):
            return None
        return end_without_date(facts["purpose"], facts.get("state", ""), timezone.localdate())

    @property
    def until(self) -> date:
        """Its last day, on the reader's calendar."""
        return self.cleaned_data["expires_on"] or self.lapses_on  # type: ignore[return-value]

    @property
    def expires_at(self) -> datetime:
        """The last moment of that day on the reader's clock, so that every page names that day."""
        return end_of_day(self.until)

    @property
    def terms(self) -> Terms:
        """What she allows."""
        names = ("categories", "method", "is_two_way", "excluded", "recipient_role", "subjects")
        return Terms(**{name: self.cleaned_data[name] for name in names})


class SigningForm(FoldedForm):
    """How it was signed: three statements, the signature, a copy or none. ``more`` are folded away."""

    wide = (
        "risks_discussed", "not_conditioned", "revocable_explained", "copy_given", "is_read_aloud", "guardian_is_not_abuser",
        "evidence", "alternatives_discussed", "signature", "other_signature",
    )  # fmt: skip
    depends = ("signer_name", "guardian_is_not_abuser", "authority", "signature", "other_signature")
    more = ("interpreter", "signed_on", "alternatives_discussed", "risks_note", "witness")
    statements = ("risks_discussed", "not_conditioned", "revocable_explained")

    risks_discussed = forms.BooleanField(label=gettext_lazy("We talked about risks, benefits and other ways"))
    not_conditioned = forms.BooleanField(label=gettext_lazy("She knows that our help does not depend on signing"))
    revocable_explained = forms.BooleanField(
        label=gettext_lazy("She knows that she can take it back at any time, by a word")
    )
    is_read_aloud = forms.BooleanField(label=gettext_lazy("It was read aloud to her"), required=False)
    signer_name = LineField(label=gettext_lazy("Name of the person who signs with her or for her"), required=False)
    guardian_is_not_abuser = forms.BooleanField(
        label=gettext_lazy("We checked that this person abused neither her nor her other parent"), required=False
    )
    authority = LineField(label=gettext_lazy("By which law or order"), required=False)
    evidence = CodeField(
        choices=Evidence.choices, label=gettext_lazy("The signature"), radio=True, initial=Evidence.SCREEN
    )
    signature = UploadField(
        label=gettext_lazy("Her signature"), required=False, accept=".png,.jpg,.jpeg,.pdf",
        help_text=gettext_lazy("Let her sign below with a finger, or choose a photo or scan of the signed paper."),
    )  # fmt: skip
    other_signature = UploadField(
        label=gettext_lazy("Signature of the person who signs with her or for her"), required=False,
        accept=".png,.jpg,.jpeg,.pdf",
    )  # fmt: skip
    kept_where = LineField(label=gettext_lazy("Where the signed paper is kept"), required=False)
    copy_given = forms.BooleanField(
        label=gettext_lazy("She was given a copy"), required=False,
        help_text=gettext_lazy("Leave it empty if she wants none: a paper can be found."),
    )  # fmt: skip
    interpreter = LineField(label=gettext_lazy("Interpreter"), required=False)
    signed_on = DayField(label=gettext_lazy("Signed on"), past=True)
    alternatives_discussed = forms.BooleanField(
        label=gettext_lazy("We looked at ways to reach the same without sharing"), required=False
    )
    risks_note = TextField(label=gettext_lazy("What we talked about"), rows=3, required=False, max_length=2_000)
    witness = LineField(label=gettext_lazy("Who was there from our side"), required=False)

    def __init__(self, *args: Any, signer: str, witness: str, categories: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.signer, self.by_name = signer, by_name(categories)
        fields: dict[str, Any] = self.fields
        asked = _("Asked about it by name, she says yes to: %(category)s (%(authority)s)")
        for one in self.by_name:
            words = asked % {"category": one.label, "authority": AUTHORITY_OF_TICK[one]}
            fields[f"named_{one.value}"] = forms.BooleanField(
                label=words, error_messages={"required": str(ReleaseLacks("named"))}
            )
        self.order_fields([f"named_{one.value}" for one in self.by_name])
        fields["signed_on"].initial = timezone.localdate()
        fields["witness"].initial = witness
        if not signs_with_another(signer):
            for name in ("signer_name", "guardian_is_not_abuser", "other_signature"):
                del self.fields[name]
        if not needs_authority(signer):
            del self.fields["authority"]
        if "CLIENT" not in signers_of(signer):
            del self.fields["signature"]

    def clean(self) -> dict[str, Any]:
        """On paper in a file: say where. Else the signature is there."""
        facts = super().clean() or self.cleaned_data
        if facts.get("evidence") == Evidence.PAPER:
            if not facts.get("kept_where"):
                self.add_error("kept_where", _("Say where the signed paper is kept."))
        else:
            for name in ("signature", "other_signature"):
                if name in self.fields and name not in self.errors and not facts.get(name):
                    self.add_error(
                        name, _("The signature is missing. Sign on the screen, or add a photo of the signed paper.")
                    )
        return facts

    def signing(self, terms: ReleaseForm) -> Signing:
        """How it was signed, with what the first page asked of it."""
        facts = self.cleaned_data
        given = {name: facts[name] for name in facts if name in Signing.__dataclass_fields__}
        given["named"] = [one.value for one in self.by_name if facts.get(f"named_{one.value}")]
        first = {name: terms.cleaned_data[name] for name in ("signer", "language", "state", "reason")}
        return Signing(**{**given, **first})

    @property
    def uploads(self) -> dict[str, Any]:
        """The files of the signatures, by who signed; none where the paper is kept in a file."""
        if self.cleaned_data["evidence"] == Evidence.PAPER:
            return {}
        files = [self.cleaned_data.get(name) for name in ("signature", "other_signature") if name in self.fields]
        return {who: file for who, file in zip(signers_of(self.signer), files, strict=True) if file}

    @property
    def canvases(self) -> list[str]:
        """The fields that are drawn with a finger."""
        return [name for name in ("signature", "other_signature") if name in self.fields]
