"""Following links: every page a person can reach from home, one or a few of each shape."""

import re
from collections import deque
from collections.abc import Container
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

from .words import Desk

#: What makes two addresses of one shape differ: uids, the ledger's pseudonyms, sealed places.
_VARIES = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[A-Z]{1,3}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")


class _Links(HTMLParser):
    """The addresses of all links of a page, those to files left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "a" and named.get("href") and "download" not in named:
            self.found.append(named["href"] or "")


@dataclass(frozen=True)
class Reached:
    """A page that a link leads to: its HTML and what was sent above it."""

    source: str
    headers: dict[str, str]


def shape_of(address: str) -> str:
    """The address without what varies: one case is like another, one filter like another."""
    parts = urlsplit(address)
    names = "&".join(sorted({name for name, _value in parse_qsl(parts.query)}))
    return _VARIES.sub("…", parts.path) + (f"?{names}" if names else "")


def walk(
    desk: Desk, start: str = "/", *, of_a_shape: int = 1, known: Container[str] = (), most: int = 200
) -> dict[str, Reached]:
    """Address → page of what a person reaches from ``start``, with at most so many pages of each shape.

    Shapes that are ``known`` are left out. A link that leads nowhere fails.
    """
    waiting, seen, of_shape = deque([(start, "the beginning")]), {start}, dict[str, int]()
    dead: list[str] = []
    pages: dict[str, Reached] = {}
    while waiting and len(pages) < most:
        address, origin = waiting.popleft()
        answer = desk.context.request.get(desk.address + address)
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        if not answer.ok:
            dead.append(f"{origin} leads {desk.key} to {address}, which answers {answer.status}")
            continue
        reached = answer.url.removeprefix(desk.address)
        source = answer.text()
        pages[reached] = Reached(source, answer.headers)
        links = _Links()
        links.feed(source)
        for link in links.found:
            parts = urlsplit(urljoin(desk.address + reached, link))
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            if f"{parts.scheme}://{parts.netloc}" != desk.address or target in seen:
                continue
            seen.add(target)
            shape = shape_of(target)
            if shape not in known and of_shape.get(shape, 0) < of_a_shape:
                of_shape[shape] = of_shape.get(shape, 0) + 1
                waiting.append((target, reached))
    assert dead == [], "\n".join(dead)
    return pages
