"""Joint cases: which other cases this one is linked to, linking one more, ending a link."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, write
from casemgmt.accounts.requests import SignedInRequest
from cases.actions.linking import end_link, link_cases
from cases.forms.linking import LinkEndForm, LinkForm
from cases.guards import guarded
from cases.linked import linked_to
from cases.models import Case
from cases.views.desk_forms import done
from cases.views.shell import render_case

_PERMISSION = write(Section.CARD)


def _only_inside(request: SignedInRequest, case: Case) -> None:
    if request.user.organisation_id != case.organisation_id:
        raise Refused(_PERMISSION)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(_PERMISSION)
def links(request: SignedInRequest, case: Case) -> HttpResponse:
    """The other cases that the reader may open, and the form for one more."""
    _only_inside(request, case)
    form = LinkForm(request.POST if request.method == "POST" else None)
    made = done(
        request, form,
        lambda: link_cases(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid,
            number=form.cleaned_data["number"], kind=form.cleaned_data["kind"],
        ),
        words=_("Linked. Only people who may open both cases see it."),
    )  # fmt: skip
    here = reverse("case-links", args=[case.uid])
    if made is not None:
        return HttpResponseRedirect(here)

    def build() -> dict[str, Any]:
        return {"form": None if case.is_closed else form, "linked": linked_to(request.user, case)}

    return render_case(request, case, "overview", "cases/links.html", build, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(_PERMISSION)
def link_end(request: SignedInRequest, case: Case, case_link_uid: UUID) -> HttpResponse:
    """Take this case out of a link, with the reason. Raises Hidden for a link of which she may read no other side."""
    _only_inside(request, case)
    form = LinkEndForm(request.POST if request.method == "POST" else None)

    def act() -> bool:
        end_link(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, link_uid=case_link_uid,
            reason=form.cleaned_data["reason"],
        )  # fmt: skip
        return True

    if done(request, form, act, words=_("The link is ended.")) is not None:
        return HttpResponseRedirect(reverse("case-links", args=[case.uid]))

    def build() -> dict[str, Any]:
        linked = [one for one in linked_to(request.user, case) if one.link_uid == case_link_uid]
        if not linked:
            raise Hidden
        return {"form": form, "linked": linked}

    return render_case(request, case, "overview", "cases/link_end.html", build, status=422 if form.errors else 200)
