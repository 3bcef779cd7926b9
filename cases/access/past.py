"""What was true at a moment: who could see a case then, and what a former reader of a matter may still know.

From grants, memberships, account periods and versions alone: permission rows are deleted when they end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from audit import clock
from audit.history import history_model_of
from casemgmt.access.sections import Section
from casemgmt.access.session import for_house
from casemgmt.accounts.models import AccountState, User
from cases.access.behind import Walls, people_behind
from cases.access.explanation import sections_of
from cases.access.rows import closes_at, grants_with_grounds, opened_by
from cases.choices.casework import DueKind
from cases.models import AccessGrant, Case, Due, Release

#: How long the home of a former reader says that her access has ended.
_TOLD_FOR_DAYS = 365
#: Dates that an attorney answers for, whoever put them on the list.
_DATES_OF_A_MATTER = (DueKind.DEADLINE, DueKind.HEARING)


def who_could_see(case: Case, permission: str, at: datetime) -> dict[User, list[AccessGrant]]:
    """Each person who could use ``permission`` on the case at any moment, past ones too, with the grants it rested on.

    Teams are the people who belonged to them then; accounts that were closed then, and walls that stood, are taken out.
    From grants, memberships, account periods and versions alone: permission rows are deleted when they end.
    """
    return _people_then(case, at, [grant for grant in _in_force_then(case, at) if permission in opened_by(grant, at)])


def sections_seen(case: Case, at: datetime) -> dict[User, dict[Section, list[AccessGrant]]]:
    """``who_could_see`` for every section at once: each person with the sections she could read then, and on which grounds.

    As many queries as one ``who_could_see``.
    """
    return {
        person: {
            section: resting
            for section in Section
            if (resting := [one for one in grants if section in sections_of(opened_by(one, at))])
        }
        for person, grants in _people_then(case, at, _in_force_then(case, at)).items()
    }


def _in_force_then(case: Case, at: datetime) -> list[AccessGrant]:
    """The grants that stood at that moment, as they were then; those of teams only where the case was not restricted."""
    grants = list(grants_with_grounds().filter(case=case, valid_from__lte=at).order_by("granted_at", "pk"))
    _as_they_were(grants, at)
    restricted = _was_restricted(case, at)
    return [grant for grant in grants if opened_by(grant, at) and (grant.person_id or not restricted)]


def _as_they_were(grants: Sequence[AccessGrant], at: datetime) -> None:
    """Put back into grants, their parents and releases the ends that they had then: an end may have been moved since."""
    whole = above = list(grants)
    while above := [grant.parent for grant in above if grant.parent is not None]:
        whole += above
    releases = [grant.release for grant in whole if grant.release is not None]
    _put_back(AccessGrant, whole, at, ("expires_at", "revoked_at", "permissions"))
    _put_back(Release, releases, at, ("expires_at", "withdrawn_at"))


def _put_back(model: type, rows: Sequence[AccessGrant | Release], at: datetime, names: tuple[str, ...]) -> None:
    if not rows:
        return
    versions = history_model_of(model)._default_manager.filter(id__in={row.pk for row in rows}, history_date__lte=at)
    with for_house():
        then = {
            key: values for key, *values in versions.order_by("history_date", "history_id").values_list("id", *names)
        }
    for row in rows:
        for name, value in zip(names, then.get(row.pk, ()), strict=False):
            setattr(row, name, value)


def _people_then(case: Case, at: datetime, grants: Sequence[AccessGrant]) -> dict[User, list[AccessGrant]]:
    """The people behind these grants at that moment, by name."""
    found: dict[int, list[AccessGrant]] = {}
    behind = people_behind(grants, at)
    for grant in grants:
        for key in behind[grant.pk]:
            found.setdefault(key, []).append(grant)
    people = User.objects.filter(pk__in=found, account_states__in=AccountState.objects.at(at))
    people = people.exclude(pk__in=Walls(case, at).keep_away(found)).select_related("organisation").by_name()
    return {person: found[person.pk] for person in people}


def _was_restricted(case: Case, at: datetime) -> bool:
    """Whether the case was restricted at that moment: its last version until then says so."""
    versions = history_model_of(Case)._default_manager.filter(id=case.pk, history_date__lte=at)
    with for_house():
        last = versions.order_by("-history_date", "-history_id").values_list("is_restricted", flat=True).first()
    return case.is_restricted if last is None else last


# ---- What stays of an access that ended ----


@dataclass(frozen=True)
class EndedMatter:
    """What a former reader of a matter may still know: that it ended, when, and whom to ask. Nothing more.

    ``dates``: (kind in words, local calendar date) of what stood open when her access ended, and has not passed yet. She
    knew them then; what came later she does not learn.
    """

    ended_on: datetime
    organisation: str
    dates: list[tuple[str, date]]


def ended_matters(actor: User, *, at: datetime | None = None) -> list[EndedMatter]:
    """Matters whose access by the actor has ended within a year: a line each, without a word of their content.

    Not one that she was given anew, nor one of which she still reads her own file. Two queries.
    """
    at = at or clock.moment()
    ends: dict[int, tuple[datetime, str]] = {}
    grants = grants_with_grounds().filter(person=actor, matter__isnull=False, parent__isnull=True)
    for grant in grants.select_related("case__organisation"):
        end, key = closes_at(grant), grant.matter_id or 0
        if key not in ends or end > ends[key][0]:
            ends[key] = (end, grant.case.organisation.name)
    over = {key: one for key, one in ends.items() if one[0] <= at and (at - one[0]).days <= _TOLD_FOR_DAYS}
    dates = _dates_then({key: end for key, (end, _name) in over.items()}, timezone.localdate(at))
    newest = sorted(over.items(), key=lambda entry: entry[1], reverse=True)
    return [EndedMatter(end, name, dates.get(key, [])) for key, (end, name) in newest]


def _dates_then(ends: dict[int, datetime], today: date) -> dict[int, list[tuple[str, date]]]:
    """Dates of matters that stood open when the access to each ended, and lie ahead: from the versions of then."""
    if not ends:
        return {}
    versions: Any = history_model_of(Due)._default_manager.filter(
        matter_id__in=ends, kind__in=_DATES_OF_A_MATTER, history_date__lte=max(ends.values())
    )
    then: dict[int, tuple[int, str, date, Any]] = {}
    columns = ("id", "matter_id", "kind", "due_on", "done_at", "history_date")
    with for_house():
        rows = list(versions.order_by("history_date", "history_id").values_list(*columns))
    for key, matter, kind, due_on, done_at, dated in rows:
        if dated <= ends[matter]:
            then[key] = (matter, kind, due_on, done_at)
    found: dict[int, list[tuple[str, date]]] = {}
    for matter, kind, due_on, done_at in sorted(then.values(), key=lambda one: one[2]):
        if done_at is None and due_on >= today:
            found.setdefault(matter, []).append((str(DueKind(kind).label), due_on))
    return found
