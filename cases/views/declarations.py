"""People I know: what somebody of the house declares, for herself alone to read."""

from collections.abc import Callable
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
    return _hers(request, form, declare, is_own=False, words=_("Declared. Nobody else can read it."))


@personal()
@never_cache
@require_http_methods(["GET", "POST"])
def my_telephones(request: SignedInRequest) -> HttpResponse:
    """The telephones that are her own, and a form for one more."""
    form = OwnPhoneForm(request.POST if request.method == "POST" else None)
    return _hers(request, form, declare_own_phone, is_own=True, words=_("Kept. Nobody else can read it."))


def _hers(
    request: SignedInRequest, form: OwnPhoneForm | SaidOfPersonForm, act: Callable[..., Declaration], *, is_own: bool,
    words: str,
) -> HttpResponse:  # fmt: skip
    """A page of what she wrote down, newest first, opened for herself alone, with the form to write down more."""
    name = "my-telephones" if is_own else "people-i-know"
    made = done(
        request, form,
        lambda: act(actor=request.user, now=clock.now(), form_key=form.key, **form.facts), words=words,
    )  # fmt: skip
    if made is not None:
        return redirect(name)
    kept = access.own(Declaration, request.user).filter(ended_at__isnull=True, is_own=is_own or None).order_by("-pk")
    with opening.open_own(request.user):
        context = {"form": form, "kept": list(kept)}
        template = f"cases/walls/{name.replace('-', '_')}.html"
        return render(request, template, context, status=422 if form.errors else 200)


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
