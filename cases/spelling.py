"""How names, numbers and dates are compared: so that a typed word finds what was written in another way or script."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from anyascii import anyascii

_TWICE = re.compile(r"(.)\1+")
_SPACES = re.compile(r"[\s\-,;/]+")
#: What stands between names and says nothing: articles, prepositions, "son of", and the Vietnamese middle words
#: that tell a man from a woman, which must be in no index.
PARTICLES = frozenset((
    "al", "el", "ul", "ad", "as", "an", "ar", "de", "del", "della", "di", "da", "do", "dos", "das", "la", "las", "los",
    "le", "y", "e", "van", "von", "der", "den", "bin", "ben", "bint", "ibn", "thi",
))  # fmt: skip
#: The first half of a name that is written as one word or as two: Abd Allah, Abdullah.
_HALVES = frozenset({"abd", "abdul", "abdel", "abdal", "abed"})
#: From spelling to sound, for names of Arabic, Cyrillic, Spanish and Vietnamese writing in Latin letters. Measured on
#: the variants of ``tests/cases/test_spelling.py`` it joins more of them than Metaphone or Double Metaphone, with one
#: code for each word, and it needs no library. In this order.
_SOUNDS = tuple(
    (re.compile(written), sound)
    for written, sound in (
        (r"^[ae]?l(?=[^aeiouyl]..)", ""),
        (r"^[gx](?=[ei])|^j(?=i)", "h"),
        (r"^x(?=[ao])", "s"),
        (r"^(?:ye|je|ie)(?=[^aeiou])", "e"),
        (r"s?h?ch|t?sch|tch|tsh|sh|cz|sz|zh|ts(?=[aeiou])", "s"),
        (r"kh", "h"),
        (r"ph", "f"),
        (r"(?<=[bdgt])h", ""),
        (r"x", "ks"),
        (r"ck|qu?|gu(?=[ei])", "k"),
        (r"c(?=[eiy])|z", "s"),
        (r"c", "k"),
        (r"v|^w", "b"),
        (r"[aeiouyjw'`]", ""),
        (r"(?<=.)h$", ""),
    )
)
_YEAR = re.compile(r"(?<!\d)(19\d\d|20\d\d)(?!\d)")
_DAY = re.compile(r"\b(\d{4})[-./](\d{1,2})[-./](\d{1,2})\b|\b(\d{1,2})[-./](\d{1,2})[-./](\d{4})\b")
#: Shorter runs of digits are a house number or a year, not a telephone.
PHONE_DIGITS = 6
#: What must agree at the end of two telephone numbers: without country code and leading zeros.
PHONE_TAIL = 9
#: The sound of a shorter word says too little by itself.
SOUND_SIGNS = 3


@lru_cache(maxsize=4096)
def plain(word: str) -> str:
    """A word in small Latin letters without marks: NFKC, case folded, marks taken off, transliterated."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
    bare = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return "".join(sign for sign in anyascii(bare).casefold() if sign.isalnum())


def words_in_order(text: str) -> list[str]:
    """The words of a name, plain, as they stand; a name written as two halves (Abd Allah) is one word."""
    words: list[str] = []
    for written in _SPACES.split(text):
        word = plain(written)
        if word and words and words[-1] in _HALVES:
            words[-1] += word
        elif word:
            words.append(word)
    return words


def name_words(text: str) -> list[str]:
    """The words of a name, plain and sorted: the order in which they are written says nothing."""
    return sorted(words_in_order(text))


@lru_cache(maxsize=4096)
def sound(word: str) -> str:
    """How a plain word sounds, by its consonants: other vowels, other scripts and usual other spellings give the same."""
    for written, said in _SOUNDS:
        word = written.sub(said, word)
    return _TWICE.sub(r"\1", word)


def bare(words: Iterable[str]) -> tuple[str, ...]:
    """Words without particles, sorted; as they are where nothing else is left."""
    kept = list(words)
    return tuple(sorted([word for word in kept if word not in PARTICLES] or kept))


def sounds(words: Iterable[str]) -> tuple[str, ...]:
    """The sounds of a name's words, sorted; a word without consonants sounds as it is written."""
    return tuple(sorted(sound(word) or word for word in words))


def forms_of(first: str, family: str, others: str) -> set[tuple[str, ...]]:
    """Every way in which somebody is called wholly: ``bare`` words of two or more. One word alone is no whole name.

    All given and all family names; the first or last given with the first or last family name, as people of Spanish
    or Vietnamese names are often called; and each of the other names, with the family name where it is a single word.
    """
    given, surnames = _ends(words_in_order(first)), _ends(words_in_order(family))
    ways = [(*one, *other) for one in given for other in surnames] or [*given, *surnames]
    for other in other_names(others):
        words = tuple(words_in_order(other))
        ways += [words] if len(bare(words)) > 1 else [(*words, *one) for one in surnames if words]
    return {form for form in map(bare, ways) if len(form) > 1}


def other_names(others: str) -> list[str]:
    """The names that stand in one field with commas between them."""
    return re.split(r"[,;/\n]", others)


def _ends(words: list[str]) -> list[tuple[str, ...]]:
    """All of these words, the first alone, the last alone."""
    kept = [word for word in words if word not in PARTICLES] or words
    return list(dict.fromkeys([tuple(kept), tuple(kept[:1]), tuple(kept[-1:])])) if kept else []


def is_whole(typed: Iterable[str], forms: Iterable[tuple[str, ...]]) -> bool:
    """Whether the words that were typed are one whole form of a name, as written or as it sounds."""
    words = bare(typed)
    return any(words == form or sounds(words) == sounds(form) for form in forms)


def is_like(typed: str, kept: str) -> bool:
    """Whether a plain word that was typed stands for one that is kept: its beginning, or the same sound."""
    if kept.startswith(typed):
        return True
    heard = sound(typed)
    return len(heard) >= SOUND_SIGNS and heard == sound(kept)


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


def split_year(text: str) -> tuple[str, int | None]:
    """A text without the year that stands in it, and the year: a name and a year of birth in one box."""
    latin = "".join(str(unicodedata.digit(sign, sign)) for sign in text)
    found = _YEAR.search(latin)
    if found is None:
        return text, None
    return latin[: found.start()] + " " + latin[found.end() :], int(found[1])


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
