"""Forms for people who leave, move, go on leave or change their role, and for handing cases over."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import RoleAssignment, Team, User
from casemgmt.interface.forms import CodeField, DayField, HavenForm, code_choices


class ConfirmForm(HavenForm):
    """Only the button."""


class MoveForm(HavenForm):
    """From which team to which."""

    from_team = CodeField(label=_("From the team"), choices=())
    to_team = CodeField(label=_("To the team"), choices=())

    def __init__(self, *args: Any, own: list[Team], others: list[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.teams = {str(team.uid): team for team in [*own, *others]}
        _offer(self, "from_team", [(str(team.uid), team.name) for team in own])
        _offer(self, "to_team", [(str(team.uid), team.name) for team in others])
        if len(own) == 1:
            self.fields["from_team"].initial = str(own[0].uid)

    @property
    def chosen(self) -> dict[str, Team]:
        """The two teams, for the action."""
        return {name: self.teams[self.cleaned_data[name]] for name in ("from_team", "to_team")}


class LeaveForm(HavenForm):
    """Until when, if that is known."""

    expected_back_on = DayField(label=_("Expected back"), coming=True, required=False)
    why = {"expected_back_on": _("Only for the list. The account opens when somebody says that this person is back.")}

    @property
    def chosen(self) -> dict[str, Any]:
        """The day, for the action."""
        return {"expected_back_on": self.cleaned_data["expected_back_on"]}


class RoleChangeForm(HavenForm):
    """Which role ends and which begins."""

    ends = CodeField(label=_("This role ends"), choices=())
    role = CodeField(label=_("This role begins"), choices=Role.choices)

    def __init__(self, *args: Any, roles: list[RoleAssignment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = {str(one.uid): one for one in roles}
        _offer(self, "ends", [(str(one.uid), Role(one.role).label) for one in roles])
        if len(roles) == 1:
            self.fields["ends"].initial = str(roles[0].uid)

    @property
    def chosen(self) -> dict[str, Any]:
        """The two roles, for the action."""
        return {"ends": self.roles[self.cleaned_data["ends"]], "role": self.cleaned_data["role"]}


class NewOwnerForm(HavenForm):
    """Whom a case, or the supervision of a team, goes to."""

    person = CodeField(label=_("Who takes it over"), choices=())

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.uid): one for one in people}
        _offer(self, "person", [(uid, one.name) for uid, one in self.people.items()])

    @property
    def chosen_person(self) -> User:
        """The chosen person."""
        return self.people[self.cleaned_data["person"]]


def _offer(form: HavenForm, name: str, choices: list[tuple[str, Any]]) -> None:
    """Fill a list that is known only when the page is made."""
    form.fields[name].choices = code_choices(choices, empty=_("Choose…"))  # type: ignore[attr-defined]
