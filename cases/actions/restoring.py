"""Bringing a former value back: as a new version, by the ordinary action of that record, with its rules and its event.

Where an ordinary action changes a field, that one is called; a field that no action changes alone (a title, the facts
of a hearing) is put back here, under the same lock and right. A room above this one registers its own kinds.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from audit import clock
from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.models import User
from casemgmt.crypto.errors import ContentErased, DecryptionRefused
from cases import access, record_versions, versions
from cases.actions import notes, safety, survivor, tasks
from cases.errors import CaseError
from cases.errors.casework import NoteIsLocked
from cases.errors.erasing import PartIsErased
from cases.errors.history import FormerValueIsGone, NothingToRestore
from cases.marks import assign
from cases.models import Case, Due
from cases.opening import open_to_change

#: What one ordinary action takes: who, when, which case; the record as it stands; its former values and those of now.
Former = Mapping[str, Any]
Do = Callable[[dict[str, Any], Any, Former, Former], Any]


@dataclass(frozen=True)
class Way:
    """How these fields of a record come back. Without ``do`` they are put back as they were, and ``verb`` tells it."""

    fields: tuple[str, ...]
    do: Do | None = None
    verb: Verb | None = None
    #: Why this record keeps what stands in it, at that moment; None where it may change.
    keeps: Callable[[Any, datetime], CaseError | None] | None = None


def _whole(former: Former, now: Former, name: str) -> dict[str, Any]:
    """All answers as they were: what was not answered then is taken away."""
    return {**dict.fromkeys(now[name] or {}), **(former[name] or {})}


def _identity(common: dict[str, Any], _row: Any, former: Former, now: Former) -> Any:
    names = {name: former[name] for name in former if name != "about"}
    about = _whole(former, now, "about") if "about" in former else None
    return survivor.change_survivor(**common, names=names, about=about)


def _contact(common: dict[str, Any], _row: Any, former: Former, now: Former) -> Any:
    return survivor.change_contact_details(**common, contact=_whole(former, now, "contact"))


def _protection(common: dict[str, Any], _row: Any, former: Former, now: Former) -> Any:
    return survivor.change_protection(**common, protection=_whole(former, now, "protection"))


def _called(common: dict[str, Any], _row: Any, former: Former, now: Former) -> Any:
    return survivor.change_called(**common, called=_whole(former, now, "called"))


def _speech(common: dict[str, Any], _row: Any, former: Former, now: Former) -> Any:
    return survivor.change_speech(**common, speech=_whole(former, now, "speech"))


def _minority(common: dict[str, Any], _row: Any, former: Former, now: Former) -> Any:
    return survivor.change_minority(**common, minority=_whole(former, now, "minority"))


def _profile(common: dict[str, Any], _row: Any, former: Former, now: Former) -> Any:
    return survivor.change_profile(**common, answers=_whole(former, now, "answers"))


def _risk(common: dict[str, Any], _row: Any, former: Former, now: Former) -> Any:
    risk = {**now, **former}
    return safety.set_risk(**common, level=risk["risk_level"], reason=risk["reason"], own_view=risk["own_view"])


def _plan(common: dict[str, Any], _row: Any, former: Former, _now: Former) -> Any:
    plan = former["plan"] or {}
    return safety.write_plan(**common, topics=plan.get("topics", {}), copy=plan.get("copy", safety.PlanCopy.NONE))


def _note(common: dict[str, Any], row: Any, former: Former, _now: Former) -> Any:
    return notes.edit_note(**common, note_uid=row.uid, version=row.version, body=former["body"])


def _locked(row: Any, now: datetime) -> CaseError | None:
    """A locked note stays word for word: a former text would replace it unseen, so it is amended instead."""
    return NoteIsLocked() if now >= notes.changeable_until(row) else None


_WAYS: dict[str, list[Way]] = {
    "survivor": [
        Way(("first_name", "second_name", "other_names", "birth_date", "about"), _identity),
        Way(("contact",), _contact),
        Way(
            ("location",),
            lambda common, _row, former, _now: survivor.change_location(**common, location=former["location"] or ""),
        ),
        Way(("protection",), _protection),
        Way(("called",), _called),
        Way(("speech",), _speech),
        Way(("minority",), _minority),
    ],
    "traffickingprofile": [
        Way(("answers",), _profile),
        Way(("signs",), verb=Verb.PROFILE_CHANGED),
        Way(
            ("statement",),
            lambda common, _row, former, _now: survivor.change_statement(**common, statement=former["statement"] or ""),
        ),
    ],
    "safetyplan": [Way(("risk_level", "reason", "own_view"), _risk), Way(("plan",), _plan)],
    "note": [Way(("body",), _note, keeps=_locked)],
    "task": [
        Way(
            ("title",),
            lambda common, row, former, _now: tasks.change_task(**common, task_uid=row.uid, title=former["title"]),
        )
    ],
    "document": [Way(("name",), verb=Verb.DOCUMENT_CHANGED)],
    "matter": [Way(("title",), verb=Verb.MATTER_CHANGED)],
}


def register(kind: str, ways: Iterable[Way]) -> None:
    """Say how fields of a kind of record come back. The same kind again replaces it, so that start-up may repeat."""
    _WAYS[kind] = list(ways)


def ways_of(kind: str) -> list[Way]:
    """The ways of one kind; none where nothing of it is ever brought back."""
    return _WAYS.get(kind, [])


def restorable(found: record_versions.RecordVersions, version: record_versions.Version, case: Case) -> list[str]:
    """The fields of a former version that differ from now, come back by some way, and are the reader's to write."""
    assert case.holding is not None
    if version.is_last or version.erased or found.last.is_end:
        return []
    ways = ways_of(found.model._meta.model_name)
    known = {name for way in ways if why_it_stays(way, found.last.row, clock.now()) is None for name in way.fields}
    between = record_versions.between(version, found.last, case)
    return [
        name
        for name in record_versions.sealed_of(version.row, between.names)
        if name in known
        and versions._label(found.model, name) not in version.removed
        and case.holding.writes(record_versions.section_of_field(found.last.row, name), found.scope)
    ]


def why_it_stays(way: Way, row: Any, now: datetime) -> CaseError | None:
    """Why nothing of a record comes back this way any more; None where it may."""
    return way.keeps(row, now) if way.keeps is not None else None


@action
def restore_version(
    *, actor: User, now: datetime, case_uid: UUID, record_uid: UUID, kind: str, number: int, fields: Iterable[str]
) -> Any:
    """Bring fields of a former version back as a new version, by the ordinary actions of that record.

    Raises Hidden, Refused, CaseIsClosed, PartIsErased, NothingToRestore, FormerValueIsGone, and what those actions raise.
    Records what they record.
    """
    case = access.get_for(actor, case_uid, READ_CARD)
    found = record_versions.of_record(case, record_uid, kind)
    version = found.numbered(number)
    chosen = list(dict.fromkeys(fields))
    sections = [_section_to_write(actor, found, name) for name in chosen]
    if not chosen:
        raise NothingToRestore
    held = access.lock_for_write(actor, case_uid, sections[0], matter_uid=found.scope)
    for section in sections:
        if held.case.has_erased(section):
            raise PartIsErased(held.case, section)
    row = access.within(found.model, held.case).filter(uid=record_uid).first()
    if row is None:
        raise Hidden
    for way in ways_of(found.model._meta.model_name):
        refusal = why_it_stays(way, row, now)
        if refusal is not None and not {*chosen}.isdisjoint(way.fields):
            raise refusal
    # Asked again under the lock: what may come back is what differs, and is hers to write.
    if any(name not in restorable(found, version, held.case) for name in chosen):
        raise NothingToRestore
    for way in ways_of(found.model._meta.model_name):
        wanted = [name for name in chosen if name in way.fields]
        if wanted:
            former, standing = _values(actor, held, version.row, row, wanted, way)
            common = {"actor": actor, "now": now, "case_uid": case_uid}
            if way.do is not None:
                way.do(common, row, former, standing)
            else:
                _put_back(actor, held, row, former, way, number)
    return row


def _section_to_write(actor: User, found: record_versions.RecordVersions, name: str) -> str:
    """The section that one must write to bring this field back. Raises Hidden for what is no field of it."""
    if name not in {column for way in ways_of(found.model._meta.model_name) for column in way.fields}:
        raise Hidden
    return record_versions.section_of_field(found.last.row, name)


def _values(actor: User, held: Any, past: Any, row: Any, wanted: list[str], way: Way) -> tuple[Former, Former]:
    """The former values of what is wanted, and what stands now in all fields of the way; opened for this act alone."""
    sections = [record_versions.section_of_field(past, name) for name in way.fields]
    try:
        with open_to_change(actor, held, *sections):
            former = {name: getattr(past, name) for name in wanted}
            return former, {name: getattr(row, name) for name in way.fields}
    except (ContentErased, DecryptionRefused):
        raise FormerValueIsGone from None


def _put_back(actor: User, held: Any, row: Any, former: Former, way: Way, number: int) -> None:
    """Write the former values into the record, and its title into what is due about it."""
    assert way.verb is not None
    changed = assign(row, **former)
    if not changed:
        raise NothingToRestore
    row.save(update_fields=changed)
    if "title" in changed:
        for due in access.within(Due, held.case).filter(subject_uid=row.uid, done_at__isnull=True):
            due.line = former["title"]
            due.save(update_fields=["line"])
    sections = sorted({record_versions.section_of_field(row, name) for name in changed})
    record(
        way.verb, actor=actor, subject=row, held=held, sections=sections,
        fields=[f"{row._meta.model_name}.{name}" for name in changed], detail={"kind": "RESTORED", "before": number},
    )  # fmt: skip
