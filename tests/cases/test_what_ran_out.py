"""Accesses and releases that end by their date: one line in the ledger each, and again where an end was moved."""

from datetime import timedelta

import pytest

from audit import clock
from audit.models import Event
from cases.actions import ending
from cases.actions.grants import revoke_access
from cases.actions.releases import Terms, record_release
from cases.models import Release
from tests import make
from tests.cases.releasing import signing

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]


def ends(verb):
    return list(Event.objects.filter(verb=verb).order_by("pk"))


def test_each_end_is_recorded_once(cast, monkeypatch) -> None:
    case = make.case(cast.amina, cast.team_of("amina"))
    until = clock.now() + timedelta(days=9)
    release = record_release(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, recipient=cast.hugo.organisation, purpose="REFERRAL",
        purpose_text="A dentist", terms=Terms(categories=["IDENTITY"]), expires_at=until, signing=signing(),
    )  # fmt: skip
    assert ending.note_what_ran_out() == 0
    later = until + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert ending.note_what_ran_out() >= 1
    (ended,) = ends("RELEASE_ENDED")
    assert (ended.subject_uid, ended.case_uid, ended.basis_kind) == (release.uid, case.uid, "TEST")
    assert ending.note_what_ran_out() == 0 and len(ends("RELEASE_ENDED")) == 1


def test_an_access_ends_by_its_date_and_again_where_it_was_prolonged(cast, monkeypatch) -> None:
    case = make.case(cast.amina, cast.team_of("amina"))
    grant = make.colleague(case, cast.bea, cast.gita, "CLINICAL")
    first = clock.now() + timedelta(hours=1)
    for number, until in enumerate((first, first + timedelta(days=2)), 1):
        grant.expires_at = until
        grant.save(update_fields=["expires_at"])
        monkeypatch.setattr(clock, "now", lambda until=until: until + timedelta(seconds=1))
        assert ending.note_what_ran_out() == 1
        assert [one.subject_uid for one in ends("ACCESS_EXPIRED")] == [grant.uid] * number
        assert ends("ACCESS_EXPIRED")[-1].detail.content["codes"]["kind"] == "CLINICAL"


def test_what_was_taken_back_did_not_run_out(cast, monkeypatch) -> None:
    case = make.case(cast.amina, cast.team_of("amina"))
    grant = make.colleague(case, cast.bea, cast.gita, "CLINICAL")
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=grant.uid)
    later = grant.expires_at + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    ending.note_what_ran_out()
    assert grant.uid not in [one.subject_uid for one in ends("ACCESS_EXPIRED")]
    assert Release._base_manager.count() == 0
