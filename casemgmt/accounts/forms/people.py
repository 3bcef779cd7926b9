"""Forms of the administrator's pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, CodesField, HavenForm, LineField

from ..choices import Discipline, Language, OrganisationKind, Role
from ..models import Organisation, Team, User


class InviteForm(HavenForm):
    """Invite somebody."""

    name = LineField(label=_("Name"), max_length=150)
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none(), empty_label=None
    )
    roles = CodesField(label=_("Roles"), choices=Role.choices, required=False)
    language = CodeField(label=_("Language of the invitation"), choices=Language.choices, initial=Language.ENGLISH)
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


class OrganisationForm(HavenForm):
    """Add an organisation."""

    name = LineField(label=_("Name"))
    kind = CodeField(label=_("Kind"), choices=OrganisationKind.choices)
    is_ours = forms.BooleanField(label=_("Part of this house"), required=False)
