"""Hints: each rule finds what it names and passes over what explains it; each thing is found once."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from audit import clock
from audit.log import Ref
from audit.models import Event, Hint, PersonDay
from audit.verbs import Verb
from audit.workspace import hints, saying
from audit.workspace.hints import find_hints
from audit.workspace.models import Rule
from tests.audit.people import Person

from .past import days_ago, digested, happened, looked

pytestmark = [
    pytest.mark.sql,
    pytest.mark.django_db(databases=["default", "keystore"]),
    pytest.mark.usefixtures("ledger"),
]

ANN = Person("Ann")


@pytest.fixture(autouse=True)
def past(settings) -> None:
    """These tests write the past in any order, as only the demo does."""
    settings.HAVEN_DEMO = True


def found(peers=None) -> list[tuple[str, int]]:
    """Seal, digest, examine every day that is over: (rule, number of acts) of what is new."""
    digested()
    before = set(Hint.objects.values_list("pk", flat=True))
    find_hints(today=timezone.localdate(), now=clock.now(), peers=peers or {})
    return [(one.rule, one.found) for one in Hint.objects.exclude(pk__in=before).order_by("pk")]


def cases(number: int) -> list[uuid.UUID]:
    return [uuid.uuid4() for _ in range(number)]


def test_a_day_of_plain_work_is_no_hint() -> None:
    for number, case_uid in enumerate(cases(8)):
        looked(days_ago(3, 9, number * 5), ANN, case_uid)
    assert found() == []
    assert PersonDay.objects.get(person_uid=ANN.uid).cases == 8


def test_today_is_not_examined_before_it_is_over() -> None:
    happened(clock.now(), Verb.NAME_SHOWN, ANN, subject=Ref("case", *cases(1) * 2), basis={"kind": "ASSIGNMENT"})
    assert found() == [] and not PersonDay.objects.get(person_uid=ANN.uid).is_examined


def test_a_reading_that_nothing_explains() -> None:
    case_uid = cases(1)[0]
    about = Ref("case", case_uid, case_uid)
    happened(days_ago(2), Verb.HISTORY_VIEWED, ANN, subject=about)
    happened(days_ago(2, 11), Verb.PRINT_MADE, ANN, subject=about, basis={"kind": "ASSIGNMENT"})
    happened(days_ago(2, 12), Verb.CASES_LISTED, ANN, refs=[about])
    assert found() == [(Rule.UNEXPLAINED, 1)]
    assert Hint.objects.get().case_uid == case_uid


def test_many_more_cases_than_oneself_and_others() -> None:
    colleague = Person("Bo")
    for day in range(4, 30):
        for person, many in ((ANN, 4), (colleague, 6)):
            for number, case_uid in enumerate(cases(many)):
                looked(days_ago(day, 9, number * 5), person, case_uid)
    for number, case_uid in enumerate(cases(12)):
        looked(days_ago(2, 9, number * 5), ANN, case_uid)
    assert found({ANN.uid: frozenset({colleague.uid})}) == [(Rule.VOLUME, 12)]
    hint = Hint.objects.get()
    assert hint.baseline == {"cases": 12, "own": 4, "peers": 6, "days": 26, "peer_days": 26}
    # A colleague who does as much every day makes it usual.
    busy = Person("Cy")
    for day in range(4, 30):
        for number, case_uid in enumerate(cases(15)):
            looked(days_ago(day, 9, number * 3), busy, case_uid)
    for number, case_uid in enumerate(cases(12)):
        looked(days_ago(1, 9, number * 5), ANN, case_uid)
    assert found({ANN.uid: frozenset({busy.uid})}) == []


def test_nights_of_somebody_who_works_by_day() -> None:
    case_uid = cases(1)[0]
    for day in range(5, 25):
        looked(days_ago(day, 10), ANN, case_uid)
    looked(days_ago(3, 23), ANN, case_uid)
    looked(days_ago(2, 3), ANN, case_uid, "ON_CALL")
    assert found() == [(Rule.AFTER_HOURS, 1)]
    assert Hint.objects.get().baseline["readings"] == 20
    guard = Person("night shift")
    for day in range(4, 25):
        looked(days_ago(day, 2), guard, case_uid)
    first = found()
    assert len(first) == 1  # the very first night is unusual, those after it are not


def test_a_closed_case_is_read() -> None:
    closed, reopened, fresh = cases(3)
    for case_uid in (closed, reopened):
        happened(days_ago(9), Verb.CASE_CLOSED, ANN, subject=Ref("case", case_uid, case_uid))
    happened(days_ago(8), Verb.CASE_REOPENED, ANN, subject=Ref("case", reopened, reopened))
    happened(days_ago(2, 9), Verb.CASE_CLOSED, ANN, subject=Ref("case", fresh, fresh))
    for case_uid in (closed, reopened, fresh):
        looked(days_ago(2, 11), ANN, case_uid)
    assert found() == [(Rule.CLOSED_CASE, 1)]
    assert Hint.objects.get().case_uid == closed


@pytest.mark.parametrize(("pause", "writes", "expected"), [(20, False, 1), (90, False, 0), (20, True, 0)])
def test_one_case_after_the_other(pause, writes, expected, monkeypatch) -> None:
    at = days_ago(2, 10)
    for number, case_uid in enumerate(cases(11)):
        looked(at + timedelta(seconds=pause * number), ANN, case_uid)
        if writes and number == 5:
            written = happened(at + timedelta(seconds=pause * number + 2), Verb.NOTE_ADDED, ANN)
            assert written.changed_rows == 0
    if writes:  # a version of a record, as history_rows would name it
        monkeypatch.setattr(
            hints.Day, "events", property(lambda day: _with_a_change(day, Verb.NOTE_ADDED)), raising=True
        )
    assert [rule for rule, _number in found()].count(Rule.SEQUENTIAL) == expected


def _with_a_change(day, verb):
    rows = list(Event.objects.filter(actor_uid=day.person_uid).between(days_ago(2, 0), days_ago(1, 0)).order_by("at"))
    for row in rows:
        row.changed_rows = int(row.verb == verb)
    return rows


@pytest.mark.parametrize(("many", "minutes", "expected"), [(16, 30, 1), (16, 90, 0), (9, 30, 0)])
def test_a_copy_after_many_cases(many, minutes, expected) -> None:
    at = days_ago(2, 10)
    for number, case_uid in enumerate(cases(many)):
        looked(at + timedelta(seconds=70 * number), ANN, case_uid)
    happened(at + timedelta(seconds=70 * many, minutes=minutes), Verb.EXPORT_MADE, ANN)
    assert [rule for rule, _number in found()].count(Rule.EXPORT_AFTER_BROWSING) == expected


@pytest.mark.parametrize(("times", "expected"), [(3, [(Rule.DENIALS_THEN_EMERGENCY, 4)]), (2, [])])
def test_turned_away_and_then_an_emergency(times, expected) -> None:
    case_uid = cases(1)[0]
    about = Ref("case", case_uid, case_uid)
    for number in range(times):  # on the evening before
        happened(days_ago(3, 21, number), Verb.ACCESS_HIDDEN, ANN, subject=about, outcome="REFUSED")
    happened(days_ago(2, 9), Verb.EMERGENCY_OPENED, ANN, subject=about, basis={"kind": "EMERGENCY"})
    assert found() == expected


def test_a_case_that_passed_to_others_is_read() -> None:
    colleague, boss, (one, other, given) = Person("Bo"), Person("Boss"), cases(3)
    for case_uid in (one, other, given):
        happened(days_ago(20), Verb.CASE_OPENED, ANN, subject=Ref("case", case_uid, case_uid))
        looked(days_ago(15), boss, case_uid, "SUPERVISION")
        happened(
            days_ago(10), Verb.CASE_HANDED_OVER, boss, subject=Ref("case", case_uid, case_uid),
            refs=[Ref("user", colleague.uid)],
        )  # fmt: skip
    happened(
        days_ago(5), Verb.ACCESS_GRANTED, boss, subject=Ref("accessgrant", uuid.uuid4(), given),
        refs=[Ref("user", ANN.uid)],
    )  # fmt: skip
    looked(days_ago(2, 9), ANN, one)
    looked(days_ago(2, 9, 30), ANN, other, "EMERGENCY")
    looked(days_ago(2, 10), ANN, given)
    for case_uid in (one, other, given):
        looked(days_ago(2, 11), colleague, case_uid)
        looked(days_ago(2, 12), boss, case_uid, "SUPERVISION")
    assert found() == [(Rule.AFTER_TRANSFER, 1)]
    assert (Hint.objects.get().case_uid, Hint.objects.get().person_uid) == (one, ANN.uid)


def test_somebody_who_moved_reads_an_old_case() -> None:
    old, new = cases(2)
    looked(days_ago(20), ANN, old)
    happened(days_ago(10), Verb.PERSON_MOVED, Person("Boss"), subject=Ref("user", ANN.uid))
    looked(days_ago(2), ANN, old)
    looked(days_ago(2, 11), ANN, new)
    assert found() == [(Rule.AFTER_TRANSFER, 1)]


def test_an_account_that_rested() -> None:
    case_uid = cases(1)[0]
    looked(days_ago(80), ANN, case_uid)
    looked(days_ago(2), ANN, case_uid)
    looked(days_ago(2), Person("new"), case_uid)
    assert found() == [(Rule.DORMANT, 1)]


def test_each_thing_is_found_once_and_a_late_event_is_looked_at_again() -> None:
    case_uid = cases(1)[0]
    happened(days_ago(2), Verb.HISTORY_VIEWED, ANN, subject=Ref("case", case_uid, case_uid))
    assert len(found()) == 1 and found() == []
    assert Event.objects.filter(verb=Verb.HINT_FOUND).count() == 1
    looked(days_ago(2, 23), ANN, case_uid)  # sealed later
    assert [rule for rule, _number in found()] == [Rule.AFTER_HOURS]
    assert Hint.objects.count() == 2


def test_the_privileged_part_is_in_no_hint() -> None:
    for number, case_uid in enumerate(cases(40)):
        looked(days_ago(2, 1, number), ANN, case_uid, "STAFF_COUNSEL", sections=["LEGAL_FILE"])
    assert found() == []


def test_a_run_goes_on_where_it_stopped() -> None:
    for day in (4, 3, 2):
        happened(days_ago(day), Verb.HISTORY_VIEWED, ANN, subject=Ref("case", *cases(1) * 2))
    digested()
    days = PersonDay.objects.filter(day__lt=timezone.localdate()).count()
    counts = [find_hints(today=timezone.localdate(), now=clock.now(), peers={}, most=1) for _ in range(days)]
    assert sum(counts) == 3 and max(counts) == 1
    assert not PersonDay.objects.filter(day__lt=timezone.localdate(), is_examined=False).exists()


@pytest.mark.parametrize("rule", Rule.values)
def test_every_rule_is_said_in_words(rule) -> None:
    baseline = {
        "cases": 12, "own": 4, "peers": 6, "days": 26, "peer_days": 26, "nights": 1, "readings": 20, "seconds": 9,
        "closed_on": "2026-01-02", "passed_on": "2026-01-02", "last_on": "2026-01-02", "minutes": 60, "denials": 3,
    }  # fmt: skip
    hint = Hint(rule=rule, found=3, baseline=baseline, day=timezone.localdate())
    for words in (saying.rule_in_words(rule), saying.baseline_in_words(hint), saying.evidence_in_words(hint)):
        assert len(words) > 5 and "%(" not in words
