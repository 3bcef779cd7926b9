"""Pages of the ledger: newer and older, never numbers. The place in a list is an opaque token of its reader."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from casemgmt.access.errors import Hidden
from casemgmt.crypto.errors import BadToken
from casemgmt.crypto.tokens import open_token, seal_token

SIZE = 50
PARAMETER = "page"


@dataclass(frozen=True)
class Page:
    """Some rows, and the addresses of the rows around them (empty where there are none)."""

    rows: list[Any]
    newer: str
    older: str


def page_of(request: HttpRequest, rows: Any, *, name: str, key: str = "id", size: int = SIZE) -> Page:
    """One page of ``rows`` by descending ``key``. ``name`` is the list's: a token of one list opens no other.

    Raises Hidden for a token that was not made for this reader and list. One query.
    """
    purpose = f"ledger/{name}"
    token = request.GET.get(PARAMETER, "")
    place: dict[str, int] = {}
    if token:
        try:
            place = open_token(request.user.uid, purpose, token)  # type: ignore[union-attr]
        except BadToken:
            raise Hidden from None
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

    def address(**to: int) -> str:
        query = request.GET.copy()
        query[PARAMETER] = seal_token(request.user.uid, purpose, to)  # type: ignore[union-attr]
        return f"?{query.urlencode()}"

    return Page(
        rows=shown,
        newer=address(after=_key(shown[0], key)) if has_newer else "",
        older=address(before=_key(shown[-1], key)) if has_older else "",
    )


def _key(row: Any, key: str) -> int:
    """The place of a row, an object or a dict of values."""
    return int(row[key] if isinstance(row, dict) else getattr(row, key))
