"""Case conferences: who sat together about a case, what was decided, and who does what until when, in one act."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from audit.action import action
from casemgmt.accounts.models import User
from cases import access
from cases.actions.drafts import forget_draft
from cases.actions.notes import about_of, put_note
from cases.actions.tasks import demand_on_this_part, put_task
from cases.choices.casework import SECTION_OF_PRIVILEGE, PrivilegeClass
from cases.choices.notes import NoteType
from cases.errors.casework import NotOnTheCase, WaiverNotConfirmed
from cases.models import Note

CONFERENCE_DRAFT = "conference"
#: What the record of a joint meeting can be, the usual one first. Never a note of therapy, of medicine or of counsel's own
#: file: those are written by one profession alone (domain.md §2.8, 2).
CONFERENCE_CLASSES = (
    PrivilegeClass.SERVICES_NOTE, PrivilegeClass.ADVOCATE_CONFIDENTIAL, PrivilegeClass.SAFETY_NOTE,
    PrivilegeClass.LEGAL_STATUS, PrivilegeClass.SHELTER_OPERATIONS, PrivilegeClass.SHARED_BY_CONSENT,
)  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """One thing that was decided; with ``who`` and ``until`` (a local calendar date) it becomes a task."""

    what: str
    who: User | None = None
    until: date | None = None


@action
def record_conference(
    *, actor: User, now: datetime, case_uid: UUID, body: str, here: Collection[User],
    privilege_class: str = PrivilegeClass.SERVICES_NOTE, guests: Collection[str] = (), others: str = "",
    decisions: Sequence[Decision] = (), happened_at: datetime | None = None, waiver_is_known: bool = False,
) -> Note:  # fmt: skip
    """Write the record of a conference and its tasks. ``here``: people who hold access to the case; ``guests`` by role.

    Raises Hidden, Refused, CaseIsClosed, NotOnTheCase for somebody who holds nothing of the case, NotOnThisPart for a task of
    somebody who may not write that part, WaiverNotConfirmed as ``add_note`` does. Records NOTE_ADDED, and TASK_ADDED a task.
    """
    kind = PrivilegeClass(privilege_class)
    if kind not in CONFERENCE_CLASSES:
        raise ValueError(f"A conference is not recorded as {kind.value}.")
    section = SECTION_OF_PRIVILEGE[kind]
    held = access.lock_for_write(actor, case_uid, section)
    if any(held.case.pk not in access.holdings(person, [held.case]) for person in here):
        raise NotOnTheCase
    about = about_of(kind, NoteType.CASE_CONFERENCE, guests, others)
    if "waiver" in about and not waiver_is_known:
        raise WaiverNotConfirmed
    about["here"] = [str(person.uid) for person in here]
    about["decided"] = [_put_decision(one, actor, now, held, section) for one in decisions]
    note = put_note(
        actor=actor, now=now, held=held, privilege_class=kind, body=body, about=about, happened_at=happened_at
    )
    forget_draft(actor=actor, kind=CONFERENCE_DRAFT, about_uid=case_uid)
    return note


def _put_decision(one: Decision, actor: User, now: datetime, held: access.Held, section: str) -> dict[str, Any]:
    """What the record keeps of a decision; its task, where it has somebody and a day."""
    if one.who is None or one.until is None:
        return {"what": one.what}
    if one.who.pk != actor.pk:
        demand_on_this_part(one.who, held.case, section)
    task = put_task(
        actor=actor, now=now, case=held.case, section=section, title=one.what, due_on=one.until, assigned_to=one.who,
        held=held,
    )  # fmt: skip
    return {"what": one.what, "who": str(one.who.uid), "until": one.until.isoformat(), "task": str(task.uid)}
