"""Records of both kinds: plain with history, and sealed."""

import uuid

from django.db import models

from audit.history import AuditedModel, SealedCaseModel
from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedDate, SealedText


class Folder(AuditedModel):
    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    case_uid = models.UUIDField(default=uuid.uuid4)
    status = models.CharField(max_length=20, default="OPEN")
    risk = models.IntegerField(default=0)


class Letter(SealedCaseModel):
    folder = models.ForeignKey(Folder, on_delete=models.PROTECT, null=True)
    status = models.CharField(max_length=20, default="DRAFT")
    body = SealedText(fid="letter.body", section=Section.ADVOCACY)


class Memo(SealedCaseModel):
    """A record on its way from plain to sealed."""

    old_text = models.TextField(blank=True)
    old_day = models.CharField(max_length=20, null=True)
    old_count = models.IntegerField(default=0)
    text = SealedText(fid="memo.text", section=Section.ADVOCACY, null=True, max_length=40)
    day = SealedDate(fid="memo.day", section=Section.ADVOCACY, null=True)
    row_mac = RowMac()
