"""People I know: what somebody of the house declares, for herself alone to read."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from casemgmt.access.rules import personal
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.forms import HavenForm
from cases import access, opening
from cases.actions.declarations import declare, declare_own_phone, end_declaration
from cases.forms.walls import OwnPhoneForm, SaidOfPersonForm
from cases.models import Declaration
from cases.views.desk_forms import done


@personal()
@never_cache
@require_http_methods(["GET", "POST"])
def people_i_know(request: SignedInRequest) -> HttpResponse:
    """What she has declared, and a form for one person more."""
    form = SaidOfPersonForm(request.POST if request.method == "POST" else None)
    made = done(
        request, form,
        lambda: declare(actor=request.user, now=clock.now(), form_key=form.key, **form.facts),
        words=_("Declared. Nobody else can read it."),
    )  # fmt: skip
    if made is not None:
        return redirect("people-i-know")
    hers = access.own(Declaration, request.user).filter(ended_at__isnull=True, is_own__isnull=True).order_by("-pk")
    with opening.open_own(request.user):
        context = {"form": form, "declared": list(hers)}
        return render(request, "cases/walls/people_i_know.html", context, status=422 if form.errors else 200)


@personal()
@never_cache
@require_http_methods(["GET", "POST"])
def my_telephones(request: SignedInRequest) -> HttpResponse:
    """The telephones that are her own, and a form for one more."""
    form = OwnPhoneForm(request.POST if request.method == "POST" else None)
    made = done(
        request, form,
        lambda: declare_own_phone(
            actor=request.user, now=clock.now(), form_key=form.key, phone=form.cleaned_data["phone"]
        ),
        words=_("Kept. Nobody else can read it."),
    )  # fmt: skip
    if made is not None:
        return redirect("my-telephones")
    hers = access.own(Declaration, request.user).filter(ended_at__isnull=True, is_own=True).order_by("-pk")
    with opening.open_own(request.user):
        context = {"form": form, "phones": list(hers)}
        return render(request, "cases/walls/my_telephones.html", context, status=422 if form.errors else 200)


@personal()
@require_POST
def end(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Take one back."""
    form = HavenForm(request.POST)
    key = form.key if form.is_valid() else None
    ended = end_declaration(actor=request.user, now=clock.now(), form_key=key, declaration_uid=uid)
    if getattr(ended, "is_own", None) or request.POST.get("back") == "my-telephones":
        messages.success(request, _("Taken back. No case is compared with it any more."))
        return redirect("my-telephones")
    messages.success(request, _("Taken back. New cases are not compared with it any more."))
    return redirect("people-i-know")
