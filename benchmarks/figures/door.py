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
    """The rows of a page, the queryset of all that is visible, then a whole page with what may be done with each case."""
    amina = world.people["amina"]
    everybody = access.for_the_house(Case).select_related("team", "lead").order_by("-pk")

    def bare() -> list[Case]:
        return list(everybody.all()[: PAGE + 1])

    def visible() -> list[Case]:
        return list(access.visible(Case, amina, READ_CARD).select_related("team", "lead").order_by("-pk")[: PAGE + 1])

    def page() -> list[Case]:
        return access.page(amina, READ_CARD, size=PAGE, with_holdings=False)[0]

    def whole() -> list[Case]:
        return access.page(amina, READ_CARD, size=PAGE)[0]

    def theirs() -> list[Case]:
        found = get_objects_for_user(amina, f"cases.{READ_CARD}", klass=everybody.all())
        return list(found[: PAGE + 1])

    assert [case.pk for case in visible()] == [case.pk for case in bare()] == [case.pk for case in theirs()]
    times = dict(
        zip(
            ("bare", "visible", "page", "whole", "theirs"),
            timed(bare, visible, page, whole, theirs, rounds=ROUNDS),
            strict=True,
        )
    )
    for name, ours, peer, limit in (
        ("page(), 51 rows", "page", "bare", ROWS_LIMIT),
        ("page(), 51 rows", "page", "theirs", 1),
        ("visible(), 51 rows", "visible", "bare", None),
        ("visible(), 51 rows", "visible", "theirs", None),
        ("page(), 51 rows and what may be done with each", "whole", "bare", WHOLE_LIMIT),
        ("page(), 51 rows and what may be done with each", "whole", "theirs", None),
    ):
        words = "without permissions" if peer == "bare" else "get_objects_for_user"
        yield Figure(
            name=f"door: {name}", measured=median(times[ours]) * 1000, unit="ms", peer=words,
            peer_value=median(times[peer]) * 1000, ratio=ratio_of(times[ours], times[peer]), limit=limit, of="ratio",
        )  # fmt: skip
