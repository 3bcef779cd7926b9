"""Pages as a browser gets them from gunicorn, in a house of very many cases, beside the same pages of an unprotected Haven.

First pairs: ours and the bare page (``benchmarks.bare``) in turn, from two servers on the same databases. Then every address
that answers a GET with a page, for each person of the cast to whom it answers: how long the slow ones of many take.
"""

import gzip
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from django.db import transaction
from django.urls import reverse

from audit.context import audit_context
from benchmarks.bare import strip
from benchmarks.measure import Figure, Times, in_turn, median, number, p95, ratio_of
from benchmarks.serving import Asker, served
from benchmarks.world import World, say
from cases import access
from cases.models import Case
from tests.house.matrix import Records, addresses
from tests.house.test_url_events import arguments_of, is_asked
from tests.house.world import World as Furnished
from tests.house.world import build

RATIO_LIMIT, PAGE_LIMIT_MS = 2, 100
#: How much of a page may differ between the two: tokens of its forms, and a clock.
SAME = 0.02
ROUNDS, EACH = 60, int(os.environ.get("HAVEN_BENCH_EACH", "20"))
#: Whose pages are walked: a caseworker, her supervisor, an attorney, the auditor, the administrator, privacy, the coordinator.
WALKERS = ("amina", "bea", "chidi", "elif_", "farid", "kemi", "mara")
_SLOWEST = 8


#: Label, who asks, and the name of the address.
PAIRS = (
    ("list of cases", "amina", "cases"), ("my day", "amina", "day"), ("my tasks", "amina", "tasks"),
    ("overview", "amina", "case-overview"), ("survivor", "amina", "case-survivor"), ("safety", "amina", "case-safety"),
    ("legal", "amina", "case-legal"), ("aftercare", "amina", "case-aftercare"),
    ("reintegration", "amina", "case-reintegration"), ("documents", "amina", "case-documents"),
    ("sharing", "amina", "case-sharing"), ("timeline", "amina", "case-timeline"),
    ("matter, for its attorney", "chidi", "matter"),
)  # fmt: skip


def figures(world: World) -> Iterator[Figure]:
    """Pairs, then every page."""
    say("  something of everything in two cases")
    with audit_context("test", "a world to measure"), transaction.atomic():
        furnished = build()
    logging.disable(logging.WARNING)  # most addresses refuse most people, and each refusal says so
    pages = dict(_pages_of(world, furnished))
    logging.disable(logging.NOTSET)
    with ExitStack() as stack:
        port = stack.enter_context(served())
        bare = stack.enter_context(served(after_fork=strip))
        yield from _pairs(world, port, bare)
        yield from _every_page(world, pages, port)


def _pairs(world: World, port: int, bare: int) -> Iterator[Figure]:
    """Each page beside its bare twin, which must be the same page."""
    for name, key, url in PAIRS:
        uid = world.matters[-1] if url == "matter" else world.rich[-1]
        address = reverse(url, args=[uid] if url == "matter" or url.startswith("case-") else [])
        client = world.client(key)
        ours = Asker(port, client, "Haven").page(address)
        theirs = Asker(bare, client, "The bare twin").page(address)
        sizes = [len(gzip.decompress(run())) for run in (ours, theirs)]
        if abs(sizes[0] - sizes[1]) > SAME * sizes[0]:
            raise RuntimeError(f"The bare page of {url} is another page: {sizes[0]} and {sizes[1]} bytes.")
        mine, peer = in_turn(ours, theirs, rounds=ROUNDS, warm=8)
        yield Figure(
            name=f"served: {name}, p95 {number(p95(mine) * 1000)} ms", measured=median(mine) * 1000, unit="ms",
            peer="bare", peer_value=median(peer) * 1000, ratio=ratio_of(mine, peer), limit=RATIO_LIMIT, of="ratio",
            more={"p95": p95(mine) * 1000, "bare_p95": p95(peer) * 1000, "cases": len(world.cases), "bytes": sizes},
        )  # fmt: skip


def _pages_of(world: World, furnished: Furnished) -> Iterator[tuple[tuple[str, str], str]]:
    """(who, name of the address) → address, of every page that opens for her on a GET; what a GET did is taken back."""
    case = access.for_the_house(Case).get(uid=furnished.north.case.uid)
    north = Records(case, matter_uid=furnished.north.matter_uid)
    for key in WALKERS:
        client = world.client(key)
        for address in filter(is_asked, addresses()):
            path = reverse(address.name, kwargs=arguments_of(address, north, furnished))
            with transaction.atomic():
                response = client.get(path)
                is_page = response.status_code == 200 and response.headers.get("Content-Type", "").startswith(
                    "text/html"
                )
                is_page = is_page and not response.streaming
                transaction.set_rollback(True)
            if is_page:
                yield (key, address.name), path


def _every_page(world: World, pages: dict[tuple[str, str], str], port: int) -> Iterator[Figure]:
    """The slowest by name, and how many are slower than they may be."""
    slow: dict[tuple[str, str], float] = {}
    askers = {key: Asker(port, world.client(key)) for key in WALKERS if key in world.people}
    for (key, name), path in pages.items():
        run = askers[key].page(path)
        slow[key, name] = p95(_times(run)) * 1000
    worst = sorted(slow.items(), key=lambda pair: -pair[1])
    for (key, name), took in worst[:_SLOWEST]:
        yield Figure(
            name=f"served: {name} ({key.rstrip('_')}), p95 of {EACH}", measured=took, unit="ms", limit=PAGE_LIMIT_MS
        )
    yield Figure(
        name=f"served: pages of {len(pages)} over {PAGE_LIMIT_MS} ms at the 95th percentile",
        measured=sum(took > PAGE_LIMIT_MS for took in slow.values()), unit="pages", limit=0,
        more={f"{key} {name}": took for (key, name), took in worst},
    )  # fmt: skip


def _times(run: Callable[[], Any]) -> Times:
    """Many of one page, after it was warm."""
    (times,) = in_turn(run, rounds=EACH, warm=3)
    return times
