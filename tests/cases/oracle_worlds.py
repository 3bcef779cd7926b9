"""What happens in the worlds of the oracle: random ones, and stories told by hand. What an act does: ``oracle_scene``."""

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.cases.oracle_facts import LAST


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
    "give", "give", "give", "give", "give_under_release", "give_under_release", "give_on", "withdraw", "revoke", "revoke",
    "move", "wall", "wall", "lift", "join", "join", "join", "leave", "accept", "restrict", "rest", "wake", "suspend",
    "propose", "propose", "approve", "approve", "decline", "cover", "cover", "duty", "duty", "alert", "end_duty",
    "engage", "end_engagement",
)  # fmt: skip

acts = st.builds(
    Act, at=st.integers(0, LAST - 2), kind=st.sampled_from(KINDS), one=st.integers(0, 5), other=st.integers(0, 5),
    delay=st.sampled_from([0, 0, 0, 1]), length=st.sampled_from([1, 2, 3, 4, 5, 5]), way=st.integers(0, 5),
)  # fmt: skip
worlds = st.tuples(
    st.lists(acts, min_size=14, max_size=28).map(lambda found: sorted(found, key=lambda act: act.at)),
    st.sets(st.integers(1, LAST - 3), min_size=1, max_size=1),
)


def _act(at: int, kind: str, one: int, other: int, way: int, length: int = 5, delay: int = 0) -> Act:
    return Act(at, kind, one, other, delay, length, way)


_TO_PERSON, _TO_TEAM, _TO_HOUSE = 0, 1, 2
#: Told by hand: each reason there is, at every hour. What is random comes on top and crosses them.
STORIES: dict[str, list[Act]] = {
    "walls against a person, which are lifted": [
        _act(0, "give", 0, 0, 2), _act(0, "give", 0, 1, 0), _act(0, "give", 0, 2, 0), _act(0, "give", 1, 0, 2),
        _act(1, "wall", 0, 1, _TO_PERSON, length=2), _act(2, "wall", 0, 0, _TO_PERSON, length=1, delay=1),
        _act(3, "wall", 0, 2, _TO_PERSON), _act(4, "wall", 1, 0, _TO_PERSON), _act(5, "lift", 2, 0, 0),
    ],
    "walls against an organisation": [
        _act(0, "give", 0, 0, 2), _act(0, "give", 1, 0, 2), _act(0, "give", 1, 1, 0), _act(0, "give", 1, 3, 0),
        _act(1, "wall", 1, 1, _TO_HOUSE, length=2), _act(2, "wall", 1, 0, _TO_HOUSE, length=2), _act(4, "wall", 0, 0, _TO_HOUSE),
        _act(5, "lift", 2, 0, 0),
    ],
    "walls that a declaration places by itself": [
        _act(0, "give", 0, 0, 2), _act(0, "give", 1, 0, 2), _act(0, "give", 0, 1, 0), _act(1, "declare", 0, 0, 0),
        _act(3, "lift", 0, 0, 0), _act(4, "declare", 0, 1, 0), _act(5, "declare", 0, 0, 0),
    ],
    "teams, their walls, and memberships that end, wait or never began": [
        _act(0, "join", 0, 0, _TO_PERSON), _act(0, "join", 1, 0, _TO_PERSON, length=2),
        _act(0, "join", 1, 1, 5, length=4), _act(0, "join", 1, 1, 5), _act(0, "give", 0, 0, 1), _act(0, "give", 0, 2, 3),
        _act(0, "give", 1, 1, 1), _act(1, "join", 0, 1, _TO_PERSON, length=2, delay=1), _act(2, "wall", 0, 2, _TO_TEAM, length=2),
        _act(3, "accept", 0, 0, 0), _act(4, "leave", 0, 0, 0), _act(5, "give", 0, 0, 1),
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
    "an attorney's own file stays when the release goes, until the engagement ends": [
        _act(0, "engage", 1, 0, 0), _act(2, "withdraw", 0, 0, 0), _act(3, "engage", 0, 0, 0, length=1),
        _act(4, "revoke", 0, 0, 0),
    ],
    "an engagement that is over by its day, or sooner by hand, and a wall in the days that are left to read": [
        _act(0, "engage", 1, 0, 2), _act(0, "engage", 0, 0, 0), _act(1, "end_engagement", 1, 0, 0),
        _act(2, "end_engagement", 1, 0, 0), _act(2, "wall", 0, 0, _TO_PERSON, length=1),
    ],
    "a file that is closed at once: while the engagement runs, and in the days after it": [
        _act(0, "engage", 1, 0, 1), _act(0, "engage", 0, 0, 0), _act(2, "revoke", 0, 0, 0), _act(3, "revoke", 2, 0, 0),
        _act(4, "engage", 1, 0, 0), _act(4, "end_engagement", 2, 0, 0), _act(5, "engage", 0, 0, 0),
    ],
    "accounts that rest and wake, accesses that are taken back or begin later": [
        _act(0, "give", 0, 0, 2), _act(0, "give", 0, 1, 0), _act(0, "give", 1, 0, 2), _act(0, "give", 1, 2, 0, delay=1),
        _act(1, "rest", 0, 0, 0), _act(2, "revoke", 2, 0, 0), _act(2, "rest", 0, 0, 1), _act(3, "wake", 0, 0, 0),
        _act(3, "rest", 1, 0, 2), _act(4, "wake", 0, 0, 1), _act(4, "revoke", 0, 0, 0),
    ],
    "an organisation that is suspended and restored while one of its people travels": [
        _act(0, "give", 0, 0, 2), _act(0, "give", 1, 0, 2), _act(1, "suspend", 1, 0, 0), _act(3, "suspend", 1, 0, 0),
        _act(3, "rest", 1, 0, 1), _act(3, "give", 1, 0, 0), _act(4, "suspend", 1, 0, 0), _act(4, "wake", 1, 0, 1),
        _act(5, "suspend", 1, 0, 0),
    ],
    "a stay in the house, from admission until so long after the exit; ends that are moved, also of what others rest on": [
        _act(0, "join", 0, 0, _TO_PERSON), _act(0, "give", 0, 1, 3), _act(0, "give", 1, 0, 2, length=2),
        _act(0, "give_on", 0, 0, 0), _act(0, "give_on", 1, 0, 0), _act(2, "move", 0, 0, 0, length=1),
        _act(3, "move", 1, 0, 0, length=2), _act(4, "move", 0, 0, 0, length=2),
    ],
    "matters": [
        _act(0, "give", 0, 3, 0), _act(0, "join", 1, 0, _TO_PERSON), _act(0, "give", 0, 2, 1, length=4),
        _act(1, "wall", 0, 0, _TO_PERSON, length=1), _act(3, "restrict", 0, 0, 0), _act(4, "restrict", 0, 0, 0),
    ],
    "what waits for a second person": [
        _act(0, "propose", 0, 0, 2), _act(0, "propose", 1, 0, 2), _act(0, "give_on", 0, 0, 0, length=1),
        _act(0, "propose", 0, 1, 0), _act(0, "propose", 1, 3, 0), _act(1, "give", 1, 1, 0), _act(2, "approve", 0, 0, 0),
        _act(3, "decline", 0, 0, 0), _act(4, "approve", 1, 0, 0),
    ],
    "whoever is on duty, and whoever is woken": [
        _act(0, "cover", 0, 0, 0), _act(0, "cover", 0, 1, 0), _act(0, "cover", 1, 2, 0), _act(0, "give", 0, 2, 1, length=4),
        _act(0, "duty", 0, 0, 0, length=2), _act(0, "alert", 0, 0, 0, length=5), _act(1, "duty", 1, 0, 0, length=3),
        _act(1, "wall", 0, 1, _TO_TEAM, length=1),
        _act(2, "restrict", 0, 0, 0), _act(2, "alert", 1, 0, 0, length=5), _act(3, "end_duty", 1, 0, 0),
        _act(3, "duty", 0, 1, 0, delay=1), _act(4, "alert", 0, 2, 0, length=2), _act(4, "restrict", 0, 0, 0),
        _act(5, "end_duty", 2, 0, 0),
    ],
}  # fmt: skip
