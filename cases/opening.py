"""Opening cases: the gates of the case room. What was read is recorded by construction, one event a request.

The vault asks the open gate before it decrypts anything. A gate of this module admits exactly the sections
and matters that the actor holds, remembers what was read, and writes the event when the block ends. If an
exception passes, what was read is handed to the outermost middleware, which records it in a transaction of
its own: a page that fails after the reading has still been read.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from audit import context
from audit.log import PRIVILEGED, record
from audit.verbs import Outcome, Verb
from casemgmt.access.errors import Refused
from casemgmt.access.sections import RETENTION_CLASS_OF, Section, read
from casemgmt.accounts.models import User
from casemgmt.crypto import keyring
from casemgmt.crypto.errors import ContentErased, SealedShut
from casemgmt.crypto.gate import open_gate
from cases import access
from cases.access import Held, Holding
from cases.models import Case, Matter, Release

Readings = dict[str, set[str]]
#: What an outsider reads of the release that her own access rests on, though she holds no part of the duties.
OWN_LINE = frozenset({"release.terms", "release.purpose_text"})


class HoldingGate:
    """Admits what one person holds on the given cases (and her own drafts), and remembers what was read.

    ``own_lines``: cases of which an outsider may read what the release says that her access rests on (``OWN_LINE``).
    """

    def __init__(
        self, actor: User, holdings: dict[UUID, Holding], only: frozenset[str] | None = None,
        own_lines: Iterable[UUID] = (),
    ) -> None:  # fmt: skip
        self.actor, self.holdings, self.only = actor, holdings, only
        self.own_lines = frozenset(own_lines)
        self.read: dict[UUID, Readings] = {}

    def admit(self, case_uid: UUID, section: str, fid: str, scope_uid: UUID | None = None) -> None:
        """Raise ``SealedShut`` for a case that was not opened, ``Refused`` for a section that is not held."""
        if case_uid == self.actor.uid:
            return
        holding = self.holdings.get(case_uid)
        if holding is None:
            raise SealedShut(fid)
        is_own_line = fid in OWN_LINE and case_uid in self.own_lines
        is_left_out = self.only is not None and section not in self.only
        if not is_own_line and (is_left_out or not holding.holds(section, scope_uid)):
            raise Refused(read(section) if section != Section.LEGAL_FILE else "read_matter")
        if holding.has_erased(section):
            raise ContentErased(case_uid, RETENTION_CLASS_OF[section])
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
def _reading(
    gate: HoldingGate, *, verb: Verb, case: Case, subject: Any, purpose: str, detail: dict[str, Any] | None = None
) -> Iterator[HoldingGate]:
    """Open the gate, and tell the ledger at the end, whatever the end is."""
    holding = gate.holdings[case.uid]
    basis = holding.card_basis
    matter = subject if isinstance(subject, Matter) else None
    if matter is not None and matter.uid in holding.matters:
        basis = holding.basis_of_matter(matter.uid)
    event = {
        "actor": gate.actor, "subject": subject, "purpose": purpose or (basis.purpose if basis else ""),
        "basis": basis.snapshot() if basis else {}, "detail": detail or {},
    }  # fmt: skip
    done = False
    try:
        with open_gate(gate):
            yield gate
        done = True
    finally:
        _tell(gate.read.get(case.uid, {}), verb=verb, failed=not done, **event)


@contextmanager
def open_case(
    actor: User, case: Case, *, purpose: str = "", own_releases: Iterable[Release] = ()
) -> Iterator[HoldingGate]:
    """Open one case for one page: admits the sections the actor holds. Records CASE_VIEWED with what was read.

    ``case`` comes from the door (``case.holding`` is set). ``own_releases``: of ``access.releases_behind``, for her own
    line. Costs one query for the keys and the event's inserts.
    """
    keyring.prefetch([case.uid, actor.uid])
    gate = HoldingGate(actor, {case.uid: held(case)}, own_lines=[one.case_uid for one in own_releases])
    with _reading(gate, verb=Verb.CASE_VIEWED, case=case, subject=case, purpose=purpose):
        yield gate


@contextmanager
def open_matter(
    actor: User, matter: Matter, *, purpose: str = "", own_releases: Iterable[Release] = ()
) -> Iterator[HoldingGate]:
    """Open one legal matter for one page, as ``open_case`` does. Records MATTER_VIEWED with what was read."""
    keyring.prefetch([matter.case.uid, actor.uid])
    gate = HoldingGate(actor, {matter.case.uid: held(matter.case)}, own_lines=[one.case_uid for one in own_releases])
    with _reading(gate, verb=Verb.MATTER_VIEWED, case=matter.case, subject=matter, purpose=purpose):
        yield gate


@contextmanager
def open_printed(
    actor: User, case: Case, *, subject: Any = None, verb: Verb = Verb.PRINT_MADE, own_releases: Iterable[Release] = (),
    detail: dict[str, Any] | None = None,
) -> Iterator[HoldingGate]:  # fmt: skip
    """Open one case for a printed page. Records PRINT_MADE (or the verb of that page) with what was read.

    ``own_releases`` as in ``open_case``; ``detail`` as ``record`` takes it.
    """
    keyring.prefetch([case.uid, actor.uid])
    gate = HoldingGate(actor, {case.uid: held(case)}, own_lines=[one.case_uid for one in own_releases])
    with _reading(gate, verb=verb, case=case, subject=subject or case, purpose="", detail=detail):
        yield gate


@contextmanager
def open_list(
    actor: User,
    cases: Sequence[Case],
    *,
    sections: Iterable[str] = (Section.CARD,),
    verb: Verb = Verb.CASES_LISTED,
    detail: dict[str, Any] | None = None,
    own_releases: Iterable[Release] = (),
) -> Iterator[HoldingGate]:
    """Open the named sections of many cases for a list, search result or export. One event, with the cases that were read.

    Holdings that a case lacks are looked up in one batch; a case on which nothing is held stays shut. LEGAL rows of
    a matter held are admitted where LEGAL is among the sections; ``own_releases`` as in ``open_case``.
    """
    missing = [case for case in cases if case.holding is None]
    found = access.holdings(actor, missing) if missing else {}
    held = {case.uid: case.holding or found.get(case.pk) for case in cases}
    keyring.prefetch([case.uid for case in cases] + [actor.uid])
    usable = {uid: holding for uid, holding in held.items() if holding is not None}
    gate = HoldingGate(actor, usable, only=frozenset(sections), own_lines=[one.case_uid for one in own_releases])
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


class SearchGate:
    """Admits card and identity of the cases at hand, for comparing in memory. Nothing of it is shown.

    Which case was compared is not kept, only how many matched.
    """

    def __init__(self, actor: User) -> None:
        self.actor = actor
        self.cards: frozenset[UUID] = frozenset()
        self.identities: frozenset[UUID] = frozenset()
        self.hits = 0

    def take(self, *, cards: Iterable[UUID], identities: Iterable[UUID]) -> None:
        """Go on to the next cases: those whose card, and those whose names the door lets the actor read.

        Their keys come in one batch; the cases before are shut again.
        """
        self.cards, self.identities = frozenset(cards), frozenset(identities)
        keyring.prefetch(self.cards | self.identities)

    def admit(self, case_uid: UUID, section: str, fid: str, scope_uid: UUID | None = None) -> None:
        """Raise ``SealedShut`` for a case that is not at hand, ``Refused`` for what the door did not let through."""
        if case_uid not in self.cards and case_uid not in self.identities:
            raise SealedShut(fid)
        admitted = {Section.CARD: self.cards, Section.IDENTITY: self.identities}.get(Section(section), frozenset())
        if case_uid not in admitted:
            raise Refused(read(section) if section != Section.LEGAL_FILE else "read_matter")


class IndexGate:
    """Admits card and identity of the named cases, for making tokens of them. Nothing but tokens leaves."""

    def __init__(self, case_uids: Iterable[UUID]) -> None:
        self.case_uids = frozenset(case_uids)

    def admit(self, case_uid: UUID, section: str, fid: str, scope_uid: UUID | None = None) -> None:
        """Raise ``SealedShut`` for another case, ``Refused`` for another section."""
        if case_uid not in self.case_uids:
            raise SealedShut(fid)
        if section not in (Section.CARD, Section.IDENTITY):
            raise Refused(read(section) if section != Section.LEGAL_FILE else "read_matter")


@contextmanager
def open_to_index(case_uids: Iterable[UUID]) -> Iterator[None]:
    """Open, inside an action, what the search indexes are made of. No event of its own: the act's event is the record."""
    gate = IndexGate(case_uids)
    keyring.prefetch(gate.case_uids)
    with open_gate(gate):
        yield


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
    gate = HoldingGate(actor, {case.uid: held(case)})
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


def held(case: Case) -> Holding:
    """What the actor holds on a case that came through the door; a programmer's mistake where it did not."""
    if case.holding is None:
        raise RuntimeError("Open the case through the door first.")
    return case.holding
