"""What several rooms show together: the timeline, what is due, and notices. Written by the action that causes them."""

import uuid

from django.conf import settings
from django.db import models

from audit.history import AuditedModel
from casemgmt.access.sections import Section
from casemgmt.crypto.fields import SealedText
from casemgmt.crypto.models import SealedModel
from cases.choices.casework import DueKind
from cases.models.base import CaseRoomManager
from cases.models.work import SectionedRecord


class TimelineEntry(SectionedRecord):
    """One line of a case's timeline. ``kind`` is the verb that caused it; ``subject_uid`` the record it is about."""

    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    line = SealedText(fid="timeline.line", section="section", scope="matter_uid")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    subject_kind = models.CharField(max_length=40)
    subject_uid = models.UUIDField()

    class Meta(SectionedRecord.Meta):
        indexes = [
            models.Index(fields=["case", "-at", "-id"], name="timeline_case_newest"),
            models.Index(fields=["-at", "-case", "-id"], name="timeline_newest"),
        ]


class Due(SectionedRecord):
    """Something with a date: a task, deadline, hearing, the end of a release. One loop reads these rows and stamps them.

    ``due_on`` is a local calendar date; ``due_at`` the moment where there is one (UTC), and ``time_zone`` that of the
    place where one has to be there then (the court's). ``noticed_at`` is the stamp of the loop: once set, no second
    notice goes out.
    """

    kind = models.CharField(max_length=20, choices=DueKind.choices)
    due_on = models.DateField()
    due_at = models.DateTimeField(null=True)
    # NULL where it was never said: versions of before the column have none, and go on being what was recorded.
    time_zone = models.CharField(max_length=64, null=True)
    line = SealedText(fid="due.line", section="section", scope="matter_uid")
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    subject_kind = models.CharField(max_length=40)
    subject_uid = models.UUIDField()
    done_at = models.DateTimeField(null=True)
    noticed_at = models.DateTimeField(null=True)

    class Meta(SectionedRecord.Meta):
        indexes = [
            models.Index(fields=["assigned_to", "done_at", "due_on"], name="due_mine"),
            models.Index(fields=["case", "done_at", "due_on"], name="due_case"),
            models.Index(fields=["done_at", "noticed_at", "due_on"], name="due_loop"),
            models.Index(fields=["done_at", "due_on", "-case", "-id"], name="due_next"),
        ]


class Notice(AuditedModel):
    """ "You have something to look at": who, what kind, which record; never a word of its content."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+", null=True)
    about_kind = models.CharField(max_length=40)
    about_uid = models.UUIDField()
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    objects = CaseRoomManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "about_uid"], name="one_notice_about_one_thing")
        ]


class Draft(SealedModel):
    """Text not yet saved, sealed for its writer alone (her own pseudo-case); gone when saved, or after 14 days."""

    #: A deleted draft must be gone: it keeps no history.
    keeps_no_history = "A draft is its writer's scratch paper; when it is thrown away, nothing of it may stay."

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    about_uid = models.UUIDField()
    body = SealedText(fid="draft.body", section=Section.CARD)
    saved_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["owner", "kind", "about_uid"], name="one_draft_of_one_thing")]
