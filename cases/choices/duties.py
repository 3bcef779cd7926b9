"""Enumerations of requests of data subjects (domain.md §2.9) and of breaches (§15b)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RequestKind(TextChoices):
    """What she asks for by data protection law (GDPR articles 15–18, 20, 21, 7(3))."""

    ACCESS = "ACCESS", _("To see what is kept about her")
    RECTIFY = "RECTIFY", _("To put something right")
    ERASE = "ERASE", _("To have something erased")
    RESTRICT = "RESTRICT", _("To have it rest, unused")
    PORT = "PORT", _("To take it along as a file")
    OBJECT = "OBJECT", _("To object to a use of it")
    WITHDRAW_CONSENT = "WITHDRAW_CONSENT", _("To take her consent back")


#: These end only when something was put into her hands.
HANDED_OVER = frozenset({RequestKind.ACCESS, RequestKind.PORT})


class VerifiedHow(TextChoices):
    """How it was made sure that it is she who asks. A caller who knows her date of birth may be her trafficker."""

    IN_PERSON = "IN_PERSON", _("In person, by somebody who knows her")
    DOCUMENT = "DOCUMENT", _("A document was looked at, not copied")
    BY_HER_RULE = "BY_HER_RULE", _("Called back as her rule for safe contact says")
    BY_COUNSEL = "BY_COUNSEL", _("Her own attorney confirmed it")
    NOT_SURE = "NOT_SURE", _("It could not be made sure")


class RequestDecision(TextChoices):
    """What was decided."""

    GRANTED = "GRANTED", _("Done as she asked")
    PARTLY = "PARTLY", _("Done in part")
    REFUSED = "REFUSED", _("Refused")


class RefusalGround(TextChoices):
    """On what a refusal rests, whole or in part; she is told of it and of her right to complain."""

    NOT_HERSELF = "NOT_HERSELF", _("It could not be made sure that she asks")
    THIRD_PERSONS = "THIRD_PERSONS", _("Rights of other people (article 15(4))")
    LEGAL_CLAIMS = "LEGAL_CLAIMS", _("Needed for legal claims (article 17(3)(e))")
    LEGAL_DUTY = "LEGAL_DUTY", _("The law says to keep it (article 17(3)(b))")
    SAFETY = "SAFETY", _("It would put somebody in danger")
    EXCESSIVE = "EXCESSIVE", _("Asked again and again without reason (article 12(5))")


class DeliveredVia(TextChoices):
    """How it came into her hands. There is no mail: what lies in a letter box is read by others."""

    IN_PERSON = "IN_PERSON", _("Into her hands, in person")
    READ_TO_HER = "READ_TO_HER", _("Read to her; she took no paper")
    BY_HER_RULE = "BY_HER_RULE", _("As her rule for safe contact allows")
    BY_COUNSEL = "BY_COUNSEL", _("By her own attorney")


class BreachKind(TextChoices):
    """What happened. More than one may fit."""

    LOST_DEVICE = "LOST_DEVICE", _("A device was lost or stolen")
    ACCOUNT = "ACCOUNT", _("Somebody else used an account")
    WRONG_RECIPIENT = "WRONG_RECIPIENT", _("Something went to the wrong person")
    SEEN_INSIDE = "SEEN_INSIDE", _("Somebody here looked without a reason")
    INTRUSION = "INTRUSION", _("Somebody broke in, or into a machine")
    PAPER = "PAPER", _("Paper was lost or seen")
    NOT_THERE = "NOT_THERE", _("Records are gone or cannot be opened")
    OTHER = "OTHER", _("Something else")


class NoticeDeferred(TextChoices):
    """Why she is not told yet. It stays open, and somebody looks at it again."""

    NO_SAFE_WAY = "NO_SAFE_WAY", _("There is no safe way to reach her now")
    DANGER = "DANGER", _("Telling her now would put her in danger")
    POLICE = "POLICE", _("An authority asked in writing to wait")


class BreachCause(TextChoices):
    """What an incident came from. A code: there is no place for words, in which a name could stand."""

    MISTAKE = "MISTAKE", _("A mistake in haste")
    DEVICE = "DEVICE", _("A device without a code, or left behind")
    PASSWORD = "PASSWORD", _("A password was known to somebody else")
    RIGHTS = "RIGHTS", _("More people could see it than needed to")
    OUTSIDER = "OUTSIDER", _("Somebody from outside broke in")
    SUPPLIER = "SUPPLIER", _("Another organisation or a supplier")
    UNKNOWN = "UNKNOWN", _("It could not be found out")


class BreachLesson(TextChoices):
    """What is done otherwise from now on."""

    TRAINING = "TRAINING", _("We practise it with everybody")
    DEVICES = "DEVICES", _("Devices are set up or kept otherwise")
    RIGHTS = "RIGHTS", _("Fewer people can see it")
    PROCEDURE = "PROCEDURE", _("A step is done otherwise, or by two")
    SUPPLIER = "SUPPLIER", _("The agreement or the supplier changes")
    NOTHING = "NOTHING", _("Nothing: it was done right")
