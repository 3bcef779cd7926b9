"""What somebody would lose: by a revocation, a withdrawal, by leaving; and what an attorney reads when access has ended."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.sections import Section
from casemgmt.accounts.choices import Role
from cases import access
from cases.actions.grants import give_access, revoke_access
from cases.actions.tasks import add_task
from cases.actions.walls import place_wall
from cases.choices.sharing import GrantKind
from cases.models import AccessGrant, Matter
from services.actions.legal import add_deadline, meet_deadline
from tests import make
from tests.cases.test_explanations import grant_of
from tests.services.test_release_and_matter import a_matter, release

pytestmark = [
    pytest.mark.sql,
    pytest.mark.django_db(databases=["default", "keystore"]),
    pytest.mark.usefixtures("ledger"),
]


def engagement_of(case, person) -> AccessGrant:
    """An attorney's own file, without what a release adds."""
    own = (one.grant for one in access.live_access(case) if one.grant.person_id == person.pk)
    return next(grant for grant in own if grant.release_id is None)


# ---- What would this person lose ----


def test_the_page_of_a_revocation_says_what_is_lost_and_what_has_no_owner(cast, case, sign_in):
    add_task(
        actor=cast.amina,
        now=clock.now(),
        case_uid=case.uid,
        title="Call the school",
        due_on=date(2026, 12, 1),
        section=Section.ADVOCACY,
    )
    page = sign_in(cast.bea).get(reverse("access-revoke", args=[case.uid, grant_of(case, cast.amina).uid])).text
    for words in (
        "No longer sees:",
        "What happened",
        "Leads this case",
        "Would have nobody to do them:",
        "Call the school",
    ):
        assert words in page, words


def test_what_another_ground_keeps_is_not_lost(cast, case):
    first = grant_of(case, cast.amina)
    [loss] = access.losses_of_grant(first)
    assert Section.NARRATIVE in loss.sections and loss.leads and loss.person == cast.amina
    given = give_access(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, team=cast.team_of("dana")
    )
    assert {one.person for one in access.losses_of_grant(given)} == {cast.dana, cast.nadia}
    give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, person=cast.dana)
    assert {one.person for one in access.losses_of_grant(given)} == {cast.nadia}, "Dana keeps it by name"
    assert {one.person for one in access.losses_of_grant(grant_of(case, cast.dana))} == set(), "and by her team"


def test_of_a_part_one_does_not_hold_only_the_number_is_told(cast, case, sign_in):
    give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.gita)
    add_task(
        actor=cast.gita,
        now=clock.now(),
        case_uid=case.uid,
        title="Ask about sleep",
        due_on=date(2026, 12, 1),
        section=Section.HEALTH,
    )
    page = sign_in(cast.bea).get(reverse("access-revoke", args=[case.uid, grant_of(case, cast.gita).uid])).text
    assert "1 task or date in a part that you do not see" in page and "Ask about sleep" not in page


def test_a_team_loses_for_each_of_its_people_and_no_wall_is_told(cast, case):
    given = give_access(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.RESIDENCE, team=cast.team_of("jonas")
    )
    before = access.losses_of_grant(given)
    assert [one.person for one in before] == [cast.jonas] and before[0].sections == [Section.CARD, Section.SHELTER_OPS]
    place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.jonas)
    assert [(one.person, one.sections) for one in access.losses_of_grant(given)] == [
        (one.person, one.sections) for one in before
    ]


def test_what_a_withdrawn_release_takes(cast, case):
    matter = a_matter(cast, case)
    given = release(cast, case, matter)
    [loss] = access.losses_of_release(given)
    assert loss.person == cast.chidi and loss.sections == [Section.CARD, Section.IDENTITY, Section.SERVICES]
    assert loss.matters == [], "her own file stays with her"
    engagement = engagement_of(case, cast.chidi)
    [all_of_it] = access.losses_of_grant(engagement)
    assert all_of_it.matters == [] and Section.IDENTITY in all_of_it.sections
    assert Section.LEGAL_FILE in all_of_it.written, "she reads it for some days, and writes no more"
    assert all_of_it.dues == [], "the day of her engagement is nobody's work"
    revoke_access(actor=cast.amina, now=clock.now(), grant_uid=engagement.uid)
    [in_its_days] = access.losses_of_grant(engagement_of(case, cast.chidi))
    assert in_its_days.matters == [Matter.objects.all().admitted_by_the_door().get(pk=matter.pk)]


def test_what_somebody_loses_by_leaving_over_all_her_cases(cast, case):
    second = make.case(cast.amina, cast.team_of("amina"))
    elsewhere = make.case(cast.dana, cast.team_of("dana"))
    add_task(
        actor=cast.amina,
        now=clock.now(),
        case_uid=second.uid,
        title="Bring the form",
        due_on=date(2026, 12, 2),
        section=Section.ADVOCACY,
    )
    losses = access.losses_of_person(cast.amina)
    assert [one.case.pk for one in losses] == [case.pk, second.pk] and all(one.leads for one in losses)
    assert [len(one.dues) for one in losses] == [1, 2] and elsewhere.pk not in {one.case.pk for one in losses}
    assert access.losses_of_person(cast.hugo) == []


# ---- What an attorney reads when access has ended ----


def test_the_home_of_an_attorney_whose_access_ended(cast, case, sign_in):
    matter = a_matter(cast, case)
    release(cast, case, matter)
    soon, met = timezone.localdate() + timedelta(days=30), timezone.localdate() + timedelta(days=20)
    add_deadline(
        actor=cast.chidi, now=clock.now(), matter_uid=matter.uid, due_on=soon, kind="COURT_ORDERED", title="Secret brief",
        authority="Order of the court",
    )  # fmt: skip
    done = add_deadline(
        actor=cast.chidi, now=clock.now(), matter_uid=matter.uid, due_on=met, kind="COURT_ORDERED", title="First brief",
        authority="Order of the court",
    )  # fmt: skip
    meet_deadline(actor=cast.chidi, now=clock.now(), deadline_uid=done.uid)
    client = sign_in(cast.chidi)
    engagement = engagement_of(case, cast.chidi)
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=engagement.uid, with_own_file=True)
    later = timezone.localdate() + timedelta(days=10)
    add_deadline(
        actor=cast.amina, now=clock.now(), matter_uid=matter.uid, due_on=later, kind="COURT_ORDERED", title="Set afterwards",
        authority="Order of the court",
    )  # fmt: skip
    page = client.get(reverse("attorney-home")).text
    today = timezone.localdate().isoformat()
    assert f'Your access to one matter ended on <time datetime="{today}">' in page
    assert "Your open dates when it ended:" in page and "Contact <bdi>Harbour House (demo)</bdi>" in page
    assert f'datetime="{soon.isoformat()}"' in page
    for day in (met, later):
        assert f'datetime="{day.isoformat()}"' not in page, "met before, and set afterwards"
    for secret in ("Secret brief", "T visa", "USCIS", "Amina", case.number):
        assert secret not in page, secret
    assert client.get(reverse("matter", args=[matter.uid])).status_code == 404
    [line] = access.ended_matters(cast.chidi)
    assert [day for _kind, day in line.dates] == [soon]
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert access.ended_matters(cast.chidi)[0].dates == []
    with time_machine.travel(clock.now() + timedelta(days=367)):
        assert access.ended_matters(cast.chidi) == []


def test_a_matter_given_anew_has_not_ended(cast, case):
    matter = a_matter(cast, case)
    release(cast, case, matter)
    engagement = engagement_of(case, cast.chidi)
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=engagement.uid, with_own_file=True)
    assert len(access.ended_matters(cast.chidi)) == 1
    release(cast, case, matter)
    assert access.ended_matters(cast.chidi) == []
    assert Role.PRO_BONO_ATTORNEY in cast.chidi.roles_now()


def test_each_matter_keeps_the_dates_of_its_own_end(cast, case):
    first, second = a_matter(cast, case), a_matter(cast, case, "Restitution")
    for matter in (first, second):
        release(cast, case, matter)
    own = {one.grant.matter_id: one.grant for one in access.live_access(case) if one.grant.person_id == cast.chidi.pk}
    ends = [one for one in own.values() if one.release_id is None] or [one.parent for one in own.values()]
    by_matter = {one.matter_id: one for one in ends}
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=by_matter[first.pk].uid, with_own_file=True)
    add_deadline(
        actor=cast.amina, now=clock.now(), matter_uid=first.uid, due_on=timezone.localdate() + timedelta(days=9),
        kind="COURT_ORDERED", title="Set afterwards", authority="Order of the court",
    )  # fmt: skip
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=by_matter[second.pk].uid, with_own_file=True)
    assert [line.dates for line in access.ended_matters(cast.chidi)] == [[], []]


def test_the_page_of_a_withdrawal_says_what_is_lost(cast, case, sign_in):
    given = release(cast, case, a_matter(cast, case))
    page = sign_in(cast.bea).get(reverse("release-withdraw", args=[case.uid, given.uid])).text
    assert (
        "What people would lose" in page
        and "No longer sees: Case card, Identity and contact, Services and plan" in page
    )
