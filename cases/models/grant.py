"""Who may open what, until when: the grants, and the permission rows that follow from them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.history import AuditedModel
from casemgmt.access.permissions import DatedGroupPermission, DatedUserPermission
from casemgmt.access.sections import MATTER_PERMISSIONS, Section
from casemgmt.access.windows import at_most
from casemgmt.crypto.fields import SealedText
from cases.choices.sharing import GrantKind, Purpose
from cases.choices.walls import WallKind
from cases.models.base import CaseRecord, CaseRoomManager
from cases.windows import ATTESTATION_LIMIT, BOOKING_LIMIT, DELEGATION_LIMIT, EMERGENCY_LIMIT, SHIFT_LIMIT

#: Kinds that are always one person's, never a team's.
_OF_ONE_PERSON = ["PRO_BONO", "BOOKING", "DELEGATION", "REFERRAL", "TRANSFER", "EMERGENCY"]
_OF_PARTNERS = Q(kind__in=["REFERRAL", "TRANSFER"])
#: Words that stand in no codename of an emergency access, whoever wrote the row.
_NEVER_IN_EMERGENCY = (
    "write_", "matter", "location", "narrative", "advocacy", "status", "legal", "health", "srh", "sud", "counselling",
)  # fmt: skip


def _opens_none_of(*words: str) -> Q:
    """That no codename of the grant holds one of these words."""
    opened = Q()
    for word in words:
        opened |= Q(permissions__icontains=word)
    return ~opened


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

    Where two people are needed, ``waits_since`` is set, and the access opens nothing until ``approved_at``: a second
    person said so, neither who gave it nor who gets it. Of a team's ON_CALL access the people on duty have a part,
    while their shift lasts; with a ``shift`` and a person, it came with an alert and ends with that shift.
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
    waits_since = models.DateTimeField(null=True)
    second_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    approved_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    attested_at = models.DateTimeField(null=True)
    attested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    shift = models.ForeignKey("accounts.Shift", models.PROTECT, related_name="+", null=True)

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
            models.CheckConstraint(name="grant_kind_is_known", condition=Q(kind__in=GrantKind.values)),
            models.CheckConstraint(
                name="grant_names_a_person", condition=~Q(kind__in=_OF_ONE_PERSON) | Q(person__isnull=False)
            ),
            models.CheckConstraint(
                name="delegation_lends_what_another_holds",
                condition=~Q(kind="DELEGATION")
                | (Q(parent__isnull=False) & ~Q(person=F("granted_by")) & at_most("expires_at", "valid_from", DELEGATION_LIMIT)),
            ),
            models.CheckConstraint(
                name="partner_access_rests_on_a_release", condition=~_OF_PARTNERS | Q(release__isnull=False)
            ),
            models.CheckConstraint(
                name="partner_access_lapses_without_attestation",
                condition=~_OF_PARTNERS
                | (Q(attested_at__isnull=True) & at_most("expires_at", "valid_from", ATTESTATION_LIMIT))
                | (Q(attested_at__isnull=False) & at_most("expires_at", "attested_at", ATTESTATION_LIMIT)),
            ),
            models.CheckConstraint(
                name="where_she_stays_never_leaves",
                condition=~Q(kind__in=["PRO_BONO", "REFERRAL", "TRANSFER", "ON_CALL"]) | _opens_none_of("location"),
            ),
            models.CheckConstraint(
                name="emergency_is_short_own_and_narrow",
                condition=~Q(kind="EMERGENCY")
                | (
                    Q(person=F("granted_by"), release__isnull=True, matter__isnull=True, parent__isnull=True)
                    & at_most("expires_at", "valid_from", EMERGENCY_LIMIT)
                    & _opens_none_of(*_NEVER_IN_EMERGENCY)
                ),
            ),
            models.CheckConstraint(
                name="alert_access_ends_with_a_shift",
                condition=~Q(kind="ON_CALL")
                | Q(team__isnull=False)
                | (Q(shift__isnull=False) & at_most("expires_at", "valid_from", SHIFT_LIMIT)),
            ),
            models.CheckConstraint(
                name="booking_opens_nothing_else",
                condition=~Q(kind="BOOKING")
                | (_opens_none_of("read_", "write_") & at_most("expires_at", "valid_from", BOOKING_LIMIT)),
            ),
            models.CheckConstraint(
                name="second_person_is_neither_giver_nor_recipient",
                condition=Q(second_by__isnull=True)
                | (~Q(second_by=F("granted_by")) & (Q(person__isnull=True) | ~Q(second_by=F("person")))),
            ),
            models.CheckConstraint(
                name="second_person_says_one_thing",
                condition=Q(second_by__isnull=True, approved_at__isnull=True, declined_at__isnull=True)
                | Q(second_by__isnull=False, waits_since__isnull=False, approved_at__isnull=False, declined_at__isnull=True)
                | Q(second_by__isnull=False, waits_since__isnull=False, approved_at__isnull=True, declined_at__isnull=False),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["case", "-granted_at"], name="grant_case"),
            models.Index(
                fields=["waits_since"], name="grant_waits",
                condition=Q(waits_since__isnull=False, approved_at__isnull=True, declined_at__isnull=True),
            ),
            models.Index(fields=["parent"], name="grant_children"),
        ]  # fmt: skip

    @property
    def is_waiting(self) -> bool:
        """Whether a second person has still to say yes or no."""
        return self.waits_since is not None and self.approved_at is None and self.declined_at is None

    @property
    def is_own_file(self) -> bool:
        """Whether this is an attorney's own file of her client: it rests on no release, and ends after the engagement."""
        rests_on_none = self.release_id is None and self.parent_id is None
        return self.kind == GrantKind.PRO_BONO and self.matter_id is not None and rests_on_none

    @property
    def is_approved(self) -> bool:
        """Whether it counts as far as the rule of two people goes."""
        return self.waits_since is None or self.approved_at is not None


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
