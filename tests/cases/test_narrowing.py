"""Filters of the list by what is due, by alerts and by tags: they find what the reader may know of, and nothing else."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from cases import access
from cases.actions.alerts import AlertFacts, end_alert, raise_alert
from cases.actions.notes import add_note
from cases.actions.partners import give_partner_access
from cases.actions.releases import Terms, record_release
from cases.actions.tagging import make_tag, retire_tag, set_tags, tag_case, untag_case
from cases.actions.tasks import add_task
from cases.models import CaseTag, Due, Tag
from tests import make
from tests.cases.releasing import signing
from tests.cast import Cast

pytestmark = pytest.mark.sql

CASES = reverse("cases")
TAGS = reverse("tags")


def numbers_in(page):
    return re.findall(r"HV-\w{4}-\w{4}", page.text)


@pytest.fixture
def three(cast: Cast):
    team = cast.team_of("amina")
    made = [make.case(cast.amina, team, first_name=f"Zora{number}") for number in range(3)]
    for row in access.for_the_house(Due).filter(done_at__isnull=True):
        row.done_at = clock.now()
        row.save(update_fields=["done_at"])
    return made


def due(cast, case, days, **more):
    day = timezone.localdate() + timedelta(days=days)
    facts = {"actor": cast.amina, "now": clock.now(), "case_uid": case.uid, "assigned_to": cast.amina}
    add_task(**{**facts, **more}, title="Call", due_on=day)


def warn(cast, case, section="CARD", code="TRAFFICKER_RELEASED", **more):
    facts = AlertFacts(code, section, **more)
    return raise_alert(actor=cast.amina, now=clock.now(), case_uid=case.uid, warning=facts)


@pytest.fixture
def word(cast: Cast):
    return make_tag(actor=cast.mara, now=clock.now(), word="Court this month")


def put(cast, case, tag, actor=None):
    return tag_case(actor=actor or cast.amina, now=clock.now(), case_uid=case.uid, tag_uid=tag.uid)


def test_what_is_overdue_and_what_comes_within_the_week(cast, three, sign_in):
    first, second, third = three
    due(cast, first, 7)
    due(cast, second, 8)
    due(cast, third, 0)
    overdue = access.for_the_house(Due).filter(case=second, done_at__isnull=True).get()
    client = sign_in(cast.amina)
    assert sorted(numbers_in(client.get(f"{CASES}?due=WEEK"))) == sorted([first.number, third.number])
    assert numbers_in(client.get(f"{CASES}?due=OVERDUE")) == []
    overdue.due_on = timezone.localdate() - timedelta(days=1)
    overdue.save(update_fields=["due_on"])
    page = client.get(f"{CASES}?due=OVERDUE&sort=DEADLINE")
    assert numbers_in(page) == [second.number] and ">1 case<" in page.text
    assert 'href="/cases/?sort=DEADLINE">Overdue' in page.text, "each filter can be taken off alone"
    assert len(numbers_in(client.get(f"{CASES}?due=TASK"))) == 3
    assert numbers_in(client.get(f"{CASES}?due=HEARING")) == []
    assert len(numbers_in(client.get(f"{CASES}?due=ZORA"))) == 3, "what is no code was not asked"


def test_a_done_date_is_due_no_more(cast, three, sign_in):
    due(cast, three[0], 1)
    row = access.for_the_house(Due).get(case=three[0], done_at__isnull=True)
    row.done_at = clock.now()
    row.save(update_fields=["done_at"])
    assert numbers_in(sign_in(cast.amina).get(f"{CASES}?due=WEEK")) == []


def test_a_date_or_an_alert_of_a_part_she_may_not_open_is_not_there(cast, three, sign_in):
    first, second, _third = three
    for case in (first, second):
        make.colleague(case, cast.bea, cast.gita, "CLINICAL")
    due(cast, first, 1)  # in the caseworkers' part
    warn(cast, first, "ADVOCACY", words="The neighbour asks")
    gita = sign_in(cast.gita)
    assert len(numbers_in(gita.get(CASES))) == 2
    for query in ("due=WEEK", "due=TASK", "alert=1"):
        assert numbers_in(gita.get(f"{CASES}?{query}")) == [], query
        assert numbers_in(sign_in(cast.amina).get(f"{CASES}?{query}")) == [first.number], query
    warn(cast, second)
    assert numbers_in(gita.get(f"{CASES}?alert=1")) == [second.number]


def test_an_alert_that_is_ended_or_has_not_begun_warns_nobody(cast, three, sign_in):
    ended = warn(cast, three[0])
    warn(cast, three[1], starts_on=timezone.localdate() + timedelta(days=1))
    client = sign_in(cast.amina)
    assert numbers_in(client.get(f"{CASES}?alert=1")) == [three[0].number]
    end_alert(actor=cast.amina, now=clock.now(), case_uid=three[0].uid, alert_uid=ended.uid)
    assert numbers_in(client.get(f"{CASES}?alert=1")) == []


def test_a_stranger_finds_nothing_by_any_filter(cast, three, word, sign_in):
    due(cast, three[0], 1)
    warn(cast, three[0])
    put(cast, three[0], word)
    for person in (cast.dana, cast.elif_):
        client = sign_in(person)
        for query in ("due=WEEK", "alert=1", f"tag={word.uid}"):
            assert numbers_in(client.get(f"{CASES}?{query}")) == [], query


def test_filtered_lists_cost_the_same_for_three_and_for_nine(cast, three, word, sign_in):
    client, counts = sign_in(cast.amina), []
    for more in (0, 6):
        for case in three if not more else [make.case(cast.amina, cast.team_of("amina")) for _ in range(more)]:
            due(cast, case, 1)
            warn(cast, case)
            put(cast, case, word)
        url = f"{CASES}?due=WEEK&alert=1&tag={word.uid}"
        assert len(numbers_in(client.get(url))) == 3 + more
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_list_of_words_is_kept_by_few_and_holds_no_number(cast, sign_in):
    coordinator = sign_in(cast.mara)
    assert coordinator.post(TAGS, {"word": "  Court   this month "}).status_code == 302
    tag = Tag.objects.for_house().get()
    assert tag.word == "Court this month" and "Court this month" in coordinator.get(TAGS).text
    for wrong in ("A123456789", "Born 1999", "zora@example.org", ""):
        assert coordinator.post(TAGS, {"word": wrong}).status_code == 422, wrong
    page = coordinator.post(TAGS, {"word": "COURT this month"})
    assert page.status_code == 422 and "on the list already" in page.text
    assert "Tags are not encrypted" in page.text
    assert sign_in(cast.farid).get(TAGS).status_code == 200
    for person in (cast.amina, cast.chidi, cast.elif_, cast.hugo):
        client = sign_in(person)
        assert client.get(TAGS).status_code == 404 == client.post(TAGS, {"word": "Mine"}).status_code
        assert client.post(reverse("tag-retire", args=[tag.uid])).status_code == 404
    assert Event.objects.filter(verb="TAG_MADE").count() == 1
    assert coordinator.post(reverse("tag-retire", args=[tag.uid])).status_code == 302
    assert coordinator.post(reverse("tag-offer", args=[tag.uid])).status_code == 302
    assert list(Event.objects.order_by("pk").filter(verb__startswith="TAG_").values_list("verb", flat=True)) == [
        "TAG_MADE", "TAG_RETIRED", "TAG_MADE",
    ]  # fmt: skip
    assert coordinator.get(reverse("tag-retire", args=[tag.uid])).status_code == 405


def test_a_case_carries_words_and_says_so_where_it_is_open(cast, three, word, sign_in):
    other = make_tag(actor=cast.mara, now=clock.now(), word="Moves soon")
    case, client = three[0], sign_in(cast.amina)
    page = reverse("case-tags", args=[case.uid])
    assert "Moves soon" in client.get(page).text
    assert client.post(page, {"tags": [str(word.uid), str(other.uid)]}).status_code == 302
    assert "Court this month" in client.get(reverse("case-overview", args=[case.uid])).text
    assert "Court this month, Moves soon" in client.get(CASES).text
    assert numbers_in(client.get(f"{CASES}?tag={word.uid}")) == [case.number]
    assert client.post(page, {"tags": [str(other.uid)]}).status_code == 302
    assert numbers_in(client.get(f"{CASES}?tag={word.uid}")) == []
    standing = access.for_the_house(CaseTag).filter(case=case)
    assert standing.count() == 2 and standing.get(taken_at__isnull=True).tag == other
    assert Event.objects.filter(verb="CASE_TAGGED").count() == 2
    assert Event.objects.filter(verb="CASE_UNTAGGED", subject_uid=case.uid).count() == 1
    assert client.post(page, {"tags": ["nonsense"]}).status_code == 422


def test_who_may_tag_and_who_may_see_a_tag(cast, three, word, sign_in):
    case = three[0]
    put(cast, case, word)
    page = reverse("case-tags", args=[case.uid])
    make.colleague(case, cast.bea, cast.gita, "CLINICAL")
    assert sign_in(cast.dana).get(page).status_code == 404
    assert sign_in(cast.elif_).get(page).status_code == 404
    gita = sign_in(cast.gita)  # reads the card, does not write it
    assert gita.get(page).status_code == 403 == gita.post(page, {"tags": []}).status_code
    assert "Court this month" in gita.get(CASES).text
    make.closed(case, cast.amina)
    client = sign_in(cast.amina)
    assert "This case is closed" in client.get(page).text
    assert client.post(page, {"tags": []}).status_code == 422
    assert access.for_the_house(CaseTag).filter(case=case, taken_at__isnull=True).exists()


def test_tags_are_not_told_outside_the_house(cast, three, word, sign_in):
    case = three[0]
    put(cast, case, word)
    released = record_release(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, recipient=cast.hugo.organisation, purpose="REFERRAL",
        purpose_text="A dentist", terms=Terms(categories=["IDENTITY", "CONTACT"]), signing=signing(),
        expires_at=clock.now() + timedelta(days=9),
    )  # fmt: skip
    give_partner_access(
        actor=cast.amina,
        now=clock.now(),
        case_uid=case.uid,
        kind="REFERRAL",
        release_uid=released.uid,
        person=cast.hugo,
    )
    hugo = sign_in(cast.hugo)
    page = hugo.get(CASES)
    assert numbers_in(page) == [case.number] and "With the ticked cases" not in page.text
    for address in (CASES, reverse("case-overview", args=[case.uid])):
        assert "Court this month" not in hugo.get(address).text
    assert numbers_in(hugo.get(f"{CASES}?tag={word.uid}")) == [case.number], (
        "a code that he does not know was not asked"
    )
    assert hugo.get(reverse("case-tags", args=[case.uid])).status_code == 403


def test_a_retired_word_stays_where_it_is_and_is_offered_to_no_other(cast, three, word, sign_in):
    first, second, _third = three
    put(cast, first, word)
    retire_tag(actor=cast.mara, now=clock.now(), tag_uid=word.uid)
    client = sign_in(cast.amina)
    assert "Court this month" in client.get(reverse("case-tags", args=[first.uid])).text
    assert "Court this month" not in client.get(reverse("case-tags", args=[second.uid])).text
    assert client.post(reverse("case-tags", args=[second.uid]), {"tags": [str(word.uid)]}).status_code == 422
    set_tags(actor=cast.amina, now=clock.now(), case_uid=first.uid, tag_uids=[])
    assert untag_case(actor=cast.amina, now=clock.now(), case_uid=first.uid, tag_uid=word.uid) == first
    assert Event.objects.filter(verb="CASE_UNTAGGED").count() == 1, "what is not carried is not taken off"


def test_cases_are_found_by_a_word_of_before_as_long_as_one_carries_it(cast, three, word, sign_in):
    first, second, _third = three
    put(cast, first, word)
    retire_tag(actor=cast.mara, now=clock.now(), tag_uid=word.uid)
    client, address = sign_in(cast.amina), f"{CASES}?tag={word.uid}"
    page = client.get(address)
    assert numbers_in(page) == [first.number] and page.text.count("Court this month (no longer offered)") == 2
    chosen = {"act": "TAG", "query": f"tag={word.uid}", "case": [str(first.uid), str(second.uid)]}
    bulk = reverse("case-bulk")
    assert client.post(bulk, chosen).status_code == 302, "no word is left that could be put on"
    assert f'value="{word.uid}"' in client.post(bulk, chosen | {"act": "UNTAG"}).text
    client.post(bulk, chosen | {"act": "UNTAG", "go": "1", "tag": str(word.uid)})
    assert not access.for_the_house(CaseTag).filter(taken_at__isnull=True).exists()
    page = client.get(address)
    assert "Court this month" not in page.text, "nothing carries it now"


def test_a_word_of_before_on_a_case_she_may_not_open_is_not_told(cast, three, word, sign_in):
    put(cast, three[0], word)
    retire_tag(actor=cast.mara, now=clock.now(), tag_uid=word.uid)
    assert "Court this month" not in sign_in(cast.dana).get(CASES).text


def test_notes_alone_fit_no_filter(cast, three, sign_in):
    add_note(
        actor=cast.amina,
        now=clock.now(),
        case_uid=three[0].uid,
        privilege_class="ADVOCATE_CONFIDENTIAL",
        body="She called",
    )
    for query in ("due=WEEK", "alert=1"):
        assert numbers_in(sign_in(cast.amina).get(f"{CASES}?{query}")) == []
