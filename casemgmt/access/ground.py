"""By what right the running page acts: its rule, or the access to the case that it was opened with.

Whoever records what the page does finds it here where the record itself says nothing narrower. Codes only. Set by the
guard desk's own decorators, for the time of the view; kept on the request for whoever records after it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest

_ground: ContextVar[Mapping[str, Any] | None] = ContextVar("haven_ground", default=None)
_KEPT = "_haven_ground"


@contextmanager
def standing_on(request: HttpRequest, ground: Mapping[str, Any]) -> Iterator[None]:
    """Until the block ends, what is done rests on this, unless something narrower is entered inside."""
    setattr(request, _KEPT, ground)
    token = _ground.set(ground)
    try:
        yield
    finally:
        _ground.reset(token)


def current() -> Mapping[str, Any] | None:
    """What the running page rests on; None outside every page."""
    return _ground.get()


def of(request: HttpRequest) -> Mapping[str, Any] | None:
    """The narrowest that a request came to rest on."""
    found: Mapping[str, Any] | None = getattr(request, _KEPT, None)
    return found
