"""What can go wrong with contacts before cases."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class ContactIsDecided(CaseError):
    """Somebody has said meanwhile what came of it."""

    sentence = _("A colleague has already written down what came of this contact. Open it again to read it.")


class NumberTooShort(CaseError):
    """Too few digits to compare."""

    field = "number"
    sentence = _("Write the whole number, at least six digits, as the telephone shows it.")


class ReasonMissing(CaseError):
    """Declined without a reason, or a reason without declining."""

    field = "reason"
    sentence = _("Choose why we could not take this on.")
