"""Two files side by side: what they say of who she is, field by field, for somebody who may open both.

Only what tells one person from another is compared: card, names and birth, how she is reached, papers. What happened to
her, where she sleeps and her health say nothing of that, and stay shut (domain.md §7: the least that serves).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.models import User
from cases import access, spelling
from cases.answers import (
    CALLED,
    FORCED_NAME,
    MASKED,
    NUMBERS,
    PASSPORT_FACTS,
    PROTECTION,
    is_answered,
    label_of,
    masked,
)
from cases.answers import words_of as answer_words
from cases.htcds import places
from cases.models import Case, ContactInstruction, PossibleMatch, Survivor
from cases.opening import held, open_case

#: The sections that are compared, in the order of the page, with the heading of each.
PARTS: tuple[tuple[Section, Any], ...] = (
    (Section.CARD, _("Card")),
    (Section.IDENTITY, _("Who she is")),
    (Section.STATUS, _("Status and papers")),
)
_BIRTH = _("Date of birth")
_CONTACT = _("Safe contact")


class Alike(TextChoices):
    """How two files stand to each other in one field."""

    SAME = "SAME", _("Alike")
    OTHER = "OTHER", _("Different")
    ONE = "ONE", _("Only here")
    SHUT = "SHUT", _("Not yours to see")


#: One field of one file: name → (label, what is compared, what is shown).
_Said = dict[str, tuple[Any, str, str]]


@dataclass(frozen=True)
class Line:
    """One field of both files. ``shown`` are two texts, empty where a file says nothing."""

    label: Any
    shown: Sequence[str]
    alike: Alike


@dataclass(frozen=True)
class Part:
    """One section of both files. ``is_shut``: the reader lacks it on one of them, so nothing of either is read."""

    heading: Any
    is_shut: bool
    lines: Sequence[Line]

    @property
    def tally(self) -> tuple[int, int]:
        """How many fields are alike, and how many differ."""
        found = [line.alike for line in self.lines]
        return found.count(Alike.SAME), found.count(Alike.OTHER)


def both_open(reader: User, match: PossibleMatch) -> list[Case]:
    """The file that was there and the new one, if the reader may open both; else Hidden, whatever the reason."""
    try:
        pair = [access.get_for(reader, case.uid, READ_CARD) for case in (match.other, match.case)]
    except Refused:
        raise Hidden from None
    if any(case.is_erased for case in pair):
        raise Hidden
    return pair


def compare(reader: User, pair: Sequence[Case]) -> list[Part]:
    """Both files, section by section. Records CASE_VIEWED for each, with the fields that were read."""
    shared = [section for section, _heading in PARTS if all(held(case).reads(section) for case in pair)]
    said: list[dict[Section, _Said]] = []
    for case in pair:
        with open_case(reader, case):
            said.append({section: dict(_read(case, section)) for section in shared})
    parts = []
    for section, heading in PARTS:
        if section not in shared:
            parts.append(Part(heading, True, []))
            continue
        one, other = (file[section] for file in said)
        names = [*one, *(name for name in other if name not in one)]
        parts.append(Part(heading, False, [_line(one.get(name), other.get(name)) for name in names]))
    return parts


def _line(one: tuple[Any, str, str] | None, other: tuple[Any, str, str] | None) -> Line:
    label = (one or other or ("",))[0]
    shown = [one[2] if one else "", other[2] if other else ""]
    if one is None or other is None:
        return Line(label, shown, Alike.ONE)
    return Line(label, shown, Alike.SAME if one[1] == other[1] else Alike.OTHER)


def _read(case: Case, section: Section) -> Iterator[tuple[str, tuple[Any, str, str]]]:
    """What one file says in one section; what nobody was asked, or did not answer, is not said. Inside its opening."""
    if section == Section.CARD:
        if case.language:
            yield "language", (_("Language"), case.language, places.language_name(case.language))
        return
    row = access.records(Survivor, case).first()
    if row is None:
        return
    if section == Section.STATUS:
        yield from _answers(row.protection or {}, (PROTECTION, *NUMBERS, *PASSPORT_FACTS))
        return
    names = (("first_name", _("First name")), ("second_name", _("Family name")), ("other_names", _("Other names")))
    for name, label in names:
        if text := getattr(row, name):
            yield name, (label, " ".join(spelling.words_in_order(text)), text)
    yield from _answers(row.called or {}, [name for name in CALLED if name != FORCED_NAME])
    if row.birth_date:
        yield "birth_date", (_BIRTH, row.birth_date.isoformat(), date_format(row.birth_date))
    yield from _answers(row.about or {}, row.about or ())
    instruction = access.records(ContactInstruction, case).filter(ended_at__isnull=True).order_by("-pk").first()
    if instruction is not None and instruction.value:
        value = instruction.value
        yield "contact", (_CONTACT, spelling.digits(value) or value.strip().casefold(), value)


def _answers(answers: dict[str, Any], names: Any) -> Iterator[tuple[str, tuple[Any, str, str]]]:
    for name in names:
        value = answers.get(name)
        if not is_answered(value):
            continue
        words = answer_words(name, value)
        # A number that finds her in an authority's files is compared whole and shown masked (domain.md R15).
        yield name, (label_of(name), str(value).strip().casefold(), masked(str(value)) if name in MASKED else words)
