"""What she asks for by data protection law, at the desk of duties: recorded, extended, decided, put into her hands."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.accounts.requests import SignedInRequest
from cases import clocks, desk
from cases.actions.subject_requests import decide_request, extend_request, note_delivered, record_request
from cases.choices.duties import DeliveredVia, RefusalGround, RequestDecision, RequestKind, VerifiedHow
from cases.desk import DUTY_ROLES, Standing, open_desk
from cases.forms.subject_requests import DecideForm, DeliveredForm, ExtendForm, RequestForm
from cases.models import SubjectRequest
from cases.views.desk_forms import done, form_about_case


def request_line(row: SubjectRequest) -> dict[str, Any]:
    """One request in words."""
    facts, decision = row.facts, row.decision or {}

    def said(choices: Any, name: str) -> str:
        return str(choices(decision[name]).label) if decision.get(name) else ""

    return {
        "request": row, "code": facts["kind"], "kind": RequestKind(facts["kind"]).label, "words": facts["words"],
        "clocks": clocks.of_request(row, clock.now()), "decision": said(RequestDecision, "decision"),
        "verified": said(VerifiedHow, "verified"), "ground": said(RefusalGround, "ground"),
        "via": said(DeliveredVia, "via"), "why": decision.get("words", ""), "extended_why": decision.get("extended_why", ""),
    }  # fmt: skip


def _within_reach(request: SignedInRequest, request_uid: UUID) -> SubjectRequest:
    """The request, for whoever may record such things on its case. Raises Hidden."""
    now = clock.now()
    row: SubjectRequest | None = desk.duties_for(request.user, SubjectRequest, at=now).filter(uid=request_uid).first()
    if row is None or not Standing(request.user, row.case, at=now).may_record_duty:
        raise Hidden
    return row


@for_roles(*DUTY_ROLES)
@require_http_methods(["GET", "POST"])
def request_new(request: SignedInRequest) -> HttpResponse:
    """Record what she asks for, on her case found by its number."""
    form, case = form_about_case(request, RequestForm)
    if case is not None:
        facts = {name: form.cleaned_data[name] for name in ("kind", "words", "received_on")}
        made = done(
            request, form,
            lambda: record_request(actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, **facts),
            words=_("It is on the list, with its last day. Her case is held until it is over."),
        )  # fmt: skip
        if made is not None:
            return HttpResponseRedirect(reverse("subject-request", args=[made.uid]))
    return render(request, "cases/duties/request_form.html", {"form": form}, status=422 if form.errors else 200)


@for_roles(*DUTY_ROLES)
@require_safe
def subject_request(request: SignedInRequest, subject_request_uid: UUID) -> HttpResponse:
    """One request: its last day, what was decided, and where what she asks for is done."""
    row = _within_reach(request, subject_request_uid)
    standing = Standing(request.user, row.case, at=clock.now())
    with open_desk(request.user, [row]):
        context = {"line": request_line(row), "may_ask": standing.may_ask}
        return render(request, "cases/duties/request.html", context)


@for_roles(*DUTY_ROLES)
@require_http_methods(["GET", "POST"])
def request_extend(request: SignedInRequest, subject_request_uid: UUID) -> HttpResponse:
    """Two months more, once; she is told why."""
    row, form = _asked(request, subject_request_uid, ExtendForm)
    return _step(request, row, form, _("Take two months more"), lambda: extend_request(
        actor=request.user, now=clock.now(), form_key=form.key, case_uid=row.case.uid, request_uid=row.uid,
        why=form.cleaned_data["reason"],
    ))  # fmt: skip


@for_roles(*DUTY_ROLES)
@require_http_methods(["GET", "POST"])
def request_decide(request: SignedInRequest, subject_request_uid: UUID) -> HttpResponse:
    """Decide on it."""
    row, form = _asked(request, subject_request_uid, DecideForm)
    return _step(request, row, form, _("Decide"), lambda: decide_request(
        actor=request.user, now=clock.now(), form_key=form.key, case_uid=row.case.uid, request_uid=row.uid,
        decided=form.decided,
    ))  # fmt: skip


@for_roles(*DUTY_ROLES)
@require_http_methods(["GET", "POST"])
def request_delivered(request: SignedInRequest, subject_request_uid: UUID) -> HttpResponse:
    """It came into her hands."""
    row, form = _asked(request, subject_request_uid, DeliveredForm)
    return _step(request, row, form, _("It is in her hands"), lambda: note_delivered(
        actor=request.user, now=clock.now(), form_key=form.key, case_uid=row.case.uid, request_uid=row.uid,
        via=form.cleaned_data["via"],
    ))  # fmt: skip


def _asked(request: SignedInRequest, uid: UUID, kind: Any) -> tuple[SubjectRequest, Any]:
    return _within_reach(request, uid), kind(request.POST if request.method == "POST" else None)


def _step(request: SignedInRequest, row: SubjectRequest, form: Any, title: str, act: Any) -> HttpResponse:
    """One form about a request; back to it once it is done."""
    if done(request, form, act, words=_("Noted.")) is not None:
        return HttpResponseRedirect(reverse("subject-request", args=[row.uid]))
    with open_desk(request.user, [row]):
        context = {"form": form, "line": request_line(row), "title": title}
        return render(request, "cases/duties/request_step.html", context, status=422 if form.errors else 200)
