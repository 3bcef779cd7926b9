"""One form on a tab: shown, done by one action, and back to the tab."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from audit import clock
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.forms import HavenForm
from cases.errors import CaseError
from cases.models import Case
from cases.views.shell import render_case


def render_step(
    request: SignedInRequest, case: Case, tab: str, form: HavenForm, heading: str, act: Callable[[dict[str, Any]], Any],
    opened: Callable[[], None] = lambda: None,
) -> HttpResponse:  # fmt: skip
    """Show the form (422 with its errors), or call ``act`` with its answers, actor, moment and form key, and go back.

    ``opened``: what the form still needs of the case, done where the case is open, when the form is shown.
    """
    if request.method == "POST" and form.is_valid():
        facts = {name: value for name, value in form.cleaned_data.items() if name != "form_key"}
        try:
            act({**facts, "actor": request.user, "now": clock.now(), "form_key": form.key})
        except CaseError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse(f"case-{tab}", args=[case.uid]))
    context = {"form": form, "heading": heading, "back": reverse(f"case-{tab}", args=[case.uid])}
    status = 422 if form.errors else 200

    def build() -> dict[str, Any]:
        opened()
        return context

    return render_case(request, case, tab, "services/case_step.html", build, status=status)


def name_choices(form: HavenForm, name: str, words: dict[str, str]) -> None:
    """Give the choices of a field their sealed words: to check an answer, their codes were enough."""
    field: Any = form.fields[name]
    field.choices = [(code, words.get(code, label)) for code, label in field.choices]
