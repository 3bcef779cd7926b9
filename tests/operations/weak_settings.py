"""The settings of a server from which one protection was taken (HAVEN_WEAKNESS), so that the attack on it must be found."""

import os

from casemgmt.settings import *  # noqa: F403
from casemgmt.settings import MIDDLEWARE

_WEAK = "tests.operations.weaknesses"
_CSRF = "django.middleware.csrf.CsrfViewMiddleware"
_FRAMES = "django.middleware.clickjacking.XFrameOptionsMiddleware"

match os.environ["HAVEN_WEAKNESS"]:
    case "enumeration":
        ACCOUNT_ADAPTER = f"{_WEAK}.TellingAdapter"
    case "fixation":
        SESSION_ENGINE = f"{_WEAK}_of_sessions"
    case "guessing":
        ACCOUNT_RATE_LIMITS = False
    case "forged forms":
        MIDDLEWARE = [f"{_WEAK}.BlindCsrfMiddleware" if one == _CSRF else one for one in MIDDLEWARE]
    case "redirects":
        ACCOUNT_ADAPTER = f"{_WEAK}.TrustingAdapter"
    case "framing":
        MIDDLEWARE = [one for one in MIDDLEWARE if one != _FRAMES]
