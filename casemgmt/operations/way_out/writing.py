"""Writing the way out: tables and versions, files, HTCDS, the ledger, and what describes them. Memory stays flat."""

import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID, uuid4

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from audit import clock
from audit.action import action
from audit.bundling.writing import Wanted
from audit.log import Ref, record
from audit.verbs import Verb
from casemgmt.access.sections import Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import Organisation, User
from casemgmt.crypto import keyring
from casemgmt.crypto.errors import VaultError
from casemgmt.crypto.gate import open_gate
from casemgmt.operations.bundles import LedgerNotWhole, make_bundle
from casemgmt.operations.errors import NotReady
from casemgmt.operations.way_out.describing import description
from casemgmt.operations.way_out.rows import BelongsToAnAttorney, WholeHouseGate, plain
from casemgmt.operations.way_out.tables import Table, tables
from cases import access, files
from cases.actions.exports import in_shelters
from cases.actions.trail import leave_notice
from cases.choices.notices import NOTICE_WAY_OUT
from cases.choices.safety import AlertCode
from cases.choices.sharing import GrantKind
from cases.htcds.export import BYTE_ORDER_MARK, Columns, Facts, Profile, line_writer
from cases.models import AccessGrant, Case, Consent, Document, Survivor, TraffickingProfile

#: Cases that are opened together: one event names them.
AT_ONCE = 50
_HERE = Path(__file__).parent
#: Who may have it made, and who hears of it.
MAY = (Role.PRIVACY_OFFICER,)
TOLD = (Role.PRIVACY_OFFICER, Role.DIRECTOR, Role.INTERNAL_AUDITOR)

Say = Callable[[str], None]


class WayOutRefused(NotReady):
    """What stands against it, in a sentence."""


@dataclass
class Made:
    """What was written. ``problems``: what an operator must look at; empty where everything came along."""

    cases: int = 0
    files: int = 0
    told: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    sha256: str = ""


def make_way_out(person: User, out: Path, reason: str, say: Say) -> Made:
    """Write everything the house owns into a folder that does not exist yet. Needs a command's context naming the person.

    Built beside it and moved there at the end, so that a folder of this name is whole. Raises WayOutRefused, OSError,
    VaultError. Records HOUSE_EXPORTED for each batch of cases, and once more with the checksum of the manifest; leaves a
    notice to TOLD.
    """
    if not person.holds_role(*MAY):
        raise WayOutRefused("Only in the name of a privacy officer may everything leave the house.")
    if out.exists():
        raise WayOutRefused("There is something of this name already.")
    part = out.with_name(f".{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    before = os.umask(0o077)
    try:
        part.mkdir(mode=0o700)
        made = _write(person, part, reason, say)
        part.rename(out)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    finally:
        os.umask(before)
    return made


def _write(person: User, place: Path, reason: str, say: Say) -> Made:
    made, ours = Made(), list(Organisation.objects.filter(is_ours=True).order_by("pk"))
    _write_ledger(person, place, reason, made)
    say("The ledger is written.")
    with ExitStack() as stack:
        folder = Folder(place, stack)
        with open_gate(WholeHouseGate(())):
            for table in tables():
                if not table.is_of_cases:
                    _write_rows(folder, table, ours, made)
        say("The tables of the house are written.")
        _write_cases(person, folder, ours, reason, made, say)
    (place / "description.json").write_text(_json(description(), indent=1), encoding="utf-8")
    shutil.copyfile(_HERE / "README.txt", place / "README.txt")
    made.sha256 = _write_manifest(place, made)
    record_way_out(actor=person, now=clock.now(), made=made, reason=reason)
    return made


def _write_ledger(person: User, place: Path, reason: str, made: Made) -> None:
    """The ledger first: what is done here afterwards is recorded, but stands in no copy of its own."""
    try:
        make_bundle(person, place / "ledger.zip", Wanted(is_full=True), reason)
    except LedgerNotWhole as broken:
        # A house whose ledger is damaged needs its records more than ever: go on, and say so.
        made.problems += ["The ledger is not whole, so there is no ledger.zip.", *broken.problems]


# ---- Tables ----


class Folder:
    """The files of the folder, opened when the first line comes."""

    def __init__(self, place: Path, stack: ExitStack) -> None:
        self.place, self._stack = place, stack
        self._open: dict[str, IO[str]] = {}

    def put(self, name: str, line: str) -> None:
        """Add one line to the file of this name."""
        if name not in self._open:
            path = self.place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            self._open[name] = self._stack.enter_context(path.open("w", encoding="utf-8", newline=""))
        self._open[name].write(line)


def _write_rows(folder: Folder, table: Table, within: Sequence[models.Model], made: Made) -> None:
    """The rows and versions of a table that belong to these cases or organisations, inside an open gate."""
    where = {f"{table.path}__in": [one.pk for one in within]} if table.path else {}
    for part, model in (("tables", table.model), ("versions", table.versions)):
        if model is None:
            continue
        for row in model._base_manager.filter(**where).order_by("pk").iterator(chunk_size=500):
            values = plain(row, made.told)
            if values is not None:
                folder.put(f"{part}/{table.label}.jsonl", _json(values) + "\n")


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=indent)


# ---- Cases ----


def _write_cases(person: User, folder: Folder, ours: Sequence[Organisation], reason: str, made: Made, say: Say) -> None:
    """Every case with its tables, versions and files, and its line of HTCDS."""
    columns, writer = Columns.of(Profile.HTCDS_EXTENDED), line_writer()
    folder.put("cases.htcds.csv", BYTE_ORDER_MARK + writer.writerow(columns.names))
    gate = WholeHouseGate(_matters_of_outside_attorneys())
    wanted = [table for table in tables() if table.is_of_cases]
    for cases in _batches(ours):
        keyring.prefetch([case.uid for case in cases])
        with open_gate(gate):
            for table in wanted:
                _write_rows(folder, table, cases, made)
            for line in _htcds(cases, columns):
                folder.put("cases.htcds.csv", writer.writerow(line))
            _write_files(folder, cases, gate, made)
        made.cases += len(cases)
        record_taken(actor=person, now=clock.now(), cases=cases, sections=sorted(gate.sections), reason=reason)
        say(f"{made.cases} cases, {made.files} files")


def _batches(ours: Sequence[Organisation]) -> Iterator[list[Case]]:
    """All cases of the house, the oldest first."""
    keys = list(
        access.for_the_house(Case).filter(organisation__in=ours).order_by("pk").values_list("pk", flat=True)
    )  # fmt: skip
    for start in range(0, len(keys), AT_ONCE):
        yield list(access.for_the_house(Case).filter(pk__in=keys[start : start + AT_ONCE]).order_by("pk"))


def _matters_of_outside_attorneys() -> set[UUID]:
    """Matters whose file is, or was, an outside attorney's own."""
    theirs = access.for_the_house(AccessGrant).filter(
        kind=GrantKind.PRO_BONO, matter__isnull=False, release__isnull=True, parent__isnull=True
    )
    return set(theirs.values_list("matter__uid", flat=True))


def _htcds(cases: Sequence[Case], columns: Columns) -> Iterator[list[str]]:
    parts: dict[Any, dict[int, Any]] = {
        model: {row.case_id: row for row in access.for_the_house(model).filter(case__in=cases)}
        for model in (Survivor, TraffickingProfile, Consent)
    }
    housed, today = in_shelters(cases), timezone.localdate()
    for case in cases:
        if case.is_erased:
            continue
        sections = frozenset(str(section) for section in Section if not case.has_erased(section))
        facts = Facts(
            case=case, sections=sections, survivor=parts[Survivor].get(case.pk),
            profile=None if case.has_erased(Section.NARRATIVE) else parts[TraffickingProfile].get(case.pk),
            consent=None if case.has_erased(Section.DUTIES) else parts[Consent].get(case.pk),
            hides_address=case.pk in housed or AlertCode.ADDRESS_CONFIDENTIAL in (case.alerts or []),
        )  # fmt: skip
        yield columns.row(facts, None, today)


# ---- Files ----


def _write_files(folder: Folder, cases: Sequence[Case], gate: WholeHouseGate, made: Made) -> None:
    """The files of these cases as they came out of their seals. What is in quarantine nobody copies."""
    numbers = {case.pk: case.number for case in cases}
    for document in access.for_the_house(Document).filter(case__in=cases).order_by("pk"):
        if document.quarantined_at is not None:
            made.told["quarantined"] += 1
            continue
        try:
            name, about = document.name, document.about
        except BelongsToAnAttorney:
            continue  # counted with its row
        except VaultError:
            continue  # erased or damaged: its row says so
        path = f"files/{numbers[document.case_id]}/{document.uid.hex[:8]}-{name.replace('/', '_')}"
        problem = _write_file(folder.place / path, document, about.get("sha256", ""))
        if problem:
            made.problems.append(f"{numbers[document.case_id]}, document {document.uid}: {problem}")
            continue
        made.files += 1
        told = {
            "path": path, "document_uid": document.uid, "case_number": numbers[document.case_id], "name": name,
            "content_type": about.get("content_type"), "category": about.get("category"), "sha256": about.get("sha256"),
        }  # fmt: skip
        folder.put("files/index.jsonl", _json(told) + "\n")


def _write_file(path: Path, document: Document, expected: str) -> str:
    """Write one file; what is wrong with it in a sentence, or an empty text. A damaged one is not left there in part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    try:
        with path.open("wb") as file:
            for piece in files.open_pieces(document):
                digest.update(piece)
                file.write(piece)
    except (VaultError, FileNotFoundError) as error:
        path.unlink(missing_ok=True)
        return f"the file cannot be read ({type(error).__name__})."
    if digest.hexdigest() != expected:
        path.unlink()
        return "the file is not the one that was stored."
    return ""


# ---- The end ----


def _write_manifest(place: Path, made: Made) -> str:
    """SHA-256, size and lines of each file. Returns the SHA-256 of the manifest itself, for the ledger."""
    told = {}
    for path in sorted(one for one in place.rglob("*") if one.is_file()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        told[str(path.relative_to(place))] = {"sha256": digest, "bytes": path.stat().st_size, **_lines_of(path)}
    body = {
        "made_at": clock.now().isoformat(), "cases": made.cases, "files": made.files,
        "values_not_here": dict(made.told), "problems": made.problems, "contents": told,
    }  # fmt: skip
    text = _json(body, indent=1)
    (place / "manifest.json").write_text(text, encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def _lines_of(path: Path) -> dict[str, int]:
    if path.suffix != ".jsonl":
        return {}
    with path.open("rb") as file:
        return {"lines": sum(1 for _ in file)}


@action
def record_taken(*, actor: User, now: datetime, cases: Sequence[Case], sections: Sequence[str], reason: str) -> None:
    """Record that these cases were opened whole and written outside. Records HOUSE_EXPORTED."""
    record(Verb.HOUSE_EXPORTED, actor=actor, refs=cases, sections=sections, reason=reason, detail={"count": len(cases)})


@action
def record_way_out(*, actor: User, now: datetime, made: Made, reason: str) -> None:
    """Record that everything is written, and tell those who must hear of it. Records HOUSE_EXPORTED."""
    uid = uuid4()
    houses = Organisation.objects.filter(is_ours=True)
    for person in User.objects.filter(is_active=True, organisation__in=houses).order_by("pk"):
        if person.holds_role(*TOLD, at=now):
            leave_notice(person, NOTICE_WAY_OUT, "way_out", uid, now)
    detail = {"count": made.cases, "kind": "WHOLE", "sha256": made.sha256, "left_out": sum(made.told.values())}
    record(Verb.HOUSE_EXPORTED, actor=actor, subject=Ref("way_out", uid), reason=reason, detail=detail)
