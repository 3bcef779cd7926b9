"""Possible conflicts: a relative on the staff is found blindly, told to the privacy officer alone, and answered once."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import connections
from django.test.utils import CaptureQueriesContext
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
from cases import access, conflicts, likeness, opening, search_index
from cases.actions import conflicts as acts
from cases.actions.conflicts import answer_conflict, find_conflicts
from cases.actions.declarations import declare_own_phone, end_declaration
from cases.actions.grants import give_access, revoke_access
from cases.actions.survivor import change_survivor
from cases.actions.walls import lift_wall, place_wall
from cases.choices.conflicts import ConflictAnswer
from cases.choices.sharing import GrantKind
from cases.errors.walls import ConflictIsAnswered, PhoneTooShort
from cases.models import Case, Declaration, LikenessCard, PossibleConflict, Wall
from tests import make
from tests.cases.erasing import erase
from tests.cases.stored import dump

LIST = reverse("possible-conflicts")
PHONES = reverse("my-telephones")
UID = UUID("6f4c1ab4-94c9-4ad3-9f4f-6a2cde0a0001")


def taken_in(cast: Any, key: str = "amina", **names: Any) -> Case:
    return make.case(getattr(cast, key), cast.team_of(key), **names)


def listed() -> set[tuple[str, str]]:
    """(first name of the person, likeness) of what waits for an answer."""
    rows = access.for_the_house(PossibleConflict).filter(answer="").select_related("person")
    return {(row.person.first_name, row.likeness) for row in rows}


def the_one() -> PossibleConflict:
    return access.for_the_house(PossibleConflict).select_related("person", "case").get()


def page(conflict: PossibleConflict) -> str:
    return reverse("possible-conflict", args=[conflict.uid])


def said(**answer: str) -> dict[str, str]:
    return {"answer": "NO_CONFLICT", "kind": "KNOWS_SURVIVOR", "reason": "Asked her: no relation.", **answer}


@pytest.fixture
def rivers(cast: Any) -> Case:
    """Amina Rivers has taken in somebody of her own family name, whom Bea Meadows and Dana Hill have nothing to do with."""
    return taken_in(cast, second_name="Rivers")


@pytest.fixture
def officer(cast: Any) -> User:
    """A second privacy officer, who holds access to nothing."""
    assign_role(actor=cast.farid, now=clock.now(), user=cast.ines, role=Role.PRIVACY_OFFICER)
    return cast.ines


# ---- Comparing ----


@pytest.mark.parametrize(
    ("family", "others", "name", "how"),
    [
        ("Quillfeather", "", "Bea Quillfeather", "FAMILY_NAME"),
        ("Quillfeather", "", "QUILLFEATHER Bea", "FAMILY_NAME"),
        ("Peñaluna Estrellaverde", "", "Ana Estrellaverde", "FAMILY_NAME"),
        ("Peñaluna-Estrellaverde", "", "Ana de la Penaluna", "FAMILY_NAME"),
        ("Ștefănel", "", "Ion Stefanel", "FAMILY_NAME"),
        ("Тиховода-Ясна", "", "Olena Tykhovoda", "SOUND"),
        ("Marshburn", "", "Олена Маршбёрн", "SOUND"),
        ("Quillfeather", "Zora Marsh, Zo Hill", "Gita Marsh", "FAMILY_NAME"),
        ("Quillfeather", "Marsh Zora", "Gita Marsh", None),  # what follows the first word is the family's
        ("Quillfeather", "", "Bea Quilfether", None),  # as it sounds only from one script to another
        ("de la O", "", "Maria de la Cruz", None),
        ("Quillfeather", "", "Bea Meadows", None),
        ("", "", "Bea Meadows", None),
    ],
)
def test_family_names_in_all_their_forms(db, family, others, name, how):
    kept = likeness.unpacked(likeness.packed(likeness.names_kept(UID, family, others)))
    shared = likeness.names_shared(UID, likeness.name_key(UID), likeness.texts_of_person(name), kept)
    assert (shared[0] if shared else None) == how


@pytest.mark.parametrize(
    ("own", "hers", "same"),
    [
        ("+1 202 555 0123", "2025550123", True),
        ("202-555-0123", "0012025550123", True),
        ("٢٠٢٥٥٥٠١٢٣", "12025550123", True),
        ("5550123", "12025550123", True),
        ("12025550123", "5550123", True),
        ("2025550124", "12025550123", False),
        ("50123", "12025550123", False),
    ],
)
def test_telephones_with_and_without_country_code(db, own, hers, same):
    digits = "".join(sign for sign in hers if sign.isdigit())
    assert bool(likeness.phones_asked(likeness.spelling.digits(own)) & likeness.phones_kept([digits])) is same


def test_a_family_name_is_another_token_in_every_case(db):
    assert not likeness.names_kept(UID, "Rivers", "") & likeness.names_kept(uuid4(), "Rivers", "")


# ---- Finding ----


def test_a_name_counts_with_those_who_hold_access_and_with_nobody_else(cast, events):
    case = taken_in(cast, "dana", second_name="Rivers")  # Amina Rivers is of another team
    find_conflicts()
    assert listed() == set()
    give_access(actor=cast.nadia, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, person=cast.amina)
    assert find_conflicts() == 0, "not before its time"
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=True):
        find_conflicts()
        assert listed() == {("Amina", "FAMILY_NAME")}
    [event] = events("CONFLICT_FOUND")
    assert event.case_uid is None and event.actor_uid is None and event.subject_uid == the_one().uid


def test_it_is_found_of_a_team_and_after_a_new_name_without_waiting(cast):
    case = taken_in(cast, "amina", second_name="Nobody")
    find_conflicts()
    assert listed() == set()
    change_survivor(actor=cast.amina, now=clock.now(), case_uid=case.uid, names={"second_name": "Meadows"})
    assert find_conflicts() == 1
    assert listed() == {("Bea", "FAMILY_NAME")}  # she holds it by supervising the team
    change_survivor(actor=cast.amina, now=clock.now(), case_uid=case.uid, names={"second_name": "Nobody"})
    find_conflicts()
    assert listed() == set() and the_one().answer == ConflictAnswer.GONE
    change_survivor(actor=cast.amina, now=clock.now(), case_uid=case.uid, names={"second_name": "Meadows"})
    find_conflicts()
    assert listed() == {("Bea", "FAMILY_NAME")}


def test_members_of_a_team_that_holds_access_count(cast):
    case = taken_in(cast, second_name="Shore")  # as Jonas of the shelter
    find_conflicts()
    assert listed() == set()
    team = cast.team_of("jonas")
    give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.RESIDENCE, team=team)
    access.for_the_house(LikenessCard).update(swept_at=None)
    find_conflicts()
    assert listed() == {("Jonas", "FAMILY_NAME")}


def test_whoever_opened_it_in_former_times_counts_too(cast, sign_in):
    case = taken_in(cast, "dana", second_name="Nobody")
    grant = give_access(
        actor=cast.nadia, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, person=cast.amina
    )
    assert sign_in(cast.amina).get(reverse("case-overview", args=[case.uid])).status_code == 200
    revoke_access(actor=cast.nadia, now=clock.now(), grant_uid=grant.uid)
    change_survivor(actor=cast.dana, now=clock.now(), case_uid=case.uid, names={"second_name": "Rivers"})
    find_conflicts()
    assert listed() == {("Amina", "FAMILY_NAME")}
    text = sign_in(cast.kemi).get(LIST).text
    assert "No access now" in text and "Last opened it" in text


def test_a_telephone_counts_with_everybody_who_said_hers(cast, case, events):
    find_conflicts()
    made = declare_own_phone(actor=cast.dana, now=clock.now(), phone="202 555 0123")
    declare_own_phone(actor=cast.gita, now=clock.now(), phone="202 555 0199")
    assert find_conflicts() == 1
    assert listed() == {("Dana", "PHONE")}
    [event, _other] = events("OWN_PHONE_CHANGED")
    assert event.actor_uid == cast.dana.uid and event.case_uid is None
    assert b"555 0123" not in dump().replace(b"+1 202 555 0123", b"")
    assert not access.for_the_house(Wall).exists(), "nobody is walled off because of a number of her own"
    end_declaration(actor=cast.dana, now=clock.now(), declaration_uid=made.uid)
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=True):
        find_conflicts()
        assert listed() == set()


def test_nothing_is_opened_to_compare(cast, rivers, monkeypatch):
    def shut(*_arguments: Any) -> Any:
        raise AssertionError("a case was opened")

    monkeypatch.setattr(search_index, "facts_of_cases", shut)
    find_conflicts()
    assert listed() == {("Amina", "FAMILY_NAME")}


def test_cases_of_before_get_their_card_once_and_a_killed_round_goes_on(cast, monkeypatch):
    for _number in range(3):
        taken_in(cast, second_name="Rivers")
    access.for_the_house(LikenessCard).delete()
    monkeypatch.setattr(acts, "BATCH", 2)
    monkeypatch.setattr(acts, "CARDS_AT_ONCE", 1)
    real, calls = acts._look_at, []

    def dying(*arguments: Any) -> None:
        if calls:
            raise KeyboardInterrupt
        calls.append(1)
        real(*arguments)

    monkeypatch.setattr(acts, "_look_at", dying)
    with pytest.raises(KeyboardInterrupt):
        find_conflicts()
    assert access.for_the_house(PossibleConflict).count() == 2
    monkeypatch.setattr(acts, "_look_at", real)
    assert find_conflicts() == 1
    assert access.for_the_house(PossibleConflict).count() == 3
    assert find_conflicts() == 0


def test_finding_twice_writes_once(cast, rivers):
    find_conflicts()
    access.for_the_house(LikenessCard).update(swept_at=None, compared_at=None)
    find_conflicts()
    row = the_one()
    again = conflicts.Found(row.case_id, row.person_id, row.likeness, row.fingerprint)
    assert acts.note_conflicts(actor=None, now=clock.now(), found=[again], gone=[]) == 0


def test_whoever_a_wall_keeps_away_is_not_listed(cast, rivers, sign_in):
    wall = place_wall(actor=cast.kemi, now=clock.now(), case_uid=rivers.uid, person=cast.amina)
    find_conflicts()
    assert not access.for_the_house(PossibleConflict).exists()
    lift_wall(actor=cast.kemi, now=clock.now(), wall_uid=wall.uid)
    access.for_the_house(LikenessCard).update(swept_at=None)
    find_conflicts()
    assert listed() == {("Amina", "FAMILY_NAME")}
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=rivers.uid, team=cast.team_of("amina"))
    assert "Nothing waits for you" in sign_in(cast.kemi).get(LIST).text


def test_the_number_of_queries_does_not_grow_with_the_cases(cast, monkeypatch):
    def turn() -> int:
        access.for_the_house(LikenessCard).update(swept_at=None, compared_at=None)
        with CaptureQueriesContext(connections["default"]) as seen:
            find_conflicts()
        return len(seen)

    taken_in(cast)
    few = turn()
    for _number in range(6):
        taken_in(cast)
    assert turn() == few


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
