"""Enumerations of her family and of the people who stand by her: codes alone, kept sealed."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class KinRelation(TextChoices):
    """Who somebody of her family is to her."""

    SPOUSE = "SPOUSE", _("Spouse")
    PARTNER = "PARTNER", _("Partner")
    CHILD = "CHILD", _("Child")
    STEPCHILD = "STEPCHILD", _("Stepchild or adopted child")
    PARENT = "PARENT", _("Parent")
    SIBLING = "SIBLING", _("Brother or sister")
    GRANDPARENT = "GRANDPARENT", _("Grandparent")
    OTHER = "OTHER", _("Other relative")


class EligibleAs(TextChoices):
    """By which relation somebody of her family is eligible for help or for a status of their own.

    Of a survivor of age funders count spouse and children; of a minor also parents, and unmarried siblings under 21 (OVC,
    answers on the human trafficking grants; domain.md §2.2). In danger more relatives may be (8 CFR 214.211).
    """

    SPOUSE = "SPOUSE", _("As spouse")
    CHILD = "CHILD", _("As child")
    PARENT = "PARENT", _("As parent")
    SIBLING = "SIBLING", _("As brother or sister, unmarried and under 21")
    IN_DANGER = "IN_DANGER", _("As a relative in danger because of her")


class SafeWithKin(TextChoices):
    """Whether somebody of her family may be contacted."""

    NO = "NO", _("No, not safe")
    ASK_HER = "ASK_HER", _("Only after asking her, each time")
    YES = "YES", _("Yes, she agrees")


class MaySpeak(TextChoices):
    """Whether we may speak to somebody who stands by her."""

    NO = "NO", _("No, do not speak to them")
    ASK_HER = "ASK_HER", _("Only after asking her, each time")
    YES = "YES", _("Yes, she agrees")


class Knows(TextChoices):
    """What somebody knows of her situation: nobody may learn more from us."""

    NOTHING = "NOTHING", _("Knows nothing")
    HELP = "HELP", _("Knows that she gets help")
    ALL = "ALL", _("Knows all of it")


class KinEnd(TextChoices):
    """Why somebody is no longer on the list. The history keeps what stood there."""

    MISTAKE = "MISTAKE", _("It was a mistake")
    HER_WISH = "HER_WISH", _("She asked for it")
    HER_SAFETY = "HER_SAFETY", _("It is safer for her")
    NO_LONGER = "NO_LONGER", _("It is no longer so")
