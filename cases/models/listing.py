"""Views of the list of cases that a person keeps for herself."""

from django.conf import settings
from django.db import models

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedText
from casemgmt.crypto.models import SealedModel

#: Characters of a name, and of the codes of a filter as they stand in an address.
NAME_LENGTH, QUERY_LENGTH = 60, 300


class SavedView(SealedModel):
    """A filter of the list under a name of her own, sealed for her alone (her own pseudo-case): a name may name somebody."""

    #: What is thrown away must be gone: it keeps no history.
    keeps_no_history = "A view is its owner's shorthand; when it is thrown away, nothing of it may stay."

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = SealedText(fid="saved_view.name", section=Section.CARD, max_length=NAME_LENGTH)
    query = SealedText(fid="saved_view.query", section=Section.CARD, max_length=QUERY_LENGTH, blank=True)
    row_mac = RowMac()
    saved_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["owner", "saved_at"], name="saved_view_mine")]
