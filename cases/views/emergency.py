"""Emergency access: taking it, looking at it afterwards, and all openings."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from audit.log import record
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles, personal
from casemgmt.access.sections import Section
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import freshly_confirmed
from cases import access
from cases.actions.emergency import (
    MOST_SHOWN,
    is_late,
    may_review,
    openings_known_to,
    review_emergency,
    take_emergency_access,
    what_was_opened,
)
from cases.actions.kinds import ROLES_OF_KIND
from cases.choices.sharing import EmergencyFinding, GrantKind
from cases.desk import open_desk, words_in
from cases.errors import CaseError
from cases.forms.guarding import EmergencyForm, OpeningsFilter, ReviewForm
from cases.models import EmergencyAccess
from cases.views.decisions import DECIDING_ROLES
from cases.views.desk_forms import done
from cases.windows import EMERGENCY_LIMIT


@for_roles(*ROLES_OF_KIND[GrantKind.EMERGENCY])
@require_http_methods(["GET", "POST"])
@freshly_confirmed
def emergency(request: SignedInRequest) -> HttpResponse:
    """Open the least of one case for an hour, after a fresh proof of who one is. Whatever does not fit reads the same."""
    if not request.user.organisation.is_ours:
        raise Hidden
    form = EmergencyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            opened = take_emergency_access(
                actor=request.user, now=clock.now(), form_key=form.key, reason=facts["reason"], number=facts["number"],
                names=facts["names"], phone=facts["phone"],
            )  # fmt: skip
        except CaseError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return _to_the_case(request, opened.uid)
    context = {"form": form, "minutes": int(EMERGENCY_LIMIT.total_seconds() // 60)}
    return render(request, "cases/guarding/emergency.html", context, status=422 if form.errors else 200)


def _to_the_case(request: SignedInRequest, opened_uid: UUID) -> HttpResponse:
    """To the case that was opened; a form that is sent twice leads there, too."""
    opened = access.own(EmergencyAccess, request.user, "opened_by").select_related("case").get(uid=opened_uid)
    words = _("This case is open to you for an hour: card, identity and safety. Your supervisor has been told.")
    messages.success(request, words)
    return HttpResponseRedirect(reverse("case-overview", args=[opened.case.uid]))


@personal()
@require_http_methods(["GET", "POST"])
def emergency_review(request: SignedInRequest, opened_uid: UUID) -> HttpResponse:
    """Who opened what, why, and what was looked at; and the finding of whoever reviews it."""
    now = clock.now()
    opened = openings_known_to(request.user, at=now).filter(uid=opened_uid).first()
    if opened is None:
        raise Hidden
    form = ReviewForm(request.POST if request.method == "POST" else None)
    may = opened.reviewed_at is None and may_review(request.user, opened, at=now)
    if request.method == "POST":
        if not may:
            raise Hidden
        if _reviewed(request, form, opened):
            return HttpResponseRedirect(reverse("decisions"))
    with open_desk(request.user, [opened]):
        context = {
            **opening_line(opened), "form": form if may else None, "reason": words_in(opened, "reason"),
            "review_words": words_in(opened, "review_words"), "seen": _seen(request, opened),
        }  # fmt: skip
        return render(request, "cases/guarding/emergency_review.html", context, status=422 if form.errors else 200)


def _reviewed(request: SignedInRequest, form: ReviewForm, opened: EmergencyAccess) -> bool:
    """Whether a posted, valid form is the review; else its sentence is on the form."""
    reviewed = done(
        request, form,
        lambda: review_emergency(
            actor=request.user, now=clock.now(), form_key=form.key, opened_uid=opened.uid, **form.answers
        ),
        words=_("Your review is recorded."),
    )  # fmt: skip
    return reviewed is not None


def _seen(request: SignedInRequest, opened: EmergencyAccess) -> list[dict[str, Any]]:
    """What the ledger says was looked at, part by part, without a value. Reading the ledger is an event itself."""
    record(Verb.LEDGER_READ, actor=request.user, subject=opened, detail={"page": "EMERGENCY"})
    return [_event_line(event) for event in what_was_opened(opened)]


def _event_line(event: Event) -> dict[str, Any]:
    return {
        "at": event.at,
        "what": Verb(event.verb).label,
        "parts": [Section(code).label for code in event.sections.split()],
        "by_emergency": event.basis_kind == GrantKind.EMERGENCY,
    }


def opening_line(opened: EmergencyAccess) -> dict[str, Any]:
    """One emergency access from plain columns."""
    return {
        "opened": opened,
        "until": access.end_of(opened.grant),
        "finding": EmergencyFinding(opened.finding).label if opened.finding else "",
        "is_late": opened.reviewed_at is None
        and (opened.escalated_at is not None or opened.review_on < timezone.localdate()),
    }


@for_roles(*DECIDING_ROLES)
@require_safe
def openings(request: SignedInRequest) -> HttpResponse:
    """The report of all emergency accesses that the reader may know of: of a time, by their review, the newest first."""
    form, today = OpeningsFilter(request.GET), timezone.localdate()
    chosen = form.apply(openings_known_to(request.user, at=clock.now()), today=today)
    counts = chosen.order_by().aggregate(
        total=Count("pk", distinct=True),
        waiting=Count("pk", distinct=True, filter=Q(reviewed_at__isnull=True)),
        late=Count("pk", distinct=True, filter=is_late(today)),
        misused=Count("pk", distinct=True, filter=Q(finding=EmergencyFinding.MISUSED)),
    )
    lines = [opening_line(one) for one in chosen.order_by("-opened_at", "-pk")[:MOST_SHOWN]]
    context = {"form": form, "lines": lines, "is_cut": counts["total"] > len(lines), **counts}
    return render(request, "cases/guarding/openings.html", context, status=422 if form.errors else 200)
