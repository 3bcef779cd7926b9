"""What stands against a period, or against an order to destroy what was kept its time."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class NoPeriodSet(CaseError):
    """Nobody said how long this is kept, so nothing of it is ever due."""

    sentence = _("Nobody has set how long this is kept. Set the period first.")


class NothingIsDue(CaseError):
    """The dry run is empty."""

    sentence = _("Nothing of this was kept longer than its period.")


class DestructionIsOpen(CaseError):
    """One order at a time for one class."""

    sentence = _("An order for this is already under way. Carry it out or stop it first.")


class DestructionIsOver(CaseError):
    """It was approved, carried out or stopped meanwhile."""

    sentence = _("This order is no longer waiting.")


class NeedsSecondPerson(CaseError):
    """Whoever asked does not approve."""

    sentence = _("You asked for this. Somebody else must approve it.")


class PeriodBeginsTooEarly(CaseError):
    """A period counts from the day on which it is set, or later."""

    field = "effective_from"
    sentence = _("A period cannot begin in the past. Choose today or a later day.")


class PeriodTooShort(CaseError):
    """Of the ledger, less than this is never right."""

    field = "number"
    sentence = _("The ledger is kept for at least 6 years after the record. Choose a longer period.")


class AuthorityPointsToSomebody(CaseError):
    """The words stand in the clear, for auditors too."""

    field = "authority"
    sentence = _("Name the law, the contract or the letter of counsel; no number of a case and no person.")
