"""What the pages of the desk share: the case behind a number, and the sentence where a rule stands against an act."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.accounts.requests import SignedInRequest
from cases import desk
from cases.choices.erasing import CLASS_WORDS
from cases.errors import CaseError
from cases.forms.erasure import AboutCaseForm
from cases.models import Case


def classes_in_words(classes: list[str]) -> list[Any]:
    """The classes in words; a whole case by that alone."""
    return [CLASS_WORDS["CORE"]] if "CORE" in classes else [CLASS_WORDS[name] for name in classes]


def _case_in(request: SignedInRequest) -> Case | None:
    """The case that a link of its Sharing tab named by its uid; None where none was, or it is not this person's."""
    named = request.GET.get("case", "")
    try:
        return desk.find_case(request.user, str(UUID(named)), at=clock.now())
    except (ValueError, Hidden):
        return None


def form_about_case(request: SignedInRequest, kind: type[AboutCaseForm]) -> tuple[AboutCaseForm, Case | None]:
    """The form of an act on a case that is found by its number; the case, once a valid form names one in reach."""
    known = _case_in(request)
    posted = request.POST if request.method == "POST" else None
    form = kind(posted, knows_case=known is not None, initial={"number": known.number if known else ""})
    if posted is None or not form.is_valid():
        return form, None
    try:
        return form, desk.find_case(request.user, form.cleaned_data["number"], at=clock.now())
    except Hidden:
        form.add_error("number", _("No case of this number is within your reach. Check the number."))
        return form, None


def typed_about_case(request: SignedInRequest, kind: type[AboutCaseForm], typed: dict[str, Any]) -> AboutCaseForm:
    """The same form once more, with what was typed and nothing judged. No case is looked for but that of the link."""
    known = _case_in(request)
    return kind(knows_case=known is not None, initial={**typed, **({"number": known.number} if known else {})})


def done(request: SignedInRequest, form: Any, act: Callable[[], Any], *, words: str) -> Any:
    """What the act of a posted, valid form made, after saying so in ``words``.

    None where nothing was posted, the form is not valid, or a rule stands against the act: then its sentence is on
    the form.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        made = act()
    except CaseError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None
    messages.success(request, words)
    return made


def step(
    request: SignedInRequest, form: Any, act: Callable[[], Any], *, words: str, back: str, template: str,
    context: dict[str, Any],
) -> HttpResponse:  # fmt: skip
    """The page of one step of something: its effect and its form; and on to ``back`` once it is taken (``done``)."""
    if done(request, form, act, words=words) is not None:
        return HttpResponseRedirect(back)
    return render(request, template, {**context, "form": form}, status=422 if form.errors else 200)


def certificate_file(order: Any) -> HttpResponse:
    """The signed certificate of an order as a file: no personal data, checked by ``manage.py verify_certificate``.

    Raises Hidden where there is none yet.
    """
    if order.certificate is None:
        raise Hidden
    text = json.dumps(order.certificate, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="certificate-{order.number}.json"'
    return response
