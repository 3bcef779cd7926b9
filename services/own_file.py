"""An attorney's own file, to take along: one archive of what a matter holds for its reader, with a page that says what is in it.

An attorney may not lose her client's file (access.md §3), so whoever holds a matter can take its file along, while the
engagement runs and in the days after it. The archive is written, sealed with a key of its own, to its end before the first
byte leaves, as an export of cases is; papers pass through it piece by piece, and nothing of them lies in clear on a disk.
"""

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, get_language_bidi, pgettext
from django.utils.translation import gettext as _

from audit import clock
from audit.denials import hand_over
from audit.log import Ref, record
from audit.verbs import Outcome, Verb
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from casemgmt.crypto.errors import ContentErased, DecryptionRefused
from casemgmt.crypto.uploads import SealedSpool, is_full_disk
from cases import access, handing_out
from cases.errors.files import DocumentIsQuarantined, DocumentIsWithdrawn, FileCannotBeRead, FileIsErased
from cases.htcds.export import BYTE_ORDER_MARK, safe
from cases.models import Document, Matter, Note
from cases.note_words import rows_beneath, whole_text
from cases.opening import held, open_matter
from cases.people import shown_name
from services.choices import DeadlineKind, HearingType, MatterOutcome, MatterStage, MatterType
from services.errors import NoRoomForArchive
from services.models import Deadline, Filing, Hearing, LegalMatter

#: What the ledger calls this kind of export.
FORMAT = "OWN_FILE"
_PIECE = 64 * 1024
_RULE = "-" * 60
NOTES, DATES, FILINGS, INDEX = "notes.txt", "dates.csv", "filings.csv", "index.html"
#: A name of a file must do on every system: no path, no control sign, nothing that turns the direction of a name around.
_ODD = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]+')
_LONGEST_STEM = 80
#: What keeps a paper here, each with a sentence of its own.
_NOT_HANDED_OUT = (DocumentIsQuarantined, DocumentIsWithdrawn, FileCannotBeRead, FileIsErased)


@dataclass
class Archive:
    """A finished archive: its size, the checksum of its bytes, and the bytes once."""

    size: int
    sha256: str
    pieces: Iterator[bytes]


@dataclass
class Entry:
    """One thing of the file, as the page inside tells of it.

    ``inside``: its name in the archive, empty where it is not there; ``why`` then says why not.
    """

    title: str
    when: str
    who: str = ""
    inside: str = ""
    why: str = ""
    size: int | None = None


@dataclass
class Contents:
    """What was put into an archive, and what could not be."""

    notes: list[Entry] = field(default_factory=list)
    dates: list[Entry] = field(default_factory=list)
    filings: list[Entry] = field(default_factory=list)
    papers: list[Entry] = field(default_factory=list)
    documents: list[Ref] = field(default_factory=list)

    @property
    def missing(self) -> list[Entry]:
        """What could not be taken along."""
        return [one for one in (*self.notes, *self.dates, *self.filings, *self.papers) if not one.inside]

    @property
    def count(self) -> int:
        """How many notes, dates, filings and papers are in it."""
        return len(self.notes) + len(self.dates) + len(self.filings) + len(self.papers) - len(self.missing)


def file_name(today: date) -> str:
    """A name that tells nothing but the day."""
    return f"file-{today.isoformat()}.zip"


def take_along(actor: User, matter: Matter) -> Archive:
    """Put together what the reader holds of a matter that came from the door: notes, dates, filings and papers.

    What cannot be opened stops nothing: the page inside names it, with the reason. Changes nothing, so it is no action.
    Raises NoRoomForArchive. Records MATTER_VIEWED with what was read, DOCUMENT_DOWNLOADED for each paper,
    DECRYPTION_REFUSED for what was changed behind Haven's back, and EXPORT_MADE with the checksum of the whole.
    """
    event: dict[str, Any] = {"actor": actor, "subject": matter, "sections": [Section.LEGAL_FILE]}
    is_done = False
    try:
        sink = _Sink()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
            found = _Taking(actor, matter, archive).take_everything()
        made = sink.finished()
        basis = held(matter.case).basis_of_matter(matter.uid)
        record(
            Verb.EXPORT_MADE, refs=found.documents, basis=basis.snapshot() if basis else {}, **event,
            detail={
                "format": FORMAT, "count": found.count, "left_out": len(found.missing), "sha256": made.sha256,
                "bytes": made.size,
            },
        )  # fmt: skip
        is_done = True
    except OSError as error:
        if is_full_disk(error):
            raise NoRoomForArchive from None
        raise
    finally:
        if not is_done:
            hand_over(Verb.EXPORT_MADE, outcome=Outcome.ROLLED_BACK, detail={"format": FORMAT}, **event)
    return made


class _Sink:
    """What an archive is written to: sealed as it comes, and never gone back in (so ``zipfile`` does not try)."""

    def __init__(self) -> None:
        self.spool = SealedSpool()
        self.digest = hashlib.sha256()

    def write(self, piece: bytes) -> int:
        self.digest.update(piece)
        self.spool.write(piece)
        return len(piece)

    def flush(self) -> None:
        """Nothing waits."""

    def finished(self) -> Archive:
        reader = self.spool.reader()
        return Archive(self.spool.size, self.digest.hexdigest(), iter(lambda: reader.read(_PIECE), b""))


class _Taking:
    """One archive while it is written."""

    def __init__(self, actor: User, matter: Matter, archive: zipfile.ZipFile) -> None:
        self.actor, self.matter, self.case, self.archive = actor, matter, matter.case, archive
        self.now, self.found = clock.now(), Contents()

    def take_everything(self) -> Contents:
        """Texts first, then papers, then the page that lists them."""
        with open_matter(self.actor, self.matter):
            about = self._about()
            self._take_notes()
            self._take_dates()
            self._take_filings()
        self._take_papers()
        told = {
            **about, "found": self.found, "names": {"notes": NOTES, "dates": DATES, "filings": FILINGS},
            "made_for": self.actor.name, "made_at": self._moment(self.now), "house": self.case.organisation.name,
            "language": get_language(), "direction": "rtl" if get_language_bidi() else "ltr",
        }  # fmt: skip
        self._put(INDEX, render_to_string("services/own_file_index.html", told))
        return self.found

    # ---- Words and dates ----

    def _about(self) -> dict[str, Any]:
        """Title, kind, stage and court of the matter, as far as they can be read."""
        legal = access.records(LegalMatter, self.case).filter(matter=self.matter).first()
        facts: list[Any] = []
        if legal is not None:
            facts = [
                self._read(legal, lambda: MatterType(legal.matter_type).label),
                self._read(legal, lambda: MatterStage(legal.stage).label),
                self._read(legal, lambda: MatterOutcome(legal.outcome).label),
                self._read(legal, lambda: legal.jurisdiction),
            ]
        title = self._read(self.matter, lambda: self.matter.title)
        return {"title": title or _("A legal matter"), "facts": [words for words in facts if words]}

    def _take_notes(self) -> None:
        rows = access.records(Note, self.case).filter(matter=self.matter).select_related("author")
        notes, parts = list(rows.order_by("happened_at", "pk")), []
        beneath = rows_beneath(self.case, notes)
        for note in notes:
            body = self._read(note, lambda note=note: whole_text(self.actor, self.case, note, beneath.get(note.pk, ())))  # type: ignore[misc]
            entry = self._entry(str(note.get_privilege_class_display()), self._moment(note.happened_at), body, NOTES)
            entry.who = self._name(note.author)
            self.found.notes.append(entry)
            text = entry.why if body is None else body
            parts.append(f"{entry.when} · {entry.who} · {entry.title}\n\n{text}\n")
        if parts:
            self._put(NOTES, f"\n{_RULE}\n\n".join(parts))

    def _take_dates(self) -> None:
        lines = []
        rows = access.records(Deadline, self.case).filter(matter=self.matter)
        for one in rows.order_by("due_on", "pk"):
            words = self._read(one, lambda one=one: (one.title, one.authority))  # type: ignore[misc]
            title, authority = words or ("", "")
            kind, state = (
                str(DeadlineKind(one.kind).label),
                _("Met") if one.met_at else pgettext("not done yet", "Open"),
            )
            self.found.dates.append(self._entry(title or kind, _day(one.due_on), words, DATES))
            lines.append([_("Deadline"), one.due_on.isoformat(), "", kind, title, authority, state])
        for meeting in access.records(Hearing, self.case).filter(matter=self.matter).order_by("starts_at", "pk"):
            words = self._read(meeting, lambda row=meeting: (row.facts["type"], row.place, row.outcome or ""))  # type: ignore[misc]
            code, place, outcome = words or ("", "", "")
            # On the court's clock: that is when she had to be there.
            there = meeting.starts_at.astimezone(ZoneInfo(meeting.time_zone))
            kind = str(HearingType(code).label) if code else _("Hearing")
            self.found.dates.append(self._entry(kind, _day(there.date()), words, DATES))
            lines.append([_("Hearing"), f"{there:%Y-%m-%d %H:%M}", meeting.time_zone, kind, "", place, outcome])
        head = [
            _("What"),
            _("Date"),
            _("Time zone"),
            _("Kind"),
            _("Title"),
            _("Authority or place"),
            _("How it stands"),
        ]
        self._put_table(DATES, head, lines)

    def _take_filings(self) -> None:
        lines = []
        rows = access.records(Filing, self.case).filter(matter=self.matter).select_related("filed_by")
        for one in rows.order_by("filed_on", "pk"):
            words = self._read(one, lambda one=one: (one.title, one.receipt))  # type: ignore[misc]
            title, receipt = words or ("", "")
            entry = self._entry(title or _("A filing"), _day(one.filed_on), words, FILINGS)
            entry.who = self._name(one.filed_by)
            self.found.filings.append(entry)
            lines.append([one.filed_on.isoformat(), title, receipt, entry.who])
        self._put_table(FILINGS, [_("Filed on"), _("Title"), _("Receipt number"), _("Filed by")], lines)

    def _read(self, row: Any, read: Callable[[], Any]) -> Any:
        """What stands in a record; None where it was changed behind Haven's back, which is recorded, or erased."""
        try:
            return read()
        except ContentErased:
            return None
        except DecryptionRefused as error:
            record(
                Verb.DECRYPTION_REFUSED, actor=self.actor, subject=row, sections=[Section.LEGAL_FILE],
                outcome=Outcome.FAILED, detail={"fid": error.fid},
            )  # fmt: skip
            return None

    def _entry(self, title: str, when: str, words: Any, inside: str) -> Entry:
        if words is None:
            return Entry(title, when, why=_("It cannot be read: it was changed, damaged or erased."))
        return Entry(title, when, inside=inside)

    # ---- Papers ----

    def _take_papers(self) -> None:
        """Each paper that the reader may know of, as she would download it: checked to its end, recorded, then written."""
        rows = access.records(Document, self.case).filter(
            handing_out.known_to(self.actor, self.case), matter=self.matter
        )
        for number, document in enumerate(rows.select_related("uploaded_by").order_by("uploaded_at", "pk"), start=1):
            entry = Entry(_("A paper"), self._moment(document.uploaded_at), self._name(document.uploaded_by))
            self.found.papers.append(entry)
            try:
                paper = handing_out.stream(self.actor, self.case, document.uid)
            except _NOT_HANDED_OUT as error:
                entry.why = str(error)
                continue
            entry.title, entry.size = paper.name, paper.size
            entry.inside = f"papers/{number:03d} {plain_name(paper.name)}"
            self._put_paper(entry.inside, paper)
            self.found.documents.append(Ref("document", document.uid, self.case.uid))

    def _put_paper(self, name: str, paper: handing_out.Download) -> None:
        """Write it piece by piece, as it is: what people keep is compressed already."""
        info = self._info(name)
        info.compress_type, info.file_size = zipfile.ZIP_STORED, paper.size
        with self.archive.open(info, "w") as entry:
            for piece in paper.pieces:
                entry.write(piece)

    # ---- Into the archive ----

    def _put(self, name: str, text: str) -> None:
        self.archive.writestr(self._info(name), text.encode())

    def _put_table(self, name: str, head: list[str], lines: list[list[str]]) -> None:
        """A table for a spreadsheet, UTF-8; no cell begins a formula. Nothing where there is no line."""
        if not lines:
            return
        out = io.StringIO()
        csv.writer(out).writerows([safe(cell) for cell in line] for line in [head, *lines])
        self._put(name, BYTE_ORDER_MARK + out.getvalue())

    def _info(self, name: str) -> zipfile.ZipInfo:
        """An entry that is dated today on the reader's clock, for its owner alone to read."""
        info = zipfile.ZipInfo(name, timezone.localtime(self.now, self.actor.zone).timetuple()[:6])
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
        return info

    def _name(self, person: User | None) -> str:
        return shown_name(self.actor, self.case, person)

    def _moment(self, moment: datetime) -> str:
        there = timezone.localtime(moment, self.actor.zone)
        return f"{_day(there.date())}, {there:%H:%M}"


def plain_name(name: str) -> str:
    """A file's name that every system takes, and that leads nowhere else."""
    stem, dot, ending = _ODD.sub("_", name).strip(" .").rpartition(".")
    if not stem:
        stem, dot, ending = ending, "", ""
    return f"{stem[:_LONGEST_STEM].strip(' .') or '_'}{dot}{ending[:10].rstrip(' .')}"


def _day(day: date) -> str:
    return date_format(day, pgettext("how a day is written; Django's letters", "j F Y"))
