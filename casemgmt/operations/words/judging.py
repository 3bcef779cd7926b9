"""Judges catalogues: what is missing, and what would show wrong words or break a page."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry

from .catalogues import LANGUAGES, PLURALS, read
from .extracting import Message, extract

#: True: a message without a translation fails ``make check``.
COMPLETE = True

#: What a translation keeps as it is: %(name)s, %s, %%, {name}, tags.
_KEPT = re.compile(r"%\([A-Za-z0-9_]+\)[a-z]|%[sd]|%%|\{[A-Za-z0-9_.!:]*\}|</?[A-Za-z][^<>]*>")


@dataclass
class Verdict:
    """One language: how many messages are translated, which are not, and what is wrong with which."""

    language: str
    translated: int = 0
    missing: list[Message] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether ``make check`` lets this language pass."""
        return not self.broken and not (COMPLETE and self.missing)


def kept_parts(words: str) -> Counter[str]:
    """Placeholders and tags, each with its number."""
    return Counter(_KEPT.findall(words))


def edges(words: str) -> tuple[bool, ...]:
    """Whether it begins or ends with a new line or a space."""
    return words[:1] == "\n", words[-1:] == "\n", words[:1] == " ", words[-1:] == " "


def faults_of(language: str, message: Message, string: str | Sequence[str]) -> Iterator[str]:
    """What is wrong with one translation."""
    if not message.plural:
        if not isinstance(string, str):
            yield "has plural forms, and its original has none"
            return
        yield from _compared(string, [message.singular])
        return
    plurals = PLURALS[language]
    if isinstance(string, str) or len(string) != plurals.forms or not all(string):
        yield f"lacks plural forms: there are {plurals.forms}"
        return
    for number, form in enumerate(string):
        if number in plurals.worded:
            extra = kept_parts(form) - (kept_parts(message.plural) | kept_parts(message.singular))
            if extra:
                yield f"form {number} holds {', '.join(extra)}"
        else:
            yield from _compared(form, [message.plural] if number else [message.singular, message.plural])


def _compared(string: str, originals: list[str]) -> Iterator[str]:
    if kept_parts(string) not in [kept_parts(one) for one in originals]:
        wanted, held = kept_parts(originals[0]), kept_parts(string)
        yield f"differs in {', '.join(sorted((wanted - held) | (held - wanted)))}"
    if edges(string) not in [edges(one) for one in originals]:
        yield "begins or ends with another space or line"


def is_translated(entry: Entry | None) -> bool:
    """Whether there is something to show."""
    if entry is None or not entry.string:
        return False
    return isinstance(entry.string, str) or any(entry.string)


def judge(language: str, messages: dict[tuple[str, str], Message], catalogue: Catalog | None = None) -> Verdict:
    """The verdict on one language."""
    catalogue = read(language) if catalogue is None else catalogue
    verdict = Verdict(language)
    for message in messages.values():
        entry = catalogue.get(message.singular, message.context or None)
        if entry is None or not is_translated(entry):
            verdict.missing.append(message)
            continue
        verdict.translated += 1
        faults = list(faults_of(language, message, entry.string or ""))
        if entry.fuzzy:
            faults.append("is marked fuzzy: somebody was not sure")
        verdict.broken += [f"{language}: “{message.singular}” {fault}" for fault in faults]
    return verdict


def judge_all() -> list[Verdict]:
    """The verdicts on all languages."""
    messages = extract()
    return [judge(language, messages) for language in LANGUAGES]
