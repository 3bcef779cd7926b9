"""The first tab of a case: a quick note, what is due, the timeline, and what one cannot see."""

from collections.abc import Collection, Sequence
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
from cases.choices.casework import SECTION_OF_PRIVILEGE, DueKind
from cases.drafts import kept_draft
from cases.forms.notes import QuickNoteForm
from cases.guards import guarded
from cases.models import Case, Due, Note, TimelineEntry
from cases.note_words import folded, rows_beneath
from cases.tokens import open_place, seal_place
from cases.views.notes import writable_classes
from cases.views.shell import address, address_of_due, render_case, viewers_of, visible_names

PAGE = 30
PLACES = "timeline"
DUES_SHOWN = 8
SERVICES_SHOWN = 4

#: What the timeline can be narrowed to: code → (words, kinds of records).
KINDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "notes": (_("Notes"), ("note",)),
    "documents": (_("Documents"), ("document",)),
    "legal": (_("Legal"), ("matter", "legalmatter", "hearing", "deadline", "filing")),
    "services": (_("Services"), ("servicerecord", "shelterstay")),
    "plan": (_("Needs, plan and follow-ups"), ("need", "goal", "serviceplan", "followup")),
    "safety": (_("Safety"), ("safetyplan", "contactinstruction")),
    "sharing": (_("Sharing"), ("release", "accessgrant", "consent", "disclosure")),
    "case": (_("Case"), ("case", "survivor", "traffickingprofile")),
}
_ICONS = {
    "note": "square-pen", "document": "file-text", "matter": "scale", "legalmatter": "scale", "hearing": "landmark",
    "deadline": "calendar-clock", "filing": "file-check", "servicerecord": "heart-handshake", "shelterstay": "house",
    "goal": "target", "followup": "phone", "release": "handshake", "accessgrant": "key-round", "safetyplan": "shield",
    "consent": "signature", "need": "heart-handshake", "serviceplan": "target", "case": "folder-open",
}  # fmt: skip
#: Sections of which a reader is told that they exist and are kept to fewer people.
_TOLD = (
    Section.IDENTITY, Section.NARRATIVE, Section.SAFETY, Section.ADVOCACY, Section.STATUS, Section.SERVICES,
    Section.HEALTH, Section.SRH, Section.SUD, Section.COUNSELLING, Section.LEGAL, Section.LEGAL_FILE,
    Section.SHELTER_OPS,
)  # fmt: skip
#: Read by few, so drawn with a lock.
_CLOSE_HELD = frozenset(
    {Section.SAFETY, Section.STATUS, Section.HEALTH, Section.SRH, Section.SUD, Section.COUNSELLING, Section.LEGAL_FILE}
)


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
        entries, older = _entries(request, case, kind, before)
        dues = _dues(case)
        return {
            "entries": entries,
            "older": _page(case, kind, older) if older else "",
            "newer": _page(case, kind) if before else "",
            "kind": kind,
            "kinds": [("", _("Everything"), _page(case), not kind)]
            + [(code, words, _page(case, code), code == kind) for code, (words, _kinds) in KINDS.items()],
            "quick_note": _quick_note(request, case),
            "dues": dues,
            "deadline": next((due for due in dues if due["kind"] in (DueKind.DEADLINE, DueKind.HEARING)), None),
            "services": _services(case),
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


def _entries(request: SignedInRequest, case: Case, kind: str, before: int | None) -> tuple[list[dict[str, Any]], str]:
    """One page of the timeline, newest first, and the token of the next. A note brings its text along."""
    rows = access.records(TimelineEntry, case)
    if kind:
        rows = rows.filter(subject_kind__in=KINDS[kind][1])
    # The sealed place is the number of lines above: lines may be dated back, so no key divides the pages. One case
    # has some hundreds of them at most.
    start = before or 0
    found = list(rows.select_related("author").order_by("-at", "-pk")[start : start + PAGE + 1])
    notes = _notes_of(case, found[:PAGE])
    amended = rows_beneath(case, notes.values()) if notes else {}
    is_outsider = request.user.organisation_id != case.organisation_id
    entries = [
        {
            "when": row.at,
            "title": row.line,
            "who": _shown_author(request, row, is_outsider=is_outsider),
            "body": "",
            "icon": _ICONS.get(row.subject_kind, ""),
            "visible_to": visible_names(request.user, case, viewers_of(case), row.section, row.matter_uid),
            "private": row.section in _CLOSE_HELD,
            **_note_of(case, notes.get(row.subject_uid), amended),
        }
        for row in found[:PAGE]
    ]
    older = seal_place(request.user, f"{PLACES}/{case.uid}", start + PAGE) if len(found) > PAGE else ""
    return entries, older


def _shown_author(request: SignedInRequest, row: TimelineEntry, *, is_outsider: bool) -> str:
    """Who did it; an outsider is shown nobody but herself."""
    if row.author is None or (is_outsider and row.author_id != request.user.pk):
        return ""
    return row.author.name


def _notes_of(case: Case, rows: Sequence[TimelineEntry]) -> dict[Any, Note]:
    uids = [row.subject_uid for row in rows if row.subject_kind == "note"]
    return {note.uid: note for note in access.records(Note, case).filter(uid__in=uids)} if uids else {}


def _note_of(case: Case, note: Note | None, amended: Collection[int]) -> dict[str, Any]:
    if note is None:
        return {}
    body = note.body
    return {
        "title": note.get_privilege_class_display(),
        **dict(zip(("body", "rest"), folded(body), strict=True)),
        "url": reverse("case-note", args=[case.uid, note.uid]),
        "tag": _("Amended") if note.pk in amended else _("Changed") if note.edited_at else "",
    }


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
    return [{"title": row.line, "when": row.at, "icon": _ICONS.get(row.subject_kind, "heart")} for row in rows]


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
        "records_conferences": request.user.organisation_id == case.organisation_id,
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
