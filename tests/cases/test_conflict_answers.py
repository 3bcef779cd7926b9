"""Possible conflicts: told to the privacy officer alone, answered once, and silent in the ledger."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.actions.roles import assign_role
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.crypto.errors import SealedShut
from cases import access, conflicts, opening
from cases.actions.conflicts import answer_conflict, find_conflicts
from cases.actions.declarations import declare_own_phone
from cases.actions.survivor import change_survivor
from cases.actions.walls import place_wall
from cases.choices.conflicts import ConflictAnswer
from cases.errors.walls import ConflictIsAnswered, PhoneTooShort
from cases.models import Case, Declaration, LikenessCard, PossibleConflict, Wall
from tests import make
from tests.cases.conflict_scene import listed, taken_in, the_one
from tests.cases.erasing import erase
from tests.cases.stored import dump

LIST = reverse("possible-conflicts")
PHONES = reverse("my-telephones")


def page(conflict: PossibleConflict) -> str:
    return reverse("possible-conflict", args=[conflict.uid])


def said(**answer: str) -> dict[str, str]:
    return {"answer": "NO_CONFLICT", "kind": "KNOWS_SURVIVOR", "reason": "Asked her: no relation.", **answer}


@pytest.fixture
def officer(cast: Any) -> User:
    """A second privacy officer, who holds access to nothing."""
    assign_role(actor=cast.farid, now=clock.now(), user=cast.ines, role=Role.PRIVACY_OFFICER)
    return cast.ines


# ---- Who may know ----


def test_nobody_but_the_officer_finds_it(cast, rivers, sign_in):
    find_conflicts()
    conflict = the_one()
    assign_role(actor=cast.farid, now=clock.now(), user=cast.mara, role=Role.DIRECTOR)
    for key in ("amina", "bea", "dana", "elif", "farid", "omar", "mara", "luis", "hugo", "nadia"):
        client = sign_in(getattr(cast, key))
        assert client.get(page(conflict)).status_code in (403, 404)
        assert client.get(page(conflict)).content == client.get(reverse("possible-conflict", args=[uuid4()])).content
        assert client.get(LIST).status_code in (403, 404)
        assert client.post(page(conflict), said()).status_code in (403, 404)
        with pytest.raises(Hidden):
            answer_conflict(
                actor=getattr(cast, key), now=clock.now(), conflict_uid=conflict.uid, answer="NO_CONFLICT", reason="x"
            )
    assert the_one().answer == ""


def test_an_officer_neither_reads_nor_answers_her_own(cast, officer, sign_in):
    taken_in(cast, second_name="Wood")
    case = taken_in(cast, second_name="Nobody")
    declare_own_phone(actor=cast.kemi, now=clock.now(), phone="202 555 0123")
    find_conflicts()
    rows = list(access.for_the_house(PossibleConflict))
    assert {row.person_id for row in rows} == {cast.kemi.pk} and len(rows) == 2
    client = sign_in(cast.kemi)
    assert "Nothing waits for you" in client.get(LIST).text
    assert client.get(page(rows[0])).status_code == 404
    with pytest.raises(Hidden):
        answer_conflict(actor=cast.kemi, now=clock.now(), conflict_uid=rows[0].uid, answer="NO_CONFLICT", reason="x")
    assert case.number in sign_in(officer).get(LIST).text


def test_an_officer_behind_a_wall_knows_nothing_of_that_case(cast, rivers, officer, sign_in):
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=rivers.uid, person=officer)
    find_conflicts()
    assert rivers.number not in sign_in(officer).get(LIST).text
    assert sign_in(officer).get(page(the_one())).status_code == 404
    assert rivers.number in sign_in(cast.kemi).get(LIST).text


def test_programmes_that_are_kept_apart(cast, rivers, officer, settings, sign_in):
    find_conflicts()
    for key in ("luis", "bea"):
        assign_role(actor=cast.farid, now=clock.now(), user=getattr(cast, key), role=Role.PRIVACY_OFFICER)
    assert conflicts.told(cast.luis, at=clock.now()).count() == 1
    settings.PROGRAMMES_KEPT_APART = True
    assert conflicts.told(cast.luis, at=clock.now()).count() == 0, "his team is of another programme"
    assert conflicts.told(cast.bea, at=clock.now()).count() == 1
    assert rivers.number in sign_in(officer).get(LIST).text, "of no team: for the whole house"


# ---- Answering ----


def test_no_conflict_is_written_down_and_not_asked_again(cast, rivers, sign_in, events):
    find_conflicts()
    conflict, client = the_one(), sign_in(cast.kemi)
    assert LIST in client.get(reverse("desk")).text
    assert "1 possible conflict waits" in client.get(reverse("desk")).text
    text = client.get(LIST).text
    assert "Amina Rivers" in text and rivers.number in text and "Same family name" in text and "Has access now" in text
    assert "Zoraida" not in text
    key = str(uuid4())
    for _again in range(2):
        assert client.post(page(conflict), {**said(), "form_key": key}).status_code == 302
    assert the_one().answer == "NO_CONFLICT" and the_one().answered_by_id == cast.kemi.pk
    assert b"no relation" not in dump()
    text = client.get(LIST).text
    assert "Nothing waits for you" in text and "Asked her: no relation." in text
    [event] = events("CONFLICT_REVIEWED")
    assert event.case_uid is None and event.actor_uid == cast.kemi.uid and event.subject_uid == conflict.uid
    access.for_the_house(LikenessCard).update(swept_at=None, compared_at=None)
    find_conflicts()
    assert listed() == set()
    change_survivor(actor=cast.amina, now=clock.now(), case_uid=rivers.uid, names={"second_name": "Rivers Meadows"})
    find_conflicts()
    assert listed() == {("Bea", "FAMILY_NAME")}, "of Amina the same is alike as before"


def test_keeping_apart_places_the_wall_at_once(cast, rivers, sign_in, events):
    find_conflicts()
    client, before = sign_in(cast.kemi), access.visible(Case, cast.amina, READ_CARD)
    assert before.filter(pk=rivers.pk).exists()
    answer = client.post(page(the_one()), said(answer="KEPT_APART", kind="RELATIVE_OF_ACCUSED", reason="Her cousin."))
    assert answer.status_code == 302
    wall = access.for_the_house(Wall).get()
    assert (wall.person, wall.kind, wall.placed_by) == (cast.amina, "RELATIVE_OF_ACCUSED", cast.kemi)
    assert not access.visible(Case, cast.amina, READ_CARD).filter(pk=rivers.pk).exists()
    assert len(events("WALL_PLACED")) == 1 and not events("CONFLICT_REVIEWED"), "both would tell who is whose relative"
    assert "Kept apart" in client.get(LIST).text and "Nothing waits for you" in client.get(LIST).text
    assert client.post(page(the_one()), said(answer="NO_CONFLICT")).status_code == 409
    find_conflicts()
    assert the_one().answer == "", "not in the same hour either"
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        find_conflicts()
        assert (the_one().answer, the_one().answered_by) == ("KEPT_APART", None)
        assert "Kept apart" in sign_in(cast.kemi).get(LIST).text
        find_conflicts()
    assert len(events("WALL_PLACED")) == 1 and not events("CONFLICT_REVIEWED")


def test_two_officers_at_once(cast, rivers, officer, sign_in):
    find_conflicts()
    conflict, late = the_one(), sign_in(officer)
    answer_conflict(actor=cast.kemi, now=clock.now(), conflict_uid=conflict.uid, answer="NO_CONFLICT", reason="None.")
    answer = late.post(page(conflict), said(answer="KEPT_APART"))
    assert answer.status_code == 409 and "was answered already" in answer.text and "Kemi Wood" in answer.text
    assert the_one().answer == "NO_CONFLICT" and not access.for_the_house(Wall).exists()
    with pytest.raises(ConflictIsAnswered):
        answer_conflict(actor=officer, now=clock.now(), conflict_uid=conflict.uid, answer="KEPT_APART", reason="x")


@pytest.mark.parametrize(
    "wrong", [{"answer": ""}, {"reason": ""}, {"answer": "KEPT_APART", "kind": ""}, {"answer": "GONE"}]
)
def test_half_an_answer_is_sent_back(cast, rivers, sign_in, wrong):
    find_conflicts()
    answer = sign_in(cast.kemi).post(page(the_one()), said(**wrong))
    assert answer.status_code == 422 and "aria-invalid" in answer.text
    assert the_one().answer == ""


# ---- What the ledger tells ----


def test_the_ledger_tells_neither_who_nor_which(cast, rivers, sign_in):
    first = Event.objects.latest("pk").pk
    find_conflicts()
    answer_conflict(actor=cast.kemi, now=clock.now(), conflict_uid=the_one().uid, answer="NO_CONFLICT", reason="None.")
    sign_in(cast.kemi).get(LIST)
    known = {str(rivers.uid), str(cast.amina.uid), rivers.number, "FAMILY_NAME", "NO_CONFLICT"}
    for event in Event.objects.filter(pk__gt=first):
        told = str({name: str(value) for name, value in vars(event).items()})
        assert not [word for word in known if word in told], event.verb
    elif_ = sign_in(cast.elif_)
    text = elif_.get(reverse("controls")).text
    assert "conflicts reviewed" in text and rivers.number not in text and "Amina" not in text


def test_the_control_is_late_after_a_week(cast, rivers, sign_in):
    find_conflicts()
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=True):
        text = sign_in(cast.elif_).get(reverse("controls")).text
        assert "Some wait too long" in text
        assert "Waits too long" in sign_in(cast.kemi).get(LIST).text


# ---- One's own telephones ----


def test_one_s_telephone_is_one_s_own(cast, sign_in):
    client = sign_in(cast.bea)
    assert PHONES in client.get(reverse("my-account")).text
    assert "too short for a telephone" in client.post(PHONES, {"phone": "12345"}).text
    key = str(uuid4())
    for _again in range(2):
        assert client.post(PHONES, {"phone": "+1 202 555 0155", "form_key": key}).status_code == 302
    made = Declaration._base_manager.get()
    assert "+1 202 555 0155" in client.get(PHONES).text and b"202 555 0155" not in dump()
    assert "555 0155" not in client.get(reverse("people-i-know")).text
    assert "555 0155" not in sign_in(cast.kemi).get(PHONES).text
    with opening.open_own(cast.kemi), pytest.raises(SealedShut):
        _ = Declaration._base_manager.get().phone
    assert client.post(reverse("declaration-end", args=[made.uid])).url == PHONES
    assert "555 0155" not in client.get(PHONES).text
    with pytest.raises(PhoneTooShort):
        declare_own_phone(actor=cast.bea, now=clock.now(), phone="")


# ---- Erasure ----


def test_what_nobody_answered_goes_with_an_erased_case(cast, rivers, at_once):
    find_conflicts()
    erase(cast, make.closed(rivers, cast.amina), "CORE")
    assert the_one().answer == ConflictAnswer.GONE
    assert not access.for_the_house(LikenessCard).filter(case=rivers).exists()
    assert not conflicts.told(cast.kemi, at=clock.now()).exists()
    access.for_the_house(LikenessCard).update(swept_at=None)
    find_conflicts()
    assert listed() == set()
