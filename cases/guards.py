"""View rules of cases and matters: the view receives the record, opened through the door, instead of its uid.

Where the content that a view is about was erased by order, its reader gets the page that says so, and a write is
refused in the same words; ``even_erased`` is for views that can tell more than that.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase

from casemgmt.access.ground import standing_on
from casemgmt.access.rules import Rule, carry
from casemgmt.access.sections import READ_CARD, READ_MATTER, Section, section_of
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.crypto.errors import ContentErased
from cases import access
from cases.access import Holding
from cases.browsing import brake
from cases.errors.erasing import PartIsErased
from cases.views.erased import erased_matter, erased_part

View = Callable[..., HttpResponseBase]


def guarded(permission: str = READ_CARD, *, even_erased: bool = False) -> Callable[[View], View]:
    """For holders of ``permission`` on the case named by ``uid``; the view gets ``case`` with ``case.holding`` set."""

    def fasten(view: View) -> View:
        @wraps(view)
        def inside(request: SignedInRequest, uid: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
            case = access.get_for(request.user, uid, permission)
            proof_first = brake(request, case.uid)
            if proof_first is not None:
                return proof_first
            if case.has_erased(section_of(permission)) and not even_erased:
                return erased_part(request, case, section_of(permission))
            try:
                with standing_on(request, _ground(case.holding, None, permission)):
                    return view(request, case, *args, **kwargs)
            except PartIsErased as gone:
                return erased_part(request, case, gone.section)
            except ContentErased as gone:
                # A key that is missing without an order is a fault, and the outermost layer says so.
                if gone.case_uid != case.uid or gone.retention_class not in case.erasures:
                    raise
                return erased_part(request, case, section_of(permission))

        return carry(inside, Rule("guarded", (permission,)))

    return fasten


def guarded_matter(permission: str = READ_MATTER) -> Callable[[View], View]:
    """For whoever may open the matter named by ``uid`` (its holder, or a reader of the case's legal section)."""

    def fasten(view: View) -> View:
        @wraps(view)
        def inside(request: SignedInRequest, uid: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
            matter = access.get_matter_for(request.user, uid, permission)
            proof_first = brake(request, matter.case.uid)
            if proof_first is not None:
                return proof_first
            if matter.case.has_erased(Section.LEGAL):
                return erased_matter(request, matter)
            try:
                with standing_on(request, _ground(matter.case.holding, matter.uid, permission)):
                    return view(request, matter, *args, **kwargs)
            except PartIsErased as gone:
                return erased_matter(request, matter, gone.section)

        return carry(inside, Rule("guarded_matter", (permission,)))

    return fasten


def _ground(holding: Holding | None, matter_uid: UUID | None, permission: str) -> dict[str, Any]:
    """The access by which a case or a matter is open."""
    basis = None
    if holding is not None:
        is_by_matter = matter_uid in holding.matters
        basis = holding.basis_of_matter(matter_uid) if is_by_matter else holding.card_basis
    return basis.snapshot() if basis is not None else {"kind": "RULE", "permission": [permission]}
