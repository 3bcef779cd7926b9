"""Pages of the ledger: newer and older, never numbers. The place in a list is an opaque token of its reader."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from casemgmt.access.errors import Hidden
from casemgmt.crypto.errors import BadToken
from casemgmt.crypto.tokens import open_token, seal_token

from .models import Event
from .workspace.walking import Chosen, walk

SIZE = 50
PARAMETER = "page"


@dataclass(frozen=True)
class Page:
    """Some rows, and the addresses of the rows around them (empty where there are none).

    ``looked_to``: the walk stopped before the page was full, and looked through everything up to this moment (UTC).
    """

    rows: list[Any]
    newer: str
    older: str
    looked_to: datetime | None = None


def page_of_events(request: HttpRequest, chosen: Chosen, *, name: str, size: int = SIZE) -> Page:
    """One page of what is chosen, newest first. ``name`` is the list's: a token of one list opens no other.

    Raises Hidden for a token that was not made for this reader and list.
    """
    place = _place(request, name)
    address = _addresses(request, name)
    after, before = place.get("after"), place.get("before")
    found = walk(chosen, before=before, after=after, size=size + 1)
    is_more = len(found.events) > size
    if after is not None:
        shown = found.events[1:] if is_more else found.events
        ends = shown[0].pk if is_more else found.reached
        newer = "" if found.is_end else address(after=ends)
        older = address(before=shown[-1].pk if shown else after + 1)
    else:
        shown = found.events[:size]
        ends = shown[-1].pk if is_more else found.reached
        newer = "" if before is None else address(after=shown[0].pk if shown else before - 1)
        older = "" if found.is_end else address(before=ends)
    looked_to = None
    if not is_more and not found.is_end:
        looked_to = Event.objects.filter(pk__lte=found.reached).order_by("-pk").values_list("at", flat=True).first()
    return Page(shown, newer, older, looked_to)


def page_of(request: HttpRequest, rows: Any, *, name: str, key: str = "id", size: int = SIZE) -> Page:
    """One page of ``rows`` by descending ``key``, which has an index. ``name`` as in ``page_of_events``. One query."""
    place = _place(request, name)
    if "after" in place:
        found = list(rows.filter(**{f"{key}__gt": place["after"]}).order_by(key)[: size + 1])
        shown = found[:size][::-1]
        has_newer, has_older = len(found) > size, True
    else:
        if "before" in place:
            rows = rows.filter(**{f"{key}__lt": place["before"]})
        found = list(rows.order_by(f"-{key}")[: size + 1])
        shown = found[:size]
        has_newer, has_older = bool(place), len(found) > size
    if not shown:
        return Page([], "", "")
    address = _addresses(request, name)
    return Page(
        rows=shown,
        newer=address(after=_key(shown[0], key)) if has_newer else "",
        older=address(before=_key(shown[-1], key)) if has_older else "",
    )


def _place(request: HttpRequest, name: str) -> dict[str, int]:
    """Where the reader stands. Raises Hidden."""
    token = request.GET.get(PARAMETER, "")
    if not token:
        return {}
    try:
        place: dict[str, int] = open_token(request.user.uid, f"ledger/{name}", token)  # type: ignore[union-attr]
    except BadToken:
        raise Hidden from None
    return place


def _addresses(request: HttpRequest, name: str) -> Callable[..., str]:
    def address(**to: int) -> str:
        query = request.GET.copy()
        query[PARAMETER] = seal_token(request.user.uid, f"ledger/{name}", to)  # type: ignore[union-attr]
        return f"?{query.urlencode()}"

    return address


def _key(row: Any, key: str) -> int:
    """The place of a row, an object or a dict of values."""
    return int(row[key] if isinstance(row, dict) else getattr(row, key))
