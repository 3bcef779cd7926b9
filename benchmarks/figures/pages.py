"""How long the server works for a page, how many queries it sends, and how many bytes a first visit loads."""

import gzip
import re
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import brotli
from django.contrib.staticfiles import finders
from django.urls import reverse

from benchmarks.measure import Figure, Times, in_turn, median, number, p95, queries, ratio_of
from benchmarks.world import World
from cases.views.shell import TABS

PAGE_LIMIT_MS = 100
FIRST_LOAD_LIMIT_KB = 40
ROUNDS = 24
#: A short page in the same shell, for somebody signed in, that shows nothing of a case.
PEER, PEER_WORDS = "audit-people", "list of people"
#: Lists by who reads them and the name of their address.
LISTS = (
    ("cases", "amina", "cases"), ("day", "amina", "day"), ("tasks", "amina", "tasks"), ("team", "bea", "team"),
    ("attorney", "chidi", "attorney-home"), ("audit home", "elif_", "auditor-home"), ("audit events", "elif_", "audit-events"),
    ("audit cases", "elif_", "audit-cases"), ("audit people", "elif_", "audit-people"), ("audit changes", "elif_", "audit-changes"),
)  # fmt: skip
_ASSET = re.compile(rb'(?:href|src)="(/static/[^"?#]+\.(?:css|js|woff2|svg))')


class Pages:
    """Measures pages of one world, and remembers what the lists asked when there was little to show."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.few = {name: self._asked(key, reverse(url)) for name, key, url in LISTS}

    def _asked(self, key: str, address: str) -> int:
        run = self.world.page(key, address)
        run()
        return len(queries(run))

    def figures(self) -> Iterator[Figure]:
        """Case pages first, then lists, then bytes."""
        yield from self._case_pages()
        yield from self._lists()
        yield from self._first_loads()

    def _case_pages(self) -> Iterator[Figure]:
        """Each tab of cases with something on every tab, against the page of one's own account in the same shell."""
        peer = self.world.page("elif_", reverse(PEER))
        matter = cycle([self.world.page("chidi", reverse("matter", args=[uid])) for uid in self.world.matters])
        tabs = {label: cycle([self.world.page("amina", reverse(url, args=[uid])) for uid in self.world.rich])
                for label, url in _tabs()}  # fmt: skip
        runs = [peer, *(lambda pages=pages: next(pages)() for pages in (*tabs.values(), matter))]
        peer_times, *times = in_turn(*runs, rounds=ROUNDS)
        for label, ours, run in zip((*tabs, "matter (attorney)"), times, runs[1:], strict=True):
            asked = queries(run)
            yield Figure(
                name=f"case page: {label}, {len(asked)} queries{_beside(ours)}",
                measured=median(ours) * 1000, unit="ms", peer=PEER_WORDS, peer_value=median(peer_times) * 1000,
                ratio=ratio_of(ours, peer_times), limit=PAGE_LIMIT_MS,
                more=_more(ours, asked),
            )  # fmt: skip

    def _lists(self) -> Iterator[Figure]:
        """Time, and that the number of queries does not grow with the rows."""
        peer = self.world.page("elif_", reverse(PEER))
        runs = [self.world.page(key, reverse(url)) for _name, key, url in LISTS]
        peer_times, *times = in_turn(peer, *runs, rounds=ROUNDS)
        for (name, key, url), ours, run in zip(LISTS, times, runs, strict=True):
            asked = queries(run)
            yield Figure(
                name=f"list: {name}{_beside(ours)}", measured=median(ours) * 1000, unit="ms",
                peer=PEER_WORDS, peer_value=median(peer_times) * 1000, ratio=ratio_of(ours, peer_times), more=_more(ours, asked),
            )  # fmt: skip
            few = self.few[name]
            yield Figure(
                name=f"list: {name}, queries with many rows", measured=len(asked), unit="queries", peer="with few",
                peer_value=few, ratio=len(asked) / few, limit=1, of="ratio", more={"address": reverse(url), "as": key},
            )  # fmt: skip

    def _first_loads(self) -> Iterator[Figure]:
        """The page itself and the styles and scripts it names, as they travel: pages as the server sends them, files in Brotli."""
        uid = self.world.rich[0]
        addresses = [(f"case {label}", "amina", reverse(url, args=[uid])) for label, url in _tabs()]
        addresses += [(name, key, reverse(url)) for name, key, url in LISTS]
        addresses += [("matter", "chidi", reverse("matter", args=[self.world.matters[0]]))]
        for name, key, address in addresses:
            response = self.world.page(key, address)()
            sent = len(response.content)
            page = (
                gzip.decompress(response.content)
                if response.headers.get("Content-Encoding") == "gzip"
                else response.content
            )
            assets = {found.decode() for found in _ASSET.findall(page)}
            travel = sum(map(_on_the_wire, assets))
            yield Figure(
                name=f"first load: {name}", measured=(sent + travel) / 1000, unit="KB", peer="uncompressed page",
                peer_value=len(page) / 1000, limit=FIRST_LOAD_LIMIT_KB,
                more={"html": len(page), "sent": sent, "assets": travel, "files": sorted(assets)},
            )  # fmt: skip


def _beside(times: Times) -> str:
    """What stands beside the median: how long the slow ones took, and how much of it was our own computing."""
    return f", p95 {number(p95(times) * 1000)} ms, computing {number(median(times.computed) * 1000)} ms"


def _more(times: Times, asked: list[str]) -> dict[str, Any]:
    """What is kept in the file of results besides."""
    return {
        "p95": p95(times) * 1000,
        "computed": median(times.computed) * 1000,
        "queries": len(asked),
        "repeated": _repeated(asked),
    }


def _tabs() -> list[tuple[str, str]]:
    """The tabs that this installation has: key and name of the address."""
    found = []
    for key, url, _label, _sections in TABS:
        try:
            reverse(url, args=["00000000-0000-0000-0000-000000000000"])
        except LookupError:
            continue
        found.append((key, url))
    return found


def _on_the_wire(address: str) -> int:
    """Bytes of one static file, compressed as whitenoise serves it."""
    path = finders.find(address.removeprefix("/static/"))
    if not path:
        raise RuntimeError(f"A page names {address}, which is nowhere.")
    with open(path, "rb") as file:
        body = file.read()
    return len(body) if address.endswith(".woff2") else len(brotli.compress(body))


def _repeated(asked: list[str]) -> list[str]:
    """Statements a page sent more than once, word for word."""
    return sorted({sql[:300] for sql in asked if asked.count(sql) > 1})
