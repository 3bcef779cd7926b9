"""A sheet of another system: the page of its columns, and the page of its words and days."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from casemgmt.access.rules import for_roles
from casemgmt.accounts.requests import SignedInRequest
from cases.actions import import_mapping, import_sharing
from cases.actions.intake import OPENING_ROLES
from cases.errors import CaseError
from cases.forms.import_mapping import AnswersForm, ColumnsForm
from cases.models import ImportBatch
from cases.opening import open_own
from cases.views.imports import form_key_of, own_batch

#: Words of one page: what is left is asked on the next.
WORDS_AT_ONCE = 40
_State = ImportBatch.State


@for_roles(*OPENING_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Each column with its header and a few values; she says which field it is, or leaves it out."""
    reader = request.user
    found = own_batch(reader, uid)
    if found.state != _State.MAPPING:
        return redirect("import-batch", uid=uid)
    is_post = request.method == "POST"
    said = (request.POST if is_post else request.GET).get("header_row", "")
    with open_own(reader):
        choice = import_mapping.choice_of(reader, found, int(said) if said.isdecimal() and len(said) < 4 else None)
        file_name = found.file_name
    form = ColumnsForm(request.POST if is_post else None, choice=choice)
    if is_post and form.is_valid():
        try:
            import_mapping.choose_columns(
                actor=reader, now=clock.now(), form_key=form.key, batch_uid=uid, header_row=choice.columns.first_row,
                names=form.names(),
            )  # fmt: skip
        except CaseError as error:
            messages.warning(request, str(error))
        return redirect("import-batch", uid=uid)
    context: dict[str, Any] = {
        "batch": found, "file_name": file_name, "form": form, "choice": choice, "header_row": choice.columns.first_row,
    }  # fmt: skip
    return render(request, "cases/import_columns.html", context, status=422 if form.errors else 200)


@for_roles(*OPENING_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def answers(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Words that are no answer, each once with how often it stands there; and days that can be read in two ways."""
    reader = request.user
    found = own_batch(reader, uid)
    if found.state != _State.READY:
        return redirect("import-batch", uid=uid)
    with open_own(reader):
        asked = import_mapping.asked_of(reader, found)
        file_name = found.file_name
    words = dict(list(asked.words.items())[:WORDS_AT_ONCE])
    if not words and not asked.days:
        return redirect("import-batch", uid=uid)
    form = AnswersForm(request.POST if request.method == "POST" else None, words=words, days=asked.days)
    if form.is_bound and form.is_valid():
        try:
            import_mapping.choose_answers(
                actor=reader,
                now=clock.now(),
                form_key=form.key,
                batch_uid=uid,
                answers=form.meanings(),
                orders=form.orders(),
            )
        except CaseError as error:
            messages.warning(request, str(error))
        return redirect("import-batch", uid=uid)
    context = {"batch": found, "file_name": file_name, "form": form}
    return render(request, "cases/import_answers.html", context, status=422 if form.errors else 200)


@for_roles(*OPENING_ROLES)
@require_POST
def forget(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Throw the earlier choice for such a sheet away."""
    import_mapping.forget_choice(actor=request.user, now=clock.now(), form_key=form_key_of(request), batch_uid=uid)
    messages.success(request, _("Your earlier choice for such a sheet is forgotten."))
    return redirect("import-columns", uid=uid)


@for_roles(*OPENING_ROLES)
@require_POST
def share(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Offer the choice of columns of one's own import to its team."""
    found = own_batch(request.user, uid)
    try:
        import_sharing.share_mapping(
            actor=request.user, now=clock.now(), form_key=form_key_of(request), batch_uid=uid
        )  # fmt: skip
    except CaseError as error:
        messages.warning(request, str(error))
    else:
        words = _("The team %(team)s is offered this choice for sheets with the same columns.")
        messages.success(request, words % {"team": found.team.name})
    return redirect("import-batch", uid=uid)


@for_roles(*OPENING_ROLES)
@require_POST
def unshare(request: SignedInRequest, shared_mapping_uid: UUID) -> HttpResponse:
    """Take a shared choice back."""
    import_sharing.unshare_mapping(
        actor=request.user, now=clock.now(), form_key=form_key_of(request), mapping_uid=shared_mapping_uid
    )  # fmt: skip
    messages.success(request, _("The choice is offered to nobody any more. What colleagues have chosen stays theirs."))
    return redirect("import")
