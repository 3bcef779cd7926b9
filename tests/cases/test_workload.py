"""Who carries how much: weights from plain columns, signs in kind words, nobody ranked, nothing opened."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.accounts.choices import AbsenceKind
from casemgmt.accounts.models import Absence, User
from cases import access, workload
from cases.actions.tasks import add_task
from cases.actions.walls import place_wall
from cases.choices.casework import CaseStatus, Stage
from cases.models import Case
from cases.workload import Load, kinds_of, lines_of, loads_of, own_load, signs_of, weight_of
from tests import make
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]


def load_of(cast: Cast, reader: User, person: User) -> Load:
    team = cast.team_of("amina")
    found = loads_of(
        reader, [person], kinds=kinds_of(reader, Q(team=team)), whose=Q(case__team=team), today=timezone.localdate(),
        now=clock.now(),
    )  # fmt: skip
    return found[person.pk]


def late(case: Case, actor: User, days: int) -> None:
    add_task(
        actor=actor, now=clock.now(), case_uid=case.uid, title="Wagtailina", due_on=timezone.localdate() - timedelta(days=days)
    )  # fmt: skip


def test_a_case_weighs_by_its_stage_and_a_quiet_one_as_a_settled_one() -> None:
    assert weight_of(Stage.STABILISE, CaseStatus.ACTIVE) > weight_of(Stage.INTAKE, CaseStatus.SCREENING) > 1
    assert weight_of(Stage.STABILISE, CaseStatus.ON_HOLD) == weight_of(Stage.REINTEGRATE, CaseStatus.ACTIVE) == 1
    assert set(workload.WEIGHT_OF_STAGE) == set(Stage)


def test_cases_late_dates_and_dates_to_come_are_counted_for_who_has_them(cast: Cast, case: Case) -> None:
    before = load_of(cast, cast.bea, cast.amina)
    other = make.case(cast.amina, cast.team_of("amina"))
    late(case, cast.amina, 2)
    late(other, cast.amina, -3)
    late(other, cast.amina, -9)
    after = load_of(cast, cast.bea, cast.amina)
    assert after.cases == before.cases + 1 and after.weight > before.weight
    # The other case brings a late date of its own: to assess her safety.
    assert after.late == before.late + 2 and after.this_week == before.this_week + 1


def test_a_stranger_counts_nothing_and_closed_cases_weigh_nothing(cast: Cast, case: Case) -> None:
    late(case, cast.amina, 2)
    none = load_of(cast, cast.dana, cast.amina)
    assert (none.cases, none.weight, none.late, none.this_week) == (0, 0, 0, 0)
    before = load_of(cast, cast.bea, cast.amina)
    make.closed(case, cast.amina)
    assert load_of(cast, cast.bea, cast.amina).cases == before.cases - 1


def test_what_she_carries_herself_is_what_the_team_counts_of_her(cast: Cast, case: Case) -> None:
    other = make.case(cast.amina, cast.team_of("amina"))
    late(case, cast.amina, 2)
    late(other, cast.amina, -3)
    now, today = clock.now(), timezone.localdate()
    for reader in (cast.amina, cast.bea, cast.dana):
        whose = Q(assigned_to=reader) | Q(assigned_to__isnull=True, case__lead=reader)
        kinds = kinds_of(reader, Q(lead=reader))
        [counted] = loads_of(reader, [reader], kinds=kinds, whose=whose, today=today, now=now).values()
        assert own_load(reader, today=today, now=now) == counted
    assert own_load(cast.amina, today=today, now=now).late >= 2


def test_her_own_dates_are_hers_the_nearest_first_and_none_behind_a_wall(cast: Cast, case: Case) -> None:
    other = make.case(cast.amina, cast.team_of("amina"))
    late(case, cast.amina, 2)
    late(other, cast.amina, -3)
    today = timezone.localdate()
    soon = access.own_dates(cast.amina, today + timedelta(days=3), 50)
    assert [due.due_on for due in soon] == sorted(due.due_on for due in soon)
    assert {due.case_id for due in soon} == {case.pk, other.pk} and max(
        due.due_on for due in soon
    ) == today + timedelta(days=3)
    assert len(access.own_dates(cast.amina, today + timedelta(days=3), 1)) == 1
    assert (
        access.own_dates(cast.amina, today - timedelta(days=5000), 50) == [] == access.own_dates(cast.dana, today, 50)
    )
    place_wall(actor=cast.bea, now=clock.now(), case_uid=other.uid, person=cast.amina)
    assert {due.case_id for due in access.own_dates(cast.amina, today + timedelta(days=3), 50)} == {case.pk}


def carrying(person: User, **said: Any) -> Load:
    return Load(person, last_leave=clock.now() - timedelta(days=9), **{"cases": 3, "weight": 4, **said})


def test_signs_are_written_kindly_and_only_where_there_are_any(cast: Cast) -> None:
    now = clock.now()
    assert signs_of(carrying(cast.amina), now, usual=4) == []
    assert "Would a hand help?" in signs_of(carrying(cast.amina, weight=12), now, usual=4)[0]
    assert signs_of(carrying(cast.amina, weight=5), now, usual=1) == []  # a small load is none, whatever is usual
    assert "wait" in signs_of(carrying(cast.amina, late=5), now)[0]
    assert "on call" in signs_of(carrying(cast.amina, hours_on_call=80), now)[0]
    tired = carrying(cast.amina)
    tired.last_leave = now - timedelta(days=200)
    assert "good week" in signs_of(tired, now)[0]


def test_nobody_is_ranked(cast: Cast) -> None:
    people = [cast.amina, cast.bea, cast.dana]
    loads = {one.pk: carrying(one, weight=weight) for one, weight in zip(people, (1, 30, 9), strict=True)}
    assert [line["name"] for line in lines_of(loads, clock.now())] == sorted(one.name for one in people)


def test_leave_is_read_from_the_house_s_own_absences(cast: Cast) -> None:
    began = clock.now() - timedelta(days=30)
    Absence(
        user=cast.amina, kind=AbsenceKind.LEAVE, began_at=began, began_by=cast.bea, ended_at=began + timedelta(days=7),
        ended_by=cast.bea,
    ).save()  # fmt: skip
    assert load_of(cast, cast.bea, cast.amina).last_leave == began


def test_the_supervisor_sees_the_team_and_each_worker_her_own_line(cast: Cast, case: Case, sign_in) -> None:
    for days in range(1, 7):
        late(case, cast.amina, days)
    shown = sign_in(cast.bea).get(reverse("team")).text
    assert "Many dates have passed" in shown and cast.amina.name in shown and "weight" in shown
    own = sign_in(cast.amina).get(reverse("day")).text
    assert "Many dates have passed" in own and "7 late" in own  # one of them to assess her safety
    assert "More than is usual" not in own  # of the others she learns nothing
