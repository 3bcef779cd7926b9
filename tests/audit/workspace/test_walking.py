"""Walking through events and the digest: against plain lists, in both directions, and nothing in between is lost."""

import itertools
import uuid
from datetime import timedelta

import pytest
from django.db.models import Q

from audit import pseudonyms
from audit.log import Ref, record
from audit.models import Event, KnownCase, PersonDay
from audit.verbs import DENIALS, READINGS, Verb
from audit.workspace import digest, walking
from audit.workspace.walking import Chosen, walk
from tests.audit.people import Person

from .past import days_ago, digested, happened, looked

pytestmark = [
    pytest.mark.sql,
    pytest.mark.django_db(databases=["default", "keystore"]),
    pytest.mark.usefixtures("ledger"),
]

ANN, BO = Person("Ann"), Person("Bo")
CASES = [uuid.uuid4() for _ in range(3)]


@pytest.fixture
def story() -> list[Event]:
    """Sixty acts of two people in three cases, with lists, denials and rights in turn."""
    made = []
    for number in range(60):
        person, case_uid = (ANN, BO)[number % 2], CASES[number % 3]
        at = days_ago(5, hour=9) + timedelta(minutes=number)
        if number % 10 == 4:
            made.append(happened(at, Verb.CASES_LISTED, person, refs=[Ref("case", uid, uid) for uid in CASES[:2]]))
        elif number % 10 == 7:
            made.append(
                happened(at, Verb.ACCESS_REFUSED, person, subject=Ref("case", case_uid, case_uid), outcome="REFUSED")
            )
        else:
            kind = "EMERGENCY" if number % 20 == 2 else "ASSIGNMENT"
            sections = ["HEALTH"] if number % 4 else ["CARD", "SAFETY"]
            made.append(looked(at, person, case_uid, kind, sections=sections))
    return made


WAYS = {
    "all": Chosen(),
    "case": Chosen(case_uid=CASES[1]),
    "person": Chosen(person_uid=ANN.uid),
    "verbs": Chosen(verbs=tuple(READINGS)),
    "denials": Chosen(verbs=tuple(DENIALS)),
    "right": Chosen(basis_kind="EMERGENCY"),
    "refused": Chosen(outcome="REFUSED"),
    "done": Chosen(outcome="OK"),
    "section": Chosen(others=(Q(sections__contains=" SAFETY "),)),
    "case and person": Chosen(case_uid=CASES[0], person_uid=BO.uid, verbs=(Verb.CASE_VIEWED,)),
    "person and right": Chosen(person_uid=ANN.uid, basis_kind="EMERGENCY"),
    "time": Chosen(start=days_ago(5, 9, 20), end=days_ago(5, 9, 40)),
    "nothing": Chosen(person_uid=uuid.uuid4()),
}


def plainly(chosen: Chosen) -> list[int]:
    """The same by reading everything, newest first."""
    found = []
    for event in Event.objects.order_by("-pk"):
        touched = {uuid.UUID(uid) for _kind, _uid, uid in event.objects_touched if uid} | {event.case_uid}
        fits = (
            not event.is_privileged
            and (chosen.case_uid is None or chosen.case_uid in touched)
            and (chosen.person_uid is None or chosen.person_uid in (event.actor_uid, event.on_behalf_of))
            and (not chosen.verbs or event.verb in chosen.verbs)
            and (not chosen.basis_kind or event.basis_kind == chosen.basis_kind)
            and (not chosen.outcome or event.outcome == chosen.outcome)
            and (not chosen.others or " SAFETY " in event.sections)
            and (chosen.start is None or chosen.start <= event.at)
            and (chosen.end is None or event.at < chosen.end)
        )
        if fits:
            found.append(event.pk)
    return found


@pytest.mark.parametrize("window", [20_000, 3])
@pytest.mark.parametrize("way", WAYS)
def test_a_walk_finds_what_plain_reading_finds(story, way, window, monkeypatch) -> None:
    """Page after page to the end, and back again from there: the same events, however small the windows."""
    monkeypatch.setattr(walking, "FIRST_WINDOW", window)
    monkeypatch.setattr(walking, "WIDEST_WINDOW", max(window, 8))
    chosen, expected = WAYS[way], plainly(WAYS[way])
    found, before = [], None
    while True:
        page = walk(chosen, before=before, size=7)
        found += [event.pk for event in page.events]
        if page.is_end:
            break
        before = page.reached
    assert found == expected
    back, after = [], 0
    while True:
        page = walk(chosen, after=after, size=7)
        back += [event.pk for event in reversed(page.events)]
        if page.is_end:
            break
        after = page.reached
    assert back == expected[::-1]


def test_a_walk_without_patience_says_how_far_it_came(story, monkeypatch) -> None:
    monkeypatch.setattr(walking, "FIRST_WINDOW", 5)
    monkeypatch.setattr(walking, "WIDEST_WINDOW", 5)
    monkeypatch.setattr(walking, "PATIENCE", 0.0)
    top = Event.objects.latest("pk").pk
    page = walk(WAYS["right"], size=10)
    assert not page.is_end and page.reached == top - 4
    seen, before = [], None
    for _turn in itertools.count():
        page = walk(WAYS["right"], before=before, size=10)
        seen += [event.pk for event in page.events]
        if page.is_end:
            break
        before = page.reached
    assert seen == plainly(WAYS["right"])


def test_the_privileged_part_is_never_walked_through(story) -> None:
    secret = looked(days_ago(1), ANN, CASES[0], "STAFF_COUNSEL", sections=["LEGAL_FILE"])
    assert secret.is_privileged
    for chosen in WAYS.values():
        assert secret not in walk(chosen, size=100).events


def test_time_bounds_leave_nothing_out_and_save_the_walk(story, settings) -> None:
    """Ids follow time: what lies outside the days is not walked through, and what lies inside is found."""
    settings.HAVEN_DEMO = False
    earlier = Event.objects.filter(at__lt=days_ago(8)).latest("pk").pk
    lowest, highest = walking.bounds(days_ago(5), days_ago(4))
    assert earlier < lowest <= story[0].pk and highest >= story[-1].pk
    assert walking.bounds(days_ago(-5), None)[0] > Event.objects.latest("pk").pk
    settings.HAVEN_DEMO = True
    assert walking.bounds(days_ago(5), days_ago(4)) == (1, Event.objects.latest("pk").pk)


# ---- the digest ----


def test_the_digest_says_what_the_events_say(story) -> None:
    before = (digest.tallies(days_ago(30).date()), digest.newest_cases(), digest.cases_read(days_ago(30).date(), 100))
    assert digested() == Event.objects.count()
    assert (digest.tallies(days_ago(30).date()), digest.cases_read(days_ago(30).date(), 100)) == (before[0], before[2])
    assert digest.newest_cases() == {}
    known = dict(KnownCase.objects.values_list("case_uid", "last_event"))
    assert {uid: known[uid] for uid in CASES} == {uid: before[1][uid] for uid in CASES}
    mine = digest.tallies(days_ago(30).date(), ANN.uid)[ANN.uid]
    assert (mine.readings, mine.denials, mine.last_at) == (30, 0, story[-2].at)
    assert digest.tallies(days_ago(30).date(), BO.uid)[BO.uid].denials == 6


def test_the_digest_goes_on_where_it_stopped_and_counts_once(story, monkeypatch) -> None:
    monkeypatch.setattr(digest, "BATCH", 13)
    digested()
    row = PersonDay.objects.get(person_uid=ANN.uid)
    assert digested() == 0
    PersonDay.objects.update(is_examined=True)
    looked(days_ago(5, 12), ANN, CASES[2])
    assert digest.tallies(days_ago(30).date())[ANN.uid].readings == row.readings + 1
    assert digested() == 1
    again = PersonDay.objects.get(person_uid=ANN.uid)
    assert (again.readings, again.is_examined) == (row.readings + 1, False)
    assert PersonDay.objects.get(person_uid=BO.uid).is_examined


def test_a_case_is_found_by_its_name_before_and_after_the_digest(story) -> None:
    code = pseudonyms.of_case(CASES[0])
    assert digest.find_case(code) == CASES[0]
    digested()
    assert digest.find_case(code) == CASES[0]
    assert digest.find_case(pseudonyms.of_case(uuid.uuid4())) is None
    asked = uuid.uuid4()
    record(Verb.ACCESS_HIDDEN, actor=ANN, subject=Ref("case", asked, asked), outcome="REFUSED")
    assert digest.find_case(pseudonyms.of_case(asked)) is None
    digested()
    assert digest.find_case(pseudonyms.of_case(asked)) is None
