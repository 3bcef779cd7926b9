"""Lines of a case's timeline in words, for the first tab and for the page of the whole timeline."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from casemgmt.access.sections import Section
from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases.models import Case, Note, TimelineEntry
from cases.note_words import folded, rows_beneath
from cases.views.shell import viewers_of, visible_names

#: What the timeline can be narrowed to: code → (words, kinds of records).
KINDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "notes": (_("Notes"), ("note",)),
    "documents": (_("Documents"), ("document",)),
    "legal": (_("Legal"), ("matter", "legalmatter", "hearing", "deadline", "filing", "caseproceeding")),
    "services": (_("Services"), ("servicerecord", "shelterstay")),
    "plan": (_("Needs, plan and follow-ups"), ("need", "goal", "serviceplan", "followup")),
    "safety": (
        _("Safety"),
        (
            "safetyplan",
            "contactinstruction",
            "contactattempt",
            "safetyassessment",
            "safetyincident",
            "safetycall",
            "casealert",
            "otherperson",
        ),
    ),
    "sharing": (_("Sharing"), ("release", "accessgrant", "consent", "disclosure")),
    "case": (_("Case"), ("case", "survivor", "traffickingprofile")),
}
ICONS = {
    "note": "square-pen", "document": "file-text", "matter": "scale", "legalmatter": "scale", "hearing": "landmark",
    "deadline": "calendar-clock", "filing": "file-check", "servicerecord": "heart-handshake", "shelterstay": "house",
    "goal": "target", "followup": "phone", "release": "handshake", "accessgrant": "key-round", "safetyplan": "shield",
    "consent": "signature", "need": "heart-handshake", "serviceplan": "target", "case": "folder-open",
    "caseproceeding": "landmark",
}  # fmt: skip
#: Read by few, so drawn with a lock.
_CLOSE_HELD = frozenset(
    {Section.SAFETY, Section.STATUS, Section.HEALTH, Section.SRH, Section.SUD, Section.COUNSELLING, Section.LEGAL_FILE}
)


def of_kind(kind: str) -> Q:
    """The lines of one kind of ``KINDS``; all of them for none."""
    return Q(subject_kind__in=KINDS[kind][1]) if kind else Q()


def entries_of(
    request: SignedInRequest, case: Case, rows: QuerySet[TimelineEntry], start: int, size: int
) -> tuple[list[dict[str, Any]], bool]:
    """One page of ``rows`` (from the door), newest first, and whether there are older ones. A note brings its text along.

    ``start`` is the number of lines above: lines may be dated back, so no key divides the pages. Only the lines of the page
    are opened; the queries are the same whatever stands above. Read while the case is open.
    """
    found = list(rows.select_related("author").order_by("-at", "-pk")[start : start + size + 1])
    notes = _notes_of(case, found[:size])
    amended = rows_beneath(case, notes.values()) if notes else {}
    is_outsider = request.user.organisation_id != case.organisation_id
    entries = [
        {
            "when": row.at,
            "title": row.line,
            "who": _shown_author(request, row, is_outsider=is_outsider),
            "body": "",
            "icon": ICONS.get(row.subject_kind, ""),
            "visible_to": visible_names(request.user, case, viewers_of(case), row.section, row.matter_uid),
            "private": row.section in _CLOSE_HELD,
            **_note_of(case, notes.get(row.subject_uid), amended),
        }
        for row in found[:size]
    ]
    return entries, len(found) > size


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
