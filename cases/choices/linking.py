"""Enumerations of joint cases: why two cases belong together, and why they no longer do."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class LinkKind(TextChoices):
    """What binds two cases. Neutral: which of them is the mother is said in neither."""

    MOTHER_AND_CHILD = "MOTHER_AND_CHILD", _("Mother and child")
    COUPLE = "COUPLE", _("Couple")
    SIBLINGS = "SIBLINGS", _("Siblings")
    SAME_INCIDENT = "SAME_INCIDENT", _("Same incident")
    OTHER = "OTHER", _("Another bond")
    #: Nobody chooses it: the two files were merged (``cases.actions.merging``).
    SAME_PERSON = "SAME_PERSON", _("One person")


#: What somebody may say of two cases by hand.
BONDS = [(kind.value, kind.label) for kind in LinkKind if kind != LinkKind.SAME_PERSON]


class LinkEnd(TextChoices):
    """Why a link was ended."""

    MISTAKE = "MISTAKE", _("It was a mistake")
    HER_WISH = "HER_WISH", _("She asked for it")
    HER_SAFETY = "HER_SAFETY", _("It is safer for her")
    NO_LONGER = "NO_LONGER", _("It is no longer so")
