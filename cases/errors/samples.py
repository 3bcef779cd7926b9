"""What stands against a redacted sample of releases."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class SampleTooSmall(CaseError):
    """Of so few, each would be known."""

    field = "period_until"
    sentence = _("Fewer than 11 releases began in this time. A sheet could point to somebody. Choose a longer time.")


class SampleNotLookedAt(CaseError):
    """A sheet that nobody has read."""

    sentence = _("Look at every sheet first. Nothing is shown before somebody has read all of it.")


class SampleIsEmpty(CaseError):
    """Every sheet was left out."""

    sentence = _("Every sheet was left out, so there is nothing to show. Take the sample back.")


class SampleIsOver(CaseError):
    """It was shown, or taken back, meanwhile."""

    sentence = _("This sample was shown or taken back already.")


class SheetHasFinding(CaseError):
    """A finding is not changed."""

    sentence = _(
        "Somebody has looked at this sheet already and found otherwise. Take the sample back if that was wrong."
    )
