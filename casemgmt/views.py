"""Pages of the house itself: health, robots, and what an error looks like."""

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.decorators.cache import never_cache

from casemgmt.access.errors import Hidden
from casemgmt.access.rules import personal, public
from casemgmt.operations.health import health_report
from cases.errors.refusals import EngagementHasEnded


@public("monitoring asks whether the house stands; the answer names no record")
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when both databases, all migrations and (in the demo) the demo data are in order; else 503 and which is not."""
    report = health_report()
    return JsonResponse(report, status=200 if report["status"] == "ok" else 503)


@public("asks search engines to stay away")
def robots(request: HttpRequest) -> HttpResponse:
    """Nothing here is for search engines."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")


@personal()
def no_such_page(request: HttpRequest) -> HttpResponse:
    """For people who are signed in: an address without its last slash is sent on, any other does not exist."""
    if not request.path.endswith("/") and request.method == "GET":
        try:
            match = resolve(request.path + "/")
        except Resolver404:
            raise Hidden from None
        if match.url_name != "no-such-page":
            return HttpResponseRedirect(request.path + "/")
    raise Hidden


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, without a word of what was sent; 413 where it was more than can be taken."""
    # Where the CSRF check is the first to read the form, no middleware hears of it.
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        return render(request, "errors/413.html", status=413)
    return render(request, "errors/400.html", status=400)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: a colleague who may see the case, but not this section of it; an attorney who may no longer write."""
    is_over = isinstance(exception, EngagementHasEnded)
    return render(request, "errors/403_engagement.html" if is_over else "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, the same page for "does not exist" and "not yours"."""
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, without details."""
    return render(request, "errors/500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 when a form is too old or came from elsewhere: what was typed stays in the browser's back button."""
    return render(request, "errors/403_csrf.html", status=403)
