"""The shop window's own pages: colours, language, "is it still me?", and all components on one page.

The rules are fastened in ``casemgmt/urls.py``: this room may not import the guard desk.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from . import house
from .context import THEME_COOKIE, THEMES
from .samples import samples

YEAR = 365 * 24 * 60 * 60


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page the form was on; never to another host."""
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(target if safe else "/")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen colours in a cookie; the server reads it, so that no page flashes."""
    response = _back(request)
    if request.POST.get("theme") in THEMES:
        response.set_cookie(
            THEME_COOKIE, request.POST["theme"], max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in Django's own cookie."""
    response = _back(request)
    code = request.POST.get("language", "")
    if code in dict(house.words().languages) and check_for_language(code):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, code, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    return response


@require_safe
@never_cache
def stay(request: HttpRequest) -> JsonResponse:
    """Who is signed in, and a token for forms. Asked after real activity only, so it may count as activity.

    Without a session, or with a locked one, the middleware answers instead, and the page stays covered.
    """
    return JsonResponse({"who": str(request.user.uid), "token": get_token(request)})  # type: ignore[union-attr]


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Every component with its variables: for administrators, and for everybody in the demo."""
    return render(request, "ui/components.html", samples())
