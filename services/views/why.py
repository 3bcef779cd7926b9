"""Why I can see a matter: for its attorney, who is told of her own access and of nobody else's."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases.guards import guarded_matter
from cases.models import Matter
from services.views.legal import render_matter


@require_GET
@guarded_matter()
def matter_why(request: SignedInRequest, matter: Matter) -> HttpResponse:
    """Each ground of the reader that opens this matter, or parts of its case; none of her grounds on other matters."""
    found = [
        ground
        for ground in access.grounds(request.user, matter.case)
        if ground.viewer.grant.matter_id in (None, matter.pk)
    ]
    return render_matter(
        request,
        matter,
        "services/matter_why.html",
        lambda _summary: {"grounds": found, "heading": _("Why can I see this?")},
    )
