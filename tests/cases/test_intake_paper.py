"""The intake on paper: the questions of the screen, none more and none less, and nobody's name."""

from html import unescape

import pytest
from django.urls import reverse

from audit.models import Event
from cases import her_language
from cases.forms.intake import IntakeForm
from cases.talk import STEPS
from cases.views import intake_paper

PAGE = reverse("intake-paper")


def test_it_asks_what_the_screen_asks_with_its_reasons_and_answers(cast, case, sign_in):
    client = sign_in(cast.amina)
    page = unescape(client.get(PAGE).text)
    form = IntakeForm(teams=())
    for name, field in form.fields.items():
        if name not in ("form_key", "team"):
            assert f"<h3>{field.label}</h3>" in page, name
            listed = [str(label) for code, label in getattr(field, "choices", ()) if code]
            assert all(f"☐</span> {label}" in page for label in listed) == (len(listed) <= intake_paper.MOST_CHOICES), (
                name
            )
    assert all(str(sentence) in page for sentence in form.why.values())
    assert "Zoraida" not in page and "data-print" in page
    assert PAGE in client.get(reverse("intake")).text
    assert Event.objects.filter(verb="PAGE_OPENED", actor_uid=cast.amina.uid, case_uid=None).exists()


def test_every_question_of_the_form_has_its_place_on_paper():
    asked = [name for _title, names in intake_paper.PARTS for name in names]
    assert sorted([*asked, "form_key", "team"]) == sorted(IntakeForm(teams=()).fields)


def test_it_speaks_the_language_that_was_chosen_or_says_that_it_cannot(cast, sign_in, monkeypatch):
    client = sign_in(cast.amina)
    monkeypatch.setattr(her_language, "is_translated", lambda language: language == "en")
    page = client.get(PAGE, {"language": "es"}).text
    assert "There is no text in Spanish yet." in page and "Reaching her safely" in page
    assert "There is no text" not in client.get(PAGE, {"language": "en"}).text
    assert client.get(PAGE, {"language": "<script>"}).status_code == 200


def test_the_long_talk_is_printed_topic_by_topic_with_the_boxes_of_the_screens(cast, sign_in):
    page = unescape(sign_in(cast.amina).get(PAGE, {"paper": "long"}).text)
    for step in STEPS:
        assert f">{step.heading}</h2>" in page and str(step.why) in page and str(step.warning) in page, step.slug
        for field in step.make_form().visible_fields():
            block = page.split(f"<h3>{field.label}</h3>", 1)[1].split("<h3>", 1)[0]
            assert "☐</span> Prefers not to say" in block, (step.slug, field.name)
            assert "☐</span> Does not know" in block or "☐</span> Not known" in block, (step.slug, field.name)
    short = unescape(sign_in(cast.amina).get(PAGE).text)
    assert "☐</span> Prefers not to say" in short.split("<h3>First name</h3>")[1].split("<h3>")[0]
    assert "☐</span> Prefers not to say" not in short.split("<h3>Day of the intake</h3>")[1]
    assert sign_in(cast.amina).get(PAGE, {"paper": "other"}).status_code == 200


@pytest.mark.parametrize("key", ["elif_", "farid", "chidi", "kemi", "gita", "hugo"])
def test_it_is_for_those_who_take_people_in(cast, sign_in, key):
    assert sign_in(getattr(cast, key)).get(PAGE).status_code == 404


def test_it_is_only_read(cast, sign_in):
    assert sign_in(cast.amina).post(PAGE).status_code == 405
