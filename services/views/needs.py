"""Needs: written down, worded anew, settled. They are read on the reintegration tab, above the goals."""

from typing import Any
from uuid import UUID

from django.db.models import Case as When
from django.db.models import Value
from django.db.models import When as Is
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section, write
from casemgmt.accounts.requests import SignedInRequest
from cases import access, codes
from cases.choices.configuration import ListName
from cases.guards import guarded
from cases.models import Case
from cases.views.shell import render_case
from services.actions.needs import change_need, note_need, settle_need
from services.choices import NeedState, Urgency
from services.forms.needs import NeedChangeForm, NeedForm, NeedStateForm
from services.models import Need
from services.views.steps import render_step

#: The most pressing first.
_BY_URGENCY = When(
    *(Is(urgency=code, then=Value(place)) for place, code in enumerate(Urgency.values)), default=Value(99)
)
#: What the form of a need holds.
_CHANGED = ("words", "area", "urgency", "her_priority", "our_priority")


def lines_of(case: Case) -> dict[str, list[dict[str, Any]]]:
    """Needs that are open, the most pressing first, and those that are not, the latest first. Inside the open case. One query."""
    rows = access.records(Need, case).order_by("-settled_on", _BY_URGENCY, "identified_on", "pk")
    lines = [_line(row) for row in rows]
    return {
        "open_needs": [line for line in lines if line["is_open"]],
        "settled_needs": [line for line in lines if not line["is_open"]],
    }


def _line(row: Need) -> dict[str, Any]:
    return {
        "row": row, "words": row.words, "area": codes.label(ListName.AREA_OF_LIFE, row.area),
        "is_open": row.status == NeedState.OPEN,
        "barrier": codes.label(ListName.BARRIER, row.barrier) if row.barrier else "",
        "is_pressing": row.urgency in (Urgency.IMMEDIATE, Urgency.URGENT),
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
@guarded(write(Section.SERVICES))
def need_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """Write down a need."""
    form = NeedForm(request.POST if request.method == "POST" else None)
    return render_step(
        request, case, "reintegration", form, _("Write down a need"),
        lambda facts: note_need(case_uid=case.uid, **facts),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@guarded(write(Section.SERVICES))
def need_change(request: SignedInRequest, case: Case, need_uid: UUID) -> HttpResponse:
    """Word or weigh a need anew."""
    need = _need(case, need_uid)
    if request.method == "POST":
        return render_step(
            request, case, "reintegration", NeedChangeForm(request.POST), _("Change a need"),
            lambda facts: change_need(case_uid=case.uid, need_uid=need_uid, **facts),
        )  # fmt: skip

    def build() -> dict[str, Any]:
        former = {name: getattr(need, name) for name in _CHANGED}
        back = reverse("case-reintegration", args=[case.uid])
        return {"form": NeedChangeForm(initial=former), "heading": _("Change a need"), "back": back}

    return render_case(request, case, "reintegration", "services/case_step.html", build)


@require_http_methods(["GET", "POST"])
@guarded(write(Section.SERVICES))
def need_settle(request: SignedInRequest, case: Case, need_uid: UUID) -> HttpResponse:
    """Say what became of a need."""
    _need(case, need_uid)
    form = NeedStateForm(request.POST if request.method == "POST" else None)
    return render_step(
        request, case, "reintegration", form, _("What became of a need"),
        lambda facts: settle_need(case_uid=case.uid, need_uid=need_uid, **facts),
    )  # fmt: skip


def _need(case: Case, need_uid: UUID) -> Need:
    need = access.records(Need, case).filter(uid=need_uid).first()
    if need is None:
        raise Hidden
    return need
