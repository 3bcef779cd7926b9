"""The coordinator's answer about somebody who is named in one case and may be the survivor of another (domain.md R20)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from cases.actions.named import answer_named
from cases.forms.other_people import NamedForm
from cases.models import NamedMatch
from cases.named import named_for, open_named
from cases.views.desk_forms import done
from cases.views.match_sides import open_to, side_of

#: Pairs of one page of the queue.
PAGE = 20


def named_pairs(reader: User) -> list[dict[str, Any]]:
    """What waits for the coordinator, the oldest first, with whom to ask about each side."""
    return _pairs(reader, list(named_for(reader, at=clock.now())[:PAGE]))


def _pairs(reader: User, rows: list[NamedMatch]) -> list[dict[str, Any]]:
    if not rows:
        return []
    with open_named(reader, rows) as found:
        shown = open_to(reader, {case.pk: case for one in found for case in (one.case, one.other)})
        return [
            {"match": one.match, "sides": [side_of(one.case, shown), side_of(one.other, shown)]} for one in found
        ]  # fmt: skip


@for_roles(Role.INTAKE_COORDINATOR)
@require_http_methods(["GET", "POST"])
def named_match(request: SignedInRequest, named_match_uid: UUID) -> HttpResponse:
    """One pair: two people, or one; then somebody is kept from one of the cases."""
    row = named_for(request.user, at=clock.now()).filter(uid=named_match_uid).first()
    pairs = _pairs(request.user, [row]) if row is not None else []
    if not pairs:
        raise Hidden
    form = NamedForm(request.POST if request.method == "POST" else None)
    answered = done(
        request, form,
        lambda: answer_named(
            actor=request.user, now=clock.now(), form_key=form.key, match_uid=named_match_uid, **form.answers
        ),
        words=_("Recorded. Nobody else is told."),
    )  # fmt: skip
    if answered is not None:
        return redirect("match-queue")
    context = {"form": form, **pairs[0]}
    return render(request, "cases/named_match.html", context, status=422 if form.errors else 200)
