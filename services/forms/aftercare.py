"""Forms of aftercare and reintegration."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from casemgmt.accounts.choices import Discipline
from casemgmt.accounts.models import Team
from casemgmt.interface.forms import CodeField, DayField, HavenForm, LineField, TextField
from cases import codes
from cases.choices.configuration import ListName
from cases.models import Case
from services.choices import ExitTo, FollowUpState, Mode, ServiceOutcome


class ServiceForm(HavenForm):
    """One service given. ``goals``: the uids of those it may have been given towards; their words come on the page."""

    wide = ("remark",)

    service = CodeField(choices=codes.offered(ListName.SERVICE_TYPE), label=_("Service"))
    given_on = DayField(label=_("On"), past=True)
    quantity = forms.DecimalField(
        label=_("How much"), min_value=0, max_value=10_000, max_digits=7, decimal_places=2, initial=1,
        help_text=_("In the unit of the service: minutes, sessions, nights, trips, items."),
    )  # fmt: skip
    outcome = CodeField(choices=ServiceOutcome.choices, label=_("How it went"), initial=ServiceOutcome.PROVIDED)
    mode = CodeField(choices=Mode.choices, label=_("How it was given"), initial=Mode.IN_PERSON)
    provider = LineField(label=_("Given by"), required=False, help_text=_("Empty means: by us."))
    goal_uid = CodeField(label=_("Towards which goal"), required=False, empty=_("None of them"))
    remark = LineField(label=_("Remark"), required=False, max_length=300)

    def __init__(self, *args: Any, goals: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["given_on"].initial = timezone.localdate()
        fields["goal_uid"].choices = [*fields["goal_uid"].choices, *((uid, "") for uid in goals)]

    def clean_goal_uid(self) -> UUID | None:
        """The goal, by its uid."""
        chosen = self.cleaned_data["goal_uid"]
        return UUID(chosen) if chosen else None


class StayForm(HavenForm):
    """The beginning of a shelter stay. There is no field for an address, on purpose."""

    team = forms.ModelChoiceField(label=_("Shelter"), queryset=Team.objects.none())
    entered_on = DayField(label=_("From"), past=True)
    room = LineField(
        label=_("Room"), required=False, max_length=40, help_text=_("The house's own name for it, never an address.")
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        shelters = Team.objects.open().filter(organisation=case.organisation, discipline=Discipline.SHELTER)
        fields["team"].queryset = shelters.order_by("name")
        fields["entered_on"].initial = timezone.localdate()


class EndStayForm(HavenForm):
    """The end of a shelter stay."""

    left_on = DayField(label=_("Left on"), past=True)
    exit_to = CodeField(choices=ExitTo.choices, label=_("Where to"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["left_on"].initial = timezone.localdate()


class GoalForm(HavenForm):
    """A goal, in her own words."""

    wide = ("title",)

    title = LineField(label=_("What she wants to reach, in her words"), max_length=200)
    area = CodeField(choices=codes.offered(ListName.AREA_OF_LIFE), label=_("Area of life"))
    target_on = DayField(label=_("By when"), coming=True, required=False)


class ProgressForm(HavenForm):
    """How far a goal has come."""

    progress = forms.IntegerField(label=_("Reached, in per cent"), min_value=0, max_value=100)
    words = LineField(label=_("What changed"), required=False, max_length=300)

    def tell_what_was_done(self, *, steps: int, done: int, services: int) -> None:
        """What is on record, beside the question: how far it is, she and the caseworker say."""
        told = []
        if steps:
            said = gettext("%(done)s of %(all)s steps are done, which is %(share)s %%.")
            told.append(said % {"done": done, "all": steps, "share": round(100 * done / steps)})
        if services:
            said = ngettext("%s service was given towards it.", "%s services were given towards it.", services)
            told.append(said % services)
        if told:
            told.append(gettext("How far it is, she says with you."))
            self.fields["progress"].help_text = " ".join(told)


class FollowUpPlanForm(HavenForm):
    """When she left, from which the contacts are counted."""

    exit_on = DayField(label=_("Day she left our care"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["exit_on"].initial = timezone.localdate()


class FollowUpForm(HavenForm):
    """How a follow-up went."""

    state = CodeField(choices=FollowUpState.choices, label=_("How it went"))
    done_on = DayField(label=_("On"), past=True)
    words = TextField(label=_("In a few words"), required=False, rows=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["done_on"].initial = timezone.localdate()
