"""What stands against the steps of a request of a data subject, and of a breach."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError
from cases.errors.releases import OneOfSeveral


class RequestIsDecided(CaseError):
    """It was decided before."""

    sentence = _("This request was decided already. If she asks again, record a new one.")


class BreachIsClosed(CaseError):
    """It was closed before."""

    sentence = _("This incident is closed. Record what happened since as one of its own.")


class RequestLacks(OneOfSeveral):
    """A step of a request without what the law asks for. ``what`` names the part."""

    sentences = {
        "received_on": _("This day has not come yet. Check the year."),
        "extended": _("It can be extended once, and only while the first month runs."),
        "verified": _("Make sure first that it is she who asks. Until then nothing is done or given."),
        "ground": _("Choose on what the refusal rests. She is told of it, and that she may complain."),
        "is_redacted": _("Other people must be taken out first. Tick it once they are."),
        "undecided": _("Decide first, then note how it came into her hands."),
    }

    @property
    def field(self) -> str:  # type: ignore[override]
        """Its sentence stands beside the field of that name, where the form has one."""
        return self.what


class BreachLacks(OneOfSeveral):
    """A step of a breach without what is asked for. ``what`` names the part."""

    sentences = {
        "kinds": _("Choose what happened."),
        "detected_at": _("This moment has not come yet, or it happened only afterwards. Check both."),
        "told": _("Say how she was told, or why not yet: one of the two."),
        "open": _("It is not stopped yet, or somebody who must be told has not been told."),
        "untold": _("Somebody has not been told yet. Tell her safely, or write down why that must wait."),
        "root_cause": _("Choose what it came from."),
        "lessons": _("Choose what is done otherwise from now on."),
    }

    @property
    def field(self) -> str:  # type: ignore[override]
        """Its sentence stands beside the field of that name, where the form has one."""
        return "how" if self.what == "told" else self.what
