"""What follows a legal process at the desk of duties: its clocks, its answer, its privilege log; and the card for the door."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles, personal
from casemgmt.accounts.requests import SignedInRequest
from cases import desk
from cases.actions.duties import answer_process, note_counsel_told, withhold
from cases.actions.putting_off import allow_telling, put_off_telling
from cases.desk import DUTY_ROLES, Standing, open_desk
from cases.errors import CaseError
from cases.forms.duties import AnswerForm, PutOffForm, WithheldForm
from cases.models import LegalProcess, Production
from cases.views.desk_forms import done
from cases.views.disclosures import process_line


@personal()
@require_safe
def at_the_door(request: SignedInRequest) -> HttpResponse:
    """The card for whoever answers the door: what to say to police, immigration officers, counsel. The same for all."""
    return render(request, "cases/duties/at_the_door.html", {"counsel": settings.COUNSEL_AT_THE_DOOR})


def _within_reach(request: SignedInRequest, process_uid: UUID) -> LegalProcess:
    """The process, for whoever may record such things on its case. Raises Hidden."""
    now = clock.now()
    row: LegalProcess | None = desk.duties_for(request.user, LegalProcess, at=now).filter(uid=process_uid).first()
    if row is None or not Standing(request.user, row.case, at=now).may_record_duty:
        raise Hidden
    return row


@for_roles(*DUTY_ROLES)
@require_safe
def process(request: SignedInRequest, process_uid: UUID) -> HttpResponse:
    """One process: its clocks, what became of it, and the privilege log, which prints as it stands."""
    row = _within_reach(request, process_uid)
    now = clock.now()
    made = desk.duties_for(request.user, Production, at=now, by="prepared_by").filter(process=row).order_by("number")
    may_prepare = row.is_judicial and row.over_at is None and Standing(request.user, row.case, at=now).is_counsel
    with open_desk(request.user, [row]):
        context = {"line": process_line(row), "productions": list(made), "may_prepare": may_prepare}
        return render(request, "cases/duties/process.html", context)


@for_roles(*DUTY_ROLES)
@require_POST
def counsel_told(request: SignedInRequest, process_uid: UUID) -> HttpResponse:
    """Counsel was told."""
    row = _within_reach(request, process_uid)
    try:
        note_counsel_told(actor=request.user, now=clock.now(), case_uid=row.case.uid, process_uid=row.uid)
    except CaseError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Noted: counsel was told."))
    return HttpResponseRedirect(reverse("process", args=[row.uid]))


@for_roles(*DUTY_ROLES)
@require_http_methods(["GET", "POST"])
def answer(request: SignedInRequest, process_uid: UUID) -> HttpResponse:
    """Note how it was answered, and whether it is over."""
    row = _within_reach(request, process_uid)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    return _step(request, row, form, _("What became of it"), lambda: answer_process(
        actor=request.user, now=clock.now(), form_key=form.key, case_uid=row.case.uid, process_uid=row.uid,
        response=form.cleaned_data["response"], is_over=form.cleaned_data["is_over"],
    ))  # fmt: skip


@for_roles(*DUTY_ROLES)
@require_http_methods(["GET", "POST"])
def withheld(request: SignedInRequest, process_uid: UUID) -> HttpResponse:
    """Add a line to the privilege log."""
    row = _within_reach(request, process_uid)
    form = WithheldForm(request.POST if request.method == "POST" else None)
    return _step(request, row, form, _("What was withheld"), lambda: withhold(
        actor=request.user, now=clock.now(), form_key=form.key, case_uid=row.case.uid, process_uid=row.uid,
        withheld=form.withheld,
    ))  # fmt: skip


@for_roles(*DUTY_ROLES)
@require_http_methods(["GET", "POST"])
def put_off(request: SignedInRequest, process_uid: UUID) -> HttpResponse:
    """Note that the law forbids telling her yet: by whom, why, until when."""
    row = _within_reach(request, process_uid)
    form = PutOffForm(request.POST if request.method == "POST" else None)
    return _step(request, row, form, _("She may not be told yet"), lambda: put_off_telling(
        actor=request.user, now=clock.now(), form_key=form.key, case_uid=row.case.uid, process_uid=row.uid,
        put_off=form.put_off,
    ))  # fmt: skip


@for_roles(*DUTY_ROLES)
@require_POST
def may_be_told(request: SignedInRequest, process_uid: UUID) -> HttpResponse:
    """She may be told sooner."""
    row = _within_reach(request, process_uid)
    allow_telling(actor=request.user, now=clock.now(), case_uid=row.case.uid, process_uid=row.uid)
    messages.success(request, _("Noted: she may be told now."))
    return HttpResponseRedirect(reverse("process", args=[row.uid]))


def _step(request: SignedInRequest, row: LegalProcess, form: Any, title: str, act: Any) -> HttpResponse:
    """One form about a process; back to it once it is done."""
    if done(request, form, act, words=_("Noted.")) is not None:
        return HttpResponseRedirect(reverse("process", args=[row.uid]))
    with open_desk(request.user, [row]):
        context = {"form": form, "line": process_line(row), "title": title}
        return render(request, "cases/duties/process_step.html", context, status=422 if form.errors else 200)
