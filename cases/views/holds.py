"""The desk of legal holds: those that stand, placing one on a case found by its number, lifting one."""

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
from cases import desk
from cases.actions import holds
from cases.choices.erasing import HoldAuthority
from cases.desk import HOLD_ROLES, Standing, open_desk, words_in
from cases.forms.erasure import HoldForm, ReasonForm
from cases.models import LegalHold
from cases.views.desk_forms import classes_in_words, done, form_about_case

#: More holds than one house has at a time.
MOST = 100


def hold_line(hold: LegalHold) -> dict[str, Any]:
    """One hold in words."""
    terms = words_in(hold, "terms")
    return {
        "hold": hold,
        "parts": classes_in_words(hold.classes),
        "authority": HoldAuthority(terms["authority"]).label if terms else "",
        "reason": terms["reason"] if terms else _("The reason was erased with the case."),
        "lifted_why": words_in(hold, "lifted_why") or "",
    }


@for_roles(*HOLD_ROLES)
@require_safe
def all_holds(request: SignedInRequest) -> HttpResponse:
    """The holds one may know of: those that stand, and those that were lifted."""
    now = clock.now()
    found = list(desk.holds_for(request.user, at=now)[:MOST])
    with open_desk(request.user, found):
        each = Standing.of_each(request.user, [hold.case for hold in found if hold.lifted_at is None], at=now)
        lines = [
            hold_line(hold) | {"may_lift": hold.lifted_at is None and each[hold.case.pk].may_hold} for hold in found
        ]
        context = {
            "standing": [line for line in lines if line["hold"].lifted_at is None],
            "lifted": [line for line in lines if line["hold"].lifted_at is not None],
        }
        return render(request, "cases/erasure/holds.html", context)


@for_roles(*HOLD_ROLES)
@require_http_methods(["GET", "POST"])
def hold_new(request: SignedInRequest) -> HttpResponse:
    """Place a hold on a case, found by its number."""
    form, case = form_about_case(request, HoldForm)
    if case is not None:
        facts = form.cleaned_data
        made = done(
            request, form,
            lambda: holds.place_hold(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid,
                authority=facts["authority"], reason=facts["reason"], review_on=facts["review_on"],
                classes=facts["classes"],
            ),
            words=_("The hold stands. Nothing of it can be erased until it is lifted."),
        )  # fmt: skip
        if made is not None:
            return HttpResponseRedirect(reverse("holds"))
    return render(request, "cases/erasure/hold_form.html", {"form": form}, status=422 if form.errors else 200)


@for_roles(*HOLD_ROLES)
@require_http_methods(["GET", "POST"])
def hold_lift(request: SignedInRequest, hold_uid: UUID) -> HttpResponse:
    """Lift a hold, with the reason."""
    found = desk.holds_for(request.user, at=clock.now()).filter(uid=hold_uid).first()
    if found is None or not desk.Standing(request.user, found.case, at=clock.now()).may_hold:
        raise Hidden
    form = ReasonForm(request.POST if request.method == "POST" else None)
    lifted = done(
        request, form,
        lambda: holds.lift_hold(
            actor=request.user, now=clock.now(), form_key=form.key, hold_uid=hold_uid,
            reason=form.cleaned_data["reason"],
        ),
        words=_("The hold is lifted."),
    )  # fmt: skip
    if lifted is not None:
        return HttpResponseRedirect(reverse("holds"))
    with open_desk(request.user, [found]):
        context = {**hold_line(found), "form": form}
        return render(request, "cases/erasure/hold_lift.html", context, status=422 if form.errors else 200)
