"""What the attacks of ``test_attacks_signing_in`` are for, made on purpose. Used by ``weak_settings`` alone."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware

from casemgmt.accounts.adapters import AccountAdapter
from casemgmt.accounts.models import User


class TellingAdapter(AccountAdapter):
    """Says which addresses it knows."""

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        super().pre_authenticate(request, **credentials)
        if not User.objects.filter(email=credentials.get("email")).exists():
            raise ValidationError("Nobody here has this address.")


class TrustingAdapter(AccountAdapter):
    """Sends people wherever an address says."""

    def is_safe_url(self, url: str | None) -> bool:
        return bool(url)


class BlindCsrfMiddleware(CsrfViewMiddleware):
    """Hands tokens out, and looks at none."""

    def process_view(self, *_asked: Any) -> None:
        return None
