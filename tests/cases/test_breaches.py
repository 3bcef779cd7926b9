"""Incidents with records: 24 and 72 hours from when they were noticed, each survivor told safely, closed with what was learned."""

from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from cases import access, clocks, holds
from cases.actions.breaches import Found, close_breach, concern_case, note_step, record_breach, tell_survivor
from cases.desk import reading_own
from cases.errors.duties import BreachIsClosed, BreachLacks
from cases.models import Breach, HouseDue, Task
from tests.accounts import signing_in

CLOSED_TO = ["amina", "bea", "chidi", "dana", "elif_", "farid", "gita", "hugo", "ines", "jonas", "luis"]
END = {"root_cause": "DEVICE", "lessons": ["DEVICES", "TRAINING"]}


@pytest.fixture
def sign_in():
    return partial(signing_in.sign_in, is_fresh=True)


@pytest.fixture
def kemi(cast):
    """The privacy officer, who holds no access to any case."""
    return cast.kemi


def a_breach(actor, **changes):
    facts = {"kinds": ["LOST_DEVICE"], "detected_at": clock.now(), **changes}
    return record_breach(actor=actor, now=clock.now(), found=Found(**facts))


def holding(case):
    return "BREACH" in {one.kind for one in holds.provisional_holds(case)}


def concern(actor, breach, case):
    return concern_case(actor=actor, now=clock.now(), breach_uid=breach.uid, case_uid=case.uid)


def test_ojp_24_hours_and_gdpr_33_72_hours_are_moments_from_when_it_was_noticed(kemi):
    breach = a_breach(kemi, tells_authority=True)
    _stopped, award, authority = clocks.of_breach(breach, clock.now())
    assert award.due_at == breach.detected_at + timedelta(hours=24)
    assert authority.due_at == breach.detected_at + timedelta(hours=72)
    late = clocks.of_breach(breach, breach.detected_at + timedelta(hours=24, seconds=1))
    assert (late[1].words, late[2].is_late) == ("Late", False)
    rows = access.for_the_house(HouseDue).filter(subject_uid=breach.uid, done_at=None)
    assert {one.due_on for one in rows} == {clocks.house_day(award.due_at)}
    note_step(actor=kemi, now=clock.now(), breach_uid=breach.uid, step="award")
    assert {one.due_on for one in rows.all()} == {clocks.house_day(authority.due_at)}
    assert len(clocks.of_breach(a_breach(kemi, tells_award=False), clock.now())) == 1
    with pytest.raises(BreachLacks):
        a_breach(kemi, detected_at=clock.now() + timedelta(hours=1))


def test_it_ends_when_all_are_told_and_something_was_learned(cast, kemi, case):
    breach = a_breach(kemi)
    row = concern(kemi, breach, case)
    assert concern(kemi, breach, case) == row and holding(case)
    [task] = access.for_the_house(Task)
    assert (task.assigned_to, task.section) == (cast.amina, "DUTIES")
    close = partial(close_breach, actor=kemi, breach_uid=breach.uid)
    told = partial(tell_survivor, actor=cast.amina, case_uid=case.uid, breach_case_uid=row.uid)

    def refused(what, **words):
        with pytest.raises(BreachLacks) as lack:
            close(now=clock.now(), **{**END, **words})
        assert lack.value.what == what

    refused("open")
    note_step(actor=kemi, now=clock.now(), breach_uid=breach.uid, step="contained")
    refused("open")
    note_step(actor=kemi, now=clock.now(), breach_uid=breach.uid, step="award")
    refused("untold")
    with pytest.raises(BreachLacks):
        told(now=clock.now())
    told(now=clock.now(), deferred="NO_SAFE_WAY")
    refused("root_cause", root_cause="")
    refused("lessons", lessons=[])
    row = told(now=clock.now(), how="IN_PERSON")
    with reading_own(row):
        assert row.facts == {"how": "IN_PERSON"}
    assert Event.objects.get(verb=Verb.SURVIVOR_NOTIFIED).detail.content["codes"] == {"kind": "BREACH"}
    close(now=clock.now(), **END)
    assert (
        not holding(case) and not access.for_the_house(HouseDue).filter(subject_uid=breach.uid, done_at=None).exists()
    )
    with pytest.raises(BreachIsClosed):
        concern(kemi, breach, case)


def test_by_its_pages(cast, kemi, case, sign_in):
    client = sign_in(kemi)
    assert reverse("breaches") in client.get(reverse("home"), follow=True).content.decode()
    moment = timezone.localtime(clock.now()).strftime("%Y-%m-%dT%H:%M")
    assert client.post(reverse("breach-new"), {"detected_at": moment}).status_code == 422
    sent = client.post(
        reverse("breach-new"), {"kinds": ["ACCOUNT"], "detected_at": moment, "people": "1", "tells_award": "on"}
    )
    page = client.get(sent.url).content.decode()
    for words in ("lock the person out", reverse("colleagues"), "neither confirm nor deny", "hours left"):
        assert words in page, words
    breach = Breach._base_manager.get()
    assert client.post(reverse("breach-case", args=[breach.uid]), {"number": "HV-0000-0000"}).status_code == 422
    assert client.post(reverse("breach-case", args=[breach.uid]), {"number": case.number}).status_code == 302
    for step, status in (("contained", 302), ("award", 302), ("closed_at", 404)):
        assert client.post(reverse("breach-step", args=[breach.uid, step])).status_code == status
    assert client.post(reverse("breach-close", args=[breach.uid]), END).status_code == 422
    amina = sign_in(cast.amina)
    listed = amina.get(reverse("case-disclosures", args=[case.uid])).content.decode()
    where = next(part for part in listed.split('"') if "/disclosures/incident/" in part)
    assert amina.post(where, {"how": "", "deferred": ""}).status_code == 422
    assert amina.post(where, {"how": "IN_PERSON"}).status_code == 302
    assert sign_in(cast.dana).get(where).status_code == 404
    assert client.post(reverse("breach-close", args=[breach.uid]), END).status_code == 302
    page = client.get(sent.url).content.decode()
    assert "We practise it with everybody" in page and case.number in page
    assert client.get(reverse("case-overview", args=[case.uid])).status_code == 404, "it opens no case"


@pytest.mark.parametrize("key", CLOSED_TO)
def test_it_is_closed_to_everybody_else(cast, case, kemi, sign_in, key):
    breach = a_breach(kemi)
    client = sign_in(getattr(cast, key))
    for address in (reverse("breaches"), reverse("breach-new"), reverse("breach", args=[breach.uid])):
        assert client.get(address).status_code == 404
    with pytest.raises(Hidden):
        concern(getattr(cast, key), breach, case)


def test_a_director_looks_after_them_too(cast, kemi, sign_in):
    assert sign_in(cast.omar).get(reverse("breach", args=[a_breach(kemi).uid])).status_code == 200
