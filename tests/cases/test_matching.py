"""Is this person already known? Whoever asks hears the same, hit or miss; the coordinator alone hears a hit."""

import re
from contextlib import ExitStack
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.accounts.actions.roles import assign_role
from casemgmt.accounts.choices import Role
from cases import access
from cases.actions.matching import answer_match_questions, settle_match, waiting_matches
from cases.actions.walls import place_wall, restrict_case
from cases.choices.search import Likeness
from cases.models import Case, MatchQuestion, PossibleMatch
from cases.views import intake as intake_pages
from tests import make

pytestmark = pytest.mark.sql

QUEUE = reverse("match-queue")


@pytest.fixture
def coordinator(cast):
    assign_role(actor=cast.farid, now=clock.now(), user=cast.kemi, role=Role.INTAKE_COORDINATOR)
    return cast.kemi


def south_facts(cast, **names):
    return {
        "contact_channel": "NONE", "language": "es", "consent_state": "PENDING", "status": "ACTIVE",
        "opened_on": str(timezone.localdate()), "team": str(cast.team_of("dana").uid), "birth_date": "1998-04-05", **names,
    }  # fmt: skip


def taken_in(client, cast, **names):
    """The page after an intake, and how many statements it took."""
    page = reverse("intake-form", args=["6f4c1ab4-94c9-4ad3-9f4f-6a2cde0a0001"])
    with ExitStack() as stack:
        seen = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in ("default", "keystore")]
        answer = client.post(page, south_facts(cast, **names))
    assert answer.status_code == 302, answer.text
    return client.get(answer.url).text, [query["sql"] for one in seen for query in one.captured_queries]


def shapes(statements):
    """Statements without their values, which random uids and ciphertexts differ in."""
    return [re.sub(r"\d+", "0", re.sub(r"'[^']*'|[0-9a-f]{32}", "x", one))[:60] for one in statements]


def without_what_is_random(page):
    """A page without numbers, uids, tokens and the generated alias."""
    page = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|HV-[0-9A-Z-]{9}", "", page)
    page = re.sub(r'(value|content|nonce)="[A-Za-z0-9_-]{20,}"', "", page)
    page = re.sub(r'datetime="[^"]*"', "", page)
    page = re.sub(r'aria-hidden="true">[A-Z]</span>', "", page)  # the first letter of the alias
    return re.sub(r"\b[A-Z][a-z]+ [A-Z][a-z]+\b", "", page)


def test_hit_and_miss_are_the_same_bytes_and_the_same_queries(cast, case, sign_in):
    """Zoraida Quillfeather is Amina's case. The other one is nobody's, and her name is as long."""
    client = sign_in(cast.dana)
    taken_in(client, cast, first_name="Perpetu", second_name="Marchbanksss")  # what is opened once, is open
    pages, statements = [], []
    for first, second in (("Zoraida", "Quillfeather"), ("Yolanda", "Marchbankson")):
        page, sent = taken_in(client, cast, first_name=first, second_name=second)
        pages.append(without_what_is_random(page))
        statements.append(shapes(sent))
    assert statements[0] == statements[1]
    assert pages[0] == pages[1] and "sent to the intake coordinator" in pages[0]
    answer_match_questions()
    assert access.for_the_house(PossibleMatch).count() == 1


def test_the_look_before_takes_the_same_queries_too(cast, case, sign_in):
    client = sign_in(cast.dana)
    counts = []
    for name in ("Warm", "Zoraida", "Yolanda"):
        with CaptureQueriesContext(connections["default"]) as seen:
            client.post(reverse("intake"), {"first_name": name, "second_name": "Quillfeather"})
        counts.append(len(seen))
    assert counts[1] == counts[2]


@pytest.mark.parametrize(
    ("names", "likeness"),
    [
        ({"first_name": "quillfeather", "second_name": "ZORÁIDA"}, Likeness.NAME),
        ({"first_name": "Soraida", "second_name": "Quilfether"}, Likeness.SOUND),
        ({"first_name": "Zoraida", "second_name": "Miller"}, None),
        ({"first_name": "Zoraida", "second_name": "Quillfeather", "birth_date": date(1998, 4, 6)}, None),
        ({"first_name": "Zoraida", "second_name": "Quillfeather", "birth_date": None}, None),
    ],
)
def test_what_is_alike(cast, case, coordinator, names, likeness):
    twin = make.case(cast.dana, cast.team_of("dana"), **names)
    ask(cast.dana, twin)
    assert answer_match_questions() == 1
    found = [match.likeness for match in waiting_matches(coordinator)]
    assert found == ([likeness] if likeness else [])


def ask(actor, twin):
    MatchQuestion(case=twin, asked_by=actor, asked_at=clock.now()).save()


def test_it_is_answered_once(cast, case, coordinator):
    twin = make.case(cast.dana, cast.team_of("dana"))
    ask(cast.dana, twin)
    assert answer_match_questions() == 1 and answer_match_questions() == 0
    assert waiting_matches(coordinator).count() == 1
    # A third case of hers asks about both, and a pair stands once.
    third = make.case(cast.dana, cast.team_of("dana"))
    ask(cast.dana, third)
    answer_match_questions()
    pairs = {frozenset((match.case_id, match.other_id)) for match in waiting_matches(coordinator)}
    assert pairs == {frozenset(pair) for pair in ((twin.pk, case.pk), (third.pk, case.pk), (third.pk, twin.pk))}


def test_restricted_cases_and_walls_never_answer(cast, case, coordinator):
    restrict_case(actor=cast.bea, now=clock.now(), case_uid=case.uid, is_restricted=True)
    ask(cast.dana, make.case(cast.dana, cast.team_of("dana")))
    answer_match_questions()
    assert not access.for_the_house(PossibleMatch).exists()


def test_a_case_from_which_she_who_asks_is_walled_off_never_answers(cast, case, coordinator):
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=case.uid, person=cast.dana)
    ask(cast.dana, make.case(cast.dana, cast.team_of("dana")))
    answer_match_questions()
    assert not access.for_the_house(PossibleMatch).exists()


def test_the_ledger_of_either_case_tells_nothing(cast, case, coordinator, events):
    ask(cast.dana, make.case(cast.dana, cast.team_of("dana")))
    answer_match_questions()
    [event] = events("MATCH_REPORTED")
    assert event.case_uid is None and event.actor_uid is None and not event.cases_touched.exists()


# ---- The queue ----


@pytest.fixture
def pair(cast, case, coordinator):
    ask(cast.dana, make.case(cast.dana, cast.team_of("dana")))
    answer_match_questions()
    return waiting_matches(coordinator).get()


def test_the_coordinator_sees_whom_to_ask_and_no_more(cast, case, pair, coordinator, sign_in):
    page = sign_in(coordinator).get(QUEUE).text
    assert "Same name, same date of birth" in page and "Very likely" in page
    for person in (cast.amina, cast.dana):
        assert person.name in page and cast.team_of("dana" if person == cast.dana else "amina").name in page
    for secret in ("Zoraida", "Quillfeather", "1998", case.number, str(case.uid)):
        assert secret not in page, secret


def test_a_number_shows_where_she_may_open_the_case_and_that_is_recorded(
    cast, case, pair, coordinator, sign_in, events
):
    make.colleague(case, cast.bea, cast.gita, "CLINICAL")
    assign_role(actor=cast.farid, now=clock.now(), user=cast.gita, role=Role.INTAKE_COORDINATOR)
    page = sign_in(cast.gita).get(QUEUE).text
    assert case.number in page and page.count("A case you cannot open") == 1
    assert [ref[0] for ref in events("CASES_LISTED")[-1].objects_touched] == ["case"]


@pytest.mark.parametrize(
    ("answer", "is_same", "words"), [("same", True, "one person"), ("other", False, "two different")]
)
def test_an_answer_settles_the_pair_and_can_be_taken_back(
    cast, pair, coordinator, sign_in, events, answer, is_same, words
):
    client = sign_in(coordinator)
    address = reverse("match-settle", args=[pair.uid])
    page = client.post(address, {"answer": answer}, follow=True).text
    assert words in page and "Answered in the last week" in page and "Nothing waits for you" in page
    pair.refresh_from_db()
    assert pair.is_same_person is is_same and pair.settled_by_id == coordinator.pk
    assert client.post(address, {"answer": "same"}).status_code == 404  # settled
    assert "waits again" in client.post(address, {"answer": "again"}, follow=True).text
    pair.refresh_from_db()
    assert pair.settled_at is None and pair.is_same_person is None
    kinds = [event.detail.content["codes"]["kind"] for event in events("MATCH_REVIEWED")]
    assert kinds == ["SAME_PERSON" if is_same else "OTHER_PERSON", "OPEN_AGAIN"]


def test_an_answer_that_is_none_changes_nothing(pair, coordinator, sign_in):
    page = sign_in(coordinator).post(reverse("match-settle", args=[pair.uid]), {"answer": "perhaps"}, follow=True).text
    assert "Choose one of the answers" in page
    pair.refresh_from_db()
    assert pair.settled_at is None


def test_after_a_week_an_answer_stands(pair, coordinator, sign_in):
    settle_match(actor=coordinator, now=clock.now(), match_uid=pair.uid, is_same_person=True)
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        client = sign_in(coordinator)
        assert "Answered in the last week" not in client.get(QUEUE).text
        assert client.post(reverse("match-settle", args=[pair.uid]), {"answer": "again"}).status_code == 404


def test_the_queue_sends_the_same_queries_however_many_wait(cast, case, pair, coordinator, sign_in):
    client = sign_in(coordinator)

    def sent():
        with CaptureQueriesContext(connections["default"]) as seen:
            assert client.get(QUEUE).status_code == 200
        return len(seen)

    sent()
    first = sent()
    for _ in range(3):
        ask(cast.dana, make.case(cast.dana, cast.team_of("dana")))
    answer_match_questions()
    assert waiting_matches(coordinator).count() == 10
    assert sent() == first


def test_wrong_method_and_nobody_else(cast, pair, coordinator, sign_in):
    assert sign_in(coordinator).post(QUEUE).status_code == 405
    assert sign_in(coordinator).get(reverse("match-settle", args=[pair.uid])).status_code == 405
    for person in (cast.amina, cast.bea, cast.farid, cast.elif_):
        client = sign_in(person)
        assert client.get(QUEUE).status_code == 404
        assert client.post(reverse("match-settle", args=[pair.uid]), {"answer": "same"}).status_code == 404


# ---- The limit ----


def test_names_are_not_tried_out_by_the_hundred_and_nobody_is_kept_from_help(cast, sign_in, monkeypatch):
    monkeypatch.setattr(intake_pages, "LOOKS_AN_HOUR", 3)
    with time_machine.travel(timezone.now().replace(minute=10), tick=True):
        client = sign_in(
            cast.dana
        )  # there, or at the full hour ten minutes would have passed, and the screen be locked
        asked = {"first_name": "Zoraida", "second_name": "Quillfeather"}
        assert [client.post(reverse("intake"), asked).status_code for _ in range(4)] == [302, 302, 302, 422]
        page = client.post(reverse("intake"), asked).text
        assert "very many looks" in page and 'value="Quillfeather"' in page
        assert client.post(reverse("intake"), {}).status_code == 302  # without a look it goes on
        taken_in(client, cast, first_name="Zoraida", second_name="Quillfeather")
        assert access.for_the_house(Case).count() == 1
        assert sign_in(cast.amina).post(reverse("intake"), asked).status_code == 302
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=True):
        assert sign_in(cast.dana).post(reverse("intake"), asked).status_code == 302
