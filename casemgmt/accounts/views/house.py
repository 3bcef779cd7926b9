"""The house as a whole: the locked office, and the declared mode of a very small house."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.rules import for_roles, personal

from ..actions.house import (
    declare_degraded,
    end_degraded,
    lock_office,
    may_be_second_approver,
    may_lock_office,
    may_open_office,
    open_office,
    standing_lock,
)
from ..choices import AUDITOR_ROLES, Role
from ..errors import ReceptionError
from ..forms.people import DegradedModeForm
from ..gates import open_in_locked_office
from ..models import DegradedMode, User
from ..permits import with_roles_that_cannot_meet
from ..requests import SignedInRequest
from ..stepup import ask_for_proof, confirmed_lately


@open_in_locked_office
@personal()
@never_cache
@require_http_methods(["GET", "POST"])
def office(request: SignedInRequest) -> HttpResponse:
    """Locking the office asks for nothing more; opening it asks two people, each for a fresh proof."""
    now = clock.now()
    lock = standing_lock()
    if request.method == "POST":
        return _lock(request) if lock is None else _open(request)
    if lock is None and not may_lock_office(request.user, now):
        raise Hidden
    page = {
        "lock": lock,
        "may_open": lock is not None and may_open_office(request.user, now),
        "said_yes": lock is not None and lock.first_yes_by_id == request.user.pk,
    }
    return render(request, "accounts/office.html", page)


def _lock(request: SignedInRequest) -> HttpResponse:
    try:
        lock_office(actor=request.user, now=clock.now())
    except (ReceptionError, Refused) as problem:
        if isinstance(problem, Refused):
            raise Hidden from None
        messages.error(request, str(problem))
        return redirect("office")
    logout(request)
    messages.success(request, _("The office is locked. Two people open it again."))
    return redirect("sign-in")


def _open(request: SignedInRequest) -> HttpResponse:
    if not confirmed_lately(request):
        return ask_for_proof(request)
    try:
        lock = open_office(actor=request.user, now=clock.now())
    except ReceptionError as problem:
        messages.error(request, str(problem))
        return redirect("office")
    if lock.ended_at is not None:
        messages.success(request, _("The office is open again."))
        return redirect("home")
    messages.success(request, _("Your yes is recorded. Now a second person is needed."))
    return redirect("office")


@for_roles(Role.DIRECTOR, Role.ADMINISTRATOR, Role.PRIVACY_OFFICER, *sorted(AUDITOR_ROLES))
@never_cache
@require_http_methods(["GET", "POST"])
def small_house(request: SignedInRequest) -> HttpResponse:
    """Whether roles are kept apart here: what is declared, by whom, until when. The director declares and ends it."""
    now = clock.now()
    is_director = request.user.holds_role(Role.DIRECTOR, at=now)
    form: Any = None
    status = 200
    if is_director:
        people = User.objects.filter(organisation__is_ours=False, is_active=True).select_related("organisation")
        able = [one for one in people.by_name() if may_be_second_approver(one, request.user.organisation, now)]
        form = DegradedModeForm(request.POST if "declare" in request.POST else None, people=able)
    if request.method == "POST":
        if not is_director:
            raise Hidden
        if not confirmed_lately(request):
            return ask_for_proof(request)
        if _decide(request, form):
            return redirect("small-house")
        status = 422
    modes = list(DegradedMode.objects.select_related("organisation", "second_approver", "declared_by").order_by("-pk"))
    page = {
        "form": form,
        "standing": [mode for mode in modes if mode.stands(now)],
        "past": [mode for mode in modes if not mode.stands(now)],
        "mixed": len(with_roles_that_cannot_meet(request.user.organisation_id, now)),
    }
    return render(request, "accounts/small_house.html", page, status=status)


def _decide(request: SignedInRequest, form: Any) -> bool:
    """Declare or end it, as the posted button says. False, with the sentence on the form, where a rule forbids it."""
    try:
        if not form.is_bound:
            end_degraded(actor=request.user, now=clock.now())
            messages.success(request, _("It has ended."))
            return True
        if not form.is_valid():
            return False
        declare_degraded(
            actor=request.user, now=clock.now(), form_key=form.key, second_approver=form.person,
            reason=form.cleaned_data["reason"], expires_at=form.until_moment,
        )  # fmt: skip
    except ReceptionError as problem:
        if form.is_bound:
            form.add_error(None, str(problem))
        else:
            messages.error(request, str(problem))
            return True
        return False
    messages.success(request, _("Declared. The auditor sees it."))
    return True
