"""The first tab of a case: a quick note, what is due, the timeline, and what one cannot see."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from casemgmt.access.sections import READ_CARD, Section, read
from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases.actions.cases import show_name
from cases.actions.notes import NEW_NOTE_DRAFT
from cases.answers import facts_of, is_answered, words_of
from cases.choices.casework import SECTION_OF_PRIVILEGE, DueKind
from cases.deciding import STATUS
from cases.drafts import kept_draft
from cases.forms.notes import QuickNoteForm
from cases.guards import guarded
from cases.kin import family_count
from cases.linked import linked_to
from cases.models import Case, Due, TimelineEntry, TraffickingProfile
from cases.rules import DECISION
from cases.tokens import open_place, seal_place
from cases.views.conferences import may_record_conference
from cases.views.editing import the_one
from cases.views.notes import writable_classes
from cases.views.shell import address, address_of_due, render_case, viewers_of, visible_names
from cases.views.timeline_lines import ICONS, KINDS, entries_of, of_kind

PAGE = 30
PLACES = "timeline"
DUES_SHOWN = 8
SERVICES_SHOWN = 4

#: Sections of which a reader is told that they exist and are kept to fewer people.
_TOLD = (
    Section.IDENTITY, Section.NARRATIVE, Section.SAFETY, Section.ADVOCACY, Section.STATUS, Section.SERVICES,
    Section.HEALTH, Section.SRH, Section.SUD, Section.COUNSELLING, Section.LEGAL, Section.LEGAL_FILE,
    Section.SHELTER_OPS,
)  # fmt: skip


@guarded(READ_CARD)
@require_safe
def overview(request: SignedInRequest, case: Case) -> HttpResponse:
    """What happened lately and what comes next."""
    return _overview(request, case)


@guarded(read(Section.IDENTITY))
@require_POST
def name(request: SignedInRequest, case: Case) -> HttpResponse:
    """The same page with the name, this once. The name is recorded before it is read."""
    show_name(actor=request.user, now=clock.now(), case_uid=case.uid)
    return _overview(request, case, show_name=True)


def _overview(request: SignedInRequest, case: Case, *, show_name: bool = False) -> HttpResponse:
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    token = request.GET.get("before", "")
    before = open_place(request.user, f"{PLACES}/{case.uid}", token) if token else None

    def build() -> dict[str, Any]:
        start = before or 0
        rows = access.records(TimelineEntry, case)
        entries, has_more = entries_of(request, case, rows.filter(of_kind(kind)), start, PAGE)
        older = seal_place(request.user, f"{PLACES}/{case.uid}", start + PAGE) if has_more else ""
        dues = _dues(case)
        return {
            "entries": entries,
            "older": _page(case, kind, older) if older else "",
            "newer": _page(case, kind) if before else "",
            "whole": reverse("case-timeline", args=[case.uid]) + (f"?kind={kind}" if kind else ""),
            "kind": kind,
            "kinds": [("", _("Everything"), _page(case), not kind)]
            + [(code, words, _page(case, code), code == kind) for code, (words, _kinds) in KINDS.items()],
            "quick_note": _quick_note(request, case),
            "dues": dues,
            "deadline": next((due for due in dues if due["kind"] in (DueKind.DEADLINE, DueKind.HEARING)), None),
            "services": _services(case),
            "linked": linked_to(request.user, case),
            "trafficking": _trafficking(case),
            "family": family_count(request.user, case),
            "tasks_url": address("case-tasks", case.uid),
            "closed_to_reader": _closed_to(request, case),
            # With the name shown, this page came by a form: whoever changes its colours goes on with the name closed.
            "back_to": reverse("case-overview", args=[case.uid]),
        }

    return render_case(request, case, "overview", "cases/overview.html", build, show_name=show_name)


def _page(case: Case, kind: str = "", before: str = "") -> str:
    parts = "&".join(filter(None, (f"kind={kind}" if kind else "", f"before={before}" if before else "")))
    url = reverse("case-overview", args=[case.uid])
    return f"{url}?{parts}" if parts else url


def _dues(case: Case) -> list[dict[str, Any]]:
    """What is open, the nearest date first. Read while the case is open."""
    rows = access.records(Due, case).filter(done_at__isnull=True).select_related("case", "assigned_to")
    return [
        {
            "on": due.due_on,
            "title": due.line,
            "kind": due.kind,
            "meta": due.get_kind_display(),
            "url": address_of_due(due),
        }
        for due in rows.order_by("due_on", "pk")[:DUES_SHOWN]
    ]


def _services(case: Case) -> list[dict[str, Any]]:
    """The last services and steps of the plan, from the timeline alone."""
    kinds = (*KINDS["services"][1], *KINDS["plan"][1])
    rows = access.records(TimelineEntry, case).filter(subject_kind__in=kinds).order_by("-at", "-pk")[:SERVICES_SHOWN]
    return [{"title": row.line, "when": row.at, "icon": ICONS.get(row.subject_kind, "heart")} for row in rows]


def _trafficking(case: Case) -> dict[str, Any] | None:
    """The trafficking status and who decided it, where the reader holds what happened. Read while the case is open."""
    assert case.holding is not None  # the door has set it
    if not case.holding.reads(Section.NARRATIVE):
        return None
    answers = the_one(TraffickingProfile, case).answers or {}
    return {
        "status": words_of(STATUS, answers.get(STATUS)),
        "decided": facts_of([name for name in DECISION if is_answered(answers.get(name))], answers),
        "may_talk": case.holding.writes(Section.NARRATIVE) and not case.is_closed,
    }


def _quick_note(request: SignedInRequest, case: Case) -> dict[str, Any] | None:
    """The folded form under the tabs, with what is left of an unfinished note; None for whoever may not write."""
    assert case.holding is not None  # the door has set it
    classes = writable_classes(case.holding)
    if not classes or case.is_closed:
        return None
    kept = kept_draft(request.user, NEW_NOTE_DRAFT, case.uid)
    usual = classes[0]
    if kept is not None and kept.initial.get("privilege_class") in classes:
        usual = next(one for one in classes if one == kept.initial["privilege_class"])
    body = kept.initial.get("body", "") if kept else ""
    return {
        "form": QuickNoteForm(initial={"body": body, "privilege_class": usual.value}, auto_id="quick_%s"),
        "kind": usual.label,
        "names": visible_names(request.user, case, viewers_of(case), SECTION_OF_PRIVILEGE[usual]),
        "is_open": bool(body),
        "records_conferences": may_record_conference(request.user, case),
    }


def _closed_to(request: SignedInRequest, case: Case) -> list[str]:
    """The parts this reader may not open, told to staff only: an outsider must not learn what there is."""
    holding = case.holding
    if holding is None or request.user.organisation_id != case.organisation_id:
        return []
    return [
        str(part.label)
        for part in _TOLD
        if not holding.holds(part) and not (part == Section.LEGAL_FILE and holding.matters)
    ]
