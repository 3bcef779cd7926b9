"""Letting cases out as HTCDS: to colleagues what the reader sees, to outsiders only what a release names, and recorded.

The file is written, sealed with a key of its own, to its end before the first byte leaves: so the ledger holds its
checksum, and a file whose event could not be written is never handed out. Memory stays the same for any length.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from audit import clock
from audit.action import action
from audit.denials import hand_over
from audit.log import Ref, record
from audit.verbs import Outcome, Verb
from casemgmt.access.sections import READ_CARD, RetentionClass, Section, read
from casemgmt.accounts.models import Organisation, User
from casemgmt.crypto import keyring
from casemgmt.crypto.gate import open_gate
from casemgmt.crypto.uploads import SealedSpool
from cases import access
from cases.answers import years_between
from cases.choices.releases import (
    SECTION_OF_CATEGORY,
    TWO_PERSON_SECTIONS,
    DisclosureBasis,
    InfoCategory,
    ReleaseMethod,
)
from cases.choices.safety import AlertCode
from cases.choices.sharing import GrantKind
from cases.errors.exchange import NothingReleased
from cases.htcds.book import Book
from cases.htcds.export import BYTE_ORDER_MARK, Columns, Facts, line_writer, may_write, sections_of
from cases.htcds.tables import Table, tables
from cases.listing import CaseFilter
from cases.models import AccessGrant, Case, Consent, Disclosure, Release, Survivor, TraffickingProfile
from cases.opening import HoldingGate, SectionsGate
from cases.rules import ADULT

AT_ONCE = 100
_PIECE = 64 * 1024
#: How what a release names may travel, for a file.
_FOR_FILES = (ReleaseMethod.WRITTEN, ReleaseMethod.ELECTRONIC)
#: What one person may let out. The rest, and anything of a minor, needs a second person, who cannot be asked yet.
_BY_ONE_PERSON = {one for one in InfoCategory.values if SECTION_OF_CATEGORY[one] not in TWO_PERSON_SECTIONS}
#: The title of the case sheet where the other tables stand beside it.
CASE_SHEET = "Case Sheet"
#: What "by which way" a disclosure notes.
HOW = "HTCDS_CSV"


@dataclass(frozen=True)
class Ground:
    """The release under which one case may go out, and the categories that let columns be written."""

    release: Release
    categories: frozenset[str]


@dataclass
class ExportFile:
    """A finished export: how many rows, how many were left out, the checksum of its bytes, and the bytes once."""

    count: int
    left_out: int
    size: int
    sha256: str
    pieces: Iterator[bytes]
    #: How the file's name ends.
    ending: str = "csv"


@dataclass
class _Written:
    """What happens while a file is written: the sealed bytes, and what was read of which case."""

    spool: SealedSpool = field(default_factory=SealedSpool)
    digest: Any = field(default_factory=hashlib.sha256)
    cases: list[Ref] = field(default_factory=list)
    sections: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    #: Where the tables of the standard go along: its sheets, until the file is finished.
    book: Book | None = None
    writer: Any = field(default_factory=line_writer)

    def put(self, piece: bytes) -> None:
        """Append bytes."""
        self.digest.update(piece)
        self.spool.write(piece)

    def line(self, cells: Sequence[str], sheet: str = CASE_SHEET) -> None:
        """Append a line to the file, or to this sheet of a workbook."""
        if self.book is not None:
            self.book.add(sheet, cells)
        else:
            self.put(self.writer.writerow(cells).encode())

    def note(self, gate: HoldingGate) -> None:
        """Remember what a gate has let through."""
        for case_uid, readings in gate.read.items():
            self.cases.append(Ref("case", case_uid, case_uid))
            self.sections.update(readings)
            self.fields.update(fid for fids in readings.values() for fid in fids)

    def finished(self, left_out: int) -> ExportFile:
        """The file, ready to be handed out."""
        if self.book is not None:
            self.book.write(self.put)
        reader = self.spool.reader()
        pieces = iter(lambda: reader.read(_PIECE), b"")
        return ExportFile(
            len(self.cases), left_out, self.spool.size, self.digest.hexdigest(), pieces, "xlsx" if self.book else "csv"
        )


def export_inside(*, actor: User, chosen: CaseFilter, profile: str) -> ExportFile:
    """The rows of the list as the actor sees it, for somebody inside the organisation. Records EXPORT_MADE.

    Columns of sections that she does not hold on a case are blank in its row. Changes nothing, so it is no action:
    on SQLite a transaction would keep everybody else from writing meanwhile.
    """
    written, columns = _Written(), Columns.of(profile)
    is_done = False
    try:
        _head(written, columns)
        for cases in _batches(actor, _keys(actor, chosen)):
            _write(actor, written, columns, cases, {})
        file = written.finished(0)
        record(Verb.EXPORT_MADE, **_event(actor, written, profile, file))
        is_done = True
    finally:
        if not is_done and written.cases:
            hand_over(Verb.EXPORT_MADE, outcome=Outcome.ROLLED_BACK, **_event(actor, written, profile, None))
    return file


@action
def export_outside(
    *, actor: User, now: datetime, chosen: CaseFilter, profile: str, recipient: Organisation, purpose: str
) -> ExportFile:
    """The rows that a release lets go to this recipient for this purpose; each one is a disclosure.

    A row needs a release in force, for this recipient and purpose, that names a category of any column and may
    travel as a file; and the actor must be one who records such duties on the case. Columns that the release does
    not name are blank, and so is what needs two persons; a minor's row stays. Raises NothingReleased. Records
    EXPORT_MADE and DISCLOSURE_MADE.
    """
    written, columns = _Written(), Columns.of(profile)
    keys = _keys(actor, chosen)
    is_done = False
    try:
        _head(written, columns)
        for cases in _batches(actor, keys, lock=True):
            grounds = _grounds(actor, cases, columns, recipient, purpose, now)
            _write(actor, written, columns, [case for case in cases if case.pk in grounds], grounds)
            _disclose(actor, now, cases, grounds, recipient)
        if not written.cases:
            raise NothingReleased
        file = written.finished(len(keys) - len(written.cases))
        record(
            Verb.DISCLOSURE_MADE, actor=actor, subject=recipient, refs=written.cases, sections=written.sections,
            purpose=purpose,
            detail={"count": file.count, "recipient": recipient.uid, "basis": str(DisclosureBasis.RELEASE)},
        )  # fmt: skip
        event = _event(actor, written, profile, file)
        event["detail"]["recipient"] = recipient.uid
        record(Verb.EXPORT_MADE, purpose=purpose, **event)
        is_done = True
    finally:
        if not is_done and written.cases:
            hand_over(Verb.EXPORT_MADE, outcome=Outcome.ROLLED_BACK, **_event(actor, written, profile, None))
    return file


@dataclass(frozen=True)
class Outlook:
    """What an export would be: rows on the screen, rows that may go, and rows that would be left out."""

    total: int
    included: int

    @property
    def left_out(self) -> int:
        """Without a release that lets them go."""
        return self.total - self.included


def foresee(*, actor: User, chosen: CaseFilter, profile: str, recipient: Organisation | None, purpose: str) -> Outlook:
    """Count before anything leaves. For a recipient outside the releases are looked at, which is recorded as JOB_RUN."""
    keys = _keys(actor, chosen)
    if recipient is None:
        return Outlook(len(keys), len(keys))
    columns, now = Columns.of(profile), clock.now()
    included = sum(len(_grounds(actor, cases, columns, recipient, purpose, now)) for cases in _batches(actor, keys))
    record(Verb.JOB_RUN, actor=actor, sections=[Section.DUTIES], detail={"job": "export_foreseen", "count": len(keys)})
    return Outlook(len(keys), included)


# ---- Inside ----


def _keys(actor: User, chosen: CaseFilter) -> list[int]:
    """The keys of the rows of the list, newest first, as the list itself has them."""
    rows = (
        access.visible(Case, actor, READ_CARD).filter(chosen.where(actor)).exclude(erased__has_key=RetentionClass.CORE)
    )
    return list(rows.order_by("-pk").values_list("pk", flat=True))


def _batches(actor: User, keys: list[int], *, lock: bool = False) -> Iterator[list[Case]]:
    """The cases, some at a time, with what the actor holds on each. Locked first where something will be written."""
    for start in range(0, len(keys), AT_ONCE):
        mine = access.visible(Case, actor, READ_CARD).filter(pk__in=keys[start : start + AT_ONCE])
        if lock:
            list(mine.order_by("pk").select_for_update(of=("self",)).values_list("pk"))
        cases = list(mine.select_related("organisation").order_by("-pk"))
        held = access.holdings(actor, cases)
        for case in cases:
            case.holding = held.get(case.pk)
        yield [case for case in cases if case.holding is not None]


def _head(written: _Written, columns: Columns) -> None:
    if not columns.has_tables:
        written.put(BYTE_ORDER_MARK.encode())
        written.line(columns.names)
        return
    written.book = Book()
    written.line(columns.names)
    for table in tables():
        written.line(table.columns, table.title)


def _write(actor: User, written: _Written, columns: Columns, cases: list[Case], grounds: dict[int, Ground]) -> None:
    """The lines of some cases. Only sections that these columns need are opened, and only where they are held."""
    if not cases:
        return
    today = timezone.localdate(None, actor.zone)
    categories = {case.pk: grounds[case.pk].categories if grounds else None for case in cases}
    wanted = {one for case in cases for one in sections_of(columns.everything, categories[case.pk])} | {Section.CARD}
    parts = {model: _by_case(model, actor, cases, section) for model, section in _PARTS.items() if section in wanted}
    housed = in_shelters(cases)
    keyring.prefetch([case.uid for case in cases])
    gate = HoldingGate(actor, {case.uid: case.holding for case in cases if case.holding}, only=frozenset(wanted))
    try:
        with open_gate(gate):
            sections = {
                case.pk: frozenset(section for section in wanted if case.holding and case.holding.reads(section))
                for case in cases
            }
            # Of a table that no release of these cases reaches nothing is read.
            beside = [
                (table, table.read(actor, cases, sections))
                for table in (tables() if columns.has_tables else ())
                if any(_reaches(table, sections[case.pk], categories[case.pk]) for case in cases)
            ]
            for case in cases:
                held = sections[case.pk]
                facts = Facts(
                    case=case,
                    sections=held,
                    survivor=parts.get(Survivor, {}).get(case.pk),
                    profile=parts.get(TraffickingProfile, {}).get(case.pk),
                    consent=parts.get(Consent, {}).get(case.pk),
                    hides_address=case.pk in housed or AlertCode.ADDRESS_CONFIDENTIAL in (case.alerts or []),
                )
                written.line(columns.row(facts, categories[case.pk], today))
                for table, rows in beside:
                    for line in columns.lines(table, rows.get(case.pk, ()), facts, categories[case.pk]):
                        written.line(line, table.title)
    finally:
        written.note(gate)


def _reaches(table: Table, held: frozenset[str], categories: frozenset[str] | None) -> bool:
    return any(may_write(table.key(one), held, categories) for one in table.fields)


_PARTS: dict[Any, Section] = {
    Survivor: Section.IDENTITY,
    TraffickingProfile: Section.NARRATIVE,
    Consent: Section.DUTIES,
}


def _by_case(model: Any, actor: User, cases: Iterable[Case], section: Section) -> dict[int, Any]:
    rows = access.visible(model, actor, read(section)).filter(case__in=[case.pk for case in cases])
    return {row.case_id: row for row in rows}


def in_shelters(cases: Iterable[Case]) -> set[int]:
    """Cases of people who live in a shelter now: their address is where they sleep, and goes nowhere (R13)."""
    now = clock.moment()
    stays = access.for_the_house(AccessGrant).filter(
        case__in=[case.pk for case in cases], kind=GrantKind.RESIDENCE, valid_from__lte=now, expires_at__gt=now,
        revoked_at__isnull=True,
    )  # fmt: skip
    return set(stays.values_list("case_id", flat=True))


def _grounds(
    actor: User, cases: list[Case], columns: Columns, recipient: Organisation, purpose: str, now: datetime
) -> dict[int, Ground]:
    """For each case that may go to this recipient for this purpose: the release that lets most columns be written."""
    keepers = [case.pk for case in cases if case.holding and case.holding.writes(Section.DUTIES)]
    releases = access.visible(Release, actor, read(Section.DUTIES)).filter(
        case__in=keepers, recipient=recipient, purpose=purpose, starts_at__lte=now, expires_at__gt=now,
        withdrawn_at__isnull=True,
    )  # fmt: skip
    grounds: dict[int, Ground] = {}
    keyring.prefetch([case.uid for case in cases])
    with open_gate(SectionsGate([Section.DUTIES, Section.IDENTITY, Section.CARD])):
        minors = _minors(actor, cases, now)
        for release in releases.order_by("pk"):
            terms = release.terms
            named = {one for one in terms.get("categories", []) if one in _BY_ONE_PERSON}
            if release.case_id in minors or terms.get("method", ReleaseMethod.WRITTEN) not in _FOR_FILES:
                continue
            released = frozenset(columns.released(named))
            best = grounds.get(release.case_id)
            if released and (best is None or len(released) > len(best.categories)):
                grounds[release.case_id] = Ground(release, released)
    return grounds


def _minors(actor: User, cases: list[Case], now: datetime) -> set[int]:
    """Which of these cases are of somebody under eighteen, by the date of birth or by the alert on the card."""
    today = timezone.localdate(now, actor.zone)
    births = {key: row.birth_date for key, row in _by_case(Survivor, actor, cases, Section.IDENTITY).items()}
    by_birth = {key for key, birth in births.items() if birth is not None and years_between(birth, today) < ADULT}
    return by_birth | {case.pk for case in cases if AlertCode.MINOR in (case.alerts or [])}


def _disclose(
    actor: User, now: datetime, cases: list[Case], grounds: dict[int, Ground], recipient: Organisation
) -> None:
    """Note each disclosure on its case, for the survivor's own accounting."""
    notes = [
        Disclosure(
            case=case, basis=DisclosureBasis.RELEASE, release=grounds[case.pk].release, recipient=recipient, how=HOW,
            categories=sorted(grounds[case.pk].categories), disclosed_by=actor, disclosed_at=now,
        )
        for case in cases
        if case.pk in grounds
    ]  # fmt: skip
    if notes:
        access.for_the_house(Disclosure).audited_bulk_create(notes)  # type: ignore[attr-defined]


def _event(actor: User, written: _Written, profile: str, file: ExportFile | None) -> dict[str, Any]:
    """What the ledger keeps of an export: counts, checksum, cases, sections and names of fields; no value."""
    detail: dict[str, Any] = {"count": len(written.cases), "format": profile}
    if file is not None:
        detail |= {"left_out": file.left_out, "sha256": file.sha256, "bytes": file.size}
    return {
        "actor": actor, "refs": list(written.cases), "sections": sorted(written.sections),
        "fields": sorted(written.fields), "detail": detail,
    }  # fmt: skip


def file_name(today: date, ending: str = "csv") -> str:
    """A name that tells nothing but the day."""
    return f"export-{today.isoformat()}.{ending}"


def recipients_for(actor: User) -> list[Organisation]:
    """Organisations outside the actor's own, by name."""
    return list(Organisation.objects.exclude(pk=actor.organisation_id).order_by("name"))


def find_recipient(actor: User, uid: UUID | str) -> Organisation | None:
    """One of them, or None."""
    return next((one for one in recipients_for(actor) if str(one.uid) == str(uid)), None)
