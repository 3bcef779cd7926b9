"""What can be wrong with a numbered production for a court."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError
from cases.errors.releases import OneOfSeveral


class ProductionLacks(OneOfSeveral):
    """A production that may not be made like this. ``what`` names the reason."""

    sentences = {
        "none": _("Choose at least one document."),
        "many": _("This is too much for one production. Choose fewer documents, and prepare the rest as another one."),
        "unknown": _("One of these documents is not among those that you may read here. Choose again."),
        "legal_file": _("What stands in an attorney's own file is privileged and is never produced. Leave it out."),
        "gone": _("One of these documents was withdrawn, put into quarantine or erased. Leave it out."),
        "unreadable": _("One of these documents cannot be read, or is not what was kept. Leave it out, and tell your supervisor."),
        "why": _("Say in a few words why not."),
    }  # fmt: skip

    @property
    def field(self) -> str:  # type: ignore[override]
        """Its sentence stands beside the documents, or beside the words of a decision."""
        return "reason" if self.what == "why" else "documents"


class NotOneself(CaseError):
    """Whoever prepared a production does not decide on it."""

    sentence = _(
        "You prepared it, so somebody else decides: other counsel, a privacy officer or a supervisor of the case."
    )


class ProductionChanged(CaseError):
    """A document of it was withdrawn, quarantined or erased since."""

    field = "decision"
    sentence = _(
        "A document of it was withdrawn, put into quarantine or erased since. Decline it; counsel prepares it anew."
    )


class ProductionIsDecided(CaseError):
    """Somebody decided otherwise before."""

    sentence = _("Somebody decided on it before.")


class NotApprovedYet(CaseError):
    """Nothing is taken out of a production that waits or was declined."""

    sentence = _("Nothing is taken out before a second person has approved it.")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one number of a production."""

    number: str
    sentence: str


class ProductionIsBroken(CaseError):
    """Papers of it are not what was pinned: nothing is handed out. ``problems`` says of which number, and why."""

    sentence = _("Nothing is handed out, because not everything is as it was approved.")

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__()
