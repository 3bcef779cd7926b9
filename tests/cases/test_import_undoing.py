"""Taking a whole import back: what nobody has worked on goes, what somebody has worked on stays, for thirty days."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from audit import clock
from audit.models import Event
from casemgmt.access.errors import Hidden
from cases import access
from cases.actions import imports
from cases.actions.cases import reopen_case
from cases.actions.matching import answer_match_questions
from cases.actions.notes import add_note
from cases.errors.exchange import UndoIsTooLate
from cases.models import BlindToken, Case, Due, ImportBatch, ImportRow, PossibleMatch
from cases.opening import open_cards
from tests.cases.htcds import sheets
from tests.cases.test_import_actions import bring, take, tally
from tests.cast import Cast

State, Batch = ImportRow.State, ImportBatch.State
ROWS = [sheets.person(prs_FirstName=name) for name in ("Zoraida", "Ysolde", "Perpetua")]


@pytest.fixture
def batch(cast: Cast) -> ImportBatch:
    """Three cases of Amina's out of one sheet."""
    return take(cast.amina, bring(cast.amina, cast.team_of("amina"), ROWS))


def undo(actor: Any, batch: ImportBatch) -> ImportBatch:
    return imports.undo_import(actor=actor, now=clock.now(), batch_uid=batch.uid)


def cases_of(batch: ImportBatch) -> list[Case]:
    rows = ImportRow._base_manager.filter(batch=batch).order_by("number").values_list("case", flat=True)
    return [access.for_the_house(Case).get(pk=key) for key in rows]


def test_what_nobody_worked_on_goes_and_the_sheet_may_come_again(cast: Cast, batch: ImportBatch) -> None:
    first, *others = cases_of(batch)
    done = undo(cast.amina, batch)
    assert done.state == Batch.DONE and tally(cast.amina, done) == {State.UNDONE: 3}
    for case in (first, *others):
        case.refresh_from_db()
        assert case.is_closed and not BlindToken._base_manager.filter(case=case).exists()
        assert not Due._base_manager.filter(case=case, done_at__isnull=True).exists()
    with open_cards(cast.amina, list(access.visible(Case, cast.amina))):
        assert {case.closure_reason for case in access.visible(Case, cast.amina)} == {"IMPORT_UNDONE"}
    again = take(cast.amina, bring(cast.amina, cast.team_of("amina"), ROWS))
    assert tally(cast.amina, again) == {State.TAKEN: 3}
    answer_match_questions()
    assert not PossibleMatch._base_manager.exists(), "what was brought in by mistake is like nobody"
    events = Event.objects.filter(verb="IMPORT_UNDONE").order_by("pk")
    assert [event.detail.content["codes"].get("count") for event in events] == [None, 3]


def test_what_somebody_worked_on_stays(cast: Cast, batch: ImportBatch) -> None:
    touched = cases_of(batch)[1]
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        add_note(
            actor=cast.amina, now=clock.now(), case_uid=touched.uid, privilege_class="ADVOCATE_CONFIDENTIAL", body="Called.",
        )  # fmt: skip
        done = undo(cast.amina, batch)
    assert tally(cast.amina, done) == {State.UNDONE: 2, State.TAKEN: 1}
    touched.refresh_from_db()
    assert not touched.is_closed and BlindToken._base_manager.filter(case=touched).exists()


def test_a_case_that_was_taken_back_can_be_reopened_and_found_again(cast: Cast, batch: ImportBatch) -> None:
    case = cases_of(batch)[0]
    before = set(BlindToken._base_manager.filter(case=case).values_list("index", "token"))
    undo(cast.amina, batch)
    reopen_case(actor=cast.amina, now=clock.now(), case_uid=case.uid, stage="INTAKE")
    assert set(BlindToken._base_manager.filter(case=case).values_list("index", "token")) == before != set()


def test_only_by_whoever_brought_it_and_only_for_thirty_days(cast: Cast, batch: ImportBatch) -> None:
    with pytest.raises(Hidden):
        undo(cast.bea, batch)
    with time_machine.travel(clock.now() + timedelta(days=30, minutes=1)), pytest.raises(UndoIsTooLate):
        undo(cast.amina, batch)
    undo(cast.amina, batch)
    with pytest.raises(UndoIsTooLate):
        undo(cast.amina, batch)


def test_a_job_that_was_killed_goes_on_where_it_stopped(
    cast: Cast, batch: ImportBatch, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(imports, "INLINE_CASES", 0)
    monkeypatch.setattr(imports, "TAKEN_AT_ONCE", 2)
    assert undo(cast.amina, batch).state == Batch.UNDOING
    part = imports.undo_rows(actor=cast.amina, now=clock.now(), batch_uid=batch.uid, limit=2)
    assert (part.state, part.rows_done, part.rows_total) == (Batch.UNDOING, 2, 3)
    imports.continue_import.func(str(batch.uid), str(cast.amina.uid))
    batch.refresh_from_db()
    assert batch.state == Batch.DONE and tally(cast.amina, batch) == {State.UNDONE: 3}


@pytest.mark.walks
def test_the_page_says_what_will_be_and_then_what_was(cast: Cast, batch: ImportBatch, sign_in: Any) -> None:
    client, page = sign_in(cast.amina), reverse("import-undo", args=[batch.uid])
    assert page in client.get(reverse("import-batch", args=[batch.uid])).text
    assert "3 cases were made from this sheet." in client.get(page).text
    answer = client.post(page, follow=True)
    assert "3 cases were taken back." in answer.text and page not in answer.text
    assert sign_in(cast.bea).get(page).status_code == 404
    assert "cannot be undone any more" in client.get(page, follow=True).text
