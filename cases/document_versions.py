"""Versions of a document: several files of one paper, of which the list shows the newest that stands.

A version stands unless it was withdrawn or put into quarantine; then the one before it is the newest again.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from cases import access
from cases.access import Held
from cases.errors.files import DocumentIsQuarantined, NotTheNewestVersion, VersionTakesNoFile
from cases.models import Case, Document

_STANDS = Q(withdrawn_at__isnull=True, quarantined_at__isnull=True)


@dataclass(frozen=True)
class Newer:
    """Of which document a file is a newer version, and why it came."""

    document_uid: UUID
    why: str


def has_newer(case: Case) -> Exists:
    """For documents of an opened case: whether a newer version of them stands, which the reader may open as well."""
    newer = access.records(Document, case).filter(
        _STANDS,
        first_uid=Coalesce(OuterRef("first_uid"), OuterRef("uid")),
        version__gt=Coalesce(OuterRef("version"), 1),
    )
    return Exists(newer)


def listed(case: Case) -> Q:
    """What a list shows: the newest of each paper, and what is withdrawn or in quarantine."""
    return ~Q(has_newer(case)) | ~_STANDS


def versions_of(rows: QuerySet[Document], document: Document) -> QuerySet[Document]:
    """All versions of one paper among ``rows``, the newest first."""
    of_it = rows.filter(Q(first_uid=document.series) | Q(uid=document.series))
    return of_it.order_by(F("version").desc(nulls_last=True))


def last_number(case: Case, document: Document) -> int:
    """The highest number that a version of this paper ever had, withdrawn ones too. Of a case that an action has locked."""
    newest = versions_of(access.within(Document, case), document).first()
    return newest.number if newest else document.number


def newest_to_replace(held: Held, document_uid: UUID, section: str, matter_uid: UUID | None) -> Document:
    """The document that gets a newer version, under the lock of its case.

    Raises NotTheNewestVersion (also for one of another section or matter, for which no page asks), VersionTakesNoFile,
    DocumentIsQuarantined.
    """
    rows = access.within(Document, held.case).filter(section=section, matter_uid=matter_uid)
    former = rows.filter(uid=document_uid).first()
    if former is None:
        raise NotTheNewestVersion
    if former.quarantined_at is not None:
        raise DocumentIsQuarantined
    if former.withdrawn_at is not None:
        raise VersionTakesNoFile
    if newest_of(rows, former) != former:
        raise NotTheNewestVersion
    return former


def newest_of(rows: QuerySet[Document], document: Document) -> Document | None:
    """The version of this paper that stands, among ``rows``; None where none does."""
    return versions_of(rows.filter(_STANDS), document).first()
