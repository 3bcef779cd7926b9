"""Breaches: the list, the first hour with its controls, the cases concerned, the end; and in a case, that she was told."""

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
from casemgmt.access.sections import Section, write
from casemgmt.accounts.actions.house import LOCKING_ROLES
from casemgmt.accounts.requests import SignedInRequest
from cases import access, clocks
from cases.actions.breaches import (
    BREACH_ROLES,
    STEPS,
    breaches_for,
    cases_in,
    close_breach,
    concern_case,
    note_step,
    record_breach,
    tell_survivor,
)
from cases.choices.duties import BreachCause, BreachKind, BreachLesson
from cases.errors import CaseError
from cases.forms.breaches import BreachForm, CloseForm, ConcernForm, NoticeForm
from cases.guards import guarded
from cases.models import Breach, BreachCase, Case
from cases.views.desk_forms import done, form_about_case
from cases.views.shell import render_case

#: More than one page shows; the latest first.
MOST = 100


def _line(breach: Breach) -> dict[str, Any]:
    return {
        "breach": breach, "kinds": [BreachKind(kind).label for kind in breach.kinds],
        "clocks": clocks.of_breach(breach, clock.now()),
        "cause": BreachCause(breach.root_cause).label if breach.root_cause else "",
        "lessons": [BreachLesson(one).label for one in breach.lessons],
    }  # fmt: skip


def _within_reach(request: SignedInRequest, uid: UUID) -> Breach:
    breach = breaches_for(request.user, at=clock.now()).filter(uid=uid).first()
    if breach is None:
        raise Hidden
    return breach


@for_roles(*BREACH_ROLES)
@require_safe
def breaches(request: SignedInRequest) -> HttpResponse:
    """The breaches of the house, the latest first."""
    rows = breaches_for(request.user, at=clock.now())[:MOST]
    return render(request, "cases/duties/breaches.html", {"lines": [_line(one) for one in rows]})


@for_roles(*BREACH_ROLES)
@require_http_methods(["GET", "POST"])
def breach_new(request: SignedInRequest) -> HttpResponse:
    """Record a breach in its first hour."""
    form = BreachForm(request.POST if request.method == "POST" else None)
    made = done(
        request, form,
        lambda: record_breach(actor=request.user, now=clock.now(), form_key=form.key, found=form.found),
        words=_("It is recorded, and the clocks run. First stop it; then tell."),
    )  # fmt: skip
    if made is not None:
        return HttpResponseRedirect(reverse("breach", args=[made.uid]))
    context = {"form": form, "title": _("Record an incident"), "back": reverse("breaches")}
    return render(request, "cases/duties/breach_step.html", context, status=422 if form.errors else 200)


@for_roles(*BREACH_ROLES)
@require_safe
def breach(request: SignedInRequest, breach_uid: UUID) -> HttpResponse:
    """One breach: what to do first, its clocks, the cases concerned by number, and its end."""
    row = _within_reach(request, breach_uid)
    may_lock = bool(request.user.roles_of(*LOCKING_ROLES))
    context = {"line": _line(row), "cases": list(cases_in(row, request.user)), "may_lock": may_lock}
    return render(request, "cases/duties/breach.html", context)


@for_roles(*BREACH_ROLES)
@require_POST
def breach_step(request: SignedInRequest, breach_uid: UUID, step: str) -> HttpResponse:
    """Note that it is contained, or who was told, now."""
    row = _within_reach(request, breach_uid)
    if step not in STEPS:
        raise Hidden
    try:
        note_step(actor=request.user, now=clock.now(), breach_uid=row.uid, step=step)
    except CaseError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Noted."))
    return HttpResponseRedirect(reverse("breach", args=[row.uid]))


@for_roles(*BREACH_ROLES)
@require_http_methods(["GET", "POST"])
def breach_case(request: SignedInRequest, breach_uid: UUID) -> HttpResponse:
    """Say which case it concerns, by its number."""
    row = _within_reach(request, breach_uid)
    form, case = form_about_case(request, ConcernForm)
    made = case and done(
        request, form,
        lambda: concern_case(
            actor=request.user, now=clock.now(), form_key=form.key, breach_uid=row.uid, case_uid=case.uid
        ),
        words=_("The case is held, and somebody she trusts has the task to tell her."),
    )  # fmt: skip
    return _page(request, row, form, made, _("A case it concerns"))


@for_roles(*BREACH_ROLES)
@require_http_methods(["GET", "POST"])
def breach_close(request: SignedInRequest, breach_uid: UUID) -> HttpResponse:
    """Close it with what was learned."""
    row = _within_reach(request, breach_uid)
    form = CloseForm(request.POST if request.method == "POST" else None)
    made = done(
        request, form,
        lambda: close_breach(
            actor=request.user, now=clock.now(), form_key=form.key, breach_uid=row.uid, **{
                name: form.cleaned_data[name] for name in ("root_cause", "lessons")
            },
        ),
        words=_("The incident is closed."),
    )  # fmt: skip
    return _page(request, row, form, made, _("Close the incident"))


def _page(request: SignedInRequest, row: Breach, form: Any, made: Any, title: str) -> HttpResponse:
    back = reverse("breach", args=[row.uid])
    if made is not None:
        return HttpResponseRedirect(back)
    context = {"form": form, "title": title, "back": back}
    return render(request, "cases/duties/breach_step.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@guarded(write(Section.DUTIES))
def breach_told(request: SignedInRequest, case: Case, breach_case_uid: UUID) -> HttpResponse:
    """She was told of it by a safe way; or not yet, and why."""
    access.get_record(BreachCase, case, breach_case_uid)
    form = NoticeForm(request.POST if request.method == "POST" else None)
    made = done(
        request, form,
        lambda: tell_survivor(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, breach_case_uid=breach_case_uid,
            how=form.cleaned_data["how"], deferred=form.cleaned_data["deferred"],
        ),
        words=_("Noted."),
    )  # fmt: skip
    if made is not None:
        return HttpResponseRedirect(reverse("case-disclosures", args=[case.uid]))

    def build() -> dict[str, Any]:
        return {"form": form, "rule": case.safe_contact}

    status = 422 if form.errors else 200
    return render_case(request, case, "sharing", "cases/duties/breach_told.html", build, status=status)
