"""What of a case is compared with the people of the house, kept blind: family names, and telephones.

A family name alone must be in no index that tells which cases share it (vault.md §7), so its tokens are made with the
uid of the case: the same name is another token in every case, and says nothing without the key, how often it comes
neither. Telephones are nearly everybody's own, and have one token in all cases.
"""

import hmac
import struct
import unicodedata
from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from casemgmt.crypto import keyring
from cases import spelling
from cases.choices.conflicts import ConflictLikeness

#: Bits of a token: strangers share one by chance once in a billion comparisons.
TOKEN_BITS = 40
#: Texts of a name by which it is compared, each with what it says if they are the same.
Texts = dict[str, str]


def token(index_id: str, text: str) -> int:
    """A truncated keyed fingerprint of one text."""
    return _short(keyring.index_fingerprint(index_id, text))


def _short(digest: bytes) -> int:
    return int.from_bytes(digest[:8], "big") >> (64 - TOKEN_BITS)


def tails(digits: str) -> tuple[str, list[str]]:
    """What of a telephone is compared, and its shorter ends: a number may be written without its area."""
    if len(digits) < spelling.PHONE_DIGITS:
        return "", []
    whole = digits[-spelling.PHONE_TAIL :]
    return whole, [whole[-length:] for length in range(spelling.PHONE_DIGITS, len(whole))]


# ---- Family names ----


def _words(text: str) -> list[str]:
    """The words of a name, plain, without particles and single letters."""
    return [word for word in spelling.words_in_order(text) if word not in spelling.PARTICLES and len(word) > 1]


def _is_latin(text: str) -> bool:
    return all("LATIN" in unicodedata.name(sign, "") for sign in text if sign.isalpha())


def _sounds(words: Iterable[str]) -> set[str]:
    heard = (spelling.sound(word) for word in words)
    return {sound for sound in heard if len(sound) >= spelling.SOUND_SIGNS}


def _family_parts(family: str, others: str) -> list[str]:
    """The family name, and of each of the other names what follows its first word."""
    parts = [family]
    for other in spelling.other_names(others):
        _first, _space, rest = other.strip().partition(" ")
        parts.append(rest)
    return [part for part in parts if part]


def names_kept(case_uid: UUID, family: str, others: str) -> set[int]:
    """The tokens of a case by which her family names are compared: each of its words, as written and as it sounds."""
    texts = set()
    for part in _family_parts(family, others):
        words = _words(part)
        script = "latin" if _is_latin(part) else "other"
        texts |= {f"written|{word}" for word in words} | {f"sound|{script}|{sound}" for sound in _sounds(words)}
    key = name_key(case_uid)
    return {_name_token(key, text) for text in texts}


def texts_of_person(name: str) -> Texts:
    """What a name of the house is compared by: text → ConflictLikeness. Every word, for an account does not say which of
    them is the family's; as it sounds only from one script to another, where vowels get lost on the way.
    """
    words, scripts = _words(name), ["other"] if _is_latin(name) else ["other", "latin"]
    heard = {f"sound|{script}|{sound}": ConflictLikeness.SOUND for script in scripts for sound in _sounds(words)}
    return {**heard, **{f"written|{word}": ConflictLikeness.FAMILY_NAME for word in words}}


def name_key(case_uid: UUID) -> bytes:
    """The key of the family names of one case."""
    return keyring.index_fingerprint("family name", str(case_uid))


def names_shared(case_uid: UUID, key: bytes, texts: Texts, kept: frozenset[int]) -> tuple[str, int] | None:
    """How a name of the house is like those of a case, and the fingerprint of what is the same; None where nothing is."""
    shared = {text: token for text in texts if (token := _name_token(key, text)) in kept}
    if not shared:
        return None
    as_written = [token for text, token in shared.items() if texts[text] == ConflictLikeness.FAMILY_NAME]
    how = ConflictLikeness.FAMILY_NAME if as_written else ConflictLikeness.SOUND
    return how, fingerprint(case_uid, as_written or shared.values())


def _name_token(key: bytes, text: str) -> int:
    return _short(hmac.digest(key, text.encode(), "sha256"))


# ---- Telephones ----


def phones_kept(phones: Iterable[str]) -> set[int]:
    """The tokens of a case by which its telephones are compared."""
    texts = set()
    for phone in phones:
        whole, parts = tails(phone)
        texts |= {f"phone|{part}" for part in (*parts, whole) if part} | ({f"part|{whole}"} if whole else set())
    return {token("own telephone", text) for text in texts}


def phones_asked(phone: str) -> set[int]:
    """The tokens of somebody's own telephone; empty for what is too short."""
    whole, parts = tails(phone)
    texts = {f"phone|{whole}", *(f"part|{part}" for part in parts)} if whole else set()
    return {token("own telephone", text) for text in texts}


# ---- As they are stored ----


def fingerprint(case_uid: UUID, tokens: Iterable[int]) -> int:
    """What was the same in one case, as one number: when a name or number changes, it is another."""
    said = f"{case_uid}|{sorted(tokens)}".encode()
    return int.from_bytes(sha256(said).digest()[:8], "big") >> 1


def packed(tokens: Iterable[int]) -> bytes:
    """Tokens as one value, in the order of their numbers."""
    found = sorted(tokens)
    return struct.pack(f">{len(found)}Q", *found)


def unpacked(value: bytes) -> frozenset[int]:
    """The tokens that ``packed`` wrote."""
    return frozenset(struct.unpack(f">{len(value) // 8}Q", value))
