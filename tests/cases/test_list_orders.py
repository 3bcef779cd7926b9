"""The list in other orders, how many it has, and views that somebody keeps for herself."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from cases import access, listing
from cases.access import orders, pages
from cases.actions.notes import add_note
from cases.actions.tasks import add_task
from cases.actions.views import MAX_VIEWS, save_view
from cases.models import Due, SavedView
from cases.views import listing as views
from tests import make
from tests.cases.stored import dump
from tests.cast import Cast

pytestmark = pytest.mark.sql

CASES = reverse("cases")
SAVE = reverse("case-view-save")


def numbers_in(page):
    return re.findall(r"HV-\w{4}-\w{4}", page.text)


@pytest.fixture
def three(cast: Cast):
    team = cast.team_of("amina")
    return [make.case(cast.amina, team, first_name=f"Zora{number}") for number in range(3)]


def settle():
    """Nothing is due: what an intake itself puts on the list would stand between."""
    for row in access.for_the_house(Due).filter(done_at__isnull=True):
        row.done_at = clock.now()
        row.save(update_fields=["done_at"])


def note(cast, case, words="She called."):
    return add_note(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, privilege_class="ADVOCATE_CONFIDENTIAL", body=words
    )


def due(cast, case, days):
    day = timezone.localdate() + timedelta(days=days)
    add_task(actor=cast.amina, now=clock.now(), case_uid=case.uid, title="Call", due_on=day, assigned_to=cast.amina)


def test_the_last_activity_stands_first(cast, three, sign_in):
    first, second, third = three
    note(cast, second)
    note(cast, first)
    page = sign_in(cast.amina).get(f"{CASES}?sort=ACTIVITY")
    assert numbers_in(page) == [first.number, second.number, third.number]


def test_the_next_date_stands_first_and_cases_without_one_do_not(cast, three, sign_in):
    first, second, third = three
    settle()
    due(cast, third, 9)
    due(cast, first, 2)
    due(cast, first, 30)
    page = sign_in(cast.amina).get(f"{CASES}?sort=DEADLINE")
    assert numbers_in(page) == [first.number, third.number]
    assert second.number not in page.text


def test_what_a_reader_may_not_know_of_moves_no_case(cast, three, sign_in):
    first, second, _third = three
    for case in (first, second):
        make.colleague(case, cast.bea, cast.gita, "CLINICAL")
    before = numbers_in(sign_in(cast.gita).get(f"{CASES}?sort=ACTIVITY"))
    note(cast, access.for_the_house(type(first)).get(number=before[-1]))  # a caseworkers' note: not hers to know of
    assert numbers_in(sign_in(cast.gita).get(f"{CASES}?sort=ACTIVITY")) == before
    settle()
    due(cast, first, 3)
    assert numbers_in(sign_in(cast.gita).get(f"{CASES}?sort=DEADLINE")) == []


@pytest.mark.parametrize("few", [1000, 0], ids=["few cases", "very many"])
@pytest.mark.parametrize("sort", ["ACTIVITY", "DEADLINE"])
def test_older_pages_by_a_token_that_is_nobody_elses(cast, three, sign_in, monkeypatch, few, sort):
    monkeypatch.setattr(views, "PAGE", 2)
    monkeypatch.setattr(pages, "MERGED_UP_TO", few)
    monkeypatch.setattr(orders, "_AT_ONCE", 2)
    more = make.case(cast.amina, cast.team_of("amina"))
    settle()
    for days, case in enumerate([three[2], more, three[0], three[1]], start=1):
        due(cast, case, days)
        for _ in range(3):
            note(cast, case)
    client, seen, url, token = sign_in(cast.amina), [], f"{CASES}?sort={sort}", ""
    while url:
        page = client.get(url)
        seen += numbers_in(page)
        older = re.search(r'href="([^"]+)" rel="next"', page.text)
        url = older.group(1).replace("&amp;", "&") if older else ""
        token = url or token
    expected = [three[2].number, more.number, three[0].number, three[1].number]
    assert seen == (expected if sort == "DEADLINE" else expected[::-1])
    assert sign_in(cast.bea).get(token).status_code == 404
    assert client.get(token.replace(sort, "")).status_code == 404  # a place in one list is none in another
    assert client.get(f"{CASES}?sort={sort}&before=12").status_code == 404


def test_it_costs_the_same_for_three_and_for_nine(cast, three, sign_in):
    client, counts = sign_in(cast.amina), []
    for more in (0, 6):
        for _ in range(more):
            make.case(cast.amina, cast.team_of("amina"))
        client.get(f"{CASES}?sort=ACTIVITY")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{CASES}?sort=ACTIVITY")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_how_many_there_are_exactly_or_more_than_counted(cast, three, sign_in, monkeypatch):
    client = sign_in(cast.amina)
    assert ">3 cases<" in client.get(CASES).text
    assert ">0 cases<" in client.get(f"{CASES}?status=CLOSED").text
    monkeypatch.setattr(listing, "COUNTED_UP_TO", 2)
    assert ">2+ cases<" in client.get(CASES).text
    assert access.count(cast.amina, up_to=1) == 2 and access.count(cast.farid) == 0


def form(name, query=""):
    return {"name": name, "query": query, "form_key": str(uuid4())}


def test_a_view_is_kept_sealed_and_offered_to_its_owner_alone(cast, three, sign_in):
    client, events = sign_in(cast.amina), Event.objects.count()
    answer = client.post(SAVE, form("Zarquella's sisters", "status=ON_HOLD&sort=ACTIVITY"))
    assert answer.status_code == 302 and answer.url == f"{CASES}?status=ON_HOLD&sort=ACTIVITY"
    assert Event.objects.filter(pk__gt=events, verb="CASE_CHANGED").count() == 0
    assert b"arquella" not in dump()
    page = client.get(answer.url)
    assert "Zarquella&#x27;s sisters" in page.text and "Remove this saved view" in page.text
    assert "Zarquella" not in sign_in(cast.bea).get(CASES).text
    view = SavedView.objects.get()
    discard = reverse("case-view-discard", args=[view.uid])
    assert (
        sign_in(cast.bea).post(discard).status_code
        == 404
        == sign_in(cast.bea).post(reverse("case-view-discard", args=[uuid4()])).status_code
    )
    assert client.get(discard).status_code == 405 == client.get(SAVE).status_code
    assert client.post(discard).status_code == 302 and not SavedView.objects.exists()


def test_a_view_holds_codes_only_and_one_form_makes_one(cast, three, sign_in):
    client, sent = sign_in(cast.amina), form("Mine", "mine=1&q=Zoraida&status=NONSENSE&team=x")
    for _ in range(2):
        assert client.post(SAVE, sent).url == f"{CASES}?mine=1"
    assert SavedView.objects.count() == 1


def test_what_cannot_be_saved_is_said_beside_the_field(cast, three, sign_in):
    client = sign_in(cast.amina)
    page = client.post(SAVE, form("", "mine=1"))
    assert page.status_code == 422 and "Write a name for this view." in page.text
    for number in range(MAX_VIEWS):
        save_view(actor=cast.amina, now=clock.now(), name=f"View {number}", query="")
    page = client.post(SAVE, form("One more", "mine=1"))
    assert page.status_code == 422 and "twelve saved views" in page.text and 'value="One more"' in page.text
