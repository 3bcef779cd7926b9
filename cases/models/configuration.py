"""What an administrator configured of the case room: rows of code lists, and texts. No value of a case stands here."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.history import AuditedModel, SealedCaseModel
from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedText
from casemgmt.crypto.models import for_new_rows
from cases.choices.configuration import ListName, TemplateKind
from cases.models.base import CaseRoomManager


class CodeRow(AuditedModel):
    """One row of a code list, where this house changed a shipped one or added its own (domain.md R24).

    A row that nobody changed has none here: its words are shipped and translated. ``counts_as`` is the shipped code that an
    own one stands for: rules, units and exports go by it; it is empty in a shipped row. ``labels`` are translations by
    language. A row is offered from ``active_from`` to ``active_to``, both included; records keep it afterwards.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    list_name = models.CharField(max_length=24, choices=ListName.choices)
    code = models.CharField(max_length=40)
    counts_as = models.CharField(max_length=40, blank=True)
    label = models.CharField(max_length=120, blank=True)
    labels = models.JSONField(default=dict)
    active_from = models.DateField(null=True)
    active_to = models.DateField(null=True)
    sort = models.PositiveSmallIntegerField(null=True)
    htcds = models.CharField(max_length=80, blank=True)
    ctdc = models.CharField(max_length=80, blank=True)
    otip = models.CharField(max_length=80, blank=True)
    pmt = models.CharField(max_length=80, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["list_name", "code"], name="code_once_a_list"),
            models.CheckConstraint(
                name="code_row_ends_after_it_begins",
                condition=Q(active_from__isnull=True) | Q(active_to__isnull=True) | Q(active_to__gte=F("active_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.list_name} {self.code}"


class TextTemplate(SealedCaseModel):
    """A text of the house: words to begin a note with, or a letter. ``version`` counts its wordings; history keeps each.

    Its words are sealed by the key of the house, for nobody can say what somebody pastes into them.

    Of a note, ``about_code`` is the type of note (``ListName.NOTE_TYPE``). A text that is over is offered no more.
    """

    kind = models.CharField(max_length=8, choices=TemplateKind.choices)
    name = models.CharField(max_length=120)
    about_code = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=8)
    body = SealedText(fid="text_template.body", section=Section.CARD)
    row_mac = RowMac()
    version = models.PositiveIntegerField(default=1)
    ended_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    objects = CaseRoomManager()

    class Meta(SealedCaseModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["about_code", "language"], condition=Q(kind="NOTE", ended_at__isnull=True),
                name="one_text_a_note_type_and_language",
            ),
            models.UniqueConstraint(
                fields=["name", "language"], condition=Q(kind="LETTER", ended_at__isnull=True),
                name="one_letter_a_name_and_language",
            ),
            models.CheckConstraint(name="text_of_a_note_names_its_type", condition=~Q(kind="NOTE") | ~Q(about_code="")),
        ]  # fmt: skip

    @for_new_rows
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        writer = kwargs.get("changed_by")
        if writer is not None:
            kwargs.setdefault("case_uid", writer.organisation.uid)
        super().__init__(*args, **kwargs)

    def __str__(self) -> str:
        return f"text {self.uid}"
