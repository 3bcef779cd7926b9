"""Towards a goal: steps on somebody's list, and services given for it; how far it is, she and the caseworker say."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Hidden
from cases import access
from cases.actions.tasks import finish_task
from cases.choices.casework import DueKind
from cases.errors.casework import NotOnThisPart
from cases.models import Case, Due, Task
from services.actions.aftercare import record_service
from services.actions.reintegration import add_step, note_progress, set_goal
from services.errors import GoalIsReached
from services.models import Goal, ServiceRecord
from tests import make
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]

BAKERY, ROLLS = "To bake with Wagtailina", "Visit the Ternmarket"


def of(cast: Cast, case: Case, who: str = "amina") -> dict[str, Any]:
    return {"actor": getattr(cast, who), "now": clock.now(), "case_uid": case.uid}


@pytest.fixture
def goal(cast: Cast, case: Case) -> Goal:
    return set_goal(**of(cast, case), title=BAKERY, area="LIVELIHOOD")


def tab(case: Case) -> str:
    return reverse("case-reintegration", args=[case.uid])


def step(cast: Cast, case: Case, goal: Goal, **more: Any) -> Task:
    facts = {"title": ROLLS, "due_on": timezone.localdate() + timedelta(days=2), "assigned_to": cast.amina, **more}
    return add_step(**of(cast, case), goal_uid=goal.uid, **facts)


def given(cast: Cast, case: Case, outcome: str = "PROVIDED", days: int = 0, **more: Any) -> ServiceRecord:
    return record_service(
        **of(cast, case), given_on=timezone.localdate() - timedelta(days=days), service="VOCATIONAL",
        quantity=Decimal(2), outcome=outcome, mode="IN_PERSON", **more,
    )  # fmt: skip


def test_a_step_is_a_task_of_its_doer_and_stands_under_its_goal(cast: Cast, case: Case, goal: Goal, sign_in) -> None:
    client = sign_in(cast.amina)
    facts = {
        "title": ROLLS, "due_on": str(timezone.localdate() + timedelta(days=2)), "assigned_to": str(cast.amina.uid),
        "repeats": "WEEKLY",
    }  # fmt: skip
    assert client.post(reverse("goal-step", args=[case.uid, goal.uid]), facts).status_code == 302
    [task] = access.for_the_house(Task).filter(case=case)
    assert (task.subject_uid, task.section) == (goal.uid, "SERVICES")
    assert ROLLS in client.get(reverse("tasks")).text
    page = client.get(tab(case)).text
    assert ROLLS in page and "Steps: 0 of 1 done" in page
    done = client.post(reverse("case-task-done", args=[case.uid, task.uid]), {"back": "goals"})
    assert done.headers["Location"] == tab(case)
    # It comes again, and the next one is a step of the same goal.
    assert "Steps: 1 of 2 done" in client.get(tab(case)).text


def test_only_what_was_given_counts_and_only_for_its_goal(cast: Cast, case: Case, goal: Goal, sign_in) -> None:
    other = set_goal(**of(cast, case), title="A quiet room", area="HOUSING")
    given(cast, case, days=5, goal_uid=goal.uid)
    given(cast, case, "PARTIAL", days=3, goal_uid=goal.uid)
    given(cast, case, "NO_SHOW", days=1, goal_uid=goal.uid)
    given(cast, case, days=1)
    page = sign_in(cast.amina).get(tab(case)).text
    assert page.count("services given towards it") == 1 and "2 services given towards it" in page
    given(cast, case, days=1, goal_uid=other.uid)
    assert "1 service given towards it" in sign_in(cast.amina).get(tab(case)).text


def test_what_is_on_record_stands_beside_the_question_how_far_it_is(
    cast: Cast, case: Case, goal: Goal, sign_in
) -> None:
    for number in range(3):
        task = step(cast, case, goal, title=f"{ROLLS} {number}")
        if number:
            finish_task(**of(cast, case), task_uid=task.uid)
    given(cast, case, goal_uid=goal.uid)
    page = sign_in(cast.amina).get(reverse("goal-progress", args=[case.uid, goal.uid])).text
    assert "2 of 3 steps are done, which is 67 %." in page and "1 service was given towards it." in page


def test_the_form_of_a_service_names_her_open_goals_and_keeps_the_choice(
    cast: Cast, case: Case, goal: Goal, sign_in
) -> None:
    reached = set_goal(**of(cast, case), title="Her own papers", area="LEGAL")
    note_progress(**of(cast, case), goal_uid=reached.uid, progress=100)
    client, address = sign_in(cast.amina), reverse("service-new", args=[case.uid])
    page = client.get(f"{address}?goal={goal.uid}").text
    assert BAKERY in page and "Her own papers" not in page and f'value="{goal.uid}" selected' in page
    facts = {
        "service": "VOCATIONAL", "given_on": str(timezone.localdate()), "quantity": "", "outcome": "PROVIDED",
        "mode": "IN_PERSON", "goal_uid": str(goal.uid),
    }  # fmt: skip
    refused = client.post(address, facts)
    assert refused.status_code == 422 and f'value="{goal.uid}" selected' in refused.text and BAKERY in refused.text
    assert client.post(address, {**facts, "quantity": "2"}).status_code == 302
    [row] = access.for_the_house(ServiceRecord).filter(case=case)
    assert row.goal_id == goal.pk


def test_no_step_towards_what_is_reached_nor_towards_a_goal_of_another_case(cast: Cast, case: Case, goal: Goal) -> None:
    other = make.case(cast.amina, cast.team_of("amina"))
    with pytest.raises(Hidden):
        step(cast, other, goal)
    with pytest.raises(Hidden):
        record_service(
            **of(cast, other), given_on=timezone.localdate(), service="VOCATIONAL", quantity=Decimal(1),
            outcome="PROVIDED", mode="IN_PERSON", goal_uid=goal.uid,
        )  # fmt: skip
    with pytest.raises(NotOnThisPart):
        step(cast, case, goal, assigned_to=cast.dana)
    note_progress(**of(cast, case), goal_uid=goal.uid, progress=100)
    with pytest.raises(GoalIsReached):
        step(cast, case, goal)
    assert not access.for_the_house(Task).filter(subject_uid__isnull=False).exists()


def test_every_case_has_its_plan_asked_for_thirty_days_after_the_intake(cast: Cast) -> None:
    today, month = timezone.localdate(), timedelta(days=30)
    new = make.case(cast.amina, cast.team_of("amina"), opened_on=today - timedelta(days=4))
    from_elsewhere = make.case(cast.amina, cast.team_of("amina"), opened_on=today - timedelta(days=400))
    for one, by in ((new, today - timedelta(days=4) + month), (from_elsewhere, today + month)):
        [due] = access.for_the_house(Due).filter(case=one, kind=DueKind.PLAN, done_at__isnull=True)
        assert due.due_on == by and due.subject_uid == one.uid and due.assigned_to is None
