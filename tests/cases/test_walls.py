"""Walls: against a person, a team, an organisation. Whoever stands behind one finds nothing, and nobody else reads of it."""

import pytest
from django.db import IntegrityError, transaction

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.actions.roles import assign_role
from casemgmt.accounts.actions.teams import add_member, create_team
from casemgmt.accounts.choices import Discipline, OrganisationKind, Role
from cases import access
from cases.actions.grants import give_access
from cases.actions.walls import lift_wall
from cases.choices.sharing import GrantKind
from cases.choices.walls import NOTICE_FIRM, NOTICE_FROZEN, WallKind
from cases.errors.walls import WallIsLifted, WallNeedsOne, WallStands, WallTooWide
from cases.models import Case, Notice, Wall
from tests.cases.stored import dump

# ---- Against whom ----
from tests.cases.walling import WHY, newcomer, sees, told, wall
from tests.services.test_release_and_matter import a_matter, release


def test_against_a_person(cast, case, events):
    placed = wall(case, cast.bea, person=cast.amina, kind=WallKind.KNOWS_SURVIVOR, reason=WHY)
    assert not sees(cast.amina, case) and sees(cast.bea, case)
    [event] = events("WALL_PLACED", case.uid)
    assert event.detail.content["codes"] == {"kind": "KNOWS_SURVIVOR"} and event.detail.content["reason"] == ""
    assert WHY.encode() not in dump() and placed.words.section == Section.DUTIES


def test_against_a_team(cast, case):
    give_access(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, kind=GrantKind.RESIDENCE, team=cast.team_of("jonas")
    )
    assert sees(cast.jonas, case)
    wall(case, cast.kemi, team=cast.team_of("jonas"))
    assert not sees(cast.jonas, case) and sees(cast.amina, case)


def test_against_an_organisation_at_every_door(cast, case):
    matter = a_matter(cast, case)
    release(cast, case, matter)
    before = clock.now()
    wall(case, cast.kemi, organisation=cast.chidi.organisation)
    assert access.visible_matters(cast.chidi) == [] and not sees(cast.chidi, case)
    assert not cast.chidi.has_perm("cases.read_card", case) and not cast.chidi.has_perm("cases.read_matter", matter)
    assert not access.explain(cast.chidi, case).allowed
    with pytest.raises(Hidden):
        access.get_matter_for(cast.chidi, matter.uid)
    with pytest.raises(Hidden):
        access.lock_matter_for_write(cast.chidi, matter.uid)
    assert cast.chidi in access.who_could_see(case, READ_CARD, before)
    assert cast.chidi not in access.who_could_see(case, READ_CARD, clock.now())


def test_one_at_a_time_and_never_one_s_own_house(cast, case):
    for whom in ({}, {"person": cast.amina, "team": cast.team_of("dana")}):
        with pytest.raises(WallNeedsOne):
            wall(case, cast.bea, **whom)
    with pytest.raises(WallTooWide):
        wall(case, cast.bea, organisation=case.organisation)
    wall(case, cast.bea, person=cast.dana)
    with pytest.raises(WallStands):
        wall(case, cast.kemi, person=cast.dana)
    wall(case, cast.kemi, person=cast.dana, kind=WallKind.FORMER_CLIENT)


def test_the_database_holds_that_a_wall_is_against_one(cast, case):
    both = wall(case, cast.bea, person=cast.dana)
    with pytest.raises(IntegrityError), transaction.atomic():
        both.organisation = cast.chidi.organisation
        both.save(update_fields=["organisation"])


# ---- By whom ----


def test_only_a_privacy_officer_of_the_house_or_a_supervisor_of_the_case(cast, case):
    for key, error in (("amina", Refused), ("dana", Hidden), ("nadia", Hidden), ("farid", Hidden), ("elif_", Hidden)):
        with pytest.raises(error):
            wall(case, getattr(cast, key), person=cast.gita)
    assign_role(actor=cast.farid, now=clock.now(), user=cast.hugo, role=Role.PRIVACY_OFFICER)
    with pytest.raises(Hidden):
        wall(case, cast.hugo, person=cast.gita)
    assert not Wall._base_manager.exists()


def test_whoever_is_behind_a_wall_places_and_lifts_none(cast, case):
    mine = wall(case, cast.bea, person=cast.kemi)
    for act in (
        lambda: wall(case, cast.kemi, person=cast.dana),
        lambda: lift_wall(actor=cast.kemi, now=clock.now(), wall_uid=mine.uid),
    ):
        with pytest.raises(Hidden):
            act()
    lift_wall(actor=cast.bea, now=clock.now(), wall_uid=mine.uid, reason="Settled")


def test_lifting_brings_back_what_was_given(cast, case, events):
    placed = wall(case, cast.bea, person=cast.amina, reason=WHY)
    assert Case._base_manager.get(pk=case.pk).lead is None, "nobody leads a case that she cannot open"
    lift_wall(actor=cast.kemi, now=clock.now(), wall_uid=placed.uid, reason="It was another school")
    assert sees(cast.amina, case)
    with pytest.raises(WallIsLifted):
        lift_wall(actor=cast.kemi, now=clock.now(), wall_uid=placed.uid)
    [event] = events("WALL_LIFTED", case.uid)
    assert event.actor_uid == cast.kemi.uid
    assert b"another school" not in dump()


# ---- An attorney's file ----


@pytest.fixture
def matter(cast, case):
    found = a_matter(cast, case)
    release(cast, case, found)
    return found


def test_a_wall_freezes_the_file_and_the_firm_s_supervisor_is_told_without_content(cast, case, matter):
    boss = newcomer(cast, "ottilie", cast.chidi.organisation, Role.SUPERVISOR)
    placed = wall(case, cast.kemi, person=cast.chidi, kind=WallKind.CONFLICT, reason=WHY)
    assert access.visible_matters(cast.chidi) == [] and told(NOTICE_FROZEN) == [boss.name] and told(NOTICE_FIRM) == []
    notice = Notice._base_manager.get(kind=NOTICE_FROZEN)
    assert notice.case is None
    lift_wall(actor=cast.kemi, now=clock.now(), wall_uid=placed.uid)
    assert [one.uid for one in access.visible_matters(cast.chidi)] == [matter.uid], "nothing of it was lost"


def test_a_firm_without_a_supervisor_is_told_by_the_privacy_officer(cast, case, matter):
    wall(case, cast.bea, person=cast.chidi)
    assert told(NOTICE_FROZEN) == [] and told(NOTICE_FIRM) == [cast.kemi.name]


def test_a_wall_against_the_whole_firm_tells_nobody_in_it(cast, case, matter):
    newcomer(cast, "ottilie", cast.chidi.organisation, Role.SUPERVISOR)
    wall(case, cast.bea, organisation=cast.chidi.organisation)
    assert told(NOTICE_FROZEN) == [] and told(NOTICE_FIRM) == [cast.kemi.name]


def test_a_supervisor_of_the_attorney_s_team_is_told_too(cast, case, matter):
    firm = cast.chidi.organisation
    head = newcomer(cast, "percival", firm, Role.PRO_BONO_ATTORNEY)
    team = create_team(
        actor=cast.farid, now=clock.now(), organisation=firm, name="Pro bono", discipline=Discipline.LEGAL, programme=""
    )
    for person, supervises in ((head, True), (cast.chidi, False)):
        add_member(actor=cast.farid, now=clock.now(), team=team, user=person, is_supervisor=supervises)
    wall(case, cast.bea, person=cast.chidi)
    assert head.name in told(NOTICE_FROZEN)


def test_where_no_file_is_frozen_nobody_is_told(cast, case):
    wall(case, cast.bea, person=cast.chidi)
    wall(case, cast.bea, person=cast.dana)
    assert told(NOTICE_FROZEN) == told(NOTICE_FIRM) == []
    assert cast.chidi.organisation.kind == OrganisationKind.LAW_FIRM
