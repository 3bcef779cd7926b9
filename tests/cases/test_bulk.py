"""One act on several ticked cases: what will happen, what became of each; nothing twice, and nothing past the door."""

import csv
import io
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from cases import access
from cases.actions.tagging import make_tag
from cases.models import CaseTag, Task
from cases.views import bulk as views
from tests import make
from tests.accounts.signing_in import fresh
from tests.cast import Cast

pytestmark = pytest.mark.sql

CASES = reverse("cases")
BULK = reverse("case-bulk")
SHEET = reverse("case-sheet")


@pytest.fixture
def three(cast: Cast):
    return [make.case(cast.amina, cast.team_of("amina"), first_name=f"Zora{number}") for number in range(3)]


@pytest.fixture
def word(cast: Cast):
    return make_tag(actor=cast.mara, now=clock.now(), word="Court this month")


def ticked(cases, act, **more):
    return {"case": [str(case.uid) for case in cases], "act": act, **more}


def results(page):
    """Number of each case → what became of it."""
    rows = re.findall(
        r"<bdi>(HV-\w{4}-\w{4})</bdi>.*?</div>\s*<span class=\"tag [^\"]*\">([^<]+)</span>", page.text, re.S
    )
    return dict(rows)


def test_the_list_offers_ticks_that_work_without_javascript(cast, three, word, sign_in):
    page = sign_in(cast.amina).get(CASES)
    for case in three:
        assert f'name="case" value="{case.uid}" form="several"' in page.text
    assert "Put a tag on" in page.text and "Choose a new lead" not in page.text
    assert "Choose a new lead" in sign_in(cast.bea).get(CASES).text


def test_a_page_says_what_will_happen_and_does_nothing_yet(cast, three, word, sign_in):
    page = sign_in(cast.amina).post(BULK, ticked(three[:2], "TAG", query="mine=1"))
    assert page.status_code == 200
    assert three[0].number in page.text and three[1].number in page.text and three[2].number not in page.text
    assert "Do this in 2 cases" in page.text and 'href="/cases/?mine=1"' in page.text
    assert not access.for_the_house(CaseTag).exists()


def test_each_case_has_its_own_answer_and_a_retry_does_nothing_twice(cast, three, word, sign_in):
    client = sign_in(cast.amina)
    first, second, third = three
    client.post(reverse("case-tags", args=[second.uid]), {"tags": [str(word.uid)]})
    make.closed(third, cast.amina)
    sent = ticked(three, "TAG", tag=str(word.uid), go="1", form_key=str(uuid4()))
    page = client.post(BULK, sent)
    assert results(page) == {first.number: "Done", second.number: "Was so already", third.number: "Not done"}
    assert "This case is closed" in page.text
    assert results(client.post(BULK, sent))[first.number] == "Was so already"
    assert Event.objects.filter(verb="CASE_TAGGED", subject_uid=first.uid).count() == 1
    page = client.post(BULK, ticked(three[:2], "UNTAG", tag=str(word.uid), go="1"))
    assert set(results(page).values()) == {"Done"}


def test_tasks_for_whoever_leads_each_and_once_for_one_page(cast, three, sign_in):
    client, day = sign_in(cast.bea), timezone.localdate() + timedelta(days=3)
    before = access.for_the_house(Task).count()
    sent = ticked(
        three[:2], "TASK", title="Ask about the winter coat", due_on=day.isoformat(), assigned_to="LEAD", go="1"
    )
    sent["form_key"] = str(uuid4())
    assert set(results(client.post(BULK, sent)).values()) == {"Done"}
    page = client.post(BULK, {**sent, "case": [str(case.uid) for case in three]})
    assert results(page) == {
        three[0].number: "Was so already",
        three[1].number: "Was so already",
        three[2].number: "Done",
    }
    assert "This page did it before." in page.text
    made = access.for_the_house(Task).order_by("-pk")[:3]
    assert access.for_the_house(Task).count() == before + 3 and {task.assigned_to_id for task in made} == {
        cast.amina.pk
    }
    assert client.post(BULK, {**sent, "title": "", "form_key": str(uuid4())}).status_code == 422


def test_a_new_lead_is_chosen_by_a_supervisor_alone(cast, three, sign_in):
    sent = ticked(three, "LEAD", person=str(cast.bea.uid), go="1")
    answer = sign_in(cast.amina).post(BULK, sent)
    assert answer.status_code == 302, "the act is not offered to her"
    page = sign_in(cast.bea).post(BULK, sent)
    assert set(results(page).values()) == {"Done"}
    assert {type(case)._base_manager.get(pk=case.pk).lead_id for case in three} == {cast.bea.pk}
    assert Event.objects.filter(verb="CASE_HANDED_OVER").count() == 3
    assert set(results(sign_in(cast.bea).post(BULK, sent)).values()) == {"Was so already"}


def test_a_case_she_may_read_and_not_write_is_refused_and_recorded(cast, three, word, sign_in):
    make.colleague(three[0], cast.bea, cast.gita, "CLINICAL")
    page = sign_in(cast.gita).post(BULK, ticked(three[:1], "TAG", tag=str(word.uid), go="1"))
    assert results(page) == {three[0].number: "Not done"} and "You may not do this in this case." in page.text
    assert Event.objects.filter(verb="ACCESS_REFUSED", subject_uid=three[0].uid).count() == 1
    assert not access.for_the_house(CaseTag).exists()


def test_what_is_not_hers_is_not_told_from_what_is_not_there(cast, three, word, sign_in):
    hers = make.case(cast.dana, cast.team_of("dana"))
    dana = sign_in(cast.dana)

    def page_for(uid):
        text = dana.post(BULK, {"case": [str(hers.uid), str(uid)], "act": "TAG", "tag": str(word.uid), "go": "1"}).text
        return re.sub(r'value="[\w-]{30,}"', "", text)

    assert "1 of those you ticked cannot be opened by you now" in page_for(uuid4())
    assert page_for(uuid4()) == page_for(three[0].uid)
    assert three[0].number not in page_for(three[0].uid)
    assert access.for_the_house(CaseTag).filter(case=three[0]).count() == 0


def test_nothing_ticked_leads_back_and_a_page_is_the_most(cast, three, word, sign_in, monkeypatch):
    client = sign_in(cast.amina)
    for sent in ({"act": "TAG"}, ticked(three, ""), ticked(three, "NONSENSE"), {"act": "TAG", "case": ["nonsense"]}):
        assert client.post(BULK, sent).status_code == 302
    assert client.get(BULK).status_code == 405
    page = client.post(BULK, {"act": "TAG", "all": "1", "page": [str(case.uid) for case in three]})
    assert "Do this in 3 cases" in page.text
    monkeypatch.setattr(views.bulk, "MOST", 2)
    assert "Do this in 2 cases" in client.post(BULK, ticked(three, "TAG")).text
    for person in (cast.hugo, cast.chidi):
        assert sign_in(person).post(BULK, ticked(three, "TAG")).status_code == 302


# ---- the page as a sheet ----


def sheet_in(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_sheet_is_what_stands_on_the_screen(cast, three, word, sign_in):
    client = fresh(cast.amina)
    client.post(reverse("case-tags", args=[three[1].uid]), {"tags": [str(word.uid)]})
    rows = sheet_in(client.get(SHEET))
    assert rows[0] == ["Alias", "Case", "Tags", "Stage", "Next", "Due", "Lead caseworker"]
    screen = client.get(CASES).text
    assert [row[1] for row in rows[1:]] == re.findall(r"HV-\w{4}-\w{4}", screen)
    assert all(cell in screen for row in rows[1:] for cell in (row[0], row[3], row[4], row[6]))
    rows = sheet_in(client.get(f"{SHEET}?tag={word.uid}"))
    assert [row[1:3] for row in rows[1:]] == [[three[1].number, "Court this month"]]
    assert "Zora1" not in str(rows), "names are hidden on the screen, and so in the sheet"
    client.post(reverse("case-names"), {"names": "show"})
    rows = sheet_in(client.get(f"{SHEET}?tag={word.uid}"))
    assert rows[0][3] == "Name" and rows[1][3].startswith("Zora1")
    codes = Event.objects.filter(verb="EXPORT_MADE").latest("pk").detail.content["codes"]
    assert codes["count"] == 1 and codes["format"] == "SCREEN" and codes["sha256"]


def test_the_sheet_takes_a_fresh_proof_and_keeps_the_filters(cast, three, sign_in):
    answer = sign_in(cast.amina).get(f"{SHEET}?mine=1")
    assert answer.status_code == 302 and "mine%3D1" in answer.url
    assert not Event.objects.filter(verb="EXPORT_MADE").exists()


def test_the_sheet_is_for_the_house_alone_and_runs_nothing(cast, three, sign_in):
    for person in (cast.hugo, cast.chidi, cast.elif_, cast.farid):
        assert sign_in(person).get(SHEET).status_code == 404
    tag = make_tag(actor=cast.mara, now=clock.now(), word="=SUM(A1)")
    client = fresh(cast.amina)
    client.post(reverse("case-tags", args=[three[0].uid]), {"tags": [str(tag.uid)]})
    assert [row[2] for row in sheet_in(client.get(f"{SHEET}?tag={tag.uid}"))[1:]] == ["'=SUM(A1)"]
    assert sheet_in(fresh(cast.dana).get(SHEET))[1:] == []


def test_the_ticked_rows_alone_are_a_sheet_and_each_is_what_the_screen_shows(cast, three, word, sign_in):
    client = fresh(cast.amina)
    hidden = make.case(cast.dana, cast.team_of("dana"))
    chosen = [*three[:2], hidden]
    page = client.post(BULK, ticked(chosen, "SHEET"))
    assert "Download 2 rows" in page.text and "1 of those you ticked cannot be opened by you now" in page.text
    assert three[2].number not in page.text and hidden.number not in page.text
    answer = client.post(BULK, ticked(chosen, "SHEET", go="1", form_key=str(uuid4())))
    assert answer["Content-Disposition"].startswith("attachment")
    rows = sheet_in(answer)
    codes = Event.objects.filter(verb="EXPORT_MADE").latest("pk").detail.content["codes"]
    assert (codes["count"], codes["format"]) == (2, "SCREEN")
    whole = {row[1]: row for row in sheet_in(client.get(SHEET))}
    assert [row[1] for row in rows] == ["Case", *(case.number for case in three[:2])]
    assert all(row == whole[row[1]] for row in rows)
    # A file is out of our hands: a proof comes first, and what was ticked is kept.
    asked = sign_in(cast.amina).post(BULK, ticked(three, "SHEET", go="1", form_key=str(uuid4())))
    assert asked.status_code == 303 and "/account/confirm/" in asked.url
    assert "SHEET" not in sign_in(cast.hugo).get(CASES).text
