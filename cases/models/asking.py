"""Asking whether a person is known, and for access to her case: without learning whether there is one."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from casemgmt.access.permissions import GuardedQuerySet
from casemgmt.access.sections import Section
from casemgmt.crypto.fields import RowMac, SealedJSON, SealedText
from casemgmt.crypto.models import SealedModel, SealedQuerySet
from cases.choices.search import Likeness
from cases.choices.walls import AskedState
from cases.models.base import CaseRecord


class KnownQuestionQuerySet(GuardedQuerySet, SealedQuerySet):
    """Questions: asked for through the door. They keep no history, so they are written as they are."""


class KnownQuestion(SealedModel):
    """ "Is this person already known?" The row is the same, hit or miss; a job looks, the coordinator answers.

    Sealed for whoever asked (``case_uid`` is her own), and emptied as soon as it was looked up: most of these people
    are nobody's clients. ``facts`` holds ``{"first", "family", "others", "birth_date", "phone"}``.
    """

    #: Somebody who is no client must leave no trace.
    keeps_no_history = "What was asked about a person who may be nobody's client is gone once it was looked up."

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    facts = SealedJSON(fid="known.facts", section=Section.CARD, null=True)
    reason = SealedText(fid="known.reason", section=Section.CARD, null=True)
    row_mac = RowMac()
    asked_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)

    objects = models.Manager.from_queryset(KnownQuestionQuerySet)()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["id"], condition=Q(looked_at__isnull=True), name="known_question_waiting"),
            models.Index(fields=["owner", "-id"], name="known_question_owner"),
        ]


class AccessRequest(CaseRecord):
    """A case that may be of the person somebody asked about: hers to be passed on, then the lead's to decide.

    Until the coordinator has passed it on, nobody on the case knows of it; whoever asked never does.
    """

    home_section = Section.DUTIES

    question = models.ForeignKey(KnownQuestion, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    likeness = models.CharField(max_length=12, choices=Likeness.choices)
    state = models.CharField(max_length=10, choices=AskedState.choices, default=AskedState.FOUND)
    reason = SealedText(fid="access_request.reason", section=Section.DUTIES)
    answer = SealedText(fid="access_request.answer", section=Section.DUTIES, null=True)
    row_mac = RowMac()
    found_at = models.DateTimeField()
    passed_at = models.DateTimeField(null=True)
    passed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    grant = models.ForeignKey("cases.AccessGrant", models.PROTECT, related_name="+", null=True)

    class Meta(CaseRecord.Meta):
        constraints = [
            models.UniqueConstraint(fields=["question", "case"], name="one_request_of_a_question_and_case"),
            models.CheckConstraint(
                name="nobody_answers_her_own_request",
                condition=Q(settled_by__isnull=True) | ~Q(settled_by=models.F("asked_by")) | ~Q(state="GIVEN"),
            ),
        ]
        indexes = [models.Index(fields=["case", "state"], name="access_request_case")]
