"""Locking and unlocking the screen."""

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.rules import personal

from ..actions.sessions import PinAnswer, lock_session, unlock_with_factor, unlock_with_pin
from ..forms.account import UnlockForm
from ..forms.factors import AuthenticateByPasskeyForm
from ..gates import in_background, open_in_locked_office, open_when_locked, open_while_enrolling
from ..middleware import page_after_unlock
from ..models import UnlockPin
from ..requests import SignedInRequest
from ..stepup import is_demo_session


@open_when_locked
@open_while_enrolling
@open_in_locked_office
@in_background
@personal()
@require_POST
def lock(request: SignedInRequest) -> HttpResponse:
    """Lock this session, and show the page that opens it. A page that locks itself says so and wants no page back."""
    lock_session(actor=request.user, now=clock.now(), session=request.session.row, why="ASKED")
    if request.headers.get("Haven-Background") == "1":
        return HttpResponse(status=204)
    return redirect("unlock")


@open_when_locked
@open_while_enrolling
@open_in_locked_office
@in_background
@personal()
@require_http_methods(["GET", "POST"])
def unlock(request: SignedInRequest) -> HttpResponse:
    """Open a locked session by PIN or passkey; then back to where one was."""
    session = request.session.row
    if session is None or session.locked_at is None:
        return redirect(page_after_unlock(request))
    form = UnlockForm(request.POST if "pin" in request.POST else None)
    passkey = AuthenticateByPasskeyForm(user=request.user, data=request.POST if "credential" in request.POST else None)
    if request.method == "POST":
        if is_demo_session(request) and request.POST.get("demo"):
            unlock_with_factor(actor=request.user, now=clock.now(), session=session, factor="DEMO")
            return redirect(page_after_unlock(request))
        if passkey.is_bound and passkey.is_valid():
            passkey.save()
            unlock_with_factor(actor=request.user, now=clock.now(), session=session, factor="WEBAUTHN")
            return redirect(page_after_unlock(request))
        if passkey.is_bound:
            detail = {"factor": "WEBAUTHN"}
            record(Verb.UNLOCK_FAILED, actor=request.user, subject=request.user, outcome="FAILED", detail=detail)
            messages.error(request, _("This passkey was not accepted. Try again."))
        if form.is_bound and form.is_valid():
            pin = form.cleaned_data["pin"]
            answer = unlock_with_pin(actor=request.user, now=clock.now(), session=session, pin=pin)
            if answer == PinAnswer.OPEN:
                return redirect(page_after_unlock(request))
            if answer == PinAnswer.ENDED:
                logout(request)
                return redirect("account_login")
            form.add_error("pin", _("This PIN is not right. After five wrong ones you sign in again."))
    has_passkey = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN).exists()
    page = {
        "form": form,
        "passkey": passkey if has_passkey else None,
        "options": begin_authentication(request.user) if has_passkey else None,
        "has_pin": UnlockPin.objects.filter(user=request.user).exists(),
        "is_demo_session": is_demo_session(request),
    }
    return render(request, "accounts/unlock.html", page)
