"""Opening cases: the gates of the case room. What was read is recorded by construction, one event a request.

The vault asks the open gate before it decrypts anything. A gate of this module admits exactly the sections
and matters that the actor holds, remembers what was read, and writes the event when the block ends. If an
exception passes, what was read is handed to the outermost middleware, which records it in a transaction of
its own: a page that fails after the reading has still been read.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from audit import context
from audit.log import PRIVILEGED, record
from audit.verbs import Outcome, Verb
from casemgmt.access.errors import Refused
from casemgmt.access.sections import Section, read
from casemgmt.accounts.models import User
from casemgmt.crypto import keyring
from casemgmt.crypto.errors import ContentErased, DecryptionRefused, SealedShut
from casemgmt.crypto.gate import open_gate
from cases import access, files
from cases.access import Held, Holding
from cases.errors import DocumentIsWithdrawn, FileCannotBeRead, FileIsErased
from cases.models import Case, Document, Matter

Readings = dict[str, set[str]]


class HoldingGate:
    """Admits what one person holds on the given cases (and her own drafts), and remembers what was read."""

    def __init__(self, actor: User, holdings: dict[UUID, Holding], only: frozenset[str] | None = None) -> None:
        self.actor, self.holdings, self.only = actor, holdings, only
        self.read: dict[UUID, Readings] = {}

    def admit(self, case_uid: UUID, section: str, fid: str, scope_uid: UUID | None = None) -> None:
        """Raise ``SealedShut`` for a case that was not opened, ``Refused`` for a section that is not held."""
        if case_uid == self.actor.uid:
            return
        holding = self.holdings.get(case_uid)
        if holding is None:
            raise SealedShut(fid)
        if (self.only is not None and section not in self.only) or not holding.reads(section, scope_uid):
            raise Refused(read(section) if section != Section.LEGAL_FILE else "read_matter")
        self.read.setdefault(case_uid, {}).setdefault(section, set()).add(fid)


class SectionsGate:
    """Admits the named sections of any case, for a job that was named with them."""

    def __init__(self, sections: Iterable[str]) -> None:
        self.sections = frozenset(sections)

    def admit(self, case_uid: UUID, section: str, fid: str, scope_uid: UUID | None = None) -> None:
        """Raise ``Refused`` for any other section."""
        if section not in self.sections:
            raise Refused(read(section) if section != Section.LEGAL_FILE else "read_matter")


class OwnGate:
    """Admits one person's own pseudo-case: drafts, rejected rows, secrets."""

    def __init__(self, actor: User) -> None:
        self.actor = actor

    def admit(self, case_uid: UUID, section: str, fid: str, scope_uid: UUID | None = None) -> None:
        """Raise ``SealedShut`` for anybody else's."""
        if case_uid != self.actor.uid:
            raise SealedShut(fid)


def _tell(readings: Readings, *, verb: Verb, failed: bool, **event: Any) -> None:
    """Write the event of a reading; privileged sections stand in an event of their own. After a failure, hand it over."""
    parts = [{section: fids for section, fids in readings.items() if section not in PRIVILEGED}]
    privileged = {section: fids for section, fids in readings.items() if section in PRIVILEGED}
    if privileged:
        parts.append(privileged)
    for number, part in enumerate(parts):
        if number == 0 and not part and privileged:
            continue
        fields = sorted({fid for fids in part.values() for fid in fids})
        entry = {"verb": verb, "sections": sorted(part), "fields": fields, **event}
        if failed:
            context.require().handed_over.append({**entry, "outcome": Outcome.ROLLED_BACK})
        else:
            record(entry.pop("verb"), **entry)


@contextmanager
def _reading(gate: HoldingGate, *, verb: Verb, case: Case, subject: Any, purpose: str) -> Iterator[HoldingGate]:
    """Open the gate, and tell the ledger at the end, whatever the end is."""
    holding = gate.holdings[case.uid]
    basis = holding.card_basis
    matter = subject if isinstance(subject, Matter) else None
    if matter is not None and matter.uid in holding.matters:
        basis = holding.matters[matter.uid]
    event = {
        "actor": gate.actor, "subject": subject, "purpose": purpose or (basis.purpose if basis else ""),
        "basis": basis.snapshot() if basis else {},
    }  # fmt: skip
    done = False
    try:
        with open_gate(gate):
            yield gate
        done = True
    finally:
        _tell(gate.read.get(case.uid, {}), verb=verb, failed=not done, **event)


@contextmanager
def open_case(actor: User, case: Case, *, purpose: str = "") -> Iterator[HoldingGate]:
    """Open one case for one page: admits the sections the actor holds. Records CASE_VIEWED with what was read.

    ``case`` comes from the door (``case.holding`` is set). Costs one query for the keys and the event's inserts.
    """
    keyring.prefetch([case.uid, actor.uid])
    gate = HoldingGate(actor, {case.uid: _held(case)})
    with _reading(gate, verb=Verb.CASE_VIEWED, case=case, subject=case, purpose=purpose):
        yield gate


@contextmanager
def open_matter(actor: User, matter: Matter, *, purpose: str = "") -> Iterator[HoldingGate]:
    """Open one legal matter for one page. Records MATTER_VIEWED with what was read."""
    keyring.prefetch([matter.case.uid, actor.uid])
    gate = HoldingGate(actor, {matter.case.uid: _held(matter.case)})
    with _reading(gate, verb=Verb.MATTER_VIEWED, case=matter.case, subject=matter, purpose=purpose):
        yield gate


@contextmanager
def open_printed(actor: User, case: Case) -> Iterator[HoldingGate]:
    """Open one case for a printed page. Records PRINT_MADE with what was read."""
    keyring.prefetch([case.uid, actor.uid])
    gate = HoldingGate(actor, {case.uid: _held(case)})
    with _reading(gate, verb=Verb.PRINT_MADE, case=case, subject=case, purpose=""):
        yield gate


@contextmanager
def open_list(
    actor: User,
    cases: Sequence[Case],
    *,
    sections: Iterable[str] = (Section.CARD,),
    verb: Verb = Verb.CASES_LISTED,
    detail: dict[str, Any] | None = None,
) -> Iterator[HoldingGate]:
    """Open the named sections of many cases for a list, search result or export. One event, with the cases that were read.

    Holdings that a case lacks are looked up in one batch; a case on which nothing is held stays shut. LEGAL rows of
    a matter held are admitted where LEGAL is among the sections.
    """
    missing = [case for case in cases if case.holding is None]
    found = access.holdings(actor, missing) if missing else {}
    held = {case.uid: case.holding or found.get(case.pk) for case in cases}
    keyring.prefetch([case.uid for case in cases] + [actor.uid])
    usable = {uid: holding for uid, holding in held.items() if holding is not None}
    gate = HoldingGate(actor, usable, only=frozenset(sections))
    done = False
    try:
        with open_gate(gate):
            yield gate
        done = True
    finally:
        merged: Readings = {}
        for readings in gate.read.values():
            for section, fids in readings.items():
                merged.setdefault(section, set()).update(fids)
        shown = [case for case in cases if case.uid in gate.read]
        if shown:
            _tell(
                merged,
                verb=verb,
                failed=not done,
                actor=actor,
                refs=shown,
                detail={"count": len(shown), **(detail or {})},
            )


def open_cards(actor: User, cases: Sequence[Case]) -> Any:
    """Open the cards of a list (alias, safe-contact rule, alerts). Records one CASES_LISTED."""
    return open_list(actor, cases)


class SearchGate(HoldingGate):
    """Admits card and identity of the batch of cases at hand, for comparing in memory. Nothing of it is shown."""

    def __init__(self, actor: User) -> None:
        super().__init__(actor, {}, only=frozenset({Section.CARD, Section.IDENTITY}))
        self.hits = 0

    def take(self, cases: Sequence[Case]) -> None:
        """Go on to the next cases: their holdings and keys in one batch. The ones before are shut again."""
        found = access.holdings(self.actor, cases)
        self.holdings = {case.uid: found[case.pk] for case in cases if case.pk in found}
        keyring.prefetch(self.holdings)

    def admit(self, case_uid: UUID, section: str, fid: str, scope_uid: UUID | None = None) -> None:
        """As a HoldingGate; which case was compared is not kept, only how many matched."""
        super().admit(case_uid, section, fid, scope_uid)
        self.read.clear()


@contextmanager
def open_search(actor: User, *, verb: Verb = Verb.CASES_SEARCHED) -> Iterator[SearchGate]:
    """Compare what the actor may read anyway with what she looks for. One event with the number of hits, no term.

    The hits are shown by a list, which records which cases it shows.
    """
    gate = SearchGate(actor)
    done = False
    try:
        with open_gate(gate):
            yield gate
        done = True
    finally:
        event: dict[str, Any] = {
            "actor": actor, "sections": [Section.CARD, Section.IDENTITY], "detail": {"count": gate.hits},
        }  # fmt: skip
        if done:
            record(verb, **event)
        else:
            context.require().handed_over.append({"verb": verb, **event, "outcome": Outcome.ROLLED_BACK})


@contextmanager
def open_own(actor: User) -> Iterator[None]:
    """Open what is sealed for the actor alone: drafts and rows of imports. Nothing of a case, so no event."""
    keyring.prefetch([actor.uid])
    with open_gate(OwnGate(actor)):
        yield


@contextmanager
def open_job(name: str, sections: Iterable[str], *, actor: User | None = None) -> Iterator[None]:
    """Open the named sections for a job or a check inside an action that shows nothing to a person. Records JOB_RUN."""
    sections = list(sections)
    with open_gate(SectionsGate(sections)):
        yield
    record(Verb.JOB_RUN, actor=actor, sections=sections, detail={"job": name})


@contextmanager
def open_history(actor: User, case: Case) -> Iterator[HoldingGate]:
    """Open the values of past versions. Records HISTORY_VIEWED with what was read."""
    keyring.prefetch([case.uid, actor.uid])
    gate = HoldingGate(actor, {case.uid: _held(case)})
    with _reading(gate, verb=Verb.HISTORY_VIEWED, case=case, subject=case, purpose=""):
        yield gate


@contextmanager
def open_to_change(actor: User, held: Held, *sections: str) -> Iterator[HoldingGate]:
    """Open, inside an action, what it is about to change, so that its event can name what changed.

    Admits the named sections where the actor holds them, and shows nothing to anybody; the act's own event is the record.
    """
    gate = HoldingGate(actor, {held.case.uid: held.holding}, only=frozenset(sections))
    with open_gate(gate):
        yield gate


@dataclass(frozen=True)
class Download:
    """A file on its way out: its name and type, the size in bytes, and the content piece by piece."""

    name: str
    content_type: str
    size: int
    pieces: Iterator[bytes]


def stream(actor: User, case: Case, document_uid: UUID) -> Download:
    """Hand out one document of a case (or matter) that came from the door. Records DOCUMENT_DOWNLOADED before the first byte.

    The file is read to its end once before anything leaves, so that one that was cut or changed is never served in
    part. Raises Hidden, Refused, DocumentIsWithdrawn, FileCannotBeRead (recorded as DECRYPTION_REFUSED), FileIsErased.
    """
    holding = _held(case)
    document = access.get_record(Document, case, document_uid)
    section, matter_uid = document.section, document.matter_uid
    if document.withdrawn_at is not None and not holding.writes(section, matter_uid):
        raise DocumentIsWithdrawn
    basis = holding.basis_for(section, matter_uid)
    event: dict[str, Any] = {"actor": actor, "subject": document, "sections": [section]}
    keyring.prefetch([case.uid, actor.uid])
    try:
        with open_gate(HoldingGate(actor, {case.uid: holding}, only=frozenset({section}))):
            name, about = document.name, document.about
        files.check(document)
        pieces = files.open_pieces(document)
    except ContentErased:
        raise FileIsErased from None
    except (DecryptionRefused, OSError) as error:
        fid = error.fid if isinstance(error, DecryptionRefused) else "file.content"
        record(Verb.DECRYPTION_REFUSED, outcome=Outcome.FAILED, detail={"fid": fid}, **event)
        raise FileCannotBeRead from None
    record(
        Verb.DOCUMENT_DOWNLOADED, basis=basis.snapshot() if basis else {}, purpose=basis.purpose if basis else "",
        fields=["document.about", "document.name"], detail={"sha256": about["sha256"], "bytes": about["size"]}, **event,
    )  # fmt: skip
    return Download(name, about["content_type"], about["size"], pieces)


def _held(case: Case) -> Holding:
    if case.holding is None:
        raise RuntimeError("Open the case through the door first.")
    return case.holding
