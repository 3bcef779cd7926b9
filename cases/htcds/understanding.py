"""From the cells of one row to values of fields, with everything worth saying about how that went.

A row is rejected only for a value that is unreadable, impossible or unknown. What is missing is not wrong.
"""

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cases.htcds import codes
from cases.htcds.cells import BROKEN, DATE, FORMULA, Cell
from cases.htcds.columns import DAY_FIRST, MAILING, Columns
from cases.htcds.days import Day, read_day
from cases.htcds.fields import FIELDS, Field, FieldType
from cases.htcds.findings import BAD, Finding, bad, note
from cases.htcds.places import country_codes_by_spelling, folded
from cases.htcds.wording import CHECKBOX_WORDS, codes_by_spelling

TEXT_LIMIT, LONG_TEXT_LIMIT = 200, 30_000
_OLDEST = 120
_LIMITS = {"vic_AgeWhenTrafficked": 120, "prs_NumberOfChildren": 40}
#: Words in the longest answer of any list.
_LONGEST_ANSWER = 20
_ATOM = re.compile(r"[^;,|/\n\t ]+")
_PHONE = re.compile(r"\+?[1-9]\d{5,14}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

_LABOUR = {"ForcedLabour", "ChildLabour", "Servitude", "ForcedBegging"}
Cells = Mapping[str, Cell]


@dataclass
class Understood:
    """``values`` by field name: text, ISO days, codes, lists of codes, yes or no, numbers. ``findings`` in order."""

    values: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing but the number of the row stood there."""
        return not self.values and not self.findings

    @property
    def is_bad(self) -> bool:
        """Whether somebody must correct it before it can be taken."""
        return any(finding["level"] == BAD for finding in self.findings)

    def canonical(self) -> str:
        """The same text for the same row, however it was written: what its fingerprint is made from."""
        return json.dumps(self.values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def understand(cells: Cells, columns: Columns, *, today: dt.date) -> Understood:
    """What one row means. ``cells`` by column letter; ``today`` is the reader's local day."""
    found = Understood()
    layout, certainty = mailing_layout(cells, columns)
    for column in columns.known:
        cell = cells.get(column.letter)
        if cell is None:
            continue
        name = column.label_name if column.label_name and layout == "labels" else column.name
        if column.label_name and certainty:
            found.findings.append(note(certainty, column.letter, name))
            certainty = ""  # once a row is enough
        _read_cell(found, cell, column.letter, FIELDS[name], today, columns)
    _look_across(found, columns)
    return found


def _read_cell(found: Understood, cell: Cell, letter: str, about: Field, today: dt.date, columns: Columns) -> None:
    """Put the value of one cell into ``found``, or say why not."""
    if cell.kind == FORMULA:
        found.findings.append(bad("FORMULA", letter, about.name))
        return
    if cell.kind == BROKEN:
        found.findings.append(bad("BROKEN_CELL", letter, about.name, said=cell.text))
        return
    text = unicodedata.normalize("NFC", cell.text.replace("\r\n", "\n").replace("\r", "\n"))
    for place, char in enumerate(text, start=1):
        if char not in "\n\t" and unicodedata.category(char) in ("Cc", "Cs"):
            found.findings.append(bad("CONTROL_CHARACTER", letter, about.name, place=place))
            return
    cell = Cell(text, cell.kind)
    if about.type == FieldType.DATE:
        _read_date(found, cell, letter, about, today, columns.orders.get(about.name, ""))
    elif about.is_coded:
        _read_codes(found, text, letter, about, columns.answers.get(about.name, {}))
    elif about.type == FieldType.CHECKBOX:
        _read_checkbox(found, text, letter, about, columns.answers.get(about.name, {}))
    elif about.type == FieldType.NUMBER:
        _read_number(found, text, letter, about)
    else:
        _read_text(found, text, letter, about)


def _read_text(found: Understood, text: str, letter: str, about: Field) -> None:
    limit = LONG_TEXT_LIMIT if about.type == FieldType.LONG_TEXT else TEXT_LIMIT
    if len(text) > limit:
        found.findings.append(bad("TOO_LONG", letter, about.name, limit=limit))
        return
    if about.type != FieldType.LONG_TEXT:
        text = " ".join(text.split())
    if about.type == FieldType.PHONE and not _PHONE.fullmatch(re.sub(r"[\s().\-/]", "", text)):
        found.findings.append(note("PHONE_ODD", letter, about.name))
    if about.type == FieldType.EMAIL and not _EMAIL.fullmatch(text):
        found.findings.append(note("EMAIL_ODD", letter, about.name))
    if about.name == "prs_Title":
        found.findings.append(note("TITLE_IS_A_POSITION", letter, about.name))
    found.values[about.name] = text


def _read_date(found: Understood, cell: Cell, letter: str, about: Field, today: dt.date, order: str) -> None:
    read = read_day(cell)
    if order and read.readings:
        # A person said how this column means its days; what only one reading gives is not touched.
        read = Day(dt.date.fromisoformat(read.readings[0 if order == DAY_FIRST else 1]))
    said = cell.text[:60]
    if read.problem:
        readings = dict(zip(("first", "second"), read.readings, strict=False))
        found.findings.append(bad(read.problem, letter, about.name, said=said, **readings))
        return
    if read.partial:
        found.values[about.name] = read.partial
        found.findings.append(note("DAY_PARTIAL", letter, about.name, said=read.partial))
        if read.partial > today.isoformat()[: len(read.partial)]:
            found.findings.append(bad("DAY_UNREADABLE", letter, about.name, said=said))
        return
    assert read.day is not None  # a day without a problem is a day
    day = read.day.isoformat()
    if read.day > today:
        found.findings.append(bad("DAY_IN_FUTURE", letter, about.name, day=day))
    elif read.day.year < 1900:
        found.findings.append(bad("DAY_TOO_EARLY", letter, about.name, day=day))
    elif about.name == "prs_Birthdate" and today.year - read.day.year > _OLDEST:
        found.findings.append(bad("BORN_TOO_EARLY", letter, about.name, day=day))
    else:
        found.values[about.name] = day
        if read.note:
            found.findings.append(note(read.note, letter, about.name, said=said, day=day))
        elif cell.kind != DATE and said != day:
            found.findings.append(note("DAY_UNDERSTOOD", letter, about.name, said=said, day=day))


def _read_codes(found: Understood, text: str, letter: str, about: Field, answers: Mapping[str, str]) -> None:
    chosen, unknown = match_codes(text, {**codes_by_spelling(about), **answers}, several=about.takes_several)
    if unknown:
        said = "; ".join(unknown)[:200]
        kinds = {FieldType.COUNTRY: "UNKNOWN_COUNTRY", FieldType.COUNTRIES: "UNKNOWN_COUNTRY"}
        code = kinds.get(about.type, "UNKNOWN_LANGUAGE" if about.type == FieldType.LANGUAGE else "UNKNOWN_CODE")
        found.findings.append(bad(code, letter, about.name, said=said))
        return
    # What she chose to leave empty stays empty.
    chosen = [code for code in chosen if code]
    if not chosen:
        found.findings.append(note("LEFT_EMPTY", letter, about.name, said=text[:120]))
        return
    found.values[about.name] = chosen if about.takes_several else chosen[0]
    written = folded(text)
    names = {folded(code) for code in chosen} | {folded(about.label_of(code)) for code in chosen}
    if len(chosen) == 1 and written not in names:
        found.findings.append(note("CODE_UNDERSTOOD", letter, about.name, said=text[:120], means=chosen))
    if about.name == "vic_Vulnerabilities":
        found.findings.append(note("DEPRECATED", letter, about.name))


def match_codes(text: str, known: Mapping[str, str], *, several: bool) -> tuple[list[str], list[str]]:
    """The codes that a cell names, and the words that name none.

    HTCDS does not say how several answers are divided, and its labels hold commas, semicolons and spaces themselves.
    So the text is cut at every possible divider, and from the left the longest run that is a known answer counts.
    """
    whole = known.get(folded(text))
    if whole is not None:
        return [whole], []
    if not several:
        return [], [text]
    spans = [(match.start(), match.end()) for match in _ATOM.finditer(text)]
    chosen: list[str] = []
    unknown: list[list[str]] = []
    index, was_unknown = 0, False
    while index < len(spans):
        sizes = range(min(len(spans) - index, _LONGEST_ANSWER), 0, -1)
        length = next((size for size in sizes if _run(text, spans, index, size) in known), 0)
        if length:
            code = known[_run(text, spans, index, length)]
            if code not in chosen:
                chosen.append(code)
        elif folded(text[slice(*spans[index])]):
            word = text[slice(*spans[index])]
            # Words between two real dividers belong together when they are shown.
            if was_unknown and text[spans[index - 1][1] : spans[index][0]].strip(" ") == "":
                unknown[-1].append(word)
            else:
                unknown.append([word])
        was_unknown = not length
        index += length or 1
    if not chosen and not unknown:
        return [], [text]
    return chosen, [" ".join(words) for words in unknown]


def _run(text: str, spans: list[tuple[int, int]], start: int, size: int) -> str:
    return folded(text[spans[start][0] : spans[start + size - 1][1]])


def _read_checkbox(found: Understood, text: str, letter: str, about: Field, answers: Mapping[str, str]) -> None:
    chosen = answers.get(folded(text))
    if chosen == "":
        found.findings.append(note("LEFT_EMPTY", letter, about.name, said=text[:60]))
        return
    answer = CHECKBOX_WORDS.get(folded(text if chosen is None else chosen))
    if answer is None:
        found.findings.append(bad("NOT_YES_OR_NO", letter, about.name, said=text[:60]))
        return
    found.values[about.name] = answer
    if about.name == "con_Consent":
        found.findings.append(note("CONSENT_AS_REPORTED" if answer else "CONSENT_REFUSED", letter, about.name))
    if about.name == "vic_AgreementToManagePersonalData":
        found.findings.append(note("DEPRECATED", letter, about.name))


def _read_number(found: Understood, text: str, letter: str, about: Field) -> None:
    limit = _LIMITS[about.name]
    if not re.fullmatch(r"-?\d{1,6}", text):
        found.findings.append(bad("NOT_A_NUMBER", letter, about.name, said=text[:60]))
    elif not 0 <= int(text) <= limit:
        found.findings.append(bad("NUMBER_IMPOSSIBLE", letter, about.name, said=text, limit=limit))
    else:
        found.values[about.name] = int(text)


def _look_across(found: Understood, columns: Columns) -> None:
    """What only two answers together tell: impossible orders are wrong, unusual ones are said (domain.md R6)."""
    values = found.values
    birth, referred = values.get("prs_Birthdate", ""), values.get("cas_IncomingReferralDate", "")
    if len(birth) == 10 and referred and referred < birth:
        for name in ("prs_Birthdate", "cas_IncomingReferralDate"):
            found.findings.append(bad("REFERRED_BEFORE_BIRTH", columns.letter_of(name), name))
    types = set(values.get("vic_TypeOfExploitation", []))
    for name, needed in (
        ("vic_ForcedLabourIndustry", _LABOUR),
        ("vic_TypeOfSexExploitation", {codes.TypeOfExploitation.SEXUAL_EXPLOITATION.value}),
    ):
        if values.get(name) and types and not types & needed:
            found.findings.append(note("EXPLOITATION_MISSING", columns.letter_of(name), name))


# ---- The official sheet's five address columns ----


def _fit(cells: Mapping[str, str]) -> int:
    """How well five texts fit as city, country, state, street and postal code."""
    score = 0
    country, postal = cells.get("prs_MailingCountry", ""), cells.get("prs_MailingPostalCode", "")
    if country:
        score += 3 if folded(country) in country_codes_by_spelling() else -3
    if postal:
        score += 1 if any(char.isdigit() for char in postal) and len(postal) <= 12 else -1
    if street := cells.get("prs_MailingStreet", ""):
        score += 1 if any(char.isdigit() for char in street) and " " in street else 0
    if city := cells.get("prs_MailingCity", ""):
        score -= 1 if any(char.isdigit() for char in city) else 0
    return score


def mailing_votes(cells: Cells, columns: Columns) -> int:
    """Which header row the address of one row speaks for: above 0 the codes, below 0 the labels, 0 neither."""
    if not columns.has_two_mailing_layouts:
        return 0
    by_code, by_label = {}, {}
    for column in columns.known:
        if column.name in MAILING and column.letter in cells and cells[column.letter].kind not in (FORMULA, BROKEN):
            by_code[column.name] = by_label[column.label_name or column.name] = cells[column.letter].text
    return _fit(by_code) - _fit(by_label)


def mailing_layout(cells: Cells, columns: Columns) -> tuple[str, str]:
    """The header row that counts for one row's address, and a note on it where it is not the sheet's own."""
    votes = mailing_votes(cells, columns)
    if votes == 0:
        return columns.mailing or "codes", "" if columns.mailing else "MAILING_UNCLEAR"
    layout = "codes" if votes > 0 else "labels"
    if layout == columns.mailing:
        return layout, ""
    return layout, "MAILING_BY_CODE" if layout == "codes" else "MAILING_BY_LABEL"
