"""What an administrator asks for somebody else's account, and the answer of who answers for that person."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import personal

from ..actions.requests import ask_for_account, confirm_request, decline_request, requests_for
from ..choices import AccountRequestKind
from ..errors import ReceptionError
from ..forms.people import AccountRequestForm
from ..models import User
from ..requests import SignedInRequest
from ..stepup import freshly_confirmed
from .people import administrator


@administrator
@freshly_confirmed
@require_http_methods(["GET", "POST"])
def ask(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Ask for a factor reset or a new address; who has to confirm it is named."""
    user = User.objects.select_related("organisation").filter(uid=uid).first()
    if user is None:
        raise Hidden
    form = AccountRequestForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        facts = form.cleaned_data
        try:
            ask_for_account(
                actor=request.user, now=clock.now(), form_key=form.key, user=user, kind=facts["kind"],
                new_email=facts["new_email"],
            )  # fmt: skip
        except ReceptionError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Asked. Nothing changes until it is confirmed; both are told."))
            return redirect("person", uid=uid)
    page = {"person": user, "form": form}
    return render(request, "accounts/ask_for_account.html", page, status=422 if form.errors else 200)


@personal()
@never_cache
@freshly_confirmed
@require_http_methods(["GET", "POST"])
def answer(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Confirm or decline, after a fresh proof of who one is, on a page that says what will happen."""
    now = clock.now()
    found = next((one for one in requests_for(request.user, now) if one.uid == uid), None)
    if found is None:
        raise Hidden
    if request.method == "POST":
        deed = confirm_request if request.POST.get("answer") == "confirm" else decline_request
        try:
            deed(actor=request.user, now=now, request=found)
        except ReceptionError as problem:
            messages.error(request, str(problem))
        else:
            messages.success(request, _("Your answer is recorded. Both are told."))
        return redirect("my-account")
    page = {"asked": found, "is_reset": found.kind == AccountRequestKind.FACTOR_RESET}
    return render(request, "accounts/answer_request.html", page)
