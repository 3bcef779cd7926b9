"""Reading contacts before cases, and inquiries by third parties: who may, which rows, and the event of the reading."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth

from audit.context import require
from audit.log import record
from audit.verbs import Outcome, Verb
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.crypto import keyring
from casemgmt.crypto.errors import SealedShut
from casemgmt.crypto.gate import open_gate
from cases import access
from cases.actions.intake import OPENING_ROLES
from cases.choices.callers import CallerOutcome, CountedKind, DeclineReason, InquirerKind
from cases.models import Contact, HouseCount, Inquiry
from cases.models.callers import HouseRecord

#: Who may write down who asked: everybody of the house who works with what is confidential; nobody from outside.
STAFF_ROLES = (
    Role.CASEWORKER, Role.HOTLINE_ADVOCATE, Role.SHELTER_WORKER, Role.CLINICIAN, Role.SUPERVISOR, Role.STAFF_ATTORNEY,
    Role.FINANCE, Role.GRANTS, Role.INTAKE_COORDINATOR, Role.DIRECTOR, Role.PRIVACY_OFFICER,
)  # fmt: skip
#: Who reads what others wrote down.
INQUIRY_READERS = (Role.SUPERVISOR, Role.INTAKE_COORDINATOR, Role.PRIVACY_OFFICER)
#: Who says that the law asks to keep something.
KEEPERS = (Role.SUPERVISOR, Role.PRIVACY_OFFICER)
#: Whoever wrote an inquiry down reads it for so long.
OWN_FOR = timedelta(days=7)
#: After so long only counts stay (domain.md §11). A contact that is open counts from its call.
KEPT_FOR = timedelta(days=90)


class HouseGate:
    """Admits these records of the house and no other, and remembers how many were read."""

    def __init__(self, uids: Iterable[UUID]) -> None:
        self.uids = frozenset(uids)
        self.read: set[UUID] = set()

    def admit(self, case_uid: UUID, section: str, fid: str, scope_uid: UUID | None = None) -> None:
        """Raise ``SealedShut`` for anything else."""
        if case_uid not in self.uids:
            raise SealedShut(fid)
        self.read.add(case_uid)


@contextmanager
def open_records(actor: User, rows: Sequence[HouseRecord]) -> Iterator[HouseGate]:
    """Open such records for a page. Records CALLERS_READ with how many were read, if any was, whatever the page's end."""
    gate, done = HouseGate(row.uid for row in rows), False
    keyring.prefetch(gate.uids)
    try:
        with open_gate(gate):
            yield gate
        done = True
    finally:
        if gate.read:
            kind = CountedKind.CONTACT if isinstance(rows[0], Contact) else CountedKind.INQUIRY
            event: dict[str, Any] = {"actor": actor, "detail": {"kind": kind.value, "count": len(gate.read)}}
            if done:
                record(Verb.CALLERS_READ, **event)
            else:
                require().handed_over.append({"verb": Verb.CALLERS_READ, **event, "outcome": Outcome.ROLLED_BACK})


def contacts_for(actor: User, *, at: datetime) -> QuerySet[Contact]:
    """The contacts of her organisation, for whoever takes people in; none for anybody else. Newest first."""
    return _kept(Contact, actor) if actor.holds_role(*OPENING_ROLES, at=at) else access.of_house(Contact, actor).none()


def inquiries_for(actor: User, *, at: datetime) -> QuerySet[Inquiry]:
    """The inquiries she may read: all of her organisation, or what she wrote down herself in the last days."""
    rows = _kept(Inquiry, actor)
    if actor.holds_role(*INQUIRY_READERS, at=at):
        return rows
    if actor.holds_role(*STAFF_ROLES, at=at):
        return rows.filter(recorded_by=actor, recorded_at__gt=at - OWN_FOR)
    return rows.none()


def _kept(model: Any, actor: User) -> QuerySet[Any]:
    return (
        access.of_house(model, actor)
        .filter(reduced_at__isnull=True)
        .select_related("recorded_by")
        .order_by("-at", "-pk")
    )


# ---- Counts ----


def code_of(row: Contact | Inquiry) -> str:
    """The code by which a record is counted: what came of it, with the reason where it was declined; or who asked."""
    if isinstance(row, Inquiry):
        return row.kind
    return f"{row.outcome}:{row.decline_reason}" if row.decline_reason else row.outcome


def label_of(kind: str, code: str) -> Any:
    """A counted code in words."""
    if kind == CountedKind.INQUIRY:
        return InquirerKind(code).label
    outcome, _colon, reason = code.partition(":")
    return DeclineReason(reason).label if reason else CallerOutcome(outcome).label


def counts_of(actor: User, kind: CountedKind, *, since: date) -> dict[date, dict[str, int]]:
    """How many of each code in each month since ``since`` (a first of a month), newest first: those still kept and those
    of which only the count stayed. By the reader's clock. Two queries."""
    found: dict[date, dict[str, int]] = {}
    model: Any = Contact if kind == CountedKind.CONTACT else Inquiry
    codes = ["outcome", "decline_reason"] if kind == CountedKind.CONTACT else ["kind"]
    rows = access.of_house(model, actor).filter(reduced_at__isnull=True).annotate(month=TruncMonth("at"))
    kept = rows.values_list("month", *codes).annotate(number=Count("pk")).order_by()
    counted = access.of_house(HouseCount, actor).filter(kind=kind, month__gte=since)
    lines = [(month.date(), ":".join(filter(None, code)), number) for month, *code, number in kept]
    lines += list(counted.values_list("month", "code", "number"))
    for month, code, number in lines:
        if month >= since:
            by_code = found.setdefault(month, {})
            by_code[code] = by_code.get(code, 0) + number
    return dict(sorted(found.items(), reverse=True))
