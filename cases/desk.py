"""The desk of holds and erasures: who may do what there, and how its own words are read without opening a case.

Who decides (domain.md §11: "2-person approval"; access.md: the privacy officer holds no case access):

- **asking**: a privacy officer of the case's organisation, or a supervisor who may write its duties (on a ground of her
  own, or by supervision that was lent to her: a caseworker who lends her work does not choose her own supervisor);
- **approving**: a director or a privacy officer of that organisation, or such a supervisor; two people, neither the
  asker nor each other (a database rule says so, too);
- **the private check**: whoever may write the case's duties (she has somebody's trust there), or a privacy officer;
- **stopping**: any of these;
- **holds**: a director or privacy officer of the organisation, such a supervisor, or counsel of the house who holds
  the case's legal section.

Somebody whom a wall keeps from the case decides nothing about it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.choices import COUNSEL_ROLES, Role
from casemgmt.accounts.models import User
from casemgmt.crypto.errors import ContentErased
from casemgmt.crypto.gate import open_gate
from cases import access
from cases.access.holding import Holding
from cases.choices.sharing import GrantKind
from cases.few_words import Read, WordsGate, open_words
from cases.models import Case, ErasureOrder, LegalHold

#: Who finds the desk in the navigation.
DESK_ROLES = (Role.PRIVACY_OFFICER, Role.DIRECTOR, Role.SUPERVISOR)
#: Who may ask for an erasure; a director decides on what others ask.
ASKING_ROLES = (Role.PRIVACY_OFFICER, Role.SUPERVISOR)
HOLD_ROLES = (*DESK_ROLES, Role.STAFF_ATTORNEY, Role.ACCREDITED_REPRESENTATIVE)
#: Who records what a court or a statute demands (access.md §4): counsel or a privacy officer.
DUTY_ROLES = (Role.PRIVACY_OFFICER, Role.STAFF_ATTORNEY, Role.ACCREDITED_REPRESENTATIVE)
#: These decide for their organisation, without opening any case.
_OF_THE_HOUSE = (Role.PRIVACY_OFFICER, Role.DIRECTOR)
#: The one kind of event basis that is no grant: an order or a hold was read, nothing of the case.
BASIS = {"kind": "ERASURE_DESK"}
_FIDS = (
    "erasure.", "hold.", "process.", "production.", "report.", "emergency.", "correction.", "subject_request.", "breach.",
)  # fmt: skip


class _Looked:
    """What the standing of one person on several cases is told from."""

    def __init__(self, actor: User, cases: Sequence[Case], *, at: datetime) -> None:
        self._actor, self._at = actor, at
        self.roles = actor.roles_at(at) if actor.is_active else set()
        self._keys = [case.pk for case in cases if self.is_ours(case)]
        self.holdings = access.holdings(actor, [case for case in cases if self.is_ours(case)], at=at)

    def is_ours(self, case: Case) -> bool:
        return self._actor.organisation_id == case.organisation_id

    @cached_property
    def walled(self) -> set[int]:
        """The cases that a wall keeps this person from, of those on which nothing is held."""
        unheld = [key for key in self._keys if key not in self.holdings]
        return set(access.walled_cases(self._actor).filter(case_id__in=unheld).values_list("case_id", flat=True))

    @cached_property
    def decided(self) -> set[int]:
        """The cases whose duties this person writes by a ground of her own, of those where the first ground is lent."""
        lent = [key for key, holding in self.holdings.items() if not _decides_herself(holding)]
        return set(access.decided_by(self._actor, at=self._at, among=lent).values_list("pk", flat=True))


class Standing:
    """What one person is at the desk for one case: looked up once, in a handful of queries."""

    def __init__(self, actor: User, case: Case, *, at: datetime, looked: "_Looked | None" = None) -> None:
        looked = looked or _Looked(actor, [case], at=at)
        self.actor, self.case = actor, case
        holding = looked.holdings.get(case.pk)
        # Whoever holds it stands behind no wall.
        is_ours = looked.is_ours(case) and (holding is not None or case.pk not in looked.walled)
        self.is_privacy_officer = is_ours and Role.PRIVACY_OFFICER in looked.roles
        self.is_director = is_ours and Role.DIRECTOR in looked.roles
        self.writes_duties = holding is not None and holding.may_write(Section.DUTIES)
        self.supervises = (
            holding is not None
            and Role.SUPERVISOR in looked.roles
            and (_decides_herself(holding) or case.pk in looked.decided)
        )
        reads_legal = holding is not None and holding.holds(Section.LEGAL)
        self.is_counsel = reads_legal and bool(COUNSEL_ROLES & looked.roles)

    @classmethod
    def of_each(cls, actor: User, cases: Iterable[Case], *, at: datetime) -> "dict[int, Standing]":
        """By the key of each case: as many queries for a page of rows as for one of them."""
        cases = list(cases)
        looked = _Looked(actor, cases, at=at)
        return {case.pk: cls(actor, case, at=at, looked=looked) for case in cases}

    @property
    def may_ask(self) -> bool:
        """Whether this person may ask for an erasure."""
        return self.is_privacy_officer or self.supervises

    @property
    def may_wall(self) -> bool:
        """Whether this person may place and lift walls, and so may know of them."""
        return self.is_privacy_officer or self.supervises

    @property
    def may_approve(self) -> bool:
        """Whether this person may be one of the two (if neither asker nor the other)."""
        return self.is_privacy_officer or self.is_director or self.supervises

    @property
    def may_check(self) -> bool:
        """Whether this person may record the private talk."""
        return self.is_privacy_officer or self.writes_duties

    @property
    def may_stop(self) -> bool:
        """Whether this person may stop an erasure."""
        return self.may_approve or self.writes_duties

    @property
    def may_hold(self) -> bool:
        """Whether this person may place and lift legal holds."""
        return self.may_approve or self.is_counsel

    @property
    def may_record_duty(self) -> bool:
        """Whether this person may record legal process and mandated reports, and what was given because of them."""
        return self.is_privacy_officer or self.is_counsel

    @property
    def sees(self) -> bool:
        """Whether this person may know of orders and holds of this case."""
        return self.may_stop or self.may_hold


def _decides_herself(holding: Holding) -> bool:
    """Whether the first ground on which the duties are written is not lent: then no other has to be looked for."""
    basis = holding.permissions.get(write(Section.DUTIES))
    return basis is not None and basis.kind != GrantKind.DELEGATION


def case_named(actor: User, text: str) -> Case | None:
    """The case of this number (or uid) in the actor's organisation. What she is to it, the caller asks before a word of it."""
    text = text.strip().upper()
    try:
        named = Q(uid=UUID(text))
    except ValueError:
        named = Q(number=text)
    return access.for_the_house(Case).filter(named, organisation_id=actor.organisation_id).first()


def find_case(actor: User, number: str, *, at: datetime) -> Case:
    """The case of this number (or uid), for somebody of the desk. Shows nothing of it. Raises Hidden."""
    case = case_named(actor, number)
    if case is None or not Standing(actor, case, at=at).sees:
        raise Hidden
    return case


def _known(actor: User, model: Any, *, at: datetime) -> QuerySet[Any]:
    """Rows of the desk that this person may know of: of the whole house, or of cases whose duties or docket she holds."""
    rows = access.for_the_house(model).filter(case__organisation_id=actor.organisation_id)
    rows = rows.exclude(case__in=access.walled_cases(actor)).select_related("case")
    if actor.holds_role(*_OF_THE_HOUSE, at=at):
        return rows
    hers = access.opened_by(actor, write(Section.DUTIES))
    if actor.holds_role(*COUNSEL_ROLES, at=at):
        hers |= access.opened_by(actor, read(Section.LEGAL))
    return rows.filter(hers)


def orders_for(actor: User, *, at: datetime) -> QuerySet[ErasureOrder]:
    """The orders this person may know of, newest first."""
    people = ("asked_by", "first_by", "second_by", "checked_by", "stopped_by")
    return _known(actor, ErasureOrder, at=at).select_related("case", *people).order_by("-pk")


def holds_for(actor: User, *, at: datetime) -> QuerySet[LegalHold]:
    """The holds this person may know of: those that stand first, the next to be looked at on top."""
    rows = _known(actor, LegalHold, at=at).select_related("case", "placed_by", "lifted_by")
    return rows.order_by(F("lifted_at").desc(nulls_first=True), "review_on", "pk")


def duties_for(actor: User, model: Any, *, at: datetime, by: str = "recorded_by") -> QuerySet[Any]:
    """The processes, reports or disclosures this person may know of, newest first. ``by``: the column that says who."""
    return _known(actor, model, at=at).select_related("case", by).order_by("-pk")


def orders_of(case: Case) -> QuerySet[ErasureOrder]:
    """The orders of one case that its reader came to by the door, newest first."""
    people = ("asked_by", "first_by", "second_by", "checked_by", "stopped_by")
    return access.within(ErasureOrder, case).select_related("case", *people).order_by("-pk")


def holds_of(case: Case) -> QuerySet[LegalHold]:
    """The holds of one case, those that stand first."""
    rows = access.within(LegalHold, case).select_related("case", "placed_by", "lifted_by")
    return rows.order_by(F("lifted_at").desc(nulls_first=True), "review_on", "pk")


@contextmanager
def open_desk(actor: User, rows: Sequence[Any]) -> Iterator[WordsGate]:
    """Open the sealed words of orders, holds, processes and reports for a page. Records one CASE_VIEWED a case that was read.

    The basis says that the desk was open and no case: sections DUTIES, fields ``erasure.*``, ``hold.*`` and so on.
    """
    cases = {row.case_uid: row.case for row in rows}

    def events(read: Read) -> list[dict[str, Any]]:
        return [
            {
                "actor": actor, "subject": cases[case_uid], "sections": [Section.DUTIES], "fields": sorted(fids),
                "basis": BASIS,
            }
            for case_uid, fids in read.items()
        ]  # fmt: skip

    with open_words(cases, _FIDS, events) as gate:
        yield gate


@contextmanager
def reading_own(row: Any) -> Iterator[None]:
    """Open the words of one order or hold inside an action, which shows them to nobody: its own event is the record."""
    with open_gate(WordsGate([row.case_uid], _FIDS)):
        yield


def words_in(row: Any, name: str) -> Any:
    """A sealed field of an order or hold, or None once its own class is erased, too."""
    try:
        return getattr(row, name)
    except ContentErased:
        return None


def section_for(case: Case) -> str:
    """Under which section the desk seals its words: DUTIES, or the card once the class of DUTIES is erased."""
    return Section.CARD if case.has_erased(Section.DUTIES) else Section.DUTIES
