"""What is kept how long, what was kept too long, and orders to destroy it. Opens no case; no name stands on these pages."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from audit.log import Ref, record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import freshly_confirmed
from casemgmt.interface.forms import HavenForm
from cases import access, retention
from cases.actions.retention import (
    DECIDING_ROLES,
    SETTING_ROLES,
    approve_destruction,
    ask_destruction,
    set_policy,
    stop_destruction,
)
from cases.choices.retention import BEGINS, OF_THE_LEDGER, USUAL, DestructionState, PeriodUnit, RecordClass
from cases.forms.retention import PolicyForm
from cases.models import DestructionOrder, RetentionPolicy
from cases.views.desk_forms import certificate_file, done, step

#: Who finds these pages: an administrator reads periods and counts, and decides nothing.
RETENTION_ROLES = tuple(dict.fromkeys((*DECIDING_ROLES, *SETTING_ROLES)))
MOST = 100
_TONES = {
    DestructionState.ASKED: "warn", DestructionState.APPROVED: "info", DestructionState.DONE: "",
    DestructionState.STOPPED: "",
}  # fmt: skip


def period_in_words(policy: RetentionPolicy) -> str:
    """``3 years``."""
    number = policy.number
    words = {
        PeriodUnit.DAYS: ngettext("%(number)d day", "%(number)d days", number),
        PeriodUnit.MONTHS: ngettext("%(number)d month", "%(number)d months", number),
        PeriodUnit.YEARS: ngettext("%(number)d year", "%(number)d years", number),
    }
    return words[PeriodUnit(policy.unit)] % {"number": number}


def _house(request: SignedInRequest) -> None:
    if not request.user.organisation.is_ours:
        raise Hidden


def _known_orders(request: SignedInRequest) -> Any:
    rows = access.for_the_house(DestructionOrder).filter(organisation=request.user.organisation_id)
    return rows.select_related("policy", "asked_by", "approved_by", "stopped_by").order_by("-pk")


def order_line(order: DestructionOrder) -> dict[str, Any]:
    """One order in words and counts."""
    return {
        "order": order, "what": RecordClass(order.policy.record_class).label, "tone": _TONES[DestructionState(order.state)],
        "stands": DestructionState(order.state).label, "is_of_ledger": order.policy.record_class in OF_THE_LEDGER,
    }  # fmt: skip


@for_roles(*RETENTION_ROLES)
@require_safe
def periods(request: SignedInRequest) -> HttpResponse:
    """Every class with its period today, its source, and the orders there were."""
    _house(request)
    reader, now = request.user, clock.now()
    today = timezone.localdate(now, reader.zone)
    current = retention.policies_on(reader.organisation, today)
    coming = [policy for policy in retention.all_policies(reader.organisation) if policy.effective_from > today]
    lines = []
    for code, label in RecordClass.choices:
        policy = current.get(code)
        lines.append({
            "code": code, "label": label, "policy": policy, "period": period_in_words(policy) if policy else "",
            "begins": BEGINS[code], "usual": USUAL[code],
            "coming": [(one, period_in_words(one)) for one in coming if one.record_class == code],
        })  # fmt: skip
    context = {
        "lines": lines, "orders": [order_line(order) for order in _known_orders(request)[:MOST]],
        "may_set": reader.holds_role(*SETTING_ROLES, at=now),
    }  # fmt: skip
    return render(request, "cases/retention/periods.html", context)


@for_roles(*SETTING_ROLES)
@require_http_methods(["GET", "POST"])
def policy_new(request: SignedInRequest, record_class: str) -> HttpResponse:
    """Set a period, as counsel decided it. The former one stays readable."""
    _house(request)
    if record_class not in RecordClass.values:
        raise Hidden
    form = PolicyForm(request.POST if request.method == "POST" else None, record_class=record_class)
    made = done(
        request, form,
        lambda: set_policy(
            actor=request.user, now=clock.now(), form_key=form.key, record_class=record_class,
            number=form.cleaned_data["number"], unit=form.cleaned_data["unit"],
            authority=form.cleaned_data["authority"], effective_from=form.cleaned_data["effective_from"],
            counts_from=form.cleaned_data.get("counts_from"),
        ),
        words=_("The period is set."),
    )  # fmt: skip
    if made is not None:
        return HttpResponseRedirect(reverse("retention"))
    former = [
        (one, period_in_words(one))
        for one in retention.all_policies(request.user.organisation)
        if one.record_class == record_class
    ]
    context = {"form": form, "label": RecordClass(record_class).label, "former": former}
    return render(request, "cases/retention/policy_form.html", context, status=422 if form.errors else 200)


def _policy(request: SignedInRequest, policy_uid: UUID) -> RetentionPolicy:
    _house(request)
    rows = access.for_the_house(RetentionPolicy).select_related("organisation", "set_by")
    found = rows.filter(uid=policy_uid, organisation=request.user.organisation_id).first()
    if found is None:
        raise Hidden
    return found


@for_roles(*RETENTION_ROLES)
@require_http_methods(["GET", "POST"])
def due(request: SignedInRequest, policy_uid: UUID) -> HttpResponse:
    """The dry run: what would go by one policy today, what is held and why. Whoever decides asks from here.

    Counts for everybody; the numbers of cases for those who decide. Recorded as RETENTION_LISTED.
    """
    policy = _policy(request, policy_uid)
    reader, now = request.user, clock.now()
    may_decide = reader.holds_role(*DECIDING_ROLES, at=now)
    form = HavenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and not may_decide:
        raise Hidden
    made = done(
        request, form,
        lambda: ask_destruction(actor=reader, now=clock.now(), form_key=form.key, policy_uid=policy.uid),
        words=_("The order is written. Somebody else must approve it."),
    )  # fmt: skip
    if made is not None:
        return HttpResponseRedirect(reverse("retention-order", args=[made.uid]))
    found = retention.dry_run(policy, timezone.localdate(now, reader.zone))
    context = {
        "policy": policy, "label": RecordClass(policy.record_class).label, "period": period_in_words(policy),
        "found": found, "free": found.free if may_decide else (), "held": found.held if may_decide else (),
        "may_decide": may_decide, "form": form, "is_of_ledger": policy.record_class in OF_THE_LEDGER,
    }  # fmt: skip
    record(
        Verb.RETENTION_LISTED, actor=reader, subject=Ref("retentionpolicy", policy.uid),
        detail={"class": policy.record_class, "count": len(found.free) or found.events, "held": len(found.held)},
    )  # fmt: skip
    return render(request, "cases/retention/due.html", context, status=422 if form.errors else 200)


def _order(request: SignedInRequest, order_uid: UUID) -> DestructionOrder:
    _house(request)
    found = _known_orders(request).filter(uid=order_uid).first()
    if found is None:
        raise Hidden
    return found


@for_roles(*RETENTION_ROLES)
@require_safe
def order(request: SignedInRequest, order_uid: UUID) -> HttpResponse:
    """One order: what it is about, who decided, what became of it."""
    found = _order(request, order_uid)
    may_decide = request.user.holds_role(*DECIDING_ROLES, at=clock.now())
    waits = found.state == DestructionState.ASKED and may_decide
    context = {
        **order_line(found), "period": period_in_words(found.policy),
        "may_approve": waits and found.asked_by_id != request.user.pk, "may_stop": waits,
        "numbers": sorted(found.handed.values()) if may_decide else [],
    }  # fmt: skip
    return render(request, "cases/retention/order.html", context)


@for_roles(*DECIDING_ROLES)
@require_http_methods(["GET", "POST"])
@freshly_confirmed
def approve(request: SignedInRequest, order_uid: UUID) -> HttpResponse:
    """The second person's yes, after a fresh proof of who one is, on a page that says what will happen."""
    found = _order(request, order_uid)
    form = HavenForm(request.POST if request.method == "POST" else None)
    return step(
        request, form,
        lambda: approve_destruction(actor=request.user, now=clock.now(), form_key=form.key, order_uid=order_uid),
        words=_("Your approval is recorded."), back=reverse("retention-order", args=[order_uid]),
        template="cases/retention/approve.html", context={**order_line(found), "period": period_in_words(found.policy)},
    )  # fmt: skip


@for_roles(*DECIDING_ROLES)
@require_http_methods(["GET", "POST"])
def stop(request: SignedInRequest, order_uid: UUID) -> HttpResponse:
    """Stop an order that nobody approved yet."""
    found = _order(request, order_uid)
    form = HavenForm(request.POST if request.method == "POST" else None)
    return step(
        request, form,
        lambda: stop_destruction(actor=request.user, now=clock.now(), form_key=form.key, order_uid=order_uid),
        words=_("The order is stopped. Nothing was destroyed."), back=reverse("retention-order", args=[order_uid]),
        template="cases/retention/stop.html", context=order_line(found),
    )  # fmt: skip


@for_roles(*RETENTION_ROLES)
@require_safe
def certificate(request: SignedInRequest, order_uid: UUID) -> HttpResponse:
    """The signed certificate of destruction as a file: no personal data, checked by ``manage.py verify_certificate``."""
    return certificate_file(_order(request, order_uid))
