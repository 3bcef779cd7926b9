"""Who saw her data: readings of one case by the ledger, put together by person, for her own account of it.

By role, because a reading is the work of the house and not of a person; the names of the house's own people where whoever
prepares the account chooses so. Somebody of another organisation is told as that organisation, never by name, and the person
who reported stays out: nothing here says what a reading was for. (45 CFR 164.528 demands an account of what was disclosed;
that readings stand in it, too, is the house's own word to her.)
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from audit.models import Event, EventCase
from audit.verbs import READINGS, Outcome, Verb
from casemgmt.access.sections import Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import RoleAssignment, User
from cases.models import Case

#: Of these the account tells elsewhere, or they show nothing of hers.
_ELSEWHERE = frozenset({Verb.DISCLOSURE_MADE, Verb.DISCLOSURES_ACCOUNTED, Verb.SHARING_VIEWED, Verb.RETENTION_LISTED})
#: Beside what auditors count as readings: her releases on paper.
SEEN = sorted((READINGS | {Verb.RELEASE_PRINTED}) - _ELSEWHERE)
#: Whoever did one of these holds something of hers on paper or as a file.
COPIES = frozenset(
    {
        Verb.DOCUMENT_DOWNLOADED, Verb.EXPORT_MADE, Verb.PRINT_MADE, Verb.RELEASE_PRINTED,
    }
)  # fmt: skip
_EMERGENCY = "EMERGENCY"


@dataclass
class Reader:
    """One person who saw something: as which role, of which organisation, on how many days, from when to when, what."""

    roles: list[str] = field(default_factory=list)
    house: str = ""
    name: str = ""
    days: set[date] = field(default_factory=set)
    sections: set[str] = field(default_factory=set)
    took_copies: bool = False
    #: Some of it, or all, by an access that was taken in an emergency.
    in_emergency: bool = False

    @property
    def parts(self) -> list[Any]:
        """What she or he saw, in words, in the order of the sections."""
        return [section.label for section in Section if section in self.sections]

    @property
    def began(self) -> date:
        """The first day."""
        return min(self.days)

    @property
    def ended(self) -> date:
        """The last day."""
        return max(self.days)

    @property
    def on_days(self) -> int:
        """On how many days."""
        return len(self.days)


def moments(since: date, until: date) -> tuple[datetime, datetime]:
    """Two local days as the moments between which they lie; the second one is left out."""
    begin, end = (datetime.combine(day, time.min) for day in (since, until + timedelta(days=1)))
    return timezone.make_aware(begin), timezone.make_aware(end)


def who_saw(case: Case, since: date, until: date, *, with_names: bool = False) -> list[Reader]:
    """Everybody who saw something of a case in a time (local days, both included), the latest first. Four queries."""
    begin, end = moments(since, until)
    touched = EventCase.objects.filter(case_uid=case.uid).values("event_id")
    events = Event.objects.filter(Q(case_uid=case.uid) | Q(pk__in=touched), verb__in=SEEN, at__gte=begin, at__lt=end)
    rows = events.filter(outcome__in=(Outcome.OK, Outcome.ROLLED_BACK)).values_list(
        "actor_uid", "on_behalf_of", "at", "verb", "sections", "basis_kind"
    )
    found: dict[UUID, Reader] = {}
    for actor_uid, behalf, at, verb, sections, basis in rows.order_by("pk").iterator():
        who = actor_uid or behalf
        if who is None:
            continue  # a job of the house: nobody saw it
        reader = found.setdefault(who, Reader())
        reader.days.add(timezone.localdate(at))
        reader.sections |= set(sections.split())
        reader.took_copies |= verb in COPIES
        reader.in_emergency |= basis == _EMERGENCY
    _put_names(found, case, begin, end, with_names=with_names)
    return sorted(found.values(), key=lambda reader: (reader.ended, reader.on_days), reverse=True)


def _put_names(found: dict[UUID, Reader], case: Case, begin: datetime, end: datetime, *, with_names: bool) -> None:
    people = User.objects.filter(uid__in=list(found)).select_related("organisation")
    roles = _roles_of(people, begin, end)
    for person in people:
        reader = found[person.uid]
        is_ours = person.organisation_id == case.organisation_id
        reader.house = "" if is_ours else person.organisation.name
        reader.roles = roles.get(person.pk, [])
        reader.name = person.name if with_names and is_ours else ""


def _roles_of(people: Iterable[User], begin: datetime, end: datetime) -> dict[int, list[str]]:
    """The roles each person held at some moment of the time, in words."""
    held = RoleAssignment.objects.filter(user__in=people, starts_at__lt=end)
    rows = held.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=begin)).order_by("starts_at", "pk")
    found: dict[int, list[str]] = {}
    for user_id, role in rows.values_list("user_id", "role"):
        words = str(Role(role).label)
        if words not in found.setdefault(user_id, []):
            found[user_id].append(words)
    return found
