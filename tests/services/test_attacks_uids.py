"""No record is reached through the address of another case or matter, not even by somebody who may write both."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from cases import access
from cases.actions.notes import add_note
from cases.actions.releases import Terms, record_release
from cases.actions.tasks import add_task
from cases.choices.releases import InfoCategory
from cases.choices.sharing import GrantKind
from cases.models import Case
from services.actions.legal import add_deadline, close_matter
from services.actions.needs import note_need
from services.actions.reintegration import plan_follow_ups, set_goal
from services.models import Deadline
from tests import make
from tests.cast import Cast
from tests.services.test_release_and_matter import SIGNED, a_matter, release

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]


@pytest.fixture
def other(cast: Cast) -> Case:
    return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def records(cast: Cast, other: Case) -> dict[str, UUID]:
    """One record of every kind, all of the other case."""
    common: dict[str, Any] = {"actor": cast.amina, "now": clock.now(), "case_uid": other.uid}
    given = record_release(
        recipient=cast.hugo.organisation, purpose="REFERRAL", purpose_text="Dentist", signing=SIGNED,
        terms=Terms(categories=[InfoCategory.CONTACT]), expires_at=clock.now() + timedelta(days=9), **common,
    )  # fmt: skip
    return {
        "note_uid": add_note(privilege_class="SERVICES_NOTE", body="Other words", **common).uid,
        "task_uid": add_task(title="Other task", due_on=date(2027, 1, 2), **common).uid,
        "document_uid": make.document(other, cast.amina).uid,
        "goal_uid": set_goal(title="Other goal", area="EDUCATION", **common).uid,
        "need_uid": note_need(words="Other need", area="BASICS", urgency="LONG", our_priority="NEXT", **common).uid,
        "follow_up_uid": plan_follow_ups(exit_on=date(2026, 5, 5), **common).uid,
        "grant_uid": make.colleague(other, cast.amina, cast.gita, GrantKind.CLINICAL).uid,
        "release_uid": given.uid,
    }


ADDRESSES = (
    ("case-note", "note_uid"), ("case-note-edit", "note_uid"), ("case-task", "task_uid"), ("case-task-done", "task_uid"),
    ("case-task-reopen", "task_uid"), ("case-document", "document_uid"), ("case-document-withdraw", "document_uid"),
    ("goal-progress", "goal_uid"), ("follow-up-done", "follow_up_uid"), ("access-revoke", "grant_uid"),
    ("release-withdraw", "release_uid"), ("need-change", "need_uid"), ("need-settle", "need_uid"),
)  # fmt: skip
ANSWERS = {
    "version": "1", "body": "Overwritten", "title": "Overwritten", "due_on": "2027-02-02", "progress": "100", "words": "x",
    "state": "COMPLETED", "done_on": "2026-06-01", "why_withdrawn": "x", "how": "ORAL",
    "area": "BASICS", "urgency": "LONG", "our_priority": "NEXT", "status": "MET", "on": "2026-06-01",
}  # fmt: skip


def test_no_record_of_another_case_is_read_or_written(
    cast: Cast, case: Case, records: dict[str, UUID], sign_in
) -> None:
    client = sign_in(cast.amina)
    changes = Event.objects.exclude(verb__in=[Verb.CASE_VIEWED, Verb.ACCESS_HIDDEN, Verb.PAGE_OPENED]).count()
    for name, kind in ADDRESSES:
        path = reverse(name, kwargs={"uid": case.uid, kind: records[kind]})
        for method in (client.get, client.post):
            response = method(path, ANSWERS)
            assert response.status_code in (404, 405), (name, response.status_code)
            assert b"Other" not in response.content
    assert Event.objects.exclude(verb__in=[Verb.CASE_VIEWED, Verb.ACCESS_HIDDEN, Verb.PAGE_OPENED]).count() == changes


def test_a_deadline_is_met_through_its_own_matter_only(cast: Cast, case: Case, other: Case, sign_in) -> None:
    here, there, elsewhere = a_matter(cast, case), a_matter(cast, case, "Second"), a_matter(cast, other, "Third")
    client = sign_in(cast.amina)
    for matter in (there, elsewhere):
        deadline = _deadline(cast, matter)
        for name in ("deadline-met", "deadline-confirm"):
            assert client.post(reverse(name, args=[here.uid, deadline.uid])).status_code == 404
        deadline.refresh_from_db()
        assert deadline.met_at is None


def test_a_paper_of_another_matter_is_not_handed_out_to_an_attorney(cast: Cast, case: Case, sign_in) -> None:
    his, second = a_matter(cast, case), a_matter(cast, case, "Second")
    given = release(cast, case, his)
    paper = make.document(case, cast.amina, case_uid=None, matter_uid=second.uid, section="LEGAL")
    client = sign_in(cast.chidi)
    path = reverse("matter-document", args=[his.uid, paper.uid])
    assert client.get(path).status_code == 403
    client_after = sign_in(cast.chidi)
    with_release = reverse("release-withdraw", args=[case.uid, given.uid])
    assert sign_in(cast.amina).post(with_release, {"how": "ORAL"}).status_code == 302
    # With the release the card is gone: now he may not even hear that there is such a paper.
    assert client_after.get(path).status_code == 404


def test_a_closed_case_or_matter_takes_no_deadline_and_breaks_no_page(cast: Cast, case: Case, sign_in) -> None:
    matter = a_matter(cast, case)
    deadline = _deadline(cast, matter)
    close_matter(
        actor=cast.amina, now=clock.now(), matter_uid=matter.uid, outcome="GRANTED", closed_on=date(2026, 5, 5)
    )
    make.closed(case, cast.amina)
    client = sign_in(cast.amina)
    for name in ("deadline-met", "deadline-confirm"):
        assert client.post(reverse(name, args=[matter.uid, deadline.uid])).status_code == 302
    deadline.refresh_from_db()
    assert deadline.met_at is None
    assert access.drift() == []


def test_who_shares_the_docket_is_shown_no_form_of_the_attorneys_file(cast: Cast, case: Case, sign_in) -> None:
    matter = a_matter(cast, case)
    client = sign_in(cast.amina)
    for name in ("filing-new", "file-note-new"):
        for method in (client.get, client.post):
            assert method(reverse(name, args=[matter.uid])).status_code == 403


def _deadline(cast: Cast, matter: Any) -> Deadline:
    return add_deadline(
        actor=cast.amina, now=clock.now(), matter_uid=matter.uid, due_on=date(2027, 3, 9), kind="AGENCY",
        title="File it", authority="8 CFR 214.11",
    )  # fmt: skip
