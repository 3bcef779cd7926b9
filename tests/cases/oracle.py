"""The oracle of access: a small made-up world, twenty lines that say who may what, and the comparison with the door.

A world is a list of acts with their times (whole hours). ``Facts`` keeps them as plain Python and answers from them
alone; ``Scene`` does the same acts to the database. ``look`` then asks every implementation the house has at one
instant: lists, pages, walks, single checks, guardian's backend, explanations and the question about the past. Every
window begins and ends on a whole hour, and looks are at whole hours, so that an end that is one instant off is seen.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from django.db.models import Q
from hypothesis import strategies as st

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD, READ_MATTER, Section, read
from casemgmt.accounts.models import AccountState, Membership, Team, User
from cases import access
from cases.access import orders, pages
from cases.models import AccessGrant, Case, Matter, Release, TimelineEntry, Wall
from tests import make
from tests.cast import Cast

READ_IDENTITY = read(Section.IDENTITY)
PEOPLE, TEAMS, CASES = 2, 2, 3
LAST = 7
NEVER = 99
#: What an access opens. All but the matter's imply the card.
BUNDLES = ((READ_CARD,), (READ_CARD, READ_IDENTITY), (READ_CARD, READ_IDENTITY), (READ_MATTER,))


# ---- the plain facts, and the twenty lines ----


@dataclass
class Grant:
    """One access as the oracle knows it. ``ends`` are all its ends; the earliest counts."""

    case: int
    person: int | None
    team: int | None
    permissions: tuple[str, ...]
    start: int
    ends: list[int]
    release: int | None = None
    parent: int | None = None


@dataclass
class Span:
    """Something about a person, team or case that holds from ``start`` until before ``end``."""

    start: int
    end: int
    person: int | None = None
    team: int | None = None
    case: int | None = None

    def holds(self, at: int) -> bool:
        return self.start <= at < self.end


@dataclass
class Facts:
    """Everything that was done, as plain lists; and the rule."""

    grants: list[Grant] = field(default_factory=list)
    releases: list[Span] = field(default_factory=list)
    walls: list[Span] = field(default_factory=list)
    memberships: list[Span] = field(default_factory=list)
    closed: list[Span] = field(default_factory=list)
    restricted: list[Span] = field(default_factory=list)

    def end_of(self, grant: Grant) -> int:
        ends = list(grant.ends)
        if grant.release is not None:
            ends.append(self.releases[grant.release].end)
        if grant.parent is not None:
            ends.append(self.end_of(self.grants[grant.parent]))
        return min(ends)

    def may(self, person: int, case: int, permission: str, at: int) -> bool:
        """The rule of access.md §1 to §4, without a database."""
        if any(one.person == person and one.holds(at) for one in self.closed):
            return False
        teams = {one.team for one in self.memberships if one.person == person and one.holds(at)}
        for wall in self.walls:
            if wall.case == case and wall.holds(at) and (wall.person == person or wall.team in teams):
                return False
        named_only = any(one.case == case and one.holds(at) for one in self.restricted)
        for grant in self.grants:
            hers = grant.person == person or (grant.team in teams and not named_only)
            in_force = grant.start <= at < self.end_of(grant)
            if grant.case == case and hers and in_force and permission in grant.permissions:
                return True
        return False


# ---- worlds ----


@dataclass(frozen=True)
class Act:
    """One thing that happens at ``at``; what the numbers mean depends on ``kind`` (``Scene``)."""

    at: int
    kind: str
    one: int
    other: int
    delay: int
    length: int
    way: int


KINDS = (
    "give", "give", "give", "give", "give", "give_under_release", "give_under_release", "give_on", "withdraw", "revoke",
    "revoke", "wall", "wall", "join", "join", "join", "leave", "restrict", "restrict", "close", "open",
)  # fmt: skip

acts = st.builds(
    Act, at=st.integers(0, LAST - 2), kind=st.sampled_from(KINDS), one=st.integers(0, 5), other=st.integers(0, 5),
    delay=st.sampled_from([0, 0, 0, 1]), length=st.sampled_from([1, 2, 3, 4, 5, 5]), way=st.integers(0, 5),
)  # fmt: skip
worlds = st.tuples(
    st.lists(acts, min_size=12, max_size=24).map(lambda found: sorted(found, key=lambda act: act.at)),
    st.sets(st.integers(1, LAST - 3), min_size=1, max_size=1),
)


def _act(at: int, kind: str, one: int, other: int, way: int, length: int = 5, delay: int = 0) -> Act:
    return Act(at, kind, one, other, delay, length, way)


_TO_PERSON, _TO_TEAM = 0, 1
#: Told by hand: each reason there is, at every hour. What is random comes on top and crosses them.
STORIES: dict[str, list[Act]] = {
    "walls against a person": [
        _act(0, "give", 0, 0, 2), _act(0, "give", 0, 1, 0), _act(0, "give", 0, 2, 0), _act(0, "give", 1, 0, 2),
        _act(1, "wall", 0, 1, _TO_PERSON, length=2), _act(2, "wall", 0, 0, _TO_PERSON, length=1, delay=1),
        _act(4, "wall", 1, 0, _TO_PERSON),
    ],
    "teams, their walls, and memberships that end or never began": [
        _act(0, "join", 0, 0, _TO_PERSON), _act(0, "join", 1, 0, _TO_PERSON, length=2),
        _act(0, "join", 1, 1, 5, length=4), _act(0, "give", 0, 0, 1), _act(0, "give", 0, 2, 3), _act(0, "give", 1, 1, 1),
        _act(1, "join", 0, 1, _TO_PERSON, length=2, delay=1), _act(2, "wall", 0, 2, _TO_TEAM, length=2),
        _act(4, "leave", 0, 0, 0), _act(5, "give", 0, 0, 1),
    ],
    "restricted cases": [
        _act(0, "join", 0, 0, _TO_PERSON), _act(0, "give", 0, 0, 1), _act(0, "give", 0, 1, 1), _act(0, "give", 0, 2, 0),
        _act(0, "give", 1, 0, 2), _act(1, "restrict", 0, 0, 0), _act(2, "restrict", 0, 1, 0), _act(3, "restrict", 0, 0, 0),
        _act(4, "give", 0, 2, 0),
    ],
    "releases that end or are withdrawn, and what rests on another access": [
        _act(0, "sign", 0, 0, 0, length=2), _act(0, "sign", 0, 1, 0), _act(0, "give_under_release", 0, 0, 2, length=4),
        _act(0, "give_under_release", 0, 1, 2, length=5), _act(0, "give", 0, 2, 0, length=3),
        _act(0, "give_on", 1, 0, 0, length=2), _act(1, "give_on", 1, 0, 0, length=4),
        _act(1, "give", 1, 1, 0, length=5), _act(2, "give_on", 0, 0, 0, length=4), _act(3, "withdraw", 1, 0, 0),
        _act(4, "revoke", 1, 0, 0), _act(4, "give", 1, 0, 2), _act(4, "give_on", 0, 0, 0, length=5),
        _act(5, "revoke", 3, 0, 0), _act(5, "revoke", 5, 0, 0), _act(5, "revoke", 6, 0, 0),
    ],
    "accounts that close and open, accesses that are taken back or begin later": [
        _act(0, "give", 0, 0, 2), _act(0, "give", 0, 1, 0), _act(0, "give", 1, 0, 2), _act(0, "give", 1, 2, 0, delay=1),
        _act(1, "close", 0, 0, 0), _act(2, "revoke", 2, 0, 0), _act(3, "open", 0, 0, 0), _act(3, "close", 1, 0, 0),
        _act(4, "revoke", 0, 0, 0),
    ],
    "matters": [
        _act(0, "give", 0, 3, 0), _act(0, "join", 1, 0, _TO_PERSON), _act(0, "give", 0, 2, 1, length=3),
        _act(1, "wall", 0, 0, _TO_PERSON, length=1), _act(3, "restrict", 0, 0, 0), _act(4, "restrict", 0, 0, 0),
    ],
}  # fmt: skip


class Stage:
    """People, teams, cases and a matter of their own, on which no other access stands. Made once, played on often."""

    def __init__(self, cast: Cast) -> None:
        self.begin = clock.now() + timedelta(days=1)
        self.cast, self.giver, ours = cast, cast.bea, cast.amina.organisation
        self.people: list[User] = []
        for number in range(PEOPLE):
            person = User(
                email=f"oracle{number}@example.org", name=f"Person {number}", organisation=ours, is_active=True,
                created_at=self.begin,
            )  # fmt: skip
            person.save()
            AccountState(user=person, starts_at=self.moment(-1)).save()
            self.people.append(person)
        self.teams = []
        for number in range(TEAMS):
            group = Team._meta.get_field("group").related_model.objects.create(name=f"oracle {number}")
            team = Team(
                name=f"Oracle {number}", organisation=ours, discipline="CASEWORK", group=group, created_at=self.begin
            )
            team.save()
            self.teams.append(team)
        self.cases = [make.case(cast.amina, cast.team_of("amina")) for _ in range(CASES)]
        self.keys = {case.pk: number for number, case in enumerate(self.cases)}
        assert [case.pk for case in self.cases] == list(range(self.cases[0].pk, self.cases[0].pk + CASES))
        self.matter = Matter(case=self.cases[0], title="A matter")
        self.matter.save()

    def moment(self, hour: int) -> datetime:
        """A whole hour of the story, UTC."""
        return self.begin + timedelta(hours=hour)

    @contextmanager
    def at(self, hour: int) -> Iterator[datetime]:
        """The clock stands at this hour."""
        moment = self.moment(hour)
        with mock.patch.object(clock, "now", lambda: moment):
            yield moment


class Scene:
    """One world on the stage: each act is done to the plain facts and to the database."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.facts = stage, Facts()
        self.grants: list[AccessGrant] = []
        self.releases: list[Release] = []
        self.members: list[Membership] = []
        self.people = [User.objects.get(pk=person.pk) for person in stage.people]

    def play(self, act: Act) -> None:
        """Do one act at its hour; what makes no sense (nothing to revoke yet) does nothing."""
        with self.stage.at(act.at):
            getattr(self, f"_{act.kind}")(act)

    def _whom(self, act: Act) -> dict[str, int | None]:
        to_team = act.way % 2
        return {"person": None if to_team else act.one % PEOPLE, "team": act.one % TEAMS if to_team else None}

    def _give(self, act: Act, *, release: int | None = None, parent: int | None = None) -> None:
        case, bundle = act.other % CASES, BUNDLES[(act.way + act.other) % len(BUNDLES)]
        if release is not None:
            case = self.facts.releases[release].case or 0
        if parent is not None:
            case, bundle = self.facts.grants[parent].case, self.facts.grants[parent].permissions
        if READ_MATTER in bundle:
            case = 0
        if release is not None and case != self.facts.releases[release].case:
            return
        whom, start = self._whom(act), act.at + act.delay
        end = start + act.length
        self.facts.grants.append(
            Grant(case, whom["person"], whom["team"], bundle, start, [end], release=release, parent=parent)
        )
        moment = self.stage.moment
        grant = AccessGrant(
            case=self.stage.cases[case], matter=self.stage.matter if READ_MATTER in bundle else None,
            person=None if whom["person"] is None else self.people[whom["person"]],
            team=None if whom["team"] is None else self.stage.teams[whom["team"]],
            kind="ASSIGNMENT", purpose="CASEWORK", permissions=list(bundle), granted_by=self.stage.giver,
            granted_at=moment(act.at), valid_from=moment(start), expires_at=moment(end),
            release=None if release is None else self.releases[release],
            parent=None if parent is None else self.grants[parent],
        )  # fmt: skip
        grant.save()
        access.materialise(access.grants_with_grounds().get(pk=grant.pk), is_new=True)
        self.grants.append(grant)

    def _give_under_release(self, act: Act) -> None:
        if not self.releases:
            self._sign(act)
        self._give(act, release=act.length % len(self.releases))

    def _give_on(self, act: Act) -> None:
        if self.grants:
            self._give(act, parent=act.length % len(self.grants))

    def _sign(self, act: Act) -> None:
        case = act.other % CASES
        start, end = act.at, act.at + act.length
        self.facts.releases.append(Span(start, end, case=case))
        release = Release(
            case=self.stage.cases[case], recipient=self.stage.giver.organisation, purpose="LEGAL_REPRESENTATION",
            terms={}, signing={}, signed_on=self.stage.moment(start).date(), starts_at=self.stage.moment(start),
            expires_at=self.stage.moment(end), recorded_by=self.stage.giver,
        )  # fmt: skip
        release.save()
        self.releases.append(release)

    def _withdraw(self, act: Act) -> None:
        if not self.releases:
            return
        number = act.one % len(self.releases)
        release, span = self.releases[number], self.facts.releases[number]
        if release.withdrawn_at is not None:
            return
        span.end = min(span.end, act.at)
        release.withdrawn_at, release.withdrawn_by = clock.now(), self.stage.giver
        release.withdrawn_how = "ORAL"
        release.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_how"])
        for grant in access.grants_with_grounds().filter(release=release):
            access.materialise(grant)

    def _revoke(self, act: Act) -> None:
        if not self.grants:
            return
        number = act.one % len(self.grants)
        grant = self.grants[number]
        if grant.revoked_at is not None:
            return
        self.facts.grants[number].ends.append(act.at)
        grant.revoked_at, grant.revoked_by = clock.now(), self.stage.giver
        grant.save(update_fields=["revoked_at", "revoked_by"])
        access.materialise(access.grants_with_grounds().get(pk=grant.pk))

    def _wall(self, act: Act) -> None:
        whom, case = self._whom(act), act.other % CASES
        start = act.at + act.delay
        end = NEVER if act.length == 5 else start + act.length
        self.facts.walls.append(Span(start, end, case=case, **whom))
        Wall(
            case=self.stage.cases[case], placed_by=self.stage.giver, placed_at=self.stage.moment(start),
            person=None if whom["person"] is None else self.people[whom["person"]],
            team=None if whom["team"] is None else self.stage.teams[whom["team"]],
            lifted_at=self.stage.moment(end),
        ).save()  # fmt: skip

    def _join(self, act: Act) -> None:
        person, team = act.one % PEOPLE, act.other % TEAMS
        start, is_accepted = act.at + act.delay, act.way != 5
        end = NEVER if act.length == 5 else start + act.length
        open_already = any(
            one.person == person and one.team == team and one.end == NEVER for one in self.facts.memberships
        )
        if open_already or (not is_accepted and end == NEVER):
            return
        # One that nobody accepted opens nothing, whatever its dates say.
        self.facts.memberships.append(Span(start, end if is_accepted else start, person=person, team=team))
        accepted = {"status": "ACCEPTED", "accepted_at": clock.now(), "accepted_by": self.stage.giver}
        member = Membership(
            user=self.people[person], team=self.stage.teams[team], proposed_at=clock.now(), proposed_by=self.stage.giver,
            starts_at=self.stage.moment(start), ends_at=None if end == NEVER else self.stage.moment(end),
            **(accepted if is_accepted else {"status": "PENDING"}),
        )  # fmt: skip
        member.save()
        self.members.append(member)

    def _leave(self, act: Act) -> None:
        if not self.members:
            return
        number = act.one % len(self.members)
        member, span = self.members[number], self.facts.memberships[number]
        if span.start <= act.at < span.end:
            span.end = act.at
            member.ends_at = clock.now()
            member.save(update_fields=["ends_at"])

    def _restrict(self, act: Act) -> None:
        case = act.other % CASES
        row = self.stage.cases[case]
        row = access.for_the_house(Case).get(pk=row.pk)
        if row.is_restricted:
            for span in self.facts.restricted:
                if span.case == case and span.end == NEVER:
                    span.end = act.at
        else:
            self.facts.restricted.append(Span(act.at, NEVER, case=case))
        row.is_restricted = not row.is_restricted
        row.save(update_fields=["is_restricted"])

    def _close(self, act: Act) -> None:
        number = act.one % PEOPLE
        person = self.people[number]
        if person.is_active:
            person.is_active = False
            person.save(update_fields=["is_active"])
            state = AccountState.objects.get(user=person, ends_at__isnull=True)
            state.ends_at = clock.now()
            state.save(update_fields=["ends_at"])
            self.facts.closed.append(Span(act.at, NEVER, person=number))

    def _open(self, act: Act) -> None:
        number = act.one % PEOPLE
        person = self.people[number]
        if not person.is_active:
            person.is_active = True
            person.save(update_fields=["is_active"])
            AccountState(user=person, starts_at=clock.now()).save()
            for span in self.facts.closed:
                if span.person == number and span.end == NEVER:
                    span.end = act.at


# ---- the comparison ----


def play_and_compare(stage: Stage, story: list[Act], looks: set[int]) -> None:
    """Play a story; look at the chosen hours, at the end and ahead of it; then ask about every hour that has passed."""
    scene = Scene(stage)
    last = story[-1].at
    for hour in range(last + 1):
        for act in story:
            if act.at == hour:
                scene.play(act)
        if hour in looks or hour == last:
            look(scene, hour)
    look(scene, last + 1)
    assert access.drift() == []
    look_back(scene, last + 2)


def look(scene: Scene, hour: int) -> None:
    """Everything the house can be asked about now, against the facts."""
    stage, facts = scene.stage, scene.facts
    with stage.at(hour) as moment:
        cases = {number: access.for_the_house(Case).get(pk=key) for key, number in stage.keys.items()}
        for number, person in enumerate(scene.people):
            # As a page of hers has it: the row of today, not the one we have been writing to.
            reader = User.objects.get(pk=person.pk)
            batch = access.permissions_on(reader, cases.values())
            for permission in (READ_CARD, READ_IDENTITY):
                allowed = {case for case in range(CASES) if facts.may(number, case, permission, hour)}
                where = f"person {number}, {permission}, hour {hour}"
                _look_at_lists(stage, reader, permission, moment, allowed, where)
                for case, row in cases.items():
                    answers = {
                        "backend": reader.has_perm(f"cases.{permission}", row),
                        "explain": access.explain(reader, row, permission).allowed,
                        "batch": permission in batch.get(row.pk, set()),
                    }
                    assert set(answers.values()) == {case in allowed}, (where, case, answers)
            for case, row in cases.items():
                knows, reads = (facts.may(number, case, one, hour) for one in (READ_CARD, READ_IDENTITY))
                expected = "opened" if knows and reads else "refused" if knows else "hidden"
                assert _opens(reader, row, READ_IDENTITY) == expected, (number, case, hour)
            _look_at_matter(stage, reader, facts.may(number, 0, READ_MATTER, hour), f"person {number}, hour {hour}")


def _look_at_lists(
    stage: Stage, reader: User, permission: str, moment: datetime, allowed: set[int], where: str
) -> None:
    """Lists, pages, walks and counts."""
    keys = stage.keys
    newest_first = sorted((key for key, case in keys.items() if case in allowed), reverse=True)
    listed = access.visible(Case, reader, permission).filter(pk__in=keys).values_list("pk", flat=True)
    assert sorted(listed, reverse=True) == newest_first, ("visible", where)
    among = access.visible(Case, reader, permission, at=moment, among=list(keys)).values_list("pk", flat=True)
    assert sorted(among, reverse=True) == newest_first, ("visible among", where)
    found, older = access.page(reader, permission, size=50)
    assert [case.pk for case in found] == newest_first and older is None, ("page", where)
    assert all(case.holding is not None and case.holding.may(permission) for case in found), ("holdings", where)
    if permission == READ_IDENTITY:
        return
    assert _walk(reader, permission) == newest_first, ("walk", where)
    middle = stage.cases[1].pk
    narrowed = [key for key in newest_first if key != middle]
    assert [case.pk for case in access.page(reader, where=~Q(pk=middle))[0]] == narrowed, ("narrowed", where)
    with mock.patch.object(pages, "MERGED_UP_TO", 0):
        assert _walk(reader, permission, where=~Q(pk=-1)) == newest_first, ("walk led by cases", where)
        assert access.count(reader, permission, where=~Q(pk=middle)) == len(narrowed), ("count led by cases", where)
    assert access.count(reader, permission) == len(newest_first), ("count", where)
    _look_at_orders(stage, reader, moment, newest_first, where)
    lines = access.visible(TimelineEntry, reader, None).filter(section=Section.CARD, case__in=keys)
    assert set(lines.values_list("case_id", flat=True)) == set(newest_first), ("lines by their section", where)


def _look_at_orders(stage: Stage, reader: User, moment: datetime, allowed: list[int], where: str) -> None:
    """Sorted by the last line that she may know of, both ways in which the list is made."""
    lines = access.visible(TimelineEntry, reader, None, at=moment).filter(case__in=stage.keys)
    newest: dict[int, datetime] = {}
    for key, at in lines.values_list("case_id", "at"):
        newest[key] = max(at, newest.get(key, at))
    expected = sorted(allowed, key=lambda key: (newest[key], key), reverse=True)
    if not expected:
        assert access.sorted_page(reader, access.ACTIVITY)[0] == [], ("sorted", where)
        return
    for at_most in (1000, 0):
        with mock.patch.object(pages, "MERGED_UP_TO", at_most), mock.patch.object(orders, "MERGED_UP_TO", 1000):
            seen: list[int] = []
            after = None
            while len(seen) <= CASES:
                found, after = access.sorted_page(reader, access.ACTIVITY, after=after, size=1)
                seen += [case.pk for case in found]
                if after is None:
                    break
            assert seen == expected, ("sorted", at_most, where)


def _walk(reader: User, permission: str, where: Q | None = None) -> list[int]:
    """All pages of one case each, in their order."""
    seen: list[int] = []
    before = None
    while len(seen) <= CASES:
        found, before = access.page(reader, permission, before=before, size=1, where=where, with_holdings=False)
        seen += [case.pk for case in found]
        if before is None:
            break
    return seen


def _opens(reader: User, case: Case, permission: str) -> str:
    try:
        access.get_for(reader, case.uid, permission)
    except Hidden:
        return "hidden"
    except Refused:
        return "refused"
    return "opened"


def _look_at_matter(stage: Stage, reader: User, allowed: bool, where: str) -> None:
    matter = access.for_the_house(Matter).select_related("case").get(pk=stage.matter.pk)
    answers: dict[str, Any] = {
        "backend": reader.has_perm(f"cases.{READ_MATTER}", matter),
        "explain": access.explain(reader, matter.case, READ_MATTER).allowed,
        "list": [one.pk for one in access.visible_matters(reader)] == [matter.pk],
    }
    try:
        answers["page"] = bool(access.get_matter_for(reader, matter.uid))
    except (Hidden, Refused):
        answers["page"] = False
    assert set(answers.values()) == {allowed}, ("matter", where, answers)


def look_back(scene: Scene, now: int) -> None:
    """Who could see each case at every hour so far, asked afterwards."""
    stage, facts = scene.stage, scene.facts
    with stage.at(now):
        for key, number in stage.keys.items():
            case = access.for_the_house(Case).get(pk=key)
            for hour in range(now + 1):
                could = access.who_could_see(case, READ_CARD, stage.moment(hour))
                names = {person.pk for person in could} & {person.pk for person in scene.people}
                expected = {
                    person.pk for place, person in enumerate(scene.people) if facts.may(place, number, READ_CARD, hour)
                }
                assert names == expected, ("who could see", number, hour)
