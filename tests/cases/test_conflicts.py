"""Possible conflicts: how a relative on the staff is found, without opening a name or a number."""

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
from cases import access, conflicts, likeness, search_index
from cases.actions import conflicts as acts
from cases.actions.conflicts import find_conflicts
from cases.actions.declarations import declare_own_phone, end_declaration
from cases.actions.grants import give_access, revoke_access
from cases.actions.survivor import change_survivor
from cases.actions.walls import lift_wall, place_wall
from cases.choices.conflicts import ConflictAnswer
from cases.choices.sharing import GrantKind
from cases.models import LikenessCard, PossibleConflict, Wall
from tests.cases.conflict_scene import listed, taken_in, the_one
from tests.cases.stored import dump

LIST = reverse("possible-conflicts")
UID = UUID("6f4c1ab4-94c9-4ad3-9f4f-6a2cde0a0001")


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
