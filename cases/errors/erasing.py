"""What stands against an erasure, or against a legal hold."""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class CaseMustBeClosed(CaseError):
    """A case is erased as a whole only when it is over."""

    sentence = _("Close the case first: only a closed case can be erased as a whole.")


class PartIsErased(CaseError):
    """A part of a case whose content was erased by order: it is neither read nor written any more."""

    sentence = _("The content of this part was erased by order. It cannot come back, and nothing can be added to it.")

    def __init__(self, case: Any, section: str) -> None:
        self.case, self.section = case, section
        super().__init__(section)


class DutiesMustStay(CaseError):
    """Consents, releases and the accounting of disclosures are kept for years. ``until``: the first day without them."""

    field = "classes"

    def __init__(self, until: date) -> None:
        self.until = until
        super().__init__(until)

    def __str__(self) -> str:
        return _(
            "The records of what she agreed to and of what was disclosed must be kept; after a transfer those of the "
            "services, too. So this part, and the case as a whole, can be erased from %(day)s on, or by order of a court or "
            "an authority. Choose the other parts."
        ) % {"day": date_format(self.until, "DATE_FORMAT")}


class HoldStands(CaseError):
    """A legal hold, or a reason that holds by itself, stands against an erasure. ``reasons`` says which, in words."""

    sentence = _("This cannot be erased now, because it must be preserved: %(reasons)s. End that first.")

    def __init__(self, reasons: list[str], kinds: list[str]) -> None:
        self.reasons, self.kinds = reasons, kinds
        super().__init__(", ".join(kinds))

    def __str__(self) -> str:
        return str(self.sentence) % {"reasons": ", ".join(self.reasons)}


class ErasureIsOpen(CaseError):
    """One order at a time."""

    sentence = _("An erasure of this case is under way already. Finish or stop it first.")


class NothingToErase(CaseError):
    """All of it was erased before, or nothing was chosen."""

    sentence = _("This was erased before. Choose a part that still has content.")


class ErasureIsOver(CaseError):
    """Too late to approve, to check or to stop."""

    sentence = _("This order is not open for that any more.")


class NotTheSamePerson(CaseError):
    """Whoever asked or approved already."""

    sentence = _("Two others must approve: not who asked, and each person only once.")


class CheckNeedsHer(CaseError):
    """The ground is her own wish, so she must be asked."""

    sentence = _("This order rests on her wish, so it needs a talk with her alone. If that cannot be, stop the order.")


class HoldIsLifted(CaseError):
    """Lifted before."""

    sentence = _("This hold was lifted already.")


class DayHasPassed(CaseError):
    """A date that must lie ahead."""

    sentence = _("Choose a day after today.")
