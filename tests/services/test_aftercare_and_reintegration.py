"""Services, shelter stays, goals and follow-ups, through their pages and actions."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section
from cases import access
from cases.errors.casework import CaseIsClosed
from cases.models import Case, Due
from services.actions.aftercare import begin_stay, end_stay, nights, record_service
from services.actions.reintegration import finish_follow_up, note_progress, plan_follow_ups, set_goal
from services.errors import DatesTheWrongWayRound, StayIsOpen
from services.models import FollowUp, Goal, ServiceRecord, ShelterStay
from tests import make
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]


def moved_in(cast: Cast, case: Case) -> ShelterStay:
    return begin_stay(
        actor=cast.amina,
        now=clock.now(),
        case_uid=case.uid,
        team=cast.team_of("jonas"),
        entered_on=date(2026, 3, 2),
        room="Blue",
    )


def test_a_service_is_recorded_once_and_sealed(cast: Cast, case: Case, sign_in) -> None:
    client = sign_in(cast.amina)
    page = client.get(reverse("service-new", args=[case.uid]))
    facts = {
        "form_key": page.context["form"]["form_key"].value(), "service": "TRANSPORT", "given_on": "2026-03-04", "quantity": "2",
        "outcome": "PROVIDED", "mode": "FIELD", "provider": "Zebrafinch Cabs", "remark": "",
    }  # fmt: skip
    for _again in range(2):
        assert client.post(reverse("service-new", args=[case.uid]), facts).status_code == 302
    row = ServiceRecord._base_manager.get()
    assert Event.objects.filter(verb=Verb.SERVICE_RECORDED, subject_uid=row.uid).count() == 1
    assert b"Zebrafinch" in client.get(reverse("case-aftercare", args=[case.uid])).content
    assert b"Zebrafinch" not in ServiceRecord._base_manager.values_list("provider", flat=True).get().raw


def test_strangers_colleagues_and_wrong_methods(cast: Cast, case: Case, sign_in) -> None:
    for name in ("case-aftercare", "case-reintegration", "service-new", "goal-new", "follow-ups-plan"):
        assert sign_in(cast.dana).get(reverse(name, args=[case.uid])).status_code == 404
    assert sign_in(cast.bea).get(reverse("service-new", args=[case.uid])).status_code == 403
    assert sign_in(cast.amina).post(reverse("case-aftercare", args=[case.uid])).status_code == 405


@pytest.mark.parametrize(
    ("name", "value"), [("given_on", "2999-01-01"), ("quantity", "-1"), ("service", "NOPE"), ("remark", "a\x00b")]
)
def test_bad_input_stands_beside_its_field_and_nothing_is_lost(
    cast: Cast, case: Case, sign_in, name: str, value: str
) -> None:
    facts = {
        "service": "TRANSPORT", "given_on": "2026-03-04", "quantity": "2", "outcome": "PROVIDED", "mode": "FIELD",
        "provider": "Kept words", name: value,
    }  # fmt: skip
    page = sign_in(cast.amina).post(reverse("service-new", args=[case.uid]), facts)
    assert page.status_code == 422 and page.context["form"].errors[name] and b"Kept words" in page.content
    assert not ServiceRecord._base_manager.exists()


def test_a_stay_opens_the_house_and_nothing_else(cast: Cast, case: Case, sign_in) -> None:
    stay = moved_in(cast, case)
    holding = access.get_for(cast.jonas, case.uid).holding
    assert holding is not None and holding.readable == [Section.CARD, Section.SHELTER_OPS]
    page = sign_in(cast.jonas).get(reverse("house"))
    assert b"Blue" in page.content and b"Quillfeather" not in page.content
    tab = sign_in(cast.jonas).get(reverse("case-aftercare", args=[case.uid]))
    assert tab.status_code == 200 and b"Blue" in tab.content
    with pytest.raises(Refused):
        record_service(
            actor=cast.jonas, now=clock.now(), case_uid=case.uid, given_on=date(2026, 3, 4), service="TRANSPORT",
            quantity=Decimal(1), outcome="PROVIDED", mode="FIELD",
        )  # fmt: skip
    assert stay.case.pk == case.pk


def test_one_open_stay_and_the_house_closes_72_hours_after_the_exit(cast: Cast, case: Case) -> None:
    stay = moved_in(cast, case)
    with pytest.raises(StayIsOpen):
        moved_in(cast, case)
    with pytest.raises(DatesTheWrongWayRound):
        end_stay(actor=cast.jonas, now=clock.now(), stay_uid=stay.uid, left_on=date(2026, 3, 1), exit_to="FAMILY")
    ended = end_stay(actor=cast.jonas, now=clock.now(), stay_uid=stay.uid, left_on=date(2026, 3, 9), exit_to="FAMILY")
    assert nights(ended, date(2026, 5, 1)) == 7
    with time_machine.travel(clock.now() + timedelta(hours=71)):
        assert access.get_for(cast.jonas, case.uid)
    with time_machine.travel(clock.now() + timedelta(hours=73)), pytest.raises(Hidden):
        access.get_for(cast.jonas, case.uid)
    assert access.drift() == []
    assert access.lock_case(case.uid).open_services == 0


def test_goals_move_and_close_at_a_hundred(cast: Cast, case: Case, sign_in) -> None:
    goal = set_goal(actor=cast.amina, now=clock.now(), case_uid=case.uid, title="Open a bakery", area="LIVELIHOOD")
    note_progress(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, goal_uid=goal.uid, progress=40, words="Rented an oven"
    )
    page = sign_in(cast.amina).get(reverse("case-reintegration", args=[case.uid])).content
    assert b"Open a bakery" in page and b"Rented an oven" in page and b'value="40"' in page
    note_progress(actor=cast.amina, now=clock.now(), case_uid=case.uid, goal_uid=goal.uid, progress=100)
    assert Goal._base_manager.get().closed_on is not None
    assert Event.objects.filter(verb=Verb.GOAL_PROGRESS, case_uid=case.uid).count() == 2


def test_a_goal_is_set_and_reached_on_the_caseworker_s_own_day(cast: Cast, case: Case) -> None:
    amina = cast.amina
    amina.time_zone = "Pacific/Auckland"
    # There it is the next morning already.
    with time_machine.travel(clock.now().replace(hour=21) + timedelta(days=1)):
        goal = set_goal(actor=amina, now=clock.now(), case_uid=case.uid, title="Open a bakery", area="LIVELIHOOD")
        note_progress(actor=amina, now=clock.now(), case_uid=case.uid, goal_uid=goal.uid, progress=100)
        reached = Goal._base_manager.get()
        assert reached.set_on == reached.closed_on == clock.now().date() + timedelta(days=1)


def test_r10_after_closing_only_follow_ups_go_on(cast: Cast, case: Case, sign_in) -> None:
    first = plan_follow_ups(actor=cast.amina, now=clock.now(), case_uid=case.uid, exit_on=clock.now().date())
    make.closed(case, cast.amina)
    client = sign_in(cast.amina)
    page = client.get(reverse("case-reintegration", args=[case.uid])).text
    done = reverse("follow-up-done", args=[case.uid, first.uid])
    assert done in page and reverse("follow-ups-plan", args=[case.uid]) in page
    assert reverse("goal-new", args=[case.uid]) not in page
    went = {"state": "COMPLETED", "done_on": clock.now().date().isoformat(), "words": "She is well."}
    assert client.post(done, went).status_code == 302
    assert FollowUp._base_manager.get(pk=first.pk).done_on == clock.now().date()
    plan_follow_ups(actor=cast.amina, now=clock.now(), case_uid=case.uid, exit_on=clock.now().date())
    with pytest.raises(CaseIsClosed):
        set_goal(actor=cast.amina, now=clock.now(), case_uid=case.uid, title="Open a bakery", area="LIVELIHOOD")
    with pytest.raises(CaseIsClosed):
        record_service(
            actor=cast.amina, now=clock.now(), case_uid=case.uid, given_on=clock.now().date(), service="TRANSPORT",
            quantity=Decimal(1), outcome="PROVIDED", mode="FIELD",
        )  # fmt: skip


def test_follow_ups_are_planned_once_and_move(cast: Cast, case: Case) -> None:
    exit_on = clock.now().date()
    for day in (exit_on, exit_on + timedelta(days=3)):
        plan_follow_ups(actor=cast.amina, now=clock.now(), case_uid=case.uid, exit_on=day)
    rows = list(FollowUp._base_manager.order_by("planned_on"))
    assert [(row.planned_on - exit_on).days for row in rows] == [33, 93, 185, 368]
    first = rows[0]
    assert Due._base_manager.filter(subject_uid=first.uid, done_at__isnull=True).count() == 1
    finish_follow_up(
        actor=cast.amina,
        now=clock.now(),
        case_uid=case.uid,
        follow_up_uid=first.uid,
        state="COMPLETED",
        done_on=exit_on,
    )
    assert not Due._base_manager.filter(subject_uid=first.uid, done_at__isnull=True).exists()
