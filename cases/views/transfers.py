"""Closing a case after its transfer to a partner. The page says first who loses access, and with whom the record stays."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from casemgmt.access.sections import Section, write
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.forms import HavenForm
from cases import access
from cases.actions.transfers import close_after_transfer, ending_with_transfer, is_transferred, supervises
from cases.errors import CaseError
from cases.forms.cases import TransferredForm
from cases.guards import guarded
from cases.models import Case
from cases.views.shell import render_case


@require_http_methods(["GET", "POST"])
@guarded(write(Section.DUTIES))
def after_transfer(request: SignedInRequest, case: Case) -> HttpResponse:
    """Close the case; all access of the house ends but supervision."""
    form: HavenForm = TransferredForm(
        request.POST if request.method == "POST" else None, initial={"closed_on": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid() and _closed(request, case, form):
        return HttpResponseRedirect(reverse("case-overview", args=[case.uid]))

    def build() -> dict[str, Any]:
        viewers = access.live_access(case)
        return {
            "form": form,
            "may": supervises(request.user, viewers, at=clock.now()) and is_transferred(viewers) and not case.is_closed,
            "ending": [viewer for viewer in ending_with_transfer(case) if not viewer.rests],
        }

    return render_case(
        request, case, "sharing", "cases/after_transfer.html", build, status=422 if form.errors else 200
    )  # fmt: skip


def _closed(request: SignedInRequest, case: Case, form: HavenForm) -> bool:
    try:
        close_after_transfer(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid,
            closed_on=form.cleaned_data["closed_on"],
        )  # fmt: skip
    except CaseError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return False
    messages.success(request, _("The case is closed after its transfer. Only its supervisors read it now."))
    return True
