"""What waits for somebody's decision: accesses that need a second person, and emergency accesses to look at.

No case is opened here: number, people, parts and dates are all that is shown.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import personal
from casemgmt.access.sections import Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import freshly_confirmed
from cases import access
from cases.actions.emergency import reviews_for
from cases.actions.kinds import ROLES_OF_KIND
from cases.actions.producing import waiting_for as productions_waiting_for
from cases.actions.two_people import approve_access, decline_access, waiting_for, waiting_under
from cases.choices.sharing import GrantKind
from cases.correcting import waiting_for as waiting_corrections_for
from cases.errors import CaseError
from cases.forms.guarding import DecisionForm
from cases.merges import merges_to_agree
from cases.models import AccessGrant, Case
from cases.reviews import reviews_due
from cases.views.corrections import correction_line
from cases.views.release_checks import to_mend
from cases.weeks import WEEK_ROLES

#: Who decides about what leaves, and looks at what was opened in an emergency.
DECIDING_ROLES = (Role.SUPERVISOR, Role.PRIVACY_OFFICER, Role.DIRECTOR)


@personal()
@require_safe
def decisions(request: SignedInRequest) -> HttpResponse:
    """What waits for the reader, and for nobody else's eyes: the oldest first."""
    now = clock.now()
    context = {
        "waiting": [waiting_line(one) for one in waiting_for(request.user, at=now)],
        "reviews": reviews_for(request.user, at=now),
        "access_reviews": reviews_due(request.user, at=now),
        "corrections": [correction_line(one) for one in waiting_corrections_for(request.user, at=now)],
        "productions": productions_waiting_for(request.user, at=now),
        "merges": merges_to_agree(request.user, now=now),
        "may_see_openings": request.user.holds_role(*DECIDING_ROLES),
    }
    return render(request, "cases/guarding/decisions.html", context)


def waiting_line(grant: AccessGrant) -> dict[str, Any]:
    """One waiting access in words, from plain columns alone."""
    together = [grant, *waiting_under(grant)]
    permissions = [codename for one in together for codename in one.permissions]
    release = next((one.release for one in together if one.release), None)
    ended = release is not None and not release.in_force(clock.now())
    sections = access.sections_of(permissions)
    return {
        "grant": grant, "sections": sections, "release": release, "ended": ended,
        "names_health": Section.HEALTH in sections,
    }  # fmt: skip


@personal()
@require_http_methods(["GET", "POST"])
@freshly_confirmed
def access_decide(request: SignedInRequest, grant_uid: UUID) -> HttpResponse:
    """Approve or decline one access as the second person, after a fresh proof of who one is."""
    grant = next((one for one in waiting_for(request.user, at=clock.now()) if one.uid == grant_uid), None)
    if grant is None:
        raise Hidden
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return _decided(request, form, grant)
        except CaseError as error:
            form.add_error(None, str(error))
    context = {**waiting_line(grant), "form": form}
    return render(request, "cases/guarding/decide.html", context, status=422 if form.errors else 200)


def _decided(request: SignedInRequest, form: DecisionForm, grant: AccessGrant) -> HttpResponse:
    common = {"actor": request.user, "now": clock.now(), "form_key": form.key, "grant_uid": grant.uid}
    if form.cleaned_data["decision"] == DecisionForm.APPROVE:
        approve_access(**common)
        messages.success(request, _("You approved it. The access has begun."))
    else:
        decline_access(**common, reason=form.cleaned_data["reason"])
        messages.success(request, _("You declined it. Nothing was opened, and who proposed it is told."))
    return HttpResponseRedirect(reverse("decisions"))


def proposed_lines(case: Case) -> list[dict[str, Any]]:
    """What was proposed on one case and waits, or was declined within a month. Read while the case is open, with its duties."""
    lately = clock.now() - timedelta(days=30)
    undecided = Q(waits_since__isnull=False, approved_at__isnull=True, revoked_at__isnull=True)
    rows = access.every_grant().filter(undecided, Q(declined_at__isnull=True) | Q(declined_at__gt=lately), case=case)
    return [
        {"grant": one, "sections": access.sections_of(one.permissions), "reason": one.reason if one.declined_at else ""}
        for one in rows.select_related("second_by", "granted_by").order_by("-waits_since", "pk")
    ]


# ---- The way there, from every home ----


def also_for(reader: User) -> list[dict[str, Any]]:
    """What else this person can do from her home, as lines: words, address, icon, and how many wait. For every home."""
    now = clock.now()
    roles = reader.roles_at(now)
    lines = [
        {"words": words, "url": reverse(name), "icon": icon, "number": 0}
        for words, name, icon, held in _ALSO if roles & set(held)
    ]  # fmt: skip
    if roles & set(DECIDING_ROLES):
        number = len(waiting_for(reader, at=now)) + len(reviews_for(reader, at=now)) + len(reviews_due(reader, at=now))
        number += len(waiting_corrections_for(reader, at=now)) + len(merges_to_agree(reader, now=now))
        lines.insert(0, {"words": _("To decide"), "url": reverse("decisions"), "icon": "badge-check", "number": number})
        mend = to_mend(reader, now).count()
        lines.append(
            {"words": _("Releases to mend"), "url": reverse("release-checks"), "icon": "file-x", "number": mend}
        )
    return lines


_ALSO: tuple[tuple[Any, str, str, tuple[str, ...]], ...] = (
    (gettext_lazy("My week"), "week", "calendar-days", WEEK_ROLES),
    (gettext_lazy("The team's week"), "team-week", "users", (Role.SUPERVISOR,)),
    (gettext_lazy("Emergency access"), "emergency", "siren", ROLES_OF_KIND[GrantKind.EMERGENCY]),
    (gettext_lazy("While I am away"), "away", "plane", ROLES_OF_KIND[GrantKind.DELEGATION]),
    (gettext_lazy("Who is on duty"), "rota", "phone-call", ROLES_OF_KIND[GrantKind.ON_CALL]),
    (gettext_lazy("All emergency accesses"), "emergency-openings", "list-checks", DECIDING_ROLES),
    (gettext_lazy("What left the house"), "given-out", "send", (Role.SUPERVISOR,)),
    (gettext_lazy("Samples for auditors"), "samples", "dices", (Role.SUPERVISOR,)),
    (gettext_lazy("Lock the office"), "office", "lock", (Role.SUPERVISOR,)),
    (gettext_lazy("My appointments"), "bookings", "calendar-days", ROLES_OF_KIND[GrantKind.BOOKING]),
)
