"""Enumerations of the search, and of cases that may be of one person."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class IndexName(TextChoices):
    """The blind indexes. Never one of a surname alone, a gender, a country or a yes and no (vault.md §7)."""

    NAME = "NAME", _("Whole name")
    SOUND = "SOUND", _("Whole name as it sounds")
    YEAR = "YEAR", _("Beginning of a name, with the year of birth")
    BIRTH = "BIRTH", _("Date of birth")
    ALIAS = "ALIAS", _("Alias")
    PHONE = "PHONE", _("End of a phone number")
    MATCH = "MATCH", _("Name and date of birth, for possible matches")
    MATCH_SOUND = "MATCH_SOUND", _("Name as it sounds and date of birth, for possible matches")


class Likeness(TextChoices):
    """Why two cases may be of one person."""

    NAME = "NAME", _("Same name, same date of birth")
    NAME_ONLY = "NAME_ONLY", _("Same whole name; a date of birth is missing")
    SOUND = "SOUND", _("Name that sounds alike, same date of birth")
    PHONE = "PHONE", _("Same telephone")
