"""What can go wrong in the workshops: one class a situation, one sentence each."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class MatterIsClosed(CaseError):
    """A closed matter is read, not written."""

    sentence = _("This matter is closed, so nothing can be added to it.")


class HearingIsToCome(CaseError):
    """Its day has not come."""

    sentence = _("This hearing has not been held yet.")


class StayIsOpen(CaseError):
    """One open stay a survivor."""

    sentence = _("A shelter stay is already open. End it first.")


class DatesTheWrongWayRound(CaseError):
    """An end before its beginning."""

    sentence = _("The end lies before the beginning. Check both days.")
