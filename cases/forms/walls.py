"""Forms of walls, restricted cases, and of the people one knows."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import clock
from casemgmt.accounts.choices import CASE_ROLES
from casemgmt.accounts.models import Organisation, Team, User
from casemgmt.interface.forms import CodeField, DayField, HavenForm, LineField, TextField
from cases.choices.conflicts import ConflictAnswer
from cases.choices.walls import WallKind
from cases.errors.walls import DeclarationTooThin, WallNeedsOne
from cases.forms.erasure import AboutCaseForm
from cases.forms.sharing import PersonField


class WallForm(AboutCaseForm):
    """Whom to keep away, and why. One at a time."""

    wide = ("reason",)
    why = {"reason": gettext_lazy("Sealed. Only those who may place walls on this case read it.")}

    person = PersonField(
        label=gettext_lazy("Keep this person away"), queryset=User.objects.none(), required=False,
        empty_label=gettext_lazy("No person"),
    )  # fmt: skip
    team = PersonField(
        label=gettext_lazy("Or this team"), queryset=Team.objects.none(), required=False,
        empty_label=gettext_lazy("No team"),
    )  # fmt: skip
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Or everybody of this organisation"), queryset=Organisation.objects.none(), required=False,
        empty_label=gettext_lazy("No organisation"),
    )  # fmt: skip
    kind = CodeField(label=gettext_lazy("What kind of wall"), choices=WallKind.choices)
    reason = TextField(label=gettext_lazy("Why, in a few words"), rows=3, max_length=2_000)

    def __init__(self, *args: Any, house: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        people = User.objects.holding(*CASE_ROLES, at=clock.now())
        fields["person"].queryset = people.select_related("organisation").by_name()
        fields["team"].queryset = (
            Team.objects.open().select_related("organisation").order_by("organisation__name", "name")
        )
        fields["organisation"].queryset = Organisation.objects.exclude(pk=house.pk).order_by("name")

    def clean(self) -> dict[str, Any]:
        """One of the three."""
        facts = super().clean() or self.cleaned_data
        chosen = [name for name in ("person", "team", "organisation") if facts.get(name)]
        if len(chosen) != 1 and not {"person", "team", "organisation"} & set(self.errors):
            self.add_error(chosen[1] if chosen else "person", str(WallNeedsOne()))
        return facts


class LiftForm(HavenForm):
    """Why a wall is lifted."""

    reason = TextField(label=gettext_lazy("Why, in a few words"), rows=3, max_length=2_000)


class SaidOfPersonForm(HavenForm):
    """What is said of somebody, so that she can be recognised."""

    first_name = LineField(label=gettext_lazy("First name"), required=False, max_length=120)
    family_name = LineField(label=gettext_lazy("Family name"), required=False, max_length=120)
    other_names = LineField(
        label=gettext_lazy("Other names"), required=False, max_length=200,
        help_text=gettext_lazy("Other spellings and names, with commas between them."),
    )  # fmt: skip
    birth_date = DayField(label=gettext_lazy("Date of birth"), required=False, past=True)
    phone = LineField(label=gettext_lazy("Phone"), required=False, max_length=40)

    #: What is passed on to the action.
    said = ("first_name", "family_name", "other_names", "birth_date", "phone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # A browser must not learn these answers, nor offer those of another person.
            field.widget.attrs.setdefault("autocomplete", "off")

    def clean(self) -> dict[str, Any]:
        """Something must be said; whether it is enough, the rule of the comparison says."""
        facts = super().clean() or self.cleaned_data
        if not self.errors and not any(facts.get(name) for name in self.said):
            self.add_error("first_name", str(DeclarationTooThin()))
        return facts

    @property
    def facts(self) -> dict[str, Any]:
        """What the action takes."""
        return {name: self.cleaned_data[name] for name in self.said}


class OwnPhoneForm(HavenForm):
    """A telephone of one's own."""

    phone = LineField(
        label=gettext_lazy("My telephone number"), max_length=40,
        help_text=gettext_lazy("With its area, as somebody else would dial it."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].widget.attrs.update({"autocomplete": "off", "inputmode": "tel"})

    @property
    def facts(self) -> dict[str, Any]:
        """What the action takes."""
        return {"phone": self.cleaned_data["phone"]}


class ConflictForm(HavenForm):
    """The answer to a possible conflict."""

    wide = ("reason",)
    why = {"reason": gettext_lazy("Sealed. Only those who may place walls on this case read it.")}

    answer = CodeField(
        label=gettext_lazy("Your answer"), radio=True,
        choices=[
            (ConflictAnswer.NO_CONFLICT, gettext_lazy("No conflict: they have nothing to do with each other")),
            (ConflictAnswer.KEPT_APART, gettext_lazy("Keep apart: place a wall between this person and the case")),
        ],
    )  # fmt: skip
    kind = CodeField(label=gettext_lazy("If kept apart: what kind of wall"), choices=WallKind.choices, required=False)
    reason = TextField(label=gettext_lazy("Why, in a few words"), rows=3, max_length=2_000)

    def clean(self) -> dict[str, Any]:
        """A wall has a kind."""
        facts = super().clean() or self.cleaned_data
        if facts.get("answer") == ConflictAnswer.KEPT_APART and not facts.get("kind"):
            self.add_error("kind", _("Choose what kind of wall it is."))
        return facts


class KnownForm(SaidOfPersonForm):
    """Is this person already known? And what one would need access for."""

    wide = ("reason",)
    why = {
        "reason": gettext_lazy(
            "Only the lead of a case that fits reads this. Everything else is gone once it was looked up."
        )
    }

    reason = TextField(
        label=gettext_lazy("What do you need to know, and why?"), rows=3, max_length=1_000,
        help_text=gettext_lazy("If nobody fits, nobody reads it."),
    )  # fmt: skip


class GiveForm(HavenForm):
    """Access for whoever asked: of what kind, which parts, until when, why."""

    wide = ("sections", "reason")

    kind = CodeField(label=gettext_lazy("What for"))
    sections = forms.MultipleChoiceField(
        label=gettext_lazy("Only these parts"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Nothing ticked means all parts of that kind. The card always comes with it."),
    )  # fmt: skip
    until = DayField(label=gettext_lazy("Until"), coming=True)
    reason = LineField(label=gettext_lazy("Why"), max_length=300)

    def __init__(
        self, *args: Any, kinds: list[tuple[str, Any]], sections: list[tuple[str, Any]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["kind"].choices = [("", _("Choose…")), *kinds]
        fields["sections"].choices = sections


class DeclineForm(HavenForm):
    """Why not, for the colleagues of the case; whoever asked never reads it."""

    reason = TextField(
        label=gettext_lazy("Why not (for you and your colleagues on the case)"),
        rows=2,
        max_length=1_000,
        required=False,
    )
