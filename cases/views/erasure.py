"""The desk of holds and erasures, and its page on a case. Content-blind: a case is found by its number, never opened."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import freshly_confirmed
from casemgmt.interface.forms import HavenForm
from cases import desk
from cases.actions import erasure
from cases.choices.erasing import ErasureCheck, ErasureGround, ErasureState
from cases.desk import ASKING_ROLES, DESK_ROLES, Standing, open_desk, words_in
from cases.forms.erasure import AskForm, CheckForm, ReasonForm
from cases.guards import guarded
from cases.models import Case, ErasureOrder
from cases.views.decisions import also_for
from cases.views.desk_forms import certificate_file, classes_in_words, done, form_about_case
from cases.views.holds import hold_line
from cases.views.shell import render_case

MOST = 100
_TONES = {
    ErasureState.ASKED: "warn", ErasureState.COOLING: "warn", ErasureState.ERASING: "info", ErasureState.DONE: "",
    ErasureState.STOPPED: "", ErasureState.REFUSED: "bad",
}  # fmt: skip


# ---- Lines. Read inside open_desk. ----


def order_line(order: ErasureOrder) -> dict[str, Any]:
    """One order as the desk shows it, without its sealed words."""
    return {
        "order": order,
        "tone": _TONES[ErasureState(order.state)],
        "stands": _how_far(order),
        "parts": classes_in_words(order.classes),
        "approved_by": [one.name for one in (order.first_by, order.second_by) if one is not None],
        "gone_by": erasure.gone_by(order),
        "needs_check": order.state == ErasureState.COOLING and order.checked_at is None,
    }


def _how_far(order: ErasureOrder) -> str:
    """How far it is, in words; of one that waits, for how many approvals."""
    if order.state != ErasureState.ASKED:
        return str(ErasureState(order.state).label)
    left = 2 if order.first_by_id is None else 1
    return ngettext("Waiting for %(count)d approval", "Waiting for %(count)d approvals", left) % {"count": left}


def _sealed_words(order: ErasureOrder) -> dict[str, Any]:
    """Ground, reference and reason of one order; what is left of them once their own class is erased."""
    terms, talk = words_in(order, "terms"), words_in(order, "talk")
    if terms is None:
        return {"are_erased": True}
    return {
        "ground": ErasureGround(terms["ground"]).label,
        "reference": terms["reference"],
        "reason": terms["reason"],
        "check": ErasureCheck(talk["kind"]).label if talk else "",
        "stopped_why": words_in(order, "stopped_why") or "",
    }


# ---- The desk ----


@for_roles(*DESK_ROLES)
@require_safe
def orders(request: SignedInRequest) -> HttpResponse:
    """The orders one may know of, the newest first. Plain columns only: nothing sealed is opened."""
    found = list(desk.orders_for(request.user, at=clock.now())[:MOST])
    lines = [order_line(order) for order in found]
    context = {
        "open": [line for line in lines if line["order"].is_open],
        "over": [line for line in lines if not line["order"].is_open],
        "cooling_days": settings.ERASURE_COOLING_DAYS,
        "may_ask": request.user.holds_role(*ASKING_ROLES, at=clock.now()),
        "also": also_for(request.user),
    }
    return render(request, "cases/erasure/orders.html", context)


@for_roles(*ASKING_ROLES)
@require_http_methods(["GET", "POST"])
def ask(request: SignedInRequest) -> HttpResponse:
    """Ask for an erasure; refused at once, in words, while something holds the case."""
    form, case = form_about_case(request, AskForm)
    if case is not None:
        facts = form.cleaned_data
        made = done(
            request, form,
            lambda: erasure.ask_erasure(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid,
                classes=facts["classes"], ground=facts["ground"], reference=facts["reference"],
                reason=facts["reason"],
            ),
            words=_("The order is written. Two others must approve it."),
        )  # fmt: skip
        if made is not None:
            return HttpResponseRedirect(reverse("erasure-order", args=[made.uid]))
    context = {"form": form, "cooling_days": settings.ERASURE_COOLING_DAYS}
    return render(request, "cases/erasure/ask.html", context, status=422 if form.errors else 200)


def _order(request: SignedInRequest, order_uid: UUID) -> ErasureOrder:
    found = desk.orders_for(request.user, at=clock.now()).filter(uid=order_uid).first()
    if found is None:
        raise Hidden
    return found


@for_roles(*DESK_ROLES)
@require_safe
def order(request: SignedInRequest, order_uid: UUID) -> HttpResponse:
    """One order: what, why, who said yes, what is still to come, and until when a backup could bring it back."""
    found = _order(request, order_uid)
    now = clock.now()
    with open_desk(request.user, [found]):
        context = {**order_line(found), "words": _sealed_words(found), **_acts(request, found, now)}
        return render(request, "cases/erasure/order.html", context)


def _acts(request: SignedInRequest, order: ErasureOrder, now: datetime) -> dict[str, bool]:
    """What this person may do with the order now."""
    standing = Standing(request.user, order.case, at=now)
    is_new = request.user.pk not in (order.asked_by_id, order.first_by_id)
    return {
        "may_approve": order.state == ErasureState.ASKED and standing.may_approve and is_new,
        "may_check": order.state == ErasureState.COOLING and standing.may_check,
        "may_stop": order.state in (ErasureState.ASKED, ErasureState.COOLING) and standing.may_stop,
    }


@for_roles(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
@freshly_confirmed
def approve(request: SignedInRequest, order_uid: UUID) -> HttpResponse:
    """Say yes, after a fresh proof of who one is, on a page that says what will happen."""
    found = _order(request, order_uid)
    if not Standing(request.user, found.case, at=clock.now()).may_approve:
        raise Hidden
    form = HavenForm(request.POST if request.method == "POST" else None)
    approved = done(
        request, form,
        lambda: erasure.approve_erasure(
            actor=request.user, now=clock.now(), form_key=form.key, order_uid=order_uid
        ),
        words=_("Your approval is recorded."),
    )  # fmt: skip
    if approved is not None:
        return HttpResponseRedirect(reverse("erasure-order", args=[order_uid]))
    with open_desk(request.user, [found]):
        context = {
            **order_line(found), "words": _sealed_words(found), "form": form,
            "cooling_days": settings.ERASURE_COOLING_DAYS, "backup_days": settings.KEYSTORE_BACKUP_DAYS,
        }  # fmt: skip
        return render(request, "cases/erasure/approve.html", context, status=422 if form.errors else 200)


@for_roles(*DESK_ROLES)
@require_safe
def certificate(request: SignedInRequest, order_uid: UUID) -> HttpResponse:
    """The signed certificate as a file: no personal data, checked offline by ``manage.py verify_certificate``."""
    return certificate_file(_order(request, order_uid))


# ---- The private talk, and stopping: from the desk, or from the case ----


@for_roles(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def check(request: SignedInRequest, order_uid: UUID) -> HttpResponse:
    """Record the private talk, at the desk."""
    found = _order(request, order_uid)
    return _take(CHECK, request, found, reverse("erasure-order", args=[order_uid]), _at_desk)


@for_roles(*DESK_ROLES)
@require_http_methods(["GET", "POST"])
def stop(request: SignedInRequest, order_uid: UUID) -> HttpResponse:
    """Stop an order, at the desk."""
    found = _order(request, order_uid)
    return _take(STOP, request, found, reverse("erasure-order", args=[order_uid]), _at_desk)


Shows = Callable[[SignedInRequest, ErasureOrder, dict[str, Any], int], HttpResponse]


def _at_desk(request: SignedInRequest, order: ErasureOrder, context: dict[str, Any], status: int) -> HttpResponse:
    return render(request, "cases/erasure/step.html", context, status=status)


def _on_case(request: SignedInRequest, order: ErasureOrder, context: dict[str, Any], status: int) -> HttpResponse:
    return render_case(
        request, order.case, "sharing", "cases/erasure/step_on_case.html", lambda: context, status=status
    )


@dataclass(frozen=True)
class Step:
    """One step of an order: the form, the action that takes its answers, what is said then, and the part of the page."""

    form: type[HavenForm]
    act: Callable[..., ErasureOrder]
    words: Promise
    part: str


CHECK = Step(
    CheckForm, erasure.confirm_erasure, gettext_lazy("The private talk is recorded."), "cases/erasure/_check.html"
)
STOP = Step(
    ReasonForm, erasure.stop_erasure, gettext_lazy("The erasure is stopped. Nothing was erased."),
    "cases/erasure/_stop.html",
)  # fmt: skip


def _take(step: Step, request: SignedInRequest, order: ErasureOrder, back: str, show: Shows) -> HttpResponse:
    """The page of a step, at the desk or on the case; back to where one came from once it is taken."""
    form = step.form(request.POST if request.method == "POST" else None)
    taken = done(
        request, form,
        lambda: step.act(
            actor=request.user, now=clock.now(), form_key=form.key, order_uid=order.uid, **form.answers
        ),
        words=str(step.words),
    )  # fmt: skip
    if taken is not None:
        return HttpResponseRedirect(back)
    context = {"part": step.part, "form": form, "back": back, **order_line(order)}
    return show(request, order, context, 422 if form.errors else 200)


# ---- On the case ----


@guarded(read(Section.DUTIES), even_erased=True)
@require_safe
def of_case(request: SignedInRequest, case: Case) -> HttpResponse:
    """Holds and erasures of one case, for those who keep its duties; what they may do with them."""
    now = clock.now()
    standing = Standing(request.user, case, at=now)
    if not standing.sees:
        raise Hidden
    held = list(desk.holds_of(case))
    found = list(desk.orders_of(case))

    def build() -> dict[str, Any]:
        with open_desk(request.user, held):
            lines = [hold_line(hold) for hold in held]
        return {
            "holds": lines,
            "orders": [order_line(one) | _acts(request, one, now) for one in found],
            "may_hold": standing.may_hold,
            "may_ask": standing.may_ask and not case.is_erased,
        }

    return render_case(request, case, "sharing", "cases/erasure/of_case.html", build)


def _order_of(case: Case, order_uid: UUID) -> ErasureOrder:
    found = next((one for one in desk.orders_of(case) if one.uid == order_uid), None)
    if found is None:
        raise Hidden
    found.case = case
    return found


@guarded(write(Section.DUTIES), even_erased=True)
@require_http_methods(["GET", "POST"])
def check_on_case(request: SignedInRequest, case: Case, order_uid: UUID) -> HttpResponse:
    """Record the private talk: for whoever knows her."""
    return _take(CHECK, request, _order_of(case, order_uid), reverse("case-holds", args=[case.uid]), _on_case)


@guarded(write(Section.DUTIES), even_erased=True)
@require_http_methods(["GET", "POST"])
def stop_on_case(request: SignedInRequest, case: Case, order_uid: UUID) -> HttpResponse:
    """Stop an order: she changed her mind, or was not free."""
    return _take(STOP, request, _order_of(case, order_uid), reverse("case-holds", args=[case.uid]), _on_case)
