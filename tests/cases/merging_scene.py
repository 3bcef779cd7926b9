"""Builders for the tests of merging two files; the people and files are fixtures of ``conftest``."""

from typing import Any

from audit import clock
from casemgmt.accounts.models import User
from cases import access
from cases.actions.merging import merge_cases, undo_merge
from cases.models import Case, CaseMerge, PossibleMatch


def join(actor: User, match: PossibleMatch, kept: Case, *, keeps_open: bool = False, **more: Any) -> CaseMerge:
    return merge_cases(
        actor=actor, now=clock.now(), match_uid=match.uid, kept_uid=kept.uid, keeps_open=keeps_open, **more
    )


def undo(actor: User, merge: CaseMerge, **more: Any) -> CaseMerge:
    return undo_merge(actor=actor, now=clock.now(), merge_uid=merge.uid, **more)


def fresh(case: Case) -> Case:
    """The case as it is stored now."""
    return access.for_the_house(Case).get(pk=case.pk)
