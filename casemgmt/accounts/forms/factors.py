"""allauth's forms of the second factor, with sealed secrets and our words."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, generate_totp_secret
from allauth.mfa.webauthn import forms as webauthn
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from fido2.utils import websafe_decode
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from audit.log import record
from audit.verbs import Verb
from casemgmt.crypto.errors import VaultError
from casemgmt.crypto.keyring import ensure_own_keys
from casemgmt.crypto.tokens import open_token, seal_token

from .. import used_codes
from ..models import User

PENDING_PURPOSE = "totp-pending"


class SignInForm(AllauthLoginForm):
    """E-mail and password. Password managers and pasting work."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail")
        self.fields["login"].widget.attrs.pop("placeholder", None)
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"
        self.fields["password"].label = _("Password")
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""


class CodeMixin:
    """A form with one code: of the app, or a recovery code. Its owner is known before anything is opened."""

    USED_BEFORE = _("This code was used already. Wait until your app shows the next one.")
    user: User
    authenticator: Authenticator
    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code")
        self.fields["code"].help_text = _("Six digits from your app, or one of your recovery codes.")
        self.fields["code"].widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "16"}

    def clean_code(self) -> str:
        context.request.factor_owner = self.user
        is_old = used_codes.was_used(self.user, self.cleaned_data["code"])
        if is_old:
            self.cleaned_data["code"] = ""  # goes the way of every wrong code, and counts as one
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError as refusal:
            if refusal.code == "too_many_login_attempts":
                record(
                    Verb.SIGN_IN_LIMITED, actor=None, subject=self.user, outcome="REFUSED", detail={"factor": "TOTP"}
                )
            elif is_old:
                raise ValidationError(self.USED_BEFORE, code="incorrect_code") from None
            raise
        is_of_app = self.authenticator.type == Authenticator.Type.TOTP
        if is_of_app and not used_codes.remember(self.user, code):
            raise ValidationError(self.USED_BEFORE, code="incorrect_code")
        return code


class AuthenticateForm(CodeMixin, base.AuthenticateForm):
    """The second step of signing in."""


class ReauthenticateForm(CodeMixin, base.ReauthenticateForm):
    """A fresh proof before something weighty."""


def pending_secret(request: HttpRequest) -> str | None:
    """The secret of an authenticator app that is being set up in this session, or None. Sealed in the session."""
    sealed = request.session.get(SECRET_SESSION_KEY)
    if not sealed:
        return None
    try:
        return open_token(request.user.uid, PENDING_PURPOSE, sealed)  # type: ignore[union-attr]
    except VaultError:
        return None


def renew_pending_secret(request: HttpRequest) -> str:
    """Draw a new secret for this session."""
    secret = generate_totp_secret()
    ensure_own_keys(request.user.uid)  # type: ignore[union-attr]
    request.session[SECRET_SESSION_KEY] = seal_token(request.user.uid, PENDING_PURPOSE, secret)  # type: ignore[union-attr]
    return secret


class ActivateTOTPForm(totp.ActivateTOTPForm):
    """Set up an authenticator app: the first code proves that it works."""

    def __init__(self, *args, **kwargs) -> None:
        self.user = kwargs.pop("user")
        forms.Form.__init__(self, *args, **kwargs)
        self.secret = (pending_secret(context.request) if self.is_bound else None) or renew_pending_secret(
            context.request
        )
        self.fields["code"].label = _("Code from the app")
        self.fields["code"].widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "8"}

    def clean_code(self) -> str:
        code: str = super().clean_code()
        used_codes.remember(self.user, code)
        return code

    @property
    def grouped_secret(self) -> str:
        """The secret in groups of four, to be typed where no camera helps."""
        return " ".join(self.secret[start : start + 4] for start in range(0, len(self.secret), 4))


def demand_shape(parse: Callable[[Any], object], credential: Any) -> None:
    """The answer of a passkey as the standard describes it, or the sentence of a wrong code. The library stumbles
    over nonsense in several ways, and all of them mean the same."""
    try:
        parse(credential)
    except (TypeError, ValueError, KeyError, AttributeError):
        raise get_adapter().validation_error("incorrect_code") from None


class PasskeyMixin:
    """A form with the answer of a passkey."""

    cleaned_data: dict[str, Any]

    def clean_credential(self) -> Authenticator:
        demand_shape(AuthenticationResponse.from_dict, self.cleaned_data["credential"])
        return super().clean_credential()  # type: ignore[misc]


class AuthenticateByPasskeyForm(PasskeyMixin, webauthn.AuthenticateWebAuthnForm):
    """A passkey as the second step of signing in, or at the lock."""


class ReauthenticateByPasskeyForm(PasskeyMixin, webauthn.ReauthenticateWebAuthnForm):
    """A passkey as a fresh proof."""


class AddPasskeyForm(webauthn._BaseAddWebAuthnForm):
    """Add a passkey. Every passkey is one that signs in by itself, with the device's own PIN or finger."""

    passwordless = True

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of this passkey")
        self.fields["name"].help_text = _("So that you recognise it in the list, for example “Office laptop”.")
        self.fields["name"].max_length = 60

    def clean_credential(self) -> dict:
        """Of the right shape, or the form says that it was not accepted."""
        demand_shape(RegistrationResponse.from_dict, self.cleaned_data["credential"])
        return self.cleaned_data["credential"]


class SignInByPasskeyForm(webauthn.LoginWebAuthnForm):
    """Sign in by passkey alone: the device has checked PIN or finger, so it stands for both factors."""

    def clean_credential(self) -> Authenticator:
        credential = self.cleaned_data["credential"]
        demand_shape(AuthenticationResponse.from_dict, credential)
        authenticator = auth.complete_authentication(self._owner_of(credential), credential)
        if not authenticator.user.is_active:
            raise get_adapter().validation_error("incorrect_code")
        return authenticator

    @staticmethod
    def _owner_of(credential: dict) -> User:
        handle = (credential.get("response") or {}).get("userHandle") or ""
        try:
            uid = UUID(bytes=websafe_decode(handle))
        except (ValueError, TypeError):
            raise get_adapter().validation_error("incorrect_code") from None
        owner = User.objects.filter(uid=uid, is_active=True).first()
        if owner is None:
            raise get_adapter().validation_error("incorrect_code")
        return owner
