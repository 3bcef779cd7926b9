"""What the door costs: a page of the list against the same rows with no permission, and against guardian's own way."""

from collections.abc import Iterator

from guardian.shortcuts import get_objects_for_user

from benchmarks.measure import Figure, median, ratio_of, timed
from benchmarks.world import World
from casemgmt.access.sections import READ_CARD
from cases import access
from cases.models import Case

ROUNDS = 60
PAGE = 50
#: access.md §1.6: what the same rows cost with no permission at all, at most this many times.
ROWS_LIMIT, WHOLE_LIMIT = 2.2, None


def figures(world: World) -> Iterator[Figure]:
    """The query of the rows alone, then all of ``access.page`` (rows, and what may be done with each)."""
    amina = world.people["amina"]
    everybody = access.for_the_house(Case).select_related("team", "lead").order_by("-pk")

    def bare() -> list[Case]:
        return list(everybody.all()[: PAGE + 1])

    def visible() -> list[Case]:
        return list(access.visible(Case, amina, READ_CARD).select_related("team", "lead").order_by("-pk")[: PAGE + 1])

    def whole() -> list[Case]:
        return access.page(amina, READ_CARD, size=PAGE)[0]

    def theirs() -> list[Case]:
        found = get_objects_for_user(amina, f"cases.{READ_CARD}", klass=everybody.all())
        return list(found[: PAGE + 1])

    assert [case.pk for case in visible()] == [case.pk for case in bare()] == [case.pk for case in theirs()]
    times = dict(
        zip(("bare", "visible", "whole", "theirs"), timed(bare, visible, whole, theirs, rounds=ROUNDS), strict=True)
    )
    for name, ours, peer, limit in (
        ("visible(), 51 rows", "visible", "bare", ROWS_LIMIT),
        ("visible(), 51 rows", "visible", "theirs", 1),
        ("page(), 51 rows and what may be done with each", "whole", "bare", WHOLE_LIMIT),
        ("page(), 51 rows and what may be done with each", "whole", "theirs", None),
    ):
        words = "without permissions" if peer == "bare" else "get_objects_for_user"
        yield Figure(
            name=f"door: {name}", measured=median(times[ours]) * 1000, unit="ms", peer=words,
            peer_value=median(times[peer]) * 1000, ratio=ratio_of(times[ours], times[peer]), limit=limit, of="ratio",
        )  # fmt: skip
