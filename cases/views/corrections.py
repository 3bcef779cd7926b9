"""Asking for the removal of what was written into the wrong record, and deciding it as the second person."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import personal
from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import freshly_confirmed
from cases import desk, record_versions, versions
from cases.actions.correcting import approve_correction, ask_correction, decline_correction
from cases.correcting import correctable, waiting_for
from cases.errors import CaseError
from cases.forms.history import CorrectionDecisionForm, WrongRecordForm
from cases.guards import guarded
from cases.models import Case, Correction
from cases.views.record_history import number_asked, record_url
from cases.views.shell import render_case


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(READ_CARD)
def ask(request: SignedInRequest, case: Case, record_uid: UUID) -> HttpResponse:
    """Say that a version belongs to another record; a second person decides."""
    found = record_versions.of_record(case, record_uid, request.GET.get("kind", ""))
    version = number_asked(request, found, "version", found.last.number)
    names = correctable(found, version, case)
    form = WrongRecordForm(request.POST if request.method == "POST" else None, initial={"version": version.number})
    if request.method == "POST" and form.is_valid():
        try:
            ask_correction(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, record_uid=found.uid,
                kind=found.model._meta.model_name, number=version.number, reason=form.cleaned_data["reason"],
            )  # fmt: skip
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("A second person was told. Nothing is removed before they agree."))
            return HttpResponseRedirect(record_url(case, found))

    def build() -> dict[str, Any]:
        return {
            "found": found,
            "version": version,
            "labels": [versions._label(found.model, name) for name in names],
            "form": form,
            "back": record_url(case, found),
        }

    status = 422 if form.errors else 200
    return render_case(request, case, "history", "cases/version_correct.html", build, status=status)


def correction_line(correction: Correction) -> dict[str, Any]:
    """One waiting correction in words, from plain columns alone."""
    model = record_versions.model_named(correction.kind)
    return {
        "correction": correction,
        "kind": str(versions.KINDS.get(correction.kind, capfirst(model._meta.verbose_name))),
        "section": Section(correction.of_section).label,
        "labels": [versions._label(model, name) for name in correction.fields],
    }


@personal()
@require_http_methods(["GET", "POST"])
@freshly_confirmed
def decide(request: SignedInRequest, correction_uid: UUID) -> HttpResponse:
    """Remove it, or leave it, as the second person, after a fresh proof of who one is. Nothing of the case is opened."""
    waiting = waiting_for(request.user, at=clock.now())
    correction = next((one for one in waiting if one.uid == correction_uid), None)
    if correction is None:
        raise Hidden
    form = CorrectionDecisionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return _decided(request, form, correction)
        except CaseError as error:
            form.add_error(None, str(error))
    with desk.open_desk(request.user, [correction]):
        context = {
            **correction_line(correction), "reason": desk.words_in(correction, "reason"), "form": form,
        }  # fmt: skip
    return render(request, "cases/guarding/correction.html", context, status=422 if form.errors else 200)


def _decided(request: SignedInRequest, form: CorrectionDecisionForm, correction: Correction) -> HttpResponse:
    common = {"actor": request.user, "now": clock.now(), "form_key": form.key, "correction_uid": correction.uid}
    if form.cleaned_data["decision"] == CorrectionDecisionForm.APPROVE:
        approve_correction(**common)
        messages.success(request, _("It was removed. A mark says so where it stood."))
    else:
        decline_correction(**common, reason=form.cleaned_data["reason"])
        messages.success(request, _("It stays as it is, and who asked is told."))
    return HttpResponseRedirect(reverse("decisions"))
