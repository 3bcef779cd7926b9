"""What a session has proven: both factors at sign-in, and lately once more before something weighty.

Marks are kept in the session and bound to the person, so that a session that changes hands carries none over.
In the demo, signing in by a button stands in for both factors (``is_demo_session``).
"""

import hashlib
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from audit import clock

from . import held
from .models import User

SECOND_FACTOR_MARK = "haven_second_factor"
DEMO_MARK = "haven_demo"
FLOWS_MARK = "haven_begun_proven"

#: So long may a piece of work take that began with a fresh proof: reading aloud, an interpreter, a signature.
FLOW_SECONDS = 60 * 60
#: A session remembers so many of them, the latest.
MOST_FLOWS = 8

#: What counts as a second factor. Recovery codes come with one of these and never stand alone.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_factor(user: User) -> bool:
    """Whether this person has set up an authenticator app or a passkey. One query."""
    return Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


def mark_second_factor(request: HttpRequest, user: User) -> None:
    """Note that the second factor of this person was shown in this session."""
    request.session[SECOND_FACTOR_MARK] = str(user.uid)


def mark_demo(request: HttpRequest, user: User) -> None:
    """Note that this session is one of the demo's."""
    request.session[DEMO_MARK] = str(user.uid)


def is_demo_session(request: HttpRequest) -> bool:
    """Whether this session came in by the demo's button. Never outside the demo."""
    user = getattr(request, "user", None)
    return settings.HAVEN_DEMO and user is not None and is_demo_session_of(request, user)


def is_demo_session_of(request: HttpRequest, user: Any) -> bool:
    """The same for a person who is just being signed in."""
    return settings.HAVEN_DEMO and request.session.get(DEMO_MARK) == str(getattr(user, "uid", ""))


def passed_second_factor(request: HttpRequest) -> bool:
    """Whether this session has shown both factors. No query."""
    return request.session.get(SECOND_FACTOR_MARK) == str(request.user.uid) or is_demo_session(request)  # type: ignore[union-attr]


def confirmed_lately(request: HttpRequest) -> bool:
    """Whether the person proved themselves within the last five minutes of this session.

    Asked of the session's own records: allauth counts somebody without password and factor (the demo's people) as
    always proven.
    """
    proven = proven_at(request)
    return proven is not None and time.time() - proven < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def proven_at(request: HttpRequest) -> float | None:
    """When this session last proved who is there, after signing in (seconds since 1970), or None."""
    records = get_authentication_records(request, request.user)
    proofs = [one["at"] for one in records if one.get("reauthenticated")]
    return proofs[-1] if proofs else None


def confirm_now(request: HttpRequest, method: str) -> None:
    """Note that the person has just proven themselves (``method``: a code such as "demo")."""
    record_authentication(request, request.user, method=method, reauthenticated=True)


def confirm_address(request: HttpRequest) -> str:
    """Where this person proves themselves once more."""
    return reverse("confirm-demo" if is_demo_session(request) else "account_reauthenticate")


def freshly_confirmed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view that asks for a fresh proof first and comes back afterwards. A posted form is kept and offered again."""

    @wraps(view)
    def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if confirmed_lately(request):
            return view(request, *args, **kwargs)
        return ask_for_proof(request, kept_meanwhile(request))

    return inside


def proven_from_the_start(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view whose page asks for a fresh proof when it is opened, and for none once somebody has read and signed on it.

    Opening it takes a proof of the last five minutes. What is sent from it by the same session within the hour needs no
    other: a survivor sits there. A form that comes later, or without the page, is kept and offered again after the proof;
    its files have to be chosen again.
    """

    @wraps(view)
    def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_opened = request.method in ("GET", "HEAD")
        if confirmed_lately(request):
            if is_opened:
                _note_begun(request)
            return view(request, *args, **kwargs)
        if not is_opened and _has_begun(request):
            return view(request, *args, **kwargs)
        return ask_for_proof(request, kept_meanwhile(request))

    return inside


def kept_meanwhile(request: HttpRequest) -> str:
    """The address where what was typed waits for the proof; empty where nothing was sent."""
    user: Any = request.user
    return held.hold(request, user, clock.now(), without_files=True)


def _flow_of(request: HttpRequest) -> str:
    """Which page of which person; a digest, so that no session names a case."""
    user: Any = request.user
    return hashlib.sha256(f"{user.uid} {request.path}".encode()).hexdigest()[:24]


def _note_begun(request: HttpRequest) -> None:
    begun = dict(request.session.get(FLOWS_MARK, {}))
    begun[_flow_of(request)] = int(time.time())
    latest = sorted(begun, key=lambda flow: begun[flow])[-MOST_FLOWS:]
    request.session[FLOWS_MARK] = {flow: begun[flow] for flow in latest}


def _has_begun(request: HttpRequest) -> bool:
    """Whether this page was opened under a fresh proof, in this session and within the hour."""
    at = request.session.get(FLOWS_MARK, {}).get(_flow_of(request))
    return at is not None and 0 <= time.time() - at < FLOW_SECONDS


def ask_for_proof(request: HttpRequest, after: str = "") -> HttpResponse:
    """The way to the proof, and then to ``after`` (this very page, if none is given)."""
    response: HttpResponse = redirect(f"{confirm_address(request)}?{urlencode({'next': after or request.path})}")
    if request.method not in ("GET", "HEAD"):
        response.status_code = 303
    return response


def seconds_since_sign_in(request: HttpRequest) -> float:
    """How long ago this session was signed in, in seconds."""
    row = request.session.row  # type: ignore[attr-defined]
    return float("inf") if row is None or row.signed_in_at is None else time.time() - row.signed_in_at.timestamp()
