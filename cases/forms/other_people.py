"""Forms of other people on a case, and of the coordinator's answer about one of them."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import clock
from casemgmt.accounts.choices import CASE_ROLES
from casemgmt.accounts.models import Team, User
from casemgmt.interface.forms import CodeField, CodesField, DayField, HavenForm, LineField, TextField
from cases.actions.other_people import SaidOfOther
from cases.choices.other_people import ROLES, KnownAs, NamedAnswer, OtherEnd, Standing
from cases.forms.answers import MarkedForm
from cases.forms.sharing import PersonField


class OtherPersonForm(MarkedForm):
    """Somebody else of whom the case speaks. Whatever is not known stays empty."""

    why = {
        "dangers": gettext_lazy("Whoever is on duty reads this before a door is opened."),
        "part": gettext_lazy("Only as much as is needed. It is read by those alone who may read what happened."),
    }
    wide = ("roles", "looks", "dangers", "part")

    roles = CodesField(choices=ROLES, label=gettext_lazy("What they are said to have done, or saw"))
    first_name = LineField(label=gettext_lazy("First name"), required=False, max_length=120)
    family_name = LineField(label=gettext_lazy("Family name"), required=False, max_length=120)
    other_names = LineField(
        label=gettext_lazy("Other names"), required=False,
        help_text=gettext_lazy("Nicknames and other spellings, with commas between them."),
    )  # fmt: skip
    birth_date = DayField(label=gettext_lazy("Date of birth"), required=False, past=True)
    phone = LineField(label=gettext_lazy("Phone"), required=False, max_length=40)
    no_contact = forms.BooleanField(
        label=gettext_lazy("Nobody here speaks with this person"), required=False,
        help_text=gettext_lazy("Of whoever is accused nobody does. With a number, a call from it is known as one to end."),
    )  # fmt: skip
    known_as = CodeField(KnownAs.choices, label=gettext_lazy("Who they are to her"), initial=KnownAs.UNKNOWN)
    looks = TextField(
        label=gettext_lazy("How one would know them"), rows=2, max_length=2000, required=False,
        help_text=gettext_lazy("Looks, car, places. No picture is kept here."),
    )  # fmt: skip
    dangers = TextField(label=gettext_lazy("What makes them dangerous"), rows=2, max_length=2000, required=False)
    standing = CodeField(
        Standing.choices, label=gettext_lazy("How far a court has come"), initial=Standing.ALLEGED,
        help_text=gettext_lazy("The page says “alleged” until a court has convicted. Not asked of witnesses."),
    )  # fmt: skip
    standing_on = DayField(label=gettext_lazy("On"), required=False, past=True)
    part = TextField(label=gettext_lazy("What she said of their part"), rows=3, max_length=5000, required=False)

    def __init__(self, *args: Any, says_part: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not says_part:
            del self.fields["part"]

    @property
    def said(self) -> SaidOfOther:
        """What the action takes; without the part where its field is not there."""
        return SaidOfOther(
            **{name: self.cleaned_data[name] for name in SaidOfOther.__dataclass_fields__ if name in self.fields}
        )


class OtherEndForm(HavenForm):
    """Why somebody is no longer listed."""

    reason = CodeField(label=gettext_lazy("Why"), choices=OtherEnd.choices, radio=True)


class NamedForm(HavenForm):
    """Whether somebody named in one case is the survivor of another, and who is kept from which."""

    wide = ("answer", "away_from", "reason")
    why = {"reason": gettext_lazy("Sealed. Only those who may place walls on that case read it. Name nobody here.")}

    answer = CodeField(NamedAnswer.choices, radio=True, label=gettext_lazy("Are they one person?"))
    away_from = CodeField(
        (("CASE", gettext_lazy("From the case in which somebody is named")),
         ("OTHER", gettext_lazy("From the case of the survivor"))),
        radio=True, required=False, label=gettext_lazy("Keep away from which case"),
    )  # fmt: skip
    person = PersonField(
        label=gettext_lazy("This person"), queryset=User.objects.none(), required=False,
        empty_label=gettext_lazy("No person"),
    )  # fmt: skip
    team = PersonField(
        label=gettext_lazy("Or this team"), queryset=Team.objects.none(), required=False,
        empty_label=gettext_lazy("No team"),
    )  # fmt: skip
    reason = TextField(label=gettext_lazy("Why, in a few words"), rows=2, max_length=2_000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        people = User.objects.holding(*CASE_ROLES, at=clock.now())
        fields["person"].queryset = people.select_related("organisation").by_name()
        fields["team"].queryset = (
            Team.objects.open().select_related("organisation").order_by("organisation__name", "name")
        )

    def clean(self) -> dict[str, Any]:
        """A wall needs its case, and one person or team."""
        facts = super().clean() or self.cleaned_data
        if facts.get("answer") == NamedAnswer.APART:
            if not facts.get("away_from"):
                self.add_error("away_from", _("Choose the case from which somebody is kept."))
            if bool(facts.get("person")) == bool(facts.get("team")):
                self.add_error("person", _("Choose one person or one team."))
        return facts
