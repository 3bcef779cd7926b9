"""Intake: look first, then the minimum. Nothing is required that could keep somebody away."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from cases import access
from cases.actions.matching import answer_match_questions
from cases.errors.survivor import ConsentLacks
from cases.forms.intake import contact_words
from cases.htcds.codes import ConsentPrompt
from cases.models import Case, Consent, ContactInstruction, Draft, PossibleMatch, Survivor
from cases.opening import open_case
from tests import make
from tests.cases import stored

pytestmark = pytest.mark.walks

SEARCH_FIRST = reverse("intake")


def form_page(uid=None):
    return reverse("intake-form", args=[uid or uuid4()])


@pytest.fixture
def minimum(cast):
    """What R1 asks, and not a word more."""
    return {
        "contact_channel": "NONE",
        "language": "es",
        "consent_state": "PENDING",
        "status": "ACTIVE",
        "opened_on": str(timezone.localdate()),
        "team": str(cast.team_of("amina").uid),
    }


def only_case():
    [case] = list(access.for_the_house(Case))
    return case


def test_r1_the_minimum_is_enough(cast, minimum, sign_in, events):
    client = sign_in(cast.amina)
    answer = client.post(form_page(), minimum)
    case = only_case()
    assert answer.url == reverse("case-overview", args=[case.uid])
    page = client.get(answer.url).text
    assert "Do not contact." in page
    assert [event.verb for event in (events("CASE_OPENED") + events("INTAKE_DONE"))] == ["CASE_OPENED", "INTAKE_DONE"]
    assert case.lead == cast.amina and len(events("ACCESS_GRANTED", case.uid)) == 2


def test_what_was_answered_is_where_it_belongs(cast, minimum, sign_in):
    told = list(ConsentPrompt.values)
    facts = {
        **minimum, "contact_channel": "SMS", "contact_rule": "Mornings only", "contact_value": "+34 600 000 000",
        "consent_state": "CONSENTED", "consent_told": told, "consent_on": str(timezone.localdate()),
        "first_name": "Zoraida", "second_name": "Quillfeather", "birth_date": "1998-04-05",
    }  # fmt: skip
    sign_in(cast.amina).post(form_page(), facts)
    case = access.get_for(cast.amina, only_case().uid)
    with open_case(cast.amina, case):
        survivor, consent = access.records(Survivor, case).get(), access.records(Consent, case).get()
        contact = access.records(ContactInstruction, case).get()
        assert case.safe_contact == "Text message. Mornings only" and case.language == "es"
        assert (survivor.first_name, survivor.birth_date.isoformat()) == ("Zoraida", "1998-04-05")
        assert consent.state == "CONSENTED" and set(consent.told) == set(told) and all(consent.told.values())
        assert consent.record["obtained_by"] == cast.amina.name
        assert contact.value == "+34 600 000 000"
    assert b"Quillfeather" not in stored.dump()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"consent_state": "CONSENTED"}, "all seven"),
        ({"consent_state": "CONSENTED", "consent_told": list(ConsentPrompt.values)}, "day of her consent"),
        ({"language": ""}, "Choose an answer"),
        ({"language": "xx-none"}, "in the list"),
        ({"contact_channel": "PIGEON"}, "in the list"),
        ({"birth_date": "2999-01-01"}, "not come yet"),
        ({"birth_date": "0026-01-01"}, "before 1900"),
        ({"opened_on": "2999-01-01"}, "not come yet"),
        ({"first_name": "Zo\x00ra"}, "cannot be kept"),
        ({"team": str(uuid4())}, "in the list"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(cast, minimum, sign_in, change, words):
    page = sign_in(cast.amina).post(form_page(), {**minimum, "contact_rule": "Green door, ring twice", **change})
    assert page.status_code == 422
    assert words in page.text and "Green door, ring twice" in page.text
    assert not access.for_the_house(Case).exists()


@pytest.mark.parametrize("state", ["DECLINED", "PENDING"])
def test_a_refusal_never_keeps_anybody_from_help(cast, minimum, sign_in, state):
    assert sign_in(cast.amina).post(form_page(), {**minimum, "consent_state": state}).status_code == 302


@pytest.mark.parametrize("name", ["مُحَمَّد", "Zoë 🌱", "Nguyễn Thị Ánh"])
@pytest.mark.sql
def test_a_name_in_any_script(cast, minimum, sign_in, name):
    client = sign_in(cast.amina)
    client.post(form_page(), {**minimum, "first_name": name})
    assert name in client.post(reverse("case-name", args=[only_case().uid])).text


def test_the_look_before_shows_ones_own_cases_and_carries_the_words_along(cast, case, sign_in, events):
    client = sign_in(cast.amina)
    answer = client.post(SEARCH_FIRST, {"first_name": "Zoraida", "second_name": "Quillfeather", "phone": ""})
    assert "Zoraida" not in answer.url
    page = client.get(answer.url)
    assert case.number in page.text and 'value="Quillfeather"' in page.text
    assert events("INTAKE_SEARCHED")[0].detail.content["codes"] == {"count": 1}


def test_hit_or_miss_elsewhere_the_answer_is_the_same(cast, case, sign_in):
    client = sign_in(cast.dana)
    answers = []
    for name in ("Zoraida", "Nobody"):
        url = client.post(SEARCH_FIRST, {"first_name": name, "second_name": "Quillfeather"}).url
        page = client.get(url).text
        assert case.number not in page and "none looks like her" in page
        answers.append(page.count("<"))
    assert answers[0] == answers[1]


@pytest.mark.sql
def test_a_match_in_another_team_goes_to_the_coordinator_in_silence(cast, case, minimum, sign_in):
    facts = {
        **minimum, "team": str(cast.team_of("dana").uid), "first_name": "Zoraida", "second_name": "Quillfeather",
        "birth_date": "1998-04-05",
    }  # fmt: skip
    client = sign_in(cast.dana)
    page = client.post(form_page(), facts, follow=True)
    assert page.status_code == 200 and case.number not in page.text and "match" not in page.text
    answer_match_questions()
    assert access.for_the_house(PossibleMatch).count() == 1


def test_it_goes_on_without_a_name(cast, sign_in, events):
    client = sign_in(cast.amina)
    answer = client.post(SEARCH_FIRST, {})
    assert client.get(answer.url).status_code == 200
    assert events("INTAKE_SEARCHED") == []


def test_a_begun_intake_is_a_draft_that_waits(cast, minimum, sign_in):
    client = sign_in(cast.amina)
    url = client.post(SEARCH_FIRST, {"first_name": "Zoraida"}).url
    uid = url.rstrip("/").rsplit("/", 1)[-1]
    client.post(reverse("draft", args=["intake", uid]), {"first_name": "Zoraida", "contact_rule": "Ring twice"})
    for page in (reverse("day"), SEARCH_FIRST):
        assert url in client.get(page).text
    assert "Ring twice" in client.get(url).text
    assert "Ring twice" not in sign_in(cast.bea).get(url).text
    client.post(url, minimum)
    assert not access.own(Draft, cast.amina).exists()


@pytest.mark.sql
def test_a_form_sent_twice_opens_one_case(cast, minimum, sign_in):
    client = sign_in(cast.amina)
    url = form_page()
    facts = {**minimum, "form_key": str(uuid4())}
    first, second = client.post(url, facts), client.post(url, facts)
    assert first.url == second.url == reverse("case-overview", args=[only_case().uid])


def test_who_opens_no_cases_finds_no_such_page(cast, minimum, sign_in):
    for nobody in (cast.gita, cast.farid, cast.chidi, getattr(cast, "elif")):
        assert sign_in(nobody).get(SEARCH_FIRST).status_code == 404
        assert sign_in(nobody).post(form_page(), minimum).status_code == 404
    assert not access.for_the_house(Case).exists()


def test_nobody_opens_a_case_in_a_foreign_team(cast, minimum, sign_in):
    facts = {**minimum, "team": str(cast.team_of("dana").uid)}
    assert sign_in(cast.amina).post(form_page(), facts).status_code == 422


def test_wrong_method(cast, sign_in):
    client = sign_in(cast.amina)
    assert client.delete(SEARCH_FIRST).status_code == 405 and client.put(form_page()).status_code == 405


@pytest.mark.parametrize("missing", ["told", "obtained_on", "language", "obtained_by"])
def test_r2_no_way_of_taking_in_makes_half_a_consent_count(cast, missing):
    whole = make.consented()
    assert make.case(cast.amina, cast.team_of("amina"), **whole).pk
    told, record = dict(whole["consent_told"]), dict(whole["consent_record"])
    if missing == "told":
        told[ConsentPrompt.TOLD_RESEARCH.value] = False
    else:
        record.pop(missing)
    with pytest.raises(ConsentLacks):
        make.case(cast.amina, cast.team_of("amina"), **{**whole, "consent_told": told, "consent_record": record})
    make.case(cast.amina, cast.team_of("amina"), consent_state="DECLINED")


def test_the_safe_way_stands_before_the_rule():
    assert contact_words("NONE", "") == "Do not contact."
    assert contact_words("NONE", " She calls us. ") == "Do not contact. She calls us."
    assert contact_words("SMS", "") == "Text message."


def test_a_session_that_ended_in_the_middle_keeps_the_form(cast, minimum, sign_in, settings):
    client = sign_in(cast.amina)
    row = cast.amina.sessions.get()
    long_ago = timezone.now() - timedelta(hours=1)
    type(row).objects.filter(pk=row.pk).update(last_seen_at=long_ago)
    answer = client.post(form_page(), {**minimum, "contact_rule": "Ring twice at the green door"})
    assert answer.status_code == 303 and answer.url.startswith(reverse("unlock"))
    assert cast.amina.held_forms.count() == 1 and not access.for_the_house(Case).exists()
    assert b"green door" not in stored.dump()
