"""Bringing case sheets in: a batch, its rows (sealed for the person who uploaded them), and possible matches."""

import uuid

from django.conf import settings
from django.db import models

from audit.history import AuditedModel, SealedCaseModel
from cases.models.base import CaseRoomManager
from casemgmt.access.sections import Section
from casemgmt.crypto.fields import SealedJSON, SealedText
from casemgmt.crypto.models import SealedModel


class ImportBatch(SealedCaseModel):
    """One uploaded case sheet. ``case_uid`` is the uploader's own pseudo-case: the rows are sealed for her."""

    class State(models.TextChoices):
        """READING while rows are understood, READY for her decision, TAKING while cases are made, DONE."""

        READING = "READING"
        READY = "READY"
        TAKING = "TAKING"
        DONE = "DONE"
        FAILED = "FAILED"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    file_name = SealedText(fid="import.file_name", section=Section.CARD)
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.READING)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=60, blank=True)
    remarks = SealedJSON(fid="import.remarks", section=Section.CARD, null=True)
    created_at = models.DateTimeField()


class ImportRow(SealedModel):
    """One row of a sheet: what stood there, what was understood, what is wrong, and the case it became."""

    class State(models.TextChoices):
        """GOOD can be taken; BAD is kept for correction; KNOWN was imported before; EMPTY holds nothing."""

        GOOD = "GOOD"
        BAD = "BAD"
        KNOWN = "KNOWN"
        EMPTY = "EMPTY"
        TAKEN = "TAKEN"
        DISCARDED = "DISCARDED"

    #: Rows that were thrown away must be gone.
    keeps_no_history = "Rejected rows are thrown away on request, and nothing of them may stay."

    batch = models.ForeignKey(ImportBatch, models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices)
    cells = SealedJSON(fid="import_row.cells", section=Section.CARD, null=True)
    understood = SealedJSON(fid="import_row.understood", section=Section.CARD, null=True)
    findings = SealedJSON(fid="import_row.findings", section=Section.CARD, null=True)
    fingerprint = models.BinaryField(null=True, db_index=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+", null=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="one_row_of_one_number")]


class PossibleMatch(AuditedModel):
    """A case that may belong to a person already known: shown to the intake coordinator alone."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    other = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    is_same_person = models.BooleanField(null=True)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["case", "other"], name="one_match_of_two_cases")]
