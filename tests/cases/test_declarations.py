"""People whom somebody of the house knows: read by her alone, compared by nobody, and kept apart before a card is seen."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.models import User
from casemgmt.crypto.errors import SealedShut
from cases import access, alike, opening, search_index
from cases.actions import declarations
from cases.actions.declarations import check_declarations, declare, end_declaration
from cases.actions.grants import give_access
from cases.actions.indexing import fill
from cases.actions.safety import SafeContact, replace_contact
from cases.actions.survivor import change_contact_details, change_survivor
from cases.actions.walls import lift_wall, place_wall
from cases.choices.sharing import GrantKind
from cases.choices.walls import NOTICE_DECLARED, WallKind
from cases.errors.walls import DeclarationTooThin
from cases.models import Case, Declaration, DeclarationToken, ImportBatch, Notice, Wall
from cases.search_index import Facts
from tests import make
from tests.cases.htcds import sheets
from tests.cases.stored import dump
from tests.cases.test_import_actions import bring, take
from tests.cases.test_matching import shapes, south_facts

PAGE = reverse("people-i-know")
ZORAIDA = {"first_name": "Zoraida", "family_name": "Quillfeather", "birth_date": date(1998, 4, 5)}


def declared(person: User, **facts: Any) -> Declaration:
    return declare(actor=person, now=clock.now(), **(facts or ZORAIDA))


def sees(person: User, case: Case) -> bool:
    return access.visible(Case, person, READ_CARD).filter(pk=case.pk).exists()


def taken_in(cast: Any, key: str = "amina", **names: Any) -> Case:
    return make.case(getattr(cast, key), cast.team_of(key), **names)


# ---- Comparing ----

KNOWN = Facts(
    first="Zoraida", family="Quillfeather Marsh", others="Zora", birth_date=date(1998, 4, 5), phones=["12025550123"]
)


@pytest.mark.parametrize(
    ("said", "how"),
    [
        (Facts(first="Zoraida", family="Quillfeather", birth_date=date(1998, 4, 5)), "NAME"),
        (Facts(first="QUILLFEATHER", family="zoráida"), "NAME_ONLY"),
        (Facts(first="Zoraida", family="Marsh", birth_date=date(1998, 4, 6)), None),
        (Facts(first="Soraida", family="Quilfether", birth_date=date(1998, 4, 5)), "SOUND"),
        (Facts(first="Soraida", family="Quilfether"), None),
        (Facts(first="Zoraida"), None),
        (Facts(first="Zora", family="Marsh"), "NAME_ONLY"),
        (Facts(first="Perpetua", family="Marsh", birth_date=date(1998, 4, 5)), None),
        (Facts(phones=["2025550123"]), "PHONE"),
        (Facts(phones=["5550123"]), "PHONE"),
        (Facts(phones=["2025550124"]), None),
        (Facts(phones=["50123"]), None),
        (Facts(first="Perpetua", family="Nobody", phones=["0012025550123"]), "PHONE"),
    ],
)
def test_the_blind_comparison_is_the_open_one(db, said, how):
    assert alike.likeness(said, KNOWN) == how
    assert bool(alike.tokens_kept(said) & alike.tokens_asked(KNOWN)) == (how is not None)


def test_a_case_without_a_date_of_birth_fits_by_its_whole_name(db):
    dated = Facts(first="Zoraida", family="Quillfeather", birth_date=date(1998, 4, 5))
    bare = Facts(first="Zoraida", family="Quillfeather")
    one_word = Facts(first="Zoraida", birth_date=date(1998, 4, 5))
    for said, kept, fits in (
        (dated, bare, True),
        (bare, bare, True),
        (one_word, one_word, True),
        (one_word, bare, False),
    ):
        assert bool(alike.tokens_kept(said) & alike.tokens_asked(kept)) is fits
        assert (alike.likeness(said, kept) is not None) is fits


def test_short_and_long_numbers_meet_from_both_sides(db):
    for said, kept, fits in (
        ("5550123", "12025550123", True),
        ("12025550123", "5550123", True),
        ("5550123", "5550199", False),
    ):
        one, other = Facts(phones=[said]), Facts(phones=[kept])
        assert bool(alike.tokens_kept(one) & alike.tokens_asked(other)) is fits
        assert (alike.likeness(one, other) is not None) is fits


# ---- Declaring ----


def test_it_is_sealed_for_whoever_declares(cast, events):
    made = declared(cast.bea, **ZORAIDA, other_names="Zora", phone="+1 202 555 0123")
    stored = dump()
    for word in (b"Zoraida", b"Quillfeather", b"Zora", b"1998-04-05", b"555 0123"):
        assert word not in stored
    with opening.open_own(cast.bea):
        assert Declaration._base_manager.get().family_name == "Quillfeather"
    with opening.open_own(cast.kemi), pytest.raises(SealedShut):
        _ = Declaration._base_manager.get().family_name
    [event] = events("DECLARATION_MADE")
    assert event.actor_uid == cast.bea.uid and event.case_uid is None and event.subject_uid == made.uid
    assert DeclarationToken._base_manager.filter(declaration=made).exists()


@pytest.mark.parametrize("facts", [{}, {"first_name": "Zoraida"}, {"phone": "12345"}, {"birth_date": date(1998, 4, 5)}])
def test_too_little_is_refused(cast, facts):
    with pytest.raises(DeclarationTooThin):
        declare(actor=cast.bea, now=clock.now(), **facts)


def test_the_page_is_reached_from_the_account_and_is_everybody_s_own(cast, sign_in):
    client = sign_in(cast.bea)
    assert PAGE in client.get(reverse("my-account")).text
    assert "too little to recognise" in client.post(PAGE, {}).text
    assert "too little to recognise" in client.post(PAGE, {"first_name": "Zoraida"}).text
    key = "7c5f2a54-50a9-4d8e-9a0c-3a1f6b0e0002"
    form = {"first_name": "Zoraida", "family_name": "Quillfeather", "birth_date": "1998-04-05", "form_key": key}
    for _again in range(2):
        assert client.post(PAGE, form).status_code == 302
    made = Declaration._base_manager.get()
    assert "Quillfeather" in client.get(PAGE).text
    end = reverse("declaration-end", args=[made.uid])
    for person in (cast.amina, cast.kemi, cast.farid, cast.elif_):
        other = sign_in(person)
        assert "Quillfeather" not in other.get(PAGE).text and other.post(end).status_code == 404
    assert client.get(end).status_code == 405 and client.post(end).status_code == 302
    assert "Quillfeather" not in client.get(PAGE).text and not DeclarationToken._base_manager.exists()
    assert client.post(end).status_code == 302, "once more changes nothing"


# ---- At intake, import, and when it changes ----


def test_the_wall_stands_before_she_could_see_the_card(cast, sign_in, events):
    declared(cast.bea)
    case = taken_in(cast, first_name="quillfeather", second_name="ZORAIDA")
    assert sees(cast.amina, case) and not sees(cast.bea, case)
    wall = Wall._base_manager.get()
    assert wall.person == cast.bea and wall.kind == WallKind.KNOWS_SURVIVOR and wall.placed_by is None
    assert [one.person for one in Notice._base_manager.filter(kind=NOTICE_DECLARED)] == [cast.kemi]
    [event] = events("DECLARATION_MATCHED", case.uid)
    assert event.detail.content["codes"] == {"kind": "KNOWS_SURVIVOR"}
    page = sign_in(cast.kemi).get(reverse("walls")).text
    assert "Bea Meadows" in page and "Placed by itself" in page and "Zoraida" not in page and "Quillfeather" not in page
    assert "declared" not in sign_in(cast.amina).get(reverse("case-history", args=[case.uid])).text
    given = [grant.person for grants in access.who_could_see(case, READ_CARD, clock.now()).values() for grant in grants]
    assert cast.bea not in given


def test_whoever_takes_in_somebody_she_knows_hands_over(cast, sign_in):
    declared(cast.dana)
    client = sign_in(cast.dana)
    facts = south_facts(cast, first_name="Zoraida", second_name="Quillfeather")
    sent = client.post(reverse("intake-form", args=["6f4c1ab4-94c9-4ad3-9f4f-6a2cde0a0001"]), facts, follow=True)
    assert sent.status_code == 200 and "A colleague goes on with it" in sent.text and "lead caseworker" not in sent.text
    case = Case._base_manager.get()
    assert not sees(cast.dana, case) and sees(cast.nadia, case) and case.lead is None
    assert "New for you" not in client.get(reverse("day")).text


def test_a_privacy_officer_who_declared_is_not_the_one_who_is_told(cast):
    declared(cast.kemi)
    case = taken_in(cast)
    assert [one.person for one in Notice._base_manager.filter(kind=NOTICE_DECLARED)] == [cast.bea]
    assert not access.visible(Case, cast.kemi).filter(pk=case.pk).exists()


@pytest.mark.parametrize("key", ["bea", "amina"])
def test_a_row_of_a_case_sheet_is_compared_too(cast, key):
    """Also where she who brings the sheet knows one of the people: the others are hers, and the import goes on."""
    declared(getattr(cast, key))
    rows = [sheets.person(), sheets.person(prs_FirstName="Perpetua")]
    batch = take(cast.amina, bring(cast.amina, cast.team_of("amina"), rows))
    assert batch.state == ImportBatch.State.DONE and Case._base_manager.count() == 2
    seen = {name: access.visible(Case, getattr(cast, name)).count() for name in ("amina", "bea")}
    assert seen.pop(key) == 1 and list(seen.values()) == [2]


@pytest.mark.parametrize("how", ["name", "birth", "phone", "contact"])
def test_a_change_of_who_she_is_is_compared_too(cast, how):
    declared(
        cast.bea, first_name="Zoraida", family_name="Quillfeather", birth_date=date(1998, 4, 5), phone="2025550177"
    )
    start = {"name": {"first_name": "Perpetua"}, "birth": {"birth_date": date(1970, 1, 1)}}.get(
        how, {"first_name": "Xenia"}
    )
    case = taken_in(cast, **start)
    assert sees(cast.bea, case)
    common = {"actor": cast.amina, "now": clock.now(), "case_uid": case.uid}
    if how in ("name", "birth"):
        names = {"first_name": "Zoraida", "birth_date": date(1998, 4, 5)}
        change_survivor(**common, names=names)
    elif how == "phone":
        change_contact_details(**common, contact={"prs_PhoneNumber": "(202) 555-0177"})
    else:
        contact = SafeContact(channel="SMS", words="", value="202 555 0177", verified_on=timezone.localdate())
        replace_contact(**common, contact=contact)
    assert not sees(cast.bea, case) and sees(cast.amina, case)


def test_two_people_and_a_wall_that_stands_already(cast):
    declared(cast.bea)
    declared(cast.bea, **ZORAIDA, phone="2025550177")
    declared(cast.gita)
    case = taken_in(cast)
    assert sorted(wall.person.name for wall in Wall._base_manager.filter(case=case)) == ["Bea Meadows", "Gita Marsh"]
    change_survivor(actor=cast.amina, now=clock.now(), case_uid=case.uid, names={"other_names": "Zora"})
    assert Wall._base_manager.count() == 2


def test_taking_it_back_does_not_lift_the_wall_and_ends_the_comparing(cast):
    made = declared(cast.bea)
    case = taken_in(cast)
    end_declaration(actor=cast.bea, now=clock.now(), declaration_uid=made.uid)
    assert not sees(cast.bea, case)
    assert sees(cast.bea, taken_in(cast))
    with pytest.raises(Hidden):
        end_declaration(actor=cast.kemi, now=clock.now(), declaration_uid=made.uid)


def test_a_wall_that_was_lifted_is_not_placed_again(cast):
    declared(cast.bea)
    case = taken_in(cast)
    lift_wall(actor=cast.kemi, now=clock.now(), wall_uid=Wall._base_manager.get().uid, reason="Another Zoraida")
    check_declarations()
    assert sees(cast.bea, case)


# ---- With the cases that were there ----


def statements(act: Any) -> list[str]:
    with CaptureQueriesContext(connections["default"]) as seen:
        act()
    return shapes([query["sql"] for query in seen.captured_queries])


@pytest.mark.sql
def test_declaring_sends_the_same_statements_hit_or_miss(cast, case, sign_in):
    client = sign_in(cast.bea)

    def send(first: str, family: str) -> None:
        form = {"first_name": first, "family_name": family, "birth_date": "1998-04-05"}
        assert client.post(PAGE, form).status_code == 302

    send("Warmup", "Nobodyatall")
    hit = statements(lambda: send("Zoraida", "Quillfeather"))
    miss = statements(lambda: send("Yolanda", "Marchbankson"))
    assert hit == miss and sees(cast.bea, case)
    assert check_declarations() == 3
    assert not sees(cast.bea, case)


def test_cases_that_are_there_are_compared_by_a_job_twice(cast, case):
    declared(cast.bea)
    assert check_declarations() == 1 and not sees(cast.bea, case)
    assert check_declarations() == 0
    # A case that was opened by a transaction which had not ended yet.
    late = make_unseen(cast)
    with time_machine.travel(timezone.now() + timedelta(minutes=3), tick=True):
        assert check_declarations() == 1 and check_declarations() == 0
        assert not sees(cast.bea, late)


def test_a_card_that_does_not_open_stops_no_change_and_is_told_in_her_name_who_met_it(cast, case, events):
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT value FROM cases_contactinstruction WHERE case_id = %s", [case.pk])
        whole = bytes(cursor.fetchone()[0])
        cursor.execute(
            "UPDATE cases_contactinstruction SET value = %s WHERE case_id = %s",
            [whole[:-1] + bytes([whole[-1] ^ 1]), case.pk],
        )
    declared(cast.bea)
    change_survivor(actor=cast.amina, now=clock.now(), case_uid=case.uid, names={"first_name": "Perpetua"})
    assert {event.actor_uid for event in events("DECRYPTION_REFUSED", case.uid)} == {cast.amina.uid}


def make_unseen(cast: Any) -> Case:
    """A case as a transaction leaves it that did not see the declaration: without a wall."""
    rows = list(DeclarationToken._base_manager.values("declaration_id", "token"))
    DeclarationToken._base_manager.all().delete()
    case = taken_in(cast)
    DeclarationToken._base_manager.bulk_create(DeclarationToken(**row) for row in rows)
    assert sees(cast.bea, case)
    return case


@pytest.mark.parametrize(
    "facts", [ZORAIDA, {"first_name": "Zoraida", "family_name": "Quillfeather"}, {"phone": "2025550123"}]
)
def test_the_search_indexes_name_the_cases_where_there_are_many(cast, case, settings, facts, monkeypatch):
    settings.CASE_SEARCH = "index"
    fill(reason="a test")
    others = [taken_in(cast, first_name=f"Perpetua{place}", contact_value="") for place in range(3)]
    declared(cast.bea, **facts)
    compared: list[int] = []
    real = search_index.facts_of_cases

    def noted(actor: User | None, cases: list[Case]) -> Any:
        compared.extend(one.pk for one in cases)
        return real(actor, cases)

    monkeypatch.setattr(search_index, "facts_of_cases", noted)
    check_declarations()
    assert not sees(cast.bea, case) and all(sees(cast.bea, one) for one in others)
    assert set(compared) == {case.pk}, "nobody else's names were opened"


def test_a_declaration_that_was_taken_back_meanwhile_places_nothing(cast, case, monkeypatch):
    made = declared(cast.bea)
    keys = declarations._fitting(made)
    assert keys == [case.pk]
    end_declaration(actor=cast.bea, now=clock.now(), declaration_uid=made.uid)
    assert declarations.finish_check(actor=None, now=clock.now(), declaration_uid=made.uid, keys=keys) == 0
    assert sees(cast.bea, case)


def test_a_case_that_was_renamed_meanwhile_is_looked_at_once_more(cast, case):
    made = declared(cast.bea)
    keys = declarations._fitting(made)
    change_survivor(actor=cast.amina, now=clock.now(), case_uid=case.uid, names={"first_name": "Perpetua"})
    assert declarations.finish_check(actor=None, now=clock.now(), declaration_uid=made.uid, keys=keys) == 0
    assert sees(cast.bea, case)


def test_outsiders_may_declare_too_and_other_houses_are_kept_apart(cast, case):
    declared(cast.hugo)
    check_declarations()
    assert Wall._base_manager.get().person == cast.hugo
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=case.uid, person=cast.hugo)  # of another kind
    give_access(actor=cast.amina, now=clock.now(), case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.gita)
    assert sees(cast.gita, case)
