"""The pages of what was erased: a part of a case, a whole case, a legal matter. They say so, and everything else works."""

from django.http import HttpResponse
from django.shortcuts import render

from casemgmt.access.sections import Section
from casemgmt.accounts.requests import SignedInRequest
from cases.erased import erased_words
from cases.models import Case, Matter
from cases.views.shell import TABS, render_case

SAFE = ("GET", "HEAD")


def erased_part(request: SignedInRequest, case: Case, section: str) -> HttpResponse:
    """A part of a case (or the whole) whose content is gone: 200 to a reader, 409 to whoever wanted to write there."""
    template = "cases/erasure/whole.html" if case.is_erased else "cases/erasure/part.html"
    context = {"section": Section(section).label, "is_writing": request.method not in SAFE}
    tab = next((key for key, _url, _label, sections in TABS if section in sections), "overview")
    return render_case(request, case, tab, template, lambda: context, status=_status(request))


def erased_matter(request: SignedInRequest, matter: Matter, section: str = Section.LEGAL) -> HttpResponse:
    """A legal matter whose content is gone. It opens nothing, and whoever holds the matter may know that it was."""
    context = {
        "words": erased_words(matter.case, section),
        "matter": matter,
        "is_writing": request.method not in SAFE,
    }
    return render(request, "cases/erasure/matter.html", context, status=_status(request))


def _status(request: SignedInRequest) -> int:
    return 200 if request.method in SAFE else 409
