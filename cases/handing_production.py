"""Taking a numbered production out: a package made at that moment, of exactly the versions that were pinned.

Every file is read to its end and compared before the first byte leaves. No name that a file had stands in it: such names
may be the survivor's.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from audit.log import record
from audit.verbs import Outcome, Verb
from casemgmt.access.errors import Refused
from casemgmt.access.sections import read
from casemgmt.accounts.models import User
from casemgmt.crypto import keyring
from casemgmt.crypto.errors import ContentErased, DecryptionRefused
from casemgmt.crypto.gate import open_gate
from cases import access, codes, files
from cases.choices.configuration import ListName
from cases.choices.releases import Privilege, ProductionStatus, WithheldKind
from cases.errors.producing import NotApprovedYet, Problem, ProductionIsBroken
from cases.errors.releases import ProcessIsOver
from cases.file_types import BY_CONTENT_TYPE
from cases.handing_out import Download
from cases.htcds.export import BYTE_ORDER_MARK, safe
from cases.models import Case, Document, Production
from cases.opening import HoldingGate, held


@dataclass(frozen=True)
class Pinned:
    """The words of a production and its process, read at the desk: its items, and the lines of the privilege log."""

    items: list[dict[str, Any]]
    withheld: list[dict[str, Any]]


def number_of(case: Case, number: int) -> str:
    """The number that stands on a paper: that of the case, and the running one."""
    return f"{case.number}-{number:04d}"


def is_open(production: Production) -> bool:
    """Whether it may be taken out at all: a second person approved it, and the process is not over."""
    return production.status == ProductionStatus.APPROVED and production.process.over_at is None


def take_out(actor: User, case: Case, production: Production, pinned: Pinned, *, now: datetime) -> Download:
    """The package of an approved production, for counsel whose holding (``case`` is from the door) reads every paper of it.

    Raises NotApprovedYet, ProcessIsOver, Refused, and ProductionIsBroken where anything is not as it was approved: then
    nothing is handed out. Records PRODUCTION_TAKEN before the first byte; FAILED where it is broken.
    """
    if production.status != ProductionStatus.APPROVED:
        raise NotApprovedYet
    if production.process.over_at is not None:
        raise ProcessIsOver
    uids = [UUID(one["document"]) for one in pinned.items]
    # In the name of the house: a paper that she may not read is refused by its section, not told of as missing.
    rows = {row.uid: row for row in access.for_the_house(Document).filter(case=case, uid__in=uids)}
    holding = held(case)
    for row in rows.values():
        if not holding.holds(row.section, row.matter_uid):
            raise Refused(read(row.section))
    sections = sorted({str(row.section) for row in rows.values()})
    basis = holding.card_basis
    event: dict[str, Any] = {
        "actor": actor, "subject": production, "refs": list(rows.values()), "sections": sections,
        "basis": basis.snapshot() if basis else {}, "purpose": basis.purpose if basis else "",
    }  # fmt: skip
    detail = {"number": production.number, "count": len(pinned.items)}
    keyring.prefetch([case.uid, actor.uid])
    with open_gate(HoldingGate(actor, {case.uid: holding}, only=frozenset(sections))):
        papers, problems = _papers(case, pinned.items, rows)
    if problems:
        record(Verb.PRODUCTION_TAKEN, outcome=Outcome.FAILED, detail=detail | {"count": len(problems)}, **event)
        raise ProductionIsBroken(problems)
    lists = {"index.csv": _index(case, pinned.items), "privilege-log.csv": _log(pinned.withheld)}
    size = sum(one["bytes"] for one in pinned.items)
    record(Verb.PRODUCTION_TAKEN, fields=["document.about"], detail=detail | {"bytes": size}, **event)
    everything = [*papers, *((name, iter([text.encode()])) for name, text in lists.items())]
    return Download(f"{case.number}-production-{production.number}.zip", "application/zip", 0, package(everything, now))


def _papers(
    case: Case, items: list[dict[str, Any]], rows: dict[UUID, Document]
) -> tuple[list[tuple[str, Iterator[bytes]]], list[Problem]]:  # fmt: skip
    """Each paper with its new name, compared with what was pinned; and what is wrong with which number."""
    papers, problems = [], []
    for one in items:
        row, number = rows.get(UUID(one["document"])), number_of(case, one["number"])
        sentence = _wrong_with(case, row, one)
        if sentence or row is None:
            problems.append(Problem(number, sentence))
            continue
        kind = BY_CONTENT_TYPE.get(row.about["content_type"])
        papers.append((number + (kind.extensions[0] if kind else ".bin"), files.open_pieces(row)))
    return papers, problems


def _wrong_with(case: Case, row: Document | None, item: dict[str, Any]) -> str:
    """Why this paper is not handed out; empty where it is exactly what was pinned."""
    if row is None or case.has_erased(row.section):
        return _("It was erased.")
    if row.quarantined_at is not None:
        return _("It was put into quarantine.")
    if row.withdrawn_at is not None:
        return _("It was withdrawn.")
    try:
        is_same = row.number == item["version"] and files.check(row) == item["sha256"]
    except ContentErased:
        return _("It was erased.")
    except (DecryptionRefused, OSError):
        return _("It cannot be read.")
    return "" if is_same else _("It is not what was approved.")


def _index(case: Case, items: list[dict[str, Any]]) -> str:
    head = [_("Number"), _("Date"), _("Kind"), _("Version"), _("Bytes"), "SHA-256"]
    rows = [
        [number_of(case, one["number"]), one["day"], kind_of(one["kind"]), one["version"], one["bytes"], one["sha256"]]
        for one in items
    ]
    return _sheet([head, *rows])


def _log(withheld: list[dict[str, Any]]) -> str:
    """The privilege log: how many of which kind, by which right, of which days. Never what they say."""
    head = [_("Number"), _("What was withheld"), _("By which right"), _("How many"), _("Written from"), _("Until")]
    rows = [
        [number, WithheldKind(one["what"]).label, Privilege(one["privilege"]).label, one["number"], *one["dated"]]
        for number, one in enumerate(withheld, 1)
    ]
    return _sheet([head, *rows])


def kind_of(code: str) -> str:
    """The kind of a paper in the words of the house."""
    return codes.label(ListName.DOCUMENT_CATEGORY, code)


def _sheet(rows: Iterable[list[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([safe(str(cell)) for cell in row] for row in rows)
    return BYTE_ORDER_MARK + out.getvalue()


class _Passing:
    """What a package is written into: it hands on what came, and keeps nothing."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def write(self, piece: bytes) -> int:
        """Take some bytes."""
        self.waiting += piece
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        """What came since the last time."""
        piece = bytes(self.waiting)
        self.waiting.clear()
        return piece


def package(parts: Iterable[tuple[str, Iterator[bytes]]], at: datetime) -> Iterator[bytes]:
    """A zip, piece by piece, without a copy of it anywhere."""
    out: Any = _Passing()
    with zipfile.ZipFile(out, "w") as made:
        for name, pieces in parts:
            with made.open(zipfile.ZipInfo(name, at.timetuple()[:6]), "w", force_zip64=True) as entry:
                for piece in pieces:
                    entry.write(piece)
                    yield out.taken()
    yield out.taken()
