"""Drafts: what is typed survives, for its writer alone."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import reverse

from audit import clock
from audit.context import demo_context
from audit.models import Event
from cases import access
from cases.actions.drafts import MAX_DRAFTS, save_draft, sweep_drafts
from cases.models import Draft
from tests.cases import stored

CANARY = "Marmalade over nine bridges"


def draft_url(kind="note", about=None):
    return reverse("draft", args=[kind, about or uuid4()])


@pytest.mark.sql
def test_it_is_kept_sealed_and_given_back_to_its_writer_alone(cast, sign_in):
    url = draft_url()
    client = sign_in(cast.amina)
    before = Event.objects.count()
    assert client.post(url, {"body": CANARY, "ticks": ["A", "B"], "form_key": str(uuid4())}).status_code == 204
    assert CANARY.encode() not in stored.dump()
    assert client.get(url).json()["fields"] == {"body": [CANARY], "ticks": ["A", "B"]}
    assert sign_in(cast.bea).get(url).status_code == 404
    assert Event.objects.filter(verb__contains="DRAFT").count() == 0 and Event.objects.count() >= before


def test_typing_on_replaces_it(cast, sign_in):
    url = draft_url()
    client = sign_in(cast.amina)
    client.post(url, {"body": "one"})
    client.post(url, {"body": "one two"})
    assert client.get(url).json()["fields"] == {"body": ["one two"]}
    assert access.own(Draft, cast.amina).count() == 1


def test_the_day_page_leads_back_to_the_form(cast, case, sign_in):
    client = sign_in(cast.amina)
    page = reverse("case-note-add", args=[case.uid])
    client.post(draft_url("note", case.uid), {"body": "x"}, HTTP_REFERER=f"http://testserver{page}")
    assert page in client.get(reverse("day")).text


def test_an_address_from_elsewhere_is_never_linked(cast, case, sign_in):
    client = sign_in(cast.amina)
    client.post(draft_url("note", case.uid), {"body": "x"}, HTTP_REFERER="https://evil.example/trap/")
    assert "trap" not in client.get(reverse("day")).text


def test_it_can_be_thrown_away(cast, sign_in):
    about = uuid4()
    client = sign_in(cast.amina)
    client.post(draft_url("note", about), {"body": "x"})
    assert client.post(reverse("draft-discard", args=["note", about])).status_code == 302
    assert client.get(draft_url("note", about)).status_code == 404
    assert client.get(reverse("draft-discard", args=["note", about])).status_code == 405


def test_after_fourteen_days_nothing_is_left(cast, ledger):
    with demo_context():
        now = clock.now()
        save_draft(
            actor=cast.amina, now=now - timedelta(days=14), kind="note", about_uid=uuid4(), fields={"body": ["old"]}
        )
        save_draft(actor=cast.amina, now=now, kind="note", about_uid=uuid4(), fields={"body": ["new"]})
    assert sweep_drafts(actor=None, now=clock.now()) == 1
    assert access.own(Draft, cast.amina).count() == 1


def test_too_much_text_is_said_and_not_cut(cast, sign_in):
    answer = sign_in(cast.amina).post(draft_url(), {"body": "x" * 400_001})
    assert answer.status_code == 413 and "too long" in answer.text


def test_the_oldest_makes_room(cast):
    for _ in range(MAX_DRAFTS + 3):
        save_draft(actor=cast.amina, now=clock.now(), kind="note", about_uid=uuid4(), fields={"body": ["x"]})
    assert access.own(Draft, cast.amina).count() == MAX_DRAFTS


def test_a_lost_session_is_told_so_that_the_page_keeps_the_text(db, client):
    answer = client.post(draft_url(), {"body": "x"})
    assert answer.status_code in (302, 303) and answer.url.startswith(settings.LOGIN_URL)


def test_odd_characters_do_no_harm(cast, sign_in):
    url = draft_url()
    client = sign_in(cast.amina)
    assert client.post(url, {"body": "a\x00b 🌱 مُحَمَّد"}).status_code == 204
    assert client.get(url).json()["fields"]["body"] == ["a\x00b 🌱 مُحَمَّد"]
