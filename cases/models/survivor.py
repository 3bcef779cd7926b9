"""The person behind a case, and what the case holds about her."""

import uuid

from django.conf import settings
from django.db import models

from audit.history import AuditedModel
from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedDate, SealedJSON, SealedText
from cases.models.base import CaseRecord, CaseRoomManager


class Person(AuditedModel):
    """An opaque row that links the cases of one person. It holds nothing but its uid."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()


class Survivor(CaseRecord):
    """Who she is. One row a case, sealed by that case's keys; reopening as a new case copies and reseals it.

    ``about`` holds the coded HTCDS answers ``prs_*`` by their field name; an answer that is missing carries a
    null flavour (``NOT_ASKED``, ``DECLINED`` …), never an empty value that could mean either. ``called`` holds her further
    names and pronouns (``cases.answers.CALLED``), ``speech`` her languages and what an interpreter must be
    (``cases.answers.SPEECH``, domain.md §8.6), ``minority`` who speaks for her while she is a minor
    (``cases.answers.MINORITY``, domain.md §8.5).
    """

    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="survivor")
    first_name = SealedText(fid="survivor.first_name", section=Section.IDENTITY, blank=True)
    second_name = SealedText(fid="survivor.second_name", section=Section.IDENTITY, blank=True)
    other_names = SealedText(fid="survivor.other_names", section=Section.IDENTITY, blank=True)
    birth_date = SealedDate(fid="survivor.birth_date", section=Section.IDENTITY, null=True)
    about = SealedJSON(fid="survivor.about", section=Section.IDENTITY, null=True)
    contact = SealedJSON(fid="survivor.contact", section=Section.IDENTITY, null=True)
    location = SealedText(fid="survivor.location", section=Section.LOCATION, null=True, hide_null=True)
    protection = SealedJSON(fid="survivor.protection", section=Section.STATUS, null=True, hide_null=True)
    called = SealedJSON(fid="survivor.called", section=Section.IDENTITY, null=True)
    speech = SealedJSON(fid="survivor.speech", section=Section.IDENTITY, null=True)
    minority = SealedJSON(fid="survivor.minority", section=Section.IDENTITY, null=True)
    row_mac = RowMac(later=["called", "speech", "minority"])


class TraffickingProfile(CaseRecord):
    """What happened, in the codes of HTCDS (``vic_*`` by their field name), and her statement if she gives one.

    ``signs`` holds the signs of trafficking that were gone through, by the names of ``cases.choices.signs``: each with its
    answer, how one knows it and how much it weighs. What follows from them is never kept (``cases.signs.suggest``).
    """

    home_section = Section.NARRATIVE

    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="profile")
    answers = SealedJSON(fid="profile.answers", section=Section.NARRATIVE, null=True)
    statement = SealedText(fid="profile.statement", section=Section.NARRATIVE, null=True, blank=True)
    signs = SealedJSON(fid="profile.signs", section=Section.NARRATIVE, null=True)
    row_mac = RowMac(later=["signs"])


class Consent(CaseRecord):
    """Consent to manage personal data: the state, and the seven things she was told (HTCDS ``con_Consent``).

    CONSENTED only with all seven, a date, a language and who asked (domain.md R2). A refusal never blocks service.
    """

    home_section = Section.DUTIES

    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="consent")
    state = SealedText(fid="consent.state", section=Section.DUTIES)
    told = SealedJSON(fid="consent.told", section=Section.DUTIES, null=True)
    record = SealedJSON(fid="consent.record", section=Section.DUTIES, null=True)
    row_mac = RowMac()


class ContactInstruction(CaseRecord):
    """How she may be reached without danger. No outreach without one; "none" is an instruction (domain.md §8.4)."""

    rule = SealedJSON(fid="contact.rule", section=Section.CARD)
    value = SealedText(fid="contact.value", section=Section.IDENTITY, null=True, blank=True, hide_null=True)
    row_mac = RowMac()
    verified_on = models.DateField()
    ended_at = models.DateTimeField(null=True)


class ContactAttempt(CaseRecord):
    """One attempt to reach her, begun after her rule was read (domain.md §8.4).

    ``facts`` holds ``{"channel", "against", "reason", "outcome", "words"}``: the way, what of her rule stood against it
    and why it could not wait, and how it went, once that is noted.
    """

    home_section = Section.IDENTITY

    facts = SealedJSON(fid="contact_attempt.facts", section=Section.IDENTITY)
    row_mac = RowMac()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    noted_at = models.DateTimeField(null=True)


class SafetyPlan(CaseRecord):
    """Risk as a person set it, with the reason, and the plan (domain.md §8.1, §8.2).

    ``own_view`` is her own view of the danger, 0 to 10: it weighs at least as much as the worker's. ``plan`` holds
    the topics of ``cases.choices.safety.SafetyTopic`` by code, and ``copy``, who holds a copy.
    """

    home_section = Section.SAFETY

    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="safety_plan")
    risk_level = SealedText(fid="safety.risk_level", section=Section.SAFETY)
    reason = SealedText(fid="safety.reason", section=Section.SAFETY, blank=True)
    own_view = SealedJSON(fid="safety.own_view", section=Section.SAFETY, null=True)
    plan = SealedJSON(fid="safety.plan", section=Section.SAFETY, null=True)
    row_mac = RowMac()
    review_on = models.DateField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
