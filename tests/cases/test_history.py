"""The History tab: what was done, by whom; what changed, by name; and values only for those who hold the section."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from audit.models import Event
from casemgmt.crypto import keyring
from casemgmt.crypto.models import CaseKey
from cases import access
from cases.actions import survivor as actions
from cases.choices.documents import DocumentCategory
from cases.models import Survivor
from cases.views import history as views
from tests import make

pytestmark = pytest.mark.sql


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def tab(case):
    return reverse("case-history", args=[case.uid])


def rename(cast, case, name="Zora"):
    actions.change_survivor(actor=cast.amina, now=clock.now(), case_uid=case.uid, names={"first_name": name})
    return Event.objects.filter(verb="SURVIVOR_CHANGED").latest("pk")


def of(case, event):
    return reverse("case-history-event", args=[case.uid, event.uid])


def test_it_says_who_did_what_in_which_part(cast, case, tab, sign_in):
    rename(cast, case)
    page = sign_in(cast.amina).get(tab).text
    assert "Amina Rivers" in page and "changed a survivor&#x27;s details" in page and "opened a new case" in page
    assert "Identity and contact" in page and "What changed" in page
    assert "Zora" not in page and "Zoraida" not in page


def test_what_changed_is_told_by_name_and_opens_no_value(cast, case, sign_in):
    event = rename(cast, case)
    page = sign_in(cast.amina).get(of(case, event)).text
    assert "Survivor" in page and "First name" in page and "Family name" not in page
    assert "Zora" not in page and "Show what stood there" in page
    assert not Event.objects.filter(verb="HISTORY_VIEWED").exists()


def test_values_are_shown_on_request_and_that_is_recorded(cast, case, sign_in):
    event = rename(cast, case)
    page = sign_in(cast.bea).post(of(case, event)).text
    assert "Zoraida" in page and "Zora<" in page
    seen = Event.objects.get(verb="HISTORY_VIEWED")
    assert seen.actor_uid == cast.bea.uid and seen.section_codes == ["IDENTITY"]
    assert seen.detail.content["fields"] == ["survivor.first_name"] and seen.basis["kind"] == "SUPERVISION"


def test_answers_are_shown_by_question_and_numbers_stay_masked(cast, case, sign_in):
    common = {"actor": cast.amina, "now": clock.now(), "case_uid": case.uid}
    actions.change_protection(**common, protection={"a_number": "A000000123", "protection_status": ["REFUGEE"]})
    event = Event.objects.filter(verb="SURVIVOR_CHANGED").latest("pk")
    page = sign_in(cast.amina).post(of(case, event)).text
    assert "International protection" in page and "Refugee" in page
    assert "••••••123" in page and "A000000123" not in page
    actions.change_survivor(**common, about={"prs_IdentityNumber": "ID-0099456", "prs_MaritalStatus": "Widowed"})
    page = sign_in(cast.amina).post(of(case, Event.objects.filter(verb="SURVIVOR_CHANGED").latest("pk"))).text
    assert "••••••456" in page and "ID-0099456" not in page and "Widowed" in page


def test_a_colleague_learns_only_of_the_parts_she_holds(cast, case, tab, sign_in):
    event = rename(cast, case)
    common = {"actor": cast.amina, "now": clock.now(), "case_uid": case.uid}
    actions.change_profile(**common, answers={"vic_MethodOfRecruitment": ["AtWork"]})
    told = Event.objects.get(verb="PROFILE_CHANGED")
    make.document(case, cast.amina, category=DocumentCategory.OTHER)
    make.colleague(case, cast.amina, cast.gita, "CLINICAL")
    client = sign_in(cast.gita)
    page = client.get(tab).text
    assert "details" in page and "trafficking profile" not in page and "stored a document" not in page
    assert "First name" in client.get(of(case, event)).text
    assert client.get(of(case, told)).status_code == 404
    page = client.post(of(case, Event.objects.get(verb="CASE_OPENED"))).text
    assert "Family name" in page and "Her statement" not in page and "The seven points" not in page


def test_an_outsider_sees_only_her_own_acts(cast, case):
    rename(cast, case)
    case.holding = access.get_for(cast.amina, case.uid).holding
    assert not views.events_for(cast.chidi, case).exists()
    assert views.events_for(cast.amina, case).filter(verb="SURVIVOR_CHANGED").exists()


def test_denials_are_the_auditors(cast, case, tab, sign_in):
    assert sign_in(cast.dana).get(tab).status_code == 404
    assert Event.objects.filter(verb="ACCESS_HIDDEN", case_uid=case.uid).exists()
    assert "is not theirs" not in sign_in(cast.amina).get(tab).text


def test_strangers_and_other_methods(cast, case, tab, sign_in):
    event = rename(cast, case)
    assert sign_in(cast.dana).get(of(case, event)).status_code == 404
    client = sign_in(cast.amina)
    assert client.post(tab).status_code == 405 and client.delete(of(case, event)).status_code == 405
    assert client.get(f"{tab}?before=nonsense").status_code == 404
    other = make.case(cast.amina, cast.team_of("amina"))
    assert client.get(of(other, event)).status_code == 404, "an event of another case"


def test_a_long_history_comes_in_pages_at_a_constant_price(cast, case, tab, sign_in, monkeypatch):
    monkeypatch.setattr(views, "PAGE_SIZE", 4)
    for name in ("A", "B", "C", "D", "E", "F"):
        rename(cast, case, name)
    client = sign_in(cast.amina)
    client.get(tab)
    with CaptureQueriesContext(connection) as few:
        first = client.get(f"{tab}?show=changes")
    assert first.text.count("<li><time") == 4 and "Older" in first.text
    older = first.text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = client.get(older)
    assert second.status_code == 200 and second.text.count("<li><time") >= 3
    monkeypatch.setattr(views, "PAGE_SIZE", 50)
    with CaptureQueriesContext(connection) as many:
        client.get(f"{tab}?show=changes")
    assert abs(len(many) - len(few)) <= 2


def test_filters_show_changes_or_readings(cast, case, tab, sign_in):
    rename(cast, case)
    client = sign_in(cast.amina)
    client.get(tab)
    assert "looked at a case" not in client.get(f"{tab}?show=changes").text
    assert "looked at a case" in client.get(f"{tab}?show=readings").text


def test_what_was_erased_says_so(cast, case, sign_in):
    event = rename(cast, case)
    client = sign_in(cast.amina)
    row = access.within(Survivor, case).get()
    assert row.history.count() == 2
    CaseKey.objects.filter(case_uid=case.uid, retention_class="ADVOCACY").delete()
    actions_event = Event.objects.get(verb="CASE_OPENED")
    keyring.forget()
    assert client.get(of(case, event)).status_code == 200
    assert "The content was erased." in client.post(of(case, actions_event)).text
