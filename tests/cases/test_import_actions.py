"""Importing: what becomes of rows, that nothing comes twice, and that nobody else sees it."""

from datetime import timedelta

import pytest
from django.db import connection

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from cases import access
from cases.actions import imports
from cases.actions.matching import answer_match_questions
from cases.choices.casework import CaseStatus
from cases.choices.survivor import ConsentState
from cases.errors.exchange import ImportIsOver
from cases.htcds.sheet import read_sheet
from cases.models import (
    Case,
    Consent,
    ContactInstruction,
    Due,
    ImportBatch,
    ImportRow,
    PossibleMatch,
    Survivor,
    Task,
    TraffickingProfile,
)
from cases.opening import open_list, open_own
from tests.cases.htcds import sheets

State, Batch = ImportRow.State, ImportBatch.State


def bring(actor, team, rows, **options):
    """A batch of these rows, as the upload page begins it."""
    sheet = read_sheet(sheets.official(rows))
    return imports.begin_import(actor=actor, now=clock.now(), team=team, file_name="cases.xlsx", sheet=sheet, **options)


def take(actor, batch):
    return imports.take_good_rows(actor=actor, now=clock.now(), batch_uid=batch.uid)


def tally(actor, batch):
    return {state: number for state, number in imports.tally(actor, batch).items() if number}


@pytest.fixture
def amina(cast):
    return cast.amina


@pytest.fixture
def north(cast):
    return cast.team_of("amina")


def test_a_good_row_becomes_a_case(amina, north):
    batch = bring(amina, north, [sheets.person()])
    assert batch.state == Batch.READY
    batch = take(amina, batch)
    assert batch.state == Batch.DONE
    case = access.visible(Case, amina).get()
    assert case.status == CaseStatus.ACTIVE and str(case.opened_on) == "2026-01-15" and case.lead_id == amina.pk
    sections = ["IDENTITY", "CARD", "NARRATIVE", "DUTIES", "SERVICES"]
    with open_list(amina, [case], sections=sections):
        survivor = access.visible(Survivor, amina).get()
        assert (survivor.first_name, str(survivor.birth_date)) == ("Zoraida", "1998-04-05")
        assert survivor.about["prs_Citizenship"] == ["HN"]
        assert case.language == "NOT_ASKED"
        assert case.referral["cas_ReferringOrganisation"] == "Fictional Hotline"
        rule = access.visible(ContactInstruction, amina).get().rule
        assert rule["channel"] == "NONE"
        consent = access.visible(Consent, amina).get()
        assert consent.state == ConsentState.PENDING and consent.record["as_reported"] is True and not consent.told
        answers = access.visible(TraffickingProfile, amina).get().answers
    assert answers["vic_TraffickingStatus"] == "ActualVictimOfTrafficking"
    assert answers["vic_TraffickingStatusDecisionMakingOrg"] == answers["x_StatusDecidedOn"] == "NOT_ASKED"
    assert answers["x_StatusSource"]


def test_what_a_sheet_leaves_open_becomes_tasks(amina, north):
    take(amina, bring(amina, north, [sheets.person()]))
    case = access.visible(Case, amina).get()
    tasks = list(access.visible(Task, amina, None))
    with open_list(amina, [case], sections=["ADVOCACY", "DUTIES"]):
        titles = [task.title for task in tasks]
    assert len(titles) == 4
    for word in ("language", "reached safely", "seven points", "determined"):
        assert sum(word in title for title in titles) == 1
    dues = access.visible(Due, amina, None).filter(kind="TASK", assigned_to=amina)
    assert {due.subject_uid for due in dues} == {task.uid for task in tasks}


def test_a_case_closed_in_the_sheet_is_closed_and_asks_nothing(amina, north):
    row = sheets.person(cas_Status="Closed Referred", cas_OutgoingReferralDate="2026-03-01")
    batch = take(amina, bring(amina, north, [row]))
    assert batch.state == Batch.DONE
    case = access.visible(Case, amina).get()
    assert case.status == CaseStatus.CLOSED_REFERRED and str(case.closed_on) == "2026-03-01"
    assert not access.visible(Task, amina, None).exists()


def test_a_refusal_in_the_sheet_is_taken_at_its_word(amina, north):
    take(amina, bring(amina, north, [sheets.person(con_Consent="no")]))
    case = access.visible(Case, amina).get()
    with open_list(amina, [case], sections=["DUTIES"]):
        assert access.visible(Consent, amina).get().state == ConsentState.DECLINED


def test_the_same_sheet_twice_creates_nothing_twice(amina, north):
    rows = sheets.people(3)
    take(amina, bring(amina, north, rows))
    again = bring(amina, north, rows)
    assert tally(amina, again) == {State.KNOWN: 3}
    assert access.visible(Case, amina).count() == 3
    take(amina, again)
    assert access.visible(Case, amina).count() == 3


def test_a_row_that_is_written_otherwise_is_still_the_same_row(amina, north):
    take(amina, bring(amina, north, [sheets.person()]))
    other = sheets.person(prs_Birthdate="5 April 1998", prs_Gender="female", prs_Citizenship="HN")
    sheet = read_sheet(sheets.delimited([other], delimiter=";", encoding="utf-16"))
    again = imports.begin_import(actor=amina, now=clock.now(), team=north, file_name="x.csv", sheet=sheet)
    assert tally(amina, again) == {State.KNOWN: 1}


def test_a_row_repeated_in_one_sheet_is_taken_once(amina, north):
    batch = bring(amina, north, [sheets.person(), sheets.person(prs_FirstName="Ysolde"), sheets.person()])
    assert tally(amina, batch) == {State.GOOD: 2, State.KNOWN: 1}


def test_pressing_take_twice_takes_once(amina, north):
    batch = bring(amina, north, sheets.people(2))
    take(amina, batch)
    with pytest.raises(ImportIsOver):
        take(amina, batch)
    assert access.visible(Case, amina).count() == 2


def test_a_row_in_a_case_that_one_cannot_open_is_new_and_goes_silently_to_the_queue(cast, amina, north):
    take(amina, bring(amina, north, [sheets.person()]))
    dana, south = cast.dana, cast.team_of("dana")
    batch = bring(dana, south, [sheets.person()])
    assert tally(dana, batch) == {State.GOOD: 1}
    take(dana, batch)
    assert access.visible(Case, dana).count() == 1
    answer_match_questions()
    match = access.for_the_house(PossibleMatch).get()
    mine, other = access.visible(Case, dana).get(), access.visible(Case, amina).get()
    assert {match.case_id, match.other_id} == {mine.pk, other.pk}
    reported = Event.objects.get(verb=Verb.MATCH_REPORTED)
    assert reported.case_uid is None and not reported.cases_touched.exists()


def test_a_restricted_case_never_answers(cast, amina, north):
    take(amina, bring(amina, north, [sheets.person()]))
    case = access.visible(Case, amina).get()
    case.is_restricted = True
    case.save(update_fields=["is_restricted"])
    take(cast.dana, bring(cast.dana, cast.team_of("dana"), [sheets.person()]))
    answer_match_questions()
    assert not access.for_the_house(PossibleMatch).exists()


def test_bad_rows_stay_and_good_rows_go(amina, north):
    rows = [sheets.person(), sheets.person(prs_FirstName="Ysolde", prs_Gender="Green")]
    batch = take(amina, bring(amina, north, rows))
    assert batch.state == Batch.READY
    assert tally(amina, batch) == {State.TAKEN: 1, State.BAD: 1}


def test_a_bad_row_is_corrected_in_place_and_then_taken(amina, north):
    batch = bring(amina, north, [sheets.person(prs_Gender="Green", prs_Birthdate="05/07/1990")])
    row = access.own(ImportRow, amina, "batch__owner").get()
    row = imports.correct_row(
        actor=amina, now=clock.now(), batch_uid=batch.uid, row_uid=row.uid, texts={"G": "1990-07-05", "H": "Feminine"}
    )
    assert row.state == State.GOOD
    take(amina, batch)
    assert access.visible(Case, amina).count() == 1
    # The file as it was is bad again, and corrected the same way it is known.
    again = bring(amina, north, [sheets.person(prs_Gender="Green", prs_Birthdate="05/07/1990")])
    row = access.own(ImportRow, amina, "batch__owner").get(batch=again)
    row = imports.correct_row(
        actor=amina, now=clock.now(), batch_uid=again.uid, row_uid=row.uid, texts={"G": "1990-07-05", "H": "Feminine"}
    )
    assert row.state == State.KNOWN


def test_nothing_of_a_discarded_row_stays(amina, north):
    batch = bring(amina, north, [sheets.person(prs_Gender="Green")])
    imports.discard_rest(actor=amina, now=clock.now(), batch_uid=batch.uid)
    row = access.own(ImportRow, amina, "batch__owner").get()
    with open_own(amina):
        assert row.cells is None and row.understood is None and row.findings is None
    assert row.fingerprint is None and row.state == State.DISCARDED


def test_nothing_of_a_taken_row_stays_but_its_fingerprint(amina, north):
    take(amina, bring(amina, north, [sheets.person()]))
    row = access.own(ImportRow, amina, "batch__owner").get()
    with open_own(amina):
        assert row.cells is None and row.understood is None and row.findings is None
    assert row.fingerprint is not None and row.case_id


def test_somebody_elses_batch_does_not_exist(cast, amina, north):
    batch = bring(amina, north, [sheets.person()])
    for step in (imports.take_good_rows, imports.discard_rest, imports.understand_rows):
        with pytest.raises(Hidden):
            step(actor=cast.bea, now=clock.now(), batch_uid=batch.uid)


def test_only_who_opens_cases_in_the_team_imports_into_it(cast, north):
    for person in (cast.dana, cast.farid, cast.chidi, cast.gita):
        with pytest.raises(Refused):
            bring(person, north, [sheets.person()])


def test_rows_are_sealed(amina, north):
    bring(amina, north, [sheets.person(prs_FirstName="Canaryname", prs_Gender="Canarygreen")])
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM cases_importrow")
        stored = repr([[bytes(part) if isinstance(part, memoryview) else part for part in row] for row in cursor])
        cursor.execute("SELECT * FROM cases_importbatch")
        stored += repr(cursor.fetchall())
    assert "Canary" not in stored and "cases.xlsx" not in stored and "prs_FirstName" not in stored


def test_events_of_an_import(amina, north):
    take(amina, bring(amina, north, [sheets.person(), sheets.person(prs_Gender="Green")]))
    assert Event.objects.filter(verb=Verb.IMPORT_ROW_TAKEN).count() == 1
    part = Event.objects.filter(verb=Verb.IMPORT_TAKEN).order_by("-pk")[0]
    assert part.detail.content["codes"]["imported"] == 1 and part.case_uid is None
    # No name, no file name, no word of a row.
    for event in Event.objects.filter(verb__startswith="IMPORT"):
        assert "Zoraida" not in repr(event.detail.content) and "xlsx" not in repr(event.detail.content)


def test_a_large_sheet_goes_on_in_the_queue_and_a_killed_job_where_it_stopped(
    amina, north, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(imports, "INLINE_ROWS", 2)
    monkeypatch.setattr(imports, "INLINE_CASES", 1)
    batch = bring(amina, north, sheets.people(5))
    assert batch.state == Batch.READING
    # A job that did one part and was killed: the next one finds the rest.
    imports.understand_rows(actor=amina, now=clock.now(), batch_uid=batch.uid, limit=2)
    imports.continue_import.func(str(batch.uid), str(amina.uid))
    assert tally(amina, batch) == {State.GOOD: 5}
    assert take(amina, batch).state == Batch.TAKING
    imports.take_rows(actor=amina, now=clock.now(), batch_uid=batch.uid, limit=2)
    imports.continue_import.func(str(batch.uid), str(amina.uid))
    imports.continue_import.func(str(batch.uid), str(amina.uid))
    assert tally(amina, batch) == {State.TAKEN: 5}
    assert access.visible(Case, amina).count() == 5


def test_an_import_of_somebody_who_lost_her_team_stops_and_keeps_its_rows(cast, amina, north, monkeypatch):
    monkeypatch.setattr(imports, "INLINE_CASES", 1)
    batch = bring(amina, north, sheets.people(3))
    take(amina, batch)
    membership = amina.memberships.get(team=north)
    membership.ends_at = clock.now() - timedelta(seconds=1)
    membership.save(update_fields=["ends_at"])
    imports.continue_import.func(str(batch.uid), str(amina.uid))
    batch = access.own(ImportBatch, amina).get()
    assert (batch.state, batch.problem) == (Batch.FAILED, "NO_LONGER_ALLOWED")
    assert tally(amina, batch) == {State.GOOD: 3}
