"""Forms for the case as a whole: where the work stands, closing, reopening."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, DayField, HavenForm, TextField
from cases import codes
from cases.choices.casework import CLOSED_STATUSES, CaseStatus, Stage, ToldHer
from cases.choices.configuration import ListName
from cases.closing import Farewell
from cases.summaries import Audience


class StageForm(HavenForm):
    """Where the work stands. Closing has a page of its own."""

    stage = CodeField(label=_("Stage"), choices=Stage.choices, radio=True)
    status = CodeField(
        label=_("Status"), choices=[(one, one.label) for one in CaseStatus if one not in CLOSED_STATUSES], radio=True
    )


class CloseForm(HavenForm):
    """Why, since when, and how the work with her ended (domain.md R9)."""

    wide = ("agreed",)
    why = {"told": _("An end that she does not know of is one she cannot answer to.")}

    reason = CodeField(
        label=_("Why the case closes"),
        choices=codes.offered(ListName.CLOSURE_REASON),
    )
    closed_on = DayField(label=_("Last day"), past=True)
    told = CodeField(label=_("Does she know that the work has ended?"), choices=ToldHer.choices, radio=True)
    safety_reviewed = forms.BooleanField(label=_("The safety plan was looked at again"), required=False)
    follow_up = forms.BooleanField(
        label=_("Ask later how she is"), required=False,
        help_text=_("Plans the contacts after 30 and 90 days, 6 and 12 months. Only if she agreed to be asked."),
    )  # fmt: skip
    agreed = TextField(
        label=_("What you agreed on for afterwards"), required=False, rows=3, max_length=2_000,
        help_text=_("Stands on the summary that she may take along. Write it to her."),
    )  # fmt: skip

    def __init__(self, *args: Any, writes_safety: bool, writes_services: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Nobody is offered what her access does not let her do.
        for name, may in (("safety_reviewed", writes_safety), ("follow_up", writes_services)):
            if not may:
                del self.fields[name]

    @property
    def farewell(self) -> Farewell:
        """For the action."""
        facts = self.cleaned_data
        return Farewell(
            facts["told"], facts["agreed"], safety_reviewed=facts.get("safety_reviewed", False),
            follow_up=facts.get("follow_up", False),
        )  # fmt: skip


class TransferredForm(HavenForm):
    """Since when the partner works with her."""

    closed_on = DayField(label=_("Last day"), past=True)


class ReopenForm(HavenForm):
    """Where the work goes on."""

    stage = CodeField(
        label=_("Where the work goes on"), choices=[(one, one.label) for one in Stage if one != Stage.CLOSE], radio=True
    )


class SummaryForm(forms.Form):
    """Sent by GET: it changes nothing. How the summary that she takes along is written."""

    language = CodeField(choices=settings.LANGUAGES, label=_("Language"), required=False, empty=_("Her language"))
    discreet = forms.BooleanField(
        label=_("Leave out who we are"), required=False,
        help_text=_("For a paper that somebody else may find."),
    )  # fmt: skip

    @property
    def chosen(self) -> tuple[str, bool]:
        """The language that was chosen, empty for hers; whether the paper keeps quiet about the organisation."""
        facts = self.cleaned_data if self.is_bound and self.is_valid() else {}
        return str(facts.get("language") or ""), bool(facts.get("discreet"))


class AudienceForm(forms.Form):
    """Sent by GET: it changes nothing. For whom a summary of the case is; ``people``: those outside who have access now."""

    audience = CodeField(label=_("For whom"), empty=_("Choose…"))

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        field: Any = self.fields["audience"]
        field.choices = [field.choices[0], *Audience.choices, *people]
