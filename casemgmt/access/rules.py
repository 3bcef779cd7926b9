"""The rule every view carries. A view without one fails ``tests/house/test_url_matrix.py`` by name.

The rule is readable from outside (``view.access_rule``), so that a test can walk every address and
compare what happened with what the rule says.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponseBase

from . import ground
from .errors import Hidden
from .session import as_reader, session

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


@dataclass(frozen=True)
class Rule:
    """Who may come in. ``kind``: guarded, listing, roles, personal, signed_in or public; ``detail`` narrows it."""

    kind: str
    detail: tuple[str, ...] = ()


#: What reads and changes nothing.
SAFE_METHODS = ("GET", "HEAD")


def carry(view: View, rule: Rule) -> View:
    """Fasten a rule to a view. What a signed-in person reads, she reads in a session of hers; a write is an action.

    A public page reads for nobody: some are answered before anybody has been asked who they are.
    """
    if rule.kind == "public":
        view.access_rule = rule  # type: ignore[attr-defined]
        return view

    @wraps(view)
    def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        reading = session if request.method in SAFE_METHODS else as_reader
        with reading(request.user), ground.standing_on(request, _ground_of(rule)):
            return view(request, *args, **kwargs)

    inside.access_rule = rule  # type: ignore[attr-defined]
    return inside  # type: ignore[return-value]


def _ground_of(rule: Rule) -> dict[str, Any]:
    """What a rule says of the right of whoever passes it; cases, matters and roles say something narrower themselves."""
    if rule.kind in ("personal", "signed_in"):
        return {"kind": "OWN"}
    return {"kind": "LISTING" if rule.kind == "listing" else "RULE", "permission": [str(one) for one in rule.detail]}


def listing(permission: str) -> Callable[[View], View]:
    """A list that shows only records on which the reader holds ``permission``; the view asks the door for them."""
    return lambda view: carry(view, Rule("listing", (permission,)))


def personal() -> Callable[[View], View]:
    """The reader's own page: nobody else's data can be addressed by it."""
    return lambda view: carry(view, Rule("personal"))


def public(reason: str) -> Callable[[View], View]:
    """Open without signing in. The reason is read by the reviewer of the short list of public pages."""

    def fasten(view: View) -> View:
        view.login_required = False  # type: ignore[attr-defined]
        return carry(view, Rule("public", (reason,)))

    return fasten


def for_roles(*roles: str) -> Callable[[View], View]:
    """For holders of one of these roles now; anybody else is told that there is no such page (``Hidden``)."""

    def fasten(view: View) -> View:
        @wraps(view)
        def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            held = request.user.roles_of(*roles)  # type: ignore[union-attr]
            if not held:
                raise Hidden
            with ground.standing_on(request, {"kind": "ROLE", "roles": sorted(held)}):
                return view(request, *args, **kwargs)

        return carry(inside, Rule("roles", roles))  # type: ignore[return-value]

    return fasten
