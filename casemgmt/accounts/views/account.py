"""My account: who I am here, my teams, my sessions, my settings; and forms that were kept for me."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import personal

from ..actions.absences import begin_travel
from ..actions.house import may_lock_office
from ..actions.people import change_preferences
from ..actions.requests import requests_for
from ..actions.sessions import change_pin, end_session, sign_out_everywhere
from ..actions.teams import accept_membership, decline_membership
from ..choices import Role
from ..errors import ReceptionError
from ..forms.account import PinForm, PreferencesForm
from ..held import FIELD, open_held
from ..homes import homes_of
from ..models import UnlockPin
from ..permits import answerable_by, is_second_person, those_who_answer_for
from ..requests import SignedInRequest
from ..stepup import is_demo_session


@personal()
@never_cache
@require_http_methods(["GET", "POST"])
def my_account(request: SignedInRequest) -> HttpResponse:
    """Name, roles, teams, sessions, second factors, language and time zone. The home page of who has no other."""
    user, now = request.user, clock.now()
    initial = {"name": user.name, "language": user.language, "time_zone": user.time_zone}
    form = PreferencesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        names = ("name", "language", "time_zone")
        change_preferences(actor=user, now=now, form_key=form.key, **{name: form.cleaned_data[name] for name in names})
        messages.success(request, _("Your settings are saved."))
        response = redirect("my-account")
        response.delete_cookie("django_language", samesite="Lax")
        return response
    current = request.session.row
    assigned = user.role_assignments.at(now).order_by("starts_at")
    page = {
        "form": form,
        "roles": [(Role(held.role).label, held.ends_at) for held in assigned],
        "homes": [(label, url) for label, url in homes_of(user) if url != request.path],
        "memberships": list(user.memberships.not_over(now).select_related("team__organisation").order_by("starts_at")),
        "waiting": answerable_by(user, now),
        "requests": requests_for(user, now),
        "is_second_person": is_second_person(user, now),
        "may_lock_office": may_lock_office(user, now),
        "sessions": list(user.sessions.filter(expire_date__gt=now).order_by("-last_seen_at")),
        "current_uid": None if current is None else current.uid,
        "pin": UnlockPin.objects.filter(user=user).first(),
        "held_forms": list(user.held_forms.order_by("-held_at")),
        "is_demo_session": is_demo_session(request),
    }
    return render(request, "accounts/my_account.html", page)


@personal()
@never_cache
@sensitive_post_parameters("pin", "pin_again")
@require_http_methods(["GET", "POST"])
def pin(request: SignedInRequest) -> HttpResponse:
    """Set the PIN that opens a locked screen."""
    form = PinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        change_pin(actor=request.user, now=clock.now(), form_key=form.key, pin=form.cleaned_data["pin"])
        messages.success(request, _("Your PIN is set. It opens the screen when it is locked."))
        return redirect("my-account")
    return render(request, "accounts/pin.html", {"form": form})


@personal()
@require_POST
def end_one_session(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Sign out one of one's other browsers."""
    session = request.user.sessions.filter(uid=uid).first()
    if session is None:
        raise Hidden
    end_session(actor=request.user, now=clock.now(), session=session)
    messages.success(request, _("That browser is signed out."))
    return redirect("my-account")


@personal()
@require_POST
def end_other_sessions(request: SignedInRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    sign_out_everywhere(actor=request.user, now=clock.now(), user=request.user, but=request.session.row)
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("my-account")


@personal()
@never_cache
@require_http_methods(["GET", "POST"])
def travel(request: SignedInRequest) -> HttpResponse:
    """Put one's own account to rest for a journey: what it means first, then one button, then signed out."""
    if request.method == "POST":
        try:
            begin_travel(actor=request.user, now=clock.now())
        except ReceptionError as problem:
            messages.error(request, str(problem))
            return redirect("travel")
        logout(request)
        messages.success(request, _("Your account rests. Have a safe journey."))
        return redirect("sign-in")
    page = {"restorers": [one.name for one in those_who_answer_for(request.user, clock.now())]}
    return render(request, "accounts/travel.html", page)


@personal()
@require_POST
def answer_membership(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Accept or decline somebody who waits for a team of one's own."""
    now = clock.now()
    membership = next((one for one in answerable_by(request.user, now) if one.uid == uid), None)
    if membership is None:
        raise Hidden
    answer = accept_membership if request.POST.get("answer") == "accept" else decline_membership
    try:
        answer(actor=request.user, now=now, membership=membership)
    except ReceptionError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Your answer is recorded."))
    return redirect("my-account")


@personal()
@never_cache
@require_http_methods(["GET", "POST"])
def held_form(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """A form that arrived while the screen was locked: send it now, or drop it (POST to this address)."""
    held = request.user.held_forms.filter(uid=uid).first()
    kept = None if held is None else open_held(held, request.user)
    if held is None or kept is None:
        raise Hidden
    if request.method == "POST":
        held.delete()
        messages.success(request, _("The form is dropped."))
        return redirect("my-account")
    page = {"held": held, "path": kept["path"], "fields": kept["fields"], "held_field": FIELD}
    return render(request, "accounts/held_form.html", page)
