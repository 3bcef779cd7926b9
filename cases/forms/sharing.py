"""Forms of the Sharing tab: giving a colleague access. A release has forms of its own: ``cases.forms.releases``."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from audit import clock
from casemgmt.accounts.models import User
from casemgmt.interface.forms import CodeField, DayField, HavenForm, LineField
from cases.actions.kinds import GIVEN_BY_HAND, ROLES_OF_KIND
from cases.choices.sharing import GrantKind
from cases.models import Case


class PersonField(forms.ModelChoiceField):
    """A person, shown by name and organisation."""

    def label_from_instance(self, obj: Any) -> str:
        """Name, and where the person works."""
        return f"{obj.name}, {obj.organisation.name}"


class AccessForm(HavenForm):
    """Access for a colleague of the house, or for a team."""

    wide = ("reason",)

    kind = CodeField(
        choices=[(kind.value, kind.label) for kind in GrantKind if kind in GIVEN_BY_HAND],
        label=gettext_lazy("What for"),
    )
    person = PersonField(label=gettext_lazy("Who"), queryset=User.objects.none())
    until = DayField(label=gettext_lazy("Until"), coming=True, required=False)
    with_location = forms.BooleanField(
        label=gettext_lazy("Also where she stays"), required=False,
        help_text=gettext_lazy("Only with an assignment, and only for whoever must know it."),
    )  # fmt: skip
    reason = LineField(label=gettext_lazy("Why"), max_length=300)

    def __init__(self, *args: Any, case: Case, reader: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = {role for kind in GIVEN_BY_HAND for role in ROLES_OF_KIND[kind]}
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
