"""What a recipient must know of the release to keep to it: her own line, nobody else's, and only while it stands."""

from datetime import timedelta
from functools import partial
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.errors import Refused
from cases import access
from cases.actions.grants import give_access
from cases.actions.partners import give_partner_access
from cases.actions.releases import Terms, withdraw_release
from cases.choices.releases import InfoCategory
from cases.choices.sharing import GrantKind
from cases.opening import open_case
from tests import make
from tests.accounts import signing_in
from tests.cases.releasing import release, signing
from tests.services.test_release_and_matter import a_matter
from tests.services.test_release_and_matter import release as to_attorney

pytestmark = pytest.mark.walks

fresh = partial(signing_in.sign_in, is_fresh=True)
TERMS = Terms(
    categories=[InfoCategory.IDENTITY, InfoCategory.MENTAL_HEALTH], is_two_way=True, excluded="not to Aunt Wryneck",
    subjects="her son", method="VERBAL",
)  # fmt: skip
SIGNED = signing(risks_note="He may hear of it", interpreter="R. Dunnock", witness="A. Rivers", language="es")
#: What the recipient reads, and what stays the survivor's and the house's.
TOLD = (
    "Not this, by her wish", "not to Aunt Wryneck", "Her T visa application", "Name and date of birth", "her son",
    "By word of mouth", "Both ways: you may also tell", "Notes of counselling and psychotherapy",
)  # fmt: skip
NEVER_TOLD = ("He may hear of it", "R. Dunnock", "A. Rivers", "Spanish")


@pytest.fixture
def matter(cast, case):
    return a_matter(cast, case)


@pytest.fixture
def given(cast, case, matter):
    return to_attorney(cast, case, matter, terms=TERMS, signing=SIGNED)


def text(answer):
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def places(case, matter):
    return [
        reverse("matter", args=[matter.uid]), reverse("case-overview", args=[case.uid]),
        reverse("case-survivor", args=[case.uid]),
    ]  # fmt: skip


def test_the_attorney_reads_what_she_did_not_want_told_wherever_he_works(cast, case, matter, given, sign_in):
    client = sign_in(cast.chidi)
    for place in places(case, matter):
        page = text(client.get(place))
        assert [words for words in TOLD if words not in page] == [], place
        assert [words for words in NEVER_TOLD if words in page] == [], place
    home = text(client.get(reverse("attorney-home")))
    assert "Not this, by her wish" in home and "not to Aunt Wryneck" in home


def test_it_goes_with_the_paper(cast, case, matter, given):
    page = text(fresh(cast.chidi).get(reverse("case-print", args=[case.uid])))
    assert [words for words in TOLD if words not in page] == [] and [
        words for words in NEVER_TOLD if words in page
    ] == []
    event = Event.objects.filter(verb=Verb.PRINT_MADE, actor_uid=cast.chidi.uid).latest("pk")
    assert "release.terms" in event.detail.content["fields"]


def test_reading_it_is_recorded_as_what_it_is(cast, case, matter, given, sign_in):
    client = sign_in(cast.chidi)
    client.get(reverse("matter", args=[matter.uid]))
    event = Event.objects.filter(verb=Verb.MATTER_VIEWED, actor_uid=cast.chidi.uid).latest("pk")
    assert "DUTIES" in event.sections.split() and "LEGAL" in event.sections.split()
    assert {"release.terms", "release.purpose_text"} <= set(event.detail.content["fields"])
    client.get(reverse("attorney-home"))
    listed = Event.objects.filter(verb=Verb.MATTERS_LISTED, actor_uid=cast.chidi.uid).latest("pk")
    assert "release.terms" in listed.detail.content["fields"]


def test_it_is_his_own_line_and_no_other_part_of_the_duties(cast, case, matter, given):
    opened = access.get_for(cast.chidi, case.uid)
    [own] = access.releases_behind(cast.chidi, [opened])[opened.pk]
    with open_case(cast.chidi, opened, own_releases=[own]):
        assert own.terms["excluded"] == "not to Aunt Wryneck"
        with pytest.raises(Refused):
            assert own.signing
    with open_case(cast.chidi, opened), pytest.raises(Refused):
        assert access.releases_behind(cast.chidi, [opened])[opened.pk][0].terms


def test_another_recipient_s_line_is_nowhere(cast, case, matter, given, sign_in):
    clinic = cast.hugo.organisation
    other = release(cast.amina, case, clinic, terms=Terms(categories=["IDENTITY"], excluded="not the dentist"))
    give_partner_access(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, kind="REFERRAL", release_uid=other.uid, person=cast.hugo
    )
    hugo = text(sign_in(cast.hugo).get(reverse("case-overview", args=[case.uid])))
    assert "not the dentist" in hugo and "Wryneck" not in hugo
    for place in places(case, matter):
        assert "not the dentist" not in text(sign_in(cast.chidi).get(place)), place


def test_people_of_the_house_get_no_line_by_this_way(cast, case, matter, given, clinician, sign_in):
    page = text(sign_in(clinician).get(reverse("case-overview", args=[case.uid])))
    assert "What she agreed to" not in page and "Wryneck" not in page
    event = Event.objects.filter(verb=Verb.CASE_VIEWED, actor_uid=clinician.uid).latest("pk")
    assert "DUTIES" not in event.sections.split()


def test_a_colleague_of_another_programme_reads_her_line_where_programmes_are_kept_apart(cast, case, sign_in, settings):
    settings.PROGRAMMES_KEPT_APART = True
    across = across_programmes(cast, case, excluded="not to Aunt Wryneck")
    give_access(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.STAFF_COUNSEL, person=cast.luis,
        release_uid=across.uid,
    )  # fmt: skip
    page = text(sign_in(cast.luis).get(reverse("case-overview", args=[case.uid])))
    assert "What she agreed to" in page and "not to Aunt Wryneck" in page
    hers = text(sign_in(cast.amina).get(reverse("case-overview", args=[case.uid])))
    assert "What she agreed to" not in hers, "whoever keeps the duties has all of them on the Sharing tab"


def across_programmes(cast, case, *, excluded):
    return release(
        cast.amina, case, case.organisation, recipient_team=cast.team_of("luis"), purpose="LEGAL_REPRESENTATION",
        purpose_text="Her papers", terms=Terms(categories=["IDENTITY", "CONTACT"], excluded=excluded),
    )  # fmt: skip


def test_of_a_minor_everything_waits_and_her_line_with_it(cast, sign_in):
    """Nothing of the release has begun, so its recipient reads no word of it."""
    minor = make.case(cast.amina, cast.team_of("amina"), birth_date=clock.now().date() - timedelta(days=365 * 15))
    aunt = {"signer": "PARENT_GUARDIAN", "signer_name": "Her aunt", "guardian_is_not_abuser": True}
    to_attorney(cast, minor, a_matter(cast, minor), terms=TERMS, signing=signing(**aunt))
    assert access.releases_behind(cast.chidi, [minor]) == {}
    assert "Wryneck" not in text(sign_in(cast.chidi).get(reverse("attorney-home")))


@pytest.mark.parametrize("how", ["withdrawn", "expired"])
@pytest.mark.sql
def test_it_goes_with_the_release(cast, case, matter, given, sign_in, how):
    if how == "withdrawn":
        withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="ORAL")
    moment = given.expires_at if how == "expired" else clock.now() + timedelta(seconds=1)
    with time_machine.travel(moment):
        client = sign_in(cast.chidi)
        for place in (reverse("matter", args=[matter.uid]), reverse("attorney-home")):
            page = text(client.get(place))
            assert "Wryneck" not in page and "What she agreed to" not in page, place


def test_a_case_whose_duties_were_erased_still_opens(cast, case, matter, given, sign_in, monkeypatch):
    """The words are gone for everybody; the page says nothing instead of failing."""
    monkeypatch.setattr(type(case), "has_erased", lambda self, section: section == "DUTIES")
    assert "Wryneck" not in text(sign_in(cast.chidi).get(reverse("attorney-home")))


def test_a_list_of_matters_asks_once_however_many_there_are(cast, case, matter, given, sign_in):
    client, home = sign_in(cast.chidi), reverse("attorney-home")
    client.get(home)
    before = _queries(client, home)
    for _number in range(3):
        one = make.case(cast.amina, cast.team_of("amina"))
        to_attorney(cast, one, a_matter(cast, one), terms=TERMS, signing=SIGNED)
    client.get(home)
    assert _queries(client, home) == before


def _queries(client, path):
    with CaptureQueriesContext(connection) as seen:
        client.get(path)
    return len(seen)
