"""Which walls somebody may know of, and how their words are read: by those who may place them, and by nobody else."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from audit.log import Ref
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.crypto.errors import ContentErased
from cases import access
from cases.desk import Standing, case_named
from cases.few_words import Read, open_words
from cases.models import Case, PossibleConflict, Wall, WallReason

#: Who finds the page in the navigation.
WALL_ROLES = (Role.PRIVACY_OFFICER, Role.SUPERVISOR)
#: What only they read in the history of a case.
SECRET_VERBS = frozenset({Verb.WALL_PLACED, Verb.WALL_LIFTED, Verb.DECLARATION_MATCHED})
SECRET_KINDS = frozenset({"wall", "wallreason", "possibleconflict", "namedmatch"})
#: The right on which the words of a wall are read: it is no access to the case.
BASIS = {"kind": "WALL_DESK"}


def walls_for(actor: User, *, at: datetime) -> QuerySet[Wall]:
    """The walls this person may know of, those that stand first, then the newest: never on a case she is kept from."""
    rows = access.for_the_house(Wall).filter(case__organisation_id=actor.organisation_id, placed_at__lte=at)
    rows = rows.exclude(case__in=access.walled_cases(actor))
    rows = rows.select_related("case", "person", "team", "organisation", "placed_by", "lifted_by")
    if actor.holds_role(Role.PRIVACY_OFFICER, at=at):
        return rows.order_by("-lifted_at", "-pk")
    if not actor.holds_role(Role.SUPERVISOR, at=at):
        return rows.none()
    hers = access.decided_by(actor, at=at).values("pk")
    return rows.filter(case__in=hers).order_by("-lifted_at", "-pk")


def find_case(actor: User, number: str, *, at: datetime) -> Case:
    """The case of this number (or uid), for somebody who may place walls on it. Shows nothing of it. Raises Hidden."""
    case = case_named(actor, number)
    if case is None or not Standing(actor, case, at=at).may_wall:
        raise Hidden
    return case


def may_know(actor: User, case: Case, *, at: datetime) -> bool:
    """Whether this person may place walls on the case, and so may read of them."""
    return Standing(actor, case, at=at).may_wall


@contextmanager
def open_walls(actor: User, walls: Sequence[Wall]) -> Iterator[dict[int, WallReason]]:
    """Open the words of these walls for a page: those of each, by the wall's key. Records CASE_VIEWED for each one read.

    The event's subject is the words, so that the history of the case shows it to nobody else.
    """
    found = access.for_the_house(WallReason).filter(wall__in=[wall.pk for wall in walls])
    words = {row.wall_id: row for row in found}

    def events(read: Read) -> list[dict[str, Any]]:
        return [
            {
                "actor": actor, "subject": row, "sections": [Section.DUTIES], "fields": sorted(read[row.case_uid]),
                "basis": BASIS,
            }
            for row in words.values() if row.case_uid in read
        ]  # fmt: skip

    with open_words([row.case_uid for row in words.values()], ("wall.",), events):
        yield words


@contextmanager
def open_conflicts(actor: User, rows: Sequence[PossibleConflict]) -> Iterator[None]:
    """Open why possible conflicts were answered as they were, for a page. Records CASE_VIEWED for each one read.

    The event's subject names no case, so that whoever reads the ledger does not learn which cases had one.
    """

    def events(read: Read) -> list[dict[str, Any]]:
        return [
            {
                "actor": actor, "subject": Ref("possibleconflict", row.uid), "sections": [Section.DUTIES],
                "fields": ["conflict.reason"], "basis": BASIS,
            }
            for row in rows if row.case_uid in read
        ]  # fmt: skip

    with open_words([row.case_uid for row in rows], ("conflict.",), events):
        yield


def words_in(row: WallReason | PossibleConflict | None, name: str) -> str:
    """A sealed word of a wall or conflict; empty where there is none, or once its class is erased."""
    if row is None:
        return ""
    try:
        return getattr(row, name) or ""
    except ContentErased:
        return ""
