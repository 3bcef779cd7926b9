"""A note from anywhere: the cases one was in lately, and the notes that a colleague asks one to read."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.rules import listing
from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from cases import access, opening
from cases.actions.mentions import NOTICE_NOTE
from cases.choices.casework import CLOSED_STATUSES
from cases.listing import shown_alias, take_hold
from cases.models import Case, Note, Notice
from cases.views.notes import writable_classes

#: How many of one's own last events are looked through for cases, and how many cases are shown.
EVENTS_LOOKED_AT, CASES_SHOWN, NOTES_SHOWN = 300, 8, 50


@listing(READ_CARD)
@require_safe
def note_where(request: SignedInRequest) -> HttpResponse:
    """For which case? The ones one was in lately, the last first: Enter opens its note."""
    reader = request.user
    lately = _lately(reader)
    rows = list(
        access.visible(Case, reader, READ_CARD).filter(uid__in=lately).exclude(status__in=CLOSED_STATUSES)
    )  # fmt: skip
    take_hold(reader, rows)
    cases = [
        case for case in rows if case.holding is not None and writable_classes(case.holding) and not case.is_erased
    ]
    cases.sort(key=lambda case: lately.index(case.uid))
    with opening.open_list(reader, cases[:CASES_SHOWN], sections=[Section.CARD]):
        lines = [{"case": case, "alias": shown_alias(case)} for case in cases[:CASES_SHOWN]]
        return render(request, "cases/note_where.html", {"lines": lines})


def _lately(reader: User) -> list[UUID]:
    """The cases of one's own last events in the ledger, the last first. One query, however long the ledger is."""
    events = Event.objects.filter(actor_uid=reader.uid).newest().values_list("verb", "case_uid")[:EVENTS_LOOKED_AT]
    return list(dict.fromkeys(uid for verb, uid in events if uid is not None and verb == Verb.CASE_VIEWED))


@listing(READ_CARD)
@require_safe
def notes_waiting(request: SignedInRequest) -> HttpResponse:
    """The notes that colleagues ask one to read, as far as one may read them now; never a word of them here."""
    reader = request.user
    asked = access.own(Notice, reader, "person").filter(kind=NOTICE_NOTE, read_at__isnull=True)
    uids = asked.order_by("-pk").values_list("about_uid", flat=True)[:NOTES_SHOWN]
    notes = list(
        access.visible(Note, reader, None).filter(uid__in=list(uids)).select_related("case").order_by("-happened_at")
    )
    cases = {note.case_id: note.case for note in notes}
    take_hold(reader, list(cases.values()))
    with opening.open_list(reader, list(cases.values()), sections=[Section.CARD]):
        lines = [
            {"note": note, "case": cases[note.case_id], "alias": shown_alias(cases[note.case_id])} for note in notes
        ]
        return render(request, "cases/notes_waiting.html", {"lines": lines})
