"""The record of a case conference: one page, one save, its tasks with it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from casemgmt.access.errors import Refused
from casemgmt.access.sections import READ_CARD, Section, write
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from cases.actions.conferences import CONFERENCE_CLASSES, CONFERENCE_DRAFT, record_conference
from cases.choices.casework import SECTION_OF_PRIVILEGE, PrivilegeClass
from cases.drafts import kept_draft
from cases.errors import CaseError
from cases.forms.notes import ConferenceForm
from cases.guards import guarded
from cases.models import Case
from cases.people import everybody_on
from cases.views.notes import class_choices
from cases.views.shell import render_case, viewers_of


def _classes_of(case: Case) -> list[PrivilegeClass]:
    """As what the reader may write the record of a conference."""
    holding = case.holding
    assert holding is not None  # the door has set it
    return [one for one in CONFERENCE_CLASSES if holding.writes(SECTION_OF_PRIVILEGE[one])]


def may_record_conference(reader: User, case: Case) -> bool:
    """Whether the page opens for her: from the house, and with a part in which the record can stand."""
    return reader.organisation_id == case.organisation_id and bool(_classes_of(case))


@guarded(READ_CARD)
@require_http_methods(["GET", "POST"])
def conference_add(request: SignedInRequest, case: Case) -> HttpResponse:
    """Record a case conference. The house records it: whoever comes from outside is a guest there."""
    if not may_record_conference(request.user, case):
        raise Refused(write(Section.SERVICES))
    classes = _classes_of(case)
    form = ConferenceForm(
        request.POST if request.method == "POST" else None, classes=class_choices(request.user, case, classes),
        people=everybody_on(request.user, case, viewers_of(case)),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            record_conference(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, body=facts["body"],
                here=form.those_here, privilege_class=facts["privilege_class"], guests=facts["present"],
                others=facts["others"], decisions=form.decisions, happened_at=facts["happened_at"],
                waiver_is_known=facts["waiver_is_known"],
            )  # fmt: skip
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The conference is recorded, and its tasks are on the lists."))
            return redirect("case-overview", uid=case.uid)

    def build() -> dict[str, Any]:
        kept = None if form.is_bound else kept_draft(request.user, CONFERENCE_DRAFT, case.uid)
        if kept is not None:
            form.initial = kept.initial
        return {"form": form, "kept": kept}

    status = 422 if form.errors else 200
    return render_case(request, case, "overview", "cases/conference_form.html", build, status=status)
