"""What she is told, in her case: of a legal process, safely; and what must be reported, before she is asked."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from casemgmt.access.sections import Section, write
from casemgmt.accounts.requests import SignedInRequest
from cases.actions.duties import note_limits_told, note_process_told, one_of
from cases.forms.duties import ToldForm
from cases.guards import guarded
from cases.models import Case, LegalProcess
from cases.views.desk_forms import done
from cases.views.disclosures import process_line
from cases.views.shell import render_case


@require_http_methods(["GET", "POST"])
@guarded(write(Section.DUTIES))
def limits(request: SignedInRequest, case: Case) -> HttpResponse:
    """The words by which she learns what must be reported, in a language she understands; and that they were said."""
    if request.method == "POST":
        note_limits_told(actor=request.user, now=clock.now(), case_uid=case.uid)
        messages.success(request, _("Noted: she was told what must be reported."))
        return HttpResponseRedirect(reverse("case-disclosures", args=[case.uid]))
    return render_case(request, case, "sharing", "cases/duties/limits.html", dict)


@require_http_methods(["GET", "POST"])
@guarded(write(Section.DUTIES))
def process_told(request: SignedInRequest, case: Case, process_uid: UUID) -> HttpResponse:
    """She was told of a process, by a way that is safe, and said what she wishes."""
    row = one_of(LegalProcess, case, process_uid)
    form = ToldForm(request.POST if request.method == "POST" else None)
    made = done(
        request, form,
        lambda: note_process_told(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, process_uid=row.uid,
            how=form.cleaned_data["how"], wishes=form.cleaned_data["wishes"],
        ),
        words=_("Noted: she was told. Counsel sees what she wishes."),
    )  # fmt: skip
    if made is not None:
        return HttpResponseRedirect(reverse("case-disclosures", args=[case.uid]))

    def build() -> dict[str, Any]:
        return {"form": form, "line": process_line(row), "rule": case.safe_contact}

    status = 422 if form.errors else 200
    return render_case(request, case, "sharing", "cases/duties/process_told.html", build, status=status)
