"""The client address behind a pseudonym of the ledger: for the privacy officer, with a reason, shown once."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from audit.action import Repeated
from audit.opening_addresses import open_address
from casemgmt.access.rules import for_roles
from casemgmt.accounts.choices import Role
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import freshly_confirmed
from casemgmt.reports.forms import OpenAddress


@for_roles(Role.PRIVACY_OFFICER)
@require_http_methods(["GET", "HEAD", "POST"])
@freshly_confirmed
def client_address(request: SignedInRequest) -> HttpResponse:
    """Open one address, after a fresh proof: shown in this answer alone, kept by no cache, and recorded as LEDGER_READ.

    A page that is sent again (a reload) shows nothing. What is not kept any more is said so, and was asked all the same.
    """
    start = {"name": request.GET.get("name", "")[:20]}
    form = OpenAddress(request.POST if request.method == "POST" else None, initial=start)
    context = {"form": form, "is_asked": False, "address": None}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        found = open_address(
            actor=request.user, now=clock.now(), form_key=form.key, name=given["name"], reason=given["reason"]
        )
        if isinstance(found, Repeated):
            form.add_error(None, _("It was shown already, once. If you need it again, ask again."))
        else:
            context |= {"is_asked": True, "address": found, "name": given["name"]}
    status = 422 if form.errors else 200
    response = render(request, "reports/client_address.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
