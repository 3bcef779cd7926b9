"""Letters from a case: what a text of the house can be filled with, and how the letter is kept.

Read inside the open case. Where no address may be written (domain.md R13) the letter goes in care of the office; a name that
she was made to use is never a name for a letter.
"""

from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access
from cases.actions.documents import seal_document
from cases.actions.survivor import address_is_confidential
from cases.answers import ADDRESS, LEGAL_NAME, SAFE_ADDRESS, WANTED_NAME, is_answered
from cases.choices.configuration import TemplateKind
from cases.choices.documents import SECTIONS_OF_DOCUMENT, DocumentCategory
from cases.errors.survivor import RuleNotRead
from cases.models import Case, Survivor, TextTemplate
from cases.texts import OF_HER, filled, places_in, standing, wording

#: Whoever a letter goes to: to her, her rule is read first.
TO_HER, TO_SOMEBODY_ELSE = "HER", "OTHER"
#: House notes of a shelter are read by people who know neither her name nor her letters.
_NEVER = frozenset({Section.SHELTER_OPS})


class TextFile(BytesIO):
    """A letter as an upload: ``name``, ``size``, ``read``, ``seek``."""

    def __init__(self, name: str, text: str) -> None:
        content = text.encode()
        super().__init__(content)
        self.name, self.size = name, len(content)


def letters_offered() -> list[TextTemplate]:
    """The letters of this house. One query."""
    return list(standing(TemplateKind.LETTER))


def sections_for(case: Case, text: TextTemplate) -> list[Section]:
    """Where this writer may keep the letter: with what it says of her, first of all where her identity stands."""
    holding = case.holding
    assert holding is not None  # the door has set it
    possible = [one for one in SECTIONS_OF_DOCUMENT[DocumentCategory.CORRESPONDENCE] if one not in _NEVER]
    if OF_HER & set(places_in(wording(text))):
        possible.sort(key=lambda one: one != Section.IDENTITY)
    return [one for one in possible if holding.writes(one)]


def letter_text(writer: User, case: Case, text: TextTemplate, now: datetime) -> str:
    """The text filled from the open case, in the language of the text. What the writer may not read stays a line to write on."""
    with translation.override(text.language):
        return filled(wording(text), _values(writer, case, now))


def _values(writer: User, case: Case, now: datetime) -> dict[str, str]:
    day = timezone.localdate(now, writer.zone)
    values = {
        "today": date_format(day, pgettext("how a day is written; Django's letters", "j F Y")),
        "case.number": case.number,
        "lead.name": case.lead.name if case.lead else "",
        "my.name": writer.name,
        "office.name": case.organisation.name,
    }
    holding = case.holding
    assert holding is not None  # the door has set it
    if holding.reads(Section.IDENTITY):
        row = access.records(Survivor, case).first()
        if row is not None:
            values |= _of_her(case, row, now)
    return values


def _of_her(case: Case, row: Survivor, now: datetime) -> dict[str, str]:
    called = row.called or {}
    recorded = " ".join(part for part in (row.first_name, row.second_name) if part)
    return {
        "her.name": called.get(WANTED_NAME) or row.first_name or recorded,
        "her.name_for_letters": called.get(LEGAL_NAME) or recorded,
        "her.address": _address(case, row, now),
    }


def _address(case: Case, row: Survivor, now: datetime) -> str:
    """Her safe address; where she has none and one may be written, the one on record; else in care of the office (R13)."""
    contact: dict[str, Any] = row.contact or {}
    if safe := contact.get(SAFE_ADDRESS):
        return str(safe)
    lines = [str(contact[name]) for name in ADDRESS if is_answered(contact.get(name))]
    if lines and not address_is_confidential(case, list(case.alerts or []), now):
        return "\n".join(lines)
    return _("In care of %(office)s") % {"office": case.organisation.name}


def write_letter(
    *, actor: User, now: datetime, case: Case, text: TextTemplate, name: str, body: str, section: str, goes_to: str,
    has_read: bool, form_key: UUID | None = None,
) -> Any:  # fmt: skip
    """Keep a letter as a document of the case, as it was written at last. ``name`` becomes the name of its file.

    A letter to her needs the word that her rule was read (domain.md §8.4). Raises RuleNotRead and what ``seal_document``
    raises. Records DOCUMENT_SEALED and LETTER_WRITTEN.
    """
    if goes_to == TO_HER and not has_read:
        raise RuleNotRead
    return seal_document(
        actor=actor, now=now, form_key=form_key, upload=TextFile(f"{name}.txt", body), case_uid=case.uid, letter=text,
        category=DocumentCategory.CORRESPONDENCE, section=section,
    )  # fmt: skip
