"""What the worker does for the auditor's workspace: the digest of the ledger, and hints of the days that are over."""

from collections import defaultdict
from uuid import UUID

from django.utils import timezone

from audit import clock
from audit.workspace.digest import digest
from audit.workspace.hints import find_hints
from casemgmt.accounts.models import RoleAssignment


def keep_workspace() -> int:
    """Digest what was sealed and examine the days that are over. Returns how many hints were new. Idempotent."""
    digest()
    return find_hints(today=timezone.localdate(), now=clock.now(), peers=peers())


def peers() -> dict[UUID, frozenset[UUID]]:
    """Person → everybody else who holds one of the same roles now. One query."""
    held = RoleAssignment.objects.at(clock.now()).values_list("user__uid", "role")
    by_role: dict[str, set[UUID]] = defaultdict(set)
    by_person: dict[UUID, set[UUID]] = defaultdict(set)
    for uid, role in held:
        by_role[role].add(uid)
    for uid, role in held:
        by_person[uid] |= by_role[role]
    return {uid: frozenset(people - {uid}) for uid, people in by_person.items()}
