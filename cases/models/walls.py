"""Why somebody is kept away from a case, and whom people of the house have said they know."""

from django.conf import settings
from django.db import models

from audit.history import SealedCaseModel
from casemgmt.access.permissions import GuardedQuerySet
from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedDate, SealedText
from cases.models.base import CaseRecord, CaseRoomManager
from cases.models.grant import Wall


class WallReason(CaseRecord):
    """The words of a wall: why it stands, and why it was lifted. Sealed by the case's keys, read by whoever may place walls.

    ``section`` is DUTIES, or CARD once the class of DUTIES is erased.
    """

    home_section = Section.DUTIES

    wall = models.OneToOneField(Wall, models.PROTECT, related_name="words")
    section = models.CharField(max_length=20, choices=Section.choices, default=Section.DUTIES)
    reason = SealedText(fid="wall.reason", section="section", blank=True)
    lifted_why = SealedText(fid="wall.lifted_why", section="section", null=True, blank=True)
    row_mac = RowMac()


class Declaration(SealedCaseModel):
    """A person whom somebody of the house knows outside it, or a telephone of her own (``is_own``).

    ``case_uid`` is the declarer's own: nobody else opens it.

    ``checked_at`` is when the cases that were there were last compared with it; a job does that twice, so that a case
    opened in the very moment is not missed.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    first_name = SealedText(fid="declaration.first_name", section=Section.CARD, blank=True)
    family_name = SealedText(fid="declaration.family_name", section=Section.CARD, blank=True)
    other_names = SealedText(fid="declaration.other_names", section=Section.CARD, blank=True)
    birth_date = SealedDate(fid="declaration.birth_date", section=Section.CARD, null=True)
    phone = SealedText(fid="declaration.phone", section=Section.CARD, blank=True)
    row_mac = RowMac()
    declared_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    #: A telephone of the declarer's own, not a person she knows: it places no wall (``cases.actions.conflicts``).
    is_own = models.BooleanField(null=True)

    objects = CaseRoomManager()

    class Meta(SealedCaseModel.Meta):
        indexes = [models.Index(fields=["owner", "ended_at"], name="declaration_owner")]


class DeclarationToken(models.Model):
    """A truncated keyed fingerprint by which a declaration is compared with a case while nobody reads it.

    Deleted when the declaration ends. Useless without the key.
    """

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="+")
    token = models.BigIntegerField()

    objects = models.Manager.from_queryset(GuardedQuerySet)()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["token", "declaration"], name="one_token_of_a_declaration")]
