"""Bringing case sheets in: a batch, its rows (sealed for the person who uploaded them), and possible matches."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models

from audit.history import AuditedModel, SealedCaseModel
from casemgmt.access.permissions import GuardedQuerySet
from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON, SealedText
from casemgmt.crypto.models import SealedModel, SealedQuerySet, for_new_rows
from cases.choices.search import Likeness
from cases.models.base import CaseRoomManager


class ImportBatch(SealedCaseModel):
    """One uploaded case sheet. ``case_uid`` is the uploader's own pseudo-case: batch and rows are sealed for her.

    ``columns`` holds what each column of the sheet was understood as, ``remarks`` what is worth saying about the
    sheet as a whole; both as ``cases.htcds`` writes them. ``problem`` is a code.
    """

    class State(models.TextChoices):
        """MAPPING while she says what the columns are, READING while rows are understood.

        READY for her decision, TAKING while cases are made, DONE.

        UNDOING while cases of it are taken back; then DONE again.
        """

        MAPPING = "MAPPING"
        READING = "READING"
        READY = "READY"
        TAKING = "TAKING"
        UNDOING = "UNDOING"
        DONE = "DONE"
        FAILED = "FAILED"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    file_name = SealedText(fid="import.file_name", section=Section.CARD)
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.READING)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=60, blank=True)
    columns = SealedJSON(fid="import.columns", section=Section.CARD, null=True)
    remarks = SealedJSON(fid="import.remarks", section=Section.CARD, null=True)
    row_mac = RowMac()
    created_at = models.DateTimeField()
    #: When rows became cases last; NULL where none did, and for imports of before this was kept.
    taken_at = models.DateTimeField(null=True)

    objects = CaseRoomManager()


class SharedMapping(SealedCaseModel):
    """A choice of columns that one person offers to a team, sealed by the key of its house: headers may say much.

    ``content`` is what ``Columns.as_json`` writes: headers, fields, what words and days mean; never a row. No column leads
    from here to a case or an import.
    """

    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    team = models.ForeignKey("accounts.Team", models.PROTECT, related_name="+")
    content = SealedJSON(fid="shared_mapping.content", section=Section.CARD)
    row_mac = RowMac()
    shared_at = models.DateTimeField()
    shared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    objects = CaseRoomManager()

    class Meta(SealedCaseModel.Meta):
        indexes = [models.Index(fields=["team", "ended_at"], name="shared_mapping_of_team")]

    @for_new_rows
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        organisation = kwargs.get("organisation")
        if organisation is not None:
            kwargs.setdefault("case_uid", organisation.uid)
        super().__init__(*args, **kwargs)

    def __str__(self) -> str:
        return f"shared mapping {self.uid}"


class ImportRowQuerySet(GuardedQuerySet, SealedQuerySet):
    """Rows of imports: asked for through the door. They keep no history, so they are written as they are."""


class ImportRow(SealedModel):
    """One row of a sheet: what stood there, what was understood, what is wrong, and the case it became.

    Once it is taken or thrown away, the three sealed columns are emptied: the case keeps it now, under its own keys.
    ``fingerprint`` is keyed, and stays as long as the row, so that the same row is known when it comes again.
    """

    class State(models.TextChoices):
        """WAITING to be understood; GOOD can be taken; BAD is kept to be corrected; KNOWN came before.

        TAKEN became a case; of UNDONE the case was taken back.
        """

        WAITING = "WAITING"
        GOOD = "GOOD"
        BAD = "BAD"
        KNOWN = "KNOWN"
        EMPTY = "EMPTY"
        TAKEN = "TAKEN"
        UNDONE = "UNDONE"
        DISCARDED = "DISCARDED"

    #: Rows that were thrown away must be gone.
    keeps_no_history = "Rejected rows are thrown away on request, and nothing of them may stay."

    batch = models.ForeignKey(ImportBatch, models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices)
    cells = SealedJSON(fid="import_row.cells", section=Section.CARD, null=True)
    understood = SealedJSON(fid="import_row.understood", section=Section.CARD, null=True)
    findings = SealedJSON(fid="import_row.findings", section=Section.CARD, null=True)
    row_mac = RowMac()
    fingerprint = models.BinaryField(null=True, db_index=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+", null=True)

    objects = models.Manager.from_queryset(ImportRowQuerySet)()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="one_row_of_one_number")]
        indexes = [models.Index(fields=["batch", "state", "number"], name="import_row_state")]


class MatchQuestion(models.Model):
    """Asked with every new case: is this person known already? Answered later and elsewhere, for the coordinator alone.

    Whoever asks leaves the same row, hit or miss, so that neither page nor time tells her.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    objects = models.Manager.from_queryset(GuardedQuerySet)()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["id"], condition=models.Q(answered_at__isnull=True), name="match_question_waiting")
        ]


class PossibleMatch(AuditedModel):
    """A case that may belong to a person already known: shown to the intake coordinator alone.

    ``likeness`` says by which tokens they were found alike, never what stands behind them;
    NULL in the pairs of a time when only the name was compared.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    other = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    likeness = models.CharField(max_length=12, choices=Likeness.choices, null=True)
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    is_same_person = models.BooleanField(null=True)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["case", "other"], name="one_match_of_two_cases")]
