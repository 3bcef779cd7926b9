"""What can go wrong with a case as a whole, and with what is written in it."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class CaseIsClosed(CaseError):
    """A closed case is read, not written."""

    sentence = _("This case is closed, so nothing can be added to it. Reopen it first.")


class CaseAlreadyClosed(CaseError):
    """It was closed before."""

    sentence = _("This case is already closed.")


class CaseIsNotClosed(CaseError):
    """Only a closed case can be reopened."""

    sentence = _("This case is open already.")


class OpenServicesRemain(CaseError):
    """Services still run on it."""

    sentence = _("This case still has open services. End or hand over each of them first.")


class ClosedBeforeOpened(CaseError):
    """A closing date before the case began."""

    sentence = _("The case was opened after this day. Choose a later one.")


class ClosedBeforeLastService(CaseError):
    """A closing date before the last help was given (domain.md R9)."""

    field = "closed_on"
    sentence = _("Help was given after this day. Choose the day of the last service, or a later one.")


class SafetyPlanUnseen(CaseError):
    """Nobody has looked at the safety plan lately (domain.md R9)."""

    field = "safety_reviewed"
    sentence = _("Look at the safety plan before the case is closed, with her if you can, and say so here.")


class NotTold(CaseError):
    """An end of which she does not know, and no reason for that (domain.md R9)."""

    field = "told"
    sentence = _("Say whether she knows that the work has ended.")


class NotTriedEnough(CaseError):
    """Contact is given up only after three attempts on record within 90 days (domain.md §4.5)."""

    field = "reason"
    sentence = _("Contact is lost only after three attempts in her safe way, on record, within the last 90 days.")


class StaleVersion(CaseError):
    """Somebody saved the same record in between."""

    sentence = _("Somebody else saved this in the meantime. Their text is above; yours is kept below.")


class NoteIsLocked(CaseError):
    """The time in which a note may be changed is over."""

    sentence = _(
        "This note stays as it was written, because the time for changes is over. Add what is missing as an amendment beneath it."
    )


class WaiverNotConfirmed(CaseError):
    """Somebody was there whose presence may waive the privilege of the note (domain.md §2.8)."""

    sentence = _(
        "Somebody was there whose presence may waive the privilege of this talk. Say that you know it, or choose another kind "
        "of note."
    )


class ChangedMeanwhile(CaseError):
    """What a page showed before an act is not what the act would do any more."""

    sentence = _("Something changed in the meantime. Look at the page again, then do it once more.")


class DayHasNotCome(CaseError):
    """A date in the future for something that has happened."""

    sentence = _("This day has not come yet. Check the year.")


class NotOnThisPart(CaseError):
    """A task for somebody who could not see it."""

    sentence = _("This person cannot work on this part of the case. Choose somebody else, or give access first.")


class NotOnTheCase(CaseError):
    """Somebody who holds nothing of the case, or is not known at all: one answer for both."""

    sentence = _("Choose from the people in the list: those who work on this case.")


class DraftTooLong(CaseError):
    """More text than a draft keeps."""

    sentence = _("This text is too long to be kept as a draft. Save it in two parts.")


class TooManyViews(CaseError):
    """The limit is reached."""

    sentence = _("There are twelve saved views already. Remove one first.")


class TooManySharedViews(CaseError):
    """The limit of a team is reached."""

    sentence = _("Your team shares twelve views already. Take one back first.")


class TagExists(CaseError):
    """The same word, in whatever case of letters, stands on the list or stood there."""

    field = "word"
    sentence = _("This word is on the list already. A word that was taken off can be offered again there.")


class TooManyTags(CaseError):
    """A list that nobody reads to its end."""

    field = "word"
    sentence = _("There are forty tags already. Take one off the list first.")


class TagIsGone(CaseError):
    """The word was taken off the list meanwhile."""

    field = "tag"
    sentence = _("This tag is not offered any more. Choose another one.")
