"""Forms of aftercare and reintegration."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.accounts.choices import Discipline
from casemgmt.accounts.models import Team
from casemgmt.interface.forms import CodeField, DayField, HavenForm, LineField, TextField
from cases import codes
from cases.choices.configuration import ListName
from cases.models import Case
from services.choices import ExitTo, FollowUpState, Mode, ServiceOutcome


class ServiceForm(HavenForm):
    """One service given."""

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
    remark = LineField(label=_("Remark"), required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["given_on"].initial = timezone.localdate()


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
