"""Forms that look for cases: the one box, and the filters above the list."""

from collections.abc import Sequence
from typing import Any

from django.forms import HiddenInput
from django.utils.translation import gettext_lazy as _

from casemgmt.accounts.models import Team
from casemgmt.interface.forms import CodeField, HavenForm, LineField, code_choices
from cases.choices.casework import Stage
from cases.listing import OPEN, SORT_CHOICES, STATUS_CHOICES, CaseFilter
from cases.models import Tag
from cases.models.listing import NAME_LENGTH
from cases.narrowing import ALERT_CHOICES, DUE_CHOICES


class SearchForm(HavenForm):
    """One box for whatever is at hand. It is posted: a name never travels in an address."""

    q = LineField(
        label=_("Find a case"),
        help_text=_("Name, alias, case number, phone or date of birth. A year of birth can stand beside a name."),
        min_length=2,
        max_length=120,
        error_messages={
            "required": _("Write what you are looking for."),
            "min_length": _("Write at least two letters or digits."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.input_type = "search"
        self.fields["q"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}


class FilterForm(HavenForm):
    """Codes only, sent by GET."""

    status = CodeField(label=_("Status"), required=False)
    stage = CodeField(label=_("Stage"), required=False)
    team = CodeField(label=_("Team"), required=False)
    due = CodeField(label=_("Due"), required=False)
    alert = CodeField(label=_("Alert"), required=False)
    tag = CodeField(label=_("Tag"), required=False)
    sort = CodeField(label=_("Order"), required=False)
    mark_optional = False

    def __init__(self, chosen: CaseFilter, teams: Sequence[Team], words: Sequence[Tag] = ()) -> None:
        initial = {"status": chosen.status or OPEN, "stage": chosen.stage, "team": str(chosen.team or "")}
        initial |= {"sort": chosen.sort, "due": chosen.due, "alert": "1" if chosen.alert else ""}
        initial["tag"] = str(chosen.tag or "")
        super().__init__(initial=initial)
        self.fields["sort"].choices = SORT_CHOICES  # type: ignore[attr-defined]
        self.fields["status"].choices = STATUS_CHOICES  # type: ignore[attr-defined]
        self.fields["stage"].choices = code_choices(Stage.choices, empty=_("Any stage"))  # type: ignore[attr-defined]
        self.fields["due"].choices = code_choices(DUE_CHOICES, empty=_("Any date"))  # type: ignore[attr-defined]
        self.fields["alert"].choices = code_choices(ALERT_CHOICES, empty=_("With or without"))  # type: ignore[attr-defined]
        if words:
            of_house = [(str(tag.uid), tag.in_words) for tag in words]
            self.fields["tag"].choices = code_choices(of_house, empty=_("Any tag"))  # type: ignore[attr-defined]
        else:
            del self.fields["tag"]
        if len(teams) > 1:
            of_teams = [(str(team.uid), team.name) for team in teams]
            self.fields["team"].choices = code_choices(of_teams, empty=_("Any team"))  # type: ignore[attr-defined]
        else:
            del self.fields["team"]


class SaveViewForm(HavenForm):
    """A name for the filters that are set. ``query`` holds their codes, and nothing that was typed."""

    name = LineField(
        label=_("Save this view as"),
        max_length=NAME_LENGTH,
        error_messages={"required": _("Write a name for this view.")},
    )
    query = LineField(required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["query"].widget = HiddenInput()
        self.fields["name"].widget.attrs |= {"autocomplete": "off"}


class ShareViewForm(HavenForm):
    """With which of one's teams the filters that are set are shared. ``query`` holds their codes."""

    team = CodeField(label=_("Share with"), error_messages={"required": _("Choose a team of yours.")})
    query = LineField(required=False, max_length=300)

    def __init__(self, *args: Any, teams: Sequence[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["query"].widget = HiddenInput()
        self.fields["team"].choices = [(str(team.uid), team.name) for team in teams]  # type: ignore[attr-defined]
