"""Hints: what somebody should look at, by rule, baseline and evidence (ledger.md §6). Never a verdict.

A day of a person is examined when it is over, with what the ledger knew then; once more, if something of it is sealed
later. So a hint is found once (its key), and a run that was cut short goes on where it stopped. What stands in the
privileged part is in no hint.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import transaction
from django.utils import timezone

from ..log import Ref, record
from ..models import Event, Hint, PersonDay
from ..presenting import why_of
from ..verbs import DENIALS, READINGS, Verb
from . import walking
from .digest import COPIES, midnight
from .models import NOBODY, Rule

#: Acts that a hint names, and acts of one day that are looked at.
MOST_EVIDENCE, MOST_OF_A_DAY = 50, 20_000
#: What is "usual" comes from so many days before.
BASELINE = timedelta(days=90)
#: Night on the house's calendar: from this hour until that one.
NIGHT_FROM, NIGHT_UNTIL = 22, 6
#: Below this share of one's readings, nights are unusual for somebody.
USUAL_SHARE = 0.05
#: Rights that work at night, or are reviewed by themselves.
NIGHT_RIGHTS = frozenset({"ON_CALL", "RESIDENCE", "EMERGENCY"})
#: Different cases in a day that are never called many, and the limit where nothing is known of what is usual.
FEW_CASES, MANY_CASES = 10, 30
#: Days of others that a percentile needs.
ENOUGH_DAYS = 20
#: So many cases, each within so much of the one before.
IN_A_ROW, WITHIN = 10, timedelta(seconds=60)
#: A copy within an hour of so many cases.
BEFORE_A_COPY, COPY_WITHIN = 15, timedelta(hours=1)
#: Times turned away in the day before an emergency access.
TURNED_AWAY, BEFORE_AN_EMERGENCY = 3, timedelta(days=1)
#: Without a single act: resting.
RESTED = timedelta(days=60)
#: After a case passed to others, or was closed, so long.
PASSED_WITHIN, CLOSED_SINCE = timedelta(days=90), timedelta(days=1)

PASSINGS = frozenset({Verb.CASE_OPENED.value, Verb.CASE_HANDED_OVER.value})

#: Person → everybody who does the same work.
Peers = Mapping[uuid.UUID, frozenset[uuid.UUID]]


@dataclass(frozen=True)
class Found:
    """One thing to look at: about what (``about`` makes it one of its kind), against which baseline, which acts."""

    rule: Rule
    about: str
    events: Sequence[Event]
    baseline: dict[str, Any] = field(default_factory=dict)
    case_uid: uuid.UUID | None = None


class Day:
    """One day of one person, with all that the rules ask for. ``events`` are open ones in the order of the ledger."""

    def __init__(self, row: PersonDay, peers: Peers) -> None:
        self.row, self.peers = row, peers
        self.person_uid, self.day = row.person_uid, row.day

    @cached_property
    def events(self) -> list[Event]:
        """One or two queries."""
        start, end = midnight(self.day), midnight(self.day + timedelta(days=1))
        lowest, highest = walking.bounds(start, end)
        rows = Event.objects.filter(actor_uid=self.person_uid, pk__gte=lowest, pk__lte=highest)
        rows = rows.between(start, end).open_to_auditors().defer("canonical", "history_rows")
        return sorted(rows.order_by("pk")[:MOST_OF_A_DAY], key=lambda event: (event.at, event.pk))

    @cached_property
    def readings(self) -> list[Event]:
        """Somebody saw something of one case."""
        return [event for event in self.events if event.verb in READINGS and event.case_uid is not None]

    @cached_property
    def opened(self) -> list[Event]:
        """Cases that were opened, one after the other."""
        return [event for event in self.events if event.verb == Verb.CASE_VIEWED]

    @cached_property
    def cases(self) -> set[uuid.UUID]:
        """The different cases of which something was seen."""
        return {event.case_uid for event in self.readings if event.case_uid is not None}

    @cached_property
    def at_night(self) -> list[Event]:
        """Readings at night that no duty explains."""
        return [one for one in self.readings if is_night(one.at) and one.basis_kind not in NIGHT_RIGHTS]

    def before(self, people: Sequence[uuid.UUID]) -> list[tuple[int, int, int]]:
        """(cases, readings, at night) of each examined day of these people in the weeks before."""
        days = PersonDay.objects.filter(
            person_uid__in=people, day__gte=self.day - BASELINE, day__lt=self.day, is_examined=True
        )
        return list(days.values_list("cases", "readings", "at_night"))


def is_night(at: datetime) -> bool:
    """Whether it was night on the house's calendar."""
    hour = timezone.localtime(at).hour
    return hour >= NIGHT_FROM or hour < NIGHT_UNTIL


def percentile(numbers: Sequence[int], share: float = 0.99) -> int:
    """The number that so large a share of them does not exceed; 0 of none."""
    ordered = sorted(numbers)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0


# ---- the rules ----


def unexplained(day: Day) -> Iterator[Found]:
    """A reading of a case with no right in its event, and nothing else that explains it; one hint a case."""
    by_case: dict[uuid.UUID, list[Event]] = defaultdict(list)
    for event in day.readings:
        if event.case_uid is not None and not why_of(event).is_explained:
            by_case[event.case_uid].append(event)
    for case_uid, events in by_case.items():
        yield Found(Rule.UNEXPLAINED, f"{day.day}:{case_uid}", events, case_uid=case_uid)


def volume(day: Day) -> Iterator[Found]:
    """More cases than on 99 of 100 days, of one's own and of those with the same work."""
    cases = len(day.cases)
    if cases <= FEW_CASES:
        return
    own = [row[0] for row in day.before([day.person_uid])]
    peers = [row[0] for row in day.before(sorted(day.peers.get(day.person_uid, ()), key=str))]
    own_limit = percentile(own) if len(own) >= ENOUGH_DAYS else MANY_CASES
    peer_limit = percentile(peers) if len(peers) >= ENOUGH_DAYS else MANY_CASES
    if cases > own_limit and cases > peer_limit:
        baseline = {"cases": cases, "own": own_limit, "peers": peer_limit, "days": len(own), "peer_days": len(peers)}
        yield Found(Rule.VOLUME, str(day.day), day.readings, baseline)


def after_hours(day: Day) -> Iterator[Found]:
    """Readings at night of somebody who rarely works then."""
    if not day.at_night:
        return
    before = day.before([day.person_uid])
    readings, nights = sum(row[1] for row in before), sum(row[2] for row in before)
    if nights <= USUAL_SHARE * readings:
        baseline = {"nights": nights, "readings": readings, "from": NIGHT_FROM, "until": NIGHT_UNTIL}
        yield Found(Rule.AFTER_HOURS, str(day.day), day.at_night, baseline)


def closed_case(day: Day) -> Iterator[Found]:
    """A case was read that had been closed for more than a day."""
    moves: dict[uuid.UUID, list[tuple[datetime, bool]]] = defaultdict(list)
    rows = Event.objects.filter(case_uid__in=day.cases).of_verbs([Verb.CASE_CLOSED, Verb.CASE_REOPENED])
    for case_uid, verb, at in rows.order_by("at", "pk").values_list("case_uid", "verb", "at"):
        if case_uid is not None:
            moves[case_uid].append((at, verb == Verb.CASE_CLOSED))
    by_case: dict[uuid.UUID, list[Event]] = defaultdict(list)
    since: dict[uuid.UUID, datetime] = {}
    for event in day.readings:
        before = [move for move in moves.get(event.case_uid, ()) if move[0] <= event.at]  # type: ignore[arg-type]
        if event.case_uid is not None and before and before[-1][1] and event.at - before[-1][0] > CLOSED_SINCE:
            by_case[event.case_uid].append(event)
            since[event.case_uid] = before[-1][0]
    for case_uid, events in by_case.items():
        baseline = {"closed_on": timezone.localtime(since[case_uid]).date().isoformat()}
        yield Found(Rule.CLOSED_CASE, f"{day.day}:{case_uid}", events, baseline, case_uid)


def sequential(day: Day) -> Iterator[Found]:
    """One case opened after the other, each within a minute, and nothing written in between."""
    written = [event.at for event in day.events if event.changed_rows]
    run: list[Event] = []
    for event in [*day.opened, None]:
        goes_on = event is not None and bool(run) and event.at - run[-1].at <= WITHIN
        if goes_on and event is not None and not any(run[-1].at <= at <= event.at for at in written):
            run.append(event)
            continue
        if len({one.case_uid for one in run}) >= IN_A_ROW:
            seconds = int((run[-1].at - run[0].at).total_seconds())
            baseline = {"cases": len({one.case_uid for one in run}), "seconds": seconds}
            yield Found(Rule.SEQUENTIAL, run[0].at.isoformat(timespec="seconds"), run, baseline)
        run = [] if event is None else [event]


def export_after_browsing(day: Day) -> Iterator[Found]:
    """A copy that leaves the house, within an hour after many different cases were read."""
    for copy in day.events:
        if copy.verb not in COPIES:
            continue
        before = [one for one in day.readings if copy.at - COPY_WITHIN <= one.at < copy.at and one.verb not in COPIES]
        cases = len({one.case_uid for one in before})
        if cases >= BEFORE_A_COPY:
            baseline = {"cases": cases, "minutes": int(COPY_WITHIN.total_seconds() // 60)}
            yield Found(Rule.EXPORT_AFTER_BROWSING, str(copy.uid), [copy, *before], baseline)


def denials_then_emergency(day: Day) -> Iterator[Found]:
    """Turned away several times in a day, and then an emergency access."""
    for opened in day.events:
        if opened.verb != Verb.EMERGENCY_OPENED:
            continue
        lowest, _highest = walking.bounds(opened.at - BEFORE_AN_EMERGENCY, None)
        rows = Event.objects.filter(actor_uid=day.person_uid, pk__gte=lowest).of_verbs(DENIALS)
        before = list(rows.between(opened.at - BEFORE_AN_EMERGENCY, opened.at).order_by("pk")[:MOST_EVIDENCE])
        if len(before) >= TURNED_AWAY:
            baseline = {"denials": len(before), "hours": int(BEFORE_AN_EMERGENCY.total_seconds() // 3600)}
            yield Found(Rule.DENIALS_THEN_EMERGENCY, str(opened.uid), [opened, *before], baseline, opened.case_uid)


def after_transfer(day: Day) -> Iterator[Found]:
    """A case was read that had passed to others: it was handed over, or the person moved to another team.

    An access that was given afterwards explains it, and so does an emergency access, which is reviewed by itself.
    """
    if not day.cases:
        return
    start = midnight(day.day) - PASSED_WITHIN
    passed = _passed_on(day, start)
    given = _given_again(day, start)
    by_case: dict[uuid.UUID, list[Event]] = defaultdict(list)
    for event in day.readings:
        case_uid = event.case_uid
        since = passed.get(case_uid)  # type: ignore[arg-type]
        if case_uid is None or since is None or since > event.at or event.basis_kind == "EMERGENCY":
            continue
        if not any(since <= at <= event.at for at in given.get(case_uid, ())):
            by_case[case_uid].append(event)
    for case_uid, events in by_case.items():
        baseline = {"passed_on": timezone.localtime(passed[case_uid]).date().isoformat()}
        yield Found(Rule.AFTER_TRANSFER, f"{day.day}:{case_uid}", events, baseline, case_uid)


def _passed_on(day: Day, start: datetime) -> dict[uuid.UUID, datetime]:
    """Cases of the day that passed from this person to somebody else, and when, the last time.

    Whoever opens a case leads it, and each handing over names the next.
    """
    me = day.person_uid
    rows = Event.objects.filter(case_uid__in=day.cases).of_verbs(PASSINGS).order_by("pk")
    leads: dict[uuid.UUID, uuid.UUID | None] = {}
    found: dict[uuid.UUID, datetime] = {}
    for case_uid, verb, at, actor, touched in rows.values_list(
        "case_uid", "verb", "at", "actor_uid", "objects_touched"
    ):
        people = [uuid.UUID(uid) for kind, uid, _case in touched if kind == "user" and uid]
        if case_uid is None:
            continue
        lead = actor if verb == Verb.CASE_OPENED else next(iter(people), None)
        if lead == me:
            found.pop(case_uid, None)
        elif leads.get(case_uid) == me:
            found[case_uid] = at
        leads[case_uid] = lead
    found |= _left_behind(day, start, found)
    return {case_uid: at for case_uid, at in found.items() if at >= start}


def _left_behind(day: Day, start: datetime, known: Mapping[uuid.UUID, datetime]) -> dict[uuid.UUID, datetime]:
    """Cases that this person had read before moving to another team."""
    moved = Event.objects.filter(subject_uid=day.person_uid, verb=Verb.PERSON_MOVED, at__gte=start)
    moved_at = moved.order_by("-pk").values_list("at", flat=True).first()
    if moved_at is None:
        return {}
    earlier = Event.objects.filter(actor_uid=day.person_uid, case_uid__in=day.cases, at__lt=moved_at).readings()
    cases = set(earlier.order_by().values_list("case_uid", flat=True).distinct())
    return {uid: max(moved_at, known.get(uid, moved_at)) for uid in cases if uid is not None}


def _given_again(day: Day, start: datetime) -> dict[uuid.UUID, list[datetime]]:
    """When this person was given access to the cases of the day."""
    rows = Event.objects.filter(case_uid__in=day.cases, verb=Verb.ACCESS_GRANTED, at__gte=start)
    given: dict[uuid.UUID, list[datetime]] = defaultdict(list)
    for case_uid, at, touched in rows.values_list("case_uid", "at", "objects_touched"):
        people = {uid for kind, uid, _case in touched if kind == "user"}
        if case_uid is not None and (not people or str(day.person_uid) in people):
            given[case_uid].append(at)
    return given


def dormant(day: Day) -> Iterator[Found]:
    """Cases were read by somebody who had done nothing at all for two months, but had been here before."""
    if not day.readings:
        return
    before = PersonDay.objects.filter(person_uid=day.person_uid, day__lt=day.day).order_by("-day")
    last = before.values_list("day", flat=True).first()
    if last is not None and day.day - last > RESTED:
        baseline = {"last_on": last.isoformat(), "days": (day.day - last).days}
        yield Found(Rule.DORMANT, str(day.day), day.readings, baseline)


RULES: tuple[Callable[[Day], Iterator[Found]], ...] = (
    unexplained,
    volume,
    after_hours,
    closed_case,
    sequential,
    export_after_browsing,
    denials_then_emergency,
    after_transfer,
    dormant,
)


# ---- the job ----


def find_hints(*, today: date, now: datetime, peers: Peers, most: int = 2000) -> int:
    """Examine the days that are over, the oldest first, at most so many. Returns how many hints were new.

    Each day is one transaction. Records HINT_FOUND for a day with something new.
    """
    waiting = PersonDay.objects.filter(is_examined=False, day__lt=today).order_by("day", "pk")
    return sum(_examine(row, now, peers) for row in list(waiting[:most]))


def _examine(row: PersonDay, now: datetime, peers: Peers) -> int:
    day = Day(row, peers)
    with transaction.atomic():
        new = [] if row.person_uid == NOBODY else _keep(day, [one for rule in RULES for one in rule(day)], now)
        seen = PersonDay.objects.filter(pk=row.pk, last_at=row.last_at, readings=row.readings, changes=row.changes)
        cases, nights = (0, 0) if row.person_uid == NOBODY else (len(day.cases), len(day.at_night))
        seen.update(is_examined=True, cases=cases, at_night=nights)
        if new:
            refs = [Ref("hint", hint.uid, hint.case_uid) for hint in new]
            record(
                Verb.HINT_FOUND, actor=None, subject=Ref("user", row.person_uid), refs=refs, detail={"count": len(new)}
            )
    return len(new)


def _keep(day: Day, found: Sequence[Found], now: datetime) -> list[Hint]:
    """Write down what is new of it."""
    hints = [
        Hint(
            key=f"{one.rule}:{day.person_uid}:{one.about}"[:120],
            rule=one.rule,
            person_uid=day.person_uid,
            case_uid=one.case_uid,
            day=day.day,
            found=len(one.events),
            baseline=one.baseline,
            evidence=[str(event.uid) for event in one.events[:MOST_EVIDENCE]],
            found_at=now,
        )
        for one in found
    ]
    known = set(Hint.objects.filter(key__in=[hint.key for hint in hints]).values_list("key", flat=True))
    new = [hint for hint in hints if hint.key not in known]
    Hint.objects.bulk_create(new)
    return new
