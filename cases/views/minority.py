"""Changing who speaks for her while she is a minor, and what was looked at."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from audit import clock
from casemgmt.access.sections import Section, write
from casemgmt.accounts.requests import SignedInRequest
from cases.actions import survivor as actions
from cases.forms.minority import MinorityForm
from cases.guards import guarded
from cases.models import Case, Survivor
from cases.views.editing import Page, edit

PAGE = Page(
    "survivor", _("While she is a minor"), _("Write what is known. Nothing here is required to help her."), _("Saved."),
    "case-survivor", Section.IDENTITY, Survivor, actions.MINORITY,
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.IDENTITY))
def minority(request: SignedInRequest, case: Case) -> HttpResponse:
    """Change guardian, representative, school, custody, and what was looked at for her."""

    def initial(row: Survivor) -> dict[str, Any]:
        return dict(row.minority or {})

    def save(form: Any) -> Any:
        return actions.change_minority(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, minority=form.answers,
            mark=form.cleaned_data["mark"] or None,
        )  # fmt: skip

    return edit(request, case, PAGE, make_form=MinorityForm, initial=initial, save=save)
