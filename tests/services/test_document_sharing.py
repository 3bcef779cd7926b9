"""The page of a document says who outside sees it, under which release, and why another does not (domain.md §2.5)."""

from functools import partial

import pytest
from django.urls import reverse

from audit import clock
from casemgmt.access.sections import Section
from cases import access
from cases.actions.documents import withdraw_document
from cases.actions.releases import withdraw_release
from cases.choices.documents import DocumentCategory
from tests import make
from tests.accounts import signing_in
from tests.services.test_release_and_matter import a_matter, release

pytestmark = [
    pytest.mark.django_db(databases=["default", "keystore"]),
    pytest.mark.usefixtures("ledger"),
]


@pytest.fixture
def sign_in():
    return partial(signing_in.sign_in, is_fresh=True)


@pytest.fixture
def held(cast, case):
    return a_matter(cast, case)


def page_of(client, document):
    return client.get(reverse("case-document-page", args=[document.case.uid, document.uid])).text


def test_what_the_page_says_is_what_the_door_does(cast, case, held, sign_in):
    """Each document: the words for the caseworker, and whether the attorney opens it, with and without the release."""
    given = release(cast, case, held)
    documents = {
        "named": make.document(case, cast.amina, category=DocumentCategory.IDENTITY_DOCUMENT),
        "not named": make.document(case, cast.amina, category=DocumentCategory.OTHER, section=Section.SAFETY),
        "never": make.document(case, cast.amina, category=DocumentCategory.CONSENT),
        "docket": make.document(case, cast.amina, case_uid=None, matter_uid=held.uid, section="LEGAL"),
    }
    amina, chidi = sign_in(cast.amina), sign_in(cast.chidi)
    words = {
        "named": "sees it under the release of", "not named": "does not name “Safety", "never": "is never released",
        "docket": "sees it as a paper of the matter",
    }  # fmt: skip
    for name, document in documents.items():
        assert f"{cast.chidi.name} {'sees' if name in ('named', 'docket') else 'does not see'} it" in page_of(
            amina, document
        ), name
        assert words[name] in page_of(amina, document), name
        door = reverse("case-document", args=[case.uid, document.uid])
        if name != "docket":
            assert (chidi.get(door).status_code == 200) == (name == "named"), name
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="ORAL")
    assert "no release for" in page_of(amina, documents["named"])
    assert chidi.get(reverse("case-document", args=[case.uid, documents["named"].uid])).status_code == 404


def test_a_withdrawn_document_is_seen_by_nobody_outside(cast, case, held, sign_in):
    release(cast, case, held)
    document = make.document(case, cast.amina, category=DocumentCategory.IDENTITY_DOCUMENT)
    withdraw_document(actor=cast.amina, now=clock.now(), case_uid=case.uid, document_uid=document.uid, why="Twice")
    assert "it was withdrawn" in page_of(sign_in(cast.amina), document)


def test_an_outsider_reads_of_nobody_else(cast, case, held, sign_in):
    release(cast, case, held)
    document = make.document(case, cast.amina, category=DocumentCategory.IDENTITY_DOCUMENT)
    page = page_of(sign_in(cast.chidi), document)
    assert "Outside the house" not in page and access.get_for(cast.chidi, case.uid)
