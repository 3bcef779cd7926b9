"""Looking for a case: among those the reader may open, and nowhere else.

Below 20,000 cases nothing is indexed, so nothing leaks: the cases come through the door first, then the few
values that were asked for are opened in memory and compared. The term is never recorded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from audit.verbs import Verb
from casemgmt.access.sections import READ_CARD, Section, read
from casemgmt.accounts.models import User
from cases import access, spelling
from cases.models import Case, ContactInstruction, Survivor
from cases.opening import open_search

#: Above this many visible cases the newest ones are searched.
MOST_CASES = 20_000
MOST_HITS = 50
_BATCH = 1_000


@dataclass(frozen=True)
class Question:
    """What somebody looks for. Empty parts are not asked; one part that fits is enough, a name must fit wholly."""

    words: list[str] = field(default_factory=list)
    phone: str = ""
    days: frozenset[date] = frozenset()
    number: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self.words or self.phone or self.days or self.number)


def read_question(text: str) -> Question:
    """What one box may mean: a case number, a day of birth, a telephone number, else words of a name or an alias."""
    number = spelling.case_number(text)
    days = frozenset(spelling.days_in(text))
    phone = spelling.digits(text)
    is_phone = len(phone) >= spelling.PHONE_DIGITS and not days and not any(sign.isalpha() for sign in text)
    words = [] if days or is_phone else spelling.name_words(text)
    return Question(words=words, phone=phone if is_phone else "", days=days, number=number if len(number) >= 4 else "")


def person_question(*, names: str, birth_date: date | None, phone: str) -> Question:
    """What an intake asks: is a person of this name, birthday or telephone here already?"""
    telephone = spelling.digits(phone)
    return Question(
        words=spelling.name_words(names),
        phone=telephone if len(telephone) >= spelling.PHONE_DIGITS else "",
        days=frozenset({birth_date} if birth_date else ()),
    )


def find_cases(actor: User, question: Question, *, verb: Verb = Verb.CASES_SEARCHED) -> list[UUID]:
    """The uids of cases that fit, newest first, at most MOST_HITS. Records one event with their number."""
    cases = list(access.visible(Case, actor, READ_CARD).order_by("-pk")[:MOST_CASES])
    found: list[UUID] = []
    with open_search(actor, verb=verb) as gate:
        for batch in _batches(cases):
            if question.is_empty or len(found) >= MOST_HITS:
                break
            gate.take(batch)
            found += _fitting(actor, batch, question)
        found = found[:MOST_HITS]
        gate.hits = len(found)
    return found


def _fitting(actor: User, batch: Sequence[Case], question: Question) -> Iterator[UUID]:
    keys = [case.pk for case in batch]
    survivors: dict[int, Survivor] = {}
    if question.words or question.days or question.phone:
        rows = access.visible(Survivor, actor, read(Section.IDENTITY)).filter(case_id__in=keys)
        survivors = {row.case_id: row for row in rows}
    contacts: dict[int, list[ContactInstruction]] = {}
    if question.phone:
        for row in access.visible(ContactInstruction, actor, read(Section.IDENTITY)).filter(case_id__in=keys):
            contacts.setdefault(row.case_id, []).append(row)
    for case in batch:
        if _fits(case, survivors.get(case.pk), contacts.get(case.pk, []), question):
            yield case.uid


def _fits(case: Case, survivor: Survivor | None, contacts: list[ContactInstruction], question: Question) -> bool:
    if question.number and spelling.case_number(case.number).endswith(question.number):
        return True
    if question.words and spelling.names_match(question.words, spelling.name_words(case.alias)):
        return True
    if survivor is None:
        return False
    if question.words and spelling.names_match(question.words, _names_of(survivor)):
        return True
    if question.days and survivor.birth_date in question.days:
        return True
    if not question.phone:
        return False
    return any(spelling.phones_match(question.phone, one) for one in _phones_of(survivor, contacts))


def _names_of(survivor: Survivor) -> list[str]:
    return spelling.name_words(" ".join((survivor.first_name, survivor.second_name, survivor.other_names)))


def _phones_of(survivor: Survivor, contacts: list[ContactInstruction]) -> Iterator[str]:
    for key, value in (survivor.contact or {}).items():
        if "Phone" in key and isinstance(value, str):
            yield spelling.digits(value)
    for contact in contacts:
        yield spelling.digits(contact.value or "")


def _batches(cases: list[Case]) -> Iterator[list[Case]]:
    return (cases[start : start + _BATCH] for start in range(0, len(cases), _BATCH))
