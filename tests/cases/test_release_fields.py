"""Every field that the standard names for a release (domain.md §2.5) is kept, shown on its page, and stands on the paper."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from audit import clock
from cases import access
from cases.actions.partners import give_partner_access
from cases.actions.releases import Terms
from cases.choices.releases import AUTHORITY_OF_TICK, SECTION_OF_CATEGORY, InfoCategory
from cases.errors.releases import ReleaseLacks
from cases.errors.sharing import NothingForThePartner
from cases.models import Release
from cases.opening import open_case
from cases.release_rules import sections_of
from tests import make
from tests.accounts import signing_in
from tests.cases.releasing import release, sign_page, signing, terms_page
from tests.services.test_release_and_matter import a_matter
from tests.services.test_release_and_matter import release as to_attorney

pytestmark = pytest.mark.walks

GUARDIAN = {"signer": "PARENT_GUARDIAN", "signer_name": "Her aunt Odette", "guardian_is_not_abuser": True}
#: Field of §2.5 → what of it is read on the page.
SHOWN = {
    "subject_persons": "her son Wilfred", "disclosing_org": "Haven (demo)", "recipient_person_or_role": "the intake nurse",
    "purpose": "A bed for two weeks", "info_categories": "How to reach her", "excluded_info": "not to Aunt Wryneck",
    "method": "By word of mouth", "direction": "Both ways", "risks_benefits_discussed": "Risks, benefits and other ways discussed",
    "alternatives_discussed": "Ways without sharing were looked at", "service_not_conditioned_ack": "Help does not depend on it",
    "language": "Tagalog", "interpreter": "R. Dunnock", "read_aloud": "Read aloud", "signer": "she and her parent or guardian",
    "signer_name": "Her aunt Odette", "guardian_is_abuser_check": "Abuse by that person ruled out", "staff_witness": "W. Crake",
    "starts_at": "Begins", "expires_at": "Ends", "revocable_explained": "Can be taken back: explained",
    "copy_given": "Copy given", "signature_evidence": "the paper is kept in the file",
}  # fmt: skip
#: Of how it was signed the paper leaves this to the house: it goes to the recipient.
OF_THE_HOUSE = "He may hear of it at the mill"


@pytest.fixture
def clinic(cast):
    return cast.hugo.organisation


@pytest.fixture
def whole(cast, clinic):
    """A release with an answer to everything, of a minor who signs with her aunt."""
    minor = make.case(cast.amina, cast.team_of("amina"), birth_date=clock.now().date() - timedelta(days=365 * 15))
    given = release(
        cast.amina, minor, clinic,
        terms=Terms(
            categories=["IDENTITY", "CONTACT"], method="VERBAL", is_two_way=True, excluded="not to Aunt Wryneck",
            recipient_role="the intake nurse", subjects="her son Wilfred",
        ),
        signing=signing(
            **GUARDIAN, language="tl", interpreter="R. Dunnock", is_read_aloud=True, copy_given=True,
            alternatives_discussed=True, risks_note=OF_THE_HOUSE, witness="W. Crake", kept_where="blue binder",
        ),
    )  # fmt: skip
    return minor, given


def read_of(client, name, case, given):
    answer = client.get(reverse(name, args=[case.uid, given.uid]))
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_the_page_and_the_paper_say_every_field(cast, whole):
    case, given = whole
    client = signing_in.sign_in(cast.amina, is_fresh=True)
    shown = {**SHOWN, "disclosing_org": case.organisation.name, "recipient_org": given.recipient.name}
    for name in ("release", "release-print"):
        page = read_of(client, name, case, given)
        assert {field: words for field, words in shown.items() if words not in page} == {}, name
    assert OF_THE_HOUSE in read_of(client, "release", case, given)
    paper = read_of(client, "release-print", case, given)
    assert OF_THE_HOUSE not in paper and "My name" in paper


def test_revoked_at_how_and_by_whom_are_shown(cast, whole):
    case, given = whole
    client = signing_in.sign_in(cast.amina)
    client.post(reverse("release-withdraw", args=[case.uid, given.uid]), {"how": "WRITTEN"})
    page = read_of(client, "release", case, given)
    assert "She wrote it on" in page and "Noted by" in page and cast.amina.name in page


# ---- What has a tick of its own ----


@pytest.mark.parametrize("category", list(AUTHORITY_OF_TICK))
def test_each_needs_a_yes_by_name(cast, case, clinic, category):
    assert set(AUTHORITY_OF_TICK) == {"MEDICAL", "HIV", "PSYCHOTHERAPY_NOTES", "SUBSTANCE_USE"}
    terms = Terms(categories=[InfoCategory.IDENTITY, category])
    others = [one for one in AUTHORITY_OF_TICK if one != category]
    for named in ([], others):
        with pytest.raises(ReleaseLacks) as lack:
            release(cast.amina, case, clinic, terms=terms, signing=signing(named=named))
        assert lack.value.what == "named" and str(lack.value)
    given = release(cast.amina, case, clinic, terms=terms, signing=signing(named=[category]))
    with open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        assert access.within(Release, case).get(pk=given.pk).signing["named"] == [str(category)]


@pytest.mark.parametrize("category", list(AUTHORITY_OF_TICK))
def test_the_second_page_asks_about_each_by_name(cast, case, clinic, category):
    client, new = signing_in.sign_in(cast.amina, is_fresh=True), reverse("release-new", args=[case.uid])
    terms = {"recipient": str(clinic.pk), "categories": ["CONTACT", category]}
    page = client.post(new, terms_page(**terms)).content.decode()
    assert page.count('name="named_') == 1 and f'name="named_{category}"' in page
    assert "I was asked about each of these by name" in page
    without = client.post(new, sign_page(**terms))
    assert without.status_code == 422 and "Ask her about this one by name" in without.content.decode()
    assert not access.for_the_house(Release).exists()
    assert client.post(new, sign_page(**terms, **{f"named_{category}": "on"})).status_code == 302
    given = access.for_the_house(Release).get()
    assert "Asked about by name" in read_of(client, "release", case, given)


def test_a_release_without_any_of_them_asks_nothing_more(cast, case, clinic):
    client = signing_in.sign_in(cast.amina, is_fresh=True)
    page = client.post(reverse("release-new", args=[case.uid]), terms_page(recipient=str(clinic.pk))).content.decode()
    assert 'name="named_' not in page and "asked about each of these by name" not in page


def test_what_she_did_not_name_stands_among_what_they_will_not_learn(cast, case, clinic):
    client = signing_in.sign_in(cast.amina, is_fresh=True)
    new = reverse("release-new", args=[case.uid])

    def not_told(*categories):
        page = client.post(new, terms_page(recipient=str(clinic.pk), categories=list(categories))).content.decode()
        return page[page.index("They will not learn") : page.index("Where I sleep is never shared")]

    assert "HIV" in not_told("MEDICAL") and "HIV" not in not_told("MEDICAL", "HIV")
    assert "HIV" not in not_told("CONTACT")
    assert "Notes of counselling" in not_told("MENTAL_HEALTH")
    assert "Notes of counselling" not in not_told("MENTAL_HEALTH", "PSYCHOTHERAPY_NOTES")


@pytest.mark.parametrize(
    ("categories", "opened"),
    [
        (["MEDICAL"], ["HEALTH"]), (["HIV"], []), (["MEDICAL", "HIV"], ["HEALTH"]), (["MENTAL_HEALTH"], []),
        (["PSYCHOTHERAPY_NOTES"], ["COUNSELLING"]), (["MENTAL_HEALTH", "PSYCHOTHERAPY_NOTES"], ["COUNSELLING"]),
        (["SUBSTANCE_USE"], ["SUD"]), (["HIV", "MENTAL_HEALTH", "CONTACT"], ["IDENTITY"]),
    ],
)  # fmt: skip
def test_a_part_opens_only_with_its_own_tick(categories, opened):
    assert sections_of(categories) == opened
    assert set(categories) <= set(SECTION_OF_CATEGORY)


def test_who_is_given_nothing_to_open_gets_no_access(cast, case, clinic):
    given = release(cast.amina, case, clinic, terms=Terms(categories=["MENTAL_HEALTH", "HIV"]))
    with pytest.raises(NothingForThePartner):
        give_partner_access(
            actor=cast.amina,
            now=clock.now(),
            case_uid=case.uid,
            kind="REFERRAL",
            release_uid=given.uid,
            person=cast.hugo,
        )


def test_whoever_approves_the_health_part_is_told_about_hiv(cast, case):
    to_attorney(cast, case, a_matter(cast, case), terms=Terms(categories=["IDENTITY", "MEDICAL"]))
    to_attorney(cast, case, a_matter(cast, case, "Asylum"), terms=Terms(categories=["IDENTITY", "IMMIGRATION"]))
    bea = signing_in.sign_in(cast.bea, is_fresh=True)
    told = {
        grant.permissions[-1]: "HIV has a tick of its own" in bea.get(reverse("access-decide", args=[grant.uid])).text
        for grant in access.waiting_grants().filter(case=case)
    }
    assert told == {"read_health": True, "read_status": False}


def test_a_renewal_asks_by_name_again(cast, case, clinic):
    former = release(cast.amina, case, clinic, terms=Terms(categories=["MEDICAL", "HIV"]))
    client = signing_in.sign_in(cast.amina, is_fresh=True)
    path = reverse("release-renew", args=[case.uid, former.uid])
    page = client.get(path).content.decode()
    assert page.count("checked") >= 2
    answers = {"categories": ["MEDICAL", "HIV"], "purpose_text": "A bed"}
    assert client.post(path, sign_page(**answers)).status_code == 422
    assert client.post(path, sign_page(**answers, named_MEDICAL="on", named_HIV="on")).status_code == 302
