"""Texts of the house: words to begin a note with, and letters with places that a case fills.

There is no template engine: a place is one of a closed list of names between double braces, replaced once, and what is
filled in is never looked at for places again. So no text can reach a value that the list does not name, and no value of a
case can become a place.
"""

import re
from collections.abc import Mapping
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casemgmt.crypto.errors import SealedShut
from casemgmt.crypto.gate import open_gate
from cases import access, codes
from cases.choices.configuration import ListName, TemplateKind
from cases.models import TextTemplate

#: What a letter may name, with its words for whoever writes the template.
PLACES: dict[str, str | Promise] = {
    "today": _("Today's date, written out"),
    "case.number": _("The number of the case"),
    "her.name": _("The name she wants to be called by"),
    "her.name_for_letters": _("Her legal name, or else the name on record"),
    "her.address": _("Her safe mailing address; in care of this office where no address may be written"),
    "lead.name": _("Who leads the case"),
    "my.name": _("Who writes the letter"),
    "office.name": _("The organisation of the case"),
}
#: Places that only a reader of her identity can fill.
OF_HER = frozenset({"her.name", "her.name_for_letters", "her.address"})
#: What stands where a place could not be filled: a line to write on.
OPEN = "________"

#: Anything between double braces counts as meant, so that a misspelt place is refused and never sent.
_PLACE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_BRACE = re.compile(r"\{\{|\}\}|\{%|%\}")


def places_in(text: str) -> list[str]:
    """The names of the places of a text, in their order, each once."""
    return list(dict.fromkeys(found.strip() for found in _PLACE.findall(text)))


def unknown_places(text: str, *, known: Mapping[str, object] = PLACES) -> list[tuple[int, str]]:
    """What a text names that nothing can fill: (line, what stands there). A brace without its partner counts as well."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        found += [(number, place.strip()) for place in _PLACE.findall(line) if place.strip() not in known]
        if loose := _BRACE.search(_PLACE.sub("", line)):
            found.append((number, loose.group()))
    return found


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled, each once; a place without a value becomes a line to write on."""
    return _PLACE.sub(lambda found: values.get(found.group(1).strip(), "") or OPEN, text)


# ---- Which texts there are ----


def standing(kind: str) -> QuerySet[TextTemplate]:
    """The texts of a kind that are offered, by name."""
    rows = access.for_the_house(TextTemplate).filter(kind=kind, ended_at__isnull=True)
    return rows.select_related("changed_by").order_by("name", "language")


class WordingGate:
    """Admits the words of the texts that one house keeps, and nothing else of its pseudo-case."""

    def __init__(self, house_uid: UUID) -> None:
        self.house_uid = house_uid

    def admit(self, case_uid: UUID, section: str, fid: str, scope_uid: UUID | None = None) -> None:
        """Raise ``SealedShut`` for anything else."""
        if case_uid != self.house_uid or fid != "text_template.body":
            raise SealedShut(fid)


def wording(text: TextTemplate) -> str:
    """The words of a text, or of a former version of it. They are the house's own, and no event of a case."""
    with open_gate(WordingGate(text.case_uid)):
        return str(text.body)


def words_to_begin(note_type: str) -> str:
    """This house's words to begin such a note with, in the language of the page; empty where it wrote none. One query.

    A type of one's own without words takes those of the type that it counts as.
    """
    if not note_type or not codes.is_known(ListName.NOTE_TYPE, note_type):
        return ""
    language = (get_language() or settings.LANGUAGE_CODE).split("-")[0]
    shipped = codes.base(ListName.NOTE_TYPE, note_type)
    rows = standing(TemplateKind.NOTE).filter(language=language, about_code__in=[note_type, shipped])
    bodies = {row.about_code: wording(row) for row in rows}
    return bodies.get(note_type) or bodies.get(shipped, "")
