"""Copies of the ledger that leave the house: CSV for a spreadsheet, JSONL with the proof of each event.

Streamed: a few hundred events at a time, however many there are. What left is recorded when the stream ends, with its
SHA-256; a copy that was broken off is recorded as such, with what had left until then. Cases and members of staff appear
by the ledger's own names; names of staff only where the auditor asked for them.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from .. import circumstances
from ..log import record
from ..models import Checkpoint, Event
from ..presenting import Line, lines_of
from ..reader import Reader
from ..sealing import keys, rows
from ..verbs import Outcome, Verb
from . import proofs, walking
from .walking import Chosen

BATCH = 500
CSV, JSONL = "CSV", "JSONL"
#: Excel takes UTF-8 for granted only with this mark.
BYTE_ORDER_MARK = "\ufeff"
#: What a spreadsheet takes for the beginning of a formula; the wide signs of East Asian keyboards, too.
_FORMULA = re.compile(r"^\s*[=+\-@|%＝＋－＠]|^[\t\r\n]")


def safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


@dataclass
class Copy:
    """One copy: an iterable of bytes. ``close()`` is called by the server, whether the copy went out whole or not."""

    reader: Reader
    chosen: Chosen
    form: str
    filters: list[str] = field(default_factory=list)
    with_names: bool = False

    def __post_init__(self) -> None:
        running = circumstances.require()
        # The request is over when the stream runs; what is recorded then is recorded as of this request.
        self._context = replace(running, unrecorded=[], rekeyed={}, handed_over=[])
        self._digest, self._bytes, self._count, self._is_recorded = hashlib.sha256(), 0, 0, False
        self._head = rows.head()
        self._pieces = self._csv() if self.form == CSV else self._jsonl()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        """The next piece. At the end: records LEDGER_EXPORTED."""
        try:
            piece = next(self._pieces).encode()
        except StopIteration:
            self._record("WHOLE")
            raise
        self._digest.update(piece)
        self._bytes += len(piece)
        return piece

    def close(self) -> None:
        """The stream has ended. Records LEDGER_EXPORTED as broken off, where it had not come to its end."""
        self._pieces.close()
        self._record("BROKEN_OFF")

    def _record(self, result: str) -> None:
        if self._is_recorded:
            return
        self._is_recorded = True
        detail = {
            "format": self.form, "filters": sorted(self.filters), "count": self._count, "bytes": self._bytes,
            "sha256": self._digest.hexdigest(), "result": result, "kind": "NAMES" if self.with_names else "CODES",
            "size": self._head.size if self._head else 0,
        }  # fmt: skip
        with circumstances.run_in(self._context):
            outcome = Outcome.OK if result == "WHOLE" else Outcome.FAILED
            record(Verb.LEDGER_EXPORTED, actor=self.reader.user, outcome=outcome, detail=detail)

    # ---- what is in it ----

    def _batches(self) -> Iterator[list[Event]]:
        """The events, newest first; nothing that was written after the copy began."""
        found = walking.walk(self.chosen, size=BATCH)
        while True:
            self._count += len(found.events)
            if found.events:
                yield found.events
            if found.is_end:
                return
            found = walking.walk(self.chosen, before=found.reached, size=BATCH)

    def _csv(self) -> Generator[str, None, None]:
        yield BYTE_ORDER_MARK + _row([
            _("When (UTC)"), _("Who"), _("What"), _("Case"), _("Other cases"), _("Sections"), _("Why"), _("What for"),
            _("Until"), _("How it went"), _("From where"), _("Records changed"), _("Concerns"), _("Event"),
        ])  # fmt: skip
        for events in self._batches():
            lines = lines_of(self.reader, events)
            yield "".join(_row(self._cells(event, line)) for event, line in zip(events, lines, strict=True))

    def _cells(self, event: Event, line: Line) -> list[str]:
        until = line.why.until
        return [
            event.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), self._who(line), line.what, line.case_code,
            " ".join(line.other_cases), "; ".join(line.sections), line.why.words, line.why.purpose,
            until.strftime("%Y-%m-%d") if until else "", line.outcome, line.source, str(line.changed_rows),
            "; ".join(line.about if self.with_names else line.about_codes), str(event.uid),
        ]  # fmt: skip

    def _who(self, line: Line) -> str:
        return line.who if self.with_names or not line.who_code else line.who_code

    def _jsonl(self) -> Generator[str, None, None]:
        """A line for the head, one for each event with its proof, one that says it is whole."""
        head = self._head
        prover = None if head is None else proofs.Prover(head)
        yield _line(_head_line(head))
        for events in self._batches():
            proven = {} if prover is None else prover.prove_all(events)
            lines = lines_of(self.reader, events)
            yield "".join(
                _line({
                    "kind": "event", "shown": self._shown(event, line), "opened": proofs.opened(event),
                    "proof": proven.get(event.pk),
                })
                for event, line in zip(events, lines, strict=True)
            )  # fmt: skip
        yield _line({"kind": "end", "events": self._count, "sha256": self._digest.hexdigest()})

    def _shown(self, event: Event, line: Line) -> dict[str, Any]:
        return {
            "event": str(event.uid), "at": event.at.isoformat(), "verb": event.verb, "what": line.what,
            "who": self._who(line), "case": line.case_code, "other_cases": line.other_cases, "why": line.why.words,
            "purpose": line.why.purpose, "until": line.why.until.isoformat() if line.why.until else None,
            "sections": line.sections, "outcome": event.outcome,
            "source": event.source, "records_changed": line.changed_rows,
        }  # fmt: skip


def _head_line(head: Checkpoint | None) -> dict[str, Any]:
    """Under which head everything is proven: the signed note, and the keys to check it with (hold them against your own)."""
    if head is None:
        return {"kind": "head", "size": 0, "root": "", "checkpoint": "", "keys": ""}
    return {
        "kind": "head", "size": head.size, "root": bytes(head.root).hex(), "checkpoint": head.note,
        "keys": keys.key_file(),
    }  # fmt: skip


def _row(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([safe(cell) for cell in cells])
    return out.getvalue()


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
