"""The door: who may open what, from the first grant to its end."""

from datetime import timedelta
from uuid import uuid4

import pytest

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.permissions import UnguardedQuery
from casemgmt.access.sections import READ_CARD, Section, read, write
from casemgmt.crypto.errors import SealedShut
from cases import access
from cases.actions.grants import give_access, revoke_access
from cases.actions.walls import place_wall, restrict_case
from cases.choices.sharing import GrantKind
from cases.errors.sharing import NotForThisRole, NotToOneself
from cases.models import Case, TimelineEntry
from cases.opening import open_case, open_list
from tests import make
from tests.cast import Cast

pytestmark = [
    pytest.mark.sql,
    pytest.mark.django_db(databases=["default", "keystore"]),
    pytest.mark.usefixtures("ledger"),
]


@pytest.fixture
def case(cast: Cast) -> Case:
    return make.case(cast.amina, cast.team_of("amina"))


def test_the_opener_is_assigned_and_her_supervisor_supervises(cast: Cast, case: Case) -> None:
    kinds = {viewer.who: viewer.grant.kind for viewer in access.who_can_see(case)}
    assert kinds == {cast.amina.name: GrantKind.ASSIGNMENT, cast.bea.name: GrantKind.SUPERVISION}
    assert access.get_for(cast.bea, case.uid).pk == case.pk


def test_a_stranger_and_nobody_at_all_hear_the_same(
    cast: Cast, case: Case, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(12) as first, pytest.raises(Hidden) as not_hers:
        access.get_for(cast.dana, case.uid)
    with django_assert_num_queries(len(first.captured_queries)), pytest.raises(Hidden) as not_there:
        access.get_for(cast.dana, uuid4())
    assert str(not_hers.value) == str(not_there.value) == ""


def test_a_colleague_without_the_section_is_refused(cast: Cast, case: Case) -> None:
    give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.RESIDENCE, person=cast.jonas)
    assert access.get_for(cast.jonas, case.uid, READ_CARD)
    with pytest.raises(Refused):
        access.get_for(cast.jonas, case.uid, read(Section.IDENTITY))


def test_list_and_single_check_agree(cast: Cast, case: Case) -> None:
    for person in (cast.amina, cast.bea, cast.dana, cast.elif_, cast.farid, cast.gita):
        listed = set(access.visible(Case, person, READ_CARD).values_list("uid", flat=True))
        try:
            access.get_for(person, case.uid)
            opened = {case.uid}
        except Hidden:
            opened = set()
        assert listed == opened
        assert person.has_perm("cases.read_card", case) is bool(opened)
        assert access.explain(person, case).allowed is bool(opened)


def test_revoking_ends_it_at_once(cast: Cast, case: Case) -> None:
    grant = give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.gita)
    assert access.get_for(cast.gita, case.uid, read(Section.HEALTH))
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=grant.uid)
    with pytest.raises(Hidden):
        access.get_for(cast.gita, case.uid)
    assert access.drift() == []
    assert Event.objects.filter(verb=Verb.ACCESS_REVOKED, case_uid=case.uid).count() == 1


def test_a_grant_ends_on_its_minute(cast: Cast, case: Case) -> None:
    until = clock.now() + timedelta(days=2)
    give_access(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.gita, until=until
    )
    last = until - timedelta(microseconds=1)
    assert access.visible(Case, cast.gita, at=last).exists()
    assert not access.visible(Case, cast.gita, at=until).exists()
    assert access.explain(cast.gita, case, at=last).allowed
    assert not access.explain(cast.gita, case, at=until).allowed


def test_a_wall_beats_every_grant_and_says_nothing(cast: Cast, case: Case) -> None:
    place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.amina)
    with pytest.raises(Hidden):
        access.get_for(cast.amina, case.uid)
    assert not access.visible(Case, cast.amina).exists()
    assert access.visible(TimelineEntry, cast.amina, None).count() == 0
    assert access.explain(cast.amina, case).sentence == access.explain(cast.dana, case).sentence


def test_a_restricted_case_ignores_teams(cast: Cast, case: Case) -> None:
    team = cast.team_of("dana")
    give_access(actor=cast.amina, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, team=team)
    assert access.get_for(cast.dana, case.uid)
    restrict_case(actor=cast.bea, now=clock.now(), case_uid=case.uid, is_restricted=True) if case.holding else None
    restrict_case(actor=cast.amina, now=clock.now(), case_uid=case.uid, is_restricted=True)
    with pytest.raises(Hidden):
        access.get_for(cast.dana, case.uid)
    assert access.get_for(cast.amina, case.uid)


def test_nobody_gives_access_to_herself_or_against_a_role(cast: Cast, case: Case) -> None:
    with pytest.raises(NotToOneself):
        give_access(actor=cast.amina, now=clock.now(), case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.amina)
    with pytest.raises(NotForThisRole):
        give_access(actor=cast.amina, now=clock.now(), case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.farid)
    with pytest.raises(NotForThisRole):
        give_access(actor=cast.amina, now=clock.now(), case_uid=case.uid, kind=GrantKind.PRO_BONO, person=cast.chidi)


def test_locking_checks_the_right_to_write(cast: Cast, case: Case) -> None:
    assert access.lock_for_write(cast.amina, case.uid, Section.ADVOCACY).basis["kind"] == GrantKind.ASSIGNMENT
    with pytest.raises(Refused):
        access.lock_for_write(cast.bea, case.uid, Section.ADVOCACY)
    with pytest.raises(Hidden):
        access.lock_for_write(cast.dana, case.uid, Section.CARD)


def test_a_query_round_the_door_raises(case: Case) -> None:
    for ask in (
        list,
        lambda rows: rows.count(),
        lambda rows: rows.exists(),
        lambda rows: rows.first(),
        lambda rows: rows.filter(pk=1).get(),
    ):
        with pytest.raises(UnguardedQuery):
            ask(Case.objects.all())
    with pytest.raises(UnguardedQuery):
        list(Case.objects.values_list("uid"))


def test_nothing_opens_without_a_gate_and_reading_is_recorded(cast: Cast, case: Case) -> None:
    opened = access.get_for(cast.amina, case.uid)
    with pytest.raises(SealedShut):
        _ = opened.alias
    before = Event.objects.filter(verb=Verb.CASE_VIEWED).count()
    with open_case(cast.amina, opened):
        assert opened.survivor.first_name == "Zoraida"
    event = Event.objects.filter(verb=Verb.CASE_VIEWED).latest("pk")
    assert Event.objects.filter(verb=Verb.CASE_VIEWED).count() == before + 1
    assert event.sections.split() == [Section.IDENTITY] and event.basis["kind"] == GrantKind.ASSIGNMENT
    assert event.case_uid == case.uid and event.actor_uid == cast.amina.uid


def test_a_gate_refuses_a_section_that_is_not_held(cast: Cast, case: Case) -> None:
    give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.RESIDENCE, person=cast.jonas)
    opened = access.get_for(cast.jonas, case.uid)
    with open_case(cast.jonas, opened):
        assert opened.alias
        with pytest.raises(Refused):
            _ = opened.survivor.first_name


def test_lists_cost_the_same_for_three_and_for_thirty(cast: Cast, django_assert_num_queries) -> None:
    def ask() -> list[str]:
        cases, _more = access.page(cast.amina)
        with open_list(cast.amina, cases):
            return [case.alias for case in cases]

    team = cast.team_of("amina")
    for _number in range(3):
        make.case(cast.amina, team)
    ask()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as three:
        assert len(ask()) == 3
    for _number in range(12):
        make.case(cast.amina, team)
    ask()
    with CaptureQueriesContext(connection) as many:
        assert len(ask()) == 15
    assert len(three) == len(many)


def test_write_permission_is_not_read_permission(cast: Cast, case: Case) -> None:
    holding = access.get_for(cast.bea, case.uid).holding
    assert holding is not None and holding.reads(Section.ADVOCACY) and not holding.writes(Section.ADVOCACY)
    assert write(Section.CARD) in holding.permissions
