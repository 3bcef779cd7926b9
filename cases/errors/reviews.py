"""What can go wrong in a review of who has access."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class ReviewIsOpen(CaseError):
    """One review of a team at a time."""

    field = "team"
    sentence = _("A review of this team is under way. It must end before the next one begins.")


class NothingToReview(CaseError):
    """A team without cases to which anybody has access."""

    field = "team"
    sentence = _("Nobody has access to a case of this team, so there is nothing to look at.")


class ReviewIsOver(CaseError):
    """Its time is over, or everything was decided."""

    sentence = _("This review is over. You can still end an access on the Sharing page of its case.")


class OwnAccess(CaseError):
    """Nobody decides on her own access."""

    sentence = _("This is your own access. The director decides on it.")


class AlreadyDecided(CaseError):
    """Somebody was faster."""

    sentence = _("Somebody has decided on this access already.")


class AccessIsOver(CaseError):
    """It ended by itself since the list was made."""

    sentence = _("This access has ended in the meantime. There is nothing left to decide.")


class EndIsNotEarlier(CaseError):
    """Shortening means an earlier end, and one to come."""

    field = "until"
    sentence = _("Choose a day to come on which it would not have ended anyway.")
