"""What she is called and how she can be spoken with: further names, pronouns, languages, interpreter needs."""

import pytest
from django.urls import reverse

from audit import clock
from audit.models import Event
from cases import access, opening, search_index
from cases.actions import survivor as actions
from cases.choices.search import IndexName
from cases.choices.sharing import GrantKind
from cases.errors.casework import CaseIsClosed, StaleVersion
from cases.marks import mark_of
from cases.models import BlindToken, Survivor
from cases.printing import _identity
from cases.speech import called_words
from tests import make

pytestmark = pytest.mark.walks

PAGES = ("case-names", "case-languages")
NAMES = {
    "x_WantedName": "Zo", "x_LegalName": "Zoraida Quillfeather", "x_ScriptName": "ثريا مخترعة", "x_Script": "Arab",
    "x_PaperName": "Marlinda Vosper, Merlind Vosper", "x_ForcedName": "Roxanna Starling", "x_Pronouns": "OWN",
    "x_OwnPronouns": "siya",
}  # fmt: skip
SPEECH = {
    "x_Spoken1": "tl", "x_Dialect1": "Batangas", "x_Reads1": "LITTLE", "x_Interpreter": "YES",
    "x_InterpreterGender": "WOMAN", "x_InterpreterWay": "REMOTE", "x_SameInterpreter": "YES",
    "x_InterpreterAvoid": "nobody from Plumstead Row", "x_InterpreterAgreed": "YES", "x_ReadAloud": "YES",
}  # fmt: skip


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


def of(case, name):
    return reverse(name, args=[case.uid])


def stored(case):
    return access.within(Survivor, case).get()


def names(cast, case, **called):
    return actions.change_called(actor=cast.amina, now=clock.now(), case_uid=case.uid, called=called)


def speech(cast, case, **answers):
    return actions.change_speech(actor=cast.amina, now=clock.now(), case_uid=case.uid, speech=answers)


def test_each_name_is_shown_by_what_it_is_and_her_own_writing_has_its_language_and_direction(cast, case, sign_in):
    client = sign_in(cast.amina)
    assert client.post(of(case, "case-names"), NAMES).url == of(case, "case-survivor")
    page = client.get(of(case, "case-survivor")).text
    assert '<bdi lang="und-Arab" dir="rtl">ثريا مخترعة</bdi>' in page
    assert '<bdi dir="auto">Zo</bdi>' in page and "Spellings on papers" in page
    assert "siya" in page, "her own pronouns stand for the code"
    assert 'value="Zo"' in client.get(of(case, "case-names")).text


def test_the_names_she_was_made_to_use_are_folded_and_on_no_paper(cast, case, sign_in):
    client = sign_in(cast.amina)
    names(cast, case, **NAMES)
    page = client.get(of(case, "case-survivor")).text
    before, folded = page.split("Show names she was made to use")
    assert "Roxanna Starling" not in before and "Roxanna Starling" in folded.split("</details>")[0]
    case = access.get_for(cast.amina, case.uid)
    with opening.open_case(cast.amina, case):
        paper = str(_identity(cast.amina, case))
    assert "Marlinda Vosper" in paper and "Roxanna" not in paper


def test_somebody_of_another_organisation_never_reads_those(cast, case):
    names(cast, case, **NAMES)
    with opening.open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        assert called_words(stored(case), with_forced=False)["forced"] == ""
        assert called_words(stored(case), with_forced=True)["forced"] == "Roxanna Starling"


@pytest.mark.sql
def test_she_is_found_by_every_name_in_every_writing(cast, case, sign_in):
    client = sign_in(cast.amina)
    for typed in ("Marlinda Vosper", "ثريا مخترعة", "Roxanna Starling"):
        assert case.number not in client.post(reverse("case-search"), {"q": typed}, follow=True).text, typed
    before = set(BlindToken._base_manager.filter(case=case).values_list("index", "token"))
    names(cast, case, **NAMES)
    for typed in ("Marlinda Vosper", "ثريا مخترعة", "Roxanna Starling"):
        assert case.number in client.post(reverse("case-search"), {"q": typed}, follow=True).text, typed
    after = set(BlindToken._base_manager.filter(case=case).values_list("index", "token"))
    assert {index for index, _token in after - before} & {IndexName.MATCH_SOUND, IndexName.SOUND}, after - before
    names(cast, case, **dict.fromkeys(NAMES, ""))
    assert "x_ForcedName" not in (stored_called(cast, case) or {})
    assert set(BlindToken._base_manager.filter(case=case).values_list("index", "token")) == before


def stored_called(cast, case):
    with opening.open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        return stored(case).called


def test_who_is_looked_for_with_a_year_is_found_by_a_further_name(cast, case):
    names(cast, case, **NAMES)
    with opening.open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        row = search_index.named_rows(access.within(Survivor, case))[0]
        born = stored(case).birth_date
        facts = row.born_in(born.year)
    assert facts is not None and "starling" in facts.words


def test_the_event_names_what_changed_and_nothing_is_plain(cast, case, sign_in):
    sign_in(cast.amina).post(of(case, "case-names"), NAMES)
    event = Event.objects.get(verb="SURVIVOR_CHANGED")
    assert event.section_codes == ["IDENTITY"]
    fields = event.detail.content["fields"]
    assert "survivor.called.x_scriptname" in fields and "Roxanna" not in str(event.detail.content)
    raw = Survivor._base_manager.filter(case=case).values_list("called", flat=True)[0]
    assert b"Roxanna" not in bytes(raw.raw)


def test_what_did_not_change_leaves_no_event_and_a_stale_page_loses_nothing(cast, case):
    names(cast, case, **NAMES)
    names(cast, case, **NAMES)
    assert Event.objects.filter(verb="SURVIVOR_CHANGED").count() == 1
    mark = mark_of(stored(case), *actions.CALLED)
    speech(cast, case, **SPEECH)
    common = {"actor": cast.amina, "now": clock.now(), "case_uid": case.uid, "mark": mark}
    actions.change_called(**common, called={"x_WantedName": "Zora"})
    with pytest.raises(StaleVersion):
        actions.change_called(**common, called={"x_WantedName": "Zoe"})


def test_own_pronouns_are_asked_where_the_list_says_so(cast, case, sign_in):
    answer = sign_in(cast.amina).post(of(case, "case-names"), {"x_Pronouns": "OWN"})
    assert answer.status_code == 422 and 'id="id_x_OwnPronouns_error"' in answer.text


def test_languages_and_what_an_interpreter_must_be_are_read_in_words(cast, case, sign_in):
    client = sign_in(cast.amina)
    assert client.post(of(case, "case-languages"), SPEECH).status_code == 302
    page = client.get(of(case, "case-survivor")).text
    for words in (
        "· Batangas · Reads a little",
        "Yes, always",
        "A woman",
        "By telephone or screen only",
        "Plumstead Row",
    ):
        assert words in page, words
    answer = client.post(of(case, "case-languages"), {"x_Dialect2": "Waray of the coast"})
    assert answer.status_code == 422 and 'id="id_x_Spoken2_error"' in answer.text


def test_whoever_books_reads_what_is_needed_and_that_she_wants_none(cast, case, sign_in):
    client = sign_in(cast.amina)
    page = client.get(of(case, "booking-new")).text
    assert "What she needs of an interpreter" not in page
    speech(cast, case, **SPEECH)
    page = client.get(of(case, "booking-new")).text
    assert "A woman" in page and "Plumstead Row" in page and "book nobody" in page
    assert "wants no interpreter" not in page
    speech(cast, case, x_InterpreterAgreed="NO")
    assert "She said that she wants no interpreter" in client.get(of(case, "booking-new")).text


def test_who_may_not_is_kept_out(cast, case, sign_in):
    names(cast, case, **NAMES)
    make.colleague(case, cast.amina, cast.gita, GrantKind.CLINICAL)
    stranger, clinician = sign_in(cast.dana), sign_in(cast.gita)
    for name in PAGES:
        assert {stranger.get(of(case, name)).status_code, stranger.post(of(case, name), {}).status_code} == {404}
        assert {clinician.get(of(case, name)).status_code, clinician.post(of(case, name), {}).status_code} == {403}
    assert sign_in(cast.amina).delete(of(case, "case-names")).status_code == 405
    make.closed(case, cast.amina)
    assert sign_in(cast.amina).post(of(case, "case-names"), NAMES).status_code == 422
    with pytest.raises(CaseIsClosed):
        speech(cast, case, **SPEECH)
