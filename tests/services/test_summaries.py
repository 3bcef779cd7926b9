"""The summary on one page: for each audience only what it may have, and only what the reader holds; recorded as a print."""

from functools import partial

import pytest
from django.urls import reverse

from audit.models import Event
from cases import access
from cases.choices.sharing import GrantKind
from tests import make
from tests.accounts import signing_in
from tests.services.test_release_and_matter import a_matter, release

pytestmark = [
    pytest.mark.django_db(databases=["default", "keystore"]),
    pytest.mark.usefixtures("ledger"),
]


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"), first_name="Zoraida", second_name="Wrenfield")


@pytest.fixture
def sign_in():
    return partial(signing_in.sign_in, is_fresh=True)


def summary(client, case, audience="", status=200):
    answer = client.get(reverse("case-summary", args=[case.uid]), {"audience": audience} if audience else {})
    assert answer.status_code == status
    return answer.text.split("<main", 1)[-1] if status == 200 else answer.text


def printed():
    return [event.detail.content["codes"]["kind"] for event in Event.objects.filter(verb="PRINT_MADE").order_by("pk")]


def test_a_colleague_reads_who_she_is_and_what_comes_next(cast, case, sign_in):
    page = summary(sign_in(cast.amina), case, "COLLEAGUE")
    assert "Zoraida Wrenfield" in page and "Assess safety" in page and case.number in page
    assert "Confidential, printed by" in page
    assert printed() == ["SUMMARY_COLLEAGUE"]
    event = Event.objects.get(verb="PRINT_MADE")
    assert event.case_uid == case.uid and "survivor.first_name" in event.detail.content["fields"]


def test_what_the_reader_does_not_hold_stands_on_no_page(cast, case, sign_in):
    make.colleague(case, cast.amina, cast.jonas, GrantKind.RESIDENCE)
    page = summary(sign_in(cast.jonas), case, "COLLEAGUE")
    assert "Zoraida" not in page and "Assess safety" not in page


def test_a_funder_reads_no_name_no_number_and_no_day(cast, case, sign_in):
    page = summary(sign_in(cast.amina), case, "FUNDER")
    opened = access.get_for(cast.amina, case.uid)
    assert "Zoraida" not in page and case.number not in page and "Confidential, printed by" not in page
    shown = page[page.index("<section") :]
    day = opened.opened_on
    assert "<time" not in shown and day.isoformat() not in shown and f"{day.day} {day:%B}" not in shown
    assert opened.opened_on.strftime("%B %Y") in shown
    assert printed() == ["SUMMARY_FUNDER"]


def test_r13_an_attorney_gets_what_her_release_names_and_no_address(cast, case, sign_in):
    release(cast, case, a_matter(cast, case))
    amina, chidi = sign_in(cast.amina), cast.chidi
    assert chidi.name in summary(amina, case)
    page = summary(amina, case, str(chidi.uid))
    assert "Zoraida Wrenfield" in page and f"For {chidi.name}" in page and "note it as a disclosure" in page
    shown = page[page.index("<section") :]
    assert "Assess safety" not in shown and "Risk" not in shown and cast.amina.name not in shown
    assert printed()[-1] == "SUMMARY_OUTSIDE"


def test_nobody_outside_can_be_chosen_without_a_release(cast, case, sign_in):
    a_matter(cast, case)
    client = sign_in(cast.amina)
    assert cast.chidi.name not in summary(client, case)
    assert summary(client, case, str(cast.chidi.uid), status=422)


def test_a_stranger_an_attorney_and_the_auditor_print_none(cast, case, sign_in):
    release(cast, case, a_matter(cast, case))
    assert summary(sign_in(cast.dana), case, "COLLEAGUE", status=404)
    assert summary(sign_in(cast.chidi), case, "COLLEAGUE", status=403)
    address = reverse("case-summary", args=[case.uid])
    assert address not in sign_in(cast.chidi).get(reverse("case-overview", args=[case.uid])).text
    assert sign_in(cast.elif_).get(address).status_code in (403, 404)
    assert sign_in(cast.amina).post(address).status_code == 405
    assert not Event.objects.filter(verb="PRINT_MADE").exists()


def test_paper_leaves_only_after_a_fresh_proof(cast, case):
    answer = signing_in.sign_in(cast.amina).get(reverse("case-summary", args=[case.uid]))
    assert answer.status_code == 302
