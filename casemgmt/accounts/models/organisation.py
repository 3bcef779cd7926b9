"""Organisations: ours, and those that outside people come from."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.history import AuditedModel

from ..choices import OrganisationKind


class Organisation(AuditedModel):
    """An organisation whose people sign in here. A case belongs to one of *ours*."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=24, choices=OrganisationKind.choices)
    is_ours = models.BooleanField(_("part of this house"), default=False)
    created_at = models.DateTimeField(_("created"))
    # Every access of its people rests; and: the agreement under which they worked here is over.
    suspended_at = models.DateTimeField(_("suspended"), null=True, blank=True)
    agreement_ended_at = models.DateTimeField(_("agreement ended"), null=True, blank=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")

    def __str__(self) -> str:
        return self.name
