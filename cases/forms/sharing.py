"""Forms of the Sharing tab: a release with its attorney, and giving a colleague access."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import clock
from casemgmt.accounts.choices import Language, Role
from casemgmt.accounts.models import Organisation, User
from casemgmt.interface.forms import CodeField, CodesField, DayField, HavenForm, LineField
from cases.actions.grants import ROLES_OF_KIND
from cases.actions.releases import USUAL, USUAL_OTHERWISE, Signing, Terms
from cases.choices import (
    SECTION_OF_CATEGORY,
    TWO_PERSON_SECTIONS,
    GrantKind,
    InfoCategory,
    Purpose,
    ReleaseMethod,
    ReleaseSigner,
)
from cases.models import Case

#: What a release to one attorney may open with one person's word; the others wait for the rule of two.
ONE_PERSON_CATEGORIES = [
    (category.value, category.label)
    for category in InfoCategory
    if SECTION_OF_CATEGORY[category] not in TWO_PERSON_SECTIONS
]


class PersonField(forms.ModelChoiceField):
    """A person, shown by name and organisation."""

    def label_from_instance(self, obj: Any) -> str:
        """Name, and where the person works."""
        return f"{obj.name}, {obj.organisation.name}"


class ReleaseForm(HavenForm):
    """A release as it is made with her, in three minutes on a phone: to whom, for what, which parts, until when."""

    why = {
        "categories": gettext_lazy(
            "Tell her: an attorney sees the whole part to which a tick belongs. Name, birth, contact and family are one "
            "part; services and plan another. Where she stays is never offered."
        ),
        "expires_on": gettext_lazy("Sharing stops by itself on this day. It can be renewed with her."),
    }
    wide = (
        "purpose_text", "categories", "is_two_way", "guardian_is_not_abuser", "is_read_aloud", "risks_discussed",
        "not_conditioned", "revocable_explained", "copy_given",
    )  # fmt: skip

    recipient = forms.ModelChoiceField(
        label=gettext_lazy("Which organisation may know"), queryset=Organisation.objects.none(), required=False,
        empty_label=gettext_lazy("Choose…"), help_text=gettext_lazy("Leave empty if you choose an attorney."),
    )  # fmt: skip
    attorney = PersonField(
        label=gettext_lazy("Attorney who gets the matter"), queryset=User.objects.none(), required=False,
        empty_label=gettext_lazy("No attorney: a release only"),
    )  # fmt: skip
    matter = forms.ChoiceField(label=gettext_lazy("Matter"), required=False)
    purpose = CodeField(choices=Purpose.choices, label=gettext_lazy("Purpose"))
    purpose_text = LineField(label=gettext_lazy("What it is needed for, in her words"), max_length=300)
    categories = CodesField(choices=ONE_PERSON_CATEGORIES, label=gettext_lazy("They may learn"))
    excluded = LineField(label=gettext_lazy("Not this, by her wish"), required=False)
    expires_on = DayField(label=gettext_lazy("Until"))
    method = CodeField(
        choices=ReleaseMethod.choices, label=gettext_lazy("How it may travel"), initial=ReleaseMethod.WRITTEN
    )
    is_two_way = forms.BooleanField(label=gettext_lazy("They may also tell us"), required=False)
    signer = CodeField(choices=ReleaseSigner.choices, label=gettext_lazy("Who signed"), initial=ReleaseSigner.CLIENT)
    signed_on = DayField(label=gettext_lazy("Signed on"), past=True)
    language = CodeField(choices=Language.choices, label=gettext_lazy("Language it was explained in"))
    interpreter = LineField(label=gettext_lazy("Interpreter"), required=False)
    guardian_is_not_abuser = forms.BooleanField(
        label=gettext_lazy("We checked that the guardian is not involved in the abuse"), required=False,
        help_text=gettext_lazy("Only where a parent or guardian signed."),
    )  # fmt: skip
    is_read_aloud = forms.BooleanField(label=gettext_lazy("It was read aloud to her"), required=False)
    risks_discussed = forms.BooleanField(label=gettext_lazy("We talked about risks, benefits and other ways"))
    not_conditioned = forms.BooleanField(label=gettext_lazy("She knows that our help does not depend on signing"))
    revocable_explained = forms.BooleanField(
        label=gettext_lazy("She knows that she can take it back at any time, by a word")
    )
    copy_given = forms.BooleanField(label=gettext_lazy("She was given a copy"), required=False)

    def __init__(self, *args: Any, case: Case, matters: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case
        fields: dict[str, Any] = self.fields
        fields["recipient"].queryset = Organisation.objects.filter(is_ours=False).order_by("name")
        attorneys = User.objects.holding(Role.PRO_BONO_ATTORNEY, at=clock.now()).exclude(organisation=case.organisation)
        fields["attorney"].queryset = attorneys.select_related("organisation").by_name()
        fields["matter"].choices = [("", _("No matter")), *((uid, uid) for uid in matters)]
        today = timezone.localdate()
        fields["signed_on"].initial = today
        fields["purpose"].initial = Purpose.LEGAL_REPRESENTATION
        fields["expires_on"].initial = today + USUAL.get(Purpose.LEGAL_REPRESENTATION, USUAL_OTHERWISE)

    def name_matters(self, titles: dict[str, str]) -> None:
        """Put titles in the place of uids, once the case is open."""
        field: Any = self.fields["matter"]
        field.choices = [(value, titles.get(value, label)) for value, label in field.choices]

    def clean(self) -> dict[str, Any]:
        """An attorney needs a matter; without one, an organisation is needed."""
        facts = super().clean() or self.cleaned_data
        if facts.get("attorney") and not facts.get("matter"):
            self.add_error("matter", _("Choose the matter this attorney works on. Open one on the Legal tab first."))
        if not facts.get("attorney") and not facts.get("recipient"):
            self.add_error("recipient", _("Choose who may know: an organisation, or an attorney."))
        if facts.get("attorney") and facts.get("purpose") not in (None, Purpose.LEGAL_REPRESENTATION):
            self.add_error("purpose", _("An attorney's access serves legal representation."))
        return facts

    @property
    def terms(self) -> Terms:
        """What she allows."""
        facts = self.cleaned_data
        return Terms(
            categories=facts["categories"],
            method=facts["method"],
            is_two_way=facts["is_two_way"],
            excluded=facts["excluded"],
        )

    @property
    def signing(self) -> Signing:
        """How it was signed."""
        names = (
            "signer", "language", "interpreter", "is_read_aloud", "risks_discussed", "not_conditioned",
            "revocable_explained", "copy_given", "guardian_is_not_abuser", "signed_on",
        )  # fmt: skip
        return Signing(**{name: self.cleaned_data[name] for name in names})

    @property
    def expires_at(self) -> datetime:
        """The last moment of the chosen day on the reader's clock, so that every page names that day."""
        return timezone.make_aware(datetime.combine(self.cleaned_data["expires_on"], time.max))


class AccessForm(HavenForm):
    """Access for a colleague of the house, or for a team."""

    wide = ("reason",)

    kind = CodeField(
        choices=[(kind.value, kind.label) for kind in GrantKind if kind != GrantKind.PRO_BONO],
        label=gettext_lazy("What for"),
    )
    person = PersonField(label=gettext_lazy("Who"), queryset=User.objects.none())
    until = DayField(label=gettext_lazy("Until"), coming=True, required=False)
    reason = LineField(label=gettext_lazy("Why"), max_length=300)

    def __init__(self, *args: Any, case: Case, reader: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = {role for kind, held in ROLES_OF_KIND.items() if kind != GrantKind.PRO_BONO for role in held}
        people = (
            User.objects.holding(*roles, at=clock.now()).filter(organisation=case.organisation).exclude(pk=reader.pk)
        )
        fields: dict[str, Any] = self.fields
        fields["person"].queryset = people.select_related("organisation").by_name()

    @property
    def until_moment(self) -> datetime | None:
        """The last moment of the chosen day on the reader's clock, or None."""
        day = self.cleaned_data["until"]
        return timezone.make_aware(datetime.combine(day, time.max)) if day else None
