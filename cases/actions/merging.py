"""Two files of one person: joined with the stricter of what protects each, and taken apart again (domain.md R23).

Both files stay whole under their own keys, and nobody's access moves from one to the other. A merge says that they are
of one person (``Case.person``), links them, closes the duplicate unless both go on, and puts on each whatever keeps
people away from the other. What it changed is written down, so that it can be taken back exactly for WAY_BACK.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from cases import access
from cases.access import Held
from cases.actions.cases import close_case
from cases.actions.kinds import OUTSIDE_KINDS
from cases.actions.linking import join_sides, part_sides
from cases.actions.matching import to_compare
from cases.actions.trail import notify
from cases.actions.walls import is_walled, raise_wall, restrict_each, standing_walls
from cases.choices.casework import ClosureReason, DueKind, ToldHer
from cases.choices.erasing import ErasureState
from cases.choices.linking import LinkEnd, LinkKind
from cases.choices.merging import NOTICE_MERGE, STANDING_STATES, MergeState
from cases.choices.sharing import GrantKind
from cases.closing import Farewell
from cases.errors.merging import (
    AlreadyMerged,
    KeptIsClosed,
    LaterMergeStands,
    MergeIsOld,
    MergeIsOver,
    MergeWouldEndAccess,
    NobodyToAgree,
    NotTheSecondPerson,
)
from cases.merges import WAY_BACK, may_agree, merge_for
from cases.models import Case, CaseMerge, Due, ErasureOrder, Person, PossibleMatch, Wall
from cases.opening import open_to_change

#: An approved erasure wants its case restricted until its end.
_UNDER_WAY = (ErasureState.COOLING, ErasureState.ERASING)


@action
def merge_cases(*, actor: User, now: datetime, match_uid: UUID, kept_uid: UUID, keeps_open: bool) -> CaseMerge:
    """Join the two files of a possible match. ``kept_uid`` is the file that goes on, ``keeps_open``: both do.

    By the intake coordinator, who writes the cards of both. Where either is restricted nothing changes yet: a supervisor
    of it agrees first. Raises Hidden, Refused, AlreadyMerged, KeptIsClosed, MergeWouldEndAccess, NobodyIsNamed,
    NobodyToAgree and what ``close_case`` raises. Records MERGE_PROPOSED or CASES_MERGED for each case, neither naming the
    other, and what the changes record.
    """
    if not actor.holds_role(Role.INTAKE_COORDINATOR, at=now):
        raise Hidden
    found = to_compare(actor, now=now).filter(uid=match_uid).select_related("case", "other").first()
    if found is None or kept_uid not in (found.case.uid, found.other.uid):
        raise Hidden
    pair = [found.case, found.other] if found.case.uid == kept_uid else [found.other, found.case]
    kept, duplicate = _locked(actor, pair)
    # Looked at again behind the lock: somebody else may have answered, or restricted one of them, meanwhile.
    match = to_compare(actor, now=now).select_for_update(of=("self",)).filter(uid=match_uid).first()
    if match is None:
        raise Hidden
    standing = access.for_the_house(CaseMerge).filter(match=match, state__in=STANDING_STATES)
    if standing.exists() or kept.case.person_id == duplicate.case.person_id:
        raise AlreadyMerged
    merge = CaseMerge(
        match=match, case=kept.case, other=duplicate.case, keeps_open=keeps_open, state=MergeState.WAITS,
        proposed_by=actor, proposed_at=now,
    )  # fmt: skip
    _may_end(merge)
    if any(held.case.is_restricted for held in (kept, duplicate)):
        _ask_supervisors(merge, now)
        _tell(Verb.MERGE_PROPOSED, actor, [kept, duplicate])
        return merge
    _carry_out(merge, actor, now, kept, duplicate)
    return merge


@action
def agree_to_merge(*, actor: User, now: datetime, merge_uid: UUID) -> CaseMerge:
    """Say yes as the second person to a merge of a restricted file. Raises Hidden, Refused, MergeIsOver,
    NotTheSecondPerson and what ``merge_cases`` raises. Records CASES_MERGED for each case.
    """
    merge, kept, duplicate = _lock_merge(actor, now, merge_uid)
    _may_agree(merge, actor, now, [kept, duplicate])
    _may_end(merge)
    _carry_out(merge, actor, now, kept, duplicate)
    return merge


@action
def decline_merge(*, actor: User, now: datetime, merge_uid: UUID) -> CaseMerge:
    """Say no as the second person: nothing changes, and the pair waits again. Raises Hidden, Refused, MergeIsOver,
    NotTheSecondPerson. Records MERGE_DECLINED for each case.
    """
    merge, kept, duplicate = _lock_merge(actor, now, merge_uid)
    _may_agree(merge, actor, now, [kept, duplicate])
    merge.state, merge.ended_by, merge.ended_at = MergeState.DECLINED, actor, now
    merge.save(update_fields=["state", "ended_by", "ended_at"])
    _tell(Verb.MERGE_DECLINED, actor, [kept, duplicate])
    return merge


@action
def undo_merge(*, actor: User, now: datetime, merge_uid: UUID) -> CaseMerge:
    """Take a merge back within WAY_BACK: what it changed, and nothing that somebody did by hand since.

    By an intake coordinator or supervisor who writes the cards of both. Raises Hidden, Refused, MergeIsOver, MergeIsOld,
    LaterMergeStands. Records CASES_UNMERGED for each case, and what the changes record.
    """
    merge, kept, duplicate = _lock_merge(actor, now, merge_uid)
    if merge.state != MergeState.MERGED or merge.merged_at is None or merge.changed is None:
        raise MergeIsOver
    if now >= merge.merged_at + WAY_BACK:
        raise MergeIsOld
    changed = merge.changed
    _part_people(changed, actor, exclude=[kept, duplicate])
    cases = {str(held.case.uid): access.lock_case(held.case.uid) for held in (kept, duplicate)}
    part_sides(actor, now, [kept, duplicate], changed["link"], LinkEnd.MISTAKE)
    _lift_walls(changed["walls"], actor, now, list(cases.values()))
    _end_restriction(changed["restricted"], actor, cases)
    _give_lead_back(changed["leads"], cases)
    _open_again(changed["closed"], actor, now, duplicate, cases[str(duplicate.case.uid)])
    if changed["settled"]:
        match = access.for_the_house(PossibleMatch).get(pk=merge.match_id)
        match.settled_at = match.settled_by = match.is_same_person = None
        match.save(update_fields=["settled_at", "settled_by", "is_same_person"])
    merge.state, merge.ended_by, merge.ended_at = MergeState.UNDONE, actor, now
    merge.save(update_fields=["state", "ended_by", "ended_at"])
    _tell(Verb.CASES_UNMERGED, actor, [kept, duplicate])
    return merge


# ---- What both ways share ----


def _locked(actor: User, pair: Sequence[Case]) -> list[Held]:
    """Both, locked in the order of their keys: two people who merge the same files never wait for each other."""
    access.lock_cases(sorted(case.pk for case in pair))
    return [access.lock_for_write(actor, case.uid, Section.CARD, even_closed=True) for case in pair]


def _lock_merge(actor: User, now: datetime, merge_uid: UUID) -> tuple[CaseMerge, Held, Held]:
    found = merge_for(actor, merge_uid, now=now)
    kept, duplicate = _locked(actor, [found.case, found.other])
    merge = access.for_the_house(CaseMerge).select_for_update(of=("self",)).get(pk=found.pk)
    merge.case, merge.other = kept.case, duplicate.case
    return merge, kept, duplicate


def _tell(verb: Verb, actor: User, sides: Sequence[Held], moved: Sequence[Case] = ()) -> None:
    """One event a case, none naming another: whoever reads one file may be kept from the other."""
    for held, part in zip(sides, ("KEPT", "DUPLICATE"), strict=True):
        record(verb, actor=actor, subject=held.case, held=held, detail={"kind": part})
    for case in moved:
        record(verb, actor=actor, subject=case, detail={"kind": "LINK"})


def _may_end(merge: CaseMerge) -> None:
    """Whether the duplicate may close: a file of hers stays open, and nobody loses what no way back gives again."""
    if merge.keeps_open or merge.other.is_closed:
        return
    if merge.case.is_closed:
        raise KeptIsClosed
    outside = any(viewer.grant.kind in OUTSIDE_KINDS for viewer in access.live_access(merge.other))
    if outside or access.waiting_grants().filter(case=merge.other).exists():
        raise MergeWouldEndAccess


def _may_agree(merge: CaseMerge, actor: User, now: datetime, sides: Sequence[Held]) -> None:
    if merge.state != MergeState.WAITS:
        raise MergeIsOver
    if not may_agree(merge, actor, now=now):
        raise NotTheSecondPerson


def _ask_supervisors(merge: CaseMerge, now: datetime) -> None:
    """Save the merge as one that waits, and leave its notice. Only with those who may open both: others must not learn."""
    people = {
        viewer.grant.person
        for case in (merge.case, merge.other)
        for viewer in access.who_can_see(case, at=now)
        if viewer.grant.kind == GrantKind.SUPERVISION and viewer.grant.person is not None
    }
    able = [
        person for person in sorted(people, key=lambda person: person.pk)
        if may_agree(merge, person, now=now) and _reads_both(person, merge)
    ]  # fmt: skip
    if not able:
        raise NobodyToAgree
    merge.save()
    for person in able:
        notify(person=person, kind=NOTICE_MERGE, about=merge, now=now)


def _reads_both(person: User, merge: CaseMerge) -> bool:
    return access.visible(Case, person, READ_CARD).filter(pk__in=[merge.case_id, merge.other_id]).count() == 2


# ---- Joining ----


def _carry_out(merge: CaseMerge, actor: User, now: datetime, kept: Held, duplicate: Held) -> None:
    """Change what the merge changes, and write it down. Access ends last: the actor herself may lose some by it."""
    link = join_sides(actor, now, [kept, duplicate], LinkKind.SAME_PERSON)
    closed = None
    if not merge.keeps_open and not duplicate.case.is_closed:
        closed = _close(actor, now, duplicate.case)
    cases = [access.lock_case(held.case.uid) for held in (kept, duplicate)]
    leads = {str(case.uid): str(case.lead.uid) for case in cases if case.lead is not None}
    changed: dict[str, Any] = {"link": link, "closed": closed, "settled": merge.match.settled_at is None}
    moved = _move_link(changed, cases[0], cases[1])
    changed["walls"] = _raise_walls(actor, now, cases)
    changed["leads"] = {
        str(one.uid): leads[str(one.uid)] for one in cases if one.lead is None and str(one.uid) in leads
    }
    changed["restricted"] = _restrict(actor, now, cases)
    if changed["settled"]:
        match = merge.match
        match.settled_at, match.settled_by, match.is_same_person = now, actor, True
        match.save(update_fields=["settled_at", "settled_by", "is_same_person"])
    merge.state, merge.merged_by, merge.merged_at, merge.changed = MergeState.MERGED, actor, now, changed
    merge.save()
    _tell(Verb.CASES_MERGED, actor, [kept, duplicate], moved)


def _close(actor: User, now: datetime, case: Case) -> dict[str, Any]:
    """Close the duplicate by the rules of closing; what it was, and which dues the closing took off the lists."""
    before = {"status": case.status, "stage": case.stage}
    dues = access.within(Due, case).filter(kind=DueKind.SAFETY_REVIEW, done_at__isnull=True)
    uids = [str(uid) for uid in dues.order_by("pk").values_list("uid", flat=True)]
    on = now.astimezone(actor.zone).date()
    close_case(
        actor=actor, now=now, case_uid=case.uid, reason=ClosureReason.DUPLICATE, closed_on=on,
        farewell=Farewell(told=ToldHer.NOBODY),
    )  # fmt: skip
    return {**before, "on": on.isoformat(), "dues": uids}


def _move_link(changed: dict[str, Any], kept: Case, duplicate: Case) -> list[Case]:
    """Every file of the duplicate's person is one of the kept one's now; those beside the pair, for their events."""
    hers = access.for_the_house(Case).filter(person=duplicate.person_id).values_list("pk", flat=True)
    rows = access.lock_cases(sorted(hers))
    people = {row.pk: row.person.uid for row in access.for_the_house(Case).filter(pk__in=hers).select_related("person")}
    changed["person"] = str(kept.person.uid)
    changed["people"] = {str(row.uid): str(people[row.pk]) for row in rows}
    for row in rows:
        case = duplicate if row.pk == duplicate.pk else row
        case.person = kept.person
        case.save(update_fields=["person"])
    return [row for row in rows if row.pk != duplicate.pk]


def _raise_walls(actor: User, now: datetime, cases: Sequence[Case]) -> list[str]:
    """A wall against anybody on either file stands on both. The words of why stay where they were written."""
    standing = [list(standing_walls(case, now).order_by("pk")) for case in cases]
    placed = []
    for case, own, theirs in zip(cases, standing, reversed(standing), strict=True):
        known = {_whom(wall) for wall in own}
        for wall in theirs:
            if _whom(wall) in known:
                continue
            known.add(_whom(wall))
            new = raise_wall(
                case=case, kind=wall.kind, placed_by=actor, now=now, person=wall.person, team=wall.team,
                organisation=wall.organisation, is_alone=True,
            )  # fmt: skip
            whom = [one for one in (wall.person, wall.team, wall.organisation) if one is not None]
            record(Verb.WALL_PLACED, actor=actor, subject=new, refs=whom, detail={"kind": wall.kind})
            placed.append(str(new.uid))
    return placed


def _whom(wall: Wall) -> tuple[Any, ...]:
    return (wall.person_id, wall.team_id, wall.organisation_id, wall.kind)


def _restrict(actor: User, now: datetime, cases: Sequence[Case]) -> list[str]:
    """A restriction of either file is one of both."""
    return restrict_each(cases, actor, now) if any(case.is_restricted for case in cases) else []


# ---- The way back ----


def _part_people(changed: dict[str, Any], actor: User, exclude: Sequence[Held]) -> None:
    """Every file that the merge moved is of the person again of whom it was. Raises LaterMergeStands."""
    rows = access.for_the_house(Case).filter(uid__in=list(changed["people"]))
    keys = sorted(rows.values_list("pk", flat=True))
    access.lock_cases(keys)
    cases = list(access.for_the_house(Case).filter(pk__in=keys).select_related("person").order_by("pk"))
    if any(str(case.person.uid) != changed["person"] for case in cases):
        raise LaterMergeStands
    people = {str(one.uid): one for one in access.for_the_house(Person).filter(uid__in=changed["people"].values())}
    sides = {held.case.pk for held in exclude}
    for case in cases:
        case.person = people[changed["people"][str(case.uid)]]
        case.save(update_fields=["person"])
        if case.pk not in sides:
            record(Verb.CASES_UNMERGED, actor=actor, subject=case, detail={"kind": "LINK"})


def _lift_walls(uids: Sequence[str], actor: User, now: datetime, cases: Sequence[Case]) -> None:
    """Lift those walls of the merge that still stand; one that somebody placed by hand stays."""
    for case in cases:
        found = standing_walls(case, now).filter(uid__in=list(uids)).select_related("person", "team", "organisation")
        for wall in found.order_by("pk"):
            wall.lifted_at, wall.lifted_by = now, actor
            wall.save(update_fields=["lifted_at", "lifted_by"])
            whom = [one for one in (wall.person, wall.team, wall.organisation) if one is not None]
            record(Verb.WALL_LIFTED, actor=actor, subject=wall, refs=whom, detail={"kind": wall.kind})


def _end_restriction(uids: Sequence[str], actor: User, cases: dict[str, Case]) -> None:
    """End the restriction that the merge set; not while an erasure is under way, which wants it too."""
    for uid in uids:
        case = cases[uid]
        if case.is_restricted and not access.within(ErasureOrder, case).filter(state__in=_UNDER_WAY).exists():
            case.is_restricted = False
            case.save(update_fields=["is_restricted"])
            record(Verb.CASE_UNRESTRICTED, actor=actor, subject=case)


def _give_lead_back(leads: dict[str, str], cases: dict[str, Case]) -> None:
    """A lead whom a wall of the merge took off leads again, unless somebody else does or a wall still stands."""
    for uid, person_uid in leads.items():
        case, person = cases[uid], User.objects.filter(uid=person_uid, is_active=True).first()
        if person is not None and case.lead is None and not is_walled(person, case):
            case.lead = person
            case.save(update_fields=["lead"])


def _open_again(closed: dict[str, Any] | None, actor: User, now: datetime, held: Held, case: Case) -> None:
    """The duplicate is open as it was, unless somebody opened it, or closed it for another reason, since."""
    if closed is None or not case.is_closed or case.closed_on is None or case.closed_on.isoformat() != closed["on"]:
        return
    with open_to_change(actor, held, Section.CARD):
        is_duplicate = case.closure_reason == ClosureReason.DUPLICATE
    if not is_duplicate:
        return
    case.reopen(stage=closed["stage"])
    case.status = closed["status"]
    case.save(update_fields=["status", "stage", "closed_on", "closure_reason", "closing"])
    for due in access.within(Due, case).filter(uid__in=closed["dues"]):
        due.done_at = None
        due.save(update_fields=["done_at"])
    record(Verb.CASE_REOPENED, actor=actor, subject=case, held=held)
