"""Who of those named in one case may be the survivor of another: for the intake coordinator, and for nobody else (R20)."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from audit.log import Ref
from casemgmt.access.sections import RETENTION_CLASS_OF, Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.crypto.errors import ContentErased
from cases import access
from cases.few_words import Read, open_words
from cases.models import Case, NamedMatch

#: The right by which a pair is read: it is no access to either case.
BASIS = {"kind": "MATCH_DESK"}


@dataclass(frozen=True)
class Named:
    """A pair: the case that names somebody, and the one whose survivor that may be."""

    match: NamedMatch
    case: Case
    other: Case


def named_for(actor: User, *, at: datetime) -> QuerySet[NamedMatch]:
    """What waits for this coordinator, the oldest first: of her organisation, of no restricted case and none she is walled
    from; none for anybody else. What SAFETY holds of the naming case must still be there."""
    rows = access.for_the_house(NamedMatch)
    if not (actor.is_active and actor.holds_role(Role.INTAKE_COORDINATOR, at=at)):
        return rows.none()
    rows = rows.filter(case__organisation_id=actor.organisation_id, case__is_restricted=False, answer="")
    rows = rows.exclude(case__in=access.walled_cases(actor))
    rows = rows.exclude(case__erased__has_key=RETENTION_CLASS_OF[Section.SAFETY])
    return rows.select_related("case__team", "case__lead").order_by("found_at", "pk")


def others_of(actor: User, uids: Collection[str]) -> dict[str, Case]:
    """The other sides of pairs, by uid, where this coordinator may hear of them. One query."""
    rows = access.for_the_house(Case).filter(
        uid__in=[UUID(uid) for uid in uids], organisation_id=actor.organisation_id, is_restricted=False
    )
    rows = rows.exclude(pk__in=access.walled_cases(actor)).select_related("team", "lead")
    return {str(case.uid): case for case in rows if not case.is_erased}


@contextmanager
def open_named(actor: User, rows: Collection[NamedMatch]) -> Iterator[list[Named]]:
    """Open which cases these pairs are, for a page. Records CASE_VIEWED for each, of a subject that names no case."""

    def events(read: Read) -> list[dict[str, Any]]:
        return [
            {
                "actor": actor, "subject": Ref("namedmatch", row.uid), "sections": [Section.DUTIES],
                "fields": ["named_match.what"], "basis": BASIS,
            }
            for row in rows if row.case_uid in read
        ]  # fmt: skip

    with open_words([row.case_uid for row in rows], ("named_match.",), events):
        said = [(row, uid) for row in rows if (uid := _other(row))]
        others = others_of(actor, [uid for _row, uid in said])
        yield [Named(row, row.case, others[uid]) for row, uid in said if uid in others]


def _other(row: NamedMatch) -> str:
    """The uid of the other case; empty once the class is erased."""
    try:
        return str((row.what or {}).get("other", ""))
    except ContentErased:
        return ""
