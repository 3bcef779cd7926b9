"""What a page says in another language: English words of a journey, found in the catalogue of that language."""

import re
from collections.abc import Callable, Iterator
from functools import cache

from django.utils import translation
from django.utils.translation import npgettext

from casemgmt.operations.words.catalogues import read

_PLACE = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")


@cache
def words_in(language: str) -> Callable[[str], str]:
    """Words as the pages of that language say them; what no catalogue knows (names, what somebody wrote) stays as it is."""
    if language == "en":
        return str
    whole = dict(_whole(language))
    patterns = list(_patterns(language))

    @cache
    def say(words: str) -> str:
        if words in whole:
            return whole[words]
        for pattern, filled in patterns:
            if match := pattern.fullmatch(words):
                return filled({name: say(value) for name, value in match.groupdict().items()})
        return words

    return say


def _whole(language: str) -> Iterator[tuple[str, str]]:
    """Messages without a place for something; of several contexts the one without."""
    for message in sorted(read(language), key=lambda one: one.context or "", reverse=True):
        if isinstance(message.id, str) and message.id and message.string and not _PLACE.search(message.id):
            yield message.id, str(message.string)


def _patterns(language: str) -> Iterator[tuple[re.Pattern[str], Callable[[dict[str, str]], str]]]:
    """Messages with places, the longest first, and how they are filled."""
    found = [one for one in read(language) if one.id and one.string]
    for message in sorted(found, key=lambda one: -len(str(one.id))):
        forms = [message.id] if isinstance(message.id, str) else list(message.id)
        if not any(_PLACE.search(form) for form in forms):
            continue
        for form in forms:
            yield re.compile(_pattern_of(form)), _filler(language, forms, str(message.string), message.context)


def _pattern_of(form: str) -> str:
    parts, end, names = [], 0, set()
    for place in _PLACE.finditer(form):
        name = place[1] or place[2]
        parts += [re.escape(form[end : place.start()]), f"(?P={name})" if name in names else f"(?P<{name}>.+?)"]
        names.add(name)
        end = place.end()
    return "".join([*parts, re.escape(form[end:])]).replace("%%", "%")


def _filler(language: str, forms: list[str], string: str, context: str | None) -> Callable[[dict[str, str]], str]:
    def filled(values: dict[str, str]) -> str:
        text = string
        if len(forms) > 1:
            number = next((int(value) for value in values.values() if value.isdigit()), 1)
            with translation.override(language):
                text = npgettext(context, *forms, number) if context else translation.ngettext(*forms, number)
        return _PLACE.sub(lambda place: values[place[1] or place[2]], text).replace("%%", "%")

    return filled
