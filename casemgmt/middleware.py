"""The outermost layer of every request: context in, denials and unwritten readings out, no gate left open."""

import uuid
from collections.abc import Callable

import structlog
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render

from audit import denials, pages
from audit.context import request_context
from audit.log import Ref
from audit.verbs import Outcome, Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.crypto import gate, keyring
from casemgmt.crypto.errors import ContentErased, DecryptionRefused, KeystoreUnavailable
from casemgmt.operations import outages
from casemgmt.views import healthz

GetResponse = Callable[[HttpRequest], HttpResponse]


class HealthMiddleware:
    """Answers ``/healthz`` before every other layer: those need the key store and the database that it asks about."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return healthz(request) if request.path == "/healthz" else self.get_response(request)


class OutermostMiddleware:
    """Sets what the ledger knows of a request (never an actor), and records what rolled back with the page.

    A denial inside a view vanishes with the view's transaction; so it is noted in ``process_exception`` and
    written here, in a transaction of its own, after the inner stack has returned. The same holds for
    readings of a page that failed; and a page that recorded nothing is recorded by its name. Every signed-in page
    leaves with ``Cache-Control: no-store``.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        gate.assert_shut()
        request.uid = uuid.uuid4()  # type: ignore[attr-defined]
        try:
            response = self._answer(request)
        except KeystoreUnavailable as error:
            # Even who asks cannot be noted (its pseudonym needs a key), or what was read cannot: then nothing is shown.
            response = _closed(request, error)
        finally:
            gate.assert_shut()
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        """The page, with everything recorded that it caused; 503 where the vault cannot be reached.

        Raises KeystoreUnavailable where the ledger itself cannot be written for want of its key.
        """
        with request_context(request):
            try:
                keyring.begin_request()
                response = self.get_response(request)
            except KeystoreUnavailable as error:
                response = _closed(request, error)
            outages.tell()
            denials.write_pending(request, response)
            pages.record_page(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Note a denial for later; answer 503 for a vault that cannot be reached."""
        if isinstance(exception, Hidden | Refused):
            denials.note(request, exception)
        if isinstance(exception, KeystoreUnavailable):
            return _closed(request, exception)
        if isinstance(exception, DecryptionRefused):
            # Never a silent blank and never ciphertext: the page says so, the ledger and the log do too.
            actor = request.user if request.user.is_authenticated else None
            subject = Ref("record", exception.uid if isinstance(exception.uid, uuid.UUID) else None)
            denials.hand_over(
                Verb.DECRYPTION_REFUSED,
                actor=actor,
                subject=subject,
                outcome=Outcome.FAILED,
                detail={"fid": exception.fid},
            )
            structlog.get_logger("haven").error("decryption_refused", route=_route(request))
            return render(request, "errors/unreadable.html", status=500)
        if isinstance(exception, ContentErased):
            return render(request, "errors/410.html", status=410)
        if isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
            return render(request, "errors/413.html", status=413)
        if isinstance(exception, OperationalError) and "lock" in str(exception):
            return render(request, "errors/503.html", status=503)
        return None


class CompressPagesMiddleware(GZipMiddleware):
    """Sends pages compressed, never files: a case page is 50 KB of HTML, and 8 KB on a slow line.

    Against BREACH (reading a secret from the length of compressed pages): the CSRF token is masked anew on each page,
    Django adds bytes of a random length, what is searched for is posted and never repeated from an address, and the
    session cookie does not travel with requests that other sites cause.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress HTML whose length is known."""
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page and not response.streaming else response


def _closed(request: HttpRequest, error: KeystoreUnavailable) -> HttpResponse:
    """The page that says to come back in a minute; the ledger hears of it as soon as it can be written."""
    outages.note(error, _route(request))
    response = render(request, "errors/503.html", status=503)
    response.headers["Retry-After"] = "60"
    return response


def _route(request: HttpRequest) -> str:
    """The pattern of the address, never the address itself."""
    return request.resolver_match.route if request.resolver_match else ""
