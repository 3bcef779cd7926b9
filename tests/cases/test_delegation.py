"""While somebody is away: a colleague of the same discipline stands in, and it ends with what it rests on."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section, read, write
from cases import access
from cases.actions.delegation import (
    colleagues_of,
    delegate_access,
    lendable,
    lent_by,
    lent_to,
    take_back_delegation,
)
from cases.actions.grants import revoke_access
from cases.actions.walls import place_wall
from cases.errors.guarding import NobodyOfTheDiscipline, NothingToDelegate, StandsInTooLong
from cases.models import CaseUserPermission, Notice
from tests import make
from tests.cases.reviewing import give_new_end

pytestmark = [
    pytest.mark.sql,
    pytest.mark.django_db(databases=["default", "keystore"]),
    pytest.mark.usefixtures("ledger"),
]


def lend(cast, days=7, **changes):
    facts = {
        "actor": cast.amina,
        "now": clock.now(),
        "colleague": cast.dana,
        "until": clock.now() + timedelta(days=days),
    }
    return delegate_access(**{**facts, **changes})


def open_rows(person):
    return CaseUserPermission.objects.filter(user=person, expires_at__gt=clock.now()).count()


def test_she_holds_what_her_colleague_holds_and_not_more(cast, case, events):
    other = make.case(cast.amina, cast.team_of("amina"))
    lend(cast)
    hers, lent = (access.get_for(person, case.uid).holding for person in (cast.amina, cast.dana))
    assert set(lent.permissions) == set(hers.permissions) and write(Section.ADVOCACY) in lent.permissions
    assert access.get_for(cast.dana, other.uid) and {one.kind for one in lent_by(cast.amina, at=clock.now())} == {
        "DELEGATION"
    }
    assert access.drift() == []
    assert len(events("ACCESS_GRANTED", case.uid)) == 3
    assert access.own(Notice, cast.dana, "person").filter(kind="STANDS_IN").count() == 2


def test_only_the_chosen_cases(cast, case):
    other = make.case(cast.amina, cast.team_of("amina"))
    lend(cast, case_uids=[other.uid])
    assert access.get_for(cast.dana, other.uid)
    with pytest.raises(Hidden):
        access.get_for(cast.dana, case.uid)


def test_it_ends_at_the_instant(cast, case):
    until = lend(cast, days=3).expires_at
    assert access.explain(cast.dana, case, at=until - timedelta(microseconds=1)).allowed
    assert not access.explain(cast.dana, case, at=until).allowed
    with time_machine.travel(until, tick=False), pytest.raises(Hidden):
        access.get_for(cast.dana, case.uid)


def test_thirty_days_and_no_longer(cast, case):
    for days in (30.01, -0.01, -1):
        with pytest.raises(StandsInTooLong):
            lend(cast, days=days)
    now = clock.now()
    assert lend(cast, now=now, until=now + timedelta(days=30))


def test_nobody_of_another_discipline_house_or_role_and_not_oneself(cast, case):
    assert cast.dana in colleagues_of(cast.amina, at=clock.now()) and cast.gita not in colleagues_of(
        cast.amina, at=clock.now()
    )
    for person in (cast.gita, cast.luis, cast.jonas, cast.chidi, cast.hugo, cast.farid, cast.amina):
        with pytest.raises(NobodyOfTheDiscipline):
            lend(cast, colleague=person)
    # Nobody becomes a supervisor by standing in for one.
    with pytest.raises(NobodyOfTheDiscipline):
        lend(cast, actor=cast.bea, colleague=cast.dana)
    lend(cast, actor=cast.bea, colleague=cast.nadia)
    assert not access.get_for(cast.nadia, case.uid).holding.writes(Section.ADVOCACY)


def test_one_hop(cast, case):
    lend(cast)
    assert lendable(cast.dana, at=clock.now()) == []
    with pytest.raises(NothingToDelegate):
        lend(cast, actor=cast.dana, colleague=cast.amina)


def test_when_her_own_access_ends_so_does_what_was_lent(cast, case):
    child = lend(cast)
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=child.parent.uid)
    with pytest.raises(Hidden):
        access.get_for(cast.dana, case.uid)
    assert open_rows(cast.dana) == 0 and access.drift() == [] and lent_to(cast.dana, at=clock.now()) == []


def test_when_her_own_access_gets_an_earlier_end_so_does_what_was_lent(cast, case):
    child = lend(cast, days=20)
    sooner = clock.now() + timedelta(days=2)
    give_new_end(actor=cast.bea, now=clock.now(), grant=child.parent, until=sooner)
    assert access.explain(cast.dana, case, at=sooner - timedelta(microseconds=1)).allowed
    assert not access.explain(cast.dana, case, at=sooner).allowed and access.drift() == []


def test_taken_back_in_one_act(cast, case, events):
    lend(cast)
    assert take_back_delegation(actor=cast.amina, now=clock.now(), colleague_uid=cast.dana.uid) == cast.dana
    with pytest.raises(Hidden):
        access.get_for(cast.dana, case.uid)
    assert open_rows(cast.dana) == 0 and len(events("ACCESS_REVOKED", case.uid)) == 1
    take_back_delegation(actor=cast.amina, now=clock.now(), colleague_uid=cast.dana.uid)
    assert len(events("ACCESS_REVOKED", case.uid)) == 1
    with pytest.raises(Hidden):
        take_back_delegation(actor=cast.bea, now=clock.now(), colleague_uid=cast.dana.uid)


def test_a_wall_beats_it_and_nobody_is_told_of_the_wall(cast, case):
    place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.dana)
    lend(cast)
    with pytest.raises(Hidden):
        access.get_for(cast.dana, case.uid)


def test_a_closed_case_is_not_lent(cast, case):
    make.closed(case, cast.amina)
    with pytest.raises(NothingToDelegate):
        lend(cast)


# ---- Pages ----


def form(cast, **changes):
    return {"colleague": cast.dana.pk, "until": (timezone.localdate() + timedelta(days=5)).isoformat(), **changes}


def test_the_page_lends_and_takes_back(cast, case, sign_in):
    page, client = reverse("away"), sign_in(cast.amina)
    assert page in client.get(reverse("day")).text
    shown = client.get(page)
    assert shown.status_code == 200 and cast.dana.name in shown.text and cast.gita.name not in shown.text
    for wrong in (
        form(cast, colleague=""), form(cast, colleague=cast.gita.pk), form(cast, until=""), form(cast, until="2020-01-01"),
        form(cast, until=(timezone.localdate() + timedelta(days=31)).isoformat()), form(cast, cases=["nonsense"]),
    ):  # fmt: skip
        assert client.post(page, wrong).status_code == 422, wrong
    assert client.post(page, form(cast)).status_code == 302
    dana = sign_in(cast.dana)
    assert dana.get(reverse("case-overview", args=[case.uid])).status_code == 200
    assert cast.amina.name in dana.get(page).text
    back = reverse("away-take-back", args=[cast.dana.uid])
    assert back in client.get(page).text and client.get(back).status_code == 405
    assert client.post(back).status_code == 302
    assert dana.get(reverse("case-overview", args=[case.uid])).status_code == 404


def test_the_page_is_for_those_who_hold_cases(cast, sign_in):
    for person in (cast.farid, cast.elif_, cast.chidi, cast.hugo, cast.ines, cast.kemi):
        assert sign_in(person).get(reverse("away")).status_code == 404
    assert sign_in(cast.gita).get(reverse("away")).status_code == 200


def test_a_stand_in_reads_the_sections(cast, case, sign_in):
    lend(cast)
    assert access.get_for(cast.dana, case.uid, read(Section.NARRATIVE))
