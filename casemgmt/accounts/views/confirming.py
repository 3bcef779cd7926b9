"""Proving once more that it is oneself, before something weighty: by code, passkey, password, or the demo's button."""

from typing import Any

from allauth.account.views import ReauthenticateView
from allauth.mfa.base.views import ReauthenticateView as CodeReauthenticateView
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import personal

from ..gates import open_in_locked_office, open_while_enrolling
from ..requests import SignedInRequest
from ..stepup import confirm_now, is_demo_session


class ByPasswordView(ReauthenticateView):
    """For somebody who has no second factor yet; anybody else is sent on to theirs."""

    template_name = "account/reauthenticate.html"

    def form_valid(self, form: Any) -> HttpResponse:
        record(Verb.STEP_UP_PASSED, actor=self.request.user, subject=self.request.user, detail={"factor": "PASSWORD"})
        return super().form_valid(form)


class ByCodeView(CodeReauthenticateView):
    """A code of the app, or a recovery code."""

    template_name = "mfa/reauthenticate.html"


class ByPasskeyView(ReauthenticateWebAuthnView):
    """A passkey."""

    template_name = "mfa/webauthn/reauthenticate.html"

    def form_invalid(self, form: Any) -> HttpResponse:
        user = self.request.user
        record(Verb.STEP_UP_FAILED, actor=user, subject=user, outcome="FAILED", detail={"factor": "WEBAUTHN"})
        messages.error(self.request, _("This passkey was not accepted. Try again."))
        return redirect(self.request.get_full_path())


by_password = open_in_locked_office(open_while_enrolling(personal()(never_cache(ByPasswordView.as_view()))))
by_code = open_in_locked_office(open_while_enrolling(personal()(never_cache(ByCodeView.as_view()))))
by_passkey = open_in_locked_office(open_while_enrolling(personal()(never_cache(ByPasskeyView.as_view()))))


@open_in_locked_office
@personal()
@never_cache
@require_http_methods(["GET", "POST"])
def by_demo(request: SignedInRequest) -> HttpResponse:
    """In the demo a button stands in for the second factor; elsewhere this page does not exist."""
    if not is_demo_session(request):
        raise Hidden
    after = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(after, allowed_hosts={request.get_host()}):
        after = reverse("home")
    if request.method == "POST":
        confirm_now(request, "demo")
        record(Verb.STEP_UP_PASSED, actor=request.user, subject=request.user, detail={"factor": "DEMO"})
        return redirect(after)
    return render(request, "accounts/confirm_demo.html", {})
