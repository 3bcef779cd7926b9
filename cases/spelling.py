"""How names, numbers and dates are compared: so that a typed word finds what was written in another way or script."""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from anyascii import anyascii

_VOWELS = re.compile(r"[aeiouy'`]")
_TWICE = re.compile(r"(.)\1+")
_DAY = re.compile(r"\b(\d{4})[-./](\d{1,2})[-./](\d{1,2})\b|\b(\d{1,2})[-./](\d{1,2})[-./](\d{4})\b")
#: Shorter runs of digits are a house number or a year, not a telephone.
PHONE_DIGITS = 6
#: What must agree at the end of two telephone numbers: without country code and leading zeros.
PHONE_TAIL = 9
#: Consonants of a shorter word say too little.
SKELETON_SIGNS = 3


@lru_cache(maxsize=4096)
def plain(word: str) -> str:
    """A word in small Latin letters without marks: NFKC, case folded, marks taken off, transliterated."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
    bare = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return "".join(sign for sign in anyascii(bare).casefold() if sign.isalnum())


def name_words(text: str) -> list[str]:
    """The words of a name, plain and sorted: the order in which they are written says nothing."""
    return sorted(filter(None, (plain(word) for word in re.split(r"[\s\-,;/]+", text))))


@lru_cache(maxsize=4096)
def skeleton(word: str) -> str:
    """The consonants of a plain word, doubled ones once: Arabic script leaves most vowels out."""
    return _TWICE.sub(r"\1", _VOWELS.sub("", word))


def is_like(typed: str, kept: str) -> bool:
    """Whether a plain word that was typed stands for one that is kept: its beginning, or the same consonants."""
    if kept.startswith(typed):
        return True
    bones = skeleton(typed)
    return len(bones) >= SKELETON_SIGNS and bones == skeleton(kept)


def names_match(typed: list[str], kept: list[str]) -> bool:
    """Whether every typed word stands for a word of the name, each for another one."""
    left = list(kept)
    for word in sorted(typed, key=len, reverse=True):
        found = next((one for one in left if is_like(word, one)), None)
        if found is None:
            return False
        left.remove(found)
    return bool(typed)


def digits(text: str) -> str:
    """The digits of a text, in whatever script they were typed."""
    return "".join(str(unicodedata.digit(sign)) for sign in text if unicodedata.digit(sign, None) is not None)


def phones_match(typed: str, kept: str) -> bool:
    """Whether two runs of digits are the same telephone, with or without country code."""
    if len(typed) < PHONE_DIGITS or len(kept) < PHONE_DIGITS:
        return False
    length = min(PHONE_TAIL, len(typed), len(kept))
    return typed[-length:] == kept[-length:]


def days_in(text: str) -> set[date]:
    """The days a text may mean: year-month-day, and day and month in both orders."""
    latin = "".join(str(unicodedata.digit(sign, sign)) for sign in text)
    found = set()
    for match in _DAY.finditer(latin):
        year, month, day = match.group(1, 2, 3) if match.group(1) else (match.group(6), match.group(5), match.group(4))
        readings = [(year, month, day)] if match.group(1) else [(year, month, day), (year, day, month)]
        for reading in readings:
            try:
                found.add(date(*(int(part) for part in reading)))
            except ValueError:
                continue
    return found


def case_number(text: str) -> str:
    """A case number as it is compared: capitals and digits only."""
    return "".join(sign for sign in text.upper() if sign.isascii() and sign.isalnum())
