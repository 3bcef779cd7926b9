"""What can go wrong with emergency access, standing in, the rota and bookings."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class NothingFoundInEmergency(CaseError):
    """No case of this number or person, or none that this person may open: both read the same."""

    sentence = _("Nothing could be opened with this. Check every sign of it, or call your supervisor.")


class TooManyEmergencyTries(CaseError):
    """Names and numbers were tried too often. A case number is still taken: an emergency is never blocked."""

    sentence = _(
        "You have tried several names within an hour. Use the case number, or call your supervisor: they can find the case."
    )


class ReasonTooShort(CaseError):
    """Twenty signs are little for what happened, and enough to look at it again."""

    field = "reason"
    sentence = _("Say in a sentence why you need it now: at least 20 characters.")


class EmergencyIsReviewed(CaseError):
    """Somebody was quicker."""

    sentence = _("This emergency access has been reviewed already.")


class NotOwnEmergency(CaseError):
    """Whoever took it cannot review it."""

    sentence = _("Another person must review this: you took this access yourself.")


class NobodyOfTheDiscipline(CaseError):
    """A colleague who does other work, or may hold none of it."""

    field = "colleague"
    sentence = _("This colleague does other work and cannot stand in for you. Choose somebody of your own discipline.")


class StandsInTooLong(CaseError):
    """More than thirty days, or not a moment ahead."""

    field = "until"
    sentence = _(
        "Somebody can stand in for you for at most 30 days. Choose an earlier day; a longer leave needs a new lead."
    )


class NothingToDelegate(CaseError):
    """No open case that one holds by name."""

    field = "cases"
    sentence = _("There is no open case that you could hand to this colleague.")


class TooManyToDelegate(CaseError):
    """More cases than one act may lend."""

    field = "cases"
    sentence = _(
        "These are too many cases for one colleague at once. Choose some of them, and another colleague for the rest."
    )


class ShiftIsOdd(CaseError):
    """A turn that ends before it begins, lies in the past, or is longer than a week."""

    field = "ends_at"
    sentence = _("A shift ends after it begins and after now, and lasts at most 7 days.")


class NotForTheRota(CaseError):
    """Somebody who cannot be on duty for this team."""

    field = "person"
    sentence = _("This person cannot be on duty here: their role or organisation does not fit.")


class NobodyOnDuty(CaseError):
    """Nobody to wake."""

    sentence = _("Nobody is on duty for this team now. Call the supervisor.")


class AppointmentIsOdd(CaseError):
    """An appointment that is over, or lasts longer than half a day."""

    field = "ends_at"
    sentence = _("An appointment ends after it begins, is not over yet, and lasts at most 12 hours.")
