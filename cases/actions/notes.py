"""Notes: each protected by its privilege class, which decides its section. Two people saving one note lose nothing."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import WRITE_MATTER, Section, write
from casemgmt.accounts.models import User
from cases import access, codes
from cases.actions.drafts import forget_draft
from cases.actions.trail import add_line
from cases.choices.casework import SECTION_OF_PRIVILEGE, PrivilegeClass
from cases.choices.configuration import ListName
from cases.choices.notes import POSSIBLY_WAIVED, Present, may_waive
from cases.errors.casework import NoteIsLocked, StaleVersion, WaiverNotConfirmed
from cases.models import Case, Note, NoteAmendment

#: Kinds of drafts: a new note of a case (about the case, or the matter), a change and an amendment of a note (about the note).
NEW_NOTE_DRAFT = "note"
EDIT_NOTE_DRAFT = "note-edit"
AMEND_NOTE_DRAFT = "note-amend"


@action
def add_note(
    *, actor: User, now: datetime, case_uid: UUID, privilege_class: str, body: str, happened_at: datetime | None = None,
    matter_uid: UUID | None = None, note_type: str = "", present: Collection[str] = (), others: str = "",
    waiver_is_known: bool = False,
) -> Note:  # fmt: skip
    """Write a note. Its privilege class decides the section; an attorney's classes belong to a matter.

    ``happened_at`` (UTC) is when what it tells took place, not after now; without it, now. ``present``: who was there, by
    role; ``others`` in words. Forgets the writer's draft. Raises Hidden, Refused, CaseIsClosed, and WaiverNotConfirmed where
    a third person may have waived the privilege and ``waiver_is_known`` was not said (domain.md §2.8). Records NOTE_ADDED.
    """
    about = about_of(privilege_class, note_type, present, others)
    section = SECTION_OF_PRIVILEGE[PrivilegeClass(privilege_class)]
    held = access.lock_for_write(actor, case_uid, section, matter_uid=matter_uid)
    if "waiver" in about and not waiver_is_known:
        raise WaiverNotConfirmed
    note = put_note(
        actor=actor,
        now=now,
        held=held,
        privilege_class=privilege_class,
        body=body,
        about=about,
        happened_at=happened_at,
    )
    forget_draft(actor=actor, kind=NEW_NOTE_DRAFT, about_uid=matter_uid or case_uid)
    return note


def about_of(privilege_class: str, note_type: str, present: Collection[str], others: str) -> dict[str, Any]:
    """What a note says of itself, with only what was answered. An unknown code raises ``ValueError``."""
    about: dict[str, Any] = {}
    if note_type:
        about["type"] = codes.known(ListName.NOTE_TYPE, note_type)
    if present:
        about["present"] = [one.value for one in Present if one in {Present(code) for code in present}]
    if others.strip():
        about["others"] = others.strip()
    if may_waive(privilege_class, present, others):
        about["waiver"] = POSSIBLY_WAIVED
    return about


def put_note(
    *, actor: User, now: datetime, held: access.Held, privilege_class: str, body: str, about: dict[str, Any],
    happened_at: datetime | None = None,
) -> Note:  # fmt: skip
    """Write a note and its line, inside an action that holds its section for writing. Records NOTE_ADDED."""
    section = SECTION_OF_PRIVILEGE[PrivilegeClass(privilege_class)]
    note = Note(
        case=held.case, section=section, matter=held.matter, privilege_class=privilege_class, body=body,
        about=about or None, happened_at=min(happened_at or now, now), author=actor, created_at=now,
    )  # fmt: skip
    note.save()
    add_line(
        case=held.case, section=section, matter=held.matter, kind=Verb.NOTE_ADDED, subject=note, author=actor,
        line=str(PrivilegeClass(privilege_class).label), at=note.happened_at,
    )  # fmt: skip
    record(
        Verb.NOTE_ADDED, actor=actor, subject=note, held=held, sections=[section], detail={"privilege": privilege_class}
    )
    return note


@action
def edit_note(*, actor: User, now: datetime, case_uid: UUID, note_uid: UUID, version: int, body: str) -> Note:
    """Change the text of a note. ``version`` is the one that was read: if it is not the stored one, nothing is saved.

    A note is changed by its author, or by a supervisor of the case's team who may write that section, within
    ``NOTE_CHANGE_HOURS`` of its making. History keeps every version. Raises Hidden, Refused, CaseIsClosed, NoteIsLocked,
    StaleVersion. Records NOTE_CHANGED.
    """
    held, note = lock_note(actor, case_uid, note_uid)
    if now >= changeable_until(note):
        raise NoteIsLocked
    if note.version != version:
        raise StaleVersion
    note.body, note.edited_at, note.version = body, now, note.version + 1
    note.save(update_fields=["body", "edited_at", "version"])
    record(
        Verb.NOTE_CHANGED, actor=actor, subject=note, held=held, sections=[note.section], fields=["note.body"],
        detail={"privilege": note.privilege_class},
    )  # fmt: skip
    forget_draft(actor=actor, kind=EDIT_NOTE_DRAFT, about_uid=note_uid)
    return note


@action
def amend_note(*, actor: User, now: datetime, case_uid: UUID, note_uid: UUID, body: str, reason: str) -> NoteAmendment:
    """Add something beneath a note, with the reason; the note itself stays word for word.

    For whoever might have changed it. Raises Hidden, Refused, CaseIsClosed. Records NOTE_AMENDED.
    """
    held, note = lock_note(actor, case_uid, note_uid)
    added = NoteAmendment(
        case=held.case,
        section=note.section,
        matter=held.matter,
        note=note,
        body=body,
        why=reason,
        author=actor,
        created_at=now,
    )
    added.save()
    record(
        Verb.NOTE_AMENDED, actor=actor, subject=note, held=held, sections=[note.section],
        fields=["noteamendment.body", "noteamendment.why"], detail={"privilege": note.privilege_class},
    )  # fmt: skip
    forget_draft(actor=actor, kind=AMEND_NOTE_DRAFT, about_uid=note_uid)
    return added


def lock_note(actor: User, case_uid: UUID, note_uid: UUID) -> tuple[access.Held, Note]:
    """Lock the case for a note that is the actor's to change or amend. Raises Hidden, Refused, CaseIsClosed."""
    hers = access.visible(Note, actor, None).filter(uid=note_uid, case__uid=case_uid)
    place = hers.values_list("section", "matter_uid").first()
    if place is None:
        raise Hidden
    held = access.lock_for_write(actor, case_uid, place[0], matter_uid=place[1])
    note = access.within(Note, held.case).get(uid=note_uid)
    if not may_change(actor, note, held.case):
        raise Refused(write(Section(note.section)) if note.section != Section.LEGAL_FILE else WRITE_MATTER)
    return held, note


def changeable_until(note: Note) -> datetime:
    """Until when a note may be changed; from then on it is amended."""
    return note.created_at + timedelta(hours=settings.NOTE_CHANGE_HOURS)


def may_change(actor: User, note: Note, case: Case) -> bool:
    """Whether a note is hers to change, writing its section given: she wrote it, or supervises the case's team."""
    return note.author_id == actor.pk or actor.supervises(case.team)
