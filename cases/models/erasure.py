"""Legal holds, and orders to erase: what a case's content waits for, who decided, and what was done."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON, SealedText
from cases.choices.erasing import OPEN_STATES, ErasureState
from cases.models.base import CaseRecord


class LegalHold(CaseRecord):
    """While it stands, nothing of its retention classes is erased (domain.md §11). Content-blind: it names no content.

    ``terms`` holds ``{"authority", "reason"}``. ``section`` is DUTIES, or CARD once the class of DUTIES is erased.
    """

    home_section = Section.DUTIES

    section = models.CharField(max_length=20, choices=Section.choices, default=Section.DUTIES)
    classes = models.JSONField(default=list)
    terms = SealedJSON(fid="hold.terms", section="section")
    review_on = models.DateField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_why = SealedText(fid="hold.lifted_why", section="section", null=True, blank=True)
    row_mac = RowMac()


class ErasureOrder(CaseRecord):
    """An order to erase retention classes of a case: asked, approved by two others, cooled off, checked, carried out.

    ``terms`` holds ``{"ground", "reference", "reason"}``, ``talk`` what came of the private talk with her,
    ``{"kind"}``. The stamps at the end say how far the erasure came, so that a crash is resumed. ``certificate`` is
    what the vault signed: no personal data.
    """

    home_section = Section.DUTIES

    number = models.CharField(max_length=20, unique=True)
    section = models.CharField(max_length=20, choices=Section.choices, default=Section.DUTIES)
    classes = models.JSONField()
    terms = SealedJSON(fid="erasure.terms", section="section")
    state = models.CharField(max_length=12, choices=ErasureState.choices, default=ErasureState.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    first_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    first_at = models.DateTimeField(null=True)
    second_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    second_at = models.DateTimeField(null=True)
    cools_until = models.DateTimeField(null=True)
    was_restricted = models.BooleanField(default=False)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    checked_at = models.DateTimeField(null=True)
    talk = SealedJSON(fid="erasure.talk", section="section", null=True)
    stopped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_why = SealedText(fid="erasure.stopped_why", section="section", null=True, blank=True)
    row_mac = RowMac()
    marked_at = models.DateTimeField(null=True)
    keys_gone_at = models.DateTimeField(null=True)
    files_gone_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    certificate = models.JSONField(null=True)

    class Meta(CaseRecord.Meta):
        constraints = [
            models.CheckConstraint(
                name="erasure_approvers_are_two_others",
                condition=(Q(first_by__isnull=True) | ~Q(first_by=F("asked_by")))
                & (Q(second_by__isnull=True) | (~Q(second_by=F("asked_by")) & ~Q(second_by=F("first_by")))),
            ),
            models.CheckConstraint(
                name="erasure_is_approved_checked_and_cooled",
                condition=~Q(state__in=["ERASING", "DONE"])
                | Q(
                    first_by__isnull=False, second_by__isnull=False, checked_by__isnull=False,
                    marked_at__gte=F("cools_until"),
                ),
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=["ASKED", "COOLING", "ERASING"]), name="one_open_erasure_a_case"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "cools_until"], name="erasure_due")]

    @property
    def is_whole(self) -> bool:
        """Whether it takes the whole case: the card's class takes everything with it."""
        return "CORE" in self.classes

    @property
    def is_open(self) -> bool:
        """Whether anything is still to come of it."""
        return self.state in OPEN_STATES
