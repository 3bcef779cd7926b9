"""Those with whom nobody speaks, by the number that calls (domain.md §8.4): an answer about the caller, never about her."""

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Refused
from cases.actions.numbers import check_number
from cases.actions.other_people import SaidOfOther, change_other_person, end_other_person, note_other_person
from cases.actions.walls import place_wall
from cases.choices.callers import NOTICE_INQUIRY
from cases.errors.callers import NumberTooShort
from cases.models import Notice, OtherPersonToken, Task
from tests import make
from tests.cases.stored import dump
from tests.cases.test_callers import INQUIRIES, inquiry

NUMBER = "+1 555 010 4477"
ACCUSED = {"roles": ["ASSOCIATE"], "first_name": "Barnacle", "family_name": "Wigeonson"}


def listed(cast, case, **said):
    return note_other_person(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, said=SaidOfOther(**{**ACCUSED, "phone": NUMBER, **said})
    )


def is_listed(person, number="15550104477"):
    return check_number(actor=person, now=clock.now(), number=number)


def case_pages_of(person, case, sign_in):
    """Pages on which this person finds the case: her day, her tasks, her account, who asked."""
    client, names = sign_in(person), ("day", "tasks", "my-account", "inquiries")
    return [name for name in names if case.number in client.get(reverse(name), follow=True).text]


def test_a_number_is_known_without_country_code_and_no_other_is(cast, case):
    listed(cast, case)
    assert is_listed(cast.jonas) and is_listed(cast.jonas, "555-010-4477") and is_listed(cast.jonas, "٥٥٥٠١٠٤٤٧٧")
    assert not is_listed(cast.jonas, "555-010-4478")
    with pytest.raises(NumberTooShort):
        is_listed(cast.jonas, "4477")


def test_outsiders_other_houses_and_blind_desks_may_not_ask(cast, case):
    listed(cast, case)
    for key in ("chidi", "hugo", "elif_", "farid", "petra"):
        with pytest.raises(Refused):
            is_listed(getattr(cast, key))


def test_whoever_is_kept_from_the_case_learns_nothing(cast, case):
    """Somebody who declared to know the accused is walled off, and could otherwise ask for a brother's number."""
    listed(cast, case)
    assert is_listed(cast.luis)
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=case.uid, person=cast.luis)
    assert not is_listed(cast.luis) and is_listed(cast.jonas)


def test_a_witness_is_listed_by_the_mark_alone_and_by_no_name(cast, case):
    row = listed(cast, case, roles=["WITNESS"])
    assert not is_listed(cast.jonas) and not OtherPersonToken._base_manager.filter(person=row).exists()
    said = SaidOfOther(**{**ACCUSED, "roles": ["WITNESS"], "phone": NUMBER, "no_contact": True})
    change_other_person(actor=cast.amina, now=clock.now(), case_uid=case.uid, person_uid=row.uid, said=said)
    assert is_listed(cast.jonas)
    assert set(OtherPersonToken._base_manager.filter(person=row).values_list("compared_as", flat=True)) == {"CALLS"}
    end_other_person(actor=cast.amina, now=clock.now(), case_uid=case.uid, person_uid=row.uid, reason="MISTAKE")
    assert not is_listed(cast.jonas)


def test_the_page_answers_keeps_what_was_typed_and_saves_nothing(cast, case, sign_in, events):
    listed(cast, case)
    client = sign_in(cast.jonas)
    page = client.post(INQUIRIES, inquiry(number=NUMBER, words="asks for Pintailia", check="1"))
    assert page.status_code == 200 and "Nobody here speaks with whoever calls from this number" in page.text
    assert "asks for Pintailia" in page.text and NUMBER in page.text and case.number not in page.text
    other = client.post(INQUIRIES, inquiry(number="555 010 9999", check="1")).text
    assert "This number is on no list" in other
    short = client.post(INQUIRIES, inquiry(number="12", check="1"))
    assert "at least six digits" in short.text
    assert not events("INQUIRY_RECORDED")
    asked = events("NUMBER_CHECKED")
    assert [event.detail.content["codes"]["count"] for event in asked] == [1, 0]
    assert {event.case_uid for event in asked} == {None} and b"0104477" not in dump()


def test_a_listed_call_means_danger_and_is_a_task_of_the_lead_today(cast, case, sign_in, events):
    listed(cast, case)
    sent = inquiry(number=NUMBER, safety="NO", words="called again")
    for _again in range(2):
        assert sign_in(cast.jonas).post(INQUIRIES, sent).status_code == 302
    [task] = Task._base_manager.filter(case=case)
    assert task.assigned_to == case.lead and task.due_on == timezone.localdate(timezone=case.lead.zone)
    assert not case_pages_of(cast.jonas, case, sign_in), "whoever picked up learns nothing of the case"
    assert Notice._base_manager.filter(kind=NOTICE_INQUIRY, person=cast.bea).exists(), "said or not, it is danger"
    page = sign_in(case.lead).get(reverse("tasks"))
    assert "Somebody with whom nobody here speaks has called" in page.text and "Wigeonson" not in page.text
    assert "0104477" not in page.text.replace(" ", "")


def test_of_a_closed_case_nobody_is_told(cast, case, sign_in):
    listed(cast, case)
    make.closed(case, cast.amina)
    before = Task._base_manager.count()
    assert sign_in(cast.jonas).post(INQUIRIES, inquiry(number=NUMBER)).status_code == 302
    assert Task._base_manager.count() == before and is_listed(cast.jonas)
