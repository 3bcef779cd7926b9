"""What pages say where content was erased: since when and under which order, never what stood there."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from casemgmt.access.sections import RETENTION_CLASS_OF, Section
from casemgmt.crypto.sealed import Removed
from cases.models import Case


@dataclass(frozen=True)
class Erased:
    """One erased class as one reader is told of it: ``parts`` are the sections of it that are hers to see."""

    retention_class: str
    on: date
    order: str
    parts: list[Any]


def erased_parts(case: Case) -> list[Erased]:
    """What was erased of the parts that are the reader's to see, the oldest first. No query; needs ``case.holding``."""
    holding = case.holding
    if holding is None or not case.erasures:
        return []
    held = [*holding.held, *([Section.LEGAL_FILE] if holding.matters else [])]
    found = []
    for name, told in case.erasures.items():
        parts = [section.label for section in held if RETENTION_CLASS_OF[section] == name]
        if parts:
            found.append(Erased(name, date.fromisoformat(told["on"]), told["order"], parts))
    return sorted(found, key=lambda one: (one.on, one.retention_class))


def erased_words(case: Case, section: str) -> str:
    """ "Content erased on 5 June 2026 under ER-7Q4K-29MX", for a section of which it is true."""
    return words_of_class(case, RETENTION_CLASS_OF[section])


def words_of_removal(removal: Removed) -> str:
    """ "Removed on 5 June 2026: it was written into the wrong record. Two people decided it." """
    on = timezone.localdate(removal.at)
    day = date_format(on, pgettext("how a day is written; Django's letters", "j F Y"))
    return _("Removed on %(day)s: it was written into the wrong record. Two people decided it.") % {"day": day}


def words_of_class(case: Case, retention_class: str) -> str:
    """The same for a retention class; without day and order where a key is missing that no order took."""
    told = case.erasures.get(retention_class)
    if told is None:
        return _("The content was erased.")
    day = date_format(date.fromisoformat(told["on"]), pgettext("how a day is written; Django's letters", "j F Y"))
    return _("Content erased on %(day)s under %(order)s") % {"day": day, "order": told["order"]}
