"""Her own account: who saw what of her, what went where, for a time that she chooses and in her language."""

from datetime import timedelta
from functools import partial
from html import unescape

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from cases.actions.emergency import take_emergency_access
from cases.actions.releases import withdraw_release
from tests import make
from tests.accounts import signing_in
from tests.cases.releasing import release
from tests.services.test_release_and_matter import a_matter
from tests.services.test_release_and_matter import release as to_attorney


@pytest.fixture
def sign_in():
    """People who have just shown their second factor once more: what leaves the house asks for it."""
    return partial(signing_in.sign_in, is_fresh=True)


@pytest.fixture
def clinic(cast):
    return cast.hugo.organisation


def events(verb):
    return Event.objects.filter(verb=verb)


def account_of(client, case, **chosen):
    page = client.get(reverse("case-account", args=[case.uid]), chosen)
    return page, unescape(page.text[page.text.index("<main") : page.text.index("</main>")])


def test_her_account_says_who_saw_what_by_role_and_by_name_on_request(cast, case, sign_in):
    make.colleague(case, cast.bea, cast.gita, "CLINICAL")
    matter = a_matter(cast, case)
    to_attorney(cast, case, matter)
    sign_in(cast.amina).get(reverse("case-survivor", args=[case.uid]))
    sign_in(cast.gita).get(reverse("case-overview", args=[case.uid]))
    sign_in(cast.chidi).get(reverse("matter", args=[matter.uid]))
    _page, account = account_of(sign_in(cast.bea), case)
    seen = account[account.index("Seen by") :]
    for words in ("Caseworker", "Identity and contact", "Clinician", "Pro bono attorney", cast.chidi.organisation.name):
        assert words in seen, words
    for person in (cast.amina, cast.gita, cast.chidi):
        assert person.name not in account
    _page, named = account_of(sign_in(cast.bea), case, names="on")
    assert cast.amina.name in named and cast.gita.name in named
    assert cast.chidi.name not in named, "of another organisation it says which, and nobody's name"
    told = [one.detail.shown()["codes"] for one in events(Verb.DISCLOSURES_ACCOUNTED)]
    assert told[0]["since"] == case.opened_on.isoformat() and told[0]["language"] == "own"


def test_her_account_tells_every_kind_of_reading(cast, case, clinic, sign_in):
    """Read, looked at in a list, searched for, named, downloaded, exported, printed, in an emergency: each is somebody who saw."""
    standing = release(cast.amina, case, clinic)
    paper = make.document(case, cast.amina)
    amina, mara = sign_in(cast.amina), cast.mara

    def hers(person):
        page, words = account_of(sign_in(cast.bea), case, names="on")
        return [one for one in page.context["readers"] if one.name == person.name], words

    for step, address, copies in (
        ("read", reverse("case-overview", args=[case.uid]), False), ("listed", reverse("cases"), False),
        ("history", reverse("case-history", args=[case.uid]), False),
        ("release on paper", reverse("release-print", args=[case.uid, standing.uid]), True),
        ("print", reverse("case-print", args=[case.uid]), True),
        ("download", reverse("case-document", args=[case.uid, paper.uid]), True),
    ):  # fmt: skip
        with transaction.atomic():
            answer = amina.get(address)
            b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert answer.status_code == 200, step
            [reader], _words = hers(cast.amina)
            assert reader.took_copies == copies and not reader.in_emergency, step
            transaction.set_rollback(True)
    opened = take_emergency_access(
        actor=mara, now=clock.now(), number=case.number, reason="She called from the street, afraid"
    )
    assert hers(mara)[0] == []  # opened, and read nothing yet
    sign_in(mara).get(reverse("case-overview", args=[case.uid]))
    [reader], words = hers(mara)
    assert opened.grant_id and reader.in_emergency and "in an emergency" in words
    page = sign_in(cast.bea).get(reverse("case-account", args=[case.uid])).text
    assert "data-print" in page and "only if she can keep it safely" in page
    title = page[page.index("<title") : page.index("</title>")]
    assert case.number not in title and "Zoraida" not in title


def test_the_account_is_of_the_time_that_was_chosen_and_in_her_language(cast, case, sign_in, monkeypatch):
    sign_in(cast.amina).get(reverse("case-overview", args=[case.uid]))
    with time_machine.travel(clock.now() + timedelta(days=40)):
        sign_in(cast.amina).get(reverse("case-survivor", args=[case.uid]))
        today = timezone.localdate()
        page, _account = account_of(sign_in(cast.bea), case, since=today - timedelta(days=3), until=today)
        (reader,) = [one for one in page.context["readers"] if "Caseworker" in one.roles]
        assert (reader.on_days, reader.began) == (1, today)
        before, _ = account_of(sign_in(cast.bea), case, since=case.opened_on, until=case.opened_on + timedelta(days=5))
        assert all(one.ended <= case.opened_on + timedelta(days=5) for one in before.context["readers"])
        odd, words = account_of(sign_in(cast.bea), case, since=today, until=today - timedelta(days=9))
        assert odd.status_code == 422 and "not before the first one" in words
        monkeypatch.setattr("cases.her_language.is_translated", lambda language: language == "en")
        english, told = account_of(sign_in(cast.bea), case, language="ar")
        assert 'lang="en"' in english.text and "There is no text in Arabic yet" in told
        monkeypatch.setattr("cases.her_language.is_translated", lambda language: True)
        arabic, told = account_of(sign_in(cast.bea), case, language="ar")
        assert 'lang="ar"' in arabic.text and 'dir="rtl"' in arabic.text and "There is no text" not in told


def test_what_somebody_was_refused_or_a_job_did_stands_in_no_account(cast, case, sign_in):
    sign_in(cast.dana).get(reverse("case-overview", args=[case.uid]))
    page, _account = account_of(sign_in(cast.bea), case)
    assert all(one.roles for one in page.context["readers"])
    assert not [one for one in page.context["readers"] if one.house]


def test_the_account_tells_until_when_an_ended_access_lasted(cast, case, sign_in):
    standing = to_attorney(cast, case, a_matter(cast, case))
    with time_machine.travel(clock.now() + timedelta(days=5, seconds=1)):
        withdraw_release(actor=cast.amina, now=clock.now(), release_uid=standing.uid, how="ORAL")
    with time_machine.travel(clock.now() + timedelta(days=9)):
        shares = sign_in(cast.amina).get(reverse("case-account", args=[case.uid])).context["shares"]
    assert [(one["to"], (one["until"] - one["from"]).days) for one in shares] == [(cast.chidi.organisation.name, 5)]
