"""Enumerations of a merge: how far it is."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class MergeState(TextChoices):
    """How far the merge of two files is."""

    WAITS = "WAITS", _("Waits for a supervisor")
    MERGED = "MERGED", _("One person")
    DECLINED = "DECLINED", _("Declined by a supervisor")
    UNDONE = "UNDONE", _("Taken back")


#: Two files have at most one merge in one of these: a database rule says so, too.
STANDING_STATES = (MergeState.WAITS, MergeState.MERGED)
NOTICE_MERGE = "MERGE_WAITS"
