"""The kinds of access: what each opens, what the database refuses, and on which side of the walls somebody stands."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD, Section, read, write
from casemgmt.accounts.choices import CONTENT_BLIND_ROLES, Discipline
from cases import access
from cases.actions.grants import give_access, revoke_access, write_grant
from cases.actions.kinds import (
    OUTSIDE_KINDS,
    PERMISSIONS_OF_KIND,
    PURPOSE_OF_KIND,
    ROLES_OF_KIND,
    SUPERVISION_OF,
    side_of,
)
from cases.choices.sharing import GrantKind
from cases.errors.sharing import LocationNeedsSupervisor, NotForThisRole, NotForThisTeam, OtherSideOfTheWall
from cases.models import AccessGrant
from tests import make
from tests.cases.releasing import release

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]

CLINICAL = ("health", "srh", "sud", "counselling")


def columns(case, giver, person, kind, **changes):
    """A row as somebody would write it who goes round every action."""
    now = clock.now()
    facts = {
        "case": case, "person": person, "kind": kind, "purpose": "CASEWORK", "permissions": [READ_CARD], "reason": "",
        "granted_by": giver, "granted_at": now, "valid_from": now, "expires_at": now + timedelta(minutes=30),
    }  # fmt: skip
    return AccessGrant(**{**facts, **changes})


def refused_by(name, grant):
    """That the database refuses the row, by that rule and no other."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        grant.save()
    assert name in str(error.value), str(error.value)


def test_every_kind_has_its_map():
    assert set(PERMISSIONS_OF_KIND) == set(PURPOSE_OF_KIND) == set(ROLES_OF_KIND) == set(GrantKind.values)
    for kind, roles in ROLES_OF_KIND.items():
        assert not set(roles) & CONTENT_BLIND_ROLES, kind
    for kind in (GrantKind.ON_CALL, GrantKind.EMERGENCY, *OUTSIDE_KINDS):
        assert not {read(Section.LOCATION), write(Section.LOCATION)} & set(PERMISSIONS_OF_KIND[kind])
    assert PERMISSIONS_OF_KIND[GrantKind.EMERGENCY] == ["read_card", "read_identity", "read_safety"]
    assert PERMISSIONS_OF_KIND[GrantKind.ON_CALL] == ["read_card", "read_safety"]


def test_the_walls_between_casework_clinic_and_counsel_stand_both_ways():
    casework = {*PERMISSIONS_OF_KIND[GrantKind.ASSIGNMENT], *SUPERVISION_OF[Discipline.CASEWORK]}
    clinic = {*PERMISSIONS_OF_KIND[GrantKind.CLINICAL], *SUPERVISION_OF[Discipline.CLINICAL]}
    counsel = {*PERMISSIONS_OF_KIND[GrantKind.STAFF_COUNSEL], *SUPERVISION_OF[Discipline.LEGAL]}
    for name in CLINICAL:
        assert f"read_{name}" not in casework | counsel and f"write_{name}" not in casework | counsel
    for name in ("advocacy", "narrative"):
        assert f"read_{name}" not in clinic | counsel
    assert not {"read_status", "read_legal", "read_matter"} & clinic and "read_matter" not in casework
    sides = (casework, Discipline.CASEWORK), (clinic, Discipline.CLINICAL), (counsel, Discipline.LEGAL)
    assert [side_of(held) for held, _side in sides] == [side for _held, side in sides]


def test_nobody_stands_on_two_sides_of_one_case(cast, case):
    counsel = make.colleague(case, cast.bea, cast.luis, GrantKind.STAFF_COUNSEL)
    cast.luis.role_assignments.model(user=cast.luis, role="CASEWORKER", starts_at=clock.now()).save()
    with pytest.raises(OtherSideOfTheWall):
        make.colleague(case, cast.bea, cast.luis, GrantKind.ASSIGNMENT)
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=counsel.uid)
    make.colleague(case, cast.bea, cast.luis, GrantKind.ASSIGNMENT)
    with pytest.raises(OtherSideOfTheWall):
        make.colleague(case, cast.bea, cast.luis, GrantKind.STAFF_COUNSEL)


def test_a_team_gets_what_its_discipline_may_hold(cast, case):
    for kind, key in ((GrantKind.CLINICAL, "dana"), (GrantKind.ASSIGNMENT, "gita"), (GrantKind.RESIDENCE, "luis")):
        with pytest.raises(NotForThisTeam):
            give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=kind, team=cast.team_of(key))


@pytest.mark.parametrize("kind", ["ON_CALL", "BOOKING", "DELEGATION", "REFERRAL", "TRANSFER", "EMERGENCY", "PRO_BONO"])
def test_what_follows_from_something_else_is_not_given_by_hand(cast, case, kind):
    with pytest.raises(NotForThisRole):
        give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=kind, person=cast.dana)


def test_where_she_stays_comes_by_a_flag_only(cast, case):
    with pytest.raises(Refused):
        access.get_for(cast.amina, case.uid, read(Section.LOCATION))
    give = {"now": clock.now(), "case_uid": case.uid, "kind": GrantKind.ASSIGNMENT, "with_location": True}
    with pytest.raises(LocationNeedsSupervisor):
        give_access(actor=cast.amina, person=cast.dana, **give)
    with pytest.raises(NotForThisRole):
        give_access(actor=cast.bea, person=cast.gita, **{**give, "kind": GrantKind.CLINICAL})
    give_access(actor=cast.bea, person=cast.amina, **give)
    assert access.get_for(cast.amina, case.uid, write(Section.LOCATION))
    # Whoever knows it may let another know.
    give_access(actor=cast.amina, person=cast.dana, **give)
    assert access.get_for(cast.dana, case.uid, read(Section.LOCATION))
    assert access.drift() == []


def test_a_supervisor_reads_what_her_discipline_writes(cast, case):
    membership = cast.gita.memberships.get()
    membership.is_supervisor = True
    membership.save()
    cast.gita.role_assignments.model(user=cast.gita, role="SUPERVISOR", starts_at=clock.now()).save()
    grant = give_access(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.SUPERVISION, person=cast.gita
    )
    assert "read_counselling" in grant.permissions and "read_advocacy" not in grant.permissions
    assert not any(one.startswith("write_") and one != "write_card" for one in grant.permissions)


def test_the_database_refuses_an_emergency_that_is_long_wide_or_for_another(cast, case):
    rule, now = "emergency_is_short_own_and_narrow", clock.now()
    refused_by(
        rule, columns(case, cast.dana, cast.dana, "EMERGENCY", valid_from=now, expires_at=now + timedelta(minutes=61))
    )
    refused_by(rule, columns(case, cast.bea, cast.dana, "EMERGENCY"))
    for codename in ("read_status", "read_location", "write_safety", "read_matter", "read_health", "read_counselling"):
        refused_by(rule, columns(case, cast.dana, cast.dana, "EMERGENCY", permissions=[READ_CARD, codename]))
    refused_by("grant_names_a_person", columns(case, cast.dana, None, "EMERGENCY", team=cast.team_of("dana")))
    columns(
        case, cast.dana, cast.dana, "EMERGENCY", permissions=PERMISSIONS_OF_KIND["EMERGENCY"], valid_from=now,
        expires_at=now + timedelta(minutes=60),
    ).save()  # fmt: skip


def test_the_database_refuses_other_rows_that_break_a_rule(cast, case):
    now = clock.now()
    parent = access.grants_with_grounds().get(person=cast.amina, case=case)
    lend = {"parent": parent, "valid_from": now}
    refused_by("delegation_lends_what_another_holds", columns(case, cast.amina, cast.dana, "DELEGATION"))
    refused_by("delegation_lends_what_another_holds", columns(case, cast.dana, cast.dana, "DELEGATION", **lend))
    refused_by(
        "delegation_lends_what_another_holds",
        columns(case, cast.amina, cast.dana, "DELEGATION", **lend, expires_at=now + timedelta(days=30, minutes=1)),
    )
    refused_by("partner_access_rests_on_a_release", columns(case, cast.amina, cast.hugo, "REFERRAL"))
    refused_by(
        "where_she_stays_never_leaves",
        columns(case, cast.amina, None, "ON_CALL", permissions=["read_location"], team=cast.team_of("amina")),
    )
    refused_by("alert_access_ends_with_a_shift", columns(case, cast.amina, cast.jonas, "ON_CALL"))
    refused_by("booking_opens_nothing_else", columns(case, cast.amina, cast.hugo, "BOOKING"))
    refused_by("grant_kind_is_known", columns(case, cast.amina, cast.hugo, "SUPERUSER"))
    second = {"waits_since": now, "approved_at": now}
    for one in (cast.amina, cast.hugo):
        refused_by(
            "second_person_is_neither_giver_nor_recipient",
            columns(case, cast.amina, cast.hugo, "ASSIGNMENT", second_by=one, **second),
        )
    refused_by("second_person_says_one_thing", columns(case, cast.amina, cast.hugo, "ASSIGNMENT", **second))
    refused_by(
        "second_person_says_one_thing",
        columns(case, cast.amina, cast.hugo, "ASSIGNMENT", second_by=cast.bea, declined_at=now, **second),
    )


def test_a_partner_without_attestation_ends_after_ninety_days_in_the_database_too(cast, case):
    given, now = release(cast.amina, case, cast.hugo.organisation), clock.now()
    facts = {"release": given, "valid_from": now}
    columns(case, cast.amina, cast.hugo, "REFERRAL", **facts, expires_at=now + timedelta(days=90)).save()
    late = columns(case, cast.amina, cast.hugo, "REFERRAL", **facts, expires_at=now + timedelta(days=90, minutes=1))
    refused_by("partner_access_lapses_without_attestation", late)


def test_whoever_watches_the_house_gets_no_case(cast, case):
    cast.farid.role_assignments.model(user=cast.farid, role="CASEWORKER", starts_at=clock.now()).save()
    with pytest.raises(NotForThisRole):
        give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, person=cast.farid)
    with pytest.raises(Hidden):
        access.get_for(cast.farid, case.uid)


def test_a_grant_that_begins_later_opens_nothing_before(cast, case):
    now = clock.now()
    with transaction.atomic():
        grant = write_grant(
            actor=cast.amina, now=now, case=case, person=cast.dana, kind=GrantKind.ASSIGNMENT,
            permissions=PERMISSIONS_OF_KIND["ASSIGNMENT"], begins=now + timedelta(hours=1), until=now + timedelta(hours=2),
        )  # fmt: skip
    assert not access.explain(cast.dana, case, at=now).allowed
    assert access.explain(cast.dana, case, at=grant.valid_from).allowed
    assert not access.explain(cast.dana, case, at=grant.expires_at).allowed
