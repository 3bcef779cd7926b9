"""Samples of releases for auditors, at the house's own desk: drawn, looked at sheet by sheet, shown, taken back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.accounts.choices import OrganisationKind
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import freshly_confirmed
from cases.actions.samples import (
    FEWEST,
    SAMPLING_ROLES,
    draw_sample,
    look_at_sheet,
    samples_of,
    sheets_of,
    show_sample,
    withdraw_sample,
)
from cases.choices.release_checks import Attribute, ReleaseState, SheetFinding, Verdict
from cases.choices.sharing import Purpose
from cases.errors import CaseError
from cases.forms.samples import DrawForm, LookForm, ShowForm, WithdrawForm
from cases.models import ReleaseSample, SampleSheet
from cases.views.desk_forms import done, step

MOST = 50


def state_of(sample: ReleaseSample) -> str:
    """How far a sample is: DRAWN, SHOWN, OVER or WITHDRAWN."""
    if sample.withdrawn_at is not None:
        return "WITHDRAWN"
    if sample.shown_at is None or sample.until is None:
        return "DRAWN"
    return "SHOWN" if clock.now() < sample.until else "OVER"


def sheet_in_words(sheet: SampleSheet) -> dict[str, Any]:
    """One sheet as staff and auditors read it: the same words for both."""
    told = sheet.content
    facts = [
        (_("State"), ReleaseState(told["state"]).label),
        (_("Purpose"), Purpose(told["purpose"]).label if told["purpose"] in Purpose.values else _("None")),
        (_("Kind of recipient"), dict(OrganisationKind.choices).get(told["recipient"], told["recipient"])),
        (_("Signed in week"), told["signed"]),
        (_("Begins in week"), told["begins"]),
        (_("Ends in week"), told["ends"]),
        (_("Taken back in week"), told["withdrawn"]),
        (_("Signatures"), str(told["signatures"])),
        (_("Of them with a sealed file"), str(told["files"])),
        (_("Disclosures on its ground"), str(told["disclosures"])),
    ]
    tones = {Verdict.HOLDS: "ok", Verdict.FAILS: "bad"}
    verdicts = told["attributes"]
    return {
        "sheet": sheet, "facts": [(label, words) for label, words in facts if words],
        "attributes": [
            {"label": one.label, "words": Verdict(verdicts[one.value]).label, "tone": tones.get(verdicts[one.value], "")}
            for one in Attribute
        ],
    }  # fmt: skip


@for_roles(*SAMPLING_ROLES)
@require_http_methods(["GET", "POST"])
def samples(request: SignedInRequest) -> HttpResponse:
    """All samples there were, also those that were thrown away; and the form that has one drawn."""
    _house(request)
    form = DrawForm(request.POST if request.method == "POST" else None)
    made = done(
        request, form,
        lambda: draw_sample(
            actor=request.user, now=clock.now(), form_key=form.key, period_from=form.cleaned_data["period_from"],
            period_until=form.cleaned_data["period_until"], size=form.cleaned_data["size"],
        ),
        words=_("The sample is drawn. Look at each sheet before auditors see any."),
    )  # fmt: skip
    if made is not None:
        return HttpResponseRedirect(reverse("sample", args=[made.uid]))
    lines = [{"sample": one, "state": state_of(one)} for one in samples_of(request.user)[:MOST]]
    context = {"lines": lines, "form": form, "fewest": FEWEST}
    return render(request, "cases/samples/samples.html", context, status=422 if form.errors else 200)


def _house(request: SignedInRequest) -> None:
    if not request.user.organisation.is_ours:
        raise Hidden


def _sample(request: SignedInRequest, sample_uid: UUID) -> ReleaseSample:
    _house(request)
    found = samples_of(request.user).filter(uid=sample_uid).first()
    if found is None:
        raise Hidden
    return found


def _to(sample_uid: UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("sample", args=[sample_uid]))


@for_roles(*SAMPLING_ROLES)
@require_safe
def sample(request: SignedInRequest, sample_uid: UUID) -> HttpResponse:
    """Every sheet as auditors would read it, with what was found of it so far; and the next step."""
    found = _sample(request, sample_uid)
    sheets = list(sheets_of(found))
    state = state_of(found)
    context = {
        "sample": found, "state": state, "lines": [sheet_in_words(one) for one in sheets],
        "left": sum(not one.finding for one in sheets),
        "cleared": sum(one.finding == SheetFinding.CLEAR for one in sheets),
        "form": LookForm() if state == "DRAWN" else None,
    }  # fmt: skip
    return render(request, "cases/samples/sample.html", context)


@for_roles(*SAMPLING_ROLES)
@require_POST
def look_at(request: SignedInRequest, sample_uid: UUID, sheet_uid: UUID) -> HttpResponse:
    """What somebody finds of one sheet. The buttons say which."""
    _sample(request, sample_uid)
    form = LookForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the two: it may be shown, or it is left out."))
        return _to(sample_uid)
    try:
        look_at_sheet(
            actor=request.user, now=clock.now(), form_key=form.key, sample_uid=sample_uid, sheet_uid=sheet_uid,
            finding=form.cleaned_data["finding"],
        )  # fmt: skip
    except CaseError as refused:
        messages.error(request, str(refused))
    return _to(sample_uid)


@for_roles(*SAMPLING_ROLES)
@require_http_methods(["GET", "POST"])
@freshly_confirmed
def show(request: SignedInRequest, sample_uid: UUID) -> HttpResponse:
    """Let auditors see it, for a number of days, after a fresh proof of who one is."""
    found = _sample(request, sample_uid)
    form = ShowForm(request.POST if request.method == "POST" else None)
    return step(
        request, form,
        lambda: show_sample(
            actor=request.user, now=clock.now(), form_key=form.key, sample_uid=sample_uid, days=form.cleaned_data["days"]
        ),
        words=_("Auditors see the sample now. You can take it back at any time."), back=reverse("sample", args=[sample_uid]),
        template="cases/samples/show.html", context={"sample": found},
    )  # fmt: skip


@for_roles(*SAMPLING_ROLES)
@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest, sample_uid: UUID) -> HttpResponse:
    """Take it back: at once, and without a proof, because it closes."""
    found = _sample(request, sample_uid)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    return step(
        request, form,
        lambda: withdraw_sample(
            actor=request.user, now=clock.now(), form_key=form.key, sample_uid=sample_uid, why=form.cleaned_data["ground"]
        ),
        words=_("The sample is taken back. No auditor sees it any more."), back=reverse("sample", args=[sample_uid]),
        template="cases/samples/withdraw.html", context={"sample": found},
    )  # fmt: skip
