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


class ConsentGiver(TextChoices):
    """Who answers for keeping her information. A minor assents herself besides (domain.md §8.5)."""

    HERSELF = "HERSELF", _("She herself")
    WITH_GUARDIAN = "WITH_GUARDIAN", _("She, and her parent or guardian")
    MINOR_ALONE = "MINOR_ALONE", _("She alone, though a minor: the law lets her")
    REPRESENTATIVE = "REPRESENTATIVE", _("Her legal representative")


#: Somebody else answers with her or for her, whose name stands on the record.
WITH_ANOTHER = (ConsentGiver.WITH_GUARDIAN, ConsentGiver.REPRESENTATIVE)


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


class Weekday(TextChoices):
    """Days of a week, Monday first, as ``date.weekday`` counts them."""

    MON = "MON", _("Monday")
    TUE = "TUE", _("Tuesday")
    WED = "WED", _("Wednesday")
    THU = "THU", _("Thursday")
    FRI = "FRI", _("Friday")
    SAT = "SAT", _("Saturday")
    SUN = "SUN", _("Sunday")


class Obstacle(TextChoices):
    """What stands against reaching her now (domain.md §8.4). Each is a sentence for whoever has the phone in the hand."""

    NO_RULE = "NO_RULE", _("No safe way has been agreed with her yet.")
    DO_NOT_CONTACT = "DO_NOT_CONTACT", _("She does not want to be contacted.")
    OTHER_WAY = "OTHER_WAY", _("This is not the way that is safe for her.")
    OUTSIDE_HOURS = "OUTSIDE_HOURS", _("It is not one of the hours that are safe for her.")
    NOT_CHECKED = "NOT_CHECKED", _("The rule was not checked with her for more than 90 days.")


class ContactOutcome(TextChoices):
    """How an attempt to reach her went."""

    REACHED = "REACHED", _("Reached her")
    NO_ANSWER = "NO_ANSWER", _("No answer")
    MESSAGE_LEFT = "MESSAGE_LEFT", _("Left a message, as the rule allows")
    SENT = "SENT", _("Sent")
    SOMEBODY_ELSE = "SOMEBODY_ELSE", _("Somebody else answered; nothing was said")
    NOT_SAFE = "NOT_SAFE", _("It was not safe to talk")
    WRONG = "WRONG", _("This number or address is not hers any more")
