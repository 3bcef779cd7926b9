"""One's own second factors: looking at them, setting one up, removing one, recovery codes, the password."""

from io import BytesIO
from typing import Any

import segno
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.internal.flows import remove_authenticator
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import personal
from casemgmt.crypto.errors import VaultError
from casemgmt.crypto.tokens import open_token, seal_token

from ..actions.passwords import change_password
from ..forms.account import ChangePasswordForm
from ..forms.factors import AddPasskeyForm, pending_secret
from ..gates import open_while_enrolling
from ..models import User
from ..requests import SignedInRequest
from ..stepup import confirm_now, freshly_confirmed, has_factor, mark_second_factor, passed_second_factor

PASSKEY_PURPOSE = "passkey"


@open_while_enrolling
@personal()
@never_cache
@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """The second factors one has, and the way to another; at first sign-in the page one cannot pass by."""
    authenticators = list(Authenticator.objects.filter(user=request.user).order_by("created_at"))
    page = {
        "app": next((one for one in authenticators if one.type == Authenticator.Type.TOTP), None),
        "codes": next((one for one in authenticators if one.type == Authenticator.Type.RECOVERY_CODES), None),
        "passkeys": [_shown(request.user, one) for one in authenticators if one.type == Authenticator.Type.WEBAUTHN],
        "is_enrolling": not passed_second_factor(request),
    }
    return render(request, "mfa/index.html", page)


def _shown(user: User, authenticator: Authenticator) -> dict[str, Any]:
    """A passkey in the list; its address is sealed for its owner, because its number never leaves the server."""
    return {
        "name": authenticator.wrap().name,
        "created_at": authenticator.created_at,
        "last_used_at": authenticator.last_used_at,
        "token": seal_token(user.uid, PASSKEY_PURPOSE, authenticator.pk),
    }


def note_shown(request: SignedInRequest) -> None:
    """Whoever has just set up a second factor has shown it: the house is open, and so are the recovery codes."""
    mark_second_factor(request, request.user)
    confirm_now(request, "mfa")


class SetUpAppView(ActivateTOTPView):
    """An authenticator app: a picture to scan, or the secret to type, and the first code as proof."""

    template_name = "mfa/totp/activate_form.html"

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        note_shown(self.request)
        return response


class RemoveAppView(DeactivateTOTPView):
    """Take the authenticator app away; refused for the last second factor."""

    template_name = "mfa/totp/deactivate_form.html"


class AddPasskeyView(AddWebAuthnView):
    """A passkey that signs in by itself: it stays on the device, and the device checks PIN or finger."""

    template_name = "mfa/webauthn/add_form.html"
    form_class = AddPasskeyForm

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        note_shown(self.request)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", self.get_form())
        return {**kwargs, "options": auth.begin_registration(self.request.user, True), "view": self}


class RecoveryCodesView(ViewRecoveryCodesView):
    """The codes that are left, to be written down."""

    template_name = "mfa/recovery_codes/index.html"


class NewRecoveryCodesView(GenerateRecoveryCodesView):
    """New codes; the old ones stop working."""

    template_name = "mfa/recovery_codes/generate.html"


set_up_app = open_while_enrolling(personal()(never_cache(SetUpAppView.as_view())))
remove_app = personal()(never_cache(RemoveAppView.as_view()))
add_passkey = open_while_enrolling(personal()(never_cache(AddPasskeyView.as_view())))
recovery_codes = personal()(never_cache(RecoveryCodesView.as_view()))
new_recovery_codes = personal()(never_cache(NewRecoveryCodesView.as_view()))


@open_while_enrolling
@personal()
@never_cache
@require_safe
def app_code(request: SignedInRequest) -> HttpResponse:
    """The picture to scan while an app is being set up: drawn anew for this session, stored nowhere."""
    secret = pending_secret(request)
    if secret is None:
        raise Hidden
    address = get_adapter().build_totp_url(request.user, secret)
    picture = BytesIO()
    segno.make(address, error="m").save(picture, kind="svg", scale=5, border=4, light="#fff", xmldecl=False)
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@personal()
@never_cache
@freshly_confirmed
@require_http_methods(["GET", "POST"])
def remove_passkey(request: SignedInRequest, token: str) -> HttpResponse:
    """Take a passkey away; refused for the last second factor."""
    try:
        key = open_token(request.user.uid, PASSKEY_PURPOSE, token)
    except VaultError:
        raise Hidden from None
    found = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN, pk=key).first()
    if found is None:
        raise Hidden
    may_go = get_adapter().can_delete_authenticator(found)
    if request.method == "POST" and may_go:
        remove_authenticator(request, found)
        messages.success(request, _("The passkey is removed."))
        return redirect("mfa_index")
    return render(request, "accounts/remove_passkey.html", {"passkey": _shown(request.user, found), "may_go": may_go})


@personal()
@never_cache
@sensitive_post_parameters("oldpassword", "password", "password_again")
@require_http_methods(["GET", "POST"])
def password(request: SignedInRequest) -> HttpResponse:
    """Change one's password; every other session of oneself ends."""
    form = ChangePasswordForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        change_password(actor=request.user, now=clock.now(), password=form.cleaned_data["password"])
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Your password is changed. You are signed out everywhere else."))
        return redirect("my-account")
    return render(request, "accounts/password.html", {"form": form, "has_factor": has_factor(request.user)})
