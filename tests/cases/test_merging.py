"""Two files of one person: compared, joined with the stricter of both, taken back exactly within 30 days (domain.md R23)."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import CASE_PERMISSIONS, READ_CARD
from cases import access
from cases.actions.holds import place_hold
from cases.actions.matching import answer_match_questions, settle_match
from cases.actions.merging import agree_to_merge, decline_merge
from cases.actions.walls import FOREVER, lift_wall, place_wall, restrict_case
from cases.choices.merging import MergeState
from cases.errors.merging import (
    AlreadyMerged,
    KeptIsClosed,
    LaterMergeStands,
    MergeIsOld,
    MergeIsOver,
    MergeWouldEndAccess,
    NotTheSecondPerson,
)
from cases.linked import linked_to
from cases.merges import WAY_BACK
from cases.models import Due, LegalHold, MatchQuestion, Notice, PossibleMatch, Wall
from cases.opening import open_case
from tests import make
from tests.cases import erasing
from tests.cases.merging_scene import fresh, join, undo
from tests.cases.walling import sees
from tests.services.test_release_and_matter import a_matter, release

pytestmark = pytest.mark.sql
PERMISSIONS = [codename for codename, _words in CASE_PERMISSIONS]


def state_of(case):
    """Everything that a merge might change, as it stands."""
    row, now = fresh(case), clock.now()
    walls = access.for_the_house(Wall).filter(case=row, lifted_at__gt=now).order_by("pk")
    dues = access.for_the_house(Due).filter(case=row).order_by("pk")
    return {
        "row": (row.person_id, row.lead_id, row.status, row.stage, row.is_restricted, row.closed_on),
        "walls": list(walls.values_list("pk", flat=True)),
        "dues": list(dues.values_list("pk", "done_at")),
        "who": who(row),
    }


def who(case):
    """Person → what she may do with the case now."""
    found = {}
    for permission in PERMISSIONS:
        for person in access.who_could_see(case, permission, clock.now()):
            found.setdefault(person.pk, set()).add(permission)
    return found


def grew(before, after):
    return {person for person, rights in after.items() if rights - before.get(person, set())}


# ---- R23: the stricter of both, and the way back ----


def test_r23_a_merge_moves_the_link_closes_the_duplicate_and_gives_nobody_anything(
    cast, case, twin, match, amina, events
):
    make.colleague(case, cast.bea, cast.gita, "CLINICAL")
    before = who(case), who(twin)
    merge = join(amina, match, case)
    kept, duplicate = fresh(case), fresh(twin)
    assert duplicate.person_id == kept.person_id == case.person_id
    assert duplicate.is_closed and not kept.is_closed
    assert not grew(before[0], who(case)) and not grew(before[1], who(twin))
    assert cast.gita.pk in who(case) and cast.gita.pk not in who(twin)
    with open_case(amina, access.get_for(amina, twin.uid, READ_CARD)) as _gate:
        assert access.get_for(amina, twin.uid, READ_CARD).closure_reason == "DUPLICATE"
    assert [event.case_uid for event in events("CASES_MERGED")] == [case.uid, twin.uid]
    match.refresh_from_db()
    assert match.is_same_person and merge.state == MergeState.MERGED


def test_r23_walls_and_restriction_hold_on_both(cast, case, twin, match, amina):
    for person, on in ((cast.gita, case), (cast.dana, twin)):
        place_wall(actor=cast.bea, now=clock.now(), case_uid=on.uid, person=person)
    make.colleague(twin, cast.bea, cast.gita, "CLINICAL")
    assert sees(cast.gita, twin) and not sees(cast.gita, case)
    join(amina, match, case)
    for one in (case, twin):
        assert access.walled_cases(cast.gita).filter(case_id=one.pk).exists()
        assert access.walled_cases(cast.dana).filter(case_id=one.pk).exists()
        assert access.for_the_house(Wall).filter(case=one).count() == 2
    assert not sees(cast.gita, twin)


def test_r23_a_wall_of_after_the_merge_stands_on_both(cast, case, twin, match, amina, events):
    merge = join(amina, match, case)
    wall = place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.dana, reason="Neighbours")
    assert all(access.walled_cases(cast.dana).filter(case_id=one.pk).exists() for one in (case, twin))
    assert len(events("WALL_PLACED", case.uid)) == 1 and len(events("WALL_PLACED", twin.uid)) == 1
    undo(amina, merge)
    assert access.walled_cases(cast.dana).filter(case_id=twin.pk).exists(), "placed by hand, so it stays"
    lift_wall(actor=cast.bea, now=clock.now(), wall_uid=wall.uid)
    place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.gita)
    assert not access.walled_cases(cast.gita).filter(case_id=twin.pk).exists(), "two people again"


def test_r23_undo_restores_the_exact_state(cast, case, twin, match, amina, events):
    make.colleague(twin, cast.bea, cast.gita, "CLINICAL")
    place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.gita)
    before = state_of(case), state_of(twin)
    merge = join(amina, match, case)
    assert state_of(twin) != before[1]
    undo(amina, merge)
    assert (state_of(case), state_of(twin)) == before
    match.refresh_from_db()
    assert match.settled_at is None and match.is_same_person is None
    case_row = access.get_for(amina, case.uid, READ_CARD)
    with open_case(amina, case_row):
        assert linked_to(amina, case_row) == []
    twin_row = access.get_for(amina, twin.uid, READ_CARD)
    with open_case(amina, twin_row):
        assert twin_row.closure_reason is None
    assert [event.case_uid for event in events("CASES_UNMERGED")] == [case.uid, twin.uid]
    join(amina, match, twin)  # and again, the other way round
    assert fresh(case).is_closed and not fresh(twin).is_closed


def test_r23_a_lead_whom_a_wall_took_off_leads_again(cast, case, match, amina):
    """The wall stands on one file; the lead of the other one loses it by the merge, and has it again."""
    twin = match.case
    make.colleague(twin, cast.bea, cast.nadia, "ASSIGNMENT")
    row = fresh(twin)
    row.lead = cast.nadia
    row.save(update_fields=["lead"])
    place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.nadia)
    merge = join(amina, match, case, keeps_open=True)
    assert fresh(twin).lead is None and not sees(cast.nadia, twin)
    undo(amina, merge)
    assert fresh(twin).lead == cast.nadia and sees(cast.nadia, twin)


def test_r23_undo_leaves_what_was_done_by_hand(cast, case, twin, match, amina):
    make.colleague(twin, cast.bea, cast.gita, "CLINICAL")
    own = place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.gita)
    merge = join(amina, match, case)
    by_hand = place_wall(actor=cast.bea, now=clock.now(), case_uid=twin.uid, person=cast.dana)
    undo(amina, merge)
    stand = set(access.for_the_house(Wall).filter(lifted_at__gt=clock.now()).values_list("case_id", "person_id"))
    # The wall of the day between stood on both, and nobody but a person takes it away.
    assert stand == {(case.pk, cast.gita.pk), (twin.pk, cast.dana.pk), (case.pk, cast.dana.pk)}
    assert {own.lifted_at, by_hand.lifted_at} == {FOREVER}


def test_r23_a_wall_of_the_merge_that_was_lifted_by_hand_is_no_matter(cast, case, twin, match, amina, events):
    place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.gita)
    merge = join(amina, match, case)
    placed = access.for_the_house(Wall).get(case=twin)
    lift_wall(actor=cast.bea, now=clock.now(), wall_uid=placed.uid)
    undo(amina, merge)
    assert len(events("WALL_LIFTED")) == 1


@pytest.mark.parametrize(("days", "refused"), [(29, False), (30, True), (31, True)])
def test_r23_after_thirty_days_there_is_no_way_back(case, match, amina, sign_in, days, refused):
    merge = join(amina, match, case)
    with time_machine.travel(timezone.now() + timedelta(days=days, minutes=1), tick=True):
        client, address = sign_in(amina), reverse("match-merge", args=[merge.uid])
        page = client.get(address)
        assert page.status_code == 200 and (("30 days" in page.text and "are over" in page.text) == refused)
        said = client.post(address, {"answer": "undo"})
        assert said.status_code == (422 if refused else 302)
        if refused:
            assert "Both files are still whole" in said.text
            with pytest.raises(MergeIsOld):
                undo(amina, merge)
    assert fresh(match.case).is_closed == refused
    assert timedelta(days=30) == WAY_BACK


def test_r23_a_legal_hold_stays_with_its_file(cast, case, twin, match, amina):
    place_hold(
        actor=cast.kemi, now=clock.now(), case_uid=twin.uid, authority="LITIGATION", reason="A lawsuit is likely",
        review_on=timezone.localdate() + timedelta(days=20),
    )  # fmt: skip
    merge = join(amina, match, case)
    assert [hold.case_id for hold in access.for_the_house(LegalHold)] == [twin.pk]
    undo(amina, merge)
    assert access.for_the_house(LegalHold).get().lifted_at is None


def test_r23_both_stay_open_for_two_matters_of_one_person(cast, case, twin, match, amina, sign_in):
    merge = join(amina, match, case, keeps_open=True)
    assert not fresh(twin).is_closed and fresh(twin).person_id == case.person_id
    client = sign_in(amina)
    assert twin.number in client.get(reverse("case-overview", args=[case.uid])).text
    with pytest.raises(AlreadyMerged):
        join(amina, match, case)
    undo(amina, merge)
    assert fresh(twin).person_id != case.person_id
    assert twin.number not in client.get(reverse("case-overview", args=[case.uid])).text


def test_r23_a_restriction_of_after_the_merge_closes_both(cast, case, twin, match, amina, events):
    merge = join(amina, match, case)
    restrict_case(actor=cast.bea, now=clock.now(), case_uid=case.uid, is_restricted=True)
    assert fresh(case).is_restricted and fresh(twin).is_restricted
    assert len(events("CASE_RESTRICTED", case.uid)) == 1 and len(events("CASE_RESTRICTED", twin.uid)) == 1
    undo(amina, merge)
    assert fresh(twin).is_restricted, "closed by hand, so it stays"
    restrict_case(actor=cast.bea, now=clock.now(), case_uid=case.uid, is_restricted=False)
    assert fresh(twin).is_restricted and not fresh(case).is_restricted, "each is opened by itself"


# ---- Two people, where either is restricted ----


@pytest.fixture
def restricted(cast, case, match):
    restrict_case(actor=cast.bea, now=clock.now(), case_uid=case.uid, is_restricted=True)
    return case


def test_r23_a_restricted_file_needs_a_supervisor_and_restricts_both(
    cast, restricted, twin, match, amina, events, sign_in
):
    merge = join(amina, match, restricted)
    assert merge.state == MergeState.WAITS and fresh(twin).person_id != restricted.person_id
    assert not fresh(twin).is_closed and events("CASES_MERGED") == []
    notices = Notice._base_manager.filter(kind="MERGE_WAITS")
    assert [notice.person_id for notice in notices] == [cast.bea.pk]
    with pytest.raises(NotTheSecondPerson):
        agree_to_merge(actor=amina, now=clock.now(), merge_uid=merge.uid)
    client, address = sign_in(cast.bea), reverse("match-merge", args=[merge.uid])
    decisions = client.get(reverse("decisions")).text
    assert address in decisions and restricted.number in decisions
    assert address not in sign_in(cast.mara).get(reverse("decisions")).text
    client = sign_in(cast.bea)
    assert "Agree: one person" in client.get(address).text
    before = who(restricted), who(twin)
    for _again in range(2):
        sent = {"answer": "agree", "form_key": "6f1c6a53-5f0e-4b53-8e0b-8a8b0a1d6d31"}
        assert client.post(address, sent).status_code == 302
    assert fresh(twin).is_restricted and fresh(twin).is_closed and len(events("CASES_MERGED")) == 2
    assert not grew(before[0], who(restricted)) and not grew(before[1], who(twin))
    undo(amina, merge)
    assert not fresh(twin).is_restricted and fresh(restricted).is_restricted and not fresh(twin).is_closed


def test_a_declined_merge_changes_nothing_and_the_pair_waits(cast, restricted, twin, match, amina):
    before = state_of(restricted), state_of(twin)
    merge = join(amina, match, restricted)
    decline_merge(actor=cast.bea, now=clock.now(), merge_uid=merge.uid)
    assert (state_of(restricted), state_of(twin)) == before
    with pytest.raises(MergeIsOver):
        agree_to_merge(actor=cast.bea, now=clock.now(), merge_uid=merge.uid)
    assert join(amina, match, restricted).state == MergeState.WAITS


def test_the_restriction_of_a_merge_stays_while_an_erasure_is_under_way(cast, restricted, twin, match, amina):
    merge = join(amina, match, restricted)
    agree_to_merge(actor=cast.bea, now=clock.now(), merge_uid=merge.uid)
    erasing.approve(cast, erasing.ask(cast, fresh(twin), "ADVOCACY"))
    undo(amina, merge)
    assert fresh(twin).is_restricted and fresh(twin).person_id != restricted.person_id


# ---- Rules ----


def test_the_open_file_goes_on(case, twin, match, amina):
    make.closed(case, amina)
    with pytest.raises(KeptIsClosed):
        join(amina, match, case)
    merge = join(amina, match, twin)
    assert not fresh(twin).is_closed
    undo(amina, merge)
    assert fresh(case).is_closed, "it was closed before"


def test_nobody_outside_loses_her_file_and_an_attorney_of_one_sees_nothing_of_the_other(
    cast, case, twin, match, amina, sign_in
):
    matter = a_matter(cast, twin)
    release(cast, twin, matter)
    with pytest.raises(MergeWouldEndAccess):
        join(amina, match, case)
    before = who(case), who(twin)
    merge = join(amina, match, case, keeps_open=True)
    assert (who(case), who(twin)) == before and cast.chidi.pk in before[1] and cast.chidi.pk not in before[0]
    assert [one.uid for one in access.visible_matters(cast.chidi)] == [matter.uid] and not sees(cast.chidi, case)
    client = sign_in(cast.chidi)
    assert client.get(reverse("case-overview", args=[case.uid])).status_code == 404
    for name in ("case-overview", "case-timeline"):
        page = client.get(reverse(name, args=[twin.uid]))
        assert case.number not in page.text and str(case.uid) not in page.text, name
    assert client.get(reverse("match-merge", args=[merge.uid])).status_code == 404


def test_a_newer_merge_is_taken_back_first(cast, case, twin, match, amina):
    third = make.case(amina, cast.team_of("amina"))
    MatchQuestion(case=third, asked_by=amina, asked_at=clock.now()).save()
    answer_match_questions()
    first = join(amina, match, case, keeps_open=True)
    newer = access.for_the_house(PossibleMatch).get(case=third, other=case)
    second = join(amina, newer, third, keeps_open=True)
    assert {fresh(one).person_id for one in (case, twin, third)} == {third.person_id}
    with pytest.raises(LaterMergeStands):
        undo(amina, first)
    undo(amina, second)
    assert fresh(case).person_id == fresh(twin).person_id == case.person_id
    undo(amina, first)
    assert len({fresh(one).person_id for one in (case, twin, third)}) == 3


def test_two_people_is_kept_and_does_not_come_back(cast, case, twin, match, amina, sign_in):
    client = sign_in(amina)
    page = client.get(reverse("match-compare", args=[match.uid]))
    assert page.status_code == 200 and reverse("match-settle", args=[match.uid]) in page.text
    client.post(reverse("match-settle", args=[match.uid]), {"answer": "other"})
    assert client.get(reverse("match-compare", args=[match.uid])).status_code == 404
    question = access.for_the_house(MatchQuestion).get(case=twin)
    question.answered_at = None
    question.save(update_fields=["answered_at"])
    assert answer_match_questions() == 1 and access.for_the_house(PossibleMatch).count() == 1
    assert "Nothing waits for you" in client.get(reverse("match-queue")).text
    with pytest.raises(Hidden):
        join(amina, match, case)


def test_the_answer_of_a_merge_goes_back_only_with_the_merge(case, match, amina, sign_in):
    settle_match(actor=amina, now=clock.now(), match_uid=match.uid, is_same_person=True)
    merge = join(amina, match, case)
    client, address = sign_in(amina), reverse("match-settle", args=[match.uid])
    assert client.post(address, {"answer": "again"}).status_code == 404
    assert "Joined: look" in client.get(reverse("match-queue")).text
    undo(amina, merge)
    match.refresh_from_db()
    assert match.is_same_person, "it was answered before the merge"
    assert client.post(address, {"answer": "again"}).status_code == 302
