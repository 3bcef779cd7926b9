"""The auditor at work: which names she reads, below which number she reads none, and the trace she leaves."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from . import pseudonyms
from .log import Ref, record
from .models import PersonDay
from .verbs import Verb
from .workspace.models import NOBODY

INTERNAL, EXTERNAL = "INTERNAL_AUDITOR", "EXTERNAL_AUDITOR"

#: Counts of cases below this number are not shown: few cases can be one person.
SMALLEST_SHOWN = {INTERNAL: 5, EXTERNAL: 11}


class Reader:
    """One auditor on one page. Staff appear by name to an internal auditor, by pseudonym to an external one."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self._names: dict[uuid.UUID, str] = {}

    @cached_property
    def role(self) -> str:
        """As which auditor this person reads. A privacy officer and a director, who decide with them, read as one of the house."""
        return INTERNAL if self.user.holds_role(INTERNAL, "PRIVACY_OFFICER", "DIRECTOR") else EXTERNAL

    @property
    def is_external(self) -> bool:
        """From outside: no names of staff, and larger numbers hidden."""
        return self.role == EXTERNAL

    @property
    def smallest_shown(self) -> int:
        """The smallest count of cases this reader sees."""
        return SMALLEST_SHOWN[self.role]

    def count_of_cases(self, number: int) -> str:
        """A count of cases, or that it is small."""
        if 0 < number < self.smallest_shown:
            return _("fewer than %(limit)s") % {"limit": self.smallest_shown}
        return str(number)

    def capped_count_of_cases(self, number: int, most: int) -> str:
        """The same of a number that was counted up to ``most`` and one."""
        return f"{most}+" if number > most else self.count_of_cases(number)

    def learn_names(self, user_uids: Iterable[uuid.UUID | None]) -> None:
        """Load the names of these people, with one query for an internal auditor and none for an external one."""
        missing = {uid for uid in user_uids if uid is not None} - self._names.keys()
        if missing and not self.is_external:
            people = get_user_model()._default_manager.filter(uid__in=missing)
            self._names.update(people.values_list("uid", "name"))

    def name_of(self, user_uid: uuid.UUID) -> str:
        """How this reader calls that person. Call ``learn_names`` for a page's people first."""
        if self.is_external:
            return pseudonyms.of_person(user_uid)
        return self._names.get(user_uid) or pseudonyms.of_person(user_uid)

    def staff(self) -> list[tuple[uuid.UUID, str, str]]:
        """(uid, pseudonym, shown name) of everybody with an account, in the order of what is shown. One query."""
        people = get_user_model()._default_manager.values_list("uid", "name")
        listed = [(uid, pseudonyms.of_person(uid), name) for uid, name in people]
        if self.is_external:
            listed = [(uid, code, code) for uid, code, _name in listed]
        return sorted(listed, key=lambda entry: entry[2])

    def leave_trace(
        self,
        page: str,
        *,
        filters: Iterable[str] = (),
        case_uid: uuid.UUID | None = None,
        person_uid: uuid.UUID | None = None,
        case_uids: Iterable[uuid.UUID] = (),
        result: str = "",
    ) -> None:
        """Reading the ledger is itself an event: which page, which filters, about whom, and with which result."""
        subject = None
        if case_uid is not None:
            subject = Ref("ledger", None, case_uid)
        elif person_uid is not None:
            subject = Ref("user", person_uid)
        detail = {"page": page, "filters": sorted(filters)} | ({"result": result} if result else {})
        refs = [Ref("ledger", None, uid) for uid in sorted(case_uids)]
        record(Verb.LEDGER_READ, actor=self.user, subject=subject, refs=refs, detail=detail)


def person_uids_in_ledger() -> set[uuid.UUID]:
    """Everybody with an account, and everybody who ever acted. Two queries."""
    acted = PersonDay.objects.exclude(person_uid=NOBODY).order_by().values_list("person_uid", flat=True).distinct()
    return set(acted) | set(get_user_model()._default_manager.values_list("uid", flat=True))
