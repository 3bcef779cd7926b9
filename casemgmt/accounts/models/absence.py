"""Why somebody's account rests, and what an administrator asked for somebody else's account."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.history import AuditedModel

from ..choices import AbsenceKind, AccountRequestKind, RequestState


class Absence(AuditedModel):
    """A period in which an account rests, and why. While one of them stands, the account is closed.

    Rights keep their rows: they open nothing for a closed account, and come back with it. Of somebody who was locked
    out, ``first_yes_by`` is the first of the two who let her in again.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="absences")
    kind = models.CharField(max_length=12, choices=AbsenceKind.choices)
    began_at = models.DateTimeField(_("from"))
    began_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    expected_back_on = models.DateField(_("expected back"), null=True, blank=True)
    first_yes_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    first_yes_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(_("until"), null=True, blank=True)
    ended_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"], condition=Q(ended_at__isnull=True), name="absence_once_a_kind"
            ),
            # Nobody lets herself in again; it takes two where somebody was locked out.
            models.CheckConstraint(
                condition=Q(ended_by__isnull=True) | ~Q(ended_by=F("user")), name="absence_not_ended_by_oneself"
            ),
            models.CheckConstraint(
                condition=~Q(kind="LOCKED")
                | Q(ended_at__isnull=True)
                | Q(first_yes_by__isnull=False) & ~Q(first_yes_by=F("ended_by")) & ~Q(first_yes_by=F("user")),
                name="absence_locked_ends_by_two",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)


class AccountRequest(AuditedModel):
    """What an administrator asked for somebody else's account, until that person's supervisor has answered."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="account_requests")
    kind = models.CharField(max_length=16, choices=AccountRequestKind.choices)
    new_email = models.EmailField(blank=True)
    state = models.CharField(max_length=12, choices=RequestState.choices, default=RequestState.WAITING)
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"], condition=Q(state="WAITING"), name="account_request_waits_once"
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True)
                | ~Q(answered_by=F("asked_by")) & ~Q(answered_by=F("user")) & Q(answered_at__isnull=False),
                name="account_request_answered_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["WAITING", "EXPIRED"]) ^ Q(answered_by__isnull=False),
                name="account_request_has_its_answer",
            ),
            models.CheckConstraint(condition=~Q(asked_by=F("user")), name="account_request_for_another"),
            models.CheckConstraint(
                condition=Q(kind="EMAIL_CHANGE") ^ Q(new_email=""), name="account_request_names_the_address"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uid)
