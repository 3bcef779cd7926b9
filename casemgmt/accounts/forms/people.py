"""Forms of the administrator's pages."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, CodesField, DayField, HavenForm, LineField, code_choices, end_of_day

from ..choices import AccountRequestKind, Discipline, Mandated, OrganisationKind, Role
from ..configured import languages_offered, usual_language
from ..models import Organisation, Team, User


class InviteForm(HavenForm):
    """Invite somebody."""

    name = LineField(label=_("Name"), max_length=150)
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none(), empty_label=None
    )
    roles = CodesField(label=_("Roles"), choices=Role.choices, required=False)
    language = CodeField(
        label=_("Language of the invitation"), choices=languages_offered, initial=usual_language
    )  # fmt: skip
    why = {
        "roles": _("A role decides at which page somebody starts and which access they may be given. It opens no case.")
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisations = Organisation.objects.order_by("-is_ours", "name")
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]


class RoleForm(HavenForm):
    """Give a role."""

    role = CodeField(label=_("Role"), choices=Role.choices)


class MandateForm(HavenForm):
    """Whether the law makes a person report."""

    mandated = CodeField(
        label=_("Reports that the law demands"), choices=Mandated.choices, required=False, empty=_("Nobody has looked it up"),
        help_text=_("By her profession and where she works. She sees it where such a report may come up."),
    )  # fmt: skip
    mandated_in = LineField(
        label=_("States or countries"),
        max_length=120,
        required=False,
        help_text=_("For example: New York, New Jersey."),
    )

    def clean(self) -> dict[str, Any]:
        """Where the law makes her report, somebody says where."""
        cleaned = super().clean() or {}
        if cleaned.get("mandated") == Mandated.YES and not cleaned.get("mandated_in"):
            self.add_error("mandated_in", gettext("Say where: the law of which state or country."))
        return cleaned


class MemberForm(HavenForm):
    """Propose somebody for a team."""

    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none(), empty_label=_("Choose…"))
    is_supervisor = forms.BooleanField(label=_("Supervises this team"), required=False)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.open().filter(organisation=person.organisation).order_by("name")
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]


class TeamForm(HavenForm):
    """Make a team."""

    name = LineField(label=_("Name"), max_length=120)
    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none(), empty_label=None
    )
    discipline = CodeField(label=_("Discipline"), choices=Discipline.choices)
    programme = LineField(label=_("Programme"), max_length=120, required=False)
    why = {"discipline": _("Supervision follows it: a casework supervisor sees no clinical notes.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisations = Organisation.objects.order_by("-is_ours", "name")
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]


class TeamNameForm(HavenForm):
    """Call a team otherwise."""

    name = LineField(label=_("Name"), max_length=120)


class OrganisationForm(HavenForm):
    """Add an organisation."""

    name = LineField(label=_("Name"))
    kind = CodeField(label=_("Kind"), choices=OrganisationKind.choices)
    is_ours = forms.BooleanField(label=_("Part of this house"), required=False)


class AccountRequestForm(HavenForm):
    """Ask for somebody else's account."""

    kind = CodeField(label=_("What is needed"), choices=AccountRequestKind.choices, radio=True)
    new_email = forms.EmailField(
        label=_("New e-mail address"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_change = cleaned.get("kind") == AccountRequestKind.EMAIL_CHANGE
        if is_change and not cleaned.get("new_email") and "new_email" not in self.errors:
            self.add_error("new_email", _("Write the new address."))
        return cleaned


class DegradedModeForm(HavenForm):
    """Declare that too few people are here to keep the roles apart."""

    second_approver = CodeField(label=_("Second person, from outside"), choices=())
    reason = LineField(label=_("Why the roles cannot be kept apart"), max_length=400)
    until = DayField(label=_("Until at the latest"), coming=True)
    why = {
        "second_approver": _("Somebody of another organisation who can open no case here. Nobody else is offered."),
        "until": _("It ends by itself on this day, after a year at most, and can be declared again."),
    }

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.uid): person for person in people}
        names = [(uid, f"{person.name} ({person.organisation.name})") for uid, person in self.people.items()]
        self.fields["second_approver"].choices = code_choices(names, empty=_("Choose…"))  # type: ignore[attr-defined]

    @property
    def person(self) -> User:
        """The chosen person."""
        return self.people[self.cleaned_data["second_approver"]]

    @property
    def until_moment(self) -> datetime:
        """The end of the chosen day, on the reader's clock."""
        return end_of_day(self.cleaned_data["until"])
