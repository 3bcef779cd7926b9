"""Forms of needs."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, DayField, HavenForm, LineField
from cases import codes
from cases.choices.configuration import ListName
from services.choices import NeedState, Priority, Urgency


class NeedForm(HavenForm):
    """A need in her words, how soon, and how much it matters: to her, and as we see it."""

    wide = ("words",)

    words = LineField(label=_("What she needs, in her words"), max_length=300)
    area = CodeField(choices=codes.offered(ListName.AREA_OF_LIFE), label=_("Area of life"))
    urgency = CodeField(
        choices=Urgency.choices, label=_("How soon"),
        help_text=_("What is needed within three days stands on the list of whoever leads the case."),
    )  # fmt: skip
    her_priority = CodeField(
        choices=Priority.choices, label=_("How much it matters to her"), required=False, empty=_("Not asked yet"),
        help_text=_("Her answer, even if you see it differently."),
    )  # fmt: skip
    our_priority = CodeField(choices=Priority.choices, label=_("How you see it"))


class NeedChangeForm(NeedForm):
    """A need worded or weighed anew. An area that is offered no more stays choosable for the need that holds it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["area"]
        # What is sent may be the area that the need holds, which is sealed here: the action knows every code.
        held = self.initial.get("area", "")
        name = ListName.AREA_OF_LIFE
        listed = codes.all_choices(name) if self.is_bound else codes.choices_of(name, keep=held)
        field.choices = listed


class NeedStateForm(HavenForm):
    """What became of a need."""

    status = CodeField(choices=NeedState.choices, label=_("What became of it"))
    on = DayField(label=_("On"), past=True)
    barrier = CodeField(
        choices=codes.offered(ListName.BARRIER), label=_("What stood in the way"), required=False, empty=_("Nothing"),
        help_text=_("Only where it was not met."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = timezone.localdate()
