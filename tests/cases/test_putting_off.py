"""Telling her of a legal process is put off by law: never without an authority and an end, and it comes back by itself."""

from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from cases import access, clocks
from cases.actions.disclosures import note_told
from cases.actions.duties import answer_process, note_process_told
from cases.actions.putting_off import PutOff, allow_telling, put_off_telling
from cases.choices.casework import DueKind
from cases.errors.releases import PutOffLacks, TellingIsPutOff, WasTold
from cases.models import Due, HouseDue, Task
from tests.accounts import signing_in
from tests.cases.test_disclosures import a_process, by_law

ORDER = "County Court, part 5, order of non-disclosure"


@pytest.fixture
def sign_in():
    """People who have just shown their second factor once more."""
    return partial(signing_in.sign_in, is_fresh=True)


@pytest.fixture
def kemi(cast):
    """The privacy officer, who holds no access to any case."""
    return cast.kemi


@pytest.fixture
def day():
    """Thirty days from now, on the calendar of the house."""
    return clocks.house_day(clock.now()) + timedelta(days=30)


def put_off(actor, case, process, until, authority=ORDER):
    said = PutOff(authority=authority, because="COURT", until=until)
    return put_off_telling(actor=actor, now=clock.now(), case_uid=case.uid, process_uid=process.uid, put_off=said)


def tell(actor, case, process, now):
    return note_process_told(
        actor=actor, now=now, case_uid=case.uid, process_uid=process.uid, how="IN_PERSON", wishes="Nothing"
    )


def due_of(process, model=Due):
    return access.for_the_house(model).filter(subject_uid=process.uid, kind=DueKind.TELL_HER, done_at=None)


@pytest.mark.parametrize("days", [None, -1, 0, 367])
def test_nothing_is_put_off_without_an_end(kemi, case, days):
    process = a_process(kemi, case)
    until = None if days is None else clocks.house_day(clock.now()) + timedelta(days=days)
    with pytest.raises(PutOffLacks) as lack:
        put_off(kemi, case, process, until)
    assert lack.value.what == "until" and not due_of(process).exists()


def test_nothing_is_put_off_without_an_authority(kemi, case, day):
    process = a_process(kemi, case)
    with pytest.raises(PutOffLacks) as lack:
        put_off(kemi, case, process, day, authority="  ")
    process.refresh_from_db()
    assert lack.value.what == "authority" and process.put_off_until is None


def test_until_its_day_nobody_notes_that_she_was_told_and_then_it_is_due(cast, kemi, case, day, monkeypatch):
    process = a_process(kemi, case)
    disclosure = by_law(kemi, case, process_uid=process.uid)
    process = put_off(kemi, case, process, day)
    with pytest.raises(TellingIsPutOff):
        tell(cast.amina, case, process, clock.now())
    with pytest.raises(TellingIsPutOff):
        note_told(actor=cast.amina, now=clock.now(), case_uid=case.uid, disclosure_uid=disclosure.uid)
    telling = clocks.of_process(process, clock.now())[1]
    assert (str(telling.what), telling.due_on, telling.is_late) == ("She may not be told yet", day, False)
    assert due_of(process).get().due_on == day and kemi.pk in {one.person_id for one in due_of(process, HouseDue)}
    answer_process(
        actor=kemi, now=clock.now(), case_uid=case.uid, process_uid=process.uid, response="OBJECTED", is_over=True
    )
    assert due_of(process).exists() and due_of(process, HouseDue).exists(), "an answer does not tell her"
    on_the_day = clocks.start_of(day)
    assert str(clocks.of_process(process, on_the_day)[1].what) == "She is told, safely"
    assert clocks.of_process(process, on_the_day + timedelta(days=1))[1].is_late
    tasks = access.for_the_house(Task).filter(subject_uid__in=[process.uid, disclosure.uid], done_at=None)
    assert {task.due_on for task in tasks} == {day}, "nobody is asked to tell her before"
    monkeypatch.setattr(clock, "now", lambda: on_the_day)
    assert tell(cast.amina, case, process, on_the_day).told_at == on_the_day
    assert [task.subject_uid for task in tasks.all()] == [disclosure.uid], "what was done is off the list"
    note_told(actor=cast.amina, now=on_the_day, case_uid=case.uid, disclosure_uid=disclosure.uid)
    assert not tasks.all()
    assert not due_of(process).exists() and not due_of(process, HouseDue).exists()
    with pytest.raises(WasTold):
        put_off(kemi, case, process, day + timedelta(days=9))


def test_another_order_moves_the_day_and_its_end_sooner_brings_it_back(kemi, case, day):
    process = put_off(kemi, case, a_process(kemi, case), day)
    put_off(kemi, case, process, day + timedelta(days=5))
    assert due_of(process).get().due_on == day + timedelta(days=5)
    for _time in range(2):
        allow_telling(actor=kemi, now=clock.now(), case_uid=case.uid, process_uid=process.uid)
    process.refresh_from_db()
    assert not clocks.is_put_off(process, clock.now())
    assert due_of(process).get().due_on == clocks.house_day(clock.now())
    kinds = [
        one.detail.content["codes"]["kind"]
        for one in Event.objects.filter(verb=Verb.LEGAL_PROCESS_FOLLOWED).order_by("pk")
    ]
    assert kinds == ["PUT_OFF", "PUT_OFF", "MAY_BE_TOLD"]


def test_by_its_pages_and_her_account_is_silent_until_then(cast, kemi, case, day, sign_in):
    process = a_process(kemi, case)
    by_law(kemi, case, process_uid=process.uid)
    amina, account = sign_in(cast.amina), reverse("case-account", args=[case.uid])
    assert "County Court" in amina.get(account).content.decode()
    officer, where = sign_in(kemi), reverse("process-put-off", args=[process.uid])
    said = {"authority": ORDER, "because": "COURT", "until": day.isoformat()}
    for lacks in ("authority", "because", "until"):
        assert officer.post(where, {**said, lacks: ""}).status_code == 422
    assert officer.post(where, said).status_code == 302
    assert ORDER in officer.get(reverse("process", args=[process.uid])).content.decode()
    assert "County Court" not in amina.get(account).content.decode()
    shown = amina.get(reverse("case-disclosures", args=[case.uid])).content.decode()
    told = reverse("process-told", args=[case.uid, process.uid])
    assert "She may not be told before" in shown and ORDER in shown and told not in shown
    assert amina.post(told, {"how": "IN_PERSON", "wishes": "Nothing"}).status_code == 422
    assert officer.post(reverse("process-may-tell", args=[process.uid])).status_code == 302
    assert told in amina.get(reverse("case-disclosures", args=[case.uid])).content.decode()


@pytest.mark.parametrize("key", ["amina", "bea", "dana", "elif_", "hugo", "jonas"])
def test_it_is_closed_to_everybody_else(cast, kemi, case, day, sign_in, key):
    process = a_process(kemi, case)
    person = getattr(cast, key)
    with pytest.raises(Hidden):
        put_off(person, case, process, day)
    client = sign_in(person)
    assert client.get(reverse("process-put-off", args=[process.uid])).status_code == 404
    assert client.post(reverse("process-may-tell", args=[process.uid])).status_code == 404
