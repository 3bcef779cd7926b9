"""Erasing a class or a case: who asks and who decides, what is asked before, and what holds it."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from audit import clock
from audit.context import audit_context
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import RetentionClass
from casemgmt.crypto.models import CaseKey
from cases import access
from cases.actions import erasing, erasure
from cases.actions.holds import place_hold
from cases.actions.safety import set_alerts
from cases.actions.walls import place_wall
from cases.errors.erasing import (
    CaseMustBeClosed,
    CheckNeedsHer,
    ErasureIsOpen,
    ErasureIsOver,
    HoldStands,
    NothingToErase,
    NotTheSamePerson,
)
from cases.models import Due
from tests import make
from tests.cases.erasing import approve, ask, confirm, erase, fresh, no_waiting, order_now
from tests.cases.stored import dump

ADVOCACY, CORE = RetentionClass.ADVOCACY, RetentionClass.CORE


# ---- Asking ----


def test_the_privacy_officer_asks_without_any_access(cast, case, events):
    order = ask(cast, case, ADVOCACY)
    assert order.state == "ASKED" and order.classes == ["ADVOCACY"] and order.number.startswith("ER-")
    [event] = events("ERASURE_ASKED", case.uid)
    assert event.detail.content["codes"] == {"order": order.number, "classes": ["ADVOCACY"]}
    assert b"marmalade" not in dump()
    assert access.holdings(cast.kemi, [case]) == {}
    with pytest.raises(ErasureIsOpen):
        ask(cast, case, "SERVICES")


def test_who_may_ask(cast, case, clinician):
    for person in (cast.amina, clinician, cast.dana, cast.nadia, cast.omar, cast.elif_, cast.farid, cast.chidi):
        with pytest.raises(Hidden):
            ask(cast, case, ADVOCACY, actor=person)
    assert ask(cast, case, ADVOCACY, actor=cast.bea).asked_by == cast.bea


def test_whoever_is_walled_off_decides_nothing(cast, case):
    place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.kemi)
    with pytest.raises(Hidden):
        ask(cast, case, ADVOCACY)


def test_the_whole_case_is_all_classes_and_must_be_closed(cast, case):
    with pytest.raises(CaseMustBeClosed):
        ask(cast, case, CORE)
    make.closed(case, cast.amina)
    assert ask(cast, case, CORE).classes == sorted(RetentionClass.values)


def test_an_unknown_class_or_ground_is_refused(cast, case):
    with pytest.raises(ValueError, match="NONSENSE"):
        ask(cast, case, "NONSENSE")
    with pytest.raises(ValueError, match="BECAUSE"):
        ask(cast, case, ADVOCACY, ground="BECAUSE")
    with pytest.raises(NothingToErase):
        ask(cast, case)


# ---- Deciding ----


def test_two_others_approve_and_the_case_is_restricted(cast, case, settings, events):
    order = ask(cast, case, ADVOCACY)
    with pytest.raises(NotTheSamePerson):
        erasure.approve_erasure(actor=cast.kemi, now=clock.now(), order_uid=order.uid)
    first = erasure.approve_erasure(actor=cast.omar, now=clock.now(), order_uid=order.uid)
    assert first.state == "ASKED" and not fresh(case).is_restricted
    with pytest.raises(NotTheSamePerson):
        erasure.approve_erasure(actor=cast.omar, now=clock.now(), order_uid=order.uid)
    for person in (cast.amina, cast.nadia, cast.dana, cast.elif_):
        with pytest.raises(Hidden):
            erasure.approve_erasure(actor=person, now=clock.now(), order_uid=order.uid)
    second = erasure.approve_erasure(actor=cast.bea, now=clock.now(), order_uid=order.uid)
    assert second.state == "COOLING" and fresh(case).is_restricted
    assert timedelta(days=13) < second.cools_until - clock.now() <= timedelta(days=14)
    assert len(events("ERASURE_APPROVED", case.uid)) == 2 and len(events("CASE_RESTRICTED", case.uid)) == 1
    with pytest.raises(ErasureIsOver):
        erasure.approve_erasure(actor=cast.kemi, now=clock.now(), order_uid=order.uid)
    dues = access.for_the_house(Due).filter(case=case, kind="ERASURE", done_at__isnull=True)
    assert [due.assigned_to for due in dues] == [cast.amina]


def test_the_database_too_refuses_one_person_twice(cast, case):
    order = ask(cast, case, ADVOCACY)
    order.first_by = order.asked_by
    with pytest.raises(IntegrityError), transaction.atomic():
        order.save(update_fields=["first_by"])


def test_the_database_too_refuses_an_erasure_that_nobody_checked(cast, case):
    order = approve(cast, ask(cast, case, ADVOCACY))
    order.state, order.marked_at = "ERASING", order.cools_until
    with pytest.raises(IntegrityError), transaction.atomic():
        order.save(update_fields=["state", "marked_at"])


def test_without_the_private_talk_nothing_is_erased(cast, case, at_once):
    order = approve(cast, ask(cast, case, ADVOCACY))
    assert erasing.erase_what_is_due() == 0
    assert not erasing.carry_out(order.uid) and order_now(order).state == "COOLING"
    for person in (cast.omar, cast.dana, cast.elif_):
        with pytest.raises(Hidden):
            erasure.confirm_erasure(actor=person, now=clock.now(), order_uid=order.uid, check="FREE")
    confirm(cast, order)
    assert erasing.erase_what_is_due() == 1 and order_now(order).state == "DONE"


def test_what_rests_on_her_wish_needs_her(cast, case):
    order = approve(cast, ask(cast, case, ADVOCACY))
    with pytest.raises(CheckNeedsHer):
        erasure.confirm_erasure(actor=cast.amina, now=clock.now(), order_uid=order.uid, check="UNREACHED")
    erasure.stop_erasure(actor=cast.amina, now=clock.now(), order_uid=order.uid, reason="She hesitates.")
    other = approve(cast, ask(cast, case, ADVOCACY, ground="RETENTION_OVER"))
    done = erasure.confirm_erasure(actor=cast.amina, now=clock.now(), order_uid=other.uid, check="UNREACHED")
    assert done.checked_by == cast.amina


def test_before_the_cooling_off_is_over_nothing_is_erased(cast, case):
    order = confirm(cast, approve(cast, ask(cast, case, ADVOCACY)))
    assert erasing.erase_what_is_due() == 0
    with time_machine.travel(clock.now() + timedelta(days=13, hours=23)):
        assert erasing.erase_what_is_due() == 0 and not erasing.carry_out(order.uid)
    with time_machine.travel(clock.now() + timedelta(days=14, minutes=1)), no_waiting():
        assert erasing.erase_what_is_due() == 1
    assert order_now(order).state == "DONE"


def test_either_side_stops_it_and_the_case_is_as_before(cast, case, events):
    for person in (cast.amina, cast.bea, cast.kemi, cast.omar):
        order = confirm(cast, approve(cast, ask(cast, case, ADVOCACY)))
        erasure.stop_erasure(actor=person, now=clock.now(), order_uid=order.uid, reason="No.")
        assert order_now(order).state == "STOPPED" and not fresh(case).is_restricted
        with time_machine.travel(clock.now() + timedelta(days=20)):
            assert not erasing.carry_out(order.uid)
        with pytest.raises(ErasureIsOver):
            erasure.stop_erasure(actor=person, now=clock.now(), order_uid=order.uid, reason="Again.")
    assert len(events("ERASURE_STOPPED", case.uid)) == 4 and len(events("CASE_UNRESTRICTED", case.uid)) == 4
    assert fresh(case).erasures == {}


def test_a_case_that_was_restricted_before_stays_so(cast, case, at_once):
    case.is_restricted = True
    case.save(update_fields=["is_restricted"])
    erase(cast, case, ADVOCACY)
    assert fresh(case).is_restricted


# ---- Holds, asked again at the last moment ----


def test_a_hold_that_came_meanwhile_refuses_it(cast, case, at_once, events):
    order = confirm(cast, approve(cast, ask(cast, case, ADVOCACY)))
    place_hold(
        actor=cast.kemi, now=clock.now(), case_uid=case.uid, authority="SUBPOENA",
        reason="Served today", review_on=(clock.now() + timedelta(days=60)).date(),
    )  # fmt: skip
    assert erasing.erase_what_is_due() == 0
    assert order_now(order).state == "REFUSED" and fresh(case).erasures == {} and not fresh(case).is_restricted
    [event] = events("ERASURE_REFUSED", case.uid)
    assert event.outcome == "REFUSED" and event.detail.content["codes"]["hold"] == ["LEGAL_HOLD"]
    assert CaseKey.objects.filter(case_uid=case.uid).count() == 5


def test_a_hold_refuses_asking_and_approving_and_it_is_recorded(cast, case, events):
    order = ask(cast, case, ADVOCACY)
    place_hold(
        actor=cast.omar, now=clock.now(), case_uid=case.uid, authority="AUDIT", reason="Grant review",
        review_on=(clock.now() + timedelta(days=60)).date(), classes=["ADVOCACY"],
    )  # fmt: skip
    with pytest.raises(HoldStands, match="legal hold"), audit_context("test", "a refusal"):
        erasure.approve_erasure(actor=cast.bea, now=clock.now(), order_uid=order.uid)
    erasure.stop_erasure(actor=cast.kemi, now=clock.now(), order_uid=order.uid, reason="Held.")
    with pytest.raises(HoldStands), audit_context("test", "a refusal"):
        ask(cast, case, ADVOCACY)
    assert ask(cast, case, "SERVICES").state == "ASKED", "the hold keeps one class only"


def test_a_reopened_case_is_not_erased_as_a_whole(cast, case, at_once):
    make.closed(case, cast.amina)
    order = confirm(cast, approve(cast, ask(cast, case, CORE)))
    from cases.actions.cases import reopen_case

    reopen_case(actor=cast.amina, now=clock.now(), case_uid=case.uid, stage="LEGAL")
    assert not erasing.carry_out(order.uid)
    assert order_now(order).state == "REFUSED" and fresh(case).erasures == {}


def test_an_alert_on_the_card_holds_too(cast, case):
    set_alerts(actor=cast.amina, now=clock.now(), case_uid=case.uid, codes=["LEGAL_HOLD"])
    with pytest.raises(HoldStands, match="alert"), audit_context("test", "a refusal"):
        ask(cast, case, ADVOCACY)
