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


class BarrierIsAsked(CaseError):
    """Funders and partners can open only a way that is known to be closed (domain.md §4.1)."""

    field = "barrier"
    sentence = _("Say what stood in the way, so that somebody can open it.")


class NoGoalYet(CaseError):
    """A plan is made of goals."""

    sentence = _("A plan is made of her goals. Set the first one, in her words.")


class GoalIsReached(CaseError):
    """What is reached has no further step."""

    sentence = _("This goal is reached. Set another one for what comes next.")


class AlreadyDecided(CaseError):
    """Somebody was quicker, or a newer version was written."""

    sentence = _("This version of the plan no longer waits.")


class OwnPlan(CaseError):
    """Nobody approves what she wrote herself (domain.md §4.3)."""

    sentence = _("You wrote this plan, so another supervisor looks at it.")


class WordsAreAsked(CaseError):
    """Whoever gets a plan back should know why."""

    field = "remark"
    sentence = _("Say in a few words what is still missing.")


class DatesTheWrongWayRound(CaseError):
    """An end before its beginning."""

    sentence = _("The end lies before the beginning. Check both days.")
