"""Retention: periods as counsel set them, the dry run, two people, holds, carrying out, the reminder, the certificate."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from audit import clock, verify
from audit.context import audit_context
from audit.log import Ref, record
from audit.models import Event, Leaf, PrunedEvent
from audit.sealing.sealer import Sealer
from audit.verbs import Verb
from casemgmt.access.errors import Refused
from casemgmt.crypto import certificates
from cases import access, holds, retention
from cases.actions.cases import change_stage
from cases.actions.erasing import erase_what_is_due
from cases.actions.erasure import approve_erasure, confirm_erasure
from cases.actions.holds import place_hold
from cases.actions.retention import (
    approve_destruction,
    ask_destruction,
    carry_out_destructions,
    finish_destruction,
    prune_next,
    remind_of_retention,
    set_policy,
    stop_destruction,
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
from cases.holds import ProvisionalHold
from cases.models import DestructionOrder, ErasureOrder, HouseDue, RetentionPolicy
from tests import make
from tests.accounts.signing_in import code_of, give_app
from tests.cases.erasing import erase, fresh

AUTHORITY = "2 CFR 200.334; letter of counsel"


def policy(cast: Any, record_class: str, number: int = 2, unit: str = "YEARS", **changes: Any) -> RetentionPolicy:
    facts = {"authority": AUTHORITY, "effective_from": timezone.localdate(), "actor": cast.kemi, **changes}
    return set_policy(now=clock.now(), record_class=record_class, number=number, unit=unit, **facts)


def order_now(order: DestructionOrder) -> DestructionOrder:
    return access.for_the_house(DestructionOrder).select_related("policy").get(pk=order.pk)


def asked(cast: Any, one: RetentionPolicy) -> DestructionOrder:
    return ask_destruction(actor=cast.kemi, now=clock.now(), policy_uid=one.uid)


def approved(cast: Any, order: DestructionOrder) -> DestructionOrder:
    return approve_destruction(actor=cast.omar, now=clock.now(), order_uid=order.uid)


@pytest.fixture
def closed(cast: Any, case: Any) -> Any:
    return make.closed(case, cast.amina)


@pytest.fixture
def years_later(closed: Any, cast: Any) -> Iterator[RetentionPolicy]:
    """Three years after the case was closed, with two years for caseworkers' notes."""
    one = policy(cast, "ADVOCACY")
    with time_machine.travel(timezone.now() + timedelta(days=3 * 366)):
        yield one


# ---- Periods ----


def test_a_period_is_kept_with_its_source_and_a_newer_one_takes_over(cast, events):
    first = policy(cast, "ADVOCACY", 3)
    later = policy(
        cast, "ADVOCACY", 18, "MONTHS", effective_from=timezone.localdate() + timedelta(days=30), actor=cast.farid
    )
    today = timezone.localdate()
    assert retention.policies_on(cast.kemi.organisation, today)["ADVOCACY"] == first
    assert retention.policies_on(cast.kemi.organisation, today + timedelta(days=31))["ADVOCACY"] == later
    told = events("RETENTION_SET")[0]
    assert told.actor_uid == cast.kemi.uid
    assert told.detail.shown()["codes"] == {
        "class": "ADVOCACY", "until": today.isoformat(), "count": 3, "kind": "YEARS",
    }  # fmt: skip
    with pytest.raises(DatabaseError, match="what was signed"), transaction.atomic():
        first.number = 1
        first.save(update_fields=["number"])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"effective_from": timezone.localdate() - timedelta(days=2)}, PeriodBeginsTooEarly),
        ({"authority": "As agreed for HV-7Q4K-29MX"}, AuthorityPointsToSomebody),
        ({"authority": "ask amina@example.org"}, AuthorityPointsToSomebody),
        ({"record_class": "HOUSE_EVENTS", "number": 5}, PeriodTooShort),
        ({"record_class": "CASE_EVENTS", "number": 2000, "unit": "DAYS"}, PeriodTooShort),
    ],
)
def test_what_is_no_period(cast, changes, error):
    facts = {"record_class": "ADVOCACY", **changes}
    with pytest.raises(error):
        policy(cast, facts.pop("record_class"), **facts)


@pytest.mark.parametrize("who", ["amina", "bea", "elif_", "omar", "chidi"])
def test_who_sets_no_period(cast, who):
    with pytest.raises(Refused):
        policy(cast, "ADVOCACY", actor=getattr(cast, who))


# ---- The dry run ----


def test_a_period_counts_from_the_last_report_of_a_grant_if_that_is_later(cast, closed):
    today = timezone.localdate()
    early = policy(cast, "SERVICES", counts_from=today - timedelta(days=9))
    late = policy(cast, "SERVICES", counts_from=today + timedelta(days=366))
    two, three = retention.after(today, early), retention.after(today + timedelta(days=366), late)
    assert retention.dry_run(early, two - timedelta(days=1)).is_empty
    assert [one.due_on for one in retention.dry_run(early, two).cases] == [two]
    assert retention.dry_run(late, three - timedelta(days=1)).is_empty
    assert [one.due_on for one in retention.dry_run(late, three).cases] == [three]
    with pytest.raises(IntegrityError, match="a_period_of_events"), transaction.atomic():
        policy(cast, "HOUSE_EVENTS", 7, counts_from=today)


def test_the_dry_run_counts_what_is_over_and_says_what_holds_it(cast, closed, years_later):
    found = retention.dry_run(years_later, timezone.localdate())
    assert [(one.number, one.held) for one in found.cases] == [(closed.number, ())]
    assert found.free[0].due_on == retention.after(closed.closed_on, years_later)
    place_hold(
        actor=cast.kemi, now=clock.now(), case_uid=closed.uid, authority="SUBPOENA", reason="Marzipan",
        review_on=timezone.localdate() + timedelta(days=30),
    )  # fmt: skip
    found = retention.dry_run(years_later, timezone.localdate())
    assert found.is_empty and "legal hold" in found.held[0].held[0]
    with pytest.raises(NothingIsDue):
        asked(cast, years_later)


def test_on_the_day_before_nothing_is_due_and_on_the_day_it_is(cast, closed):
    one = policy(cast, "ADVOCACY", 90, "DAYS")
    last = closed.closed_on + timedelta(days=90)
    assert retention.dry_run(one, last - timedelta(days=1)).is_empty
    assert not retention.dry_run(one, last).is_empty


def test_only_what_never_came_past_the_screening_has_the_short_period(cast, closed):
    one = policy(cast, "INQUIRY", 90, "DAYS")
    inquiry = make.case(cast.amina, cast.team_of("amina"), status="SCREENING", stage="INTAKE")
    reopened = make.case(cast.amina, cast.team_of("amina"), status="SCREENING", stage="INTAKE")
    change_stage(actor=cast.amina, now=clock.now(), case_uid=reopened.uid, stage="STABILISE", status="ACTIVE")
    for case in (inquiry, reopened):
        make.closed(case, cast.amina)
    found = retention.dry_run(one, timezone.localdate() + timedelta(days=100))
    assert [line.uid for line in found.cases] == [inquiry.uid]


# ---- Two people ----


def test_one_asks_and_another_approves_and_the_database_says_so_too(cast, years_later):
    order = asked(cast, years_later)
    with pytest.raises(DestructionIsOpen):
        asked(cast, years_later)
    with pytest.raises(NeedsSecondPerson):
        approve_destruction(actor=cast.kemi, now=clock.now(), order_uid=order.uid)
    for who in (cast.amina, cast.bea, cast.elif_, cast.farid):
        with pytest.raises(Refused):
            approve_destruction(actor=who, now=clock.now(), order_uid=order.uid)
    for changes in ({"approved_by": cast.kemi, "approved_at": clock.now()}, {"state": "APPROVED"}, {"state": "DONE"}):
        with pytest.raises(IntegrityError, match="destruction_"), audit_context("test", "x"), transaction.atomic():
            row = order_now(order)
            for name, value in changes.items():
                setattr(row, name, value)
            row.save(update_fields=list(changes))


def test_a_newer_period_takes_the_place_of_the_one_that_was_looked_at(cast, years_later):
    policy(cast, "ADVOCACY", 9)
    with pytest.raises(NoPeriodSet):
        asked(cast, years_later)


def test_stopped_it_destroys_nothing(cast, closed, years_later, events):
    order = asked(cast, years_later)
    stop_destruction(actor=cast.omar, now=clock.now(), order_uid=order.uid)
    with pytest.raises(DestructionIsOver):
        approved(cast, order)
    assert carry_out_destructions() == 0
    assert not access.for_the_house(ErasureOrder).exists()
    assert len(events("RETENTION_STOPPED")) == 1


# ---- Content ----


def test_content_goes_by_the_desk_of_erasures_and_the_certificate_names_its_order(
    cast, closed, years_later, at_once, events
):
    order = approved(cast, asked(cast, years_later))
    erasure = access.for_the_house(ErasureOrder).get()
    assert (erasure.asked_by, erasure.first_by, erasure.second_by) == (cast.kemi, cast.omar, None)
    assert order.handed == {str(closed.uid): erasure.number}
    assert carry_out_destructions() == 0, "nothing is certified while the desk has it"
    erase_what_is_due()
    assert not fresh(closed).erasures, "one more approval and the private talk are missing"
    approve_erasure(actor=cast.bea, now=clock.now(), order_uid=erasure.uid)
    confirm_erasure(actor=cast.amina, now=clock.now(), order_uid=erasure.uid, check="UNREACHED")
    assert erase_what_is_due() == 1
    assert set(fresh(closed).erasures) == {"ADVOCACY"}
    assert carry_out_destructions() == 1
    assert carry_out_destructions() == 0
    done = order_now(order)
    body = certificates.verify(done.certificate, certificates.public_key())
    assert done.state == "DONE" and list(body["erasures"]) == [erasure.number]
    assert body["authority"] == AUTHORITY and closed.number not in str(done.certificate)
    assert len(events("RETENTION_DONE")) == 1
    assert retention.dry_run(years_later, timezone.localdate()).is_empty


def test_a_hold_that_came_after_the_asking_is_respected(cast, closed, years_later, events):
    order = asked(cast, years_later)
    place_hold(
        actor=cast.kemi, now=clock.now(), case_uid=closed.uid, authority="AUDIT", reason="Marzipan",
        review_on=timezone.localdate() + timedelta(days=30),
    )  # fmt: skip
    assert approved(cast, order).done == {"held": 1}
    assert not access.for_the_house(ErasureOrder).exists()
    assert events("ERASURE_REFUSED")[-1].detail.shown()["codes"]["hold"] == ["LEGAL_HOLD"]
    assert carry_out_destructions() == 1  # nothing was left to do, and the certificate says so
    assert order_now(order).certificate["body"]["held"] == 1


# ---- Events ----


def seal() -> None:
    with audit_context("job", "testing"):
        Sealer().seal_all()


@pytest.mark.sql
def test_events_of_an_erased_case_are_pruned_and_the_ledger_still_holds(cast, closed, at_once, events):
    other = make.closed(make.case(cast.amina, cast.team_of("amina")), cast.amina)
    with audit_context("test", "testing"):
        record(Verb.CASES_LISTED, actor=None, refs=[Ref("case", closed.uid, closed.uid)])
        record(Verb.CASES_LISTED, actor=None, refs=[Ref("case", one.uid, one.uid) for one in (closed, other)])
    erase(cast, closed, "CORE")
    one = policy(cast, "CASE_EVENTS", 6)
    assert retention.dry_run(one, timezone.localdate()).is_empty
    with time_machine.travel(timezone.now() + timedelta(days=7 * 366)):
        seal()
        about = Event.objects.filter(case_uid=closed.uid)
        before, of_other = about.count(), Event.objects.filter(case_uid=other.uid).count()
        found = retention.dry_run(one, timezone.localdate())
        assert 0 < found.events <= before + 1
        order = approved(cast, asked(cast, one))
        assert carry_out_destructions(may_prune=False) == 0 and about.count() == before
        assert carry_out_destructions() == 1
        assert PrunedEvent.objects.count() == found.events == order_now(order).done["events"]
        assert set(about.values_list("verb", flat=True)) <= {"KEY_DESTROYED", "ERASURE_DONE", "CASE_KEYS_RENEWED"}
        assert Event.objects.filter(case_uid=other.uid).count() == of_other
        assert len(events("CASES_LISTED")) >= 1, "what shows another case, too, stays"
        assert Leaf.objects.filter(event_id__in=PrunedEvent.objects.values("event_id")).count() == found.events
        seal()
        report = verify.verify_all()
        assert report.problems == [] and report.prune_orders == [order.number]
        certificate = certificates.verify(order_now(order).certificate, certificates.public_key())
        assert certificate["events"] == found.events
        assert carry_out_destructions() == 0
        assert prune_next(actor=None, now=clock.now(), order_uid=order.uid).state == "DONE"
        assert finish_destruction(actor=None, now=clock.now(), order_uid=order.uid).certificate["body"] == certificate


def test_events_stay_while_anything_holds_the_case(cast, closed, at_once):
    erase(cast, closed, "CORE")
    one = policy(cast, "CASE_EVENTS", 6)
    with time_machine.travel(timezone.now() + timedelta(days=7 * 366)):
        seal()
        about = Event.objects.filter(case_uid=closed.uid)
        order, before = approved(cast, asked(cast, one)), about.count()
        holds.register("a claim", lambda _case: [ProvisionalHold("CLAIM", "a claim is open")])
        try:
            assert retention.dry_run(one, timezone.localdate()).is_empty
            assert carry_out_destructions() == 1  # nothing was left that may go, and the certificate says what was held
        finally:
            holds.forget("a claim")
        assert about.count() == before and not PrunedEvent.objects.exists()
        assert order_now(order).certificate["body"]["held"] == 1


def test_events_of_a_part_that_was_erased_stay(cast, closed, at_once):
    erase(cast, closed, "ADVOCACY")
    one = policy(cast, "CASE_EVENTS", 6)
    with time_machine.travel(timezone.now() + timedelta(days=7 * 366)):
        seal()
        assert retention.dry_run(one, timezone.localdate()).is_empty


def test_events_of_the_house_go_by_their_own_age(cast, closed):
    with audit_context("test", "testing"):
        old = record(Verb.SIGNED_OUT, actor=None, subject=Ref("session", uuid4()))
    one = policy(cast, "HOUSE_EVENTS", 6)
    about_case = Event.objects.filter(case_uid=closed.uid).count()
    with time_machine.travel(timezone.now() + timedelta(days=7 * 366)):
        seal()
        approved(cast, asked(cast, one))
        assert carry_out_destructions() == 1
        assert not Event.objects.filter(pk=old.pk).exists()
        assert Event.objects.filter(verb=Verb.RETENTION_SET).exists(), "what accounts for a removal stays"
        assert Event.objects.filter(case_uid=closed.uid).count() == about_case
        assert verify.verify_all().problems == []


# ---- The reminder and the pages ----


def test_what_is_due_stands_on_the_desk_until_it_is_done(cast, years_later, sign_in):
    assert remind_of_retention() == 1
    assert remind_of_retention() == 1
    rows = access.for_the_house(HouseDue).filter(kind="RETENTION", done_at__isnull=True)
    assert [row.person for row in rows] == [cast.kemi]
    assert "kept longer than its period" in sign_in(cast.kemi).get(reverse("desk")).text
    policy(cast, "ADVOCACY", 9)
    remind_of_retention()
    assert not access.for_the_house(HouseDue).filter(done_at__isnull=True).exists(), "another period took its place"


@pytest.mark.walks
def test_from_the_period_to_the_approval_by_pages(cast, closed, sign_in):
    kemi = sign_in(cast.kemi)
    assert "No period set" in kemi.get(reverse("retention")).text
    address = reverse("retention-set", args=["ADVOCACY"])
    wrong = kemi.post(
        address, {"number": "2", "unit": "YEARS", "authority": "HV-7Q4K-29MX", "effective_from": "2000-01-01"}
    )
    assert wrong.status_code == 422 and "cannot begin in the past" in wrong.text
    report = timezone.localdate() - timedelta(days=40)
    facts = {
        "number": "2", "unit": "YEARS", "authority": AUTHORITY, "effective_from": timezone.localdate().isoformat(),
        "counts_from": report.isoformat(),
    }  # fmt: skip
    assert kemi.post(address, facts).status_code == 302
    one = access.for_the_house(RetentionPolicy).get()
    assert one.counts_from == report and "at the earliest" in kemi.get(reverse("retention")).text
    assert "at the earliest" not in kemi.get(reverse("retention-set", args=["HOUSE_EVENTS"])).text
    with time_machine.travel(timezone.now() + timedelta(days=3 * 366)):
        kemi, farid = sign_in(cast.kemi), sign_in(cast.farid)
        due = reverse("retention-due", args=[one.uid])
        shown, counts = kemi.get(due).text, farid.get(due).text
        assert closed.number in shown and closed.number not in counts and "1 case" in counts
        assert "Zoraida" not in shown
        assert farid.post(due).status_code == 404
        assert kemi.post(due).status_code == 302
        order = access.for_the_house(DestructionOrder).get()
        page, approve = reverse("retention-order", args=[order.uid]), reverse("retention-approve", args=[order.uid])
        assert "Look at it and approve" not in kemi.get(page).text
        secret = give_app(cast.omar)
        omar = sign_in(cast.omar)
        stopped = omar.post(approve)
        assert stopped.status_code == 303 and "/account/confirm/" in stopped.url
        omar.post(stopped.url.replace("/confirm/", "/confirm/code/"), {"code": code_of(secret)})
        assert "desk of erasures" in omar.get(approve).text
        assert omar.post(approve).status_code == 302
        assert order_now(order).state == "APPROVED"
        number = access.for_the_house(ErasureOrder).get().number
        assert number in kemi.get(page).text and number not in farid.get(page).text
        carry_out = reverse("retention-certificate", args=[order.uid])
        assert kemi.get(carry_out).status_code == 404
    assert Event.objects.filter(verb=Verb.RETENTION_LISTED).count() >= 2
