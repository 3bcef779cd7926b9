"""Where the demo's doors are: only in the demo, only on this machine, and never behind a proxy."""

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from casemgmt.access.errors import Hidden
from casemgmt.proxies import PASSED_ON

#: Any of these says that somebody else passed the request on.
FORWARDING = ("Forwarded", "X-Real-Ip", "Via")
LOOPBACK_NAMES = frozenset({"localhost"})


def is_loopback(name: str) -> bool:
    """Whether a host name or address means this machine."""
    if name in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def is_demo_door_open(request: HttpRequest) -> bool:
    """The demo, a peer on this machine, a name of this machine, and nobody in between."""
    host = request.get_host()
    name = host[: host.index("]") + 1] if host.startswith("[") else host.rpartition(":")[0] or host
    return (
        settings.HAVEN_DEMO
        and is_loopback(request.META.get("REMOTE_ADDR", ""))
        and is_loopback(name)
        and not request.META.get(PASSED_ON)
        and not any(header in request.headers for header in FORWARDING)
    )


def demo_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page that does not exist outside the demo."""

    @wraps(view)
    def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_demo_door_open(request):
            raise Hidden
        return view(request, *args, **kwargs)

    return inside
