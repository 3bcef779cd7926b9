"""The table of reporting authorities, for administrators. No case is opened here, and none is within reach."""

from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.accounts.choices import Role
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.forms import HavenForm
from cases import access, authorities
from cases.actions.authorities import LookedUp, add_authority, change_authority, end_authority, look_again
from cases.authorities import FEDERAL
from cases.forms.authorities import AuthorityForm, ChangedAuthorityForm
from cases.models import ReportingAuthority
from cases.views.desk_forms import done, step

administrator = for_roles(Role.ADMINISTRATOR)
#: So many former versions stand on the page of a row.
MOST_VERSIONS = 20


def _house(request: SignedInRequest) -> None:
    if not request.user.organisation.is_ours:
        raise Hidden


@administrator
@require_safe
def table(request: SignedInRequest) -> HttpResponse:
    """The rows by place, ended ones beneath; and what Haven suggests to look up, until a row of it stands."""
    _house(request)
    today = timezone.localdate()
    lines = [authorities.line_of(row, request.user, today) for row in authorities.table_of(request.user)]
    standing = [line for line in lines if line.row.ended_at is None]
    places = groupby(standing, key=lambda line: line.row.jurisdiction.casefold())
    groups = [list(rows) for _place, rows in places]
    context = {
        "groups": [(rows[0].row.jurisdiction, rows) for rows in groups],
        "ended": [line for line in lines if line.row.ended_at is not None],
        "federal": None if any(_is_federal(line.row) for line in standing) else FEDERAL,
    }
    return render(request, "cases/configuring/authorities.html", context)


def _is_federal(row: ReportingAuthority) -> bool:
    return (row.trigger, row.jurisdiction) == (FEDERAL["trigger"], FEDERAL["jurisdiction"])


@administrator
@require_http_methods(["GET", "POST"])
def authority_new(request: SignedInRequest) -> HttpResponse:
    """Add a row. What Haven suggests fills the form; the day on which it was looked up nobody can suggest."""
    _house(request)
    is_suggested = "suggested" in request.GET
    initial = {**FEDERAL, "looked_up_on": None} if is_suggested else {}
    form = AuthorityForm(request.POST if request.method == "POST" else None, initial=initial)
    return step(
        request, form,
        lambda: add_authority(actor=request.user, now=clock.now(), form_key=form.key, found=form.found),
        words=_("Added. It stands beside every report from now on."), back=reverse("reporting-authorities"),
        template="cases/configuring/authority_form.html", context={"is_suggested": is_suggested},
    )  # fmt: skip


@administrator
@require_http_methods(["GET", "POST"])
def authority(request: SignedInRequest, reporting_authority_uid: UUID) -> HttpResponse:
    """One row, to be changed; its former versions beneath."""
    _house(request)
    row = _row(request, reporting_authority_uid)
    first = {name: getattr(row, name) for name in (*LookedUp.__dataclass_fields__, "version")}
    form = ChangedAuthorityForm(request.POST if request.method == "POST" else None, initial=first)
    made = done(
        request, form,
        lambda: change_authority(
            actor=request.user, now=clock.now(), form_key=form.key, authority_uid=row.uid,
            version=form.cleaned_data["version"], found=form.found,
        ),
        words=_("Saved. Reports that were recorded before stay as they are."),
    )  # fmt: skip
    if made is not None:
        return HttpResponseRedirect(reverse("reporting-authorities"))
    versions = row.history.filter(version__lt=row.version).select_related("changed_by")
    context: dict[str, Any] = {
        "form": form, "line": authorities.line_of(row, request.user, timezone.localdate()),
        "former": versions.order_by("-version", "-history_id")[:MOST_VERSIONS],
    }  # fmt: skip
    return render(request, "cases/configuring/authority_form.html", context, status=422 if form.errors else 200)


@administrator
@require_POST
def authority_looked(request: SignedInRequest, reporting_authority_uid: UUID) -> HttpResponse:
    """Somebody looked it up again today, and it is right."""
    _house(request)
    row = _row(request, reporting_authority_uid)
    form = HavenForm(request.POST)
    made = done(
        request, form,
        lambda: look_again(actor=request.user, now=clock.now(), form_key=form.key, authority_uid=row.uid),
        words=_("Thank you. It is looked up as of today."),
    )  # fmt: skip
    if made is None:
        for sentence in [one for field in form.errors.values() for one in field]:
            messages.error(request, str(sentence))
    return redirect("reporting-authorities")


@administrator
@require_http_methods(["GET", "POST"])
def authority_end(request: SignedInRequest, reporting_authority_uid: UUID) -> HttpResponse:
    """Offer a row no more."""
    _house(request)
    row = _row(request, reporting_authority_uid)
    form = HavenForm(request.POST if request.method == "POST" else None)
    return step(
        request, form,
        lambda: end_authority(actor=request.user, now=clock.now(), form_key=form.key, authority_uid=row.uid),
        words=_("It is no longer offered. Reports that were recorded with it stay as they are."),
        back=reverse("reporting-authorities"), template="cases/configuring/authority_end.html", context={"row": row},
    )  # fmt: skip


def _row(request: SignedInRequest, uid: UUID) -> ReportingAuthority:
    """A row of the reader's organisation; an ended one only for what was posted, so that a repeat or a late form is answered."""
    row: ReportingAuthority | None = access.of_house(ReportingAuthority, request.user).filter(uid=uid).first()
    if row is None or (row.ended_at is not None and request.method != "POST"):
        raise Hidden
    return row
