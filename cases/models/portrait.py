"""A picture of her face, which shows only while she allows pictures (domain.md §2.5, §8.5)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedText
from cases.models.base import CaseRecord


class Portrait(CaseRecord):
    """Her picture, at most one that stands. ``picture`` is the small JPEG that was drawn anew from what came, in base64.

    The file that came is not kept: nothing beside the dots is carried over, and no route of documents leads to it. A picture
    that was removed is emptied; whether one may show is asked anew each time (``cases.portraits``).
    """

    home_section = Section.IDENTITY

    picture = SealedText(fid="portrait.picture", section=Section.IDENTITY, blank=True)
    row_mac = RowMac()
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kept_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    class Meta(CaseRecord.Meta):
        constraints = [
            models.UniqueConstraint(name="one_portrait_stands", fields=["case"], condition=Q(removed_at__isnull=True))
        ]
