"""What the ledger knows of a file by its SHA-256: when and by whom it was kept, compared, withdrawn or erased.

Every sealing states the SHA-256 of what was kept, and of what was sent where hidden details were taken out first. So a
court's or a partner's number is answered from events alone; no file and no case is opened.
"""

import uuid
from dataclasses import dataclass, field

from django.db.models import Q

from casemgmt.access.sections import RETENTION_CLASS_OF, RetentionClass

from .models import Event
from .verbs import Outcome, Verb

#: What happens to a file, beside being read.
_CUSTODY = (Verb.DOCUMENT_SEALED, Verb.DOCUMENT_VERIFIED, Verb.DOCUMENT_WITHDRAWN, Verb.DOCUMENT_QUARANTINED)


@dataclass
class Known:
    """What the ledger knows of one checksum. Lists are in the order of the ledger, the oldest first."""

    #: Files that were kept with it: how many as they are kept, and how many as they were sent.
    kept: int = 0
    sent: int = 0
    #: What happened to those files.
    events: list[Event] = field(default_factory=list)
    #: Comparisons with this checksum that found another file in its place.
    compared: list[Event] = field(default_factory=list)

    @property
    def is_hit(self) -> bool:
        """Whether a file with this checksum was ever kept."""
        return bool(self.kept or self.sent)

    @property
    def case_uids(self) -> set[uuid.UUID]:
        """The cases that its events speak of."""
        return {event.case_uid for event in (*self.events, *self.compared) if event.case_uid}


def look_up(sha256: str) -> Known:
    """What the ledger knows of this SHA-256 (64 small hex digits). Three queries.

    Privileged files (attorney and client, counselling) are left out, hit or miss: that one of them holds a certain paper
    is privileged itself. Where the details of a sealing were erased, its number is gone.
    """
    events = Event.objects.open_to_auditors().select_related("detail").order_by("pk")
    as_kept, as_sent = Q(detail__content__codes__sha256=sha256), Q(detail__content__codes__original_sha256=sha256)
    named = list(events.of_verbs([Verb.DOCUMENT_SEALED, Verb.DOCUMENT_VERIFIED]).filter(as_kept | as_sent))
    sealed = {
        event.subject_uid: event
        for event in named
        if event.verb == Verb.DOCUMENT_SEALED and event.outcome == Outcome.OK
    }
    known = Known(compared=[event for event in named if event.subject_uid not in sealed])
    known.kept = sum(event.detail.shown()["codes"].get("sha256") == sha256 for event in sealed.values())
    known.sent = len(sealed) - known.kept
    if sealed:
        custody = list(events.of_verbs(_CUSTODY).filter(subject_uid__in=list(sealed)))
        erased = events.of_verbs([Verb.ERASURE_DONE]).filter(case_uid__in={event.case_uid for event in sealed.values()})
        custody += [event for event in erased if any(_erased(event, one) for one in sealed.values())]
        known.events = sorted(custody, key=lambda event: event.pk)
    return known


def _erased(erasure: Event, sealed: Event) -> bool:
    """Whether an erasure took the content of a file that was kept before it."""
    classes = set(erasure.detail.shown().get("codes", {}).get("classes", ()))
    own = {str(RETENTION_CLASS_OF[section]) for section in sealed.section_codes}
    is_same_case = erasure.case_uid == sealed.case_uid and erasure.pk > sealed.pk
    return is_same_case and (RetentionClass.CORE in classes or bool(own & classes))
