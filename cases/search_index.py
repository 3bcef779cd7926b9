"""What the search indexes hold of a case, and how tokens follow the case (vault.md §7).

Whatever changes a name, a birthday, an alias or a phone number calls ``remember`` in the same transaction; an
erasure calls ``forget``. Tokens of every index that is being filled or ready are kept up to date; those by which
possible matches are found are kept from the first case on.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from audit.log import Ref, record
from audit.verbs import Outcome, Verb
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from casemgmt.crypto import blind_index, keyring
from casemgmt.crypto.errors import ContentErased, DecryptionRefused
from casemgmt.crypto.sealed import Binding, Sealed
from cases import access, likeness, spelling
from cases.answers import NAMES
from cases.choices.search import IndexName
from cases.models import BlindToken, Case, ContactInstruction, LikenessCard, SearchIndex, Survivor
from cases.opening import open_to_index

#: How many bits a token of each index has, where the planner was not asked.
BITS: dict[str, int] = {
    IndexName.NAME: 16, IndexName.SOUND: 16, IndexName.YEAR: 12, IndexName.BIRTH: 12, IndexName.ALIAS: 16,
    IndexName.PHONE: 16, IndexName.MATCH: 40, IndexName.MATCH_SOUND: 40,
}  # fmt: skip
#: Kept always, however few cases there are: whether a person is known already.
MATCHING = (IndexName.MATCH, IndexName.MATCH_SOUND)
SEARCHED = tuple(name for name in IndexName if name not in MATCHING)
#: From so many cases on, ``CASE_SEARCH=auto`` asks the indexes.
SCAN_BELOW = 20_000
#: Of a word: fewer letters say too little, more would be in fewer questions.
PREFIX_LETTERS = 3

Texts = dict[str, set[str]]


@dataclass(frozen=True)
class Facts:
    """What a case is found by, opened."""

    alias: str = ""
    first: str = ""
    family: str = ""
    others: str = ""
    birth_date: date | None = None
    phones: list[str] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        """All words of all names, plain and sorted."""
        return spelling.name_words(" ".join((self.first, self.family, self.others)))

    @property
    def forms(self) -> set[tuple[str, ...]]:
        """Every whole form of the name."""
        return spelling.forms_of(self.first, self.family, self.others)


def facts_of(
    case: Case,
    survivor: Survivor | None,
    contacts: Iterable[ContactInstruction],
    *,
    with_phones: bool = True,
    born_in: int | None = None,
) -> Facts:
    """Open what a case is found by; the alias alone where there is no survivor. Inside a gate that admits it.

    No more is opened than the question needs: telephones for one with a number, and where a year of birth is asked
    (``born_in``) the date first, nothing else of whoever was born in another year, and no alias, which has no year.
    What was erased is found by nothing. Raises DecryptionRefused for a card that was tampered with.
    """
    try:
        if survivor is None:
            return Facts(alias=case.alias if born_in is None else "")
        born = survivor.birth_date
        if born_in is not None and (born is None or born.year != born_in):
            return Facts(birth_date=born)
        alias = case.alias if born_in is None else ""
        return Facts(
            alias=alias, first=survivor.first_name, family=survivor.second_name,
            others=_all_others(survivor.other_names, survivor.called),
            birth_date=born, phones=_phones_of(survivor, contacts) if with_phones else [],
        )  # fmt: skip
    except ContentErased:
        return Facts()


def _all_others(others: str, called: Mapping[str, Any] | None) -> str:
    """Her other names with her further names, of whatever script and kind, as one text with commas."""
    return ", ".join(text for text in (others, *((called or {}).get(name, "") for name in NAMES)) if text)


class NamedRow(NamedTuple):
    """Names and date of birth of one survivor, still sealed, without the rest of her row; and what they are bound to.

    Enough to compare her with a question. Whether her row is whole is asked of what is shown.
    """

    case_id: int
    uid: UUID
    case_uid: UUID
    birth_date: Sealed | None
    first_name: Sealed | None
    second_name: Sealed | None
    other_names: Sealed | None
    called: Sealed | None

    def born_in(self, year: int) -> Facts | None:
        """What she is found by if she was born in this year; of anybody else nothing but the date is opened.

        Inside a gate that admits it. None, too, where it was erased. Raises DecryptionRefused.
        """
        bound = Binding(self.uid, self.case_uid, Section.IDENTITY.value, None)
        try:
            born = self._open("birth_date", bound)
            if born is None or born.year != year:
                return None
            first, family, others = (
                self._open(name, bound) or "" for name in ("first_name", "second_name", "other_names")
            )
            others = _all_others(others, self._open("called", bound))
            return Facts(first=first, family=family, others=others, birth_date=born)
        except ContentErased:
            return None

    def _open(self, name: str, bound: Binding) -> Any:
        value: Sealed | None = getattr(self, name)
        field: Any = Survivor._meta.get_field(name)
        return None if value is None else field.open_apart(bound, value)


def named_rows(survivors: QuerySet[Survivor]) -> list[NamedRow]:
    """Names and dates of birth of these survivors, those of the newest cases first. One query."""
    return [NamedRow(*columns) for columns in survivors.order_by("-case_id").values_list(*NamedRow._fields)]


def _phones_of(survivor: Survivor, contacts: Iterable[ContactInstruction]) -> list[str]:
    """The digits of every telephone number that is known."""
    said = [value for key, value in (survivor.contact or {}).items() if "Phone" in key and isinstance(value, str)]
    return [spelling.digits(one) for one in (*said, *(contact.value or "" for contact in contacts))]


def facts_of_cases(actor: User | None, cases: Collection[Case]) -> Iterator[tuple[Case, Facts]]:
    """These cases, in their order, with what they are found by. Inside a gate that admits card and identity.

    A card that was tampered with is told of in the actor's name (None for a job) and left out. Two queries, and the keys.
    """
    keys = [case.pk for case in cases]
    keyring.prefetch(case.uid for case in cases)
    survivors = {row.case_id: row for row in access.for_the_house(Survivor).filter(case_id__in=keys)}
    contacts: dict[int, list[ContactInstruction]] = {}
    for row in access.for_the_house(ContactInstruction).filter(case_id__in=keys):
        contacts.setdefault(row.case_id, []).append(row)
    for case in cases:
        try:
            facts = facts_of(case, survivors.get(case.pk), contacts.get(case.pk, ()))
        except DecryptionRefused as error:
            tell_unreadable(actor, case, error)
            continue
        yield case, facts


def tell_unreadable(actor: User | None, case: Case | Ref, error: DecryptionRefused) -> None:
    """Record that a card cannot be read; whoever searches goes on without it. Records DECRYPTION_REFUSED."""
    record(
        Verb.DECRYPTION_REFUSED, actor=actor, subject=case, outcome=Outcome.FAILED, sections=[Section.IDENTITY],
        detail={"fid": error.fid},
    )  # fmt: skip


# ---- From words to texts, the same for what is kept and for what is asked ----


def texts_of(facts: Facts) -> Texts:
    """The normalised texts by which a case is found, for each index."""
    forms, born, words = facts.forms, facts.birth_date, facts.words
    texts: Texts = {
        IndexName.NAME: {whole_text(form) for form in forms},
        IndexName.SOUND: {whole_text(spelling.sounds(form)) for form in forms},
        IndexName.ALIAS: {whole_text(spelling.name_words(facts.alias))} if facts.alias else set(),
        IndexName.PHONE: {tail for tail in map(phone_text, facts.phones) if tail},
    }
    if born is not None:
        texts[IndexName.BIRTH] = {born.isoformat()}
        texts[IndexName.YEAR] = {text for word in words for text in year_texts(word, born.year)}
        day = born.isoformat()
        if words:
            texts[IndexName.MATCH] = {f"{whole_text(spelling.bare(words))}|{day}"}
        texts[IndexName.MATCH_SOUND] = {f"{whole_text(spelling.sounds(form))}|{day}" for form in forms}
    return texts


def whole_text(words: Iterable[str]) -> str:
    """Words of a whole name or alias as one text, in any order the same."""
    return " ".join(sorted(words))


def year_texts(word: str, year: int) -> set[str]:
    """The beginning of one word, as written and as it sounds, with a year of birth; nothing for a short word."""
    beginnings = {("written", word), ("sound", spelling.sound(word))}
    return {f"{how}|{text[:PREFIX_LETTERS]}|{year}" for how, text in beginnings if len(text) >= PREFIX_LETTERS}


def phone_text(digits: str) -> str:
    """What must agree of two numbers that are the same telephone; empty for what is no telephone."""
    return digits[-spelling.PHONE_DIGITS :] if len(digits) >= spelling.PHONE_DIGITS else ""


# ---- The state of the indexes ----


def states() -> list[SearchIndex]:
    """All indexes there are, the newest epoch first. One query."""
    return list(access.for_the_house(SearchIndex).order_by("-epoch", "index"))


def is_wanted() -> bool:
    """Whether the setting asks for the search indexes at this size."""
    if settings.CASE_SEARCH == "auto":
        first = access.for_the_house(Case).order_by("pk").values_list("pk", flat=True)
        return first[SCAN_BELOW - 1 : SCAN_BELOW].first() is not None
    return str(settings.CASE_SEARCH) == "index"


def ready() -> dict[str, SearchIndex]:
    """The newest epoch in which every searched index is ready, where questions go to the indexes; else empty."""
    if settings.CASE_SEARCH == "scan":
        return {}
    by_epoch: dict[int, dict[str, SearchIndex]] = {}
    for one in states():
        if one.state == SearchIndex.State.READY:
            by_epoch.setdefault(one.epoch, {})[one.index] = one
    for found in by_epoch.values():
        if all(name in found for name in SEARCHED):
            return found if is_wanted() else {}
    return {}


def _live() -> list[SearchIndex]:
    """The indexes that writes keep up to date. Makes those for possible matches where there are none yet."""
    found = [one for one in states() if one.state != SearchIndex.State.EMPTY]
    if not any(one.index in MATCHING for one in found):
        epoch = blind_index.newest_epoch() or blind_index.add_epoch()
        made = [
            SearchIndex(index=name, epoch=epoch, bits=BITS[name], state=SearchIndex.State.FILLING) for name in MATCHING
        ]
        access.for_the_house(SearchIndex).bulk_create(made, ignore_conflicts=True)
        found = [one for one in states() if one.state != SearchIndex.State.EMPTY]
    return found


# ---- Keeping tokens ----


def remember(actor: User | None, case: Case) -> None:
    """Make the tokens of a locked case what they must be. Inside the action that changed what it is found by."""
    remember_all(actor, [case], _live())


def keep_cards(said: Collection[tuple[Case, Facts]]) -> None:
    """Make what these locked cases are compared by with the people of the house what it must be. Two queries.

    A card that changed waits for its comparison, which a job does a moment later: whoever typed the name learns nothing.
    """
    cards = access.for_the_house(LikenessCard)
    there = {card.case_id: card for card in cards.filter(case_id__in=[case.pk for case, _facts in said])}
    made, changed = [], []
    for case, facts in said:
        names = likeness.packed(likeness.names_kept(case.uid, facts.family, facts.others))
        phones = likeness.packed(likeness.phones_kept(facts.phones))
        card = there.get(case.pk)
        if card is None:
            made.append(LikenessCard(case=case, names=names, phones=phones))
        elif (bytes(card.names), bytes(card.phones)) != (names, phones):
            card.names, card.phones, card.swept_at, card.compared_at = names, phones, None, None
            changed.append(card)
    cards.bulk_create(made, ignore_conflicts=True)
    if changed:
        cards.bulk_update(changed, ["names", "phones", "swept_at", "compared_at"])


def remember_all(actor: User | None, cases: Collection[Case], indexes: Collection[SearchIndex]) -> int:
    """Make the tokens of these cases what they must be in these indexes, and say how many were written."""
    keys = [case.pk for case in cases]
    epochs = {one.epoch for one in indexes}
    named = {one.index for one in indexes}
    tokens = access.for_the_house(BlindToken)
    kept = tokens.filter(case_id__in=keys, epoch__in=epochs, index__in=named)
    surplus = {(row[1:]): row[0] for row in kept.values_list("pk", "index", "epoch", "token", "case_id")}
    made = []
    with open_to_index(case.uid for case in cases):
        said = list(facts_of_cases(actor, cases))
        for case, facts in said:
            for index, epoch, token in _tokens(texts_of(facts), indexes):
                if surplus.pop((index, epoch, token, case.pk), None) is None:
                    made.append(BlindToken(index=index, epoch=epoch, token=token, case_id=case.pk))
    if surplus:
        tokens.filter(pk__in=surplus.values()).delete()
    tokens.bulk_create(made, ignore_conflicts=True, batch_size=1_000)
    keep_cards(said)
    return len(made)


def forget(case: Case) -> None:
    """Delete every token of a case: after this it is found by nothing, whoever asks. For an erasure, in its transaction."""
    access.within(BlindToken, case).delete()
    access.within(LikenessCard, case).delete()


def _tokens(texts: Texts, indexes: Iterable[SearchIndex]) -> Iterator[tuple[str, int, int]]:
    seen = set()
    for one in indexes:
        for text in texts.get(one.index, ()):
            found = (one.index, one.epoch, blind_index.token(one.index, one.epoch, one.bits, text))
            if found not in seen:
                seen.add(found)
                yield found


# ---- Asking ----


def look_up(question: Texts, indexes: Mapping[str, SearchIndex]) -> dict[tuple[str, str], set[int]]:
    """Keys of the cases that share a token with each text that is asked: (index, text) → keys. One query.

    Among them are strangers that share the token by chance; the door and the comparison sort them out.
    """
    asked: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for index, texts in question.items():
        for text in texts:
            one = indexes[index]
            token = blind_index.token(index, one.epoch, one.bits, text)
            asked.setdefault((index, token), []).append((index, text))
    found: dict[tuple[str, str], set[int]] = {pair: set() for pairs in asked.values() for pair in pairs}
    epochs = {one.epoch for one in indexes.values()} or {0}
    rows = access.for_the_house(BlindToken).filter(
        index__in=sorted(question), epoch__in=epochs, token__in=sorted({token for _index, token in asked})
    )
    for index, token, key in rows.values_list("index", "token", "case_id"):
        for pair in asked.get((index, token), ()):
            found[pair].add(key)
    return found
