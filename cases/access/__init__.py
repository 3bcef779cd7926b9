"""The door to cases. ``from cases import access``; then ``access.visible``, ``access.get_for``, ``access.lock_for_write``."""

from casemgmt.access.session import session

from .backend import LiveBackend
from .door import (
    for_the_house,
    get_for,
    get_matter_for,
    get_record,
    holdings,
    is_closed_to,
    own,
    permissions_on,
    records,
    visible,
    visible_matters,
    walled_cases,
    within,
)
from .explanation import EndedMatter, Explanation, Viewer, ended_matters, explain, who_can_see, who_could_see
from .holding import Basis, Held, Holding
from .locking import (
    after_waiting,
    lock_case,
    lock_cases,
    lock_for_write,
    lock_matter_for_write,
    lock_unless_walled,
)
from .pages import page
from .rows import drift, end_of, every_grant, grants_with_grounds, group_of, materialise, waiting_grants

__all__ = [
    "Basis",
    "EndedMatter",
    "Explanation",
    "Held",
    "Holding",
    "LiveBackend",
    "Viewer",
    "after_waiting",
    "drift",
    "end_of",
    "ended_matters",
    "every_grant",
    "explain",
    "for_the_house",
    "get_for",
    "get_matter_for",
    "get_record",
    "grants_with_grounds",
    "group_of",
    "holdings",
    "is_closed_to",
    "lock_case",
    "lock_cases",
    "lock_for_write",
    "lock_matter_for_write",
    "lock_unless_walled",
    "materialise",
    "own",
    "page",
    "permissions_on",
    "records",
    "session",
    "visible",
    "visible_matters",
    "waiting_grants",
    "walled_cases",
    "who_can_see",
    "who_could_see",
    "within",
]
