"""What a debug page and a mail to administrators show of a failure: its place, never a word of a case."""

import logging
import sys

import pytest
from django.conf import settings
from django.core import mail
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.template import Context, Engine
from django.test import RequestFactory, override_settings
from django.utils.log import AdminEmailHandler
from django.views import debug

from casemgmt.accounts.models import User

pytestmark = pytest.mark.once

#: In halves: the lines of our code around a failure are shown, and these must not stand in them as one word.
LOCAL, POSTED, QUERY, COOKIE, HEADER, RAISED, NOTED = (
    f"Zarq{word}" for word in ("local", "posted", "query", "cookie", "header", "raised", "noted")
)
WORDS = (LOCAL, POSTED, QUERY, COOKIE, HEADER, RAISED, NOTED)


def a_request() -> HttpRequest:
    """A form that was posted, with a word in every part of it, by a person whose name is one too."""
    request = RequestFactory(headers={"x-word": HEADER}).post(f"/cases/?q={QUERY}", {"name": POSTED})
    request.COOKIES["word"] = COOKIE
    request.user = User(name=POSTED, email=f"{POSTED}@example.org")
    return request


def fail_with(kind: str) -> None:
    """Fail in one of the ways that put words into an exception."""
    told = LOCAL
    try:
        if kind == "unicode":
            f"{told}é".encode("ascii")
        if kind == "template":
            Engine(debug=True).from_string("{{ told.oops }}{% widthratio told 0 told %}{{ told|add:1|nope }}")
        if kind == "in a template":
            Engine(debug=True).from_string("{% include told %}").render(Context({"told": told}))
        raise ValueError(RAISED, told)
    except ValueError as first:
        if kind == "chain":
            raise RuntimeError(RAISED + told) from first
        if kind == "implicit chain":
            {}[RAISED]
        first.add_note(NOTED)
        raise


KINDS = ["plain", "unicode", "template", "in a template", "chain", "implicit chain"]


def reported(kind: str, *, is_email: bool) -> str:
    """The report of such a failure as page and as text, by whatever class the settings name."""
    request = a_request()
    try:
        fail_with(kind)
    except Exception:  # noqa: BLE001  every way of failing
        reporter = debug.get_exception_reporter_class(request)(request, *sys.exc_info(), is_email=is_email)
        return reporter.get_traceback_html() + reporter.get_traceback_text()
    pytest.fail("It did not fail.")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_email", [False, True])
@pytest.mark.parametrize("is_debug", [False, True])
def test_no_local_no_form_no_cookie_and_no_word_of_the_exception(kind, is_email, is_debug):
    with override_settings(DEBUG=is_debug):
        report = reported(kind, is_email=is_email)
    assert "fail_with" in report and "test_error_reports.py" in report, "it still says where"
    assert [word for word in WORDS if word in report] == []
    assert settings.SECRET_KEY not in report and str(settings.HAVEN_HOME) not in report


@pytest.mark.parametrize("kind", KINDS)
def test_djangos_own_would_have_shown_them(kind):
    """So the test above can fail."""
    with override_settings(
        DEFAULT_EXCEPTION_REPORTER="django.views.debug.ExceptionReporter",
        DEFAULT_EXCEPTION_REPORTER_FILTER="django.views.debug.SafeExceptionReporterFilter",
    ):
        debug.get_default_exception_reporter_filter.cache_clear()
        try:
            report = reported(kind, is_email=False)
        finally:
            debug.get_default_exception_reporter_filter.cache_clear()
    assert LOCAL in report and POSTED in report


@pytest.mark.parametrize(("error", "status"), [(ValueError, 500), (SuspiciousOperation, 400)])
def test_the_debug_page_of_a_failing_page(db, client, settings, monkeypatch, error, status):
    """Through the real stack, with DEBUG on."""
    settings.DEBUG = True
    client.raise_request_exception = False

    def failing_page(*_arguments, **_options):
        told = LOCAL
        raise error(RAISED + told)

    monkeypatch.setattr("casemgmt.views.HttpResponse", failing_page)
    client.cookies["word"] = COOKIE
    answer = client.post(f"/robots.txt?q={QUERY}", {"name": POSTED}, headers={"x-word": HEADER})
    page = answer.content.decode()
    assert answer.status_code == status and "failing_page" in page, "it is Django's debug page"
    assert [word for word in WORDS if word in page] == []


def test_a_mail_to_administrators_holds_none(settings):
    settings.ADMINS = [("Farid", "farid@example.org")]
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "Failed.", (), None)
    record.request = a_request()
    try:
        fail_with("chain")
    except RuntimeError:
        record.exc_info = sys.exc_info()
    AdminEmailHandler(include_html=True).emit(record)
    [letter] = mail.outbox
    whole = letter.message().as_string() + letter.body + repr(letter.alternatives)
    assert "fail_with" in whole
    assert [word for word in WORDS if word in whole] == []


def test_nobody_mails_errors_at_all():
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in logging.root.manager.loggerDict)]
    assert [one.name for one in loggers for handler in one.handlers if isinstance(handler, AdminEmailHandler)] == []
