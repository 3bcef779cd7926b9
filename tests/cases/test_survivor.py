"""The Survivor tab and its forms on who she is, how to reach her, where she stays and her status."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from casemgmt.access.errors import Refused
from cases import access, opening
from cases.actions import survivor as actions
from cases.actions.safety import set_alerts
from cases.choices.safety import AlertCode
from cases.choices.search import IndexName
from cases.choices.sharing import GrantKind
from cases.errors.casework import CaseIsClosed, StaleVersion
from cases.errors.survivor import AddressIsConfidential, AnswerImpossible
from cases.marks import mark_of
from cases.models import BlindToken, Survivor
from tests import make

pytestmark = pytest.mark.walks

PAGES = ("case-identity", "case-contact-details", "case-protection", "case-statement", "case-consent")


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def tab(case):
    return reverse("case-survivor", args=[case.uid])


def of(case, name):
    return reverse(name, args=[case.uid])


def stored(case):
    return access.within(Survivor, case).get()


def opened(cast, case):
    return opening.open_case(cast.amina, access.get_for(cast.amina, case.uid))


def who(**changes):
    """What the form on who she is sends."""
    return {
        "form_key": str(uuid4()), "first_name": "Zoraida", "second_name": "Quillfeather", "other_names": "",
        "birth_date": "1998-04-05", "x_BirthdatePrecision": "EXACT", "prs_Salutation": "", "prs_Gender": "Feminine",
        "prs_Citizenship_0": "PH", "prs_Citizenship_1": "", "prs_PrimaryLanguage": "tl", "prs_SecondaryLanguage": "DECLINED",
        "prs_MaritalStatus": "NOT_ASKED", "prs_NumberOfChildren_0": "2", "prs_NumberOfChildren_1": "",
        "prs_HighestLevelOfEducation": "UNKNOWN", **changes,
    }  # fmt: skip


def test_a_caseworker_changes_who_she_is_and_reads_it_in_words(cast, case, tab, sign_in):
    client = sign_in(cast.amina)
    assert client.post(of(case, "case-identity"), who()).url == tab
    page = client.get(tab).text
    for words in ("Zoraida Quillfeather", "Feminine", "Philippines", "Prefer", "Does not know", "Not asked", "Tagalog"):
        assert words in page, words
    assert "Visible to: Amina Rivers, Bea Meadows" in page
    with opened(cast, case):
        about = stored(case).about
    assert about["prs_Citizenship"] == ["PH"] and about["prs_NumberOfChildren"] == 2
    assert about["prs_SecondaryLanguage"] == "DECLINED"
    assert "prs_MaritalStatus" not in about, "what was not asked is not written where nothing stood"


def test_the_event_names_what_changed_and_never_what_stands_there(cast, case, sign_in):
    sign_in(cast.amina).post(of(case, "case-identity"), who(first_name="Zora"))
    event = Event.objects.get(verb="SURVIVOR_CHANGED")
    assert event.section_codes == ["IDENTITY"] and event.basis["kind"] == "ASSIGNMENT"
    fields = event.detail.content["fields"]
    assert "survivor.first_name" in fields and "survivor.about.prs_gender" in fields
    assert "survivor.second_name" not in fields and "Zora" not in str(event.detail.content)


def test_what_did_not_change_keeps_its_ciphertext_and_leaves_no_event(cast, case, sign_in):
    client = sign_in(cast.amina)
    client.post(of(case, "case-identity"), who())
    before = mark_of(stored(case), "second_name", "birth_date", "about")
    name = mark_of(stored(case), "first_name")
    client.post(of(case, "case-identity"), who())
    assert Event.objects.filter(verb="SURVIVOR_CHANGED").count() == 1
    client.post(of(case, "case-identity"), who(first_name="Zora"))
    assert mark_of(stored(case), "second_name", "birth_date", "about") == before
    assert mark_of(stored(case), "first_name") != name


@pytest.mark.sql
def test_names_of_every_script_are_kept_as_they_are_written(cast, case, tab, sign_in):
    client = sign_in(cast.amina)
    for name in ("زَيْنَب", "Nguyễn Thị", "ねこ 🐈‍⬛", "O’Brien-Ñandú"):
        assert client.post(of(case, "case-identity"), who(first_name=name)).status_code == 302
        assert name in client.get(tab).text


@pytest.mark.sql
def test_a_character_that_cannot_be_kept_is_named_beside_its_field(cast, case, sign_in):
    answer = sign_in(cast.amina).post(of(case, "case-identity"), who(first_name="Zo\x00ra", second_name="Kept"))
    assert answer.status_code == 422 and 'id="id_first_name_error"' in answer.text and 'value="Kept"' in answer.text
    assert not Event.objects.filter(verb="SURVIVOR_CHANGED").exists()


def test_a_birth_date_in_the_future_is_refused_beside_its_field_and_by_the_action(cast, case, sign_in):
    tomorrow = timezone.localdate() + timedelta(days=1)
    answer = sign_in(cast.amina).post(of(case, "case-identity"), who(birth_date=tomorrow.isoformat()))
    assert answer.status_code == 422 and "This day has not come yet" in answer.text
    with pytest.raises(AnswerImpossible):
        actions.change_survivor(
            actor=cast.amina, now=clock.now(), case_uid=case.uid, names={"birth_date": tomorrow + timedelta(days=2)}
        )


def test_a_reason_for_having_no_answer_is_not_mixed_with_answers(cast, case, sign_in):
    client = sign_in(cast.amina)
    answer = client.post(of(case, "case-identity"), who(prs_Citizenship_0="DECLINED", prs_Citizenship_1="PH"))
    assert answer.status_code == 422
    both = {"protection_status": ["REFUGEE", "DECLINED"]}
    assert client.post(of(case, "case-protection"), both).status_code == 422
    assert client.post(of(case, "case-protection"), {"protection_status": ["DECLINED"]}).status_code == 302
    with opened(cast, case):
        assert stored(case).protection == {"protection_status": "DECLINED"}


@pytest.mark.sql
def test_two_people_who_change_the_same_answers_lose_nothing(cast, case, sign_in):
    client = sign_in(cast.amina)
    mark = mark_of(stored(case), *actions.IDENTITY)
    assert client.post(of(case, "case-identity"), who(first_name="First", mark=mark)).status_code == 302
    answer = client.post(of(case, "case-identity"), who(first_name="Second", mark=mark))
    assert answer.status_code == 409
    assert "A colleague saved this while you were writing" in answer.text and "Saved by Amina Rivers" in answer.text
    assert "First" in answer.text and 'value="Second"' in answer.text
    fresh = mark_of(stored(case), *actions.IDENTITY)
    assert f'value="{fresh}"' in answer.text, "saving once more is a decision"
    assert client.post(of(case, "case-identity"), who(first_name="Second", mark=fresh)).status_code == 302


def test_different_cards_of_one_record_do_not_meet(cast, case):
    mark = mark_of(stored(case), *actions.PROTECTION)
    common = {"actor": cast.amina, "now": clock.now(), "case_uid": case.uid}
    actions.change_survivor(**common, names={"first_name": "Other"})
    actions.change_protection(**common, protection={"note": "x"}, mark=mark)
    with pytest.raises(StaleVersion):
        actions.change_protection(**common, protection={"note": "y"}, mark=mark)


@pytest.mark.sql
def test_a_double_click_changes_once(cast, case, sign_in):
    client, sent = sign_in(cast.amina), who(first_name="Once", mark=mark_of(stored(case), *actions.IDENTITY))
    assert [client.post(of(case, "case-identity"), sent).status_code for _ in range(2)] == [302, 302]
    assert Event.objects.filter(verb="SURVIVOR_CHANGED").count() == 1


def test_who_may_not_is_kept_out(cast, case, tab, sign_in):
    make.colleague(case, cast.amina, cast.gita, GrantKind.CLINICAL)
    make.colleague(case, cast.amina, cast.luis, GrantKind.STAFF_COUNSEL)
    make.colleague(case, cast.amina, cast.jonas, GrantKind.RESIDENCE)
    stranger, clinician, counsel = sign_in(cast.dana), sign_in(cast.gita), sign_in(cast.luis)
    assert stranger.get(tab).status_code == 404
    assert {stranger.get(of(case, name)).status_code for name in PAGES} == {404}
    assert {stranger.post(of(case, name), {}).status_code for name in PAGES} == {404}
    assert {clinician.get(of(case, name)).status_code for name in PAGES} == {403}
    assert {clinician.post(of(case, name), {}).status_code for name in PAGES} == {403}
    page = clinician.get(tab).text
    assert (
        "Zoraida" in page
        and "What happened" not in page
        and "Consent to keep" not in page
        and "case-identity" not in page
    )
    page = counsel.get(tab).text
    assert "Immigration and protection" in page and "Show statement" not in page
    page = sign_in(cast.jonas).get(tab)
    assert page.status_code == 403 and "Zoraida" not in page.text
    with pytest.raises(Refused):
        actions.change_survivor(actor=cast.gita, now=clock.now(), case_uid=case.uid, names={"first_name": "x"})


def test_wrong_methods_and_unknown_parts(cast, case, tab, sign_in):
    client = sign_in(cast.amina)
    assert client.post(tab).status_code == 405
    assert client.get(of(case, "case-numbers")).status_code == 405
    assert {client.delete(of(case, name)).status_code for name in PAGES} == {405}
    assert client.get(reverse("case-profile", args=[case.uid, "nothing"])).status_code == 404


def test_a_closed_case_is_read_and_not_changed(cast, case, tab, sign_in):
    make.closed(case, cast.amina)
    client = sign_in(cast.amina)
    assert "Zoraida" in client.get(tab).text and of(case, "case-identity") not in client.get(tab).text
    answer = client.post(of(case, "case-identity"), who(first_name="Late"))
    assert answer.status_code == 422 and "This case is closed" in answer.text and 'value="Late"' in answer.text
    with pytest.raises(CaseIsClosed):
        actions.change_survivor(actor=cast.amina, now=clock.now(), case_uid=case.uid, names={"first_name": "x"})


def test_phones_are_kept_as_the_standard_writes_them(cast, case, sign_in):
    client = sign_in(cast.amina)
    assert client.post(of(case, "case-contact-details"), {"prs_MobilePhone": "+1 (202) 555-0143"}).status_code == 302
    with opened(cast, case):
        assert stored(case).contact == {"prs_MobilePhone": "+12025550143"}
    answer = client.post(of(case, "case-contact-details"), {"prs_MobilePhone": "call me"})
    assert answer.status_code == 422 and 'id="id_prs_MobilePhone_error"' in answer.text


def test_no_address_for_somebody_who_must_not_be_found(cast, case, tab, sign_in):
    client = sign_in(cast.amina)
    address = {"prs_MailingStreet": "7 Rye Lane", "prs_MailingCity": "Oldtown", "safe_address": "PO Box 9"}
    assert client.post(of(case, "case-contact-details"), address).status_code == 302
    assert "7 Rye Lane" in client.get(tab).text
    set_alerts(actor=cast.amina, now=clock.now(), case_uid=case.uid, codes=[AlertCode.ADDRESS_CONFIDENTIAL])
    page = client.get(tab).text
    assert "7 Rye Lane" not in page and "PO Box 9" in page and "An address is still on this record" in page
    assert "prs_MailingStreet" not in client.get(of(case, "case-contact-details")).text
    answer = client.post(of(case, "case-contact-details"), address)
    assert answer.status_code == 422 and "No address is kept on this record" in answer.text
    removal = {"remove_address": "on", "safe_address": "PO Box 9"}
    assert client.post(of(case, "case-contact-details"), removal).status_code == 302
    with opened(cast, case):
        assert stored(case).contact == {"x_SafeMailingAddress": "PO Box 9"}


def test_no_address_for_somebody_who_lives_in_a_shelter(cast, case):
    make.colleague(case, cast.amina, cast.jonas, GrantKind.RESIDENCE)
    with pytest.raises(AddressIsConfidential):
        actions.change_contact_details(
            actor=cast.amina, now=clock.now(), case_uid=case.uid, contact={"prs_MailingCity": "Oldtown"}
        )


def test_numbers_are_masked_until_shown_and_showing_is_recorded(cast, case, tab, sign_in):
    client = sign_in(cast.amina)
    sent = {"a_number": "A 000-000-123", "receipt_number": "ABC0000000456", "protection_status": ["ASYLUM_SEEKER"]}
    assert client.post(of(case, "case-protection"), sent).status_code == 302
    page = client.get(tab).text
    assert "••••••123" in page and "A000000123" not in page and "Asylum seeker" in page
    assert "A000000123" not in client.get(of(case, "case-protection")).text
    page = client.post(of(case, "case-numbers")).text
    assert of(case, "case-numbers") not in page, "no button leads back to an address that only a form may ask for"
    assert "A000000123" in page and "ABC0000000456" in page
    event = Event.objects.get(verb="NUMBERS_SHOWN")
    assert event.actor_uid == cast.amina.uid and event.section_codes == ["STATUS"]
    assert client.post(of(case, "case-protection"), {"note": "T visa"}).status_code == 302
    with opened(cast, case):
        kept = stored(case).protection
    assert kept["a_number"] == "A000000123", "left empty, it stays"
    client.post(of(case, "case-protection"), {"remove_numbers": "on"})
    with opened(cast, case):
        assert "a_number" not in (stored(case).protection or {})


def test_her_passport_and_identity_card_are_masked_as_every_number_is(cast, case, tab, sign_in):
    """R15: several kinds, each masked, the whole one only by a recorded reveal; country and end are no secret to its reader."""
    client = sign_in(cast.amina)
    sent = {
        "passport": "p 1234-567X", "national_id": "99/88.77-665", "x_PassportCountry": "PH", "passport_ends": "2031-04-05",
    }  # fmt: skip
    assert client.post(of(case, "case-protection"), sent).status_code == 302
    page = client.get(tab).text
    assert "••••••67X" in page and "••••••665" in page and "5 April 2031" in page and "Philippines" in page
    assert "P1234567X" not in page and "998877665" not in page
    form = client.get(of(case, "case-protection")).text
    assert "P1234567X" not in form and "ends in 67X" in form and 'value="2031-04-05"' in form
    shown = client.post(of(case, "case-numbers")).text
    assert "P1234567X" in shown and "998877665" in shown
    named = Event.objects.get(verb="NUMBERS_SHOWN").detail.content["fields"]
    assert "protection.x_passport" in named and "protection.x_nationalid" in named
    assert client.post(of(case, "case-protection"), sent | {"passport": "no number!"}).status_code == 422
    versions = client.get(reverse("case-record-versions", args=[case.uid, stored(case).uid])).text
    assert "P1234567X" not in versions
    client.post(of(case, "case-protection"), {"remove_numbers": "on"})
    assert "67X" not in client.get(tab).text


def test_where_she_stays_is_for_those_who_hold_that_section_only(cast, case, tab, sign_in):
    assert sign_in(cast.amina).get(of(case, "case-location")).status_code == 403
    assert "Where she stays" not in sign_in(cast.amina).get(tab).text


def test_the_page_says_what_was_read(cast, case, tab, sign_in):
    make.colleague(case, cast.amina, cast.gita, GrantKind.CLINICAL)
    sign_in(cast.gita).get(tab)
    event = Event.objects.filter(verb="CASE_VIEWED", actor_uid=cast.gita.uid).get()
    assert set(event.section_codes) == {"CARD", "IDENTITY"}
    assert "survivor.contact" in event.detail.content["fields"]


def test_a_corrected_name_stays_comparable(cast, case) -> None:
    """A match is looked for under the name as it stands, not as it was at intake."""
    actions.change_survivor(
        actor=cast.amina, now=clock.now(), case_uid=case.uid,
        names={"first_name": "Ysolde", "second_name": "Marrow", "birth_date": date(1997, 1, 2)},
    )  # fmt: skip
    twin = make.case(
        cast.dana, cast.team_of("dana"), first_name="Marrow", second_name="Ysolde", birth_date=date(1997, 1, 2)
    )
    tokens = [
        set(BlindToken._base_manager.filter(case=one, index=IndexName.MATCH).values_list("epoch", "token"))
        for one in (case, twin)
    ]
    assert tokens[0] == tokens[1] != set()
