"""Legal work: the content of a matter, its hearings, deadlines and filings.

The anchor ``cases.Matter`` says that a matter exists; everything here is sealed under LEGAL (docket facts that
caseworkers share) or LEGAL_FILE (the attorney's own file), in the scope of that matter.
"""

from django.conf import settings
from django.db import models

from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON, SealedText
from cases.models.base import MatterRecord
from services.choices import DeadlineKind


class LegalMatter(MatterRecord):
    """What a matter is about, in codes: type, where, stage, outcome. Its title stands with the anchor."""

    home_section = Section.LEGAL

    matter = models.OneToOneField("cases.Matter", models.PROTECT, related_name="legal")
    matter_type = SealedText(fid="legal_matter.matter_type", section=Section.LEGAL, scope="matter_uid")
    jurisdiction = SealedText(fid="legal_matter.jurisdiction", section=Section.LEGAL, scope="matter_uid", blank=True)
    stage = SealedText(fid="legal_matter.stage", section=Section.LEGAL, scope="matter_uid")
    outcome = SealedText(fid="legal_matter.outcome", section=Section.LEGAL, scope="matter_uid")
    row_mac = RowMac()
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    lead_counsel = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)


class Hearing(MatterRecord):
    """A hearing or appointment. ``starts_at`` is UTC; ``time_zone`` is that of the court."""

    home_section = Section.LEGAL

    starts_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64)
    facts = SealedJSON(fid="hearing.facts", section=Section.LEGAL, scope="matter_uid")
    place = SealedText(fid="hearing.place", section=Section.LEGAL, scope="matter_uid", blank=True)
    outcome = SealedText(fid="hearing.outcome", section=Section.LEGAL, scope="matter_uid", null=True, blank=True)
    row_mac = RowMac()
    held_at = models.DateTimeField(null=True)


class Deadline(MatterRecord):
    """A date by which something must be done, with the authority that sets it. Never closed by itself."""

    home_section = Section.LEGAL

    due_on = models.DateField()
    kind = models.CharField(max_length=30, choices=DeadlineKind.choices)
    title = SealedText(fid="deadline.title", section=Section.LEGAL, scope="matter_uid")
    authority = SealedText(fid="deadline.authority", section=Section.LEGAL, scope="matter_uid")
    row_mac = RowMac()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    met_at = models.DateTimeField(null=True)


class Filing(MatterRecord):
    """Something filed or received in the matter: part of the attorney's own file."""

    home_section = Section.LEGAL

    title = SealedText(fid="filing.title", section=Section.LEGAL_FILE, scope="matter_uid")
    receipt = SealedText(fid="filing.receipt", section=Section.LEGAL_FILE, scope="matter_uid", blank=True)
    row_mac = RowMac()
    filed_on = models.DateField()
    document = models.ForeignKey("cases.Document", models.PROTECT, related_name="+", null=True)
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
