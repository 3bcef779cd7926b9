"""Duties of law with their clocks: legal process, the privilege log, mandated reports, the card for the door."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from cases import access, clocks, holds
from cases.actions.duties import Withheld, answer_process, note_counsel_told, note_process_told, withhold
from cases.clocks import Clock, months_after
from cases.desk import reading_own
from cases.errors.releases import DisclosureLacks, NotAJudge, ProcessIsOver
from cases.models import Due, HouseDue, LegalProcess, MandatedReport, Task, TimelineEntry
from tests import make
from tests.accounts import signing_in
from tests.cases.test_disclosures import a_process, a_report, by_law, given, today

CLOSED_TO = ["amina", "bea", "chidi", "dana", "elif_", "farid", "gita", "hugo", "ines", "jonas"]


@pytest.fixture
def sign_in():
    """People who have just shown their second factor once more: what leaves the house asks for it."""
    return partial(signing_in.sign_in, is_fresh=True)


@pytest.fixture
def kemi(cast):
    """The privacy officer, who holds no access to any case."""
    return cast.kemi


def events(verb):
    return Event.objects.filter(verb=verb)


def facts_of(row):
    row = type(row)._base_manager.get(pk=row.pk)
    with reading_own(row):
        return dict(row.facts)


def held_by(case):
    return {one.kind for one in holds.provisional_holds(case)}


# ---- Clocks ----


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
    ],
)
def test_gdpr_12_3_a_month_ends_on_the_same_day_or_the_last(day, months, then):
    assert months_after(day, months) == then


def test_hours_are_moments_and_days_are_of_the_house(settings):
    settings.TIME_ZONE = "America/New_York"
    end = datetime(2026, 3, 8, 12, tzinfo=UTC)
    assert not Clock("x", end, due_at=end).is_late and Clock("x", end + timedelta(seconds=1), due_at=end).is_late
    evening = datetime(2026, 3, 9, 3, 30, tzinfo=UTC)
    assert clocks.house_day(evening) == date(2026, 3, 8), "in New York it is still the day before"
    assert not Clock("x", evening, due_on=date(2026, 3, 8)).is_late
    assert Clock("x", evening + timedelta(hours=1), due_on=date(2026, 3, 8)).is_late
    assert clocks.start_of(date(2026, 3, 9)) - clocks.start_of(date(2026, 3, 8)) == timedelta(days=1)
    spring = clocks.start_of(date(2026, 3, 9)).astimezone(UTC) - clocks.start_of(date(2026, 3, 8)).astimezone(UTC)
    assert spring == timedelta(hours=23), "clocks go forward: 24 hours are no day"


def test_done_in_time_and_done_late_are_told_apart():
    now = clock.now()
    day = clocks.house_day(now)
    assert Clock("x", now, due_on=day, done_on=day).words == "Done in time"
    assert Clock("x", now, due_on=day, done_on=day + timedelta(days=1)).words == "Done late"
    assert Clock("x", now, due_on=day - timedelta(days=1)).words == "Late"
    assert (Clock("x", now, due_on=day).words, Clock("x", now, due_on=day).tone) == ("Ends today", "warn")
    assert Clock("x", now, due_at=now + timedelta(hours=5, minutes=1)).words == "5 hours left"


# ---- Mandated reports ----


def test_the_hours_of_a_law_count_from_when_it_was_learned(kemi, case):
    learned = clock.now() - timedelta(minutes=1)
    report = a_report(kemi, case, hours=24, learned_at=learned, discovered_on=timezone.localdate(learned, kemi.zone))
    assert report.due_at == learned + timedelta(hours=24)
    unknown = a_report(kemi, case, hours=24)
    assert unknown.due_at == clocks.start_of(today()) + timedelta(hours=24), "the earliest it can have been"
    with pytest.raises(DisclosureLacks) as lack:
        a_report(kemi, case, hours=24, learned_at=learned - timedelta(days=3))
    assert lack.value.what == "learned_at"
    assert a_report(kemi, case).due_at is None


def test_what_was_said_stops_the_hours_and_the_report_in_writing_stays_due(kemi, case):
    report = a_report(kemi, case, hours=24, in_writing=True, due_on=today() + timedelta(days=3))
    by_law(kemi, case, given(how="SPOKEN"), report_uid=report.uid)
    report.refresh_from_db()
    assert report.said_at is not None and report.reported_on is None
    assert access.for_the_house(Due).get(subject_uid=report.uid, done_at=None).due_on == report.due_on
    assert "MANDATED_REPORT" in held_by(case)
    by_law(kemi, case, given(how="LETTER"), report_uid=report.uid)
    report.refresh_from_db()
    assert report.reported_on == today() and "MANDATED_REPORT" not in held_by(case)
    assert not access.for_the_house(Due).filter(subject_uid=report.uid, done_at=None).exists()
    assert not access.for_the_house(HouseDue).filter(subject_uid=report.uid, done_at=None).exists()


def test_that_only_the_least_was_given_is_stored(kemi, case):
    report = a_report(kemi, case)
    assert facts_of(report)["minimum_only"] is None
    by_law(kemi, case, report_uid=report.uid)
    assert facts_of(report)["minimum_only"] is True


def test_officer_and_supervisor_are_reminded_without_a_word(cast, kemi, case, sign_in):
    report = a_report(kemi, case)
    rows = access.for_the_house(HouseDue).filter(subject_uid=report.uid)
    assert {kemi.pk, cast.bea.pk} <= {one.person_id for one in rows} and cast.dana.pk not in {
        one.person_id for one in rows
    }
    page = sign_in(cast.bea).get(reverse("week")).content.decode()
    assert "Duty of law" in page and reverse("duties") not in page and "State Central Register" not in page


def test_what_must_be_reported_is_said_before_and_stands_in_the_log(cast, case, sign_in):
    client = sign_in(cast.amina)
    page = client.get(reverse("limits", args=[case.uid])).content.decode()
    assert "I do not report it without you" in page
    assert client.post(reverse("limits", args=[case.uid])).status_code == 302
    assert events(Verb.LIMITS_TOLD).get().actor_uid == cast.amina.uid
    assert TimelineEntry._base_manager.filter(kind="LIMITS_TOLD", case=case).count() == 1
    assert sign_in(cast.dana).get(reverse("limits", args=[case.uid])).status_code == 404


# ---- Legal process ----


@pytest.mark.parametrize("kind", ["SUBPOENA", "COURT_ORDER", "WARRANT", "ADMINISTRATIVE", "REQUEST"])
def test_every_process_holds_the_case_until_it_is_over(cast, kemi, case, kind):
    process = a_process(kemi, case, kind)
    assert "LEGAL_PROCESS" in held_by(case)
    facts = {"actor": kemi, "case_uid": case.uid, "process_uid": process.uid}
    answer_process(**facts, now=clock.now(), response="OBJECTED")
    assert "LEGAL_PROCESS" in held_by(case), "answered is not over"
    answer_process(**facts, now=clock.now(), response="QUASHED", is_over=True)
    assert "LEGAL_PROCESS" not in held_by(case)
    with pytest.raises(ProcessIsOver):
        answer_process(**facts, now=clock.now(), response="OBJECTED")
    assert not holds.provisional_holds(make.case(cast.amina, cast.team_of("amina")))


def test_counsel_is_told_once_and_the_answer_stops_the_clock(cast, kemi, case):
    process = a_process(kemi, case)
    assert process.counsel_told_at is None
    for _time in range(2):
        note_counsel_told(actor=kemi, now=clock.now(), case_uid=case.uid, process_uid=process.uid)
    assert events(Verb.LEGAL_PROCESS_FOLLOWED).count() == 1
    answer_process(actor=kemi, now=clock.now(), case_uid=case.uid, process_uid=process.uid, response="NARROWED")
    assert facts_of(process)["response"] == "NARROWED"
    assert not access.for_the_house(Due).filter(subject_uid=process.uid, done_at=None).exists()
    make.colleague(case, cast.bea, cast.luis, "STAFF_COUNSEL")
    assert a_process(cast.luis, case).counsel_told_at is not None, "counsel who records it knows of it"


def test_nothing_is_given_without_a_judge_whatever_the_answer_says(kemi, case):
    process = a_process(kemi, case, "ADMINISTRATIVE")
    with pytest.raises(NotAJudge):
        answer_process(actor=kemi, now=clock.now(), case_uid=case.uid, process_uid=process.uid, response="COMPLIED_MIN")


def test_she_is_told_safely_and_says_what_she_wishes(cast, kemi, case, sign_in):
    process = a_process(kemi, case)
    [task] = access.for_the_house(Task)
    assert (task.assigned_to, task.section) == (cast.amina, "DUTIES")
    facts = {"actor": cast.amina, "case_uid": case.uid, "process_uid": process.uid, "how": "IN_PERSON"}
    with pytest.raises(DisclosureLacks):
        note_process_told(**facts, now=clock.now(), wishes=" ")
    client, where = sign_in(cast.amina), reverse("process-told", args=[case.uid, process.uid])
    assert where in client.get(reverse("case-disclosures", args=[case.uid])).content.decode()
    assert "Tell her yourself, alone" in client.get(where).content.decode()
    assert client.post(where, {"how": "IN_PERSON", "wishes": "Object, please"}).status_code == 302
    assert events(Verb.SURVIVOR_NOTIFIED).get().subject_uid == process.uid
    page = sign_in(kemi).get(reverse("process", args=[process.uid])).content.decode()
    assert "Object, please" in page and "In person, alone" in page
    assert sign_in(cast.dana).get(where).status_code == 404


def test_the_privilege_log_says_what_and_by_which_right_and_nothing_more(kemi, case, sign_in):
    process = a_process(kemi, case, "SUBPOENA")
    facts = {"actor": kemi, "case_uid": case.uid, "process_uid": process.uid}
    line = Withheld("NOTES", "ADVOCATE", 14, date(2026, 1, 5), date(2026, 6, 9))
    withhold(**facts, now=clock.now(), withheld=line)
    for wrong in (Withheld("NOTES", "ADVOCATE", 0, line.dated_from, line.dated_until),
                  Withheld("NOTES", "ADVOCATE", 1, line.dated_until, line.dated_from)):  # fmt: skip
        with pytest.raises(DisclosureLacks):
            withhold(**facts, now=clock.now(), withheld=wrong)
    [kept] = facts_of(process)["withheld"]
    assert set(kept) == {"what", "privilege", "number", "dated"}, "there is no place for words"
    client = sign_in(kemi)
    sent = client.post(reverse("process-withheld", args=[process.uid]), {
        "what": "LETTERS", "privilege": "ATTORNEY_CLIENT", "number": "3", "dated_from": "2026-02-01", "dated_until": "2026-02-02",
    })  # fmt: skip
    assert sent.status_code == 302
    page = client.get(sent.url).content.decode()
    assert "Advocate and survivor" in page and "Attorney and client" in page and "14" in page


def test_the_desk_by_its_pages(kemi, case, sign_in):
    process = a_process(kemi, case)
    client = sign_in(kemi)
    assert reverse("process", args=[process.uid]) in client.get(reverse("duties")).content.decode()
    assert client.post(reverse("process-counsel", args=[process.uid])).status_code == 302
    assert client.get(reverse("process-counsel", args=[process.uid])).status_code == 405
    sent = client.post(reverse("process-answer", args=[process.uid]), {"response": "IN_CAMERA", "is_over": "on"})
    assert sent.status_code == 302 and "A judge looks at it alone first" in client.get(sent.url).content.decode()
    assert LegalProcess._base_manager.get().over_at is not None
    again = client.post(reverse("process-answer", args=[process.uid]), {"response": "OBJECTED"})
    assert again.status_code == 422 and "over already" in again.content.decode()
    asked = client.post(reverse("report-new"), {
        "number": case.number, "trigger": "CHILD_ABUSE", "jurisdiction": "New York", "authority": "Soc. Serv. Law § 413",
        "agency": "State Central Register", "discovered_on": today().isoformat(), "hours": "24", "in_writing": "on",
        "due_on": (today() + timedelta(days=2)).isoformat(),
    })  # fmt: skip
    assert asked.status_code == 302 and MandatedReport._base_manager.get().due_at is not None
    assert "It is said by telephone" in client.get(reverse("duties")).content.decode()


@pytest.mark.parametrize("key", CLOSED_TO)
def test_the_pages_of_a_process_are_closed_to_everybody_else(cast, case, kemi, sign_in, key):
    process = a_process(kemi, case)
    client = sign_in(getattr(cast, key))
    for name in ("process", "process-answer", "process-withheld"):
        assert client.get(reverse(name, args=[process.uid])).status_code == 404, name
    with pytest.raises(Hidden):
        note_counsel_told(actor=getattr(cast, key), now=clock.now(), case_uid=case.uid, process_uid=process.uid)


@pytest.mark.parametrize("key", ["amina", "jonas", "farid", "kemi", "chidi", "elif_"])
def test_everybody_finds_the_card_for_the_door_in_the_menu(cast, key, sign_in, settings):
    settings.COUNSEL_AT_THE_DOOR = "Luis Stone, +1 202 555 0142"
    client = sign_in(getattr(cast, key))
    assert reverse("at-the-door") in client.get(reverse("home"), follow=True).content.decode()
    page = client.get(reverse("at-the-door")).content.decode()
    for words in (
        "neither confirm nor deny",
        "Luis Stone, +1 202 555 0142",
        "Usually not an order of a judge",
        "I-200",
    ):
        assert words in page, words
