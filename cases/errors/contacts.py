"""What can go wrong with contacts at other organisations."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError


class ContactNeedsOne(CaseError):
    """Neither somebody of the list nor somebody new, or both."""

    field = "contact"
    sentence = _("Choose somebody of the list, or write a new name, and not both.")


class ContactIsThere(CaseError):
    """The same person again."""

    field = "contact"
    sentence = _("This contact stands on the case already.")


class ContactIsOff(CaseError):
    """Taken off before."""

    sentence = _("This contact is off the case already. Nothing was changed.")
