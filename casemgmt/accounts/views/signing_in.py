"""Signing in and out, and accepting an invitation. allauth does the work; the addresses and pages are ours."""

from typing import Any

from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.internal.auth import begin_authentication
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.rules import public

from ..actions.people import accept_invitation, find_invitation
from ..errors import InvitationOver
from ..forms.account import AcceptForm

#: What the browser drops when somebody signs out. The colours one chose stay.
CLEAR = '"cache", "storage"'


class LimitedMixin:
    """Notes in the ledger that allauth stopped somebody after too many attempts from one address."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        if response.status_code == 429:
            record(Verb.SIGN_IN_LIMITED, actor=None, outcome="REFUSED", detail={"factor": "ADDRESS"})
        return response


class SignInView(LimitedMixin, LoginView):
    """E-mail and password, or a passkey."""

    template_name = "account/login.html"

    def get_context_data(self, **kwargs):
        # A fresh challenge for the passkey button; without JavaScript it is not used.
        return {**super().get_context_data(**kwargs), "options": begin_authentication(None)}


class SecondFactorView(AuthenticateView):
    """The second step: a code, or a passkey."""

    template_name = "mfa/authenticate.html"

    def form_invalid(self, form) -> HttpResponse:
        if "credential" in self.request.POST:
            # allauth tells us of wrong codes, and nothing of refused passkeys.
            user = self.stage.login.user
            detail = {"factor": "WEBAUTHN"}
            record(Verb.SECOND_FACTOR_FAILED, actor=None, subject=user, outcome="FAILED", detail=detail)
        return super().form_invalid(form)


class SignInByPasskeyView(LimitedMixin, LoginWebAuthnView):
    """Takes the passkey's answer; a wrong one goes back to the sign-in page with a sentence."""

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return redirect("account_login")

    def form_invalid(self, form) -> HttpResponse:
        record(Verb.SIGN_IN_FAILED, actor=None, outcome="FAILED", detail={"factor": "WEBAUTHN"})
        messages.error(self.request, _("This passkey was not accepted. Try again, or use your password."))
        return redirect("account_login")


sign_in = public("nobody is signed in before signing in")(SignInView.as_view())
second_factor = public("between the first and the second step of signing in")(SecondFactorView.as_view())
sign_in_by_passkey = public("nobody is signed in before signing in")(SignInByPasskeyView.as_view())


@public("also for sessions that have ended meanwhile")
@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session and tell the browser to forget what it kept of it."""
    if request.user.is_authenticated:
        logout(request)
    response = redirect("account_login")
    response.headers["Clear-Site-Data"] = CLEAR
    return response


@public("the invited person has no account yet; the link's secret opens this one page")
@never_cache
@sensitive_post_parameters("password", "password_again")
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Open one's own account; the second factor is set up right after."""
    try:
        user = find_invitation(token, clock.now()).user
        form = AcceptForm(request.POST or None, user=user, initial={"name": user.name})
        if request.method == "POST" and form.is_valid():
            user = accept_invitation(
                actor=user,
                now=clock.now(),
                token=token,
                name=form.cleaned_data["name"],
                password=form.cleaned_data["password"],
            )
            login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
            return redirect("mfa_index")
    except InvitationOver as problem:
        return render(request, "accounts/invitation_over.html", {"problem": problem}, status=410)
    return render(request, "accounts/accept.html", {"form": form, "invited": user})
