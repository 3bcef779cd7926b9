"""Where allauth asks us: how accounts are made (not at all), how a second factor is stored (sealed)."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from audit.log import record
from audit.verbs import Verb
from casemgmt.crypto.keyring import ensure_own_keys
from casemgmt.crypto.tokens import open_token, seal_token

from . import configured
from .models import User
from .stepup import has_factor, is_demo_session, seconds_since_sign_in

#: Length of the seed of recovery codes; an authenticator app's secret is shorter. See ``kind_of``.
SEED_LENGTH = 80
#: After signing in by password the first second factor may be set up without typing the password again.
ENROLMENT_SECONDS = 900


class AccountAdapter(DefaultAccountAdapter):
    """People come by invitation; a proof of identity is a second factor, wherever there is one."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Only addresses of this very host, and no address that a browser would read differently."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={context.request.get_host()}, require_https=context.request.is_secure()
        )

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our pages say what happened; allauth's own messages are not shown."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user = super().authenticate(request, **credentials)
        # A closed account answers like a wrong password, so that nobody learns who works here.
        return user if user is not None and user.is_active else None

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """A passkey of a closed account: the same words as for one that is not accepted."""
        messages.error(request, _("This passkey was not accepted. Try again, or use your password."))
        return redirect("account_login")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count attempts by address and by e-mail; a stop is recorded."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            record(Verb.SIGN_IN_LIMITED, actor=None, outcome="REFUSED", detail={"factor": "PASSWORD"})
            raise

    def reauthenticate(self, user: User, password: str) -> bool:
        found = authenticate(context.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict]:
        """Whoever has a second factor proves themselves by it; a password alone only before there is one."""
        methods = super().get_reauthentication_methods(user)
        return [method for method in methods if method["id"] != "reauthenticate"] or methods

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        request = context.request
        if is_demo_session(request):
            return False
        if seconds_since_sign_in(request) < ENROLMENT_SECONDS and not has_factor(request.user):
            return False
        return super().is_reauthentication_required(app=app, **kwargs)


def kind_of(text: str) -> str:
    """Which secret this is: it is sealed under its kind, so one cannot stand in for the other."""
    return "recovery_codes" if len(text) == SEED_LENGTH else "totp"


class MFAAdapter(DefaultMFAAdapter):
    """Secrets of second factors are sealed for their owner: a row copied to somebody else opens nothing."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right. Codes of an app change every 30 seconds."),
        "cannot_delete_authenticator": _("This is your last second factor. Set up another one first."),
    }

    def encrypt(self, text: str) -> str:
        owner = self._owner()
        ensure_own_keys(owner.uid)
        kind = kind_of(text)
        return f"{kind}:{seal_token(owner.uid, kind, text)}"

    def decrypt(self, encrypted_text: str) -> str:
        kind, _colon, token = encrypted_text.partition(":")
        return open_token(self._owner().uid, kind, token)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last second factor stays: without one nobody works here."""
        others = Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk)
        return others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()

    def get_totp_issuer(self) -> str:
        return configured.words().site_name

    def build_totp_svg(self, url: str) -> str:
        """Nothing: the code is drawn by a view of its own (a ``data:`` picture is blocked by our policy)."""
        return ""

    def _get_site_name(self) -> str:
        return configured.words().site_name

    def get_public_key_credential_user_entity(self, user: User) -> dict:
        """The passkey remembers the random uid, never the internal number."""
        return {"id": user.uid.bytes, "name": user.email, "display_name": user.name}

    def _owner(self) -> User:
        """Whose secret is meant: the person who signs in just now (set by our forms), else who is signed in."""
        request = context.request
        owner = getattr(request, "factor_owner", None) or request.user
        if not owner.is_authenticated:
            raise PermissionError("A second factor is opened for its owner only.")
        return owner
