"""View rules of cases and matters: the view receives the record, opened through the door, instead of its uid."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase

from casemgmt.access.rules import Rule, carry
from casemgmt.access.sections import READ_CARD, READ_MATTER
from casemgmt.accounts.requests import SignedInRequest
from cases import access

View = Callable[..., HttpResponseBase]


def guarded(permission: str = READ_CARD) -> Callable[[View], View]:
    """For holders of ``permission`` on the case named by ``uid``; the view gets ``case`` with ``case.holding`` set."""

    def fasten(view: View) -> View:
        @wraps(view)
        def inside(request: SignedInRequest, uid: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, access.get_for(request.user, uid, permission), *args, **kwargs)

        return carry(inside, Rule("guarded", (permission,)))

    return fasten


def guarded_matter(permission: str = READ_MATTER) -> Callable[[View], View]:
    """For whoever may open the matter named by ``uid`` (its holder, or a reader of the case's legal section)."""

    def fasten(view: View) -> View:
        @wraps(view)
        def inside(request: SignedInRequest, uid: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, access.get_matter_for(request.user, uid, permission), *args, **kwargs)

        return carry(inside, Rule("guarded_matter", (permission,)))

    return fasten
