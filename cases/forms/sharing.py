"""Forms of the Sharing tab: giving a colleague access. A release has forms of its own: ``cases.forms.releases``."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import clock
from casemgmt.accounts.models import User
from casemgmt.interface.forms import CodeField, DayField, HavenForm, LineField, end_of_day
from cases import programmes
from cases.actions.kinds import GIVEN_BY_HAND, ROLES_OF_KIND
from cases.choices.sharing import GrantKind
from cases.models import Case
from cases.release_words import team_in_words


class PersonField(forms.ModelChoiceField):
    """A person (or a team), shown by name and organisation."""

    def label_from_instance(self, obj: Any) -> str:
        """The name, and where that is."""
        return f"{obj.name}, {obj.organisation.name}"


def _day(moment: datetime) -> str:
    return date_format(timezone.localdate(moment))


class AccessForm(HavenForm):
    """Access for a colleague of the house."""

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
    release = CodeField(
        choices=(), label=gettext_lazy("Her release to another programme"), required=False,
        empty=gettext_lazy("None: a colleague of the same programme"),
        help_text=gettext_lazy("Whoever works in another programme opens what her release names, until it ends."),
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
        if not programmes.are_kept_apart():
            del self.fields["release"]
            return
        until = _("%(team)s, until %(day)s")
        fields["release"].choices = [
            *fields["release"].choices,
            *(
                (str(one.uid), until % {"team": team_in_words(one.recipient_team), "day": _day(one.expires_at)})
                for one in programmes.releases_across(case, at=clock.now())
                if one.recipient_team is not None
            ),
        ]

    @property
    def release_uid(self) -> UUID | None:
        """The chosen release, or None."""
        chosen = self.cleaned_data.get("release")
        return UUID(chosen) if chosen else None

    @property
    def until_moment(self) -> datetime | None:
        """The last moment of the chosen day on the reader's clock, or None."""
        day = self.cleaned_data["until"]
        return end_of_day(day) if day else None
