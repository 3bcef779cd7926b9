"""Who is on duty: card and safety of the team's cases while the shift lasts, and an alert that carries its access."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read
from casemgmt.accounts.models import Shift
from cases import access
from cases.actions.intake import OPENING_ROLES
from cases.actions.rota import add_shift, alert_on_duty, end_shift, keep_on_call
from cases.actions.safety import set_risk
from cases.actions.walls import place_wall, restrict_case
from cases.errors.guarding import NobodyOnDuty, NotForTheRota, ShiftIsOdd
from cases.models import Case, Notice
from tests import make

pytestmark = [
    pytest.mark.sql,
    pytest.mark.django_db(databases=["default", "keystore"]),
    pytest.mark.usefixtures("ledger"),
]


def shift(cast, person=None, **changes):
    now = clock.now()
    facts = {
        "actor": cast.bea, "now": now, "team_uid": cast.team_of("amina").uid, "person": person or cast.jonas,
        "starts_at": now, "ends_at": now + timedelta(hours=8), **changes,
    }  # fmt: skip
    return add_shift(**facts)


def test_a_shift_opens_card_and_safety_of_the_teams_cases_and_ends_at_the_instant(cast, case, events):
    elsewhere = make.case(cast.dana, cast.team_of("dana"))
    one = shift(cast)
    holding = access.get_for(cast.jonas, case.uid).holding
    assert holding.readable == [Section.CARD, Section.SAFETY] and not holding.writes(Section.SAFETY)
    assert list(access.visible(Case, cast.jonas)) == [case]
    for section in (Section.IDENTITY, Section.LOCATION, Section.NARRATIVE):
        with pytest.raises(Refused):
            access.get_for(cast.jonas, case.uid, read(section))
    with pytest.raises(Hidden):
        access.get_for(cast.jonas, elsewhere.uid)
    assert access.explain(cast.jonas, case, at=one.ends_at - timedelta(microseconds=1)).allowed
    assert not access.explain(cast.jonas, case, at=one.ends_at).allowed
    with time_machine.travel(one.ends_at, tick=False):
        with pytest.raises(Hidden):
            access.get_for(cast.jonas, case.uid)
        assert not access.visible(Case, cast.jonas).exists()
    assert access.drift() == [] and len(events("ROTA_CHANGED")) == 1


def test_before_it_begins_nothing_is_open(cast, case):
    begins = clock.now() + timedelta(hours=3)
    shift(cast, starts_at=begins, ends_at=begins + timedelta(hours=8))
    with pytest.raises(Hidden):
        access.get_for(cast.jonas, case.uid)
    with time_machine.travel(begins, tick=False):
        assert access.get_for(cast.jonas, case.uid)


def test_a_case_that_is_opened_during_the_shift_is_there_at_once_and_a_closed_one_goes(cast, case):
    shift(cast)
    fresh = make.case(cast.amina, cast.team_of("amina"))
    assert access.get_for(cast.jonas, fresh.uid)
    assert keep_on_call() == 0
    make.closed(fresh, cast.amina)
    assert keep_on_call() == 1 and keep_on_call() == 0
    with pytest.raises(Hidden):
        access.get_for(cast.jonas, fresh.uid)
    assert access.drift() == []


def test_who_could_see_then_is_answered_by_the_shifts(cast, case):
    one = shift(cast)
    during, after = one.starts_at + timedelta(hours=1), one.ends_at + timedelta(hours=1)
    with time_machine.travel(after, tick=False):
        assert cast.jonas in access.who_could_see(case, "read_safety", during)
        assert cast.jonas not in access.who_could_see(case, "read_safety", after)
        assert cast.jonas not in access.who_could_see(case, "read_identity", during)


def test_ended_early_it_closes_at_once(cast, case, events):
    one = shift(cast)
    end_shift(actor=cast.bea, now=clock.now(), shift_uid=one.uid)
    with pytest.raises(Hidden):
        access.get_for(cast.jonas, case.uid)
    end_shift(actor=cast.bea, now=clock.now(), shift_uid=one.uid)
    assert len(events("ROTA_CHANGED")) == 2


def test_the_rota_is_its_supervisors(cast, case):
    one = shift(cast)
    for person in (cast.amina, cast.nadia, cast.jonas, cast.farid, cast.kemi):
        with pytest.raises(Hidden):
            shift(cast, actor=person)
        with pytest.raises(Hidden):
            end_shift(actor=person, now=clock.now(), shift_uid=one.uid)
    for person in (cast.farid, cast.elif_, cast.chidi, cast.hugo, cast.ines, cast.omar):
        with pytest.raises(NotForTheRota):
            shift(cast, person=person)


def test_a_shift_is_one_turn(cast, case):
    now = clock.now()
    for starts, ends in ((0, 0), (2, 1), (-5, -1), (0, 24 * 7 + 1)):
        with pytest.raises(ShiftIsOdd):
            shift(cast, starts_at=now + timedelta(hours=starts), ends_at=now + timedelta(hours=ends))
    one = shift(cast)
    one.ends_at = one.starts_at + timedelta(days=7, minutes=1)
    with pytest.raises(IntegrityError, match="shift_is_one_turn"), transaction.atomic():
        one.save()


def test_no_wall_and_no_restriction_is_walked_around(cast, case):
    shift(cast)
    restrict_case(actor=cast.bea, now=clock.now(), case_uid=case.uid, is_restricted=True)
    with pytest.raises(Hidden):
        access.get_for(cast.jonas, case.uid)
    restrict_case(actor=cast.bea, now=clock.now(), case_uid=case.uid, is_restricted=False)
    assert access.get_for(cast.jonas, case.uid)
    place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.jonas)
    with pytest.raises(Hidden):
        access.get_for(cast.jonas, case.uid)


def test_whoever_is_on_duty_opens_no_case_in_the_teams_name(cast, case):
    shift(cast, person=cast.dana)
    assert cast.dana.holds_role(*OPENING_ROLES)
    with pytest.raises(Refused):
        make.case(cast.dana, cast.team_of("amina"))


def test_an_alert_carries_its_access_also_to_a_restricted_case(cast, case, events):
    one = shift(cast)
    restrict_case(actor=cast.bea, now=clock.now(), case_uid=case.uid, is_restricted=True)
    grant = alert_on_duty(actor=cast.amina, now=clock.now(), case_uid=case.uid)
    assert grant.person == cast.jonas and grant.expires_at == one.ends_at
    assert access.get_for(cast.jonas, case.uid, read(Section.SAFETY))
    assert access.own(Notice, cast.jonas, "person").get(kind="ON_CALL_ALERT").about_uid == grant.uid
    end_shift(actor=cast.bea, now=clock.now(), shift_uid=one.uid)
    with pytest.raises(Hidden):
        access.get_for(cast.jonas, case.uid)
    assert access.drift() == [] and len(events("ACCESS_REVOKED", case.uid)) == 1


def test_an_alert_needs_somebody_on_duty_and_a_reader_of_the_card(cast, case):
    with pytest.raises(NobodyOnDuty):
        alert_on_duty(actor=cast.amina, now=clock.now(), case_uid=case.uid)
    shift(cast)
    with pytest.raises(Hidden):
        alert_on_duty(actor=cast.dana, now=clock.now(), case_uid=case.uid)


def test_somebody_who_left_is_not_on_duty(cast, case):
    shift(cast)
    jonas = cast.jonas
    jonas.is_active = False
    jonas.save()
    with pytest.raises(Hidden):
        access.get_for(cast.jonas, case.uid)
    with pytest.raises(NobodyOnDuty):
        alert_on_duty(actor=cast.amina, now=clock.now(), case_uid=case.uid)


# ---- Pages ----


def moment(value):
    return timezone.localtime(value).strftime("%Y-%m-%dT%H:%M")


def test_the_pages_of_the_rota(cast, case, sign_in):
    bea, team = sign_in(cast.bea), cast.team_of("amina")
    page, add = reverse("rota"), reverse("shift-new", args=[team.uid])
    assert page in bea.get(reverse("team")).text and add in bea.get(page).text
    now = clock.now()
    good = {"person": cast.jonas.pk, "starts_at": moment(now), "ends_at": moment(now + timedelta(hours=8))}
    for wrong in ({**good, "person": ""}, {**good, "ends_at": good["starts_at"]}, {**good, "ends_at": "soon"}):
        assert bea.post(add, wrong).status_code == 422, wrong
    assert bea.get(add).status_code == 200 and bea.post(add, good).status_code == 302
    jonas = sign_in(cast.jonas)
    assert team.name in jonas.get(page).text and page in jonas.get(reverse("house")).text
    assert jonas.get(reverse("case-overview", args=[case.uid])).status_code == 200
    call = reverse("case-call", args=[case.uid])
    amina = sign_in(cast.amina)
    assert call in amina.get(reverse("case-overview", args=[case.uid])).text
    assert cast.jonas.name in amina.get(call).text and amina.post(call).status_code == 302
    assert sign_in(cast.dana).get(call).status_code == 404
    one = Shift.objects.get()
    end = reverse("shift-end", args=[one.uid])
    assert end in bea.get(page).text and bea.get(end).status_code == 405
    assert sign_in(cast.nadia).post(end).status_code == 404
    assert bea.post(end).status_code == 302
    assert jonas.get(reverse("case-overview", args=[case.uid])).status_code == 404
    assert amina.post(call).status_code == 422
    for person in (cast.farid, cast.chidi, cast.elif_):
        assert sign_in(person).get(page).status_code == 404
    assert sign_in(cast.nadia).get(add).status_code == 404


def test_immediate_danger_calls_whoever_is_on_duty(cast, case):
    shift(cast)
    restrict_case(actor=cast.bea, now=clock.now(), case_uid=case.uid, is_restricted=True)
    with pytest.raises(Hidden):
        access.get_for(cast.jonas, case.uid)
    set_risk(actor=cast.amina, now=clock.now(), case_uid=case.uid, level="IMMEDIATE", reason="Seen near the house.")
    assert access.get_for(cast.jonas, case.uid, read(Section.SAFETY))
    assert access.own(Notice, cast.jonas, "person").filter(kind="ON_CALL_ALERT").count() == 1
