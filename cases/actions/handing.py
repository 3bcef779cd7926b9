"""Handing cases over: to whom they fall at once, whom a supervisor chooses, and how they come back.

No case is orphaned: when a lead goes, the team's supervisor leads at once, and is told.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD, Section, write
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import Membership, Team, User
from casemgmt.accounts.permits import holds_in_the_house
from casemgmt.accounts.telling import tell
from cases import access
from cases.access import Holding
from cases.actions.grants import write_grant
from cases.actions.kinds import PERMISSIONS_OF_KIND, SUPERVISION_OF
from cases.actions.trail import add_line, notify
from cases.actions.walls import is_walled
from cases.choices.casework import CLOSED_STATUSES, DueKind
from cases.choices.sharing import GrantKind, PeopleChangeKind
from cases.errors.people import CannotLead, CannotSupervise
from cases.leaving import Consequences
from cases.models import Case, Due, HandOver, PeopleChange, Task
from cases.windows import OPEN_END

NOTICE_LEAD = "CASE_NEEDS_LEAD"
NOTICE_YOURS = "CASE_HANDED_OVER"
NOTICE_NOBODY = "CASES_WITHOUT_LEAD"


def open_hand_overs(cases: Collection[int] | None = None) -> Iterable[HandOver]:
    """What waits for a new owner, the oldest first; of these cases only, if they are given."""
    rows = access.for_the_house(HandOver).filter(settled_at__isnull=True)
    if cases is not None:
        rows = rows.filter(case__in=cases)
    return rows.select_related("case", "case__team", "person", "interim", "change").order_by("since", "pk")


# ---- At once, when somebody goes ----


def leave_to_interim(*, actor: User, now: datetime, change: PeopleChange, found: Consequences) -> None:
    """Let the teams' supervisors lead for now what somebody led, and see her open dates. The case rows are locked.

    A supervisor who cannot open the case yet is given supervision of it, unless a wall keeps her away or the case is
    restricted to named people. Where nobody is left, the case stands in the list without a lead and directors are told.
    Records CASE_HANDED_OVER (status INTERIM or NOBODY) for each case; the caller's own event comes after.
    """
    cases = {case.pk: case for case in access.for_the_house(Case).filter(pk__in=found.keys_to_hand_over)}
    led = {case.pk for case in found.led}
    holders = _supervisors_of(cases.values(), found.person, now)
    nobody = 0
    for key in sorted(cases):
        case = cases[key]
        interim, holding = _interim_for(actor, now, case, holders.get(case.team_id, []))
        hand_over = HandOver(
            case=case, change=change, person=found.person, was_lead=key in led, interim=interim, since=now
        )
        hand_over.moved = _move_dates(case, found.person, interim, holding)
        _supersede(case, found.person, now)
        hand_over.save()
        nobody += interim is None
        if hand_over.was_lead:
            case.lead = interim
            case.save(update_fields=["lead"])
        if interim is not None:
            notify(person=interim, kind=NOTICE_LEAD, about=hand_over, now=now, case=case)
        record(
            Verb.CASE_HANDED_OVER, actor=actor, subject=case, refs=[hand_over, *([interim] if interim else [])],
            detail={"status": "INTERIM" if interim else "NOBODY"},
        )  # fmt: skip
    if nobody:
        directors = User.objects.holding(Role.DIRECTOR, at=now).filter(organisation__is_ours=True)
        tell(directors.exclude(pk=found.person.pk), NOTICE_NOBODY, change, now)


def _supersede(case: Case, person: User, now: datetime) -> None:
    """A hand-over that waits already (she was on leave, and now leaves) goes on in the new one."""
    for earlier in access.within(HandOver, case).filter(person=person, settled_at__isnull=True):
        earlier.settled_at = now
        earlier.save(update_fields=["settled_at"])


def _supervisors_of(
    cases: Iterable[Case], person: User, now: datetime
) -> dict[int, list[tuple[User, dict[int, Holding]]]]:
    """By team: its active supervisors beside her, with what each holds on the team's cases of this change."""
    by_team: dict[int, list[Case]] = {}
    for case in cases:
        by_team.setdefault(case.team_id, []).append(case)
    rows = Membership.objects.supervising().live(now).filter(team__in=by_team, user__is_active=True)
    found: dict[int, list[tuple[User, dict[int, Holding]]]] = {}
    for membership in rows.exclude(user=person).select_related("user").order_by("pk"):
        held = access.holdings(membership.user, by_team[membership.team_id])
        found.setdefault(membership.team_id, []).append((membership.user, held))
    return found


def _interim_for(
    actor: User, now: datetime, case: Case, supervisors: list[tuple[User, dict[int, Holding]]]
) -> tuple[User | None, Holding | None]:
    """The first supervisor who can open the case, else the first who can be given it."""
    for person, held in supervisors:
        holding = held.get(case.pk)
        if holding is not None and holding.may(READ_CARD):
            return person, holding
    for person, _held in supervisors:
        holding = _give_supervision(actor, now, case, person)
        if holding is not None:
            return person, holding
    return None, None


def _give_supervision(actor: User, now: datetime, case: Case, person: User) -> Holding | None:
    """Supervision of one case for a supervisor of its team; None where it may not be, or would open nothing."""
    if person.pk == actor.pk or case.is_restricted or case.is_erased or is_walled(person, case):
        return None
    if not person.holds_role(Role.SUPERVISOR, at=now):
        return None
    write_grant(
        actor=actor, now=now, case=case, person=person, kind=GrantKind.SUPERVISION, until=now + OPEN_END,
        permissions=SUPERVISION_OF[case.team.discipline],
    )  # fmt: skip
    return access.holdings(person, [case]).get(case.pk)


def _move_dates(case: Case, person: User, to: User | None, holding: Holding | None) -> list[str]:
    """Put her open dates of this case on another list, as far as that person reads the section; say which."""
    moved: list[str] = []
    if to is None or holding is None:
        return moved
    hers = access.within(Due, case).filter(assigned_to=person, done_at__isnull=True)
    for due in hers.exclude(kind=DueKind.ENGAGEMENT):
        if holding.reads(due.section, due.matter_uid):
            due.assigned_to, due.noticed_at = to, None
            due.save(update_fields=["assigned_to", "noticed_at"])
            moved.append(str(due.uid))
    return moved


# ---- Chosen by a supervisor ----


@action
def hand_over(*, actor: User, now: datetime, case_uid: UUID, person: User) -> Case:
    """Give a case its new lead, with the open tasks and dates of those who are gone. A supervisor of the case chooses.

    Somebody who cannot open it yet is assigned; nobody assigns herself, but a supervisor may lead with what she holds.
    Tasks of a section the new lead does not write stay listed. Raises Hidden, Refused, CaseIsClosed, CannotLead.
    Records CASE_HANDED_OVER, ACCESS_GRANTED where access is given, TASK_CHANGED for each task.
    """
    held = access.lock_for_write(actor, case_uid, Section.CARD)
    if not actor.holds_role(Role.SUPERVISOR, at=now):
        raise Refused(write(Section.CARD))
    case = held.case
    holding = _make_able_to_lead(actor, now, case, person)
    before, waiting = case.lead, list(open_hand_overs([case.pk]))
    case.lead = person
    case.save(update_fields=["lead"])
    add_line(
        case=case, section=Section.CARD, kind=Verb.CASE_HANDED_OVER, subject=case, author=actor, at=now,
        line=_("%(name)s leads this case now") % {"name": person.name},
    )  # fmt: skip
    for one in waiting:
        left = _pass_on_work(actor, now, case, one, person, holding)
        one.interim = person
        if not left:
            one.settled_at, one.settled_by = now, actor
        one.was_lead = one.was_lead and bool(one.settled_at)
        one.save(update_fields=["interim", "settled_at", "settled_by", "was_lead"])
    if person.pk != actor.pk and (before is None or before.pk != person.pk):
        notify(person=person, kind=NOTICE_YOURS, about=waiting[0] if waiting else case, now=now, case=case)
    record(
        Verb.CASE_HANDED_OVER, actor=actor, subject=case, held=held, refs=[person, *waiting],
        detail={"status": "CHOSEN", "count": len(waiting)},
    )  # fmt: skip
    return case


def _make_able_to_lead(actor: User, now: datetime, case: Case, person: User) -> Holding:
    """What the new lead holds; assigned first, where she does not write the card yet. Raises CannotLead."""
    if not person.is_active or person.organisation_id != case.organisation_id or is_walled(person, case):
        raise CannotLead
    holding = access.holdings(person, [case]).get(case.pk)
    if holding is not None and holding.may_write(Section.CARD):
        return holding
    if person.pk == actor.pk or not person.holds_role(Role.CASEWORKER, Role.HOTLINE_ADVOCATE, Role.SUPERVISOR, at=now):
        raise CannotLead
    write_grant(
        actor=actor, now=now, case=case, person=person, kind=GrantKind.ASSIGNMENT, until=now + OPEN_END,
        permissions=PERMISSIONS_OF_KIND[GrantKind.ASSIGNMENT],
    )  # fmt: skip
    given = access.holdings(person, [case]).get(case.pk)
    if given is None:
        raise CannotLead
    return given


def _pass_on_work(actor: User, now: datetime, case: Case, waiting: HandOver, person: User, holding: Holding) -> int:
    """Tasks and dates of who is gone go to the new lead, as far as she works on that part. Says how many are left."""
    left = 0
    for task in access.within(Task, case).filter(assigned_to=waiting.person, done_at__isnull=True):
        if not holding.may_write(task.section, task.matter_uid):
            left += 1
            continue
        task.assigned_to = person
        task.save(update_fields=["assigned_to"])
        record(
            Verb.TASK_CHANGED, actor=actor, subject=task, sections=[task.section], fields=["task.assigned_to"],
            refs=[person],
        )  # fmt: skip
    hers = access.within(Due, case).filter(done_at__isnull=True)
    for due in hers:
        if due.assigned_to_id != waiting.person_id and str(due.uid) not in waiting.moved:
            continue
        if holding.reads(due.section, due.matter_uid):
            due.assigned_to, due.noticed_at = person, None
            due.save(update_fields=["assigned_to", "noticed_at"])
        elif due.assigned_to_id == waiting.person_id and due.subject_kind != "task":
            left += 1
    return left


def may_hand_over_team(actor: User, team: Team, now: datetime) -> bool:
    """Whether this person may give the supervision of a team's cases: a director of the house, or who supervises the team."""
    return holds_in_the_house(actor, Role.DIRECTOR, at=now) or actor.supervises(team, at=now)


@action
def hand_over_team(*, actor: User, now: datetime, team: Team, person: User) -> int:
    """Give a team's supervisor the supervision of its open cases, and say of how many she had none before.

    By a director, or by another supervisor of the team; for a supervisor whom the team has accepted. Cases that are
    restricted to named people, and those behind a wall, stay out. Raises Hidden, Refused, CannotSupervise.
    Records ACCESS_GRANTED for each, and CASE_HANDED_OVER for those without a lead.
    """
    if not may_hand_over_team(actor, team, now):
        raise Hidden
    if person.pk == actor.pk or not person.supervises(team, at=now) or not person.holds_role(Role.SUPERVISOR, at=now):
        raise CannotSupervise
    keys = access.for_the_house(Case).filter(team=team).exclude(status__in=CLOSED_STATUSES).values_list("pk", flat=True)
    cases = access.lock_cases(list(keys))
    held = access.holdings(person, cases)
    given = 0
    for case in cases:
        if case.pk not in held and _give_supervision(actor, now, case, person) is not None:
            given += 1
    waiting = {one.case_id: one for one in open_hand_overs([case.pk for case in cases]) if one.interim_id is None}
    held = access.holdings(person, [case for case in cases if case.pk in waiting])
    for case in cases:
        one, holding = waiting.get(case.pk), held.get(case.pk)
        if one is None or holding is None:
            continue
        one.interim, one.moved = person, _move_dates(case, one.person, person, holding)
        one.save(update_fields=["interim", "moved"])
        if one.was_lead:
            case.lead = person
            case.save(update_fields=["lead"])
        notify(person=person, kind=NOTICE_LEAD, about=one, now=now, case=case)
        record(Verb.CASE_HANDED_OVER, actor=actor, subject=case, refs=[one, person], detail={"status": "INTERIM"})
    return given


# ---- Back ----


def keys_to_give_back(person: User) -> list[int]:
    """The cases that still wait for somebody who is on leave."""
    rows = access.for_the_house(HandOver).filter(person=person, settled_at__isnull=True)
    return list(rows.filter(change__kind=PeopleChangeKind.LEAVE).values_list("case_id", flat=True))


def give_back(*, actor: User, now: datetime, person: User, cases: Mapping[int, Case]) -> int:
    """What nobody has taken over is hers again, as far as she can still open it. Says how many cases.

    Inside an action that holds the cases' rows. Records CASE_HANDED_OVER (status BACK) for each.
    """
    held = access.holdings(person, cases.values())
    returned = 0
    for one in list(open_hand_overs(list(cases))):
        if one.person_id != person.pk or one.change.kind != PeopleChangeKind.LEAVE:
            continue
        case, holding = cases[one.case_id], held.get(one.case_id)
        if holding is None or not holding.may(READ_CARD):
            continue
        if one.was_lead and case.lead_id == one.interim_id:
            case.lead = person
            case.save(update_fields=["lead"])
        for due in access.within(Due, case).filter(uid__in=one.moved, done_at__isnull=True):
            due.assigned_to, due.noticed_at = person, None
            due.save(update_fields=["assigned_to", "noticed_at"])
        one.settled_at, one.settled_by = now, actor
        one.save(update_fields=["settled_at", "settled_by"])
        record(Verb.CASE_HANDED_OVER, actor=actor, subject=case, refs=[one, person], detail={"status": "BACK"})
        returned += 1
    return returned
