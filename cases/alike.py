"""Whether what is said of a person fits a case: the comparison behind declarations and "already known?".

Strict enough to act on without anybody looking: a whole name where no date of birth speaks against it, a name that
sounds alike with the same date of birth, or the same telephone.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from cases import access, search_index, spelling
from cases.choices.search import IndexName, Likeness
from cases.likeness import tails, token
from cases.models import Case
from cases.search_index import Facts

_BATCH = 500


def whole_forms(facts: Facts) -> set[tuple[str, ...]]:
    """Every whole form of a name; a single name counts only beside a date of birth."""
    words = spelling.bare(facts.words)
    return facts.forms | ({words} if words and facts.birth_date is not None else set())


def likeness(asked: Facts, kept: Facts) -> str | None:
    """How two people are alike, the closest likeness first; None where they are not."""
    same_day = asked.birth_date is not None and asked.birth_date == kept.birth_date
    may_be = same_day or asked.birth_date is None or kept.birth_date is None
    one, other = whole_forms(asked), whole_forms(kept)
    if may_be and one & other:
        return Likeness.NAME if same_day else Likeness.NAME_ONLY
    if same_day and {spelling.sounds(form) for form in one} & {spelling.sounds(form) for form in other}:
        return Likeness.SOUND
    if any(spelling.phones_match(typed, there) for typed in asked.phones for there in kept.phones):
        return Likeness.PHONE
    return None


# ---- Tokens: the same comparison, blind ----


def tokens_kept(facts: Facts) -> set[int]:
    """The tokens by which a declaration is found. Empty where too little is said."""
    forms, born = whole_forms(facts), facts.birth_date
    texts = {f"{'name' if born is None else 'dated'}|{_text(form)}" for form in forms}
    if born is not None:
        texts |= {f"sound|{_text(spelling.sounds(form))}|{born.isoformat()}" for form in forms}
    for phone in facts.phones:
        whole, parts = tails(phone)
        texts |= {f"phone|{whole}"} if whole else set()
        texts |= {f"part|{part}" for part in parts}
    return {_token(text) for text in texts}


def tokens_asked(facts: Facts) -> set[int]:
    """The tokens of a case that are compared with those of declarations."""
    forms, born = whole_forms(facts), facts.birth_date
    texts = {f"name|{_text(form)}" for form in forms}
    if born is None:
        texts |= {f"dated|{_text(form)}" for form in forms}
    else:
        texts |= {f"sound|{_text(spelling.sounds(form))}|{born.isoformat()}" for form in forms}
    for phone in facts.phones:
        whole, parts = tails(phone)
        texts |= {f"phone|{part}" for part in (*parts, whole) if part} | ({f"part|{whole}"} if whole else set())
    return {_token(text) for text in texts}


def _text(words: Iterable[str]) -> str:
    return search_index.whole_text(words)


def _token(text: str) -> int:
    return token("declaration", text)


# ---- The cases there are ----


def cases_that_may_fit(facts: Facts, **narrowed: Any) -> Iterator[list[Case]]:
    """The cases to be compared, in batches: those that share a blind token where the indexes answer, else all there are.

    ``narrowed``: columns of the case.
    """
    rows = access.for_the_house(Case).filter(**narrowed)
    indexes = search_index.ready()
    if indexes:
        texts = search_index.texts_of(facts)
        texts[IndexName.NAME] |= {search_index.whole_text(form) for form in whole_forms(facts)}
        asked: search_index.Texts = {
            name: texts.get(name, set()) for name in (IndexName.NAME, IndexName.SOUND, IndexName.PHONE)
        }
        if facts.birth_date is not None and not facts.forms:
            # A single name is in no index.
            asked[IndexName.BIRTH] = {facts.birth_date.isoformat()}
        found = search_index.look_up(asked, indexes)
        rows = rows.filter(pk__in={key for keys in found.values() for key in keys})
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:_BATCH]):
        last = batch[-1].pk
        yield batch
