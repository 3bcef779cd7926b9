"""Pages as a browser gets them from gunicorn, in a house of very many cases, beside the same HTML from a plain Django site.

First pairs: ours and the plain page in turn, from two servers on the same databases. Then every address that answers a GET
with a page, for each person of the cast to whom it answers: how long the slow ones of many take.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.test.utils import setup_test_environment, teardown_test_environment
from django.urls import reverse
from django.utils import timezone

from audit.context import audit_context
from benchmarks.measure import Figure, Times, in_turn, median, number, p95, ratio_of
from benchmarks.peers import plain
from benchmarks.peers.models import PlainCase, PlainEntry
from benchmarks.serving import Asker, served
from benchmarks.world import WORDS, World, say
from cases import access
from cases.models import Case
from tests.house.matrix import Records, addresses
from tests.house.test_url_events import arguments_of, is_asked
from tests.house.world import World as Furnished
from tests.house.world import build

RATIO_LIMIT, PAGE_LIMIT_MS = 2, 100
ROUNDS, EACH = 60, int(os.environ.get("HAVEN_BENCH_EACH", "20"))
#: Whose pages are walked: a caseworker, her supervisor, an attorney, the auditor, the administrator, privacy, the coordinator.
WALKERS = ("amina", "bea", "chidi", "elif_", "farid", "kemi", "mara")
_SLOWEST = 8


@dataclass(frozen=True)
class Pair:
    """One page, who asks for it, and what plain rows stand for what it shows."""

    name: str
    key: str
    url: str
    reads: dict[str, int]
    cases: int = 0

    @property
    def is_of_a_case(self) -> bool:
        return self.url.startswith("case-") or self.url == "matter"


PAIRS = (
    Pair("list of cases", "amina", "cases", {"VIEW": 5}, cases=51),
    Pair("my day", "amina", "day", {"TASK": 40, "DEADLINE": 10}),
    Pair("my tasks", "amina", "tasks", {"TASK": 50}),
    Pair("overview", "amina", "case-overview", {"NOTE": 30, "TASK": 8, "SERVICE": 4, "PERSON": 6, "ALERT": 3}),
    Pair("survivor", "amina", "case-survivor", {"NAME": 4, "SPEECH": 3, "PERSON": 4, "ALERT": 3}),
    Pair("legal", "amina", "case-legal", {"MATTER": 1, "DEADLINE": 6, "PERSON": 4, "ALERT": 3}),
    Pair("aftercare", "amina", "case-aftercare", {"SERVICE": 12, "NEED": 4, "PERSON": 4, "ALERT": 3}),
    Pair("documents", "amina", "case-documents", {"DOCUMENT": 6, "PERSON": 4, "ALERT": 3}),
    Pair("timeline", "amina", "case-timeline", {"NOTE": 50, "PERSON": 4, "ALERT": 3}),
    Pair("matter, for its attorney", "chidi", "matter", {"MATTER": 1, "DEADLINE": 6, "NOTE": 10, "PERSON": 2}),
)  # fmt: skip


def figures(world: World) -> Iterator[Figure]:
    """Pairs, then every page."""
    say("  plain rows, and something of everything in two cases")
    _copy_as_plain(world)
    with audit_context("test", "a world to measure"), transaction.atomic():
        furnished = build()
    uid = world.rich[-1]
    for pair in PAIRS:
        _keep(world, pair, uid)
    logging.disable(logging.WARNING)  # most addresses refuse most people, and each refusal says so
    pages = dict(_pages_of(world, furnished))
    logging.disable(logging.NOTSET)
    with ExitStack() as stack:
        port = stack.enter_context(served())
        other = stack.enter_context(served(MIDDLEWARE=plain.MIDDLEWARE, ROOT_URLCONF=plain.__name__))
        yield from _pairs(world, uid, port, other)
        yield from _every_page(world, pages, port)


def _address(world: World, pair: Pair, uid: Any) -> str:
    if pair.url == "matter":
        return reverse("matter", args=[world.matters[-1]])
    return reverse(pair.url, args=[uid] if pair.is_of_a_case else [])


def _copy_as_plain(world: World) -> None:
    """As many plain cases as there are, with as many entries as the pages of ours show."""
    amina, now, today = world.people["amina"], timezone.now(), timezone.localdate()
    with transaction.atomic():
        PlainCase.objects.bulk_create(
            (
                PlainCase(
                    uid=uid, number=f"S-{place:07d}", first_name=f"Zoraida {place}", second_name=f"Quillfeather {place}",
                    status="OPEN", stage="SERVICES", team="North", lead=amina, opened_on=today, card={"language": "en"},
                )
                for place, uid in enumerate(world.cases)
            ),
            batch_size=1000,
        )  # fmt: skip
        keys = dict(PlainCase.objects.values_list("uid", "pk"))
        rich = {uid: {kind: max(pair.reads.get(kind, 0) for pair in PAIRS) for pair in PAIRS for kind in pair.reads}
                for uid in world.rich}  # fmt: skip
        PlainEntry.objects.bulk_create(
            (
                PlainEntry(
                    case_id=keys[uid], kind=kind, at=now, due_on=today, author=amina, title="Call the agency", body=WORDS
                )
                for uid in world.cases
                for kind, count in rich.get(uid, {"NOTE": 1, "TASK": 1}).items()
                for _ in range(count)
            ),
            batch_size=1000,
        )  # fmt: skip
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _keep(world: World, pair: Pair, uid: Any) -> None:
    """Ask for our page once, and keep template and context for the plain one. Raises RuntimeError where it differs."""
    address = _address(world, pair, uid)
    setup_test_environment()
    try:
        response = world.client(pair.key).get(address)
    finally:
        teardown_test_environment()
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}.")
    context = response.context[0].flatten()
    case = PlainCase.objects.get(uid=uid).pk if pair.is_of_a_case else None
    kept = plain.PlainPage(response.templates[0].name, context, case=case, cases=pair.cases, reads=pair.reads)
    again = plain.render(kept)
    if abs(len(again) - len(response.content)) > len(again) / 100:
        raise RuntimeError(f"The plain page of {pair.url} is not the page: {len(again)} and {len(response.content)} bytes.")
    plain.PAGES[pair.url] = kept


def _pairs(world: World, uid: Any, port: int, other: int) -> Iterator[Figure]:
    """Each page beside its plain twin."""
    for pair in PAIRS:
        client = world.client(pair.key)
        ours = Asker(port, client).page(_address(world, pair, uid))
        theirs = Asker(other, client).page(f"/plain/{pair.url}/")
        mine, peer = in_turn(ours, theirs, rounds=ROUNDS, warm=8)
        yield Figure(
            name=f"served: {pair.name}, p95 {number(p95(mine) * 1000)} ms", measured=median(mine) * 1000, unit="ms",
            peer="plain", peer_value=median(peer) * 1000, ratio=ratio_of(mine, peer), limit=RATIO_LIMIT, of="ratio",
            more={"p95": p95(mine) * 1000, "peer_p95": p95(peer) * 1000, "cases": len(world.cases)},
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
                is_page = response.status_code == 200 and response.headers.get("Content-Type", "").startswith("text/html")
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
        yield Figure(name=f"served: {name} ({key.rstrip('_')}), p95 of {EACH}", measured=took, unit="ms", limit=PAGE_LIMIT_MS)
    yield Figure(
        name=f"served: pages of {len(pages)} over {PAGE_LIMIT_MS} ms at the 95th percentile",
        measured=sum(took > PAGE_LIMIT_MS for took in slow.values()), unit="pages", limit=0,
        more={f"{key} {name}": took for (key, name), took in worst},
    )  # fmt: skip


def _times(run: Callable[[], Any]) -> Times:
    """Many of one page, after it was warm."""
    (times,) = in_turn(run, rounds=EACH, warm=3)
    return times
