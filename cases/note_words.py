"""What a note says of itself besides its text, in words: for its page, the matter's page, print and an attorney's own copy."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casemgmt.accounts.models import User
from casemgmt.interface.lines import in_a_row
from cases import access, codes
from cases.choices.configuration import ListName
from cases.choices.notes import POSSIBLY_WAIVED, NoteType, Present
from cases.models import Case, Note, NoteAmendment
from cases.people import shown_name

#: How much of a text stands open on a list; about four lines of a telephone.
SHOWN_UNFOLDED = 280


def words_about(about: dict[str, Any] | None) -> dict[str, Any]:
    """``type``, ``present`` (who was there, by role), ``is_waived``; empty where the note does not say."""
    about = about or {}
    present = [str(Present(code).label) for code in about.get("present", [])]
    return {
        "type": codes.label(ListName.NOTE_TYPE, about["type"]) if "type" in about else "",
        "present": [*present, *([about["others"]] if "others" in about else [])],
        "is_waived": about.get("waiver") == POSSIBLY_WAIVED,
    }


def folded(text: str) -> tuple[str, str]:
    """A text as its beginning and what is folded beneath it, cut between words; a short one is not folded.

    Long narratives are opened by who wants to read them (interface.md §4).
    """
    if len(text) <= SHOWN_UNFOLDED:
        return text, ""
    beginning = text[:SHOWN_UNFOLDED]
    words = beginning.rsplit(None, 1)[0] if len(beginning.split()) > 1 else beginning
    return words, text[len(words) :].strip()


def conference_of(reader: User, case: Case, about: dict[str, Any] | None) -> dict[str, Any]:
    """Of a case conference: ``here`` (names, as this reader may know them) and ``decided`` [{what, who, until}]; else empty.

    One query, for a conference.
    """
    about = about or {}
    if about.get("type") != NoteType.CASE_CONFERENCE:
        return {}
    decided = about.get("decided", [])
    uids = {UUID(uid) for uid in [*about.get("here", []), *(one["who"] for one in decided if "who" in one)]}
    people = {str(one.uid): shown_name(reader, case, one) for one in User.objects.filter(uid__in=uids)}
    here = [people[uid] for uid in about.get("here", []) if people.get(uid)]
    lines = [
        {
            "what": one["what"],
            "who": people.get(one.get("who", ""), ""),
            "until": date.fromisoformat(one["until"]) if "until" in one else None,
        }
        for one in decided
    ]
    return {"here": list(dict.fromkeys(here)), "decided": lines}


def amendments_of(reader: User, case: Case, notes: Iterable[Note]) -> dict[int, list[dict[str, Any]]]:
    """What was added beneath these notes, oldest first, by the note's key: ``when``, ``who``, ``why``, ``body``. One query.

    In an opened case; ``who`` as this reader may know it.
    """
    return {key: [_told(reader, case, one) for one in rows] for key, rows in rows_beneath(case, notes).items()}


def rows_beneath(case: Case, notes: Iterable[Note]) -> dict[int, list[NoteAmendment]]:
    """The amendments of these notes by the note's key, oldest first, sealed as they lie. One query."""
    found: dict[int, list[NoteAmendment]] = {}
    rows = access.records(NoteAmendment, case).filter(note__in=list(notes)).select_related("author")
    for one in rows.order_by("created_at", "pk"):
        found.setdefault(one.note_id, []).append(one)
    return found


def whole_text(reader: User, case: Case, note: Note, beneath: Iterable[NoteAmendment]) -> str:
    """A note with all that belongs to it, for paper and files."""
    body, conference = note.body, conference_of(reader, case, note.about)
    if conference:
        lines = [
            in_a_row(conference["here"]),
            body,
            *("– " + " · ".join(_decision_words(one)) for one in conference["decided"]),
        ]
        body = "\n\n".join(line for line in lines if line)
    return _with_its_words(note.about, body, [_told(reader, case, one) for one in beneath])


def _decision_words(one: dict[str, Any]) -> list[str]:
    until = date_format(one["until"], "DATE_FORMAT") if one["until"] else ""
    return [words for words in (one["what"], one["who"], until) if words]


def _told(reader: User, case: Case, one: NoteAmendment) -> dict[str, Any]:
    return {"when": one.created_at, "who": shown_name(reader, case, one.author), "why": one.why, "body": one.body}


def in_lines(about: dict[str, Any] | None) -> str:
    """What a note says of itself, a line each, for paper, files and the comparison of versions; names of nobody."""
    words = words_about(about)
    lines = [str(words["type"])] if words["type"] else []
    if words["present"]:
        lines.append(_("There: %(who)s") % {"who": in_a_row(words["present"])})
    if words["is_waived"]:
        lines.append(_("Privilege possibly waived"))
    return "\n".join(lines)


def _with_its_words(about: dict[str, Any] | None, body: str, amendments: Iterable[dict[str, Any]] = ()) -> str:
    """The text of a note beneath what it says of itself and above what was added to it, for paper and files."""
    for one in amendments:
        words = _("Amendment, %(when)s, %(who)s: %(why)s")
        when = date_format(timezone.localtime(one["when"]), "DATETIME_FORMAT")
        body = "\n\n".join([body, words % {"when": when, "who": one["who"] or "–", "why": one["why"]}, one["body"]])
    head = in_lines(about)
    return f"{head}\n\n{body}" if head else body
