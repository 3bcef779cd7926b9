"""A note from anywhere: one key combination, Enter, and one writes; long texts are folded."""

import pytest
from django.urls import reverse

from audit import clock
from cases.actions.notes import add_note
from cases.note_words import SHOWN_UNFOLDED, folded
from tests import make

LONG = "She told of the journey. " * 40 + "Last word: Fulmarine."


def test_in_a_case_the_key_opens_its_note_and_the_text_has_the_focus(cast, case, sign_in):
    client = sign_in(cast.amina)
    shown = client.get(reverse("case-overview", args=[case.uid])).text
    add = reverse("case-note-add", args=[case.uid])
    assert f'href="{add}" accesskey="n"' in shown and shown.count("accesskey") == 1
    form = client.get(add).text
    area = form[form.index("<textarea") : form.index("</textarea>")]
    assert "autofocus" in area and form.count("autofocus") == 1


def test_elsewhere_it_opens_the_cases_one_was_in_lately_the_last_first(cast, case, sign_in):
    other, never = (make.case(cast.amina, cast.team_of("amina")) for _one in range(2))
    client = sign_in(cast.amina)
    for one in (case, other):
        client.get(reverse("case-overview", args=[one.uid]))
    assert f'href="{reverse("note-where")}" accesskey="n"' in client.get(reverse("day")).text
    shown = client.get(reverse("note-where")).text
    links = [reverse("case-note-add", args=[one.uid]) for one in (other, case)]
    assert shown.index(links[0]) < shown.index(links[1]) and shown.count("autofocus") == 1
    assert "autofocus" in shown[shown.index(links[0]) : shown.index(links[1])]
    assert reverse("case-note-add", args=[never.uid]) not in shown


def test_what_she_may_not_write_in_any_more_is_not_offered(cast, case, sign_in):
    client = sign_in(cast.amina)
    client.get(reverse("case-overview", args=[case.uid]))
    make.closed(case, cast.amina)
    assert str(case.uid) not in client.get(reverse("note-where")).text
    dana = sign_in(cast.dana)
    dana.get(reverse("case-overview", args=[case.uid]))
    assert str(case.uid) not in dana.get(reverse("note-where")).text


@pytest.mark.parametrize("key", ["elif_", "farid", "chidi", "ines"])
def test_who_writes_no_notes_on_cases_has_no_key_for_it(cast, key, sign_in):
    shown = sign_in(getattr(cast, key)).get(reverse("home"), follow=True).text
    assert "accesskey" not in shown


def test_a_long_narrative_is_folded_on_the_timeline_and_whole_on_its_own_page(cast, case, sign_in):
    note = add_note(actor=cast.amina, now=clock.now(), case_uid=case.uid, privilege_class="SERVICES_NOTE", body=LONG)
    client = sign_in(cast.amina)
    shown = client.get(reverse("case-overview", args=[case.uid])).text
    assert (
        shown.index("Show the rest")
        < shown.index("Last word: Fulmarine.")
        < shown.index("</details>", shown.index("Show the rest"))
    )
    assert LONG in client.get(reverse("case-note", args=[case.uid, note.uid])).text


@pytest.mark.parametrize("text", ["", "Short.", "x" * SHOWN_UNFOLDED, "x" * 900, LONG, "a b " * 200, "مرحبا " * 99])
def test_folding_loses_no_word(text):
    beginning, rest = folded(text)
    assert (len(beginning) <= SHOWN_UNFOLDED and (beginning + rest).split() == text.split()) or (
        f"{beginning} {rest}".split() == text.split()
    )
