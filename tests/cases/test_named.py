"""Whoever a survivor accuses, compared blind: with declarations, with those who have access, with other survivors (R20)."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from audit.models import Event
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD
from cases import access
from cases.actions.conflicts import find_conflicts
from cases.actions.declarations import check_declarations, declare
from cases.actions.grants import give_access
from cases.actions.matching import answer_match_questions
from cases.actions.named import answer_named, check_named
from cases.actions.other_people import end_other_person
from cases.actions.walls import lift_wall, restrict_case
from cases.choices.walls import NOTICE_DECLARED
from cases.errors.other_people import NobodyKeptApart
from cases.models import Case, NamedMatch, Notice, OtherPersonToken, PossibleConflict, Wall
from cases.tidying import forget_named
from tests import make
from tests.cases.test_matching import ask, shapes
from tests.cases.test_other_people import changed, noted, sent, url
from tests.cases.walling import wall

HE = {"first_name": "Osgood", "family_name": "Thrushlington"}


@pytest.fixture
def mara(cast):
    return cast.mara


def sees(person, case):
    return access.visible(Case, person, READ_CARD).filter(pk=case.pk).exists()


def walls_of(case):
    return {(row.person and row.person.first_name, row.kind) for row in access.for_the_house(Wall).filter(case=case)}


def pairs():
    return access.for_the_house(NamedMatch).order_by("pk")


def test_r20_a_colleague_who_declared_to_know_the_accused_is_kept_away_at_once(cast, case, events):
    give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind="CLINICAL", person=cast.gita)
    declare(actor=cast.gita, now=clock.now(), **HE)
    assert sees(cast.gita, case)
    noted(cast.amina, case)
    assert not sees(cast.gita, case) and sees(cast.amina, case)
    placed = access.for_the_house(Wall).get()
    assert (placed.person, placed.kind, placed.placed_by) == (cast.gita, "RELATIVE_OF_ACCUSED", None)
    [event] = events("DECLARATION_MATCHED")
    assert event.detail.content["codes"]["kind"] == "RELATIVE_OF_ACCUSED"
    assert [row.person for row in Notice._base_manager.filter(kind=NOTICE_DECLARED)] == [cast.kemi]


def test_r20_interpreters_and_attorneys_declare_too(cast, case):
    for person in (cast.petra, cast.chidi):
        declare(actor=person, now=clock.now(), phone="202 555 0166")
    noted(cast.amina, case)
    assert walls_of(case) == {("Petra", "RELATIVE_OF_ACCUSED"), ("Chidi", "RELATIVE_OF_ACCUSED")}


def test_r20_declared_afterwards_the_wall_stands_after_the_next_look(cast, case):
    noted(cast.amina, case)
    declare(actor=cast.bea, now=clock.now(), **HE)
    assert sees(cast.bea, case)
    assert check_declarations() == 1
    assert not sees(cast.bea, case) and walls_of(case) == {("Bea", "RELATIVE_OF_ACCUSED")}


def test_a_lifted_wall_is_not_placed_again_and_other_roles_place_none(cast, case):
    declare(actor=cast.gita, now=clock.now(), **HE)
    row = noted(cast.amina, case, roles=["WITNESS"])
    assert walls_of(case) == set()
    changed(cast.amina, case, row, roles=["Abuser"])
    placed = access.for_the_house(Wall).get()
    lift_wall(actor=cast.bea, now=clock.now(), wall_uid=placed.uid, reason="A namesake.")
    changed(cast.amina, case, row, roles=["Abuser"], looks="tall")
    assert access.for_the_house(Wall).count() == 1


def test_the_writer_who_declared_them_is_sent_home(cast, case, sign_in):
    declare(actor=cast.amina, now=clock.now(), **HE)
    client = sign_in(cast.amina)
    answer = client.post(url("case-other-new", case), sent())
    assert answer.status_code == 302 and answer.url == reverse("home")
    assert client.get(url("case-others", case)).status_code == 404


def test_hit_and_miss_are_the_same_to_whoever_writes(cast, case, sign_in):
    """She may be a client of the south, or nobody: the same answer, the same statements, and a job looks later."""
    make.case(cast.dana, cast.team_of("dana"), first_name="Osgood", second_name="Thrushlington", birth_date=None)
    client, answers = sign_in(cast.amina), []
    client.post(url("case-other-new", case), sent(first_name="Warmup", family_name="Thrushlington"))
    for first in ("Osgood", "Ungood"):
        with CaptureQueriesContext(connections["default"]) as seen:
            answer = client.post(url("case-other-new", case), sent(first_name=first, other_names="", phone=""))
        answers.append((answer.status_code, answer.url, shapes([query["sql"] for query in seen.captured_queries])))
    assert answers[0] == answers[1]
    assert not pairs().exists()
    assert check_named() == 3 and pairs().count() == 1 and check_named() == 0


def test_r20_another_survivor_is_told_to_the_coordinator_alone(cast, case, mara, sign_in, events):
    other = make.case(
        cast.dana, cast.team_of("dana"), first_name="Osgood", second_name="Thrushlington", birth_date=None
    )
    row = noted(cast.amina, case)
    assert check_named() == 1
    match = pairs().get()
    assert match.case_id == case.pk
    with connections["default"].cursor() as cursor:
        for model in (NamedMatch, NamedMatch.history.model):
            cursor.execute(f"SELECT * FROM {cursor.db.ops.quote_name(model._meta.db_table)}")
            [stored] = ["".join(str(value).replace("-", "") for value in line) for line in cursor.fetchall()]
            assert case.uid.hex in stored and not [uid for uid in (other.uid, row.uid) if uid.hex in stored]
    for event in Event.objects.filter(verb="MATCH_REPORTED"):
        assert event.case_uid is None and event.subject_uid == match.uid
    page = sign_in(mara).get(reverse("match-queue"))
    assert reverse("named-match", args=[match.uid]) in page.text
    shown = sign_in(mara).get(reverse("named-match", args=[match.uid]))
    assert shown.status_code == 200
    for word in (case.number, other.number, "Osgood", "Thrushlington", "Zoraida", str(other.uid), str(case.uid)):
        assert word not in shown.text and word not in page.text
    assert cast.team_of("dana").name in shown.text and cast.team_of("amina").name in shown.text
    for person in (cast.amina, cast.dana, cast.bea, cast.kemi, cast.omar, cast.elif_, cast.chidi):
        assert sign_in(person).get(reverse("named-match", args=[match.uid])).status_code in (403, 404), person
    for person, one in ((cast.amina, case), (cast.dana, other)):
        history = sign_in(person).get(url("case-history", one)).text
        assert str(match.uid) not in history and "possible match" not in history


def test_r20_a_survivor_who_comes_later_is_compared_too(cast, case, mara):
    noted(cast.amina, case, birth_date=date(1980, 2, 3))
    check_named()
    other = make.case(
        cast.dana, cast.team_of("dana"), first_name="Osgood", second_name="Thrushlington", birth_date=date(1980, 2, 3)
    )  # fmt: skip
    twin = make.case(
        cast.dana, cast.team_of("dana"), first_name="Osgood", second_name="Thrushlington", birth_date=date(1980, 2, 4)
    )  # fmt: skip
    for one in (other, twin):
        ask(cast.dana, one)
    answer_match_questions()
    assert pairs().count() == 1
    assert [one.case_id for one in pairs()] == [case.pk]


def test_r20_restricted_and_walled_cases_never_answer(cast, case, mara):
    other = make.case(
        cast.dana, cast.team_of("dana"), first_name="Osgood", second_name="Thrushlington", birth_date=None
    )
    restrict_case(actor=cast.dana, now=clock.now(), case_uid=other.uid, is_restricted=True)
    noted(cast.amina, case)
    check_named()
    assert not pairs().exists()


@pytest.mark.parametrize("which", ["case", "other"])
@pytest.mark.parametrize("how", ["restricted", "walled"])
def test_a_pair_of_before_is_told_no_more_once_a_side_is_restricted_or_walled(cast, case, mara, sign_in, which, how):
    other = make.case(
        cast.dana, cast.team_of("dana"), first_name="Osgood", second_name="Thrushlington", birth_date=None
    )
    noted(cast.amina, case)
    check_named()
    page, client = reverse("named-match", args=[pairs().get().uid]), sign_in(mara)
    assert client.get(page).status_code == 200
    side, lead, above = (case, cast.amina, cast.bea) if which == "case" else (other, cast.dana, cast.nadia)
    if how == "restricted":
        restrict_case(actor=lead, now=clock.now(), case_uid=side.uid, is_restricted=True)
    else:
        wall(side, above, person=mara, reason="")
    assert client.get(page).status_code == 404 and page not in client.get(reverse("match-queue")).text
    with pytest.raises(Hidden):
        answer_named(actor=mara, now=clock.now(), match_uid=pairs().get().uid, answer="OTHER")


def test_the_coordinator_keeps_a_team_away_and_answers_once(cast, case, mara, sign_in, events):
    make.case(cast.dana, cast.team_of("dana"), first_name="Osgood", second_name="Thrushlington", birth_date=None)
    noted(cast.amina, case)
    check_named()
    match, client = pairs().get(), sign_in(mara)
    page = reverse("named-match", args=[match.uid])
    said = {"answer": "APART", "away_from": "CASE", "form_key": str(uuid4())}
    assert client.post(page, said).status_code == 422, "nobody is named"
    own = client.post(page, {**said, "team": cast.team_of("amina").pk})
    assert (
        own.status_code == 422
        and str(NobodyKeptApart()) in own.text
        and "not the team that works on that case" in own.text
    )
    answer = client.post(page, {**said, "team": cast.team_of("dana").pk, "reason": "They must not meet"})
    assert answer.status_code == 302
    placed = access.for_the_house(Wall).get()
    assert (placed.case_id, placed.team, placed.kind, placed.placed_by) == (
        case.pk,
        cast.team_of("dana"),
        "CONFLICT",
        mara,
    )
    assert not events("MATCH_REVIEWED") and len(events("WALL_PLACED")) == 1
    assert client.get(page).status_code == 404
    with pytest.raises(Hidden):
        answer_named(actor=mara, now=clock.now(), match_uid=match.uid, answer="OTHER")


def test_two_different_people_are_not_asked_about_again(cast, case, mara, events):
    make.case(cast.dana, cast.team_of("dana"), first_name="Osgood", second_name="Thrushlington", birth_date=None)
    row = noted(cast.amina, case)
    check_named()
    answer_named(actor=mara, now=clock.now(), match_uid=pairs().get().uid, answer="OTHER")
    [event] = events("MATCH_REVIEWED")
    assert event.case_uid is None
    changed(cast.amina, case, row, looks="taller")
    assert check_named() == 1 and pairs().count() == 1
    for actor in (cast.kemi, cast.amina):
        with pytest.raises(Hidden):
            answer_named(actor=actor, now=clock.now(), match_uid=pairs().get().uid, answer="OTHER")


def test_r20_whoever_has_access_and_bears_the_name_is_the_privacy_officers_to_know(cast, case):
    find_conflicts()
    before = conflicts(case)
    family = cast.amina.name.split()[-1]
    noted(cast.amina, case, family_name=family)
    find_conflicts()
    assert conflicts(case) - before == {("Amina", "FAMILY_NAME")}


def conflicts(case):
    rows = access.for_the_house(PossibleConflict).filter(case=case, answer="").select_related("person")
    return {(row.person.first_name, row.likeness) for row in rows}


def test_what_is_over_or_erased_is_compared_with_nobody(cast, case):
    row = noted(cast.amina, case)
    assert access.for_the_house(OtherPersonToken).filter(case=case).exists()
    end_other_person(actor=cast.amina, now=clock.now(), case_uid=case.uid, person_uid=row.uid, reason="HER_WISH")
    declare(actor=cast.bea, now=clock.now(), **HE)
    check_declarations()
    assert walls_of(case) == set()
    noted(cast.amina, case, first_name="Else", other_names="")
    forget_named(access.for_the_house(Case).get(pk=case.pk))
    assert not access.for_the_house(OtherPersonToken).exists()
    assert check_named() == 1, "an entry without fingerprints is done with"
