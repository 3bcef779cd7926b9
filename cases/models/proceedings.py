"""Proceedings against the accused, which several cases may share without learning of each other (vault.md §3)."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models

from audit.history import SealedCaseModel
from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON, SealedText
from casemgmt.crypto.models import for_new_rows
from cases.models.base import CaseRecord, CaseRoomManager


class Proceeding(SealedCaseModel):
    """A proceeding as everybody may know it at the court. It is a pseudo-case of its own: sealed by keys of nobody's case.

    ``facts`` holds public facts only: ``{"court", "docket", "charge", "stage", "outcome", "next_on", "next_what", "place"}``,
    the day as an ISO text. ``sides`` are the uids of the cases that look at it: no page lists or counts them. No plain
    column leads from here to a case. ``fingerprint`` is keyed, of court and docket number, so that it is kept once.
    """

    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, related_name="+")
    facts = SealedJSON(fid="proceeding.facts", section=Section.CARD)
    sides = SealedJSON(fid="proceeding.sides", section=Section.CARD)
    row_mac = RowMac()
    fingerprint = models.BigIntegerField()
    made_at = models.DateTimeField()

    objects = CaseRoomManager()

    class Meta(SealedCaseModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organisation", "fingerprint"], name="one_proceeding_of_a_docket"),
        ]

    @for_new_rows
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not args:
            kwargs.setdefault("uid", uuid.uuid4())
            kwargs.setdefault("case_uid", kwargs["uid"])
        super().__init__(*args, **kwargs)

    def __str__(self) -> str:
        return f"proceeding {self.uid}"


class CaseProceeding(CaseRecord):
    """What a proceeding is to one survivor, under her own keys. It alone says which one it is.

    ``what`` holds ``{"proceeding", "role", "cooperation"}``: a uid and two codes. ``statement`` is hers: part of what
    happened.
    """

    home_section = Section.LEGAL

    what = SealedJSON(fid="case_proceeding.what", section=Section.LEGAL)
    statement = SealedText(fid="case_proceeding.statement", section=Section.NARRATIVE, null=True, blank=True)
    row_mac = RowMac()
    joined_at = models.DateTimeField()
    joined_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
