"""Forms of the second person, of emergency access, of standing in, of the rota, of bookings and of partners."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgmt.accounts.choices import Language
from casemgmt.accounts.models import User
from casemgmt.interface.forms import (
    CodeField,
    CodesField,
    DayField,
    HavenForm,
    LineField,
    MomentField,
    TextField,
    Words,
    end_of_day,
)
from cases.actions.emergency import SHORTEST_REASON, is_late
from cases.actions.kinds import PARTNER_KINDS
from cases.choices.sharing import EmergencyFinding, GrantKind
from cases.forms.sharing import PersonField
from cases.windows import DELEGATION_LIMIT


class ColleagueField(PersonField):
    """A person among some who are known only when the page is made."""

    default_error_messages = {
        "required": gettext_lazy("Choose a person."),
        "invalid_choice": gettext_lazy("Choose a person from the list."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=User.objects.none(), empty_label=gettext_lazy("Choose…"), **kwargs)

    def offer(self, people: list[User]) -> None:
        """Offer these people."""
        self.queryset = User.objects.filter(pk__in=[one.pk for one in people]).select_related("organisation").by_name()


class DecisionForm(HavenForm):
    """What the second person says."""

    APPROVE, DECLINE = "APPROVE", "DECLINE"

    decision = CodeField(
        label=gettext_lazy("Your decision"), radio=True,
        choices=[(APPROVE, gettext_lazy("Approve: it begins now")), (DECLINE, gettext_lazy("Decline: it never begins"))],
    )  # fmt: skip
    reason = LineField(label=gettext_lazy("Why not (for who proposed it; no word about the survivor)"), required=False)

    def clean(self) -> dict[str, Any]:
        """A no needs its reason, so that the next proposal can be better."""
        facts = super().clean() or self.cleaned_data
        if facts.get("decision") == self.DECLINE and not facts.get("reason"):
            self.add_error("reason", _("Say in a few words why not."))
        return facts


class OpeningsFilter(forms.Form):
    """Which emergency accesses a report lists: taken from one day until another, and how their review stands.

    It travels in the address, so it carries codes and days only.
    """

    WAITS, LATE, DONE = "WAITS", "LATE", "DONE"

    start = DayField(label=gettext_lazy("Taken from"), required=False)
    end = DayField(label=gettext_lazy("Until"), required=False)
    review = CodeField(
        [
            (WAITS, gettext_lazy("Waits")), (LATE, gettext_lazy("Overdue")), (DONE, gettext_lazy("Reviewed")),
            (EmergencyFinding.MISUSED.value, gettext_lazy("Found to be misuse")),
        ],
        label=gettext_lazy("Review"), required=False, empty=gettext_lazy("Any"),
    )  # fmt: skip

    mark_optional = False

    def __init__(self, data: Any) -> None:
        super().__init__(data or None, label_suffix="")

    def clean(self) -> dict[str, Any]:
        """An end before the start would read as "there was none"."""
        facts = super().clean() or self.cleaned_data
        if facts.get("start") and facts.get("end") and facts["end"] < facts["start"]:
            self.add_error("end", _("The last day is before the first one."))
        return facts

    def apply(self, rows: Any, *, today: date) -> Any:
        """These openings, filtered: all of them while nothing is chosen, none while the form has an error."""
        if not self.is_bound:
            return rows
        if not self.is_valid():
            return rows.none()
        facts = self.cleaned_data
        if facts["start"]:
            rows = rows.filter(opened_at__gte=timezone.make_aware(datetime.combine(facts["start"], time.min)))
        if facts["end"]:
            after = facts["end"] + timedelta(days=1)
            rows = rows.filter(opened_at__lt=timezone.make_aware(datetime.combine(after, time.min)))
        if facts["review"] == self.DONE:
            rows = rows.filter(reviewed_at__isnull=False)
        elif facts["review"] == self.WAITS:
            rows = rows.filter(reviewed_at__isnull=True)
        elif facts["review"] == self.LATE:
            rows = rows.filter(is_late(today))
        elif facts["review"]:
            rows = rows.filter(finding=facts["review"])
        return rows


class EmergencyForm(HavenForm):
    """By whom the case is found, and why now."""

    why = {"reason": gettext_lazy("Your supervisor reads it when they look at this access within two working days.")}
    wide = ("reason",)

    number = LineField(label=gettext_lazy("Case number"), required=False, max_length=40)
    names = LineField(label=gettext_lazy("Or: her whole name"), required=False)
    phone = LineField(label=gettext_lazy("And her telephone number"), required=False, max_length=40)
    reason = TextField(label=gettext_lazy("Why you need it now"), rows=3, max_length=2_000)

    def clean_reason(self) -> str:
        """As long as a short sentence."""
        reason = str(self.cleaned_data["reason"]).strip()
        if len(reason) < SHORTEST_REASON:
            raise forms.ValidationError(
                _("Say in a sentence why you need it now: at least %(count)d characters.") % {"count": SHORTEST_REASON}
            )
        return reason

    def clean(self) -> dict[str, Any]:
        """A number, or a name together with a telephone number."""
        facts = super().clean() or self.cleaned_data
        if not facts.get("number") and not (facts.get("names") and facts.get("phone")):
            missing = "phone" if facts.get("names") else "names" if facts.get("phone") else "number"
            self.add_error(missing, _("Enter the case number, or her whole name together with her telephone number."))
        return facts


class ReviewForm(HavenForm):
    """What came of looking at an emergency access."""

    wide = ("words",)

    finding = CodeField(label=gettext_lazy("What you found"), choices=EmergencyFinding.choices, radio=True)
    words = TextField(label=gettext_lazy("In a few words"), rows=3, max_length=2_000)


class AwayForm(HavenForm):
    """Who stands in, until when, on which cases."""

    why = {
        "cases": gettext_lazy(
            "Nothing ticked means all your open cases. If you have very many, only the newest stand here."
        )
    }
    wide = ("cases",)

    colleague = ColleagueField(label=gettext_lazy("Who stands in for you"))
    until = DayField(label=gettext_lazy("Until the end of"), coming=True)
    cases = CodesField(label=gettext_lazy("Only these cases"), choices=(), required=False)

    def __init__(self, *args: Any, colleagues: list[User], cases: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["colleague"].offer(colleagues)
        fields["cases"].choices = cases
        fields["until"].initial = timezone.localdate() + timedelta(days=7)

    def clean_until(self) -> Any:
        """At most thirty days."""
        day = self.cleaned_data["until"]
        last = timezone.localdate() + DELEGATION_LIMIT - timedelta(days=1)
        if day > last:
            raise forms.ValidationError(
                _("At most 30 days: choose %(day)s or an earlier day.") % {"day": last.isoformat()}, code="too_long"
            )
        return day

    @property
    def until_moment(self) -> datetime:
        """The end of the chosen day on the reader's clock."""
        return end_of_day(self.cleaned_data["until"])


class TurnForm(HavenForm):
    """One person, from a moment until a moment."""

    #: The sentence where the end does not lie behind the beginning.
    ends_too_early: Words = ""

    person = ColleagueField(label=gettext_lazy("Who"))
    starts_at = MomentField(label=gettext_lazy("From"))
    ends_at = MomentField(label=gettext_lazy("Until"))

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["person"].offer(people)

    def clean(self) -> dict[str, Any]:
        """The end lies behind the beginning."""
        facts = super().clean() or self.cleaned_data
        if facts.get("starts_at") and facts.get("ends_at") and facts["ends_at"] <= facts["starts_at"]:
            self.add_error("ends_at", str(self.ends_too_early))
        return facts


class ShiftForm(TurnForm):
    """Who is on duty, from when until when."""

    ends_too_early = gettext_lazy("A shift ends after it begins.")

    person = ColleagueField(label=gettext_lazy("Who is on duty"))


class BookingForm(TurnForm):
    """One appointment for an interpreter or a driver."""

    ends_too_early = gettext_lazy("The appointment ends after it begins.")

    why = {
        "alias": gettext_lazy("What she wants to be called there. Not her name."),
        "place": gettext_lazy("Where they meet. Never the shelter, and never where she stays."),
    }
    wide = ("place",)

    person = ColleagueField(label=gettext_lazy("Interpreter or driver"))
    language = CodeField(choices=Language.choices, label=gettext_lazy("Language"), required=False)
    other_language = LineField(label=gettext_lazy("Another language or dialect"), required=False, max_length=80)
    alias = LineField(label=gettext_lazy("Name to call her by"), max_length=60)
    place = LineField(label=gettext_lazy("Where they meet"), max_length=200)

    def clean(self) -> dict[str, Any]:
        """A language in one way or the other."""
        facts = super().clean()
        if not facts.get("language") and not facts.get("other_language"):
            self.add_error("language", _("Choose the language, or write another one."))
        return facts

    @property
    def spoken(self) -> str:
        """The language in words."""
        facts = self.cleaned_data
        return facts["other_language"] or dict(Language.choices)[facts["language"]]


class PartnerForm(HavenForm):
    """Which person of a partner may open what a release names."""

    why = {
        "with_status": gettext_lazy(
            "Only where the release names it and this person needs it. A second person approves it."
        ),
    }
    wide = ("with_status",)

    release = forms.ChoiceField(label=gettext_lazy("Release"), choices=())
    kind = CodeField(
        label=gettext_lazy("What for"), choices=[(kind, kind.label) for kind in GrantKind if kind in PARTNER_KINDS]
    )
    person = ColleagueField(label=gettext_lazy("Who there"))
    with_status = forms.BooleanField(label=gettext_lazy("Also immigration and criminal status"), required=False)

    def __init__(self, *args: Any, releases: list[tuple[str, str]], people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["release"].choices = [("", _("Choose…")), *releases]
        fields["person"].offer(people)
