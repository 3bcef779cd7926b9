"""The doorkeeper of every request: language and time zone, twelve hours, idle lock, second factor.

The checks run as ``process_view``, after Django's CSRF check: a page of another site cannot make us keep a
form, and every address of Haven has a view (unknown ones too), so none slips past.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from audit import clock
from casemgmt.crypto.errors import VaultError
from casemgmt.crypto.tokens import open_token, seal_token

from . import configured, held
from .actions.house import standing_lock
from .actions.sessions import lock_session
from .choices import Language
from .devices import put_cookie
from .models import HeldForm, Session, User
from .stepup import has_factor, passed_second_factor

NEXT_PURPOSE = "next"
#: A session is noted as used at most this often, so that reading does not write.
TOUCH_EVERY = timedelta(seconds=20)

Respond = Callable[[HttpRequest], HttpResponse]


class PreferencesMiddleware:
    """Speak the reader's language and show times on the reader's clock."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        said = configured.words()
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if user.is_authenticated and chosen not in Language.values:
            language = user.language
        elif chosen or request.headers.get("Accept-Language"):
            # A choice made on this very device goes before the one of the account.
            language = translation.get_language_from_request(request)
        else:
            language = said.language
        language = said.offered(language)
        zone = user.zone if user.is_authenticated else None
        with translation.override(language), timezone.override(zone):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class DoorkeeperMiddleware:
    """End, lock, hold back or let in."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        put_cookie(request, response)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        user = request.user
        if not getattr(view, "login_required", True):
            return None
        if not user.is_authenticated:
            return self._ask_for_sign_in(request)
        now = clock.now()
        row: Session | None = request.session.row  # type: ignore[attr-defined]
        if row is None or row.signed_in_at is None:
            # Signed in within this very request: nothing has aged yet.
            return None
        if row.signed_in_at + timedelta(seconds=settings.HAVEN_SESSION_SECONDS) <= now:
            return self._end(request, user, now)
        if row.locked_at is None and self._is_idle(row, now):
            lock_session(actor=user, now=now, session=row, why="IDLE")
        if row.locked_at is not None:
            if getattr(view, "open_when_locked", False):
                return None
            return self._ask_to_unlock(request, user, now)
        if not passed_second_factor(request):
            if not getattr(view, "open_while_enrolling", False):
                return self._ask_for_second_factor(request, user)
        elif not getattr(view, "open_in_locked_office", False) and standing_lock() is not None:
            return _go_to(request, reverse("office"))
        if not self._is_background(request, view):
            self._touch(row, now)
        if request.method == "POST" and held.FIELD in request.POST:
            _drop_held(user, request.POST[held.FIELD])
        return None

    @staticmethod
    def _is_idle(row: Session, now: datetime) -> bool:
        seen = row.last_seen_at or row.signed_in_at
        return seen is not None and seen + timedelta(seconds=settings.HAVEN_IDLE_LOCK_SECONDS) <= now

    @staticmethod
    def _is_background(request: HttpRequest, view: Callable[..., HttpResponseBase]) -> bool:
        return request.headers.get("Haven-Background") == "1" or getattr(view, "in_background", False)

    @staticmethod
    def _touch(row: Session, now: datetime) -> None:
        if row.last_seen_at is None or row.last_seen_at + TOUCH_EVERY <= now:
            # Only forward, and never a session that another tab has locked meanwhile.
            Session.objects.filter(pk=row.pk, locked_at=None).update(last_seen_at=now)

    @staticmethod
    def _ask_for_sign_in(request: HttpRequest) -> HttpResponse | None:
        """A posted form whose session is gone: sign in, then back to the page it was typed on.

        A plain visit is left to Django's own middleware, the one place that turns strangers away.
        """
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return None
        return _go_to(request, reverse("account_login"), next=_page_of(request))

    def _end(self, request: HttpRequest, user: User, now: datetime) -> HttpResponse:
        kept = held.hold(request, user, now)
        logout(request)
        return _go_to(request, reverse("account_login"), next=kept or _page_of(request))

    def _ask_to_unlock(self, request: HttpRequest, user: User, now: datetime) -> HttpResponse:
        after = held.hold(request, user, now) or _page_of(request)
        return _go_to(request, reverse("unlock"), next=seal_token(user.uid, NEXT_PURPOSE, after))

    @staticmethod
    def _ask_for_second_factor(request: HttpRequest, user: User) -> HttpResponse:
        name = "account_reauthenticate" if has_factor(user) else "mfa_index"
        return _go_to(request, reverse(name), next=_page_of(request))


def page_after_unlock(request: HttpRequest) -> str:
    """The page of ``?next=``: sealed for this person by us, or a plain address of this host; else home."""
    asked = request.GET.get("next", "")
    if not asked.startswith("/"):
        try:
            asked = open_token(request.user.uid, NEXT_PURPOSE, asked)  # type: ignore[union-attr]
        except VaultError:
            asked = ""
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else reverse("home")


def _drop_held(user: User, text: str) -> None:
    """The kept form has been sent after all."""
    try:
        uid = UUID(text)
    except ValueError:
        return
    HeldForm.objects.filter(user=user, uid=uid).delete()


def _page_of(request: HttpRequest) -> str:
    """The page a person was on: this address for a visit, the page of the form for a posted form."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, allowed_hosts={request.get_host()}):
        return urlsplit(referer).path or "/"
    return reverse("home")


def _go_to(request: HttpRequest, address: str, **query: str) -> HttpResponse:
    target = f"{address}?{urlencode(query)}" if any(query.values()) else address
    if request.headers.get("HX-Request"):
        # A fragment of a page cannot show a form to unlock: the whole page goes there.
        return HttpResponse(headers={"HX-Redirect": target})
    response = HttpResponseRedirect(target)
    if request.method not in ("GET", "HEAD"):
        # 303: the browser must not send the form's body on to the next page.
        response.status_code = 303
    return response
