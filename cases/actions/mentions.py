"""Asking colleagues to read a note. They find a notice without a word of it; nobody is asked who could not read it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.accounts.models import User
from cases import access
from cases.actions.trail import notify
from cases.errors.casework import NotOnTheCase
from cases.models import Note

NOTICE_NOTE = "NOTE_WAITS"


@action
def call_to_note(*, actor: User, now: datetime, case_uid: UUID, note_uid: UUID, people: Collection[User]) -> Note:
    """Ask colleagues who may read a note to read it; each finds one notice, which says that something waits and no more.

    For whoever may write the note's section. Asked at the moment of the act: somebody who may not read it (any more) is
    answered as somebody who does not exist, and nobody is asked. Raises Hidden, Refused, CaseIsClosed, NotOnTheCase.
    Records NOTE_MENTIONED with the people (domain.md §2.8, 4: a mention leaks no content).
    """
    hers = access.visible(Note, actor, None).filter(uid=note_uid, case__uid=case_uid)
    place = hers.values_list("section", "matter_uid").first()
    if place is None:
        raise Hidden
    held = access.lock_for_write(actor, case_uid, place[0], matter_uid=place[1])
    note = access.within(Note, held.case).get(uid=note_uid)
    for person in people:
        holding = access.holdings(person, [held.case]).get(held.case.pk)
        if holding is None or not holding.reads(note.section, note.matter_uid):
            raise NotOnTheCase
    for person in people:
        notify(person=person, kind=NOTICE_NOTE, about=note, case=held.case, now=now)
    record(
        Verb.NOTE_MENTIONED, actor=actor, subject=note, held=held, refs=list(people), sections=[note.section],
        detail={"privilege": note.privilege_class},
    )  # fmt: skip
    return note
