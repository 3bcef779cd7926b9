"""Taking the own file of a matter along: a page that says what goes out, and the archive."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from casemgmt.access.errors import Refused
from casemgmt.access.sections import READ_MATTER
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import freshly_confirmed
from cases.errors import CaseError
from cases.guards import guarded_matter
from cases.models import Matter
from services import own_file
from services.views.legal import paper_lines, render_matter


@guarded_matter(READ_MATTER)
@require_http_methods(["GET", "HEAD", "POST"])
@freshly_confirmed
def matter_file(request: SignedInRequest, matter: Matter) -> HttpResponseBase:
    """What an archive of the file would hold, and then the archive. For who holds the matter, with a fresh proof."""
    holding = matter.case.holding
    if holding is None or matter.uid not in holding.matters:
        raise Refused(READ_MATTER)
    status = 200
    if request.method == "POST":
        try:
            return _handed_out(own_file.take_along(request.user, matter))
        except CaseError as error:
            messages.error(request, str(error))
            status = 503

    def build(summary: dict[str, Any]) -> dict[str, Any]:
        return {
            "papers": paper_lines(request, matter),
            "dates": len(summary["deadlines"]) + len(summary["hearings"]),
            "heading": _("Take a copy of the file"),
            "is_taken_along": True,
        }

    return render_matter(request, matter, "services/own_file.html", build, status=status)


def _handed_out(archive: own_file.Archive) -> StreamingHttpResponse:
    response = StreamingHttpResponse(archive.pieces, content_type="application/zip")
    name = own_file.file_name(timezone.localdate())
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Length"] = str(archive.size)
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
