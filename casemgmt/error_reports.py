"""What an error report may show: where it happened, never with what.

Django's reporter puts the locals of every frame, what was posted, cookies, settings and the words of the exception
into its debug page and into mails to administrators; a word of a case is in any of them. Here nothing of that is
left, whether DEBUG is on or off, and whoever asks for a report.
"""

from collections.abc import ItemsView
from types import TracebackType
from typing import Any

from django.http import HttpRequest
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

#: What stands where Django would show the words of an exception: they may quote what a person typed.
NOT_SHOWN = "(not shown)"


class HideEverything(SafeExceptionReporterFilter):
    """``DEFAULT_EXCEPTION_REPORTER_FILTER``: no locals, nothing posted, no cookies, no headers, no settings."""

    def is_active(self, request: HttpRequest | None) -> bool:
        """Always. Django's own hides only what a decorator names, and nothing while DEBUG is on."""
        return True

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> ItemsView[str, Any]:
        """None at all, not even their names with the values cut."""
        return {}.items()

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, str]:
        """Nothing that was posted."""
        return {}

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, str]:
        """No header and no variable of the environment."""
        return {}

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, str]:
        """No cookie."""
        return {}

    def get_safe_settings(self) -> dict[str, str]:
        """No setting: some hold addresses with passwords."""
        return {}


class ReportWithoutValues(ExceptionReporter):
    """``DEFAULT_EXCEPTION_REPORTER``: types and places of the exceptions, and the lines of our own code."""

    def __init__(
        self,
        request: HttpRequest | None,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
        is_email: bool = False,
    ) -> None:
        # Without a request there is no address, no user and no query to show.
        super().__init__(None, exc_type, exc_value, tb, is_email)

    def get_traceback_data(self) -> dict[str, Any]:
        """What the templates of the debug page and of the mail are filled with."""
        shown: dict[str, Any] = super().get_traceback_data()
        shown["exception_value"] = NOT_SHOWN
        for name in ("unicode_hint", "exception_notes", "user_str", "request", "template_info"):
            shown.pop(name, None)
        shown["settings"] = {}
        for frame in shown["frames"]:
            frame["vars"] = []
            for name in ("exc_cause", "exc_cause_explicit"):
                if isinstance(frame.get(name), BaseException):
                    frame[name] = type(frame[name]).__name__
        return shown
