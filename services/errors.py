"""What can go wrong in the workshops: one class a situation, one sentence each."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class MatterIsClosed(CaseError):
    """A closed matter is read, not written."""

    sentence = _("This matter is closed, so nothing can be added to it.")


class HearingIsToCome(CaseError):
    """Its day has not come."""

    sentence = _("This hearing has not been held yet.")


class NoRoomForArchive(CaseError):
    """An archive is written to its end before it leaves, and the disk has no room for that."""

    sentence = _(
        "There is no room to put the archive together at the moment. Try again later, or take the papers one by one."
    )


class StayIsOpen(CaseError):
    """One open stay a survivor."""

    sentence = _("A shelter stay is already open. End it first.")


class DatesTheWrongWayRound(CaseError):
    """An end before its beginning."""

    sentence = _("The end lies before the beginning. Check both days.")
