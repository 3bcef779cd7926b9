"""Forms for the case as a whole: where the work stands, closing, reopening."""

from django.utils.translation import gettext_lazy as _

from casemgmt.interface.forms import CodeField, DayField, HavenForm
from cases.choices.casework import CLOSED_STATUSES, CaseStatus, ClosureReason, Stage


class StageForm(HavenForm):
    """Where the work stands. Closing has a page of its own."""

    stage = CodeField(label=_("Stage"), choices=Stage.choices, radio=True)
    status = CodeField(
        label=_("Status"), choices=[(one, one.label) for one in CaseStatus if one not in CLOSED_STATUSES], radio=True
    )


class CloseForm(HavenForm):
    """Why, and since when."""

    reason = CodeField(label=_("Why the case closes"), choices=ClosureReason.choices)
    closed_on = DayField(label=_("Last day"), past=True)


class TransferredForm(HavenForm):
    """Since when the partner works with her."""

    closed_on = DayField(label=_("Last day"), past=True)


class ReopenForm(HavenForm):
    """Where the work goes on."""

    stage = CodeField(
        label=_("Where the work goes on"), choices=[(one, one.label) for one in Stage if one != Stage.CLOSE], radio=True
    )
