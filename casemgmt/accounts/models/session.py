"""Sessions as rows that say whose they are, so that they can be locked and ended from anywhere; and the PIN."""

import uuid

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class Session(AbstractBaseSession):
    """One signed-in browser. ``session_key`` holds the digest of the cookie's value, never the value:
    a copy of the database opens no session."""

    session_key = models.CharField(max_length=64, primary_key=True)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("accounts.User", models.CASCADE, null=True, related_name="sessions")
    signed_in_at = models.DateTimeField(_("signed in"), null=True)
    last_seen_at = models.DateTimeField(_("last used"), null=True)
    locked_at = models.DateTimeField(_("locked"), null=True)
    wrong_pins = models.PositiveSmallIntegerField(default=0)
    browser = models.CharField(_("browser"), max_length=80, blank=True)

    objects = BaseSessionManager()  # type: ignore[misc]

    class Meta:
        default_permissions = ()
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        indexes = [models.Index(fields=["expire_date"], name="session_expiry")]

    def __str__(self) -> str:
        return str(self.uid)


class UnlockPin(models.Model):
    """The short PIN that opens a locked session. It signs nobody in."""

    user = models.OneToOneField("accounts.User", models.CASCADE, primary_key=True, related_name="unlock_pin")
    # A sealed Argon2id digest: six digits alone would be found by trying all of them.
    sealed_digest = models.TextField()
    set_at = models.DateTimeField(_("set"))

    class Meta:
        default_permissions = ()
        verbose_name = _("unlock PIN")
        verbose_name_plural = _("unlock PINs")

    def __str__(self) -> str:
        return str(self.pk)


class HeldForm(models.Model):
    """A form that arrived at a locked or worn-out session: kept sealed for its sender, to be sent after all.

    Deleted when it is sent, discarded, or a day old.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="held_forms")
    sealed = models.TextField()
    held_at = models.DateTimeField(_("kept"))

    class Meta:
        default_permissions = ()
        verbose_name = _("kept form")
        verbose_name_plural = _("kept forms")

    def __str__(self) -> str:
        return str(self.uid)
