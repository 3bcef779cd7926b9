"""Keeping, showing and removing a picture of her face."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from audit import clock
from casemgmt.access.errors import Refused
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.requests import SignedInRequest
from cases import portraits
from cases.actions.portraits import keep_photo, remove_photo, show_photo
from cases.forms.portrait import PhotoForm
from cases.guards import guarded
from cases.models import Case
from cases.views.desk_forms import done
from cases.views.document_files import closed
from cases.views.shell import render_case, viewers_of, visible_names


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.IDENTITY))
def photo(request: SignedInRequest, case: Case) -> HttpResponse:
    """What she allowed, the form for a picture where she did, and the way to a release where she did not."""
    if not portraits.may_look(request.user, case):
        raise Refused(read(Section.DUTIES))
    back = HttpResponseRedirect(reverse("case-survivor", args=[case.uid]))
    form = PhotoForm(request.POST, request.FILES) if request.method == "POST" else PhotoForm()
    is_removing = request.method == "POST" and "remove" in request.POST
    if is_removing:
        form.fields["upload"].required = False

    def act() -> Any:
        facts: dict[str, Any] = {"actor": request.user, "now": clock.now(), "form_key": form.key, "case_uid": case.uid}
        return remove_photo(**facts) if is_removing else keep_photo(**facts, upload=form.cleaned_data["upload"])

    if done(request, form, act, words=_("Removed.") if is_removing else _("Kept, encrypted.")) is not None:
        return back

    def build() -> dict[str, Any]:
        names = visible_names(request.user, case, viewers_of(case), Section.IDENTITY)
        return {"form": form, "photo": portraits.state_of(request.user, case, clock.now()), "names": names}

    return render_case(request, case, "survivor", "cases/photo.html", build, status=422 if form.errors else 200)


@require_GET
@guarded(read(Section.IDENTITY))
def picture(request: SignedInRequest, case: Case, portrait_uid: UUID) -> HttpResponse:
    """The picture itself, for the page that was asked for it. Each time is recorded."""
    shown = show_photo(actor=request.user, now=clock.now(), case_uid=case.uid, portrait_uid=portrait_uid)
    response = HttpResponse(shown, content_type="image/jpeg")
    response["Content-Disposition"] = "inline"
    closed(response)
    return response
