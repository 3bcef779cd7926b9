"""Codes of corrections of the history."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CorrectionState(models.TextChoices):
    """How far a correction has come."""

    ASKED = "ASKED", _("Waits for a second person")
    DONE = "DONE", _("Removed")
    DECLINED = "DECLINED", _("Left as it is")
