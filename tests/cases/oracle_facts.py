"""What the oracle knows, as plain lists, and the twenty lines of the rule. No database is asked here.

Hours are whole numbers. What can change its mind later (an end that is moved, a person who is woken) keeps when it did,
so that the same rule answers for now and for every hour that has passed.
"""

from dataclasses import dataclass, field

from casemgmt.access.sections import READ_CARD, READ_MATTER, WRITE_MATTER, Section, read, write

READ_IDENTITY, WRITE_IDENTITY = read(Section.IDENTITY), write(Section.IDENTITY)
PEOPLE, TEAMS, CASES = 2, 2, 3
#: The organisation of each person: the first works in the house, the second for a partner.
HOUSES = (0, 1)
LAST = 7
NEVER = 99
#: So many hours, here, an attorney still reads her own file after her engagement.
AFTER_ENGAGEMENT = 3
#: What an access opens. All but the matter's imply the card.
BUNDLES = ((READ_CARD,), (READ_CARD, READ_IDENTITY), (READ_CARD, READ_IDENTITY, WRITE_IDENTITY), (READ_MATTER,))
OWN_FILE = (READ_MATTER, WRITE_MATTER)
EVERYTHING = (READ_CARD, READ_IDENTITY, READ_MATTER)


@dataclass
class Span:
    """Something about a person, team, organisation or case that holds from ``start`` until before ``end``."""

    start: int
    end: int
    person: int | None = None
    team: int | None = None
    house: int | None = None
    case: int | None = None

    def holds(self, at: int) -> bool:
        return self.start <= at < self.end


@dataclass
class Grant:
    """One access. ``ends``: (since when it was so, the end); ``revoked``: the hour at which it was taken back.

    ``is_duty``: a team's, for whoever is on duty. ``waits``: nothing begins before ``approved``, a second person's yes.
    ``is_file``: an attorney's own file, which she reads for a while after its end; not where it was taken back.
    """

    case: int
    person: int | None
    team: int | None
    permissions: tuple[str, ...]
    start: int
    ends: list[tuple[int, int]]
    revoked: int = NEVER
    release: int | None = None
    parent: int | None = None
    shift: int | None = None
    is_duty: bool = False
    is_file: bool = False
    waits: bool = False
    approved: int | None = None
    declined: bool = False

    @property
    def is_waiting(self) -> bool:
        return self.waits and self.approved is None and not self.declined


@dataclass
class Facts:
    """Everything that was done, as plain lists; and the rule."""

    grants: list[Grant] = field(default_factory=list)
    releases: list[Span] = field(default_factory=list)
    walls: list[Span] = field(default_factory=list)
    memberships: list[Span] = field(default_factory=list)
    shifts: list[Span] = field(default_factory=list)
    resting: list[Span] = field(default_factory=list)
    restricted: list[Span] = field(default_factory=list)

    def end_of(self, grant: Grant, at: int) -> int:
        """The earliest of its ends, as they were set at that hour."""
        ends = [[end for since, end in grant.ends if since <= at][-1], grant.revoked]
        if grant.release is not None:
            ends.append(self.releases[grant.release].end)
        if grant.shift is not None:
            ends.append(self.shifts[grant.shift].end)
        if grant.parent is not None:
            ends.append(self.end_of(self.grants[grant.parent], at))
        return min(ends)

    def closes(self, grant: Grant, permission: str, at: int) -> int:
        """When it stops opening one of its permissions."""
        end = self.end_of(grant, at)
        if grant.is_file and permission == READ_MATTER and end > grant.start:
            return min(end + AFTER_ENGAGEMENT, grant.revoked)
        return end

    def is_walled(self, person: int, case: int, at: int) -> bool:
        """By herself, through a team of hers or one for which she is on duty, or with her organisation."""
        teams = self._teams(self.memberships, person, at) | self._teams(self.shifts, person, at)
        return any(
            wall.case == case and wall.holds(at)
            and (wall.person == person or wall.team in teams or wall.house == HOUSES[person])
            for wall in self.walls
        )  # fmt: skip

    def may(self, person: int, case: int, permission: str, at: int) -> bool:
        """The rule of access.md §1 to §4, without a database."""
        rests = any(one.holds(at) and (one.person == person or one.house == HOUSES[person]) for one in self.resting)
        if rests or self.is_walled(person, case, at):
            return False
        teams, duties = self._teams(self.memberships, person, at), self._teams(self.shifts, person, at)
        named_only = any(one.case == case and one.holds(at) for one in self.restricted)
        for grant in self.grants:
            through = grant.team in (duties if grant.is_duty else teams) and not named_only
            begun = grant.start <= at and (not grant.waits or grant.approved is not None)
            opens = grant.case == case and (grant.person == person or through) and permission in grant.permissions
            if opens and begun and at < self.closes(grant, permission, at):
                return True
        return False

    def sees_anything(self, person: int, case: int, at: int) -> bool:
        return any(self.may(person, case, permission, at) for permission in EVERYTHING)

    @staticmethod
    def _teams(spans: list[Span], person: int, at: int) -> set[int | None]:
        return {one.team for one in spans if one.person == person and one.holds(at)}
