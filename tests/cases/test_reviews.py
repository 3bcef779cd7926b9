"""The review of access: begun by the quarter, decided line by line with a reason, ended by the day."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.context import demo_context
from casemgmt.access.errors import Hidden
from casemgmt.accounts.actions.teams import accept_membership, add_member, end_membership
from cases import access
from cases.actions.grants import give_access, revoke_access
from cases.actions.reviews import (
    ESCALATION_TIME,
    REMINDED_BEFORE,
    REVIEW_TIME,
    begin_review,
    first_working_day,
    keep_reviews,
    quarter_of,
)
from cases.actions.walls import place_wall, restrict_case
from cases.choices.sharing import GrantKind, ReviewDecision
from cases.errors.reviews import (
    AccessIsOver,
    AlreadyDecided,
    EndIsNotEarlier,
    NothingToReview,
    OwnAccess,
    ReviewIsOpen,
    ReviewIsOver,
)
from cases.models import AccessGrant, AccessReview, HouseDue, ReviewLine
from cases.reviews import lines_for, reviews_for
from tests import make
from tests.cases.reviewing import decide, fresh, line_of, listed, notices, open_lines, reviewed
from tests.services.test_release_and_matter import a_matter, release

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]


# ---- Beginning ----


def test_a_review_lists_every_access_to_the_cases_of_its_team(cast, case, events):
    release(cast, case, a_matter(cast, case))
    give_access(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.RESIDENCE, team=cast.team_of("jonas")
    )
    gone = give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, person=cast.dana)
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=gone.uid)
    make.case(cast.dana, cast.team_of("dana"))
    review = reviewed(cast, case)
    assert open_lines(review) == {"Amina Rivers", "Bea Meadows", "Chidi Okafor", "Shelter"}
    lines = access.for_the_house(ReviewLine).filter(review=review)
    assert lines.count() == 5, "an attorney's file and what a release names are two"
    assert {line.grant.person.name for line in lines.filter(is_external=True)} == {"Chidi Okafor"}
    assert notices(cast.bea, "ACCESS_REVIEW") == 1 and notices(cast.nadia, "ACCESS_REVIEW") == 0
    [event] = events("REVIEW_BEGAN")
    assert event.detail.content["codes"]["count"] == 5 and event.actor_uid is None
    with pytest.raises(ReviewIsOpen):
        reviewed(cast, case)


def test_only_director_and_privacy_officer_begin_by_hand(cast, case):
    for person in (cast.amina, cast.bea, cast.farid, cast.elif_):
        with pytest.raises(Hidden):
            begin_review(actor=person, now=clock.now(), team=case.team)
    assert begin_review(actor=cast.kemi, now=clock.now(), team=case.team).begun_by == cast.kemi
    with pytest.raises(NothingToReview):
        begin_review(actor=cast.omar, now=clock.now(), team=cast.team_of("dana"))


@pytest.mark.parametrize(
    ("day", "first", "quarter"),
    [
        (date(2027, 1, 20), date(2027, 1, 4), "2027-Q1"),  # New Year's Day, and a weekend
        (date(2026, 3, 31), date(2026, 1, 2), "2026-Q1"),
        (date(2026, 4, 1), date(2026, 4, 1), "2026-Q2"),
        (date(2026, 8, 3), date(2026, 7, 1), "2026-Q3"),
        (date(2028, 10, 9), date(2028, 10, 2), "2028-Q4"),  # the first is a Sunday
        (date(2028, 7, 9), date(2028, 7, 3), "2028-Q3"),  # a Saturday
    ],
)
def test_the_first_working_day_of_a_quarter(day, first, quarter):
    assert (first_working_day(day), quarter_of(day)) == (first, quarter)


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("UTC"))


def test_the_schedule_begins_once_a_quarter_for_each_team_with_access(cast, case):
    make.case(cast.dana, cast.team_of("dana"))
    assert keep_reviews() == 0, "in the middle of a quarter"
    first = first_working_day(timezone.localdate() + timedelta(days=92))
    with time_machine.travel(at(first - timedelta(days=1))):
        assert keep_reviews() == 0
    with time_machine.travel(at(first)):
        assert keep_reviews() == 2 and keep_reviews() == 0
        teams = {review.team for review in access.for_the_house(AccessReview).all()}
        assert teams == {cast.team_of("amina"), cast.team_of("dana")}
        assert {review.quarter for review in access.for_the_house(AccessReview)} == {quarter_of(first)}
    with time_machine.travel(at(first + timedelta(days=5))):
        assert keep_reviews() == 0, "each has its review of this quarter"


def test_a_house_that_stood_still_begins_within_two_weeks(cast, case):
    first = first_working_day(timezone.localdate() + timedelta(days=92))
    with time_machine.travel(at(first + timedelta(days=14))):
        assert keep_reviews() == 0
    with time_machine.travel(at(first + timedelta(days=13))):
        assert keep_reviews() == 1


def test_without_a_supervisor_the_director_hears_of_it(cast):
    case = make.case(cast.amina, cast.team_of("amina"))
    membership = cast.bea.memberships.get()
    end_membership(actor=cast.farid, now=clock.now(), membership=membership)
    reviewed(cast, case)
    assert notices(cast.omar, "ACCESS_REVIEW") == 1 and notices(cast.bea, "ACCESS_REVIEW") == 0


# ---- Deciding ----


def test_keeping_shortening_and_ending(cast, case, events):
    until = clock.now() + timedelta(days=50)
    given = give_access(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.gita, until=until
    )
    give_access(actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, person=cast.dana)
    review = reviewed(cast, case)
    kept = decide(cast.bea, line_of(review, cast.amina))
    assert kept.decision == "KEEP" and kept.decided_by == cast.bea
    sooner = clock.now() + timedelta(days=5)
    shorter = decide(cast.bea, line_of(review, cast.gita), ReviewDecision.SHORTEN, until=sooner)
    assert access.end_of(access.grants_with_grounds().get(pk=given.pk)) == sooner == shorter.until
    decide(cast.bea, line_of(review, cast.dana), ReviewDecision.REVOKE)
    assert cast.dana.name not in {one.who for one in access.who_can_see(case)}
    assert access.drift() == []
    assert [event.detail.content["codes"]["result"] for event in events("REVIEW_DECIDED", case.uid)] == [
        "KEEP",
        "SHORTEN",
        "REVOKE",
    ]
    assert len(events("ACCESS_CHANGED", case.uid)) == 1 and len(events("ACCESS_REVOKED", case.uid)) == 1
    assert fresh(review).ended_at is None, "Bea's own access is left"
    decide(cast.omar, line_of(review, cast.bea))
    assert fresh(review).ended_at is not None and len(events("REVIEW_ENDED")) == 1


def test_nobody_decides_on_her_own_access_nor_twice_nor_too_late(cast, case):
    review = reviewed(cast, case)
    with pytest.raises(OwnAccess):
        decide(cast.bea, line_of(review, cast.bea))
    decide(cast.bea, line_of(review, cast.amina))
    with pytest.raises(AlreadyDecided):
        decide(cast.omar, line_of(review, cast.amina), ReviewDecision.REVOKE)
    decide(cast.omar, line_of(review, cast.bea))
    with pytest.raises(ReviewIsOver):
        decide(cast.bea, line_of(review, cast.amina))


def test_shortening_takes_a_day_that_is_sooner(cast, case):
    until = clock.now() + timedelta(days=20)
    give_access(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.gita, until=until
    )
    line = line_of(reviewed(cast, case), cast.gita)
    for wrong in (None, clock.now() - timedelta(days=1), until, until + timedelta(days=1)):
        with pytest.raises(EndIsNotEarlier):
            decide(cast.bea, line, ReviewDecision.SHORTEN, until=wrong)
    with time_machine.travel(until + timedelta(hours=1)), pytest.raises(AccessIsOver):
        decide(cast.bea, line)


def test_others_decide_nothing(cast, case):
    review = reviewed(cast, case)
    line = line_of(review, cast.amina)
    for person in (cast.amina, cast.dana, cast.nadia, cast.kemi, cast.farid, cast.elif_, cast.chidi):
        with pytest.raises(Hidden):
            decide(person, line)
    assert fresh(line).decision == ""


def test_a_walled_supervisor_and_a_restricted_case(cast, case):
    other = make.case(cast.amina, cast.team_of("amina"))
    review = reviewed(cast, case)
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=case.uid, person=cast.bea)
    now = clock.now()
    assert {line.case_id for line in lines_for(cast.bea, review, at=now)} == {other.pk}
    walled = access.for_the_house(ReviewLine).get(review=review, case=case, grant__person=cast.amina)
    with pytest.raises(Hidden):
        decide(cast.bea, walled)
    hers = access.for_the_house(AccessGrant).get(case=other, person=cast.bea)
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=hers.uid)
    restrict_case(actor=cast.amina, now=clock.now(), case_uid=other.uid, is_restricted=True)
    assert list(lines_for(cast.bea, review, at=now)) == []
    assert {line.case_id for line in lines_for(cast.omar, review, at=now)} == {case.pk, other.pk}
    assert decide(cast.omar, walled).decision == "KEEP"
    assert list(reviews_for(cast.nadia, at=now)) == []


def test_the_database_refuses_a_decision_without_person_or_reason(cast, case):
    line = line_of(reviewed(cast, case), cast.amina)
    for values in (
        {"decision": "KEEP"},
        {"decision": "KEEP", "decided_at": clock.now(), "decided_by": cast.bea},
        {"decision": "ENDED", "decided_at": clock.now(), "decided_by": cast.bea},
        {"decided_at": clock.now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            access.for_the_house(ReviewLine).filter(pk=line.pk).audited_update(**values)


# ---- The end ----


def long_review(cast, sign_in):
    """A review begun a hundred and twenty days after access of many kinds was given, of which Gita and Amina used theirs."""
    start = clock.now() - timedelta(days=120)
    with demo_context():
        case = make.case(cast.amina, cast.team_of("amina"), now=start)
        for kind, whom in (
            (GrantKind.CLINICAL, {"person": cast.gita}),
            (GrantKind.STAFF_COUNSEL, {"person": cast.luis}),
            (GrantKind.RESIDENCE, {"team": cast.team_of("jonas")}),
        ):
            give_access(actor=cast.bea, now=start, case_uid=case.uid, kind=kind, **whom)
    release(cast, case, a_matter(cast, case))
    assert sign_in(cast.gita).get(reverse("case-overview", args=[case.uid])).status_code == 200
    return case, reviewed(cast, case)


def decisions(review) -> dict[str, str]:
    rows = access.for_the_house(ReviewLine).filter(review=review).select_related("grant__person", "grant__team")
    return {
        "/".join(
            [(line.grant.person or line.grant.team).name, line.grant.kind, *["release"][: bool(line.grant.release_id)]]
        ): (line.decision)
        for line in rows
    }


@pytest.mark.sql
def test_what_nobody_decides_ends_or_goes_to_the_director_and_then_stays(cast, sign_in, events):
    case, review = long_review(cast, sign_in)
    with time_machine.travel(review.ends_at - REMINDED_BEFORE + timedelta(hours=1)):
        assert keep_reviews() == 1 and keep_reviews() == 0
        assert notices(cast.bea, "ACCESS_REVIEW_ENDS") == 1
    assert set(decisions(review).values()) == {""}
    with time_machine.travel(review.ends_at + timedelta(minutes=1)):
        keep_reviews()
        assert keep_reviews() == 0, "the rest waits for the director"
        assert decisions(review) == {
            "Amina Rivers/ASSIGNMENT": "", "Bea Meadows/SUPERVISION": "", "Shelter/RESIDENCE": "",
            "Gita Marsh/CLINICAL": "",
            "Luis Heath/STAFF_COUNSEL": "ENDED",
            "Chidi Okafor/PRO_BONO": "",
            "Chidi Okafor/PRO_BONO/release": "ENDED",
        }  # fmt: skip
        assert {one.who for one in access.who_can_see(case)} == {
            "Amina Rivers", "Bea Meadows", "Shelter", "Gita Marsh", "Chidi Okafor"
        }  # fmt: skip
        assert notices(cast.omar, "ACCESS_REVIEW_LATE") == 1
        decide(cast.omar, line_of(review, cast.gita))
        assert access.drift() == []
    assert timedelta(days=14) == ESCALATION_TIME
    with time_machine.travel(review.escalates_until + timedelta(minutes=1)):
        keep_reviews()
        assert set(decisions(review).values()) == {"KEEP", "ENDED", "STAYED"}
        assert fresh(review).ended_at is not None
        assert notices(cast.kemi, "ACCESS_REVIEW_LEFT") == 1
        assert "Amina Rivers" in {one.who for one in access.who_can_see(case)}, "no work stops over a review"
    [ended] = events("REVIEW_ENDED")
    assert ended.detail.content["codes"]["count"] == 4


def test_what_ended_by_itself_is_noted_so(cast, case):
    until = clock.now() + timedelta(days=3)
    give_access(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.gita, until=until
    )
    review = reviewed(cast, case)
    with time_machine.travel(review.ends_at + timedelta(minutes=1)):
        keep_reviews()
        assert decisions(review)["Gita Marsh/CLINICAL"] == "GONE"


def test_a_review_with_nothing_left_ends_with_its_time(cast, case):
    review = reviewed(cast, case)
    decide(cast.bea, line_of(review, cast.amina))
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=line_of(review, cast.bea).grant.uid)
    with time_machine.travel(clock.now() + REVIEW_TIME + timedelta(minutes=1)):
        keep_reviews()
        assert fresh(review).ended_at is not None and notices(cast.omar, "ACCESS_REVIEW_LATE") == 0


def test_a_new_supervisor_finds_it_on_her_list_and_the_former_one_does_not(cast, case):
    review = reviewed(cast, case)
    add_member(actor=cast.farid, now=clock.now(), team=case.team, user=cast.nadia, is_supervisor=True)
    for waiting in case.team.memberships.pending().filter(user=cast.nadia):
        accept_membership(actor=cast.bea, now=clock.now(), membership=waiting)
    keep_reviews()
    assert listed(cast.bea) == listed(cast.nadia) == [timezone.localdate(review.ends_at)]
    end_membership(actor=cast.farid, now=clock.now(), membership=cast.bea.memberships.not_over(clock.now()).get())
    keep_reviews()
    assert listed(cast.bea) == [] and len(listed(cast.nadia)) == 1
    assert access.own(HouseDue, cast.nadia, "person").count() == 1, "asking again changes nothing"


def test_one_person_has_one_row_of_one_review(cast, case):
    review = reviewed(cast, case)
    with pytest.raises(IntegrityError), transaction.atomic():
        HouseDue(
            kind="ACCESS_REVIEW", person=cast.bea, due_on=timezone.localdate(), subject_kind="accessreview",
            subject_uid=review.uid,
        ).save()  # fmt: skip
