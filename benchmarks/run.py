"""What is measured under each name, and the world that it needs."""

from collections.abc import Iterable, Iterator

from benchmarks.access import build
from benchmarks.figures import (
    access,
    door,
    importing,
    ledger,
    pages,
    rotation,
    sealing,
    search,
    served,
    starting,
    vault,
    writers,
)
from benchmarks.measure import Figure
from benchmarks.world import World, lay_foundations, say
from tests.cast import Cast

#: These need no cases, or build their own.
_WITHOUT_WORLD = {"vault", "start", "access", "sealing", "writers"}


def measure(names: Iterable[str]) -> Iterator[Figure]:
    """The figures of these names, in a fixed order. The world grows once, after its first, small state was asked."""
    chosen = set(names)
    if chosen - _WITHOUT_WORLD:
        say("Making a small world …")
        world = World()
        world.begin()
        of_pages = pages.Pages(world) if "pages" in chosen else None
        if chosen & {"pages", "door", "served"}:
            say("Letting it grow …")
            world.grow()
        if of_pages is not None:
            say("Pages …")
            yield from of_pages.figures()
        if "door" in chosen:
            say("The door …")
            yield from door.figures(world)
        if "ledger" in chosen:
            say("The ledger …")
            yield from ledger.figures(world)
        if "search" in chosen:
            say("The search …")
            yield from search.figures(world)
        if "served" in chosen:
            say("Served …")
            yield from served.figures(world)
    elif chosen & {"vault", "access", "sealing", "writers"}:
        lay_foundations()
    if "vault" in chosen:
        say("The vault …")
        yield from vault.figures()
    if "keys" in chosen:
        say("The keys …")
        yield from rotation.figures(world)
    if "import" in chosen:
        say("The import …")
        yield from importing.figures(world)
    if "start" in chosen:
        say("Starting …")
        yield from starting.figures()
    if "access" in chosen:
        say("Access at size …")
        Cast.make()
        yield from access.figures(build(Cast()))
    if "writers" in chosen:
        say("Writers at once …")
        Cast.make()
        yield from writers.figures()
    if "sealing" in chosen:
        say("The seal …")
        yield from sealing.figures()
