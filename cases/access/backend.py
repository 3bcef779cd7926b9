"""``user.has_perm("cases.read_card", case)``: guardian's tables, with Haven's dates and walls."""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from audit import clock
from casemgmt.access.permissions import LiveChecker
from cases.access.door import _standing_walls
from cases.models import Case, Matter


class LiveBackend(BaseBackend):
    """Answers for cases and matters only. Knows no superuser and no permission without an object."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether the permission is in force now on this very object."""
        if not isinstance(obj, Case | Matter) or not user_obj.is_authenticated:
            return False
        at = clock.moment()
        case = obj if isinstance(obj, Case) else obj.case
        group_ids = user_obj.team_group_ids(at)
        is_walled = _standing_walls(user_obj, group_ids, at).filter(case=case).exists()
        usable = [] if case.is_restricted else group_ids
        return LiveChecker(user_obj, at=at, group_ids=usable, is_walled=is_walled).has_perm(perm, obj)
