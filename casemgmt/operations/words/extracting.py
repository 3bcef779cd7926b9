"""Finds every message of the sources exactly as Django will look it up when it runs.

Python is read by Babel; of a template Django's own ``templatize`` makes something that looks like Python: the
same function with which ``makemessages`` works, so ``trimmed``, plurals, contexts and percent signs come out
as the template tags ask for them.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

from .catalogues import ROOT, empty, read

ROOMS = ("casemgmt", "cases", "services", "audit")
TEMPLATES = "templates"
KINDS = (".html", ".txt")

_PLAIN = (1,)
_PLURAL = (1, 2)
_WITH_CONTEXT = ((1, "c"), 2)
#: The functions that translate, and which of their arguments are the message; ``_now`` is ``gettext`` beside a lazy ``_``.
FUNCTIONS: dict[str, tuple[int | tuple[int, str], ...]] = {
    "_": _PLAIN, "_now": _PLAIN, "gettext": _PLAIN, "gettext_lazy": _PLAIN, "gettext_noop": _PLAIN,
    "ngettext": _PLURAL, "ngettext_lazy": _PLURAL, "pgettext": _WITH_CONTEXT, "pgettext_lazy": _WITH_CONTEXT,
    "npgettext": (*_WITH_CONTEXT, 3), "npgettext_lazy": (*_WITH_CONTEXT, 3),
}  # fmt: skip


@dataclass
class Message:
    """One message: its words, those of its plural, its context, and the files in which it is said."""

    singular: str
    plural: str = ""
    context: str = ""
    places: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        """What tells it apart in a catalogue: a plural shares the entry of its singular."""
        return self.context, self.singular

    @property
    def id(self) -> str | tuple[str, str]:
        """The message as Babel knows it."""
        return (self.singular, self.plural) if self.plural else self.singular


def sources() -> Iterator[Path]:
    """Every file of the product that may speak; tests and migrations do not."""
    for room in ROOMS:
        yield from (path for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts)
    yield from (path for path in sorted((ROOT / TEMPLATES).rglob("*")) if path.suffix in KINDS)


def messages_of_text(text: str, *, is_template: bool) -> Iterator[Message]:
    """The messages of one file, in their order."""
    if is_template:
        # What is no message becomes letters that stand where they stood: Python would take that for bad indentation.
        text = "\n".join(line.strip() for line in templatize(text).split("\n"))
    found = extract_python(io.BytesIO(text.encode()), dict(FUNCTIONS), [], {"encoding": "utf-8"})
    for _line, function, arguments, _comments in found:
        words = arguments if isinstance(arguments, tuple) else (arguments,)
        places = FUNCTIONS[str(function)]
        parts = [str(words[place[0] - 1 if isinstance(place, tuple) else place - 1] or "") for place in places]
        if not all(parts):
            continue  # a variable: what it holds is a message elsewhere
        context = parts.pop(0) if isinstance(places[0], tuple) else ""
        yield Message(parts[0], parts[1] if len(parts) > 1 else "", context)


def extract() -> dict[tuple[str, str], Message]:
    """All messages of Haven, by their key, each with the files that say it."""
    found: dict[tuple[str, str], Message] = {}
    for path in sources():
        for message in messages_of_text(path.read_text(encoding="utf-8"), is_template=path.suffix in KINDS):
            kept = found.setdefault(message.key, message)
            kept.plural = kept.plural or message.plural
            place = path.relative_to(ROOT).as_posix()
            if place not in kept.places:
                kept.places.append(place)
    return found


def updated(language: str, messages: dict[tuple[str, str], Message]) -> Catalog:
    """The catalogue with exactly these messages: new ones untranslated, those no longer said dropped. Nothing is guessed."""
    before, after = read(language), empty(language)
    for message in messages.values():
        known = before.get(message.singular, message.context or None)
        fits = known is not None and isinstance(known.id, tuple) == bool(message.plural)
        string = known.string if known is not None and fits else None
        flags = known.flags if known is not None and fits else ()
        after.add(message.id, string, context=message.context or None, flags=flags)
    return after
