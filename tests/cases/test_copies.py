"""Who took copies along is asked for them when her access ends; who only looked, is not."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from audit import clock
from audit.context import audit_context
from cases import access
from cases.actions.due import OVER_AFTER_DAYS, stamp_everything_due
from cases.actions.releases import withdraw_release
from cases.choices.casework import DueKind
from cases.choices.documents import DocumentCategory
from cases.models import Notice, Task
from tests.accounts.signing_in import sign_in as signed_in
from tests.cases.releasing import release as renewed
from tests.services.test_papers import paper
from tests.services.test_release_and_matter import a_matter, release


@pytest.fixture
def matter(cast, case):
    return a_matter(cast, case)


@pytest.fixture
def given(cast, case, matter):
    return release(cast, case, matter, expires_at=clock.now() + timedelta(days=20))


def takes_along(cast, matter, *, own: bool = False):
    """Chidi downloads a paper of the house, or one of his own file."""
    who, section = (cast.chidi, "LEGAL_FILE") if own else (cast.amina, "LEGAL")
    document = paper(who, matter, b"A paper.", "paper.txt", section=section, category=DocumentCategory.COURT)
    client = signed_in(cast.chidi, is_fresh=True)
    answer = client.get(reverse("matter-document", args=[matter.uid, document.uid]))
    assert b"".join(answer.streaming_content) == b"A paper."


def asked() -> list[Task]:
    return list(access.for_the_house(Task))


def run(moment):
    with time_machine.travel(moment), audit_context("job", "a test"):
        stamp_everything_due()


def test_a_withdrawal_asks_for_what_was_taken(cast, case, matter, given, sign_in, events):
    takes_along(cast, matter)
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="ORAL")
    [task] = asked()
    assert task.assigned_to == cast.amina and task.section == "DUTIES" and len(events("TASK_ADDED", case.uid)) == 1
    words = "give back or destroy the copies"
    assert words in sign_in(cast.amina).get(reverse("tasks")).content.decode()
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="ORAL")
    assert len(asked()) == 1, "once"


def test_who_only_looked_is_not_asked(cast, case, matter, given, sign_in):
    sign_in(cast.chidi).get(reverse("matter", args=[matter.uid]))
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="ORAL")
    assert asked() == []


def test_what_he_took_of_his_own_file_is_his(cast, case, matter, given):
    takes_along(cast, matter, own=True)
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="ORAL")
    assert asked() == []


def test_a_print_is_a_copy_too(cast, case, matter, given):
    assert signed_in(cast.chidi, is_fresh=True).get(reverse("case-print", args=[case.uid])).status_code == 200
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="WRITTEN")
    assert len(asked()) == 1


def test_a_release_that_ran_out_and_was_not_renewed_asks_once_by_itself(cast, case, matter, given, events):
    takes_along(cast, matter)
    left = timedelta(days=OVER_AFTER_DAYS[DueKind.RELEASE_ENDS])
    run(given.expires_at + left - timedelta(days=3))
    assert asked() == []
    for day in (2, 3):
        run(given.expires_at + left + timedelta(days=day))
    [task] = asked()
    assert task.assigned_to == cast.amina and task.created_by == given.recorded_by
    assert Notice._base_manager.filter(person=cast.amina, about_uid=task.uid).exists()
    [event] = events("TASK_ADDED", case.uid)
    assert event.actor_uid is None, "nobody pressed a button"


def test_a_release_that_goes_on_asks_for_nothing(cast, case, matter, given):
    takes_along(cast, matter)
    release(cast, case, matter, renews_uid=given.uid)
    run(given.expires_at + timedelta(days=30))
    assert asked() == []


def test_a_withdrawn_release_is_not_asked_about_twice(cast, case, matter, given):
    takes_along(cast, matter)
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="ORAL")
    other = renewed(cast.amina, case, cast.hugo.organisation, days=10)
    run(other.expires_at + timedelta(days=40))
    assert len(asked()) == 1
