"""Which case is meant: the privacy officer asks, a second person decides, and for a day the number is shown."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock, pseudonyms
from audit.models import Identification
from audit.reader import Reader
from audit.workspace import identifying
from audit.workspace.models import WhyIdentify
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.accounts.choices import Role
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import freshly_confirmed
from casemgmt.reports.forms import AskWhichCase
from cases import access
from cases.models import Case

#: Who asks, and who may decide on what another asked.
asker = for_roles(Role.PRIVACY_OFFICER)
decider = for_roles(Role.PRIVACY_OFFICER, Role.DIRECTOR)
SHOWN = 50


def walled(person: Any, case_uids: set[UUID]) -> set[UUID]:
    """Of these cases, those a wall keeps this person from, and those of another organisation. One query."""
    if not case_uids:
        return set()
    rows = access.for_the_house(Case).filter(uid__in=case_uids, organisation_id=person.organisation_id)
    return case_uids - set(rows.exclude(pk__in=access.walled_cases(person)).values_list("uid", flat=True))


@decider
@require_http_methods(["GET", "HEAD", "POST"])
def which_case(request: SignedInRequest) -> HttpResponse:
    """What one asked, what waits for one's decision, and (for a privacy officer) the form.

    A case that a wall keeps one from is not to be asked for: the answer is that of a name nobody has.
    """
    now, person = clock.now(), request.user
    may_ask = person.holds_role(Role.PRIVACY_OFFICER)
    form = AskWhichCase(request.POST or None) if may_ask else None
    if request.method == "POST":
        if form is None:
            raise Hidden
        if form.is_valid() and walled(person, {form.cleaned_data["code"]}):
            form.add_error("code", _("The ledger knows no case of this name."))
        if form.is_valid():
            given = form.cleaned_data
            identifying.ask_which_case(
                actor=person, now=now, form_key=form.key, case_uid=given["code"], purpose=given["purpose"],
                reason=given["reason"],
            )  # fmt: skip
            messages.success(request, _("Your question waits for a second person: a privacy officer or a director."))
            return redirect("which-case")
    context = _lists(person, now) | {"form": form}
    return render(request, "reports/which_case.html", context, status=422 if request.method == "POST" else 200)


def _lists(person: Any, now: Any) -> dict[str, Any]:
    waiting = list(identifying.waiting_for_others(person.uid, now)[:SHOWN])
    closed = walled(person, {one.case_uid for one in waiting})
    waiting = [one for one in waiting if one.case_uid not in closed]
    asked = list(identifying.asked_by(person.uid)[:SHOWN])
    reader = Reader(person)
    reader.learn_names({one.asked_by_uid for one in waiting} | {one.decided_by_uid for one in asked})
    reasons = identifying.reasons(waiting)

    def line(one: Identification) -> dict[str, Any]:
        return {
            "one": one,
            "code": pseudonyms.of_case(one.case_uid),
            "purpose": WhyIdentify(one.purpose).label,
            "who": reader.name_of(one.asked_by_uid),
            "by": reader.name_of(one.decided_by_uid) if one.decided_by_uid else "",
            "reason": reasons.get(one.uid, ""),
            "is_open": identifying.is_open(one, now),
            "is_over": one.decided_at is None and now - one.asked_at > identifying.WAITS_FOR,
        }

    return {"waiting": [line(one) for one in waiting], "asked": [line(one) for one in asked]}


@decider
@require_POST
@freshly_confirmed
def which_case_decide(request: SignedInRequest, identification_uid: UUID) -> HttpResponse:
    """Allow it, or decline it. The buttons say which."""
    asked = Identification.objects.filter(uid=identification_uid, decided_at__isnull=True).first()
    if asked is None or walled(request.user, {asked.case_uid}):
        raise Hidden
    is_allowed = request.POST.get("answer") == "allow"
    try:
        identifying.decide_which_case(
            actor=request.user, now=clock.now(), identification_uid=asked.uid, is_allowed=is_allowed, reason=""
        )
    except identifying.AlreadyDecided as refused:
        messages.error(request, str(refused))
        return redirect("which-case")
    messages.success(
        request,
        _("Allowed. The number is shown to whoever asked for 24 hours.") if is_allowed else _("Declined."),
    )
    return redirect("which-case")


@asker
@require_safe
@freshly_confirmed
def which_case_show(request: SignedInRequest, identification_uid: UUID) -> HttpResponse:
    """The number of the case, to whoever asked and was allowed. Each time is an event. It opens nothing of the case."""
    asked = Identification.objects.filter(uid=identification_uid, asked_by_uid=request.user.uid).first()
    if asked is None or walled(request.user, {asked.case_uid}):
        raise Hidden
    shown = identifying.show_which_case(actor=request.user, now=clock.now(), identification_uid=identification_uid)
    case = access.for_the_house(Case).filter(uid=shown.case_uid).only("number").first()
    if case is None:
        raise Hidden
    context = {"number": case.number, "code": pseudonyms.of_case(shown.case_uid), "until": shown.until}
    return render(request, "reports/which_case_shown.html", context)
