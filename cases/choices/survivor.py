"""Enumerations of what is recorded about the survivor."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class NullFlavour(TextChoices):
    """Why a coded field holds no value (domain.md G3). "Not asked" is not "unknown"."""

    NOT_ASKED = "NOT_ASKED", _("Not asked")
    DECLINED = "DECLINED", _("Preferred not to say")
    UNKNOWN = "UNKNOWN", _("Does not know")
    NOT_APPLICABLE = "NOT_APPLICABLE", _("Does not apply")


class TriState(TextChoices):
    """Yes, no, or not known: a question that was not ticked is not a no (domain.md G3)."""

    YES = "YES", _("Yes")
    NO = "NO", _("No")
    UNKNOWN = "UNKNOWN", _("Not known")


class ConsentState(TextChoices):
    """Consent to manage personal data (domain.md R1, R2)."""

    CONSENTED = "CONSENTED", _("Consented")
    DECLINED = "DECLINED", _("Declined")
    PENDING = "PENDING", _("Pending")


class ContactChannel(TextChoices):
    """How one may reach the survivor, if at all (domain.md §8.4)."""

    NONE = "NONE", _("Do not contact")
    PHONE = "PHONE", _("Phone call")
    SMS = "SMS", _("Text message")
    EMAIL = "EMAIL", _("E-mail")
    POST = "POST", _("Post")
    APP = "APP", _("Messaging app")
    IN_PERSON = "IN_PERSON", _("In person only")
    VIA_THIRD_PARTY = "VIA_THIRD_PARTY", _("Through another person")
