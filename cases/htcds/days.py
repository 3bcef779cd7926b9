"""Days as people write them in sheets. What could be two different days is not guessed."""

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale
from django.conf import settings

from cases.htcds.cells import DATE, NUMBER, Cell
from cases.htcds.places import folded

#: Excel counts days from here (its year 1900 has a 29 February that never was).
_EXCEL_DAY_ZERO = dt.date(1899, 12, 30)

_YEAR_FIRST = re.compile(r"(\d{4})[-/.\s](\d{1,2})[-/.\s](\d{1,2})(?:[T\s].*)?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.\s](\d{1,2})[-/.\s](\d{4})(?:[T\s].*)?")
_SHORT_YEAR = re.compile(r"\d{1,2}[-/.\s]\d{1,2}[-/.\s]\d{2}")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_PARTIAL = re.compile(r"(\d{4})(?:[-/.](\d{1,2}))?")
_WORDS = re.compile(r"[^\W_]+", re.UNICODE)


@dataclass(frozen=True)
class Day:
    """What a cell means: a ``day``; or a ``problem`` (a code of ``findings``) with both readings where there are two.

    ``partial`` is a year or a year and month, where no more was written. ``note`` is a code: how it was understood.
    """

    day: dt.date | None = None
    problem: str = ""
    partial: str = ""
    note: str = ""
    readings: tuple[str, ...] = ()


def read_day(cell: Cell) -> Day:
    """The day that a cell means."""
    if cell.kind == DATE:
        return Day(dt.date.fromisoformat(cell.text))
    text = cell.text.strip()
    if cell.kind == NUMBER or text.isdigit():
        return _of_number(text)
    if match := _YEAR_FIRST.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _YEAR_LAST.fullmatch(text):
        return _of_two_orders(int(match[1]), int(match[2]), int(match[3]))
    if _SHORT_YEAR.fullmatch(text):
        return Day(problem="DAY_SHORT_YEAR")
    if match := _PARTIAL.fullmatch(text):
        return _partial(int(match[1]), int(match[2] or 0))
    return _of_words(text)


def _day(year: int, month: int, day: int) -> Day:
    try:
        return Day(dt.date(year, month, day))
    except ValueError:
        return Day(problem="DAY_NOT_IN_CALENDAR")


def _of_two_orders(first: int, second: int, year: int) -> Day:
    """05/07/1990 is two days; 25/07/1990 and 07/25/1990 and 05/05/1990 are one."""
    if first == second or first > 12:
        return _day(year, second, first)
    if second > 12:
        return _day(year, first, second)
    readings = (dt.date(year, second, first).isoformat(), dt.date(year, first, second).isoformat())
    return Day(problem="DAY_TWO_READINGS", readings=readings)


def _partial(year: int, month: int = 0) -> Day:
    if not 1900 <= year <= 2100 or month > 12:
        return Day(problem="DAY_UNREADABLE")
    return Day(partial=f"{year}-{month:02}" if month else str(year))


def _of_number(text: str) -> Day:
    """A year, eight digits without signs between, or Excel's own count of days in a cell that lost its format."""
    if match := _COMPACT.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    number = int(float(text)) if text.replace(".", "", 1).isdigit() else -1
    if 1900 <= number <= 2100:
        return _partial(number)
    if 3_000 <= number <= 80_000:
        return Day(_EXCEL_DAY_ZERO + dt.timedelta(days=number), note="DAY_FROM_NUMBER")
    return Day(problem="DAY_UNREADABLE")


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    """Folded names and abbreviations of months in Haven's languages."""
    names: dict[str, int] = {}
    for language in dict(settings.LANGUAGES):
        months = Locale.parse(language).months
        for form in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[form][width].items():
                    names.setdefault(folded(name), number)
    names["sept"] = 9
    return names


def _of_words(text: str) -> Day:
    """``7 May 1990``, ``May 7, 1990``, ``7 de mayo de 1990``, ``May 1990``."""
    months: list[int] = []
    numbers: list[str] = []
    for word in _WORDS.findall(text):
        plain = re.sub(r"(?<=\d)(st|nd|rd|th|er|º)$", "", word.casefold())
        if plain.isdigit():
            numbers.append(plain)
        elif month := _months().get(folded(word)):
            months.append(month)
        elif folded(word) not in ("de", "del", "of", "the", "le", "el"):
            return Day(problem="DAY_UNREADABLE")
    years = [number for number in numbers if len(number) == 4]
    days = [number for number in numbers if len(number) <= 2]
    if len(months) != 1 or len(years) != 1 or len(numbers) > 2:
        return Day(problem="DAY_SHORT_YEAR" if len(months) == 1 and len(days) == 2 else "DAY_UNREADABLE")
    return _day(int(years[0]), months[0], int(days[0])) if days else _partial(int(years[0]), months[0])
