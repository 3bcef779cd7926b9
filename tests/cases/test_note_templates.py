"""Words to begin with: by type, in the reader's language, beneath what was typed; they work without JavaScript."""

import pytest
from django.urls import reverse
from django.utils import translation

from cases import access
from cases.choices.notes import WORDS_OF_TYPE, WRITTEN_TYPES, with_words
from cases.models import Note


def add_page(case):
    return reverse("case-note-add", args=[case.uid])


@pytest.mark.parametrize("kind", WRITTEN_TYPES)
def test_every_type_has_words_and_they_come_once(kind):
    once = with_words("", kind)
    assert once == str(WORDS_OF_TYPE[kind]) and with_words(once, kind) == once


def test_what_was_typed_stays_in_front():
    assert with_words("She laughed.\n", "MEETING").startswith("She laughed.\n\nWhere:")
    assert with_words("She laughed.", "") == "She laughed." == with_words("She laughed.", "NOTHING")


def test_the_button_puts_them_beneath_what_was_typed_and_saves_nothing(cast, case, sign_in, events):
    client = sign_in(cast.amina)
    assert 'name="offer"' in client.get(add_page(case)).text
    typed = {
        "body": "Half a thought & more", "note_type": "VISIT", "privilege_class": "SAFETY_NOTE", "present": ["SURVIVOR"],
        "others": "a neighbour", "happened_at": "2026-03-02T10:30", "offer": "1",
    }  # fmt: skip
    page = client.post(add_page(case), typed)
    assert page.status_code == 200 and events("NOTE_ADDED") == []
    assert "Half a thought &amp; more\n\nWhere:\nWhat was seen of the place:" in page.text
    assert 'value="a neighbour"' in page.text and 'value="2026-03-02T10:30"' in page.text
    for chosen in ("SAFETY_NOTE", "SURVIVOR"):
        place = page.text.index(f'value="{chosen}"')
        assert "checked" in page.text[place : page.text.index(">", place)]
    assert not access.for_the_house(Note).filter(case__uid=case.uid).exists()


def test_they_are_looked_up_when_they_are_asked_for(monkeypatch):
    with translation.override("es"):
        monkeypatch.setattr(translation._trans, "gettext", lambda _words: "¿Dónde?")
        assert with_words("", "MEETING") == "¿Dónde?", "lazy, so that each reader gets her own language"


def test_a_stranger_is_offered_nothing(cast, case, sign_in):
    assert sign_in(cast.dana).post(add_page(case), {"offer": "1", "note_type": "VISIT"}).status_code == 404
