""" "Is this person already known?": asked without learning anything, looked at by the coordinator, decided by the lead."""

from contextlib import ExitStack
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD, Section, read
from casemgmt.accounts.models import User
from cases import access
from cases.actions import asking
from cases.actions.asking import (
    answer_question,
    ask_about_person,
    decline_request,
    found_for,
    give_requested_access,
    look_questions_up,
    waiting_questions,
)
from cases.actions.due import stamp_everything_due
from cases.actions.grants import give_access
from cases.actions.indexing import fill
from cases.actions.survivor import change_survivor
from cases.actions.walls import place_wall, restrict_case
from cases.choices.casework import DueKind
from cases.choices.sharing import GrantKind
from cases.choices.walls import NOTICE_PASSED, AskedState
from cases.errors.casework import CaseIsClosed
from cases.errors.walls import AskedTooOften, RequestIsAnswered
from cases.models import AccessGrant, AccessRequest, Case, Due, KnownQuestion, Notice
from tests import make
from tests.cases.stored import dump
from tests.cases.test_matching import shapes, without_what_is_random

KNOWN, QUEUE = reverse("known"), reverse("match-queue")
WHY = "She waits at the bus station and says she was here"


def ask(person: User, **facts: Any) -> KnownQuestion:
    said = facts or {"first_name": "Zoraida", "family_name": "Quillfeather", "birth_date": date(1998, 4, 5)}
    return ask_about_person(actor=person, now=clock.now(), reason=WHY, **said)


def sees(person: User, case: Case) -> bool:
    return access.visible(Case, person, READ_CARD).filter(pk=case.pk).exists()


def found(coordinator: User) -> list[AccessRequest]:
    return list(found_for(coordinator, list(waiting_questions(coordinator))))


# ---- Asking ----


def test_what_was_asked_is_sealed_and_gone_once_it_was_looked_up(cast, case, events):
    question = ask(cast.dana)
    stored = dump()
    assert b"bus station" not in stored and b"Quillfeather" not in stored
    [event] = events("ACCESS_ASKED")
    assert event.case_uid is None and event.actor_uid == cast.dana.uid and event.detail.content["reason"] == ""
    assert look_questions_up() == 1 and look_questions_up() == 0
    question.refresh_from_db()
    assert question.looked_at is not None and question.answered_at is None
    assert KnownQuestion._base_manager.filter(facts__isnull=True, reason__isnull=True).count() == 1


def test_who_takes_nobody_in_asks_nobody(cast, case, sign_in):
    for person in (cast.gita, cast.luis, cast.farid, cast.elif_, cast.chidi, cast.jonas):
        with pytest.raises(Refused):
            ask(person)
        assert sign_in(person).get(KNOWN).status_code == 404


def test_the_page_is_reached_from_the_intake_and_says_what_is_missing(cast, sign_in):
    client = sign_in(cast.dana)
    assert KNOWN in client.get(reverse("intake")).text
    page = client.post(KNOWN, {"first_name": "Zoraida", "reason": WHY})
    assert page.status_code == 422 and "too little to recognise" in page.text and 'value="Zoraida"' in page.text
    assert "Write an answer here" in client.post(KNOWN, {"phone": "2025550123"}).text
    key = "7c5f2a54-50a9-4d8e-9a0c-3a1f6b0e0003"
    for _again in range(2):
        sent = client.post(KNOWN, {"phone": "2025550123", "reason": WHY, "form_key": key}, follow=True)
        assert "Sent to the intake coordinator." in sent.text
    assert KnownQuestion._base_manager.count() == 1
    assert client.delete(KNOWN).status_code == 405


def measured(client: Any, facts: dict[str, str]) -> tuple[int, str, list[str]]:
    """Status and page of a question, and the statements of both requests."""
    with ExitStack() as stack:
        seen = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in ("default", "keystore")]
        answer = client.post(KNOWN, {**facts, "reason": WHY}, follow=True)
    sent = shapes([query["sql"] for one in seen for query in one.captured_queries])
    return answer.status_code, without_what_is_random(answer.text), sent


@pytest.mark.sql
def test_hit_miss_walled_and_restricted_are_the_same_bytes_and_statements(cast, case, sign_in):
    """Each is asked by somebody who had asked as often before, so that the lists on the page are as long."""
    walled = make.case(cast.amina, cast.team_of("amina"), first_name="Walburga", second_name="Quillfeather")
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=walled.uid, person=cast.dana)
    restricted = make.case(cast.amina, cast.team_of("amina"), first_name="Restitut", second_name="Quillfeather")
    restrict_case(actor=cast.amina, now=clock.now(), case_uid=restricted.uid, is_restricted=True)
    client, answers = sign_in(cast.dana), {}
    measured(client, {"first_name": "Warmup", "family_name": "Nobodyatall", "birth_date": "1998-04-05"})
    asked = {"hit": "Zoraida", "miss": "Yolanda", "walled": "Walburga", "restricted": "Restitut"}
    for which, first in asked.items():
        KnownQuestion._base_manager.all().delete()
        answers[which] = measured(
            client, {"first_name": first, "family_name": "Quillfeather", "birth_date": "1998-04-05"}
        )
        look_questions_up()
        page = without_what_is_random(client.get(KNOWN).text)
        answers[which] += (page,)
        AccessRequest._base_manager.all().delete() if which != "hit" else answers.update(
            seen=AccessRequest._base_manager.count()
        ) or AccessRequest._base_manager.all().delete()
    assert answers.pop("seen") == 1
    assert answers["hit"][0] == 200 and "Sent to the intake coordinator." in answers["hit"][1]
    for which, answer in answers.items():
        assert answer[:2] == answers["hit"][:2], which
        assert answer[2] == answers["hit"][2], which
        assert answer[3] == answers["hit"][3], which


def test_so_many_an_hour_and_the_answer_is_the_same_for_everybody(cast, case, sign_in, monkeypatch):
    monkeypatch.setattr(asking, "QUESTIONS_AN_HOUR", 2)
    with time_machine.travel(timezone.now().replace(minute=10), tick=True):
        ask(cast.dana)
        ask(cast.dana, phone="2025550199")
        with pytest.raises(AskedTooOften):
            ask(cast.dana)
        page = sign_in(cast.dana).post(KNOWN, {"phone": "2025550123", "reason": WHY})
        assert page.status_code == 422 and "very many questions" in page.text and "bus station" in page.text
        ask(cast.nadia)
    assert KnownQuestion._base_manager.count() == 3


# ---- Looking ----


@pytest.mark.parametrize(
    ("facts", "how"),
    [
        ({"first_name": "quillfeather", "family_name": "ZORAIDA"}, "NAME_ONLY"),
        ({"first_name": "Soraida", "family_name": "Quilfether", "birth_date": date(1998, 4, 5)}, "SOUND"),
        ({"phone": "(202) 555-0123"}, "PHONE"),
        ({"first_name": "Zoraida", "family_name": "Quillfeather", "birth_date": date(1999, 1, 1)}, None),
        ({"first_name": "Yolanda", "family_name": "Marchbanks"}, None),
    ],
)
@pytest.mark.parametrize("way", ["scan", "index"])
def test_what_is_found(cast, case, settings, facts, how, way):
    settings.CASE_SEARCH = way
    if way == "index":
        fill(reason="a test")
    ask(cast.dana, **facts)
    look_questions_up()
    assert [one.likeness for one in found(cast.mara)] == ([how] if how else [])


def test_never_a_restricted_case_a_wall_or_one_that_she_has_anyway(cast, case, events):
    mine = make.case(cast.dana, cast.team_of("dana"))
    walled = make.case(cast.amina, cast.team_of("amina"))
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=walled.uid, person=cast.dana)
    restricted = make.case(cast.amina, cast.team_of("amina"))
    restrict_case(actor=cast.amina, now=clock.now(), case_uid=restricted.uid, is_restricted=True)
    ask(cast.dana)
    look_questions_up()
    assert [one.case.pk for one in found(cast.mara)] == [case.pk] and sees(cast.dana, mine)
    [event] = events("MATCH_REPORTED")
    assert event.case_uid is None and not event.cases_touched.exists()


def test_a_case_that_is_walled_or_restricted_between_looking_and_writing_is_left_out(cast, case):
    other = make.case(cast.amina, cast.team_of("amina"))
    question = ask(cast.dana)
    fits = asking._fitting(question)
    assert set(fits) == {case.pk, other.pk}
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=case.uid, person=cast.dana)
    restrict_case(actor=cast.amina, now=clock.now(), case_uid=other.uid, is_restricted=True)
    assert asking.finish_look(actor=None, now=clock.now(), question_uid=question.uid, found=fits) == 0


# ---- The coordinator ----


@pytest.fixture
def request_(cast, case):
    """Dana's question, looked up: it fits Amina's case."""
    ask(cast.dana)
    look_questions_up()
    return AccessRequest._base_manager.get()


def passed(cast: Any, asked: AccessRequest) -> None:
    answer_question(actor=cast.mara, now=clock.now(), question_uid=asked.question.uid, pass_on=[asked.uid])


def test_the_queue_shows_who_asks_and_whom_to_ask_and_no_more(cast, case, request_, sign_in):
    page = sign_in(cast.mara).get(QUEUE).text
    assert "Dana Hill" in page and "Amina Rivers" in page and "Same name" in page
    for secret in ("Zoraida", "Quillfeather", "1998", case.number, str(case.uid), "bus station"):
        assert secret not in page, secret


def test_a_coordinator_behind_a_wall_and_a_case_restricted_since_see_a_miss(cast, case, request_, sign_in):
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=case.uid, person=cast.mara)
    client = sign_in(cast.mara)
    assert "Nobody like that is here" in client.get(QUEUE).text
    with pytest.raises(Hidden):
        passed(cast, request_)
    answer = client.post(
        reverse("known-answer", args=[request_.question.uid]), {"answer": "pass", "case": str(request_.uid)}
    )
    assert answer.status_code == 404


def test_passing_on_and_saying_nobody_look_the_same_to_whoever_asked(cast, case, request_, sign_in, events):
    dana, mara = sign_in(cast.dana), sign_in(cast.mara)
    ask(cast.dana, first_name="Yolanda", family_name="Marchbanks")
    look_questions_up()
    assert dana.get(KNOWN).text.count("Sent</span>") == 2
    address = reverse("known-answer", args=[request_.question.uid])
    assert "Tick the case" in mara.post(address, {"answer": "pass"}, follow=True).text
    assert "Passed on" in mara.post(address, {"answer": "pass", "case": str(request_.uid)}, follow=True).text
    miss = KnownQuestion._base_manager.get(answered_at__isnull=True)
    assert "Answered" in mara.post(reverse("known-answer", args=[miss.uid]), {"answer": "nobody"}, follow=True).text
    page = dana.get(KNOWN).text
    assert page.count("Answered</span>") == 2 and "Sent</span>" not in page
    assert "asks whether somebody" not in mara.get(QUEUE).text
    assert mara.post(address, {"answer": "nobody"}).status_code == 404 and mara.get(address).status_code == 405
    for person in (cast.amina, cast.dana, cast.kemi, cast.bea):
        assert sign_in(person).post(address, {"answer": "nobody"}).status_code == 404
    kinds = [event.detail.content["codes"]["kind"] for event in events("MATCH_REVIEWED")]
    assert kinds == ["PASSED_ON", "NOBODY"]


def test_nobody_on_the_case_knows_of_it_before_it_is_passed_on(cast, case, request_, sign_in):
    page = reverse("case-requests", args=[case.uid])
    client = sign_in(cast.amina)
    assert "Dana" not in client.get(page).text
    one = reverse("case-request", args=[case.uid, request_.uid])
    assert client.get(one).status_code == 404
    with pytest.raises(Hidden):
        decline_request(actor=cast.amina, now=clock.now(), request_uid=request_.uid)
    passed(cast, request_)
    assert "Dana Hill" in client.get(page).text and "bus station" in client.get(page).text
    assert client.get(one).status_code == 200
    assert sign_in(cast.dana).get(page).status_code == sign_in(cast.dana).get(one).status_code == 404


def test_the_lead_has_a_notice_a_date_and_the_way_to_it(cast, case, request_, sign_in):
    passed(cast, request_)
    [notice] = Notice._base_manager.filter(kind=NOTICE_PASSED)
    due = Due._base_manager.get(kind=DueKind.ACCESS_ASKED)
    assert notice.person == due.assigned_to == cast.amina and due.section == Section.DUTIES
    page = sign_in(cast.amina).get(reverse("day")).text
    assert (
        "Somebody asks for access" in page and reverse("case-requests", args=[case.uid]) in page and "Dana" not in page
    )
    with time_machine.travel(timezone.now() + timedelta(days=4), tick=True):
        stamp_everything_due()
    assert Notice._base_manager.filter(kind=DueKind.ACCESS_ASKED, person=cast.amina).count() == 2, (
        "it is late, and says so"
    )


def test_without_a_lead_who_may_decide_the_supervisors_are_asked(cast, case, request_):
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=case.uid, person=cast.amina)
    passed(cast, request_)
    assert [one.person for one in Notice._base_manager.filter(kind=NOTICE_PASSED)] == [cast.bea]


# ---- The lead ----


@pytest.fixture
def waiting(cast, request_):
    passed(cast, request_)
    return request_


def form(**changes: Any) -> dict[str, Any]:
    until = (timezone.localdate() + timedelta(days=30)).isoformat()
    return {"answer": "give", "kind": "ASSIGNMENT", "until": until, "reason": "They go to court together", **changes}


@pytest.mark.sql
def test_giving_some_parts_until_a_day(cast, case, waiting, sign_in, events):
    client = sign_in(cast.amina)
    address = reverse("case-request", args=[case.uid, waiting.uid])
    assert "Clinical care" not in client.get(address).text, "only what her roles may hold"
    late = client.post(address, form(until="2020-01-01"))
    assert late.status_code == 422 and "already passed" in late.text
    assert client.post(address, form(kind="CLINICAL")).status_code == 422
    key = "7c5f2a54-50a9-4d8e-9a0c-3a1f6b0e0004"
    for _again in range(2):
        client.post(address, form(sections=["SAFETY", "SERVICES"], form_key=key))
    assert sees(cast.dana, case)
    held = access.get_for(cast.dana, case.uid).holding
    assert held is not None and held.readable == [Section.CARD, Section.SAFETY, Section.SERVICES]
    with pytest.raises(Refused):
        access.get_for(cast.dana, case.uid, read(Section.IDENTITY))
    grant = AccessGrant._base_manager.get(person=cast.dana, case=case)
    assert timezone.localtime(grant.expires_at, cast.amina.zone).date() == timezone.localdate() + timedelta(days=30)
    assert case.number in sign_in(cast.dana).get(reverse("cases")).text
    [event] = events("ACCESS_ANSWERED", case.uid)
    assert event.detail.content["codes"]["kind"] == "GIVEN" and access.drift() == []
    assert not Due._base_manager.filter(kind=DueKind.ACCESS_ASKED, done_at__isnull=True).exists()
    assert client.get(address).status_code == 404
    with pytest.raises(RequestIsAnswered):
        decline_request(actor=cast.bea, now=clock.now(), request_uid=waiting.uid)


def test_declining_tells_whoever_asked_nothing(cast, case, waiting, sign_in, events):
    dana = sign_in(cast.dana)
    before = without_what_is_random(dana.get(KNOWN).text)
    address = reverse("case-request", args=[case.uid, waiting.uid])
    sent = sign_in(cast.bea).post(address, {"answer": "decline", "decline-reason": "Not needed for the work"})
    assert sent.status_code == 302
    assert without_what_is_random(dana.get(KNOWN).text) == before and not sees(cast.dana, case)
    assert not Notice._base_manager.filter(person=cast.dana).exists()
    assert AccessRequest._base_manager.get().state == AskedState.DECLINED and b"Not needed" not in dump()
    [event] = events("ACCESS_ANSWERED", case.uid)
    assert event.detail.content["codes"]["kind"] == "DECLINED"


def test_who_writes_no_duties_answers_nothing(cast, case, waiting, clinician, sign_in):
    address = reverse("case-request", args=[case.uid, waiting.uid])
    for person, status in ((clinician, 403), (cast.dana, 404), (cast.mara, 404), (cast.kemi, 404)):
        assert sign_in(person).post(address, form()).status_code == status
    with pytest.raises(Hidden):
        give_requested_access(
            actor=cast.dana, now=clock.now(), request_uid=waiting.uid, kind=GrantKind.ASSIGNMENT, reason="x"
        )
    assert not sees(cast.dana, case)


def test_a_closed_case_declines_and_gives_nothing(cast, case, waiting):
    make.closed(case, cast.amina)
    with pytest.raises(CaseIsClosed):
        give_requested_access(
            actor=cast.amina, now=clock.now(), request_uid=waiting.uid, kind=GrantKind.ASSIGNMENT, reason="x"
        )
    decline_request(actor=cast.amina, now=clock.now(), request_uid=waiting.uid)
    assert AccessRequest._base_manager.get().state == AskedState.DECLINED


def test_a_wall_against_whoever_asked_beats_the_answer(cast, case, waiting):
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=case.uid, person=cast.dana)
    give_requested_access(
        actor=cast.amina, now=clock.now(), request_uid=waiting.uid, kind=GrantKind.ASSIGNMENT, reason="x"
    )
    assert not sees(cast.dana, case)


def test_sections_narrow_what_a_colleague_is_given(cast, case):
    """The same door without a question: a kind, and only these of its parts."""
    give_access(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.gita,
        sections=[Section.HEALTH],
    )  # fmt: skip
    held = access.get_for(cast.gita, case.uid).holding
    assert held is not None and held.readable == [Section.CARD, Section.HEALTH] and held.writes(Section.HEALTH)


def test_a_change_of_her_name_does_not_bring_a_question_back(cast, case, waiting):
    change_survivor(actor=cast.amina, now=clock.now(), case_uid=case.uid, names={"first_name": "Perpetua"})
    assert look_questions_up() == 0 and AccessRequest._base_manager.count() == 1
