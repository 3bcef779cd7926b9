"""Her plan (domain.md §4.3): made of her goals, within 30 days, approved by another, looked at again after 90 days."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from cases import access
from cases.choices.casework import DueKind
from cases.choices.notices import NOTICE_PLAN, NOTICE_PLAN_DECIDED
from cases.errors.casework import CaseIsClosed
from cases.models import Case, Due, Notice
from services.actions.needs import note_need
from services.actions.plan import decide_plan, plan_goal, write_plan
from services.actions.reintegration import note_progress, set_goal
from services.errors import AlreadyDecided, NoGoalYet, OwnPlan, WordsAreAsked
from services.models import Goal, ServicePlan
from tests import make
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]

BAKERY = "To bake with Wagtailina"
STEPS: dict[str, Any] = {"objective": "She sells bread", "action_words": "Asks at the Ternmarket", "responsible": "SHE"}


def of(cast: Cast, case: Case, who: str = "amina") -> dict[str, Any]:
    return {"actor": getattr(cast, who), "now": clock.now(), "case_uid": case.uid}


@pytest.fixture
def goal(cast: Cast, case: Case) -> Goal:
    return set_goal(**of(cast, case), title=BAKERY, area="LIVELIHOOD")


def written(cast: Cast, case: Case, answer: str = "AGREED") -> ServicePlan:
    return write_plan(**of(cast, case), her_answer=answer)


def decided(cast: Cast, case: Case, plan: ServicePlan, *, is_approved: bool = True, remark: str = "") -> ServicePlan:
    return decide_plan(**of(cast, case, "bea"), plan_uid=plan.uid, is_approved=is_approved, remark=remark)


def dues(case: Case) -> list[Due]:
    return list(access.for_the_house(Due).filter(case=case, kind=DueKind.PLAN, done_at__isnull=True))


def tab(case: Case) -> str:
    return reverse("case-reintegration", args=[case.uid])


def test_how_a_goal_is_reached_and_which_need_it_answers(cast: Cast, case: Case, goal: Goal, sign_in) -> None:
    need = note_need(**of(cast, case), words="Bread of my own", area="BASICS", urgency="LONG", our_priority="NEXT")
    client = sign_in(cast.amina)
    path = reverse("goal-plan", args=[case.uid, goal.uid])
    page = client.get(path)
    assert "Bread of my own" in page.text and "Recovery from sexual" not in page.text
    facts = {**STEPS, "need_uid": str(need.uid), "htcds": "Livelihood"}
    facts["form_key"] = page.context["form"]["form_key"].value()
    for _again in range(2):
        assert client.post(path, facts).status_code == 302
    assert Event.objects.filter(verb=Verb.GOAL_PLANNED).count() == 1
    row = Goal._base_manager.get()
    assert row.need == need and b"Ternmarket" not in row.__dict__["plan"].raw
    shown = client.get(tab(case)).text
    assert "Asks at the Ternmarket" in shown and "She herself" in shown
    assert "Asks at the Ternmarket" in client.get(path).text


def test_a_need_of_another_case_is_not_linked(cast: Cast, case: Case, goal: Goal, sign_in) -> None:
    other = make.case(cast.amina, cast.team_of("amina"))
    need = note_need(**of(cast, other), words="Elsewhere", area="BASICS", urgency="LONG", our_priority="NEXT")
    with pytest.raises(Hidden):
        plan_goal(**of(cast, case), goal_uid=goal.uid, **STEPS, need_uid=need.uid)
    answer = sign_in(cast.amina).post(
        reverse("goal-plan", args=[case.uid, goal.uid]), {**STEPS, "need_uid": str(need.uid)}
    )
    assert answer.status_code == 422 and Goal._base_manager.get().need is None


def test_a_plan_is_due_within_30_days_of_the_intake_until_there_is_one(cast: Cast, case: Case, goal: Goal) -> None:
    for words in ("One", "Two"):
        note_need(**of(cast, case), words=words, area="BASICS", urgency="LONG", our_priority="NEXT")
    (due,) = dues(case)
    assert due.assigned_to is None
    written(cast, case)
    assert dues(case) == []
    note_need(**of(cast, case), words="Three", area="BASICS", urgency="LONG", our_priority="NEXT")
    assert dues(case) == []


def test_writing_a_plan_settles_nothing_else_of_the_case(cast: Cast, case: Case, goal: Goal) -> None:
    others = access.for_the_house(Due).filter(case=case, done_at__isnull=True).exclude(kind=DueKind.PLAN)
    before = others.count()
    written(cast, case)
    assert others.count() == before and dues(case) == []


def test_a_plan_keeps_what_was_put_before_the_supervisor(cast: Cast, case: Case, goal: Goal, sign_in) -> None:
    plan_goal(**of(cast, case), goal_uid=goal.uid, **STEPS)
    plan = written(cast, case)
    plan_goal(**of(cast, case), goal_uid=goal.uid, **{**STEPS, "action_words": "Asks somebody else"})
    client = sign_in(cast.bea)
    shown = client.get(reverse("plan", args=[case.uid, plan.uid])).text
    assert BAKERY in shown and "Asks at the Ternmarket" in shown and "Asks somebody else" not in shown
    assert b"Wagtailina" not in ServicePlan._base_manager.get().__dict__["content"].raw


def test_reached_goals_are_no_part_of_a_plan_and_a_plan_needs_one(cast: Cast, case: Case, goal: Goal) -> None:
    note_progress(**of(cast, case), goal_uid=goal.uid, progress=100)
    with pytest.raises(NoGoalYet):
        written(cast, case)


def test_declining_is_an_answer(cast: Cast, case: Case, goal: Goal, sign_in) -> None:
    client = sign_in(cast.amina)
    page = client.get(reverse("plan-new", args=[case.uid]))
    facts = {
        "her_answer": "DECLINED", "answered_on": timezone.localdate().isoformat(),
        "form_key": page.context["form"]["form_key"].value(),
    }  # fmt: skip
    for _again in range(2):
        assert client.post(reverse("plan-new", args=[case.uid]), facts).status_code == 302
    row = ServicePlan._base_manager.get()
    assert row.answered_on == timezone.localdate() and b"DECLINED" not in row.__dict__["her_answer"].raw
    assert "She does not want a plan" in client.get(tab(case)).text
    decided(cast, case, row)
    assert "Approved" in client.get(tab(case)).text


def test_not_asked_yet_has_no_day(cast: Cast, case: Case, goal: Goal) -> None:
    assert written(cast, case, "NOT_YET").answered_on is None


def test_an_approved_plan_is_looked_at_again_after_90_days(cast: Cast, case: Case, goal: Goal, sign_in) -> None:
    plan = decided(cast, case, written(cast, case))
    (due,) = dues(case)
    assert due.due_on == plan.review_on == timezone.localdate() + timedelta(days=90)
    assert Notice._base_manager.get(kind=NOTICE_PLAN_DECIDED).person == cast.amina
    again = written(cast, case)
    assert ServicePlan._base_manager.get(pk=plan.pk).status == "APPROVED"  # stands until the next is approved
    decided(cast, case, again)
    assert ServicePlan._base_manager.get(pk=plan.pk).status == "REPLACED"
    (due,) = dues(case)
    assert due.subject_uid == again.uid and again.version == 2


def test_the_supervisor_hears_of_it_and_approves_by_the_page(cast: Cast, case: Case, goal: Goal, sign_in) -> None:
    plan = written(cast, case)
    assert {one.person for one in Notice._base_manager.filter(kind=NOTICE_PLAN)} == {cast.bea}
    client = sign_in(cast.bea)
    path = reverse("plan-decide", args=[case.uid, plan.uid])
    assert path in client.get(tab(case)).text
    assert path not in sign_in(cast.amina).get(tab(case)).text
    client = sign_in(cast.bea)
    key = client.get(path).context["form"]["form_key"].value()
    for _again in range(2):
        assert client.post(path, {"decision": "APPROVE", "remark": "", "form_key": key}).status_code == 302
    assert Event.objects.filter(verb=Verb.PLAN_APPROVED, actor_uid=cast.bea.uid).count() == 1


def test_a_plan_goes_back_with_words(cast: Cast, case: Case, goal: Goal, sign_in) -> None:
    plan = written(cast, case)
    with pytest.raises(WordsAreAsked):
        decided(cast, case, plan, is_approved=False)
    client = sign_in(cast.bea)
    path = reverse("plan-decide", args=[case.uid, plan.uid])
    answer = client.post(path, {"decision": "SEND_BACK", "remark": ""})
    assert answer.status_code == 422 and "Say in a few words" in answer.text
    assert client.post(path, {"decision": "SEND_BACK", "remark": "Ask her about Sundays"}).status_code == 302
    assert "Ask her about Sundays" in sign_in(cast.amina).get(tab(case)).text
    assert Event.objects.filter(verb=Verb.PLAN_SENT_BACK).count() == 1 and dues(case) == []


def test_nobody_approves_what_she_wrote_herself(cast: Cast, case: Case, goal: Goal) -> None:
    plan = written(cast, case)
    row = ServicePlan._base_manager.get(pk=plan.pk)
    row.written_by = cast.bea
    row.save(update_fields=["written_by"])
    with pytest.raises(OwnPlan):
        decided(cast, case, plan)
    row.decided_by = cast.bea
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(update_fields=["decided_by"])


def test_a_newer_version_replaces_one_that_waits(cast: Cast, case: Case, goal: Goal) -> None:
    first = written(cast, case)
    written(cast, case)
    with pytest.raises(AlreadyDecided):
        decided(cast, case, first)
    assert list(ServicePlan._base_manager.order_by("version").values_list("status", flat=True)) == [
        "REPLACED", "WAITING",
    ]  # fmt: skip


def test_a_caseworker_does_not_approve_and_a_closed_case_has_no_new_plan(cast: Cast, case: Case, goal: Goal) -> None:
    plan = written(cast, case)
    with pytest.raises(Refused):
        decide_plan(**of(cast, case), plan_uid=plan.uid, is_approved=True)
    make.closed(case, cast.amina)
    with pytest.raises(CaseIsClosed):
        written(cast, case)
    with pytest.raises(CaseIsClosed):
        decided(cast, case, plan)


def test_strangers_colleagues_and_wrong_methods(cast: Cast, case: Case, goal: Goal, sign_in) -> None:
    plan = written(cast, case)
    other = make.case(cast.amina, cast.team_of("amina"))
    places = {
        "goal-plan": [goal.uid], "plan-new": [], "plan": [plan.uid], "plan-decide": [plan.uid],
    }  # fmt: skip
    for name, more in places.items():
        place = reverse(name, args=[case.uid, *more])
        assert sign_in(cast.dana).get(place).status_code == 404
        for outsider in (cast.elif_, cast.chidi):
            assert sign_in(outsider).get(place).status_code in (403, 404)
        assert sign_in(cast.amina).put(place).status_code == 405
        if more:
            assert sign_in(cast.amina).get(reverse(name, args=[other.uid, *more])).status_code == 404
    assert sign_in(cast.amina).get(reverse("plan-decide", args=[case.uid, plan.uid])).status_code == 403
    assert sign_in(cast.bea).get(reverse("plan-new", args=[case.uid])).status_code == 403


def test_the_list_costs_the_same_for_one_version_and_for_many(cast: Cast, case: Case, goal: Goal, sign_in) -> None:
    client = sign_in(cast.amina)
    decided(cast, case, written(cast, case))
    client.get(tab(case))
    with CaptureQueriesContext(connection) as few:
        client.get(tab(case))
    for _again in range(4):
        decided(cast, case, written(cast, case))
    with CaptureQueriesContext(connection) as many:
        client.get(tab(case))
    assert len(few) == len(many)
