"""Search: whatever is at hand finds the case, among those one may open; the term is nowhere kept."""

from datetime import date

import pytest
from django.urls import reverse

from cases import spelling
from cases.search import read_question
from tests import make
from tests.cases import stored

SEARCH = reverse("case-search")


def found(client, text):
    answer = client.post(SEARCH, {"q": text})
    assert answer.status_code == 302, answer.content
    return client.get(answer.url)


@pytest.mark.parametrize(
    "text",
    ["Zoraida", "zoraida quillfeather", "QUILLFEATHER, Zoraida", "quill", "Zoráida", "1998-04-05", "5.4.1998",
     "+1 202 555 0123", "(202) 555-0123", "٢٠٢٥٥٥٠١٢٣"],
)  # fmt: skip
def test_whatever_is_at_hand_finds_her(cast, case, sign_in, text):
    assert case.number in found(sign_in(cast.amina), text).text


def test_alias_and_number_find_her_too(cast, case, sign_in):
    client = sign_in(cast.amina)
    for text in (case.number, case.number.lower().replace("-", ""), case.number[-4:]):
        assert case.number in found(client, text).text, text
    alias = found(client, "Zoraida").text.split(f"/cases/{case.uid}/")[1].split(">")[1].split("<")[0]
    assert case.number in found(client, alias).text


@pytest.mark.parametrize("text", ["Zebra", "Zoraida Miller", "1999-01-01", "202 555 9999", "HV-0000-0000"])
def test_what_does_not_fit_is_not_found(cast, case, sign_in, text):
    page = found(sign_in(cast.amina), text)
    assert case.number not in page.text and "none fits" in page.text


def test_a_strangers_search_is_as_empty_as_a_miss(cast, case, sign_in, events):
    page = found(sign_in(cast.dana), "Zoraida Quillfeather")
    assert case.number not in page.text
    assert events("CASES_SEARCHED")[-1].detail.content["codes"]["count"] == 0


def test_whoever_holds_only_the_card_finds_by_alias_not_by_name(cast, case, sign_in):
    make.colleague(case, cast.bea, cast.jonas, "RESIDENCE")
    client = sign_in(cast.jonas)
    assert case.number not in found(client, "Zoraida").text
    assert case.number in found(client, case.number).text


def test_arabic_and_latin_find_each_other(cast, sign_in):
    case = make.case(cast.amina, cast.team_of("amina"), first_name="مُحَمَّد", second_name="الحسن")
    client = sign_in(cast.amina)
    for text in ("محمد", "Mohammed", "muhamad"):
        assert case.number in found(client, text).text, text


def test_the_event_has_the_number_of_hits_and_the_term_is_nowhere(cast, case, sign_in, events):
    term = "Zoraida Quillfeather"
    found(sign_in(cast.amina), term)
    [event] = events("CASES_SEARCHED")
    assert event.detail.content["codes"] == {"count": 1} and event.objects_touched == []
    assert b"Quillfeather" not in stored.dump()


def test_a_result_page_opens_for_its_searcher_alone_and_checks_again(cast, case, sign_in):
    client = sign_in(cast.amina)
    url = client.post(SEARCH, {"q": "Zoraida"}).url
    assert "Zoraida" not in url
    assert sign_in(cast.bea).get(url).status_code == 404
    client.post(SEARCH, {"q": "nothing"})
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(("text", "words"), [("", "Write what"), ("x", "two letters"), ("a\x00b", "cannot be kept")])
def test_an_empty_question_is_asked_again(cast, sign_in, text, words):
    page = sign_in(cast.amina).post(SEARCH, {"q": text})
    assert page.status_code == 422 and words in page.text


def test_wrong_method(cast, sign_in):
    assert sign_in(cast.amina).get(SEARCH).status_code == 405


def test_emoji_alone_finds_nothing_and_harms_nothing(cast, case, sign_in):
    assert case.number not in found(sign_in(cast.amina), "🌱🌱").text


@pytest.mark.parametrize(
    ("typed", "kept", "fits"),
    [
        ("Ana", "Ana Maria", True),
        ("maria ana", "Ana Maria", True),
        ("Ana Ana", "Ana Maria", False),
        ("Łucja", "lucja", True),
        ("İpek", "ipek", True),
        ("Nguyễn", "Nguyen", True),
        ("Mariana", "Maria Ana", False),
    ],
)
def test_names_are_compared_word_by_word(typed, kept, fits):
    assert spelling.names_match(spelling.name_words(typed), spelling.name_words(kept)) is fits


def test_a_box_is_read_as_what_it_looks_like():
    assert read_question("03/04/1998").days == {date(1998, 4, 3), date(1998, 3, 4)}
    assert read_question("202 555 0123").phone == "2025550123"
    assert read_question("31.02.1998").days == frozenset()
    assert read_question("HV-7Q4K-29MX").number == "HV7Q4K29MX"


def test_people_of_other_organisations_search_nobody(cast, sign_in):
    """An attorney has her matters; a search would tell her who is a client."""
    client = sign_in(cast.chidi)
    assert client.post(reverse("case-search"), {"q": "Zoraida"}).status_code == 404
    assert b'name="q"' not in client.get(reverse("cases")).content
