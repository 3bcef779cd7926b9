"""Locks: the row of the case first, for every write, revocation, release and wall.

A revocation then waits for the write that has begun, or the write sees the revocation: none commits late.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from audit import clock
from audit.action import TOLERANCE
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD, WRITE_MATTER, Section, read, write
from casemgmt.accounts.models import User
from cases.access.by_section import NOBODY
from cases.access.door import _all_cases, _standing_walls, get_matter_for, holdings, refusal
from cases.access.holding import Held
from cases.errors.casework import CaseIsClosed
from cases.errors.erasing import PartIsErased
from cases.models import Case, Matter


def _lock(*keys: int) -> None:
    """Lock cases' rows. Always first: a revocation then waits for the write, or the write sees the revocation."""
    strength: Any = {"no_key": True} if connection.features.has_select_for_no_key_update else {}
    rows = _all_cases().select_related(None).filter(pk__in=keys).order_by("pk")
    list(rows.select_for_update(**strength).values_list("pk"))


def after_waiting() -> datetime:
    """The moment at which a write is judged: after the lock, because whoever had it may have placed a wall meanwhile.

    Where an action lies in the past (the demo), its own moment.
    """
    began, now = clock.moment(), clock.now()
    return now if began < now < began + TOLERANCE else began


def lock_for_write(
    actor: User, case_uid: UUID, section: str, *, matter_uid: UUID | None = None, even_closed: bool = False,
    even_erased: bool = False,
) -> Held:  # fmt: skip
    """Lock the case and check the right to write its ``section``, in that order; inside an action's transaction.

    Raises ``Hidden``, ``Refused``, ``PartIsErased`` unless ``even_erased`` (for what writes no content: taking access
    away), and ``CaseIsClosed`` unless ``even_closed``.
    """
    key = _all_cases().filter(uid=case_uid).values_list("pk", flat=True).first() or NOBODY
    _lock(key)
    case = _all_cases().filter(pk=key).first()
    holding = holdings(actor, [case or key], at=after_waiting()).get(key)
    if case is None or holding is None or not (holding.may(READ_CARD) or matter_uid in holding.matters):
        raise Hidden
    if not holding.may_write(section, matter_uid):
        raise refusal(holding, write(section) if section != Section.LEGAL_FILE else WRITE_MATTER, matter_uid)
    if case.has_erased(section) and not even_erased:
        raise PartIsErased(case, section)
    if case.is_closed and not even_closed:
        raise CaseIsClosed
    case.holding = holding
    basis = holding.basis_for(section, matter_uid, writing=True)
    matter = None
    if matter_uid is not None:
        matter = Matter.objects.all().admitted_by_the_door().filter(case=case, uid=matter_uid).first()
        if matter is None:
            raise Hidden
        matter.case = case
    return Held(case=case, holding=holding, basis=basis.snapshot() if basis else {}, matter=matter)


def lock_as_reader(actor: User, case_uid: UUID, section: str) -> Held:
    """Lock the case for what every reader of a ``section`` may add to it: that she reached her, that she looks at it.

    Raises ``Hidden``, ``Refused``, ``PartIsErased``. On a closed case too.
    """
    key = _all_cases().filter(uid=case_uid).values_list("pk", flat=True).first() or NOBODY
    _lock(key)
    case = _all_cases().filter(pk=key).first()
    holding = holdings(actor, [case or key], at=after_waiting()).get(key)
    if case is None or holding is None or not holding.may(READ_CARD):
        raise Hidden
    if not holding.holds(section):
        raise refusal(holding, read(section))
    if case.has_erased(section):
        raise PartIsErased(case, section)
    case.holding = holding
    basis = holding.basis_for(section)
    return Held(case=case, holding=holding, basis=basis.snapshot() if basis else {}, matter=None)


def lock_matter_for_write(actor: User, matter_uid: UUID, *, section: str = Section.LEGAL) -> Held:
    """``lock_for_write`` for a matter: ``held.matter`` is set."""
    matter = get_matter_for(actor, matter_uid)
    return lock_for_write(actor, matter.case.uid, section, matter_uid=matter_uid)


def lock_case(case_uid: UUID) -> Case:
    """Lock a case for the house itself (a job, the opening of a case), where no person's right is asked."""
    key = _all_cases().filter(uid=case_uid).values_list("pk", flat=True).first() or NOBODY
    _lock(key)
    case = _all_cases().filter(pk=key).first()
    if case is None:
        raise Hidden
    return case


def lock_unless_walled(actor: User, case_uid: UUID | None) -> Case | None:
    """Lock a case of the actor's organisation of which she may hold nothing yet: for an emergency.

    None where there is no such case, it is another organisation's, all of it was erased, or a wall stands between them
    when the lock is there: the same queries for each.
    """
    # No uid is asked for as one that nobody has, so that the queries are the same.
    key = _all_cases().filter(uid=case_uid or UUID(int=0)).values_list("pk", flat=True).first() or NOBODY
    _lock(key)
    at = after_waiting()
    is_walled = _standing_walls(actor, actor.team_group_ids(at), at).filter(case_id=key).exists()
    case = _all_cases().filter(pk=key, organisation_id=actor.organisation_id).first()
    return None if case is None or is_walled or case.is_erased else case


def lock_cases(keys: Collection[int]) -> list[Case]:
    """As ``lock_case`` for many, in the order of their keys."""
    _lock(*keys)
    return list(_all_cases().select_related(None).filter(pk__in=list(keys)).order_by("pk"))
