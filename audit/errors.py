"""What the ledger refuses. One class per situation, one sentence each, never a value of a case."""

from casemgmt.access.errors import Refused


class LedgerError(Exception):
    """Something was not, or could not be, recorded as it must be."""


class NoContext(LedgerError):
    """A write was tried outside a request, an ``audit_context`` and an action: nobody could say why it happened."""


class ActorMismatch(LedgerError):
    """An event or an inner action names another person than the running action."""


class OddMoment(LedgerError):
    """An action was given a moment that is not now. Only the demo may act in the past."""


class UnknownVerb(LedgerError):
    """This verb is not in the registry (``audit.verbs``)."""


class BasisMissing(LedgerError):
    """This verb says that somebody opened a case, so the event must say by which right."""


class NotACode(LedgerError):
    """An event carries codes, numbers and names of fields; anything that could be a value is refused."""


class UnauditedWrite(LedgerError):
    """This bulk method would write without history. Use ``audited_update`` or ``audited_bulk_create``."""


class UnrecordedChange(LedgerError):
    """An action changed records and ended without an event for them."""


class FormKeyMisused(Refused):
    """The key of one form was sent with another form, or by another person."""
