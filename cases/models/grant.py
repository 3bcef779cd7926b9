"""Who may open what, until when: the grants, and the permission rows that follow from them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.history import AuditedModel
from casemgmt.access.permissions import DatedGroupPermission, DatedUserPermission
from casemgmt.access.sections import MATTER_PERMISSIONS, Section
from casemgmt.crypto.fields import SealedText
from cases.choices import GrantKind, Purpose
from cases.models.base import CaseRecord, CaseRoomManager
from cases.wall_choices import WallKind


class Matter(CaseRecord):
    """The anchor of a legal matter: that it exists, its title, and whether it is open. Its content is the workshops'.

    The title stands here, sealed, because the case room names a matter when it gives it to an attorney.
    """

    home_section = Section.LEGAL

    kind = models.CharField(max_length=20, default="LEGAL")
    is_open = models.BooleanField(default=True)
    title = SealedText(fid="matter.title", section=Section.LEGAL, scope="uid")

    class Meta(CaseRecord.Meta):
        permissions = MATTER_PERMISSIONS


class AccessGrant(CaseRecord):
    """The source of truth of all access: who (a person or a team), which case (and matter), what, why, until when.

    The permission rows are derived from it in the same transaction and can be compared with it at any time.
    Nobody assigns a case to herself, except by opening it (``is_opening``). ``permissions`` lists codenames; those
    of the matter apply to ``matter``, all others to the case.
    """

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="+", null=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=20, choices=GrantKind.choices)
    purpose = models.CharField(max_length=30, choices=Purpose.choices)
    permissions = models.JSONField()
    reason = SealedText(fid="grant.reason", section=Section.DUTIES, blank=True)
    release = models.ForeignKey("cases.Release", models.PROTECT, related_name="+", null=True)
    parent = models.ForeignKey("self", models.PROTECT, related_name="+", null=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    is_opening = models.BooleanField(default=False)
    valid_from = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    class Meta(CaseRecord.Meta):
        constraints = [
            models.CheckConstraint(
                name="grant_to_one_person_or_one_team", condition=Q(person__isnull=True) ^ Q(team__isnull=True)
            ),
            models.CheckConstraint(name="grant_has_a_window", condition=Q(expires_at__gt=F("valid_from"))),
            models.CheckConstraint(
                name="nobody_assigns_herself",
                condition=~Q(kind="ASSIGNMENT") | ~Q(person=F("granted_by")) | Q(is_opening=True),
            ),
            models.CheckConstraint(
                name="pro_bono_names_a_person_and_a_matter",
                condition=~Q(kind="PRO_BONO") | Q(person__isnull=False, matter__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["case", "-granted_at"], name="grant_case")]


class CaseUserPermission(DatedUserPermission):
    """One permission of one person on one case, under one grant."""

    content_object = models.ForeignKey("cases.Case", models.PROTECT, related_name="user_rows")
    grant = models.ForeignKey(AccessGrant, models.PROTECT, related_name="+")

    class Meta(DatedUserPermission.Meta):
        constraints = [
            models.UniqueConstraint(fields=["user", "permission", "content_object", "grant"], name="case_user_once")
        ]
        indexes = [
            models.Index(fields=["user", "permission", "-content_object", "expires_at"], name="case_user_list"),
            models.Index(fields=["content_object", "user", "permission", "expires_at"], name="case_user_check"),
        ]


class CaseGroupPermission(DatedGroupPermission):
    """One permission of one team on one case, under one grant. A restricted case ignores these."""

    content_object = models.ForeignKey("cases.Case", models.PROTECT, related_name="group_rows")
    grant = models.ForeignKey(AccessGrant, models.PROTECT, related_name="+")

    class Meta(DatedGroupPermission.Meta):
        constraints = [
            models.UniqueConstraint(fields=["group", "permission", "content_object", "grant"], name="case_group_once")
        ]
        indexes = [
            models.Index(fields=["group", "permission", "-content_object", "expires_at"], name="case_group_list"),
            models.Index(fields=["content_object", "group", "permission", "expires_at"], name="case_group_check"),
        ]


class MatterUserPermission(DatedUserPermission):
    """One permission of one person on one matter, under one grant."""

    content_object = models.ForeignKey(Matter, models.PROTECT, related_name="user_rows")
    grant = models.ForeignKey(AccessGrant, models.PROTECT, related_name="+")

    class Meta(DatedUserPermission.Meta):
        constraints = [
            models.UniqueConstraint(fields=["user", "permission", "content_object", "grant"], name="matter_user_once")
        ]
        indexes = [
            models.Index(fields=["user", "permission", "-content_object", "expires_at"], name="matter_user_list")
        ]


class MatterGroupPermission(DatedGroupPermission):
    """One permission of one team on one matter, under one grant."""

    content_object = models.ForeignKey(Matter, models.PROTECT, related_name="group_rows")
    grant = models.ForeignKey(AccessGrant, models.PROTECT, related_name="+")

    class Meta(DatedGroupPermission.Meta):
        constraints = [
            models.UniqueConstraint(fields=["group", "permission", "content_object", "grant"], name="matter_group_once")
        ]
        indexes = [
            models.Index(fields=["group", "permission", "-content_object", "expires_at"], name="matter_group_list")
        ]


class Wall(AuditedModel):
    """Keeps a person, a team or an organisation away from a case. It beats every grant, and a walled reader learns nothing of it.

    ``placed_by`` is NULL where a declaration placed it by itself. Its words are in ``WallReason``.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="walls")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+", null=True)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=20, choices=WallKind.choices, default=WallKind.CONFLICT)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    placed_at = models.DateTimeField()
    lifted_at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="wall_against_one_of_three",
                condition=Q(person__isnull=False, team__isnull=True, organisation__isnull=True)
                | Q(person__isnull=True, team__isnull=False, organisation__isnull=True)
                | Q(person__isnull=True, team__isnull=True, organisation__isnull=False),
            )
        ]
        indexes = [
            models.Index(fields=["case", "person"], name="wall_case_person"),
            models.Index(fields=["case", "team"], name="wall_case_team"),
            models.Index(fields=["case", "organisation"], name="wall_case_organisation"),
        ]
