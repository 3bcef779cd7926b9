"""What the ledger keeps. Rows are written once; triggers refuse every change (``audit.protection``)."""

import uuid
from typing import Any

from django.db import models

from .anchoring.models import Anchor, SeenHead
from .circumstances import Source
from .pruned import PrunedEvent
from .querysets import EventQuerySet
from .sealing.models import Checkpoint, Leaf, Tile
from .verbs import Outcome, Verb
from .workspace.models import Disposition, Hint, Identification, KnownCase, Mark, PersonDay, SavedFilter

__all__ = [
    "ActorKind",
    "Anchor",
    "Checkpoint",
    "Disposition",
    "Event",
    "EventCase",
    "EventDetail",
    "FormReceipt",
    "Hint",
    "Identification",
    "KnownCase",
    "Leaf",
    "Mark",
    "PersonDay",
    "PrunedEvent",
    "SavedFilter",
    "SeenHead",
    "Stream",
    "Tile",
]


class ActorKind(models.TextChoices):
    """Whose act it was. OPERATOR is a command on the server that claims to act for a person."""

    PERSON = "PERSON"
    OPERATOR = "OPERATOR"
    SYSTEM = "SYSTEM"
    VISITOR = "VISITOR"


class Stream(models.Model):
    """One keyed chain of events: that of one database connection of one process (``audit.streams``)."""

    uid = models.UUIDField(unique=True)
    started_at = models.DateTimeField()

    class Meta:
        default_permissions = ()


class Event(models.Model):
    """One thing that somebody did. ``canonical`` is what the chain and later the tree vouch for.

    The columns beside it are for finding and reading; each is checked against its commitment in ``canonical``
    (``audit.canonical``). All times are UTC with microseconds. ``at`` is when it happened, ``recorded_at`` when
    it was written: they differ by more than moments only in the demo.
    """

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    stream = models.UUIDField()
    number = models.PositiveBigIntegerField()
    canonical = models.BinaryField()
    mac = models.BinaryField()
    salt = models.BinaryField()

    verb = models.CharField(max_length=40, choices=Verb.choices)
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    source = models.CharField(max_length=16, choices=Source.choices)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12, choices=ActorKind.choices)
    actor_uid = models.UUIDField(null=True)
    on_behalf_of = models.UUIDField(null=True)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_uid = models.UUIDField(null=True)
    case_uid = models.UUIDField(null=True)
    #: ``[[kind, uid, case_uid or None], …]``: what else the act touched, such as the cases of a list.
    objects_touched = models.JSONField(default=list)
    #: Codes between blanks, " CARD IDENTITY ", so that one ``contains`` finds a section on every engine.
    sections = models.CharField(max_length=255, blank=True)
    #: Every section is one of ``PRIVILEGED``: auditors read such events as counts only.
    is_privileged = models.BooleanField(default=False)
    #: A snapshot of the right it rested on: kind, grant, until.
    basis = models.JSONField(null=True)
    basis_kind = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=16, blank=True)
    #: ``[[history table, history id, digest], …]`` of the rows that the act wrote.
    history_rows = models.JSONField(default=list)
    changed_rows = models.PositiveIntegerField(default=0)

    objects = EventQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["stream", "number"], name="audit_event_stream_number")]
        indexes = [
            models.Index(fields=["case_uid", "id"], name="audit_event_case"),
            models.Index(fields=["actor_uid", "id"], name="audit_event_actor"),
            models.Index(fields=["on_behalf_of", "id"], name="audit_event_behalf"),
            models.Index(fields=["subject_uid", "id"], name="audit_event_subject"),
            models.Index(fields=["verb", "id"], name="audit_event_verb"),
            models.Index(fields=["at", "id"], name="audit_event_at"),
            # Few events of many: what was refused or failed, and by which right something was opened.
            models.Index(fields=["outcome", "id"], name="audit_event_outcome", condition=~models.Q(outcome="OK")),
            models.Index(fields=["basis_kind", "id"], name="audit_event_basis", condition=~models.Q(basis_kind="")),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.uid}"

    @property
    def section_codes(self) -> list[str]:
        """The sections, as a list of codes."""
        return self.sections.split()

    @property
    def sentence(self) -> str:
        """What was done, in words without a subject."""
        try:
            return str(Verb(self.verb).label)
        except ValueError:  # of a later version, or altered
            return self.verb


class EventCase(models.Model):
    """An index: this event touched this case beside its subject's (a list page shows many)."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="cases_touched")
    case_uid = models.UUIDField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["case_uid", "event"], name="audit_eventcase_once")]


class EventDetail(models.Model):
    """What may be erased without breaking the chain: reason, field names, codes, agent; and the salt that hides them.

    After erasure ``content`` and ``salt`` are gone, so the commitments in ``canonical`` say nothing more.
    """

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="detail", primary_key=True)
    salt = models.BinaryField(null=True)
    content = models.JSONField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def shown(self) -> dict[str, Any]:
        """The content, empty after erasure."""
        return self.content or {}


class Change(models.Model):
    """The net under the records: one line a change, written by the database itself, whoever changed it and however.

    It says which row of which table, what was done to it, in which transaction, and who accounted for it; and one line
    for each event. A transaction that changed a record and has no event is found by ``audit.net``; the lines of all
    others go once they were verified.
    """

    transaction_id = models.CharField(max_length=64)
    table_name = models.CharField(max_length=80)
    row_key = models.CharField(max_length=64)
    #: INSERT, UPDATE or DELETE.
    operation = models.CharField(max_length=8)
    #: Who accounted for it, as ``circumstances.Context.label`` says it; empty where nobody did.
    context = models.CharField(max_length=80, blank=True)

    class Meta:
        default_permissions = ()


class ClientAddress(models.Model):
    """The address behind a pseudonym, sealed, as long as it is kept (``audit.addresses``). No export reads this table."""

    name = models.CharField(max_length=16)
    seen_on = models.DateField()
    sealed = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["name", "seen_on"], name="audit_clientaddress_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.seen_on}"


class FormReceipt(models.Model):
    """One form, sent once. A double click or a retry finds the receipt and gets the first result.

    Inserted first by ``@action`` in its own transaction; the one row written before the case is locked.
    """

    key = models.UUIDField(unique=True)
    actor_uid = models.UUIDField(null=True)
    action = models.CharField(max_length=120)
    kind = models.CharField(max_length=40, blank=True)
    uid = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.action} {self.key}"
