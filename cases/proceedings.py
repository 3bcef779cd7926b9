"""Reading proceedings: through one's own case alone, and never whose else they are (vault.md §3)."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

from casemgmt.access.errors import Refused
from casemgmt.access.sections import Section, read
from casemgmt.accounts.models import User
from casemgmt.crypto import keyring
from casemgmt.crypto.errors import SealedShut
from casemgmt.crypto.gate import open_gate
from cases import access, likeness, spelling
from cases.choices.proceedings import Cooperation, HerRole, ProceedingOutcome, ProceedingStage
from cases.models import Case, CaseProceeding, Proceeding

_FACTS, _SIDES = "proceeding.facts", "proceeding.sides"


class PublicGate:
    """Admits the public facts of these proceedings, and not which cases look at them."""

    def __init__(self, uids: Collection[UUID]) -> None:
        self.uids = frozenset(uids)

    def admit(self, case_uid: UUID, section: str, fid: str, scope_uid: UUID | None = None) -> None:
        """Raise ``SealedShut`` for anything else, ``Refused`` for the cases behind one."""
        if case_uid not in self.uids:
            raise SealedShut(fid)
        if fid != _FACTS:
            raise Refused(read(section))


@contextmanager
def _open_public(uids: Collection[UUID]) -> Iterator[None]:
    keyring.prefetch(uids)
    with open_gate(PublicGate(uids)):
        yield


def docket_token(court: str, docket: str) -> int:
    """The keyed fingerprint of a docket number at a court, however both are written."""
    parts = (" ".join(spelling.words_in_order(court)), "".join(sign for sign in docket.casefold() if sign.isalnum()))
    return likeness.token("proceeding", "|".join(parts))


def day_in(facts: Any) -> date | None:
    """The day of the next hearing; None where none is known."""
    return date.fromisoformat(facts["next_on"]) if facts.get("next_on") else None


def standing_in(case: Case) -> list[CaseProceeding]:
    """What proceedings are to this survivor, those that stand, the first joined first. From the door. One query."""
    return list(access.records(CaseProceeding, case).filter(ended_at__isnull=True).order_by("pk"))


def public_facts(reader: User, rows: Collection[CaseProceeding]) -> dict[UUID, dict[str, Any]]:
    """The public facts behind these rows of an opened case, by the uid of the row. Inside its opening. One query.

    That the case's own row was read is in its event; what everybody can read at the court needs no other.
    """
    wanted = {UUID(row.what["proceeding"]): row.uid for row in rows if row.what}
    found = {one.uid: one for one in access.of_house(Proceeding, reader).filter(uid__in=list(wanted))}
    with _open_public(list(found)):
        return {wanted[uid]: dict(one.facts) for uid, one in found.items()}


def lines_of(reader: User, case: Case) -> list[dict[str, Any]]:
    """The proceedings of a case as its page shows them. Inside an opening; her statement only for who reads what happened."""
    assert case.holding is not None
    rows = standing_in(case)
    facts = public_facts(reader, rows)
    says = case.holding.reads(Section.NARRATIVE)
    return [
        {
            "row": row, **said, "next_on": day_in(said), "stage": ProceedingStage(said["stage"]).label,
            "outcome": "" if said["outcome"] == ProceedingOutcome.OPEN else ProceedingOutcome(said["outcome"]).label,
            "role": HerRole(row.what["role"]).label, "cooperation": Cooperation(row.what["cooperation"]).label,
            "statement": (row.statement or "") if says else "",
        }
        for row in rows if (said := facts.get(row.uid)) is not None
    ]  # fmt: skip
