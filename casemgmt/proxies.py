"""Who the client is: before every other layer, so that ledger, limits and cookies agree on one address.

What stands in ``X-Forwarded-For`` is anybody's invention unless one of our own proxies wrote it, and each proxy adds the
address that it saw at the end. So the list is read from its end, as long as our own proxies stand there; the first other
address is the client's. From anybody but our own proxies all such headers are thrown away.
"""

from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

#: What a proxy may tell. Others of that kind (``Forwarded``, ``X-Real-IP``) nobody reads here.
TOLD_BY_PROXIES = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT")
#: Stands in META where a request came with any of these: the demo's doors are shut then. No header can write that name.
PASSED_ON = "HAVEN_PASSED_ON"
Network = IPv4Network | IPv6Network


class ProxyMiddleware:
    """Puts the client's address into ``REMOTE_ADDR`` and leaves nothing that a stranger wrote of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        told = [request.META.get(name, "") for name in TOLD_BY_PROXIES]
        peer = str(request.META.get("REMOTE_ADDR", ""))
        if any(told):
            request.META[PASSED_ON] = True
        networks = ours()
        if networks and is_ours(peer, networks):
            request.META["REMOTE_ADDR"] = client_of(peer, told[0], networks)
            request.META.pop(TOLD_BY_PROXIES[0], None)
        else:
            for name in TOLD_BY_PROXIES:
                request.META.pop(name, None)
            request.META["REMOTE_ADDR"] = plain(peer)
        return self.get_response(request)


def ours() -> list[Network]:
    """The networks of our own proxies; none where there is no proxy. Raises ValueError for what is no address."""
    return [ip_network(one.strip()) for one in settings.PROXY_ADDRESSES if one.strip()]


def is_ours(address: str, networks: Iterable[Network]) -> bool:
    """Whether a proxy of ours has this address. A local socket has none, and nobody from outside reaches it."""
    if not address:
        return True
    found = plain(address)
    return bool(found) and any(ip_address(found) in network for network in networks)


def client_of(peer: str, forwarded: str, networks: list[Network]) -> str:
    """The client's address: the last in the list that is none of our proxies. What is no address ends the list."""
    client = plain(peer)
    for entry in reversed(forwarded.split(",")):
        address = plain(entry)
        if not address:
            break
        client = address
        if not is_ours(address, networks):
            break
    return client


def plain(address: str) -> str:
    """An address in its one form, without port or brackets; empty for what is none."""
    text = address.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(found)
