"""Scenes of the oracle: each act is done to the plain facts and to the database.

Every window begins and ends on a whole hour, and looks are at whole hours, so that an end that is one instant off is seen.
"""

from typing import Any

from django.db import transaction

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD, READ_MATTER
from casemgmt.accounts.actions.absences import rest, wake
from casemgmt.accounts.models import Membership, Shift, User
from cases import access
from cases.actions.declarations import check_declarations, declare
from cases.actions.grants import revoke_access
from cases.actions.organisations import restore_organisation, suspend_organisation
from cases.models import AccessGrant, Case, Release, Wall
from tests import make
from tests.cases.oracle_facts import BUNDLES, CASES, NEVER, OWN_FILE, PEOPLE, TEAMS, Facts, Grant, Span
from tests.cases.oracle_stage import NAMES, Stage
from tests.cases.oracle_worlds import Act

RESTING = ("LOCKED", "TRAVEL", "LEAVE")


class Scene:
    """One world on the stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.facts = stage, Facts()
        self.grants: list[AccessGrant] = []
        self.releases: list[Release] = []
        self.walls: list[Wall] = []
        self.members: list[Membership] = []
        self.shifts: list[Shift] = []
        self.people = [User.objects.get(pk=person.pk) for person in stage.people]

    def play(self, act: Act) -> None:
        """Do one act at its hour; what makes no sense (nothing to revoke yet) does nothing."""
        with self.stage.at(act.at):
            getattr(self, f"_{act.kind}")(act)

    # ---- Access, and what it rests on ----

    def _whom(self, act: Act) -> dict[str, int | None]:
        to_team = act.way % 2
        return {"person": None if to_team else act.one % PEOPLE, "team": act.one % TEAMS if to_team else None}

    def _give(self, act: Act, **grounds: Any) -> None:
        case, bundle = act.other % CASES, BUNDLES[(act.way + act.other) % len(BUNDLES)]
        release, parent = grounds.get("release"), grounds.get("parent")
        if release is not None:
            case = self.facts.releases[release].case or 0
        if parent is not None:
            case, bundle = self.facts.grants[parent].case, self.facts.grants[parent].permissions
        if READ_MATTER in bundle:
            if release is not None and case != 0:
                return
            case = 0
        start = act.at + act.delay
        self._write(Grant(
            case, permissions=bundle, start=start, ends=[(act.at, start + act.length)], **self._whom(act), **grounds
        ), act.at)  # fmt: skip

    def _write(self, fact: Grant, at: int, kind: str = "ASSIGNMENT") -> int:
        """Write one access into the facts and the database; returns its number."""
        self.facts.grants.append(fact)
        moment, stage = self.stage.moment, self.stage
        needs_matter = READ_MATTER in fact.permissions or kind == "PRO_BONO"
        grant = AccessGrant(
            case=stage.cases[fact.case], matter=stage.matter if needs_matter else None,
            person=None if fact.person is None else self.people[fact.person],
            team=None if fact.team is None else stage.teams[fact.team],
            kind=kind, purpose="CASEWORK", permissions=list(fact.permissions), granted_by=stage.giver,
            granted_at=moment(at), valid_from=moment(fact.start), expires_at=moment(fact.ends[0][1]),
            release=None if fact.release is None else self.releases[fact.release],
            parent=None if fact.parent is None else self.grants[fact.parent],
            shift=None if fact.shift is None else self.shifts[fact.shift],
            waits_since=moment(at) if fact.waits else None,
        )  # fmt: skip
        grant.save()
        access.materialise(access.every_grant().get(pk=grant.pk), is_new=True)
        self.grants.append(grant)
        return len(self.grants) - 1

    def _give_under_release(self, act: Act) -> None:
        if not self.releases:
            self._sign(act)
        self._give(act, release=act.length % len(self.releases))

    def _give_on(self, act: Act) -> None:
        if not self.grants:
            return
        number = act.length % len(self.grants)
        parent = self.facts.grants[number]
        head = self.facts.grants[parent.parent] if parent.parent is not None else None
        if parent.declined or (parent.is_waiting and head is not None and head.is_waiting):
            return
        self._give(act, parent=number, waits=parent.is_waiting)

    def _sign(self, act: Act) -> int:
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
        return len(self.releases) - 1

    def _engage(self, act: Act) -> None:
        """An attorney's own file, and what a release names of the organisation's sections, which rests on both.

        ``way``: after so many hours the engagement is over; 0: never, by itself.
        """
        person, release = act.one % PEOPLE, self._sign(Act(act.at, "sign", 0, 0, 0, act.length, 0))
        end = act.at + act.way if act.way else NEVER
        file = self._write(Grant(0, person, None, OWN_FILE, act.at, [(act.at, end)], is_file=True), act.at, "PRO_BONO")
        part = Grant(0, person, None, BUNDLES[1], act.at, [(act.at, act.at + act.length)], release=release, parent=file)
        self._write(part, act.at, "PRO_BONO")

    def _end_engagement(self, act: Act) -> None:
        """An engagement ends before its day, by the real act."""
        files = [number for number, one in enumerate(self.facts.grants) if one.is_file]
        if not files:
            return
        number = files[act.one % len(files)]
        fact, grant = self.facts.grants[number], self.grants[number]
        giver = self.stage.giver
        try:
            revoke_access(actor=giver, now=clock.now(), grant_uid=grant.uid)
        except Hidden:
            # A wall against her own house keeps the giver out as well: then nothing happens.
            assert access.walled_cases(giver).filter(case=grant.case_id).exists()
            return
        if fact.revoked == NEVER and act.at < fact.ends[-1][1]:
            if fact.start < act.at:
                fact.ends.append((act.at, act.at))
            else:
                fact.revoked = act.at
        grant.refresh_from_db(fields=["expires_at", "revoked_at"])

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
        if self.grants:
            self._take_back(act.one % len(self.grants), act.at)

    def _take_back(self, number: int, at: int) -> None:
        if self.grants[number].revoked_at is None:
            self.facts.grants[number].revoked = at
            self._change(number, revoked_at=clock.now(), revoked_by=self.stage.giver)

    def _move(self, act: Act) -> None:
        """Another end: a stay is over, somebody attested, a review shortened it."""
        if not self.grants:
            return
        number, end = act.one % len(self.grants), act.at + act.length
        if end > self.facts.grants[number].start and self.grants[number].revoked_at is None:
            self.facts.grants[number].ends.append((act.at, end))
            self._change(number, expires_at=self.stage.moment(end))

    def _change(self, number: int, **columns: Any) -> None:
        """Change some columns of an access, and let its rows follow."""
        grant = self.grants[number]
        for name, value in columns.items():
            setattr(grant, name, value)
        grant.save(update_fields=list(columns))
        access.materialise(access.every_grant().get(pk=grant.pk))

    # ---- The rule of two people ----

    def _propose(self, act: Act) -> None:
        self._give(act, waits=True)

    def _waiting(self, act: Act) -> list[int]:
        """The numbers of one access that waits, and of what waits under it."""
        grants = self.facts.grants
        heads = [
            number for number, one in enumerate(grants)
            if one.is_waiting and (one.parent is None or not grants[one.parent].is_waiting)
        ]  # fmt: skip
        if not heads:
            return []
        head = heads[act.one % len(heads)]
        return [head, *(number for number, one in enumerate(grants) if one.parent == head and one.is_waiting)]

    def _approve(self, act: Act) -> None:
        numbers = self._waiting(act)
        if any(self.facts.grants[number].ends[-1][1] <= act.at for number in numbers):
            return
        for number in numbers:
            fact = self.facts.grants[number]
            fact.approved, fact.start = act.at, max(fact.start, act.at)
            self._change(
                number, second_by=self.stage.second, approved_at=clock.now(), valid_from=self.stage.moment(fact.start)
            )

    def _decline(self, act: Act) -> None:
        for number in self._waiting(act):
            self.facts.grants[number].declined = True
            self._change(number, second_by=self.stage.second, declined_at=clock.now())

    # ---- Walls and restricted cases ----

    def _wall(self, act: Act) -> None:
        whom = {name: act.one % count if act.way % 3 == place else None
                for place, (name, count) in enumerate((("person", PEOPLE), ("team", TEAMS), ("house", 2)))}  # fmt: skip
        case, start = act.other % CASES, act.at + act.delay
        end = NEVER if act.length == 5 else start + act.length
        stage = self.stage
        wall = Wall(
            case=stage.cases[case], placed_by=stage.giver, placed_at=stage.moment(start), lifted_at=stage.moment(end),
            person=None if whom["person"] is None else self.people[whom["person"]],
            team=None if whom["team"] is None else stage.teams[whom["team"]],
            organisation=None if whom["house"] is None else stage.houses[whom["house"]],
        )  # fmt: skip
        wall.save()
        self._stands(wall, Span(start, end, case=case, **whom))

    def _stands(self, wall: Wall, span: Span) -> None:
        self.walls.append(wall)
        self.facts.walls.append(span)

    def _lift(self, act: Act) -> None:
        if not self.walls:
            return
        number = act.one % len(self.walls)
        wall, span = self.walls[number], self.facts.walls[number]
        if span.holds(act.at):
            span.end = act.at
            wall.lifted_at, wall.lifted_by = clock.now(), self.stage.giver
            wall.save(update_fields=["lifted_at", "lifted_by"])

    def _declare(self, act: Act) -> None:
        """She says that she knows this person. The rest happens by itself: a wall, unless one by a declaration was lifted."""
        person, case = act.one % PEOPLE, act.other % CASES
        declare(
            actor=self.people[person], now=clock.now(), first_name="Zoraida", family_name=NAMES[case],
            birth_date=make.intake().birth_date,
        )  # fmt: skip
        check_declarations()
        if not any(one.placed_by_id is None and one.person_id == self.people[person].pk for one in self.walls
                   if one.case_id == self.stage.cases[case].pk):  # fmt: skip
            wall = Wall._base_manager.get(case=self.stage.cases[case], person=self.people[person], placed_by=None)
            self._stands(wall, Span(act.at, NEVER, person=person, case=case))

    def _restrict(self, act: Act) -> None:
        case = act.other % CASES
        row = access.for_the_house(Case).get(pk=self.stage.cases[case].pk)
        if row.is_restricted:
            for span in self.facts.restricted:
                if span.case == case and span.end == NEVER:
                    span.end = act.at
        else:
            self.facts.restricted.append(Span(act.at, NEVER, case=case))
        row.is_restricted = not row.is_restricted
        row.save(update_fields=["is_restricted"])

    # ---- Teams, and who is on duty for them ----

    def _join(self, act: Act) -> None:
        """Way 5: nobody has accepted it yet, so it opens nothing, whatever its dates say."""
        person, team = act.one % PEOPLE, act.other % TEAMS
        start, is_accepted = act.at + act.delay, act.way != 5
        end = NEVER if act.length == 5 else start + act.length
        if end == NEVER and any(
            one.person == person and one.team == team and one.end == NEVER for one in self.facts.memberships
        ):
            return
        self.facts.memberships.append(Span(start if is_accepted else NEVER, end, person=person, team=team))
        accepted = {"status": "ACCEPTED", "accepted_at": clock.now(), "accepted_by": self.stage.giver}
        member = Membership(
            user=self.people[person], team=self.stage.teams[team], proposed_at=clock.now(), proposed_by=self.stage.giver,
            starts_at=self.stage.moment(start), ends_at=None if end == NEVER else self.stage.moment(end),
            **(accepted if is_accepted else {"status": "PENDING"}),
        )  # fmt: skip
        member.save()
        self.members.append(member)

    def _accept(self, act: Act) -> None:
        waiting = [number for number, one in enumerate(self.members) if one.status == "PENDING" and one.ends_at is None]
        if not waiting:
            return
        number = waiting[act.one % len(waiting)]
        self.facts.memberships[number].start = act.at
        member = self.members[number]
        member.status, member.accepted_by = "ACCEPTED", self.stage.giver
        member.accepted_at = member.starts_at = clock.now()
        member.save(update_fields=["status", "accepted_at", "accepted_by", "starts_at"])

    def _leave(self, act: Act) -> None:
        if not self.members:
            return
        number = act.one % len(self.members)
        member, span = self.members[number], self.facts.memberships[number]
        if span.start <= act.at < span.end:
            span.end = act.at
            member.ends_at = clock.now()
            member.save(update_fields=["ends_at"])

    def _cover(self, act: Act) -> None:
        team = act.one % TEAMS
        self._write(Grant(
            act.other % CASES, None, team, (READ_CARD,), act.at, [(act.at, NEVER)], is_duty=True
        ), act.at, "ON_CALL")  # fmt: skip

    def _duty(self, act: Act) -> None:
        person, team, start = act.one % PEOPLE, act.other % TEAMS, act.at + act.delay
        self.facts.shifts.append(Span(start, start + act.length, person=person, team=team))
        shift = Shift(
            rota=self.stage.rotas[team], user=self.people[person], starts_at=self.stage.moment(start),
            ends_at=self.stage.moment(start + act.length), made_at=clock.now(), made_by=self.stage.giver,
        )  # fmt: skip
        shift.save()
        self.shifts.append(shift)

    def _alert(self, act: Act) -> None:
        if not self.shifts:
            return
        number = act.one % len(self.shifts)
        span = self.facts.shifts[number]
        if span.holds(act.at):
            self._write(Grant(
                act.other % CASES, span.person, None, (READ_CARD,), act.at, [(act.at, act.at + act.length)], shift=number
            ), act.at, "ON_CALL")  # fmt: skip

    def _end_duty(self, act: Act) -> None:
        if not self.shifts:
            return
        number = act.one % len(self.shifts)
        shift, span = self.shifts[number], self.facts.shifts[number]
        if span.end <= act.at:
            return
        span.end = max(act.at, span.start)
        shift.ends_at = self.stage.moment(span.end)
        shift.save(update_fields=["ends_at"])
        for place, grant in enumerate(self.facts.grants):
            if grant.shift == number:
                self._take_back(place, act.at)

    # ---- Accounts ----

    def _rest(self, act: Act) -> None:
        number, kind = act.one % PEOPLE, RESTING[act.way % len(RESTING)]
        person = User.objects.get(pk=self.people[number].pk)
        if not person.absences.filter(kind=kind, ended_at__isnull=True).exists():
            rest(actor=self.stage.giver, now=clock.now(), user=person, kind=kind)
            self.facts.resting.append(Span(act.at, NEVER, person=number, team=act.way % len(RESTING)))

    def _wake(self, act: Act) -> None:
        number, kind = act.one % PEOPLE, RESTING[act.way % len(RESTING)]
        person = User.objects.select_related("organisation").get(pk=self.people[number].pk)
        absence = person.absences.filter(kind=kind, ended_at__isnull=True).first()
        if absence is None:
            return
        absence.user, absence.first_yes_by, absence.first_yes_at = person, self.stage.second, clock.now()
        absence.save(update_fields=["first_yes_by", "first_yes_at"])
        wake(actor=self.stage.giver, now=clock.now(), absence=absence)
        for span in self.facts.resting:
            if span.person == number and span.team == act.way % len(RESTING) and span.end == NEVER:
                span.end = act.at

    def _suspend(self, act: Act) -> None:
        """The partner is suspended by the real act, or restored by it."""
        standing = [one for one in self.facts.resting if one.house == 1 and one.end == NEVER]
        if standing:
            standing[0].end = act.at
        else:
            self.facts.resting.append(Span(act.at, NEVER, house=1))
        change = restore_organisation if standing else suspend_organisation
        with transaction.atomic():
            change(actor=self.stage.second, now=clock.now(), organisation=self.stage.houses[1])
