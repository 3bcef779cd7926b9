"""Rows of a list of cases, and the filters above it. A filter carries codes only, so it may stand in an address."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from casemgmt.access.sections import Section, read
from casemgmt.accounts.models import Team, User
from cases import access
from cases.choices.casework import CLOSED_STATUSES, CaseStatus, DueKind, Stage
from cases.models import Case, SavedView, SharedView, Survivor, Tag
from cases.narrowing import ALERT_CHOICES, DUE_CHOICES, tags_on, with_alert, with_due, with_tag

OPEN, ANY = "OPEN", "ANY"
NEWEST, ACTIVITY, DEADLINE = "", "ACTIVITY", "DEADLINE"
SORT_CHOICES: list[tuple[str, Any]] = [
    (NEWEST, _("Newest case first")), (ACTIVITY, _("Last activity first")), (DEADLINE, _("Next date first")),
]  # fmt: skip
#: Above this many a list says "1,000+".
COUNTED_UP_TO = 1000
STATUS_CHOICES: list[tuple[str, Any]] = [
    (OPEN, _("All open cases")), *((status.value, status.label) for status in CaseStatus), (ANY, _("Open and closed")),
]  # fmt: skip


@dataclass(frozen=True)
class CaseFilter:
    """What the list is narrowed to. Codes that nobody knows are left out, as if they had not been asked."""

    status: str = OPEN
    stage: str = ""
    team: UUID | None = None
    mine: bool = False
    due: str = ""
    alert: bool = False
    tag: UUID | None = None
    sort: str = NEWEST

    @classmethod
    def read(cls, query: Any, teams: Sequence[Team], words: Sequence[Tag] = ()) -> Self:
        """From the address of a page. ``words``: the tags that the reader may filter by."""
        status, stage, team = query.get("status", ""), query.get("stage", ""), query.get("team", "")
        sort, due, tag = query.get("sort", ""), query.get("due", ""), query.get("tag", "")
        return cls(
            status=status if status in dict(STATUS_CHOICES) else OPEN,
            stage=stage if stage in Stage.values else "",
            team=next((one.uid for one in teams if str(one.uid) == team), None),
            mine=query.get("mine", "") == "1",
            due=due if due in dict(DUE_CHOICES) else "",
            alert=query.get("alert", "") == "1",
            tag=next((one.uid for one in words if str(one.uid) == tag), None),
            sort=sort if sort in dict(SORT_CHOICES) else NEWEST,
        )

    @property
    def order(self) -> access.Order | None:
        """By which rows the list is sorted; None for the newest case first."""
        return {ACTIVITY: access.ACTIVITY, DEADLINE: access.DEADLINE}.get(self.sort)

    def where(self, reader: User) -> Q:
        """What a case that fits is like."""
        found = Q()
        if self.status == OPEN:
            found &= ~Q(status__in=CLOSED_STATUSES)
        elif self.status != ANY:
            found &= Q(status=self.status)
        if self.stage:
            found &= Q(stage=self.stage)
        if self.team is not None:
            found &= Q(team__uid=self.team)
        if self.mine:
            found &= Q(lead=reader)
        if self.due:
            found &= with_due(reader, self.due)
        if self.alert:
            found &= with_alert(reader)
        if self.tag is not None:
            found &= with_tag(reader, self.tag)
        return found

    @property
    def query(self) -> str:
        """As it stands in an address, without the question mark."""
        parts = {
            "mine": "1" if self.mine else "",
            "status": "" if self.status == OPEN else self.status,
            "stage": self.stage,
            "team": str(self.team or ""),
            "due": self.due,
            "alert": "1" if self.alert else "",
            "tag": str(self.tag or ""),
            "sort": self.sort,
        }
        return urlencode({name: value for name, value in parts.items() if value})

    def tags(self, teams: Sequence[Team], words: Sequence[Tag] = ()) -> list[tuple[str | Promise, str]]:
        """(words, the query without it) of each filter that is set."""
        tags: list[tuple[str | Promise, str]] = []
        if self.mine:
            tags.append((_("My cases"), replace(self, mine=False).query))
        if self.status != OPEN:
            tags.append((dict(STATUS_CHOICES)[self.status], replace(self, status=OPEN).query))
        if self.stage:
            tags.append((Stage(self.stage).label, replace(self, stage="").query))
        if self.team is not None:
            tags += [(team.name, replace(self, team=None).query) for team in teams if team.uid == self.team]
        if self.due:
            tags.append((dict(DUE_CHOICES)[self.due], replace(self, due="").query))
        if self.alert:
            tags.append((ALERT_CHOICES[0][1], replace(self, alert=False).query))
        if self.tag is not None:
            tags += [(tag.in_words, replace(self, tag=None).query) for tag in words if tag.uid == self.tag]
        if self.sort:
            tags.append((dict(SORT_CHOICES)[self.sort], replace(self, sort=NEWEST).query))
        return tags


@dataclass(frozen=True)
class KeptView:
    """A saved view as a list offers it: its name, its address without the question mark, and whether it is shown now."""

    uid: UUID
    name: str
    query: str
    is_shown: bool


def views_of(reader: User, chosen: CaseFilter) -> list[KeptView]:
    """The reader's own views, oldest first, inside an opening of hers. One query."""
    kept = access.own(SavedView, reader).order_by("saved_at", "pk")
    return [KeptView(one.uid, one.name, one.query, one.query == chosen.query) for one in kept]


@dataclass(frozen=True)
class TeamView:
    """A view that somebody shares with a team of the reader's: called by what it filters, and by whom it is."""

    uid: UUID
    words: list[str]
    who: str
    team: str
    query: str
    is_shown: bool
    may_end: bool


def shared_with(
    reader: User, chosen: CaseFilter, teams: Sequence[Team], words: Sequence[Tag], supervised: Collection[int]
) -> list[TeamView]:
    """What is shared with the reader's teams, oldest first. ``supervised``: keys of teams of which she may end views.

    A filter is read anew as codes, so one by a word that is no longer offered is wider, and says so. One query.
    """
    rows = access.for_the_house(SharedView).filter(team__in=teams, ended_at__isnull=True)
    found = []
    for row in rows.select_related("team", "shared_by").order_by("shared_at", "pk"):
        kept = CaseFilter.read(QueryDict(row.query), teams, words)
        said = [str(one) for one, _query in kept.tags(teams, words)] or [gettext("All open cases")]
        may_end = row.shared_by_id == reader.pk or row.team_id in supervised
        found.append(
            TeamView(row.uid, said, row.shared_by.name, row.team.name, kept.query, kept.query == chosen.query, may_end)
        )
    return found


def counted(reader: User, chosen: CaseFilter) -> str:
    """How many cases fit, in words: exact up to a thousand, "1,000+" above. At most two queries."""
    found = access.count(reader, where=chosen.where(reader), up_to=COUNTED_UP_TO)
    if found > COUNTED_UP_TO:
        return gettext("%(number)s+ cases") % {"number": number_format(COUNTED_UP_TO, force_grouping=True)}
    words = ngettext("%(number)s case", "%(number)s cases", found)
    return words % {"number": number_format(found, force_grouping=True)}


@dataclass(frozen=True)
class Row:
    """One case as a list shows it. ``name`` only where asked for; ``next_on`` with its kind, never a line."""

    case: Case
    alias: str
    name: str
    stage: str
    stage_tone: str
    status: str
    lead: str
    next_kind: str
    next_on: date | None
    tags: list[str]

    @property
    def shown_stage(self) -> str:
        """Where the work stands; of a closed case that it is closed."""
        return self.status if self.case.is_closed else self.stage


_TONES = {Stage.INTAKE: "info", Stage.STABILISE: "info", Stage.LEGAL: "brand", Stage.REINTEGRATE: "ok"}


def teams_of(reader: User) -> list[Team]:
    """The teams the reader belongs to, by name. Two queries."""
    return list(Team.objects.filter(group_id__in=reader.team_group_ids()).order_by("name"))


def take_hold(reader: User, cases: Sequence[Case]) -> None:
    """Note on each of these cases what the reader may do with it: one batch for a page that came by another way."""
    held = access.holdings(reader, cases)
    for case in cases:
        case.holding = held.get(case.pk)


def shown_alias(case: Case) -> str:
    """The alias, for whoever holds the card; an attorney whose release has ended keeps the matter, not the card."""
    return case.shown_alias if case.holding is not None and case.holding.holds(Section.CARD) else ""


def rows_of(reader: User, cases: Sequence[Case], *, with_names: bool = False) -> list[Row]:
    """The rows of a page, inside an opening of these cases (CARD; IDENTITY for names). Two queries, three with names."""
    coming, words = next_dates(reader, cases), tags_on(reader, cases)
    survivors: dict[int, Survivor] = {}
    if with_names:
        known = access.visible(Survivor, reader, read(Section.IDENTITY)).filter(case__in=[case.pk for case in cases])
        survivors = {row.case_id: row for row in known}
    rows = []
    for case in cases:
        due = coming.get(case.pk)
        is_outsider = reader.organisation_id != case.organisation_id
        survivor = survivors.get(case.pk)
        rows.append(
            Row(
                case=case,
                alias=case.shown_alias,
                name=" ".join(filter(None, (survivor.first_name, survivor.second_name))) if survivor else "",
                stage=str(case.get_stage_display()),
                stage_tone="" if case.is_closed else _TONES.get(Stage(case.stage), ""),
                status=str(case.get_status_display()),
                lead="" if is_outsider else case.lead_name or "",
                next_kind=str(DueKind(due[1]).label) if due else "",
                next_on=due[0] if due else None,
                tags=[tag.word for tag in words.get(case.pk, [])],
            )
        )
    return rows


def next_dates(reader: User, cases: Sequence[Case]) -> dict[int, tuple[date, str]]:
    """The next open date of each case among those the reader may know of: (day, kind). One query."""
    found: dict[int, tuple[date, str]] = {}
    for key, day, kind in access.open_dates(reader, [case.pk for case in cases]):
        found.setdefault(key, (day, kind))
    return found
