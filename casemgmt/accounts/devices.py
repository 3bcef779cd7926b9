"""Browsers one has signed in from: in words for their owner's list, and known again by a random cookie.

The cookie opens nothing. It only lets Haven say "a new browser" when one was not used by this person before.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from audit import clock
from audit.action import action
from audit.log import record
from audit.verbs import Verb

from .models import KnownDevice, User
from .telling import tell

COOKIE = "haven_device"
#: How long an unused browser stays known.
KNOWN_FOR = timedelta(days=180)
_TOKEN_BYTES = 24

_BROWSERS = (("Firefox", "Firefox"), ("Edg", "Edge"), ("OPR", "Opera"), ("Chrome", "Chrome"), ("Safari", "Safari"))
#: The first that fits: an iPhone also says "Mac OS X", an Android phone also says "Linux".
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows"),
    ("Mac OS", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def words_of(agent: str) -> str:
    """A browser and what it runs on, without versions: "Firefox, Android". Empty where neither is known."""
    found = [next((words for mark, words in marks if mark in agent), "") for marks in (_BROWSERS, _SYSTEMS)]
    return ", ".join(one for one in found if one)


def digest_of(token: str) -> bytes:
    """What is stored of a cookie: it is random and long, so a plain digest cannot be searched."""
    return hashlib.sha256(token.encode()).digest()


def meet(request: HttpRequest, user: User) -> None:
    """Note that this browser was used by this person, and tell her of a new one. Called at each sign-in.

    The first browser of an account, right after its invitation, is told to nobody.
    """
    token = request.COOKIES.get(COOKIE, "")
    if len(token) < _TOKEN_BYTES:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
    now = clock.now()
    known = KnownDevice.objects.filter(user=user, digest=digest_of(token), last_seen_at__gt=now - KNOWN_FOR)
    if not known.update(last_seen_at=now):
        words = words_of(request.META.get("HTTP_USER_AGENT", ""))
        remember_device(actor=user, now=now, token=token, words=words)
    request.device_cookie = token  # type: ignore[attr-defined]


@action
def remember_device(*, actor: User, now: datetime, token: str, words: str) -> KnownDevice:
    """Note a browser that was not known for this person, and tell her unless it is her first. Then it records NEW_DEVICE."""
    is_first = not actor.known_devices.exists()
    device, _is_new = KnownDevice.objects.update_or_create(
        user=actor, digest=digest_of(token), defaults={"words": words, "last_seen_at": now, "first_seen_at": now}
    )
    if not is_first:
        tell([actor], Verb.NEW_DEVICE, device, now)
        record(Verb.NEW_DEVICE, actor=actor, subject=actor)
    return device


def put_cookie(request: HttpRequest, response: HttpResponse) -> None:
    """Hand the browser its cookie, where somebody has just signed in from it."""
    token = getattr(request, "device_cookie", "")
    if token:
        response.set_cookie(
            COOKIE, token, max_age=KNOWN_FOR, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
