"""Invitations: the only way in, besides the first administrator."""

import uuid
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class Invitation(models.Model):
    """An open door for one person, for a few days. The account exists from the invitation on, closed until
    it is accepted. Only the digest of the link's token is stored, so a copy of the database invites nobody."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="invitations")
    token_digest = models.BinaryField(max_length=32, unique=True, editable=False)
    invited_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(_("invited"))
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    #: The token itself, on the object that has just been made; it is in no column.
    token: str = ""

    class Meta:
        default_permissions = ()
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return str(self.uid)

    def is_open(self, at: datetime) -> bool:
        """Whether it can still be accepted at that moment."""
        return self.accepted_at is None and self.withdrawn_at is None and at < self.expires_at
