"""What would this person lose: asked before an access, a release or a person goes. Walls do not count, so none is told."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from audit import clock
from casemgmt.access.sections import READ_MATTER, Section
from casemgmt.accounts.models import Membership, Shift, User
from cases.access.behind import people_behind
from cases.access.explanation import sections_of, written_by
from cases.access.rows import closes_at, end_of, grants_with_grounds, opened_by
from cases.choices.casework import DueKind
from cases.choices.sharing import GrantKind
from cases.models import AccessGrant, Case, Due, Matter, Release


@dataclass(frozen=True)
class Loss:
    """What one person would lose of one case: what she could no longer read or write, her open tasks and dates there.

    Of an engagement that ends, an attorney's own file stays open to read for a while (``closes_at``): what she can no
    longer write is among ``written``, and its dates are among ``dues``, for she answers for them no more.
    ``leads``: she leads the case and could not open it any more, so it needs another lead. ``matters`` are those she
    holds now and would not. ``dues`` would have an owner who cannot see them.
    """

    person: User
    case: Case
    sections: list[Section]
    written: list[Section]
    matters: list[Matter]
    dues: list[Due]
    leads: bool

    @property
    def is_nothing(self) -> bool:
        """Whether she keeps all of it on other grounds."""
        return not (self.sections or self.written or self.matters or self.dues or self.leads)


@dataclass
class _Held:
    """What grants open together."""

    codenames: set[str] = field(default_factory=set)
    matters: dict[int, Matter] = field(default_factory=dict)
    #: Of these matters, those whose engagement (or assignment) goes on.
    worked_on: set[int] = field(default_factory=set)

    def add(self, grant: AccessGrant, codenames: Iterable[str], *, goes_on: bool) -> None:
        opened = set(codenames)
        self.codenames |= opened
        if READ_MATTER in opened and grant.matter is not None:
            self.matters[grant.matter.pk] = grant.matter
            self.worked_on |= {grant.matter.pk} if goes_on else set()

    def answers_for(self, due: Due) -> bool:
        if due.section in (Section.LEGAL, Section.LEGAL_FILE) and due.matter_id in self.worked_on:
            return True
        return due.section != Section.LEGAL_FILE and due.section in self.sections

    @property
    def sections(self) -> list[Section]:
        return sections_of(self.codenames)


def losses_of_grant(grant: AccessGrant, *, at: datetime | None = None) -> list[Loss]:
    """What people would lose if this access ended, with everything that rests on it. A handful of queries.

    Of an engagement that runs: if it ended, so that the attorney's own file stays to be read.
    """
    at = at or clock.moment()
    stays = {grant.pk} if grant.is_own_file and at < end_of(grant) else set()
    return _losses([grant], at, stays=stays)


def losses_of_release(release: Release, *, at: datetime | None = None) -> list[Loss]:
    """What people would lose if this release were withdrawn."""
    return _losses(list(grants_with_grounds().filter(release=release)), at or clock.moment())


def losses_of_person(person: User, *, at: datetime | None = None) -> list[Loss]:
    """What this person would lose by leaving: each case that is given to her by name, that she leads, or where she has
    something to do. The access of her teams ends for her, too, and stays with them.
    """
    return losses_of_people([person], at=at)


def losses_of_people(people: Iterable[User], *, at: datetime | None = None) -> list[Loss]:
    """The same of several people who go together: those of an organisation. A handful of queries."""
    at, known = at or clock.moment(), {person.pk: person for person in people}
    teams = set(Membership.objects.live(at).filter(user__in=known).values_list("team_id", flat=True))
    return _losses_of(known, list(grants_with_grounds().filter(person__in=known)), teams, at)


def losses_of_change(
    person: User, ending: Collection[AccessGrant], *, teams: Collection[int] = (), at: datetime | None = None
) -> list[Loss]:
    """What this person would lose if these accesses of hers ended, and her part in these teams (keys): on the cases of
    those accesses, those she leads and those where she has something to do. What the teams hold stays with them.
    """
    return _losses_of({person.pk: person}, list(ending), teams, at or clock.moment())


def _losses_of(people: dict[int, User], ending: list[AccessGrant], teams: Collection[int], at: datetime) -> list[Loss]:
    """Of people who lose these accesses, and what these teams hold of the cases that are near to them."""
    of_teams: list[AccessGrant] = []
    if teams:
        led = Case.objects.all().admitted_by_the_door().filter(lead__in=people).values("pk")
        busy = Due.objects.all().for_house().filter(assigned_to__in=people, done_at__isnull=True).values("case")
        near = Q(case__in=led) | Q(case__in=busy) | Q(case__in={grant.case_id for grant in ending})
        of_teams = list(grants_with_grounds().filter(near, team__in=teams))
    return _losses([*ending, *of_teams], at, people)


def cases_through_teams(teams: Collection[int], *, but: Collection[int], at: datetime | None = None) -> int:
    """How many cases these teams (keys) open to their members, beside those with these keys. One query."""
    at = at or clock.moment()
    rows = grants_with_grounds().filter(team__in=teams, valid_from__lte=at, expires_at__gt=at, revoked_at__isnull=True)
    here = rows.filter(case__is_restricted=False).exclude(case__in=but).exclude(kind=GrantKind.ON_CALL)
    return here.order_by().values("case_id").distinct().count()


def resting_on(grants: Collection[AccessGrant], *, at: datetime | None = None) -> list[AccessGrant]:
    """What ends with these accesses because it rests on them, and is none of them."""
    at, known = at or clock.moment(), {grant.pk for grant in grants}
    return [one for one in _with_what_rests(list(grants)) if one.pk not in known and one.valid_from <= at < end_of(one)]


def _losses(
    ending: list[AccessGrant], at: datetime, only: dict[int, User] | None = None, *, stays: Collection[int] = ()
) -> list[Loss]:
    """The difference between what people hold with these grants and without them, of each case. ``only``: these people;
    ``stays``: keys of those of which the own file is still read afterwards.
    """
    ending = [grant for grant in _with_what_rests(ending) if grant.valid_from <= at < closes_at(grant)]
    cases = {grant.case_id: grant.case for grant in ending}
    behind = {key for keys in people_behind(ending, at).values() for key in keys}
    people = User.objects.in_bulk(behind) if only is None else only
    before, after = _held(cases, people, at, {grant.pk for grant in ending}, stays)
    dues: dict[tuple[int, int], list[Due]] = {}
    rows = Due.objects.all().for_house()
    # The day of an engagement goes with it, and is nobody's work.
    rows = rows.filter(assigned_to__in=people, case__in=cases, done_at__isnull=True).exclude(kind=DueKind.ENGAGEMENT)
    for due in rows.order_by("due_on", "pk"):
        dues.setdefault((due.assigned_to_id, due.case_id), []).append(due)
    found = []
    for (person, case), then in before.items():
        left = after.get((person, case), _Held())
        one = Loss(
            person=people[person],
            case=cases[case],
            sections=[section for section in then.sections if section not in left.sections],
            written=_no_longer(written_by(then.codenames), written_by(left.codenames)),
            matters=[matter for key, matter in then.matters.items() if key not in left.matters],
            dues=[due for due in dues.get((person, case), []) if then.answers_for(due) and not left.answers_for(due)],
            leads=cases[case].lead_id == person and not (left.codenames or left.matters),
        )
        if not one.is_nothing:
            found.append(one)
    return sorted(found, key=lambda one: (one.case.pk, one.person.name, one.person.pk))


def _no_longer(then: Iterable[Section], left: Collection[Section]) -> list[Section]:
    return [section for section in then if section not in left]


def _with_what_rests(grants: list[AccessGrant]) -> list[AccessGrant]:
    """These grants and all that rest on them: a query for each step of the chain, which is short by rule."""
    found = {grant.pk: grant for grant in grants}
    newest = list(found)
    while newest:
        resting = grants_with_grounds().filter(parent__in=newest).exclude(pk__in=found)
        step = {grant.pk: grant for grant in resting}
        newest = list(step)
        found |= step
    return list(found.values())


def _held(
    cases: Collection[int], people: Collection[int], at: datetime, ending: Collection[int], stays: Collection[int]
) -> tuple[dict[tuple[int, int], _Held], dict[tuple[int, int], _Held]]:
    """(person, case) → what she holds of it now, and what without the ending grants. A handful of queries."""
    teams = Membership.objects.live(at).filter(user__in=people).values_list("team_id", flat=True)
    rotas = Shift.objects.at(at).filter(user__in=people).values_list("rota__team_id", flat=True)
    whose = Q(person__in=people) | Q(team__in={*teams, *rotas}, case__is_restricted=False)
    rows = grants_with_grounds().filter(whose, case__in=cases, valid_from__lte=at)
    live = [grant for grant in rows if at < closes_at(grant)]
    before: dict[tuple[int, int], _Held] = {}
    after: dict[tuple[int, int], _Held] = {}
    behind = people_behind(live, at)
    for grant in live:
        for person in behind[grant.pk]:
            if person not in people:
                continue
            key, opened, goes_on = (person, grant.case_id), opened_by(grant, at), at < end_of(grant)
            before.setdefault(key, _Held()).add(grant, opened, goes_on=goes_on)
            if grant.pk not in ending:
                after.setdefault(key, _Held()).add(grant, opened, goes_on=goes_on)
            elif grant.pk in stays:
                after.setdefault(key, _Held()).add(grant, [READ_MATTER], goes_on=False)
    return before, after
