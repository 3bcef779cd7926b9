"""Forms of a plan."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, DayField, HavenForm, LineField, TextField
from cases.htcds.codes import SupportPlanType
from services.choices import HerAnswer, Responsible

#: Two types of HTCDS say what was done to her. SERVICES is read by more people than that, so they are not offered.
_TELLS = (SupportPlanType.LABOUR_EXPLOITATION_REHABILITATION, SupportPlanType.SEXUAL_EXPLOITATION_REHABILITATION)
_TYPES = [(code, label) for code, label in SupportPlanType.choices if code not in _TELLS]


class GoalPlanForm(HavenForm):
    """How a goal is to be reached. ``needs``: uids of those that it may answer; their words come on the page."""

    wide = ("objective", "action_words")

    objective = LineField(label=_("How we will see that it is reached"), max_length=300)
    action_words = LineField(label=_("The next step"), max_length=300)
    responsible = CodeField(choices=Responsible.choices, label=_("Who takes it"))
    target_on = DayField(label=_("By when"), coming=True, required=False)
    need_uid = CodeField(label=_("Which need it answers"), required=False, empty=_("None of them"))
    htcds = CodeField(
        choices=_TYPES, label=_("Kind of support"), required=False, empty=_("None of these"),
        help_text=_("As the common data standard (HTCDS) counts it."),
    )  # fmt: skip

    def __init__(self, *args: Any, needs: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["need_uid"].choices = [*fields["need_uid"].choices, *((uid, "") for uid in needs)]

    def clean_need_uid(self) -> UUID | None:
        """The need, by its uid."""
        chosen = self.cleaned_data["need_uid"]
        return UUID(chosen) if chosen else None


class PlanForm(HavenForm):
    """What she said to her plan."""

    her_answer = CodeField(
        choices=HerAnswer.choices, label=_("What she says to it"),
        help_text=_("She may decline. Help does not depend on it."),
    )  # fmt: skip
    answered_on = DayField(label=_("On"), past=True, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answered_on"].initial = timezone.localdate()


class PlanDecisionForm(HavenForm):
    """What the supervisor says to a plan."""

    decision = CodeField(
        choices=[("APPROVE", _("I approve it")), ("SEND_BACK", _("I send it back"))], label=_("Your answer"), radio=True
    )
    remark = TextField(
        label=_("In a few words"), required=False, rows=3, help_text=_("Asked for where you send it back.")
    )
