"""Enumerations of possible conflicts of interest."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ConflictLikeness(TextChoices):
    """How somebody of the house is like a person on a case. Which name and which number it is, nobody is told."""

    FAMILY_NAME = "FAMILY_NAME", _("Same family name")
    SOUND = "SOUND", _("Family name that sounds alike in another script")
    PHONE = "PHONE", _("Same telephone")


class ConflictAnswer(TextChoices):
    """What became of it. GONE: before anybody answered, the name or the number was another one."""

    NO_CONFLICT = "NO_CONFLICT", _("No conflict")
    KEPT_APART = "KEPT_APART", _("Kept apart")
    GONE = "GONE", _("No longer alike")
