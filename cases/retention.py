"""What was kept longer than its period: which policy holds on a day, and what it makes due. Opens nothing.

Whether somebody is still a minor is sealed; that is asked when an approved order is carried out (``cases.actions.retention``).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from audit.history import history_model_of
from audit.models import Event, EventCase
from audit.pruning import prunable
from casemgmt.accounts.models import Organisation
from cases import access, keeping
from cases.actions.erasure import what_holds
from cases.choices.casework import CLOSED_STATUSES, CaseStatus
from cases.choices.erasing import ErasureGround
from cases.choices.retention import ERASES, OF_THE_LEDGER, PeriodUnit, RecordClass
from cases.models import Case, RetentionPolicy

#: Beside the closed ones: a case that never was anything else is an inquiry that was not taken on.
_NEVER_TAKEN_ON = (CaseStatus.SCREENING, *CLOSED_STATUSES)
#: So many cases go into one order, the oldest first: somebody reads the list.
MOST = 200
#: Of so many due cases it is counted how many something holds.
LOOKED_AT = 500


@dataclass(frozen=True)
class DueCase:
    """A case of which something was kept its time since ``due_on``; ``held`` says in words what stands against it."""

    uid: UUID
    number: str
    due_on: date
    held: tuple[str, ...] = ()


@dataclass(frozen=True)
class DryRun:
    """What would go by one policy today: cases (free and held), and how many events."""

    policy: RetentionPolicy
    until: date
    cases: tuple[DueCase, ...] = ()
    events: int = 0

    @property
    def free(self) -> tuple[DueCase, ...]:
        """The cases that nothing holds."""
        return tuple(case for case in self.cases if not case.held)

    @property
    def held(self) -> tuple[DueCase, ...]:
        """The cases that something holds."""
        return tuple(case for case in self.cases if case.held)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would go."""
        return not self.free and not self.events


def policies_on(organisation: Organisation, day: date) -> dict[str, RetentionPolicy]:
    """The policy that holds for each class on a day: the newest that had begun. One query."""
    rows = access.for_the_house(RetentionPolicy).filter(organisation=organisation, effective_from__lte=day)
    return {row.record_class: row for row in rows.select_related("set_by").order_by("effective_from", "pk")}


def all_policies(organisation: Organisation) -> QuerySet[RetentionPolicy]:
    """Every policy there was, the newest first."""
    rows = access.for_the_house(RetentionPolicy).filter(organisation=organisation)
    return rows.select_related("set_by").order_by("-effective_from", "-pk")


def before(day: date, policy: RetentionPolicy) -> date:
    """The day on which a period that ends on ``day`` began; of a 31st, where there is none, the last of the month."""
    number = policy.number
    if policy.unit == PeriodUnit.DAYS:
        return day - timedelta(days=number)
    months = day.year * 12 + day.month - 1 - number * (12 if policy.unit == PeriodUnit.YEARS else 1)
    year, month = divmod(months, 12)
    last = (date(year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def after(day: date, policy: RetentionPolicy) -> date:
    """The first day on which what began on ``day`` is due."""
    found = day + timedelta(days=policy.number)
    if policy.unit != PeriodUnit.DAYS:
        months = day.year * 12 + day.month - 1 + policy.number * (12 if policy.unit == PeriodUnit.YEARS else 1)
        year, month = divmod(months, 12)
        found = date(year, month + 1, 1) + timedelta(days=day.day - 1)
    return found


def dry_run(policy: RetentionPolicy, today: date) -> DryRun:
    """What would go by this policy today. Four queries, and some for each of the due cases (at most ``LOOKED_AT``)."""
    until = before(today, policy)
    if policy.record_class in OF_THE_LEDGER:
        uids = erased_before(policy.organisation, until) if policy.record_class == RecordClass.CASE_EVENTS else []
        held = {case.uid for case in access.for_the_house(Case).filter(uid__in=uids) if what_holds(case, ALL)[0]}
        free = [uid for uid in uids if uid not in held]
        return DryRun(policy, until, events=events_due(policy, until, free).count())
    found = cases_closed(policy, until)[:LOOKED_AT]
    lines = [_line(case, policy, today) for case in found]
    return DryRun(policy, until, tuple(lines))


#: Any part of a case that is held keeps the events about it.
ALL = tuple(ERASES.values())


def cases_closed(policy: RetentionPolicy, until: date) -> list[Case]:
    """Cases whose period by this policy is over and of which the part is still there, the oldest first."""
    if policy.counts_from is not None and policy.counts_from > until:
        return []
    rows = access.for_the_house(Case).filter(
        organisation=policy.organisation, status__in=CLOSED_STATUSES, closed_on__lte=until
    )
    if policy.record_class == RecordClass.INQUIRY:
        versions = history_model_of(Case)._base_manager.filter(id=OuterRef("pk"))
        rows = rows.filter(
            Exists(versions.filter(status=CaseStatus.SCREENING)), ~Exists(versions.exclude(status__in=_NEVER_TAKEN_ON))
        )
    part = ERASES[policy.record_class]
    return [case for case in rows.order_by("closed_on", "pk") if part not in case.erasures and not case.is_erased]


def _line(case: Case, policy: RetentionPolicy, today: date) -> DueCase:
    assert case.closed_on is not None  # a closed case has its date
    begun = max(case.closed_on, policy.counts_from or case.closed_on)
    return DueCase(case.uid, case.number, after(begun, policy), tuple(stands_against(case, policy, today)))


def stands_against(case: Case, policy: RetentionPolicy, today: date) -> list[str]:
    """In words, what holds the part of this case that the policy is about."""
    part = ERASES[policy.record_class]
    return what_holds(case, [part])[0]


def kept_for_duties(case: Case, policy: RetentionPolicy, today: date) -> date | None:
    """Until when records of duties keep this part. Opens the state of a consent, so inside an action alone."""
    return keeping.kept_until(case, [ERASES[policy.record_class]], ground=ErasureGround.RETENTION_OVER, today=today)


def erased_before(organisation: Organisation, until: date) -> list[UUID]:
    """Cases that were erased as a whole on this day or before."""
    rows = access.for_the_house(Case).filter(organisation=organisation, erased__isnull=False)
    return [
        case.uid
        for case in rows.order_by("pk")
        if case.is_erased and max(date.fromisoformat(str(one["on"])) for one in case.erasures.values()) <= until
    ]


def events_due(policy: RetentionPolicy, until: date, cases: Collection[UUID]) -> QuerySet[Event]:
    """The events that would be pruned: about these erased cases and no other, or about no case and recorded by ``until``."""
    events = prunable(Event.objects.all())
    touched = EventCase.objects.filter(event=OuterRef("pk"))
    if policy.record_class == RecordClass.HOUSE_EVENTS:
        end = timezone.make_aware(datetime.combine(until + timedelta(days=1), time.min))
        return events.filter(~Exists(touched), case_uid__isnull=True, recorded_at__lt=end)
    others = touched.exclude(case_uid__in=cases)
    about = events.filter(case_uid__in=cases) | events.filter(Exists(touched), case_uid__isnull=True)
    return about.filter(~Exists(others))
