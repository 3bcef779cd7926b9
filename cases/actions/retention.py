"""Periods, and orders to destroy what was kept its time: set, listed, asked, approved by another, carried out, certified.

Content goes by the desk of erasures and no other way: an approved order hands each case to it with the two people's yes, and
there it rests, she is asked alone and a second approval is given as for every erasure. Events are pruned by ``audit.pruning``.
"""

import re
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from audit import clock, pseudonyms
from audit.action import action
from audit.log import Ref, record
from audit.pruning import BATCH, prune_batch
from audit.verbs import Outcome, Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.crypto import certificates
from cases import access, desk, retention
from cases.actions.erasure import new_number, what_holds
from cases.actions.trail import set_house_dues, settle_house_dues
from cases.choices.casework import DueKind
from cases.choices.erasing import OPEN_STATES, ErasureGround, ErasureState
from cases.choices.retention import (
    ERASES,
    OF_THE_LEDGER,
    OPEN_DESTRUCTIONS,
    DestructionState,
    PeriodUnit,
    RecordClass,
)
from cases.errors.retention import (
    AuthorityPointsToSomebody,
    DestructionIsOpen,
    DestructionIsOver,
    NeedsSecondPerson,
    NoPeriodSet,
    NothingIsDue,
    PeriodBeginsTooEarly,
    PeriodTooShort,
)
from cases.minors import age_of
from cases.models import Case, DestructionOrder, ErasureOrder, HouseDue, RetentionPolicy

#: Who sets periods: counsel decides, these write it down.
SETTING_ROLES = (Role.PRIVACY_OFFICER, Role.ADMINISTRATOR)
#: Who asks and who approves. An administrator reads counts and decides nothing.
DECIDING_ROLES = (Role.PRIVACY_OFFICER, Role.DIRECTOR)
LEDGER_YEARS = 6
#: What stays with a minor as long as she is one.
_OF_MINORS = (RecordClass.CLINICAL, RecordClass.LEGAL, RecordClass.CASE, RecordClass.INQUIRY)
_POINTS_TO_ONE = re.compile(r"\b[A-Z]{1,6}-[0-9A-Z]{4}-[0-9A-Z]{4}\b|[0-9a-f]{8}-[0-9a-f]{4}|\S@\S", re.IGNORECASE)


def _demand(actor: User, *roles: str, at: datetime) -> None:
    if not actor.organisation.is_ours or not actor.holds_role(*roles, at=at):
        raise Refused(READ_CARD)


# ---- Periods ----


@action
def set_policy(
    *, actor: User, now: datetime, record_class: str, number: int, unit: str, authority: str, effective_from: date,
    counts_from: date | None = None,
) -> RetentionPolicy:  # fmt: skip
    """Set how long a class of records is kept from a day on. The former period stays readable.

    ``authority`` names the source, in the clear. ``counts_from``: the day from which the period counts at the earliest, for
    parts of a case (2 CFR 200.334: from the last financial report of a grant). Raises Refused, PeriodBeginsTooEarly,
    PeriodTooShort, AuthorityPointsToSomebody. Records RETENTION_SET.
    """
    _demand(actor, *SETTING_ROLES, at=now)
    check_policy(record_class, number, unit, authority, effective_from, today=timezone.localdate(now, actor.zone))
    policy = RetentionPolicy(
        organisation=actor.organisation, record_class=RecordClass(record_class).value, number=number,
        unit=PeriodUnit(unit).value, authority=authority.strip(), effective_from=effective_from, counts_from=counts_from,
        set_by=actor, set_at=now,
    )  # fmt: skip
    policy.save()
    record(
        Verb.RETENTION_SET, actor=actor, subject=Ref("retentionpolicy", policy.uid),
        detail={"class": policy.record_class, "until": effective_from, "count": number, "kind": policy.unit},
    )  # fmt: skip
    return policy


def check_policy(
    record_class: str, number: int, unit: str, authority: str, effective_from: date, *, today: date
) -> None:
    """Raises PeriodBeginsTooEarly, PeriodTooShort, AuthorityPointsToSomebody."""
    if effective_from < today:
        raise PeriodBeginsTooEarly
    days = number * {PeriodUnit.DAYS: 1, PeriodUnit.MONTHS: 30, PeriodUnit.YEARS: 365}[PeriodUnit(unit)]
    months = {PeriodUnit.YEARS: 12 * number, PeriodUnit.MONTHS: number}.get(PeriodUnit(unit), 0)
    if record_class in OF_THE_LEDGER and months < 12 * LEDGER_YEARS and days < LEDGER_YEARS * 366:
        raise PeriodTooShort
    if not authority.strip() or _POINTS_TO_ONE.search(authority):
        raise AuthorityPointsToSomebody


# ---- Asking and deciding ----


@action
def ask_destruction(*, actor: User, now: datetime, policy_uid: UUID) -> DestructionOrder:
    """Ask to destroy what the dry run of a policy lists now. The list is bound: nothing is added to it later.

    Raises Refused, Hidden, NoPeriodSet, DestructionIsOpen, NothingIsDue. Records RETENTION_ASKED.
    """
    _demand(actor, *DECIDING_ROLES, at=now)
    today = timezone.localdate(now, actor.zone)
    policy = access.for_the_house(RetentionPolicy).select_for_update().filter(uid=policy_uid).first()
    if policy is None or policy.organisation_id != actor.organisation_id:
        raise Hidden
    current = retention.policies_on(actor.organisation, today).get(policy.record_class)
    if current is None or current.pk != policy.pk:
        raise NoPeriodSet
    if access.for_the_house(DestructionOrder).filter(policy=policy, state__in=OPEN_DESTRUCTIONS).exists():
        raise DestructionIsOpen
    found = retention.dry_run(policy, today)
    if found.is_empty:
        raise NothingIsDue
    named = [case.uid for case in found.free]
    if policy.record_class == RecordClass.CASE_EVENTS:
        named = retention.erased_before(policy.organisation, found.until)
    order = DestructionOrder(
        number=new_number().replace("ER-", "RT-"), organisation=actor.organisation, policy=policy, until=found.until,
        cases=[str(uid) for uid in named[: retention.MOST]], asked_by=actor, asked_at=now,
        listed={"due": len(found.free), "held": len(found.held), "events": found.events},
    )  # fmt: skip
    order.save()
    record(
        Verb.RETENTION_ASKED, actor=actor, subject=order,
        detail={
            "order": order.number, "policy": policy.uid, "class": policy.record_class, "until": order.until,
            "count": found.events or len(order.cases), "held": len(found.held),
        },
    )  # fmt: skip
    return order


def _lock_order(actor: User | None, order_uid: UUID) -> DestructionOrder:
    rows = access.for_the_house(DestructionOrder).select_for_update(of=("self",))
    order = rows.select_related("policy__organisation", "asked_by").filter(uid=order_uid).first()
    if order is None or (actor is not None and order.organisation_id != actor.organisation_id):
        raise Hidden
    return order


@action
def approve_destruction(*, actor: User, now: datetime, order_uid: UUID) -> DestructionOrder:
    """The second person's yes; the page asks for a fresh proof. Cases go to the desk of erasures now, events with the job.

    Raises Refused, Hidden, DestructionIsOver, NeedsSecondPerson. Records RETENTION_APPROVED, and for each case ERASURE_ASKED
    and ERASURE_APPROVED, or ERASURE_REFUSED.
    """
    _demand(actor, *DECIDING_ROLES, at=now)
    order = _lock_order(actor, order_uid)
    if order.state != DestructionState.ASKED:
        raise DestructionIsOver
    if order.asked_by_id == actor.pk:
        raise NeedsSecondPerson
    order.state, order.approved_by, order.approved_at = DestructionState.APPROVED, actor, now
    order.save(update_fields=["state", "approved_by", "approved_at"])
    record(
        Verb.RETENTION_APPROVED, actor=actor, subject=order,
        detail={"order": order.number, "class": order.policy.record_class, "until": order.until},
    )  # fmt: skip
    if order.policy.record_class not in OF_THE_LEDGER:
        named = access.for_the_house(Case).filter(uid__in=order.cases).order_by("pk").values_list("uid", flat=True)
        handed = {str(uid): _hand_over(order, actor, uid, now) for uid in named}
        order.handed = {uid: number for uid, number in handed.items() if number}
        order.done = {"held": len(handed) - len(order.handed)}
        order.save(update_fields=["handed", "done"])
        record(Verb.RETENTION_APPROVED, actor=actor, subject=order, detail={"count": len(order.handed)})
    return order


def _hand_over(order: DestructionOrder, actor: User, case_uid: UUID, now: datetime) -> str:
    """Hand one case to the desk of erasures; the number of its order there, or "" where something stands against it."""
    case = access.lock_case(case_uid)
    part = ERASES[order.policy.record_class]
    classes = sorted(set(ERASES.values()) if part == "CORE" else {part})
    left = [name for name in classes if name not in case.erasures]
    kinds = what_holds(case, left)[1]
    if retention.kept_for_duties(case, order.policy, timezone.localdate(now)):
        kinds.append("DUTIES_KEPT")
    if order.policy.record_class in _OF_MINORS and not case.is_erased and age_of(actor, case, now)[0]:
        kinds.append("MINOR")
    if not left or access.within(ErasureOrder, case).filter(state__in=OPEN_STATES).exists():
        kinds.append("ERASURE_OPEN")
    if not case.is_closed:
        kinds.append("CASE_IS_OPEN")
    if kinds:
        record(
            Verb.ERASURE_REFUSED, actor=actor, subject=case, outcome=Outcome.REFUSED,
            detail={"order": order.number, "classes": left, "hold": kinds},
        )  # fmt: skip
        return ""
    erasure = ErasureOrder(
        case=case, number=new_number(), section=desk.section_for(case), classes=left,
        asked_by=order.asked_by, asked_at=order.asked_at, first_by=actor, first_at=now,
        terms={
            "ground": ErasureGround.RETENTION_OVER.value, "reference": order.number, "reason": order.policy.authority,
        },
    )  # fmt: skip
    erasure.save()
    facts = {"order": erasure.number, "classes": left}
    record(Verb.ERASURE_ASKED, actor=actor, subject=erasure, sections=[erasure.section], detail=facts)
    record(
        Verb.ERASURE_APPROVED, actor=actor, subject=erasure, sections=[erasure.section], detail={**facts, "count": 1}
    )
    return erasure.number


@action
def stop_destruction(*, actor: User, now: datetime, order_uid: UUID) -> DestructionOrder:
    """Stop an order that nobody approved yet. Raises Refused, Hidden, DestructionIsOver. Records RETENTION_STOPPED."""
    _demand(actor, *DECIDING_ROLES, at=now)
    order = _lock_order(actor, order_uid)
    if order.state != DestructionState.ASKED:
        raise DestructionIsOver
    order.state, order.stopped_by, order.stopped_at = DestructionState.STOPPED, actor, now
    order.save(update_fields=["state", "stopped_by", "stopped_at"])
    record(Verb.RETENTION_STOPPED, actor=actor, subject=order, detail={"order": order.number})
    return order


# ---- Carrying out ----


def carry_out_destructions(*, may_prune: bool = True) -> int:
    """Go on with every approved order; say how many were finished. For the schedule and ``manage.py prune``; repeatable.

    ``may_prune``: whether this database role may take events out; where not, ``manage.py prune`` does.
    """
    done = 0
    rows = access.for_the_house(DestructionOrder).filter(state=DestructionState.APPROVED).select_related("policy")
    for order in rows.order_by("pk"):
        if order.policy.record_class in OF_THE_LEDGER:
            if not may_prune:
                continue
            while prune_next(actor=None, now=clock.now(), order_uid=order.uid).done.get("last"):
                pass
        done += finish_destruction(actor=None, now=clock.now(), order_uid=order.uid).state == DestructionState.DONE
    return done


@action
def prune_next(*, actor: None, now: datetime, order_uid: UUID) -> DestructionOrder:
    """Prune the next batch of an approved order's events. Holds are asked again, under the lock of each case.

    ``done["last"]`` is how many went; 0 where none is left. Records EVENTS_PRUNED, or RETENTION_DONE where none is left.
    """
    order = _lock_order(None, order_uid)
    if order.state != DestructionState.APPROVED:
        return order
    free, held = [], 0
    for uid in order.cases:
        case = access.lock_case(UUID(uid))
        if case.is_erased and not what_holds(case, retention.ALL)[1]:
            free.append(case.uid)
        else:
            held += 1
    due = retention.events_due(order.policy, order.until, free).filter(recorded_at__lt=order.asked_at)
    ids = list(due.order_by("pk").values_list("pk", flat=True)[:BATCH])
    batch = int(order.done.get("batches", 0)) + 1
    assert order.approved_by is not None  # the database says so, too
    last = prune_batch(
        ids, actor=None, order=order.uid, number=order.number, batch=batch, approved_by=order.approved_by.uid
    )
    order.done = {
        "events": int(order.done.get("events", 0)) + last, "batches": batch if last else batch - 1, "held": held, "last": last,
    }  # fmt: skip
    order.save(update_fields=["done"])
    record(Verb.JOB_RUN, actor=None, subject=order, detail={"job": "prune", "count": last})
    return order


@action
def finish_destruction(*, actor: None, now: datetime, order_uid: UUID) -> DestructionOrder:
    """Certify an order of which nothing is left to do. Called again, or too early, it changes nothing. Records RETENTION_DONE."""
    order = _lock_order(None, order_uid)
    if order.state != DestructionState.APPROVED:
        return order
    numbers: dict[str, dict[str, Any]] = {}
    if order.policy.record_class not in OF_THE_LEDGER:
        rows = access.for_the_house(ErasureOrder).filter(number__in=order.handed.values())
        for erasure in rows.order_by("pk"):
            if erasure.state in OPEN_STATES:
                return order
            signature = (erasure.certificate or {}).get("signature", "")
            numbers[erasure.number] = {"state": erasure.state, "certificate": signature[:64]}
    elif order.done.get("last", 1):
        return order
    erased = sum(one["state"] == ErasureState.DONE for one in numbers.values())
    order.done = {**order.done, "erased": erased}
    order.certificate = certificates.sign(_certificate_body(order, numbers, now))
    order.state, order.done_at = DestructionState.DONE, now
    order.save(update_fields=["done", "certificate", "state", "done_at"])
    settle_house_dues(subject_uid=order.policy.uid, now=now)
    record(
        Verb.RETENTION_DONE, actor=None, subject=order,
        detail={
            "order": order.number, "class": order.policy.record_class, "count": order.done.get("events", erased),
            "held": order.done.get("held", 0), "certificate": order.certificate["signature"][:64],
        },
    )  # fmt: skip
    return order


def _certificate_body(order: DestructionOrder, numbers: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What the certificate states, without personal data: numbers of orders, pseudonyms, codes, counts, moments (UTC)."""
    policy = order.policy
    assert order.approved_by is not None  # the database says so, too
    assert order.approved_at is not None
    return {
        "order": order.number,
        "class": policy.record_class,
        "period": f"{policy.number} {policy.unit}",
        "authority": policy.authority,
        "kept_until": order.until.isoformat(),
        "method": "events removed, leaves kept" if policy.record_class in OF_THE_LEDGER else "erasure orders",
        "erasures": numbers,
        "events": order.done.get("events", 0),
        "held": order.done.get("held", 0),
        "asked_by": pseudonyms.of_person(order.asked_by.uid),
        "asked_at": order.asked_at.isoformat(timespec="seconds"),
        "approved_by": pseudonyms.of_person(order.approved_by.uid),
        "approved_at": order.approved_at.isoformat(timespec="seconds"),
        "done_at": now.isoformat(timespec="seconds"),
    }


# ---- The reminder ----


def remind_of_retention() -> int:
    """Put what is due on the lists of the privacy officers, and take off what is not; say how many policies have some.

    For the schedule; repeatable.
    """
    today = timezone.localdate()
    officers = User.objects.holding(Role.PRIVACY_OFFICER, at=clock.now()).filter(organisation__is_ours=True)
    count, current = 0, set()
    for organisation in {person.organisation for person in officers.select_related("organisation")}:
        for policy in retention.policies_on(organisation, today).values():
            is_due = not retention.dry_run(policy, today).is_empty
            count += is_due
            current.add(policy.uid)
            remind_of_policy(actor=None, now=clock.now(), policy_uid=policy.uid, is_due=is_due)
    standing = access.for_the_house(HouseDue).filter(kind=DueKind.RETENTION, done_at__isnull=True)
    for uid in set(standing.values_list("subject_uid", flat=True)) - current:
        remind_of_policy(actor=None, now=clock.now(), policy_uid=uid, is_due=False)  # another period took its place
    return count


@action
def remind_of_policy(*, actor: None, now: datetime, policy_uid: UUID, is_due: bool) -> RetentionPolicy:
    """One policy on the lists of its privacy officers, or off them. Records DUE_STAMPED where that changed anything."""
    policy = access.for_the_house(RetentionPolicy).select_for_update().get(uid=policy_uid)
    officers = User.objects.holding(Role.PRIVACY_OFFICER, at=now).filter(organisation=policy.organisation_id)
    people = list(officers) if is_due else []
    # Of the rows that stand their date stays: it says since when it waits.
    standing = access.for_the_house(HouseDue).filter(subject_uid=policy.uid, done_at__isnull=True).first()
    due_on = standing.due_on if standing else timezone.localdate(now)
    changed = set_house_dues(people=people, kind=DueKind.RETENTION, subject=policy, due_on=due_on, now=now)
    if changed:
        record(Verb.DUE_STAMPED, actor=None, subject=Ref("retentionpolicy", policy.uid), detail={"count": changed})
    return policy
