"""Builders and looks for the tests of people who leave, move or rest: their case, their turns, what waits."""

from datetime import timedelta

from django.utils import timezone

from audit import clock
from casemgmt.accounts.models import Shift
from cases import access
from cases.actions.rota import add_shift
from cases.actions.tasks import add_task
from cases.models import Case, Due, HandOver, Task
from tests.accounts.signing_in import sign_in as signed_in


def led_by(person, case):
    """The case that she leads, with an open task of hers."""
    add_task(
        actor=person, now=clock.now(), case_uid=case.uid, title="Call the turquoise clinic",
        due_on=timezone.localdate() + timedelta(days=3),
    )  # fmt: skip
    return fresh(case)


def sign_in(user, *, is_fresh=True):
    """A client that has just shown its second factor once more, unless told otherwise."""
    return signed_in(user, is_fresh=is_fresh)


def fresh(case):
    """The case as it stands in the database."""
    return access.for_the_house(Case).select_related("lead", "team").get(pk=case.pk)


def waiting(case):
    return list(access.for_the_house(HandOver).filter(case=case, settled_at__isnull=True))


def task_of(case):
    return access.for_the_house(Task).get(case=case)


def due_of(case):
    return access.for_the_house(Due).get(case=case, kind="TASK")


def sees(person, case):
    return access.visible(Case, person).filter(pk=case.pk).exists()


def turn(cast, person, *, team="amina", starts=timedelta(days=1), hours=8, by="bea"):
    now = clock.now()
    return add_shift(
        actor=getattr(cast, by), now=now, team_uid=cast.team_of(team).uid, person=person, starts_at=now + starts,
        ends_at=now + starts + timedelta(hours=hours),
    )  # fmt: skip


def is_over(shift):
    found = Shift.objects.get(pk=shift.pk)
    return found.ends_at <= max(clock.now(), found.starts_at)
