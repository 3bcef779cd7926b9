"""Changing what she is called, and in which languages and through whom she can be spoken with."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from audit import clock
from casemgmt.access.sections import Section, write
from casemgmt.accounts.requests import SignedInRequest
from cases.actions import survivor as actions
from cases.forms import speech as forms
from cases.guards import guarded
from cases.models import Case, Survivor
from cases.views.editing import Page, edit

NAMES_PAGE = Page(
    "survivor", _("Names and pronouns"), _("Nothing here is required. She is found by each of these names."), _("Saved."),
    "case-survivor", Section.IDENTITY, Survivor, actions.CALLED,
)  # fmt: skip
LANGUAGES_PAGE = Page(
    "survivor", _("Languages and interpreter"),
    _("Ask in the language she speaks best. An interpreter is her choice, and she may change it at any time."), _("Saved."),
    "case-survivor", Section.IDENTITY, Survivor, actions.SPEECH,
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.IDENTITY))
def names(request: SignedInRequest, case: Case) -> HttpResponse:
    """Change her further names and her pronouns."""

    def initial(row: Survivor) -> dict[str, Any]:
        return dict(row.called or {})

    def save(form: Any) -> Any:
        return actions.change_called(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, called=form.answers,
            mark=form.cleaned_data["mark"] or None,
        )  # fmt: skip

    return edit(request, case, NAMES_PAGE, make_form=forms.NamesForm, initial=initial, save=save)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.IDENTITY))
def languages(request: SignedInRequest, case: Case) -> HttpResponse:
    """Change her languages and what she needs of an interpreter."""

    def initial(row: Survivor) -> dict[str, Any]:
        return dict(row.speech or {})

    def save(form: Any) -> Any:
        return actions.change_speech(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, speech=form.answers,
            mark=form.cleaned_data["mark"] or None,
        )  # fmt: skip

    return edit(request, case, LANGUAGES_PAGE, make_form=forms.LanguagesForm, initial=initial, save=save)
