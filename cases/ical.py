"""An iCalendar file (RFC 5545) of events that tell nothing but when.

Three properties of one component are all that is needed, and each of them is ours to the last byte; so it is written here
and not by a library. Tests read it back with ``icalendar``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

#: A line has at most 75 octets without its end (RFC 5545, 3.1).
LINE = 75


@dataclass(frozen=True)
class Entry:
    """One event: a name that stays while it stays where it is, when (a moment, or a whole day), and its few words."""

    uid: str
    when: datetime | date
    words: str


def calendar(entries: Iterable[Entry], *, name: str, at: datetime) -> bytes:
    """The file: CRLF, folded, moments in UTC, days as days. ``at`` is when it was made (UTC)."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Haven//Calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}",
    ]
    for entry in entries:
        lines += _event(entry, at)
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


def _event(entry: Entry, at: datetime) -> list[str]:
    is_moment = isinstance(entry.when, datetime)
    starts = f"DTSTART:{_moment(entry.when)}" if is_moment else f"DTSTART;VALUE=DATE:{entry.when:%Y%m%d}"  # type: ignore[arg-type]
    return [
        "BEGIN:VEVENT",
        f"UID:{entry.uid}",
        f"DTSTAMP:{_moment(at)}",
        starts,
        f"SUMMARY:{_escaped(entry.words)}",
        # Other people who share this calendar see "busy" for an hour of hers, and nothing for a day on which something is due.
        "CLASS:PRIVATE",
        f"TRANSP:{'OPAQUE' if is_moment else 'TRANSPARENT'}",
        "END:VEVENT",
    ]


def _moment(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """A TEXT value (3.3.11)."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r\n", "\\n").replace("\n", "\\n")


def _folded(line: str) -> Iterator[bytes]:
    """The line in parts of at most 75 octets, the later ones begun by a blank; never inside a character (3.1)."""
    part = b""
    for char in line:
        octets = char.encode()
        if len(part) + len(octets) > LINE:
            yield part
            part = b" "
        part += octets
    yield part
