"""Writing events: ``record()`` in the transaction of the act itself, so that both commit or vanish together."""

import datetime
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from casemgmt.access import ground
from casemgmt.access.sections import Section

from . import addresses, canonical, circumstances, clock, history_rows, protection, streams
from .action import action
from .anchoring import shadow
from .detail_keys import allowed_keys
from .errors import ActorMismatch, BasisMissing, LedgerError, NotACode
from .inserting import insert
from .models import ActorKind, Event, EventCase, EventDetail, Stream
from .verbs import NEEDS_BASIS, Outcome, Verb, registered

#: Sections of which auditors see counts only (attorney–client privilege, psychotherapy).
PRIVILEGED = frozenset({Section.LEGAL_FILE.value, Section.COUNSELLING.value})

_CODE = re.compile(r"[A-Za-z0-9_.:,+-]{0,80}")
_FIELD = re.compile(r"[a-z][a-z0-9_.]{0,79}")
_PURPOSE = re.compile(r"[A-Z0-9_]{0,40}")


@dataclass(frozen=True)
class Ref:
    """A thing an event points to, without its row: ``Ref("session", uid)``."""

    kind: str
    uid: uuid.UUID | None
    case_uid: uuid.UUID | None = None


def record(
    verb: str,
    *,
    actor: Any,
    subject: Any = None,
    held: Any = None,
    refs: Iterable[Any] = (),
    sections: Iterable[str] = (),
    fields: Iterable[str] = (),
    purpose: str = "",
    reason: str = "",
    outcome: str = "OK",
    basis: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Event:
    """Write one event in the caller's transaction, with the history rows written since the last one.

    ``actor``: a User, or ``None`` for the system or a visitor (the context says which). ``subject`` and ``refs``:
    model instances with ``uid``, or ``Ref``. ``held``: what ``lock_for_write`` returned (its ``case`` is the
    subject where none is given, its ``basis`` the right). Without any, the event rests on the rule of the page, or on
    what began it (a job, a command); what was refused rests on nothing. ``fields``: names. ``purpose``: a code. ``reason``:
    words of a person, kept in the erasable detail. ``detail``: codes, numbers, dates and uids under keys that the
    verb carries. Never a value of a case, a name or a search term.

    Raises NoContext, UnknownVerb, ActorMismatch, BasisMissing, NotACode. Costs two inserts, one more where other
    cases are touched, and one query for each kind of history row.
    """
    words = (subject, held, refs, sections, fields, purpose, reason, outcome, basis, detail)
    if connections[DEFAULT_DB_ALIAS].in_atomic_block:
        return _write(registered(verb), actor, *words)
    with transaction.atomic(using=DEFAULT_DB_ALIAS):
        return _write(registered(verb), actor, *words)


def _write(
    verb: Verb,
    actor: Any,
    subject: Any,
    held: Any,
    refs: Iterable[Any],
    sections: Iterable[str],
    fields: Iterable[str],
    purpose: str,
    reason: str,
    outcome: str,
    basis: Mapping[str, Any] | None,
    detail: Mapping[str, Any] | None,
) -> Event:
    """``record()`` inside its transaction."""
    running = circumstances.require()
    kind, actor_uid, behalf = _whose(running, actor)
    if subject is None and held is not None:
        subject = held.case
    about = Ref("", None) if subject is None else ref_of(subject)
    touched = [ref_of(thing) for thing in refs]
    if about.case_uid is None and held is not None:
        about = Ref(about.kind, about.uid, ref_of(held.case).case_uid)
    snapshot = _plain(dict(basis if basis is not None else getattr(held, "basis", None) or {}), "basis")
    if verb in NEEDS_BASIS and not snapshot and outcome in (Outcome.OK, Outcome.ROLLED_BACK):
        raise BasisMissing(f"{verb.value} needs the right it rests on.")
    if not snapshot and outcome != Outcome.REFUSED:
        snapshot = _ground_of(running, actor_uid)
    codes = sorted({Section(section).value for section in sections})
    names = sorted(set(fields))
    allowed_keys(verb, detail or {})
    if not _PURPOSE.fullmatch(purpose):
        raise NotACode("A purpose is a code in capitals.")
    if any(not _FIELD.fullmatch(name) for name in names):
        raise NotACode("fields= takes names of fields.")
    rows = history_rows.take(running)
    event = Event(
        verb=verb.value,
        outcome=Outcome(outcome).value,
        source=running.source.value,
        at=clock.moment(),
        recorded_at=clock.now(),
        actor_kind=kind.value,
        actor_uid=actor_uid,
        on_behalf_of=behalf,
        subject_kind=about.kind,
        subject_uid=about.uid,
        case_uid=about.case_uid,
        objects_touched=[[ref.kind, canonical.text(ref.uid), canonical.text(ref.case_uid)] for ref in touched],
        sections=f" {' '.join(codes)} " if codes else "",
        is_privileged=bool(codes) and PRIVILEGED.issuperset(codes),
        basis=snapshot or None,
        basis_kind=str(snapshot.get("kind", "")),
        purpose=purpose,
        address=running.address,
        history_rows=rows,
        changed_rows=len(rows),
        salt=canonical.new_salt(),
    )
    content = {
        "reason": reason,
        "context_reason": running.reason,
        "agent": running.agent,
        "fields": names,
        "codes": _plain(dict(detail or {}), "detail"),
    }
    detail_salt = canonical.new_salt()

    def number_and_sign(stream: uuid.UUID, number: int) -> tuple[Event, bytes]:
        event.stream, event.number = stream, number
        return event, canonical.canonical_bytes(event, content, detail_salt)

    addresses.keep(running)
    chain = streams.chain_of_connection()
    if chain.is_new():
        Stream(uid=chain.uid, started_at=event.recorded_at).save(force_insert=True)
    chain.append(number_and_sign)
    shadow.after_commit("event", event.uid, event.mac.hex())
    insert(EventDetail(event=event, salt=detail_salt, content=content))
    others = {ref.case_uid for ref in touched if ref.case_uid is not None} - {about.case_uid}
    if others:
        EventCase.objects.bulk_create([EventCase(event=event, case_uid=case_uid) for case_uid in others])
    running.recorded.append(verb.value)
    return event


def _ground_of(running: circumstances.Context, actor_uid: uuid.UUID | None) -> dict[str, Any]:
    """What an act rests on where nobody says: the rule of the page, one's own account, or what began it."""
    if running.source != circumstances.Source.WEB:
        return {"kind": running.source.name}
    stands_on = ground.current()
    if stands_on:
        plain: dict[str, Any] = _plain(dict(stands_on), "basis")
        return plain
    return {"kind": "OWN" if actor_uid else "PUBLIC"}


def ref_of(thing: Any) -> Ref:
    """What an event keeps of a record: its kind, its uid and its case."""
    if isinstance(thing, Ref):
        return thing
    kind = thing._meta.model_name
    case_uid = getattr(thing, "case_uid", None)
    if case_uid is None and kind == "case":
        case_uid = thing.uid
    if case_uid is None and getattr(thing, "case_id", None) is not None:
        case_uid = thing.case.uid
    return Ref(kind, thing.uid, case_uid)


def _whose(running: circumstances.Context, actor: Any) -> tuple[ActorKind, uuid.UUID | None, uuid.UUID | None]:
    """Whose act it is: kind, uid, and whom an operator claims to act for. Raises ActorMismatch."""
    uid = None if actor is None or actor.is_anonymous else actor.uid
    if running.in_action and uid != running.actor_uid:
        raise ActorMismatch("The event names another person than the running action.")
    if running.on_behalf_of is not None and uid is not None:
        if uid != running.on_behalf_of:
            raise ActorMismatch("The command acts on behalf of another person.")
        return ActorKind.OPERATOR, None, uid
    if uid is not None:
        return ActorKind.PERSON, uid, None
    return (ActorKind.VISITOR if running.source == circumstances.Source.WEB else ActorKind.SYSTEM), None, None


def _plain(value: Any, where: str) -> Any:
    """The value as JSON of codes, numbers, dates and uids. Raises NotACode for anything that could be prose."""
    if isinstance(value, Mapping):
        return {_code(str(key), where): _plain(inner, where) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner, where) for inner in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, datetime.datetime):
        return canonical.moment(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str):
        return _code(str(value), where)
    raise NotACode(f"{where} takes codes, numbers, dates and uids.")


def _code(text: str, where: str) -> str:
    """The text, if it has the shape of a code. The message does not repeat what it refuses."""
    if not _CODE.fullmatch(text):
        raise NotACode(f"{where} takes codes, not text.")
    return text


@action
def erase_detail(*, actor: Any, now: datetime.datetime, event_uid: uuid.UUID, reason: str) -> Event:
    """Erase the reason, names of fields, codes and agent of one event; its chain stays whole.

    The only way to erase a detail: the triggers let nothing else through. Records DETAIL_ERASED.
    """
    event = Event.objects.get(uid=event_uid)
    with protection.erasing():
        changed = EventDetail.objects.filter(event=event, erased_at=None).update(salt=None, content=None, erased_at=now)
    if not changed:
        raise LedgerError("These details are erased already.")
    record(Verb.DETAIL_ERASED, actor=actor, subject=Ref("event", event.uid, event.case_uid), reason=reason)
    return event
