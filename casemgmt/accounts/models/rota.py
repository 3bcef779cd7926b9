"""Who is on duty for a team, and when."""

import uuid
from datetime import timedelta

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.history import AuditedModel
from casemgmt.access.windows import at_most

from ..querysets import DatedQuerySet

#: One turn of the rota.
SHIFT_LIMIT = timedelta(days=7)


class Rota(AuditedModel):
    """That a team has somebody on duty. What is opened to the person on duty stands on the protected group.

    Nobody is ever put into the group: dated shifts decide, as memberships do for the team's own.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.OneToOneField("accounts.Team", models.PROTECT, related_name="rota")
    group = models.OneToOneField(Group, models.PROTECT, related_name="rota", editable=False)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        verbose_name = _("rota")
        verbose_name_plural = _("rotas")

    def __str__(self) -> str:
        return str(self.uid)


class Shift(AuditedModel):
    """One turn of the rota: one person, from a moment until a moment (UTC), the end itself outside.

    Taking it back moves the end to that moment, so the dates alone say who was on duty when.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    rota = models.ForeignKey(Rota, models.PROTECT, related_name="shifts")
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="shifts")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")

    objects = DatedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        default_permissions = ()
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="shift_ends_after_start"),
            models.CheckConstraint(condition=at_most("ends_at", "starts_at", SHIFT_LIMIT), name="shift_is_one_turn"),
        ]
        indexes = [models.Index(fields=["user", "starts_at", "ends_at"], name="shift_live")]

    def __str__(self) -> str:
        return str(self.uid)
