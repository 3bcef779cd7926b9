"""What the reception refuses: one class per situation, one sentence each for the person who asked."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ReceptionError(Exception):
    """Something about people, teams or roles cannot be done now. ``str()`` is a sentence for the page."""

    sentence: str | Promise = _("This cannot be done now.")

    def __str__(self) -> str:
        return str(self.sentence)


class AddressAlreadyKnown(ReceptionError):
    """An invitation to an address that already has an account."""

    sentence = _("Somebody with this e-mail address already has an account or an invitation.")


class AdministratorExists(ReceptionError):
    """The command for the first administrator was used a second time."""

    sentence = _("There is an active administrator already. Ask them for an invitation.")


class InvitationOver(ReceptionError):
    """The link is unknown, used, withdrawn or too old: the visitor is not told which."""

    sentence = _("This invitation is no longer valid. Ask your administrator for a new one.")


class RolesCannotMeet(ReceptionError):
    """Administrators and auditors hold no role that may be given a case, nor each other's."""

    sentence = _(
        "These roles cannot belong to one person: administrators and auditors hold no role that can open a case, "
        "and nobody audits themselves."
    )


class RoleAlreadyHeld(ReceptionError):
    """The role is held already."""

    sentence = _("This person already holds this role.")


class RoleNotHeld(ReceptionError):
    """The role ended before."""

    sentence = _("This role has ended already.")


class LastAdministrator(ReceptionError):
    """Without an administrator nobody could invite anybody."""

    sentence = _("This is the last active administrator. Make somebody else an administrator first.")


class NotOnOneself(ReceptionError):
    """Administrators do not change their own roles, and nobody accepts themselves."""

    sentence = _("Somebody else has to do this for you.")


class NameTaken(ReceptionError):
    """A team or organisation of this name exists."""

    sentence = _("This name is taken already.")


class AlreadyMember(ReceptionError):
    """A membership of this team is open or waiting."""

    sentence = _("This person already belongs to this team, or is waiting to be accepted.")


class MembershipNotPending(ReceptionError):
    """The membership was answered or ended meanwhile."""

    sentence = _("Nobody is waiting for this answer any more.")


class MembershipOver(ReceptionError):
    """The membership ended before."""

    sentence = _("This membership has ended already.")


class CannotBelong(ReceptionError):
    """Administrators and auditors belong to no team."""

    sentence = _("Administrators and auditors belong to no team, because a team can be given cases.")


class StillHasCases(ReceptionError):
    """Administrators and auditors can open no case, so what one was given before must be taken back first."""

    sentence = _("This person can still open cases. Their access must be taken back or handed over first.")


class TeamClosed(ReceptionError):
    """The team takes nobody any more."""

    sentence = _("This team is closed.")


class AccountClosed(ReceptionError):
    """The account was deactivated before, or never opened."""

    sentence = _("This account is not active.")


class AccountOpen(ReceptionError):
    """The account is active."""

    sentence = _("This account is active already.")


class WrongPin(ReceptionError):
    """A wrong PIN at the lock."""

    sentence = _("This PIN is not right.")


class SessionEnded(ReceptionError):
    """The fifth wrong PIN, or twelve hours since sign-in: only signing in again helps."""

    sentence = _("Please sign in again.")


class AccountRests(ReceptionError):
    """The account is closed for a reason that somebody else must end: a lock, a journey, leave, a suspension."""

    sentence = _(
        "This account rests. Whoever answers for this person ends that first; the page of this person says how."
    )


class AlreadyResting(ReceptionError):
    """The same rest stands already."""

    sentence = _("This has been done already.")


class NotResting(ReceptionError):
    """Nothing stands that could be ended."""

    sentence = _("There is nothing to end any more.")


class SecondPersonNeeded(ReceptionError):
    """The first of two cannot be the second."""

    sentence = _("You have said yes already. Now a second person is needed.")


class RequestOver(ReceptionError):
    """A request that was answered, or is too old."""

    sentence = _("Nobody is waiting for this answer any more.")


class RequestWaits(ReceptionError):
    """The same request waits already."""

    sentence = _("This has been asked already, and waits to be confirmed.")


class OwnHouse(ReceptionError):
    """Our own organisation is not suspended: its office is locked."""

    sentence = _("This is not possible for an organisation of this house. Lock the office instead.")


class HouseIsLargeEnough(ReceptionError):
    """The degraded mode is for very small organisations only."""

    sentence = _("There are enough people here to keep the roles apart.")


class ApproverMustBeOutside(ReceptionError):
    """The second approver works elsewhere and can open no case."""

    sentence = _(
        "The second person must belong to another organisation, have no role with cases, and be able to open none."
    )


class DegradedModeStands(ReceptionError):
    """One is declared already."""

    sentence = _("This is declared already.")


class NameTellsOfTheWork(ReceptionError):
    """A name of the site that says to a bystander what this house is for."""

    sentence = _(
        "This name would tell a bystander what this house is for. It stands on tabs, in calendars and in letters: choose "
        "a neutral one."
    )


class NotConfigurable(ReceptionError):
    """A value that no form offers."""

    sentence = _("This cannot be chosen. Open the page again.")
