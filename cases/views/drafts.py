"""Where the pages send what is typed, every few seconds."""

from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import personal
from casemgmt.accounts.requests import SignedInRequest
from cases import access, opening
from cases.actions.drafts import discard_draft, save_draft
from cases.drafts import kept_draft
from cases.errors.casework import DraftTooLong

#: Never part of a draft.
NOT_TYPED = frozenset({"csrfmiddlewaretoken", "form_key", "held_form"})


@personal()
@require_http_methods(["GET", "POST"])
def draft(request: SignedInRequest, kind: str, about: UUID) -> HttpResponse:
    """POST keeps what stands in a form; GET gives it back, to its writer alone, while she may open what it is about."""
    if access.is_closed_to(request.user, about):
        raise Hidden
    if request.method == "POST":
        fields = {name: values for name, values in request.POST.lists() if name not in NOT_TYPED}
        try:
            save_draft(
                actor=request.user, now=clock.now(), kind=kind, about_uid=about, fields=fields, page=_page_of(request)
            )
        except DraftTooLong as error:
            return HttpResponse(str(error), status=413, content_type="text/plain; charset=utf-8")
        return HttpResponse(status=204)
    with opening.open_own(request.user):
        kept = kept_draft(request.user, kind, about)
    if kept is None:
        raise Hidden
    return JsonResponse({"fields": kept.fields, "saved_at": kept.saved_at.isoformat()})


@personal()
@require_POST
def discard(request: SignedInRequest, kind: str, about: UUID) -> HttpResponse:
    """Throw a draft away."""
    discard_draft(actor=request.user, now=clock.now(), kind=kind, about_uid=about)
    messages.success(request, _("The draft is gone."))
    return redirect("home")


def _page_of(request: SignedInRequest) -> str:
    """The page of the form, so that its writer finds back; empty if the browser does not say."""
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, allowed_hosts={request.get_host()}):
        return ""
    path = urlsplit(referer).path[:300]
    # Two slashes at the start would lead to another host.
    return path if not path.startswith("//") else ""
