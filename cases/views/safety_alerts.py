"""Alerts of a case for those who may see them, and the log of what happened to her."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from cases import access, codes
from cases.actions.alerts import acknowledge_alert, end_alert, keep_alert, raise_alert
from cases.actions.incidents import note_incident
from cases.alerts import standing_alerts
from cases.choices.configuration import ListName
from cases.errors import CaseError
from cases.forms.safety import AlertForm, IncidentForm
from cases.guards import guarded
from cases.models import Case, SafetyIncident
from cases.people import shown_name
from cases.views.desk_forms import done
from cases.views.shell import render_case

#: For whom an alert can be: the parts that have readers of their own. Never where she stays, nor an attorney's file.
AUDIENCES = (
    Section.SAFETY, Section.ADVOCACY, Section.SERVICES, Section.SHELTER_OPS, Section.HEALTH, Section.COUNSELLING,
    Section.LEGAL, Section.DUTIES, Section.IDENTITY, Section.CARD,
)  # fmt: skip
#: Of the incidents, the newest.
MOST_INCIDENTS = 20


def audiences(case: Case) -> list[tuple[str, Any]]:
    """For whom this reader can raise an alert: the parts that she writes herself."""
    assert case.holding is not None
    words = {Section.CARD: _("Everybody on the case")}
    return [(one.value, words.get(one, one.label)) for one in AUDIENCES if case.holding.writes(one)]


def alert_lines(case: Case, reader: User) -> list[dict[str, Any]]:
    """The alerts as the Safety tab shows them, with what the reader may do about each. Inside an opening."""
    assert case.holding is not None
    lines = []
    for alert in standing_alerts(case):
        section = alert.row.section if alert.row else Section.CARD
        writes = alert.row is not None and case.holding.writes(section) and not case.is_closed
        lines.append(
            {"alert": alert, "seen_at": alert.seen_by(str(reader.uid)), "may_end": writes,
             "seen": len(alert.row.seen or []) if alert.row else 0}
        )  # fmt: skip
    return lines


def incidents_of(case: Case, reader: User) -> list[dict[str, Any]] | None:
    """What happened, the newest first; None for an outsider, whose page has no such part. Inside an opening."""
    if reader.organisation_id != case.organisation_id:
        return None
    rows = access.records(SafetyIncident, case).select_related("noted_by").order_by("-happened_at", "-pk")
    return [
        {"row": row, "facts": row.facts, "kind": codes.label(ListName.INCIDENT_KIND, row.facts["kind"]),
         "who": shown_name(reader, case, row.noted_by)}
        for row in rows[:MOST_INCIDENTS]
    ]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.SAFETY))
def alert_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """Raise an alert for everybody who may open one part of the case."""
    form = AlertForm(request.POST if request.method == "POST" else None, sections=audiences(case))
    made = done(
        request, form,
        lambda: raise_alert(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, warning=form.facts
        ),
        words=_("The alert stands."),
    )  # fmt: skip
    if made is not None:
        return HttpResponseRedirect(reverse("case-safety", args=[case.uid]))

    def build() -> dict[str, Any]:
        return {"form": form, "heading": _("Raise an alert"),
                "lead": _("It stands above every page of this case, for those whom you choose and nobody else.")}  # fmt: skip

    return render_case(request, case, "safety", "cases/safety_form.html", build, status=422 if form.errors else 200)


def _act(request: SignedInRequest, case: Case, act: Any, alert_uid: UUID, words: str) -> HttpResponse:
    try:
        act(actor=request.user, now=clock.now(), case_uid=case.uid, alert_uid=alert_uid)
    except CaseError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, words)
    return HttpResponseRedirect(reverse("case-safety", args=[case.uid]))


@require_POST
@guarded(read(Section.SAFETY))
def alert_seen(request: SignedInRequest, case: Case, case_alert_uid: UUID) -> HttpResponse:
    """Say that one has seen it."""
    return _act(request, case, acknowledge_alert, case_alert_uid, _("Noted: you have seen it."))


@require_POST
@guarded(read(Section.SAFETY))
def alert_keep(request: SignedInRequest, case: Case, case_alert_uid: UUID) -> HttpResponse:
    """It still holds."""
    return _act(request, case, keep_alert, case_alert_uid, _("Kept. The next look is on the lists."))


@require_POST
@guarded(read(Section.SAFETY))
def alert_end(request: SignedInRequest, case: Case, case_alert_uid: UUID) -> HttpResponse:
    """It warns nobody any more."""
    return _act(request, case, end_alert, case_alert_uid, _("Ended. It stays in the history."))


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.SAFETY))
def incident_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """Write down what happened."""
    form = IncidentForm(request.POST if request.method == "POST" else None)
    made = done(
        request, form,
        lambda: note_incident(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, happened=form.facts
        ),
        words=_("Written down. Please look at the danger again until tomorrow."),
    )  # fmt: skip
    if made is not None:
        return HttpResponseRedirect(reverse("case-safety", args=[case.uid]))

    def build() -> dict[str, Any]:
        return {"form": form, "heading": _("Something happened"),
                "lead": _("Only what keeps her safe. Contact and harm of the last day call whoever is on duty.")}  # fmt: skip

    return render_case(request, case, "safety", "cases/safety_form.html", build, status=422 if form.errors else 200)
