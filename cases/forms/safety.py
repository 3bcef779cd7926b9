"""Forms of the Safety tab: the safe-contact instruction, alerts, the level of danger, the plan."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import clock
from casemgmt.access.sections import Section
from casemgmt.interface.forms import (
    CodeField,
    CodesField,
    DayField,
    HavenForm,
    LineField,
    MomentField,
    TextField,
    ZoneField,
)
from cases import codes
from cases.actions.alerts import AlertFacts
from cases.actions.incidents import Happened
from cases.actions.safety import SafeContact
from cases.choices.configuration import ListName
from cases.choices.safety import (
    ITEMS_OF_GROUP,
    NEVER_ON_CARD,
    AlertCode,
    AlertSeverity,
    PlanCopy,
    RiskItem,
    RiskLevel,
    SafetyTopic,
)
from cases.choices.survivor import ContactChannel, TriState, Weekday
from cases.forms.answers import MarkedForm
from cases.htcds import places


def _clock() -> forms.TimeInput:
    return forms.TimeInput(format="%H:%M", attrs={"type": "time"})


class SafeContactForm(MarkedForm):
    """How she may be reached without danger. "Do not contact" is an instruction, too."""

    why = {
        "identify_as": gettext_lazy("Whoever picks up must not learn where the call comes from."),
        "hide_number": gettext_lazy("A number on her display or her bill can be called back by somebody else."),
        "shared_device": gettext_lazy("What stands on a shared phone is read by others."),
    }
    wide = ("words", "do_not_say")

    channel = CodeField(ContactChannel.choices, label=gettext_lazy("How"))
    value = LineField(
        label=gettext_lazy("Number or address"), required=False, help_text=gettext_lazy("Only the way that is safe.")
    )
    words = TextField(
        label=gettext_lazy("The rule in words"), rows=2, max_length=500, required=False,
        help_text=gettext_lazy("Everybody on the case reads it above every page. For example: weekdays 9 to 12 only."),
    )  # fmt: skip
    days = CodesField(
        choices=Weekday.choices, required=False, label=gettext_lazy("Only on these days"),
        help_text=gettext_lazy("None ticked: every day."),
    )  # fmt: skip
    begins = forms.TimeField(label=gettext_lazy("Not before"), required=False, widget=_clock())
    ends = forms.TimeField(label=gettext_lazy("Not after"), required=False, widget=_clock())
    zone = ZoneField(
        label=gettext_lazy("On the clock of"), required=False,
        help_text=gettext_lazy("Where she is, like America/New_York. Empty: where you are."),
    )  # fmt: skip
    language = CodeField(label=gettext_lazy("Language"), required=False)
    identify_as = LineField(label=gettext_lazy("Say that you are"), required=False, max_length=100)
    leave_message = CodeField(TriState.choices, label=gettext_lazy("May one leave a message?"))
    shared_device = CodeField(TriState.choices, label=gettext_lazy("Do others use this phone?"))
    hide_number = CodeField(TriState.choices, label=gettext_lazy("Must our number stay hidden?"))
    who_may_answer = LineField(label=gettext_lazy("Who else may pick up"), required=False)
    do_not_say = LineField(label=gettext_lazy("Never say"), required=False)
    verified_on = DayField(label=gettext_lazy("Checked with her on"), past=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("Choose…")), *places.languages()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A way of reaching her needs its rule; some ways need a number."""
        facts = super().clean() or {}
        channel = facts.get("channel")
        if channel and channel != ContactChannel.NONE and not facts.get("words") and "words" not in self.errors:
            self.add_error("words", _("Say in words when and how, so that nobody guesses."))
        if channel == ContactChannel.NONE and facts.get("value"):
            self.add_error("value", _("With “do not contact”, no number is kept here."))
        return facts

    @property
    def contact(self) -> SafeContact:
        """The instruction, for the action."""
        facts = {name: value for name, value in self.facts.items() if name in SafeContact.__dataclass_fields__}
        hours = {name: facts[name].strftime("%H:%M") if facts[name] else "" for name in ("begins", "ends")}
        has_hours = any(hours.values()) or bool(facts["days"])
        # Hours without a clock mean nothing once somebody elsewhere reads them.
        zone = facts["zone"] or (timezone.get_current_timezone_name() if has_hours else "")
        return SafeContact(**{**facts, **hours, "zone": zone})


class AlertsForm(MarkedForm):
    """The coded alerts on the card. Codes without words, so that nothing here can shame her."""

    wide = ("codes",)

    codes = CodesField(
        choices=[(one.value, one.label) for one in AlertCode if one not in NEVER_ON_CARD], required=False,
        label=gettext_lazy("Alerts"),
        help_text=gettext_lazy("Everybody who opens the case sees them, also the shelter and an attorney."),
    )  # fmt: skip


class AlertForm(HavenForm):
    """One alert: what, how much it matters, who may see it, from when, and when somebody looks again."""

    why = {"section": gettext_lazy("Nobody else can open it, whatever else she may see of the case.")}
    wide = ("section", "words")

    code = CodeField(AlertCode.choices, label=gettext_lazy("Alert"))
    severity = CodeField(AlertSeverity.choices, label=gettext_lazy("How much it matters"), initial=AlertSeverity.USUAL)
    section = CodeField(label=gettext_lazy("Who may see it: those who may open"), initial=Section.SAFETY)
    words = LineField(
        label=gettext_lazy("In a few words"), required=False,
        help_text=gettext_lazy("Not where everybody on the case reads it, and never about her health."),
    )  # fmt: skip
    starts_on = DayField(label=gettext_lazy("From"), required=False)
    review_on = DayField(
        label=gettext_lazy("Look at it again on"), required=False, coming=True,
        help_text=gettext_lazy("Empty: after a month or three, as it matters."),
    )  # fmt: skip

    def __init__(self, *args: Any, sections: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["section"].choices = sections  # type: ignore[attr-defined]

    @property
    def facts(self) -> AlertFacts:
        """What the action takes."""
        return AlertFacts(**{name: self.cleaned_data[name] for name in AlertFacts.__dataclass_fields__})


class IncidentForm(HavenForm):
    """What happened, what was done, who was told, and what is to be done yet."""

    wide = ("what", "done")

    kind = CodeField(codes.offered(ListName.INCIDENT_KIND), label=gettext_lazy("What kind"))
    happened_at = MomentField(label=gettext_lazy("When"))
    what = TextField(label=gettext_lazy("What happened"), rows=3, max_length=5000)
    done = TextField(label=gettext_lazy("What was done"), rows=2, max_length=5000, required=False)
    told = LineField(label=gettext_lazy("Who was told"), required=False)
    follow_up = LineField(label=gettext_lazy("What is to be done yet"), required=False)
    follow_up_on = DayField(label=gettext_lazy("By"), required=False, coming=True)

    def clean(self) -> dict[str, Any]:
        """Nothing happens in the future, and what is to be done needs its day."""
        facts = super().clean() or {}
        if facts.get("happened_at") and facts["happened_at"] > clock.now():
            self.add_error("happened_at", _("This is still to come."))
        if facts.get("follow_up") and not facts.get("follow_up_on") and "follow_up_on" not in self.errors:
            self.add_error("follow_up_on", _("By which day?"))
        return facts

    @property
    def facts(self) -> Happened:
        """What the action takes."""
        return Happened(**{name: self.cleaned_data[name] for name in Happened.__dataclass_fields__})


class RiskItemsForm(MarkedForm):
    """One step of an assessment: the items of one group. What is left alone was not asked, and is no "no"."""

    def __init__(self, *args: Any, group: str, **kwargs: Any) -> None:
        self.names = tuple(ITEMS_OF_GROUP[group])
        super().__init__(*args, **kwargs)

    def field_for(self, name: str) -> forms.Field:
        """Yes, no, or one of the ways of not knowing."""
        return CodeField([(TriState.YES, TriState.YES.label), (TriState.NO, TriState.NO.label)], ask=True,
                         label=RiskItem(name).label)  # fmt: skip


class RiskForm(MarkedForm):
    """The level of danger, as a person sets it."""

    why = {
        "own_view": gettext_lazy("She knows the danger best. Her own view weighs at least as much as ours."),
    }
    wide = ("risk_level", "reason", "concerns")

    own_view = forms.TypedChoiceField(
        label=gettext_lazy("Her own view, from 0 (safe) to 10"), required=False, coerce=int, empty_value=None,
        choices=[("", gettext_lazy("Not asked yet")), *[(number, str(number)) for number in range(11)]],
    )  # fmt: skip
    concerns = TextField(
        label=gettext_lazy("What she fears, in her words"), rows=3, max_length=5000, required=False,
        help_text=gettext_lazy("One on each line, as she says it."),
    )  # fmt: skip
    risk_level = CodeField(RiskLevel.choices, radio=True, label=gettext_lazy("How great is the danger now?"))
    reason = TextField(label=gettext_lazy("Why"), rows=3, max_length=5000)


class PlanForm(MarkedForm):
    """The safety plan, topic by topic. Every topic may stay empty."""

    copy = CodeField(PlanCopy.choices, label=gettext_lazy("Who holds a copy"), initial=PlanCopy.NONE)
    names = tuple(SafetyTopic.values)
    field_order = (*SafetyTopic.values, "copy")

    def field_for(self, name: str) -> forms.Field:
        """A few lines for each topic."""
        return TextField(label=SafetyTopic(name).label, rows=2, max_length=5000, required=False)

    @property
    def topics(self) -> dict[str, str]:
        """What is written on each topic."""
        return {name: self.cleaned_data[name] for name in self.names}


class PrintPlanForm(HavenForm):
    """That whoever prints the plan has read what paper can do."""

    wide = ("understood",)

    understood = forms.BooleanField(
        label=gettext_lazy("She wants it on paper, and has a place where nobody finds it"),
        error_messages={"required": gettext_lazy("Talk about it with her first.")},
    )
