"""The control of releases, the auditor's page of failing ones, and what staff read of them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock, pseudonyms
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.session import for_house
from casemgmt.reports.controls import controls
from cases import access
from cases.actions.release_checks import check_releases
from cases.actions.releases import withdraw_release
from cases.actions.walls import place_wall
from cases.models import ReleaseCheck
from cases.release_rules import length_of
from tests import make
from tests.audit.test_pages import elif_of, make_external
from tests.cases.releasing import release as record_one
from tests.cases.releasing import signing
from tests.cases.test_release_checks import PAPER, planted
from tests.operations.row_security_role import bound_by_policies

pytestmark = [pytest.mark.sql, pytest.mark.django_db(databases=["default", "keystore"])]

PAGE = "/reports/releases/"


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


def of_releases():
    [found] = [control for control in controls(clock.now()) if control.key == "releases"]
    return found


def test_the_control_says_how_many_hold_and_fail_in_each(cast, case) -> None:
    assert of_releases().tone == "info"
    planted(cast, case)
    assert of_releases().tone == "warn" and dict(of_releases().numbers)["waiting to be checked"] == 1
    check_releases()
    assert of_releases().tone == "ok"
    planted(cast, case, purpose_text="")
    planted(cast, case, signed=[{**PAPER, "sha256": "0" * 64}])
    check_releases()
    found = of_releases()
    assert found.tone == "bad" and [number for _words, number in found.numbers] == [3, 0, 2, 0]
    parts = {words: (holds, fails) for words, holds, fails in found.parts}
    assert parts["One narrow purpose"] == (2, 1) and parts["The signed paper is unchanged"] == (2, 1)
    assert {both for words, both in parts.items() if "purpose" not in words and "paper" not in words} == {(3, 0)}
    assert found.proved_at is not None


def test_a_job_that_stands_still_is_seen(cast, case) -> None:
    planted(cast, case)
    check_releases()
    access.for_the_house(ReleaseCheck).update(checked_at=clock.now() - timedelta(days=3))
    assert of_releases().tone == "warn"


def test_the_auditor_reads_failing_ones_by_pseudonym(cast, case, sign_in) -> None:
    planted(cast, case, purpose_text="")
    other = make.case(cast.amina, cast.team_of("amina"))
    planted(cast, other, signed=[])
    good = make.case(cast.amina, cast.team_of("amina"))
    planted(cast, good)
    check_releases()
    client = sign_in(elif_of(cast))
    control = client.get(reverse("controls")).text
    assert PAGE in control and "fewer than 5 fail, the others hold" in control
    page = client.get(PAGE).text
    names = [pseudonyms.of_case(one.uid) for one in (case, other, good)]
    assert [name in page for name in names] == [True, True, False]
    assert case.number not in page and str(case.uid) not in page and "Quillfeather" not in page
    purpose = client.get(f"{PAGE}?attribute=PURPOSE").text
    assert names[0] in purpose and names[1] not in purpose
    assert client.get(f"{PAGE}?attribute=NONSENSE").status_code == 200
    event = Event.objects.filter(verb=Verb.LEDGER_READ, actor_uid=elif_of(cast).uid).latest("pk")
    assert event.detail.shown()["codes"]["page"] == "RELEASES"
    assert not Event.objects.filter(verb=Verb.CASE_VIEWED).exists()


def test_who_finds_it(cast, case, sign_in) -> None:
    planted(cast, case, signed=[])
    check_releases()
    for person in (cast.amina, cast.bea, cast.kemi, cast.omar, cast.farid, cast.chidi):
        assert sign_in(person).get(PAGE).status_code == 404, person
    assert sign_in(elif_of(cast)).post(PAGE).status_code == 405
    make_external(elif_of(cast))
    outside = sign_in(elif_of(cast))
    assert outside.get(PAGE).status_code == 404
    control = outside.get(reverse("controls")).text
    assert PAGE not in control and "fewer than 11 fail, the others hold" in control


def test_many_cost_as_few(cast, case, sign_in) -> None:
    client = sign_in(elif_of(cast))

    def cost() -> int:
        check_releases()
        with CaptureQueriesContext(connection) as asked:
            assert client.get(PAGE).status_code == 200
        return len(asked)

    planted(cast, case, signed=[])
    client.get(PAGE)
    few = cost()
    for _number in range(60):
        planted(cast, case, purpose_text="")
    assert cost() <= few + 1
    assert "Older" in client.get(PAGE).text


# ---- Staff: in words, beside the release ----


def test_whoever_mends_it_reads_what_is_wrong(cast, case, sign_in) -> None:
    amina = sign_in(cast.amina, is_fresh=True)
    bad = planted(cast, case, purpose_text="any purpose")
    address = reverse("release", args=[case.uid, bad.uid])
    assert "will check within minutes" in amina.get(address).text
    check_releases()
    page = amina.get(address).text
    assert "Its purpose is missing, or so wide" in page and reverse("release-renew", args=[case.uid, bad.uid]) in page
    renewed = record_one(
        cast.amina, case, cast.hugo.organisation, renews_uid=bad.uid, signing=signing(kept_where="Cabinet 2")
    )
    check_releases()
    assert "Complete, as checked" in amina.get(reverse("release", args=[case.uid, renewed.uid])).text
    assert "Releases to mend" in sign_in(cast.bea).get(reverse("team")).text
    assert case.number not in sign_in(cast.bea).get("/release-checks/").text  # mended: it is over


def test_the_desk_says_what_to_mend(cast, case, sign_in) -> None:
    planted(cast, case, signed=[])
    south = make.case(cast.dana, cast.team_of("dana"))
    planted(cast, south, purpose_text="")
    check_releases()
    bea, kemi, nadia = sign_in(cast.bea), sign_in(cast.kemi), sign_in(cast.nadia)
    home = bea.get(reverse("team")).text
    assert (
        "/release-checks/" in home and '<span class="tag warn">1</span>' in home.partition("/release-checks/")[2][:200]
    )
    hers = bea.get("/release-checks/").text
    assert case.number in hers and south.number not in hers and "It is not on file in writing" in hers
    assert "Open the release" in hers
    whole = kemi.get("/release-checks/").text
    assert case.number in whole and south.number in whole and "Open the release" not in whole
    assert "/release-checks/" in kemi.get(reverse("desk")).text
    assert south.number in nadia.get("/release-checks/").text
    place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.kemi)
    assert case.number not in kemi.get("/release-checks/").text
    for person in (cast.amina, cast.elif_, cast.farid, cast.chidi, cast.hugo, cast.gita):
        assert sign_in(person).get("/release-checks/").status_code == 404, person


def test_a_desk_of_many_costs_as_few(cast, case, sign_in) -> None:
    bea = sign_in(cast.bea)

    def cost() -> int:
        check_releases()
        with CaptureQueriesContext(connection) as asked:
            assert bea.get("/release-checks/").status_code == 200
        return len(asked)

    planted(cast, case, signed=[])
    bea.get("/release-checks/")
    few = cost()
    for _number in range(12):
        planted(cast, case, signed=[])
    assert cost() <= few + 1


def test_taken_back_it_leaves_the_desk(cast, case, sign_in) -> None:
    bad = planted(cast, case, signed=[], expires_at=clock.now() + timedelta(days=length_of("REFERRAL").longest))
    check_releases()
    assert case.number in sign_in(cast.bea).get("/release-checks/").text
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=bad.uid, how="ORAL")
    assert case.number not in sign_in(cast.bea).get("/release-checks/").text


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="Policies are a matter of PostgreSQL.")
def test_behind_the_second_wall_pages_and_job_say_the_same(cast, case, sign_in) -> None:
    """Whoever opens no case reads it in the name of the house; the job opens what it must."""
    planted(cast, case, signed=[])
    auditor, bea = sign_in(elif_of(cast)), sign_in(cast.bea)
    with bound_by_policies():
        with for_house():
            assert check_releases() == 1
        assert pseudonyms.of_case(case.uid) in auditor.get(PAGE).text
        assert "fewer than 5 fail, the others hold" in auditor.get(reverse("controls")).text
        assert (
            case.number in bea.get("/release-checks/").text
            and case.number in sign_in(cast.kemi).get("/release-checks/").text
        )
