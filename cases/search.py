"""Looking for a case: among those the reader may open, and nowhere else. The term is never recorded.

Where cases are few nothing is indexed, so nothing leaks: the cases come through the door, then what was asked for is
opened in memory and compared. Where they are many, blind tokens name the few that can fit; those go through the same
door and the same comparison, so both ways find the same.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from audit.log import Ref
from audit.verbs import Verb
from casemgmt.access.sections import READ_CARD, Section, read
from casemgmt.accounts.models import User
from casemgmt.crypto.errors import DecryptionRefused
from cases import access, search_index, spelling
from cases.choices.search import IndexName
from cases.models import Case, ContactInstruction, SearchIndex, Survivor
from cases.naming import could_be_number, number_ending
from cases.opening import SearchGate, open_search
from cases.search_index import Facts, Texts

#: Above this many visible cases the newest ones are searched.
MOST_CASES = 20_000
#: Where the indexes answer: part of a name has no token, so it is compared with so many of the newest visible cases.
MOST_OF_PARTS = 2_000
MOST_HITS = 50
_BATCH = 1_000
#: Where the indexes answer, so many are opened at once: a full page of hits is among the first of them, or nearly.
_PAGE = 100
READ_IDENTITY = read(Section.IDENTITY)


@dataclass(frozen=True)
class Question:
    """What somebody looks for. Empty parts are not asked; one part that fits is enough, a name must fit wholly.

    ``year`` is of birth and goes with ``words``: then both must fit.
    """

    words: list[str] = field(default_factory=list)
    phone: str = ""
    days: frozenset[date] = frozenset()
    number: str = ""
    year: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self.words or self.phone or self.days or self.number)


class Found(NamedTuple):
    """The uids of cases that fit, newest first. ``newest_only``: parts of names were compared with the newest cases."""

    uids: list[UUID]
    newest_only: bool = False


def read_question(text: str) -> Question:
    """What one box may mean: a case number, a day of birth, a telephone number, else words of a name or an alias.

    A year beside words is the year of birth.
    """
    number = spelling.case_number(text)
    days = frozenset(spelling.days_in(text))
    phone = spelling.digits(text)
    is_phone = len(phone) >= spelling.PHONE_DIGITS and not days and not any(sign.isalpha() for sign in text)
    without_year, year = spelling.split_year(text)
    words = [] if days or is_phone else spelling.name_words(without_year)
    return Question(
        words=words,
        phone=phone if is_phone else "",
        days=days,
        number=number if could_be_number(number) else "",
        year=year if words else None,
    )


def person_question(*, names: str, birth_date: date | None, phone: str) -> Question:
    """What an intake asks: is a person of this name, birthday or telephone here already?"""
    telephone = spelling.digits(phone)
    return Question(
        words=spelling.name_words(names),
        phone=telephone if len(telephone) >= spelling.PHONE_DIGITS else "",
        days=frozenset({birth_date} if birth_date else ()),
    )


def find_cases(actor: User, question: Question, *, verb: Verb = Verb.CASES_SEARCHED) -> Found:
    """The cases that fit, at most MOST_HITS. Records one event with their number.

    Whole names, and names with a year of birth, before parts of names: those count only where no whole one fits.
    """
    indexes = search_index.ready()
    with open_search(actor, verb=verb) as gate:
        if question.is_empty:
            return Found([])
        if indexes:
            found = _by_index(actor, gate, question, indexes)
        else:
            found = _by_scan(actor, gate, question, MOST_CASES)
        found = found._replace(uids=found.uids[:MOST_HITS])
        gate.hits = len(found.uids)
    return found


# ---- The two ways ----


def _by_scan(actor: User, gate: SearchGate, question: Question, most: int) -> Found:
    """Compare with the newest cases she may open, in one pass for whole names and parts of names."""
    cases = list(access.visible(Case, actor, READ_CARD).order_by("-pk")[: most + 1])
    whole: list[UUID] = []
    parts: list[UUID] = []
    for start in range(0, min(len(cases), most), _BATCH):
        for case, facts in _opened(actor, gate, cases[start : min(start + _BATCH, most)], question):
            if _fits(case, facts, question, _is_whole):
                whole.append(case.uid)
            elif _fits(case, facts, question, _is_part):
                parts.append(case.uid)
        if len(whole) >= MOST_HITS:
            break
    return Found(whole or parts, newest_only=len(cases) > most and not whole)


def _by_index(actor: User, gate: SearchGate, question: Question, indexes: dict[str, SearchIndex]) -> Found:
    """Compare with the cases that share a token with what is asked; part of a name alone with the newest ones."""
    keys = _candidates(question, indexes)
    if question.year is not None:
        whole = _by_year(actor, gate, question, keys, question.year)
    else:
        held = access.held_among(actor, READ_CARD, keys | _numbered(question.number))
        cases = list(access.of_cases(Case, held).order_by("-pk"))
        fitting = (
            case.uid
            for start in range(0, len(cases), _PAGE)
            for case, facts in _opened(actor, gate, cases[start : start + _PAGE], question)
            if _fits(case, facts, question, _is_whole)
        )  # fmt: skip
        # The newest come first: when the page is full, nothing more is opened.
        whole = list(islice(fitting, MOST_HITS))
    if whole or not question.words or _is_answered_by_year(question):
        return Found(whole)
    return _by_scan(actor, gate, replace(question, phone="", days=frozenset(), number=""), MOST_OF_PARTS)


def _candidates(question: Question, indexes: dict[str, SearchIndex]) -> set[int]:
    """Keys of all cases that can fit, and of a few strangers. One query, whatever is asked."""
    words = question.words
    texts: Texts = {
        IndexName.BIRTH: {day.isoformat() for day in question.days},
        IndexName.PHONE: {search_index.phone_text(question.phone)} - {""},
        IndexName.NAME: set(), IndexName.SOUND: set(), IndexName.ALIAS: set(), IndexName.YEAR: set(),
    }  # fmt: skip
    by_word = []
    if words and question.year is None:
        if len(words) > 1:
            texts[IndexName.NAME] = {search_index.whole_text(spelling.bare(words))}
            texts[IndexName.SOUND] = {search_index.whole_text(spelling.sounds(spelling.bare(words)))}
        texts[IndexName.ALIAS] = {search_index.whole_text(words)}
    elif words and question.year is not None:
        long = [word for word in words if len(word) >= search_index.PREFIX_LETTERS]
        by_word = [search_index.year_texts(word, question.year) for word in long]
        texts[IndexName.YEAR] = set().union(*by_word)
    found = search_index.look_up(texts, indexes)
    keys = {key for (index, _text), cases in found.items() if index != IndexName.YEAR for key in cases}
    if by_word:
        # Every word must stand for one of hers: the cases that can fit are those that every word names.
        named = [set().union(*(found[IndexName.YEAR, text] for text in one)) for one in by_word]
        keys |= set.intersection(*named)
    return keys


def _by_year(actor: User, gate: SearchGate, question: Question, keys: Collection[int], year: int) -> list[UUID]:
    """Those of these cases whose survivor was born in that year and fits, and what bears the number: the newest of them.

    Most of the others are strangers: of each nothing is loaded but names and date, and nothing opened but the date.
    """
    numbered = access.of_cases(Case, access.held_among(actor, READ_CARD, _numbered(question.number)))
    found = {case.pk: case.uid for case in numbered if _bears_number(case, question)}
    held = access.held_among(actor, READ_CARD, access.held_among(actor, READ_IDENTITY, keys))
    rows = search_index.named_rows(access.of_cases(Survivor, held))
    gate.take(cards=(), identities=[row.case_uid for row in rows])
    fitting = 0
    for row in rows:
        try:
            facts = row.born_in(year)
        except DecryptionRefused as error:
            search_index.tell_unreadable(actor, Ref("case", row.case_uid, row.case_uid), error)
            continue
        if facts is not None and spelling.names_match(question.words, facts.words):
            found[row.case_id] = row.case_uid
            fitting += 1
            if fitting == MOST_HITS:
                break
    return [found[key] for key in sorted(found, reverse=True)]


def _is_answered_by_year(question: Question) -> bool:
    """Whether the index of beginnings and years knows every case that can fit."""
    return question.year is not None and any(len(word) >= search_index.PREFIX_LETTERS for word in question.words)


def _numbered(number: str) -> set[int]:
    """Keys of the cases whose number ends so, before the door has sorted them. At most as many as a page shows."""
    ending = number_ending(number)
    rows = access.for_the_house(Case).filter(number__endswith=ending) if ending else access.for_the_house(Case).none()
    return set(rows.order_by("-pk").values_list("pk", flat=True)[: MOST_HITS * 4])


# ---- Comparing, the same for both ways ----


def _opened(actor: User, gate: SearchGate, cases: Sequence[Case], question: Question) -> Iterator[tuple[Case, Facts]]:
    """The cases with what of them may be compared: names and numbers only where the door lets the actor read them."""
    named: set[int] = set()
    survivors: dict[int, Survivor] = {}
    contacts: dict[int, list[ContactInstruction]] = {}
    if question.words or question.days or question.phone:
        named = access.held_among(actor, READ_IDENTITY, [case.pk for case in cases])
        survivors = {row.case_id: row for row in access.of_cases(Survivor, named)}
    if question.phone:
        for row in access.of_cases(ContactInstruction, named):
            contacts.setdefault(row.case_id, []).append(row)
    gate.take(
        cards=[case.uid for case in cases], identities=[case.uid for case in cases if case.pk in survivors]
    )  # fmt: skip
    for case in cases:
        try:
            facts = search_index.facts_of(
                case, survivors.get(case.pk), contacts.get(case.pk, ()), with_phones=bool(question.phone),
                born_in=question.year,
            )  # fmt: skip
        except DecryptionRefused as error:
            search_index.tell_unreadable(actor, case, error)
            continue
        yield case, facts


def _fits(case: Case, facts: Facts, question: Question, is_named: Callable[[Question, Facts], bool]) -> bool:
    if _bears_number(case, question):
        return True
    if facts.birth_date is not None and facts.birth_date in question.days:
        return True
    if question.phone and any(spelling.phones_match(question.phone, one) for one in facts.phones):
        return True
    return bool(question.words) and is_named(question, facts)


def _bears_number(case: Case, question: Question) -> bool:
    return bool(question.number) and spelling.case_number(case.number).endswith(question.number)


def _is_whole(question: Question, facts: Facts) -> bool:
    """Whether the words are a whole name or alias, or fit a name of somebody born in the year that was asked."""
    if question.year is not None:
        born = facts.birth_date
        return born is not None and born.year == question.year and spelling.names_match(question.words, facts.words)
    alias = spelling.name_words(facts.alias)
    return question.words == alias or spelling.is_whole(question.words, facts.forms)


def _is_part(question: Question, facts: Facts) -> bool:
    """Whether every word stands for another word of the name, or of the alias."""
    if question.year is not None:
        return False
    alias = spelling.name_words(facts.alias)
    return spelling.names_match(question.words, alias) or spelling.names_match(question.words, facts.words)
