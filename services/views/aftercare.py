"""The aftercare tab, and the house: who lives in the shelter, without an address."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import READ_CARD, Section, read, write
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from cases import access, codes
from cases.choices.configuration import ListName
from cases.choices.safety import AlertCode
from cases.errors.erasing import PartIsErased
from cases.guards import guarded
from cases.models import Case, Note
from cases.opening import open_list
from cases.people import shown_name
from cases.views.decisions import also_for
from cases.views.shell import render_case
from services.actions.aftercare import begin_stay, end_stay, nights, record_service
from services.choices import COUNTING, SHELTER_SERVICES, ExitTo, Mode, ServiceOutcome, counted
from services.forms.aftercare import EndStayForm, ServiceForm, StayForm
from services.models import Goal, ServiceRecord, ShelterStay
from services.views.steps import name_choices, render_step

PAGE = 50


@require_GET
@guarded(READ_CARD)
def aftercare_tab(request: SignedInRequest, case: Case) -> HttpResponse:
    """Services given, and shelter stays: services for who reads SERVICES, the house's part for who reads SHELTER_OPS."""
    holding = case.holding
    assert holding is not None
    if not (holding.holds(Section.SERVICES) or holding.holds(Section.SHELTER_OPS)):
        raise Refused(read(Section.SERVICES))
    if case.has_erased(Section.SERVICES):
        raise PartIsErased(case, Section.SERVICES)

    is_outsider = request.user.organisation_id != case.organisation_id

    def build() -> dict[str, Any]:
        given = access.records(ServiceRecord, case).select_related("recorded_by").order_by("-given_on", "-pk")[:PAGE]
        shown = [row for row in given if not (is_outsider and _tells_of_shelter(row))]
        may_write = holding.writes(Section.SERVICES) and not case.is_closed
        return {
            "reads_services": holding.reads(Section.SERVICES),
            "services": [_service(row, shown_name(request.user, case, row.recorded_by)) for row in shown],
            "stays": [_stay(row, holding) for row in _stays(request.user, case, is_outsider=is_outsider)],
            "is_outsider": is_outsider,
            "may_write": may_write,
            "may_end_stay": may_write or (holding.writes(Section.SHELTER_OPS) and not case.is_closed),
            "reads_house": holding.reads(Section.SHELTER_OPS),
            "house_notes": list(
                access.records(Note, case)
                .filter(section=Section.SHELTER_OPS)
                .select_related("author")
                .order_by("-happened_at")[:20]
            ),
            "may_note": holding.writes(Section.SHELTER_OPS) and not case.is_closed,
        }

    return render_case(request, case, "aftercare", "services/aftercare_tab.html", build)


def _stays(reader: User, case: Case, *, is_outsider: bool) -> Iterable[ShelterStay]:
    """The stays a reader may know of. No outsider learns of any shelter, whatever was released.

    That she stays in a shelter is a service: whoever reads SERVICES knows of each. A house knows of its own stays
    only, so that nobody there learns where she went.
    """
    if is_outsider:
        return []
    stays = access.within(ShelterStay, case).select_related("team").order_by("-entered_on")
    if case.holding is not None and case.holding.reads(Section.SERVICES):
        return stays
    return stays.filter(team__group_id__in=reader.team_group_ids())


def _tells_of_shelter(row: ServiceRecord) -> bool:
    """Whether a service says where she sleeps, an own one of this house by what it counts as."""
    return codes.base(ListName.SERVICE_TYPE, row.facts["service"]) in SHELTER_SERVICES


def _service(row: ServiceRecord, given_by: str) -> dict[str, Any]:
    """One service in words. Read while the case is open."""
    facts = row.facts
    return {
        "row": row,
        "service": codes.label(ListName.SERVICE_TYPE, facts["service"]),
        "quantity": counted(facts["quantity"], facts["unit"]),
        "outcome": ServiceOutcome(facts["outcome"]).label,
        "counts": facts["outcome"] in COUNTING,
        "mode": Mode(facts["mode"]).label,
        "provider": row.provider or given_by,
        "remark": row.remark,
    }


def _stay(row: ShelterStay, holding: access.Holding) -> dict[str, Any]:
    """One stay: its days, and inside the house also room and where she went."""
    inside = holding.reads(Section.SHELTER_OPS)
    return {
        "row": row,
        "nights": nights(row, timezone.localdate()),
        "room": row.room if inside else "",
        "exit_to": ExitTo(row.exit_facts["to"]).label if inside and row.exit_facts else "",
    }


@require_http_methods(["GET", "POST"])
@guarded(write(Section.SERVICES))
def service_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """Record a service, and towards which of her open goals it was given (``?goal=`` chooses one)."""
    goals = list(access.records(Goal, case).filter(closed_on__isnull=True).order_by("set_on", "pk"))
    form = ServiceForm(
        request.POST if request.method == "POST" else None, initial={"goal_uid": request.GET.get("goal", "")},
        goals=[str(goal.uid) for goal in goals],
    )  # fmt: skip
    return render_step(
        request, case, "aftercare", form, _("Record a service"), lambda facts: record_service(case_uid=case.uid, **facts),
        opened=lambda: name_choices(form, "goal_uid", {str(goal.uid): goal.title for goal in goals}),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@guarded(write(Section.SERVICES))
def stay_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """She moves into a shelter."""
    form = StayForm(request.POST if request.method == "POST" else None, case=case)
    return render_step(
        request,
        case,
        "aftercare",
        form,
        _("Begin a shelter stay"),
        lambda facts: begin_stay(case_uid=case.uid, **facts),
    )


@require_http_methods(["GET", "POST"])
@guarded(READ_CARD)
def stay_end(request: SignedInRequest, case: Case, stay_uid: UUID) -> HttpResponse:
    """She leaves the shelter: for the caseworker, or the house she lives in."""
    holding = case.holding
    assert holding is not None
    if not (holding.may_write(Section.SERVICES) or holding.may_write(Section.SHELTER_OPS)):
        raise Refused(write(Section.SERVICES))
    if case.has_erased(Section.SERVICES):
        raise PartIsErased(case, Section.SERVICES)
    if not any(stay.uid == stay_uid for stay in _stays(request.user, case, is_outsider=False)):
        raise Hidden
    form = EndStayForm(request.POST if request.method == "POST" else None)
    return render_step(
        request, case, "aftercare", form, _("End the shelter stay"), lambda facts: end_stay(stay_uid=stay_uid, **facts)
    )


@require_GET
@for_roles(Role.SHELTER_WORKER)
def house(request: SignedInRequest) -> HttpResponse:
    """The house: everybody who lives in the reader's shelter now, by alias, with room and coded alerts."""
    stays = list(
        access.visible(ShelterStay, request.user, read(Section.SHELTER_OPS))
        .filter(left_on__isnull=True, team__group_id__in=request.user.team_group_ids())
        .select_related("case", "team").order_by("entered_on")[:200]
    )  # fmt: skip
    cases = [stay.case for stay in stays]
    with open_list(request.user, cases, sections=(Section.CARD, Section.SHELTER_OPS)):
        residents = [
            {
                "stay": stay,
                "alias": stay.case.shown_alias,
                "alerts": [AlertCode(code).label for code in stay.case.alerts or []],
                "contact": stay.case.safe_contact,
                "room": stay.room,
                "nights": nights(stay, timezone.localdate()),
            }
            for stay in stays
        ]
        return render(request, "services/house.html", {"residents": residents, "also": also_for(request.user)})
