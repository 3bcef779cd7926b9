"""The door to cases. ``from cases import access``; then ``access.visible``, ``access.get_for``, ``access.lock_for_write``."""

from casemgmt.access.session import session

from .backend import LiveBackend
from .behind import people_of_teams
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
from .explanation import (
    NO_DATE_SET,
    Explanation,
    Ground,
    Viewer,
    explain,
    grounds,
    live_access,
    members_behind,
    sections_of,
    who_can_see,
    written_by,
)
from .holding import Basis, Held, Holding
from .last_use import LastUses
from .locking import (
    after_waiting,
    lock_case,
    lock_cases,
    lock_for_write,
    lock_matter_for_write,
    lock_unless_walled,
)
from .losses import Loss, losses_of_grant, losses_of_person, losses_of_release
from .orders import ACTIVITY, DEADLINE, Order, Place, sorted_page
from .pages import count, page
from .past import EndedMatter, ended_matters, sections_seen, who_could_see
from .rows import drift, end_of, every_grant, grants_with_grounds, group_of, materialise, waiting_grants

__all__ = [
    "ACTIVITY",
    "DEADLINE",
    "NO_DATE_SET",
    "Basis",
    "EndedMatter",
    "Explanation",
    "Ground",
    "Held",
    "Holding",
    "LastUses",
    "LiveBackend",
    "Loss",
    "Order",
    "Place",
    "Viewer",
    "after_waiting",
    "count",
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
    "grounds",
    "group_of",
    "holdings",
    "is_closed_to",
    "live_access",
    "lock_case",
    "lock_cases",
    "lock_for_write",
    "lock_matter_for_write",
    "lock_unless_walled",
    "losses_of_grant",
    "losses_of_person",
    "losses_of_release",
    "materialise",
    "members_behind",
    "own",
    "page",
    "people_of_teams",
    "permissions_on",
    "records",
    "sections_of",
    "sections_seen",
    "session",
    "sorted_page",
    "visible",
    "visible_matters",
    "waiting_grants",
    "walled_cases",
    "who_can_see",
    "who_could_see",
    "within",
    "written_by",
]
