"""The door to cases. ``from cases import access``; then ``access.visible``, ``access.get_for``, ``access.lock_for_write``."""

from .backend import LiveBackend
from .door import (
    Basis,
    Held,
    Holding,
    for_the_house,
    get_for,
    get_matter_for,
    get_record,
    holdings,
    lock_case,
    lock_for_write,
    lock_matter_for_write,
    own,
    page,
    permissions_on,
    records,
    visible,
    visible_matters,
    within,
)
from .explanation import EndedMatter, Explanation, Viewer, ended_matters, explain, who_can_see
from .rows import drift, end_of, grants_with_grounds, materialise

__all__ = [
    "Basis", "EndedMatter", "Explanation", "Held", "Holding", "LiveBackend", "Viewer", "drift", "end_of", "ended_matters", "explain", "for_the_house",
    "get_for", "get_matter_for", "get_record", "grants_with_grounds", "holdings", "lock_case", "lock_for_write",
    "lock_matter_for_write", "materialise", "own", "page", "permissions_on", "records", "visible", "visible_matters", "who_can_see", "within",
]  # fmt: skip
