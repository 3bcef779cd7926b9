"""Whether a release is valid, asked of a machine: each attribute failing alone, erased keys, and the turns of the job."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from cases import access, files
from cases.actions import release_checks as job
from cases.actions.partners import give_partner_access
from cases.actions.releases import Terms, record_release, withdraw_release
from cases.actions.signing import sign_release
from cases.choices.release_checks import SEALED_ATTRIBUTES, Attribute
from cases.choices.sharing import Purpose
from cases.models import Case, CaseUserPermission, Document, Release, ReleaseCheck, ReleaseSignature
from cases.release_checks import RULES, failing
from tests import make
from tests.audit.sealing.scene import unguarded
from tests.cases.erasing import erase
from tests.cases.releasing import drawn, signing

pytestmark = [pytest.mark.sql, pytest.mark.django_db(databases=["default", "keystore"])]

TERMS = {"categories": ["CONTACT", "IDENTITY"], "method": "WRITTEN", "two_way": False, "excluded": ""}
SIGNING = {
    "signer": "CLIENT", "signer_name": "", "authority": "", "evidence": "PAPER", "language": "en", "interpreter": "",
    "risks_discussed": True, "not_conditioned": True, "revocable_explained": True, "guardian_is_not_abuser": False,
    "named": [], "reason": "", "copy_given": False, "read_aloud": False,
}  # fmt: skip
PAPER = {"who": "CLIENT", "name": "", "evidence": "PAPER", "kept_where": "Cabinet 2", "sha256": ""}
BY_GUARDIAN = {"signer": "PARENT_GUARDIAN", "signer_name": "Test Parent", "guardian_is_not_abuser": True}
GUARDIAN = {**PAPER, "who": "GUARDIAN", "name": "Test Parent"}


@pytest.fixture
def case(cast) -> Case:
    return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def minor(cast) -> Case:
    return make.case(cast.amina, cast.team_of("amina"), birth_date=timezone.localdate() - timedelta(days=15 * 365))


def planted(cast: Any, case: Case, signed: Any = (PAPER,), **changes: Any) -> Release:
    """A release as a row, past the rules of its form: what an import, a former rule or an insider may leave."""
    now = clock.now()
    facts: dict[str, Any] = {
        "recipient": cast.hugo.organisation, "purpose": Purpose.REFERRAL, "purpose_text": "A bed for two weeks",
        "signed_on": timezone.localdate(now), "starts_at": now, "expires_at": now + timedelta(days=20),
        "recorded_by": cast.amina, "discloser": case.organisation, **changes,
    }  # fmt: skip
    facts["terms"] = {**TERMS, **facts.get("terms", {})}
    facts["signing"] = {**SIGNING, **facts.get("signing", {})}
    release = Release(case=case, **facts)
    release.save()
    for told in signed:
        ReleaseSignature(case=case, release=release, signed_on=release.signed_on, facts=told).save()
    return release


def found(release: Release) -> list[str]:
    """What fails, by the job."""
    job.check_releases()
    return access.for_the_house(ReleaseCheck).get(release=release).codes


def on_screen(cast: Any, case: Case) -> Release:
    """Signed with a finger, by its real action: the drawing lies sealed."""
    made = sign_release(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, uploads={"CLIENT": drawn()},
        facts={
            "recipient": cast.hugo.organisation, "purpose": Purpose.REFERRAL, "purpose_text": "A bed for two weeks",
            "terms": Terms(categories=["IDENTITY", "CONTACT"]), "signing": signing(evidence="SCREEN"),
            "expires_at": clock.now() + timedelta(days=20),
        },
    )  # fmt: skip
    return access.for_the_house(Release).get(uid=made.uid)


def test_a_release_by_its_form_holds_everywhere(cast, case) -> None:
    assert found(on_screen(cast, case)) == []
    by_paper = record_release(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, recipient=cast.hugo.organisation, purpose="REFERRAL",
        purpose_text="A dentist", terms=Terms(categories=["IDENTITY"]), signing=signing(kept_where="Cabinet 2"),
        expires_at=clock.now() + timedelta(days=9),
    )  # fmt: skip
    assert found(by_paper) == [] and found(planted(cast, case)) == []
    assert not failing(clock.now()).exists()


@pytest.mark.parametrize(
    ("wrong", "changes"),
    [
        ("WRITTEN", {"signed": [{**PAPER, "kept_where": " "}]}),
        ("WRITTEN", {"signed": [{**PAPER, "evidence": "SCREEN"}]}),
        ("WRITTEN", {"terms": {"method": "WHATEVER"}}),
        ("WRITTEN", {"signing": {"evidence": "SPOKEN"}}),
        ("PURPOSE", {"purpose": ""}),
        ("PURPOSE", {"purpose_text": ""}),
        ("PURPOSE", {"purpose_text": "any purpose"}),
        ("SCOPE", {"terms": {"categories": []}}),
        ("SCOPE", {"terms": {"categories": ["ALL"]}}),
        ("SCOPE", {"terms": {"categories": ["MEDICAL"]}}),
        ("END", {"expires_at": timedelta(days=31)}),
        ("END", {"expires_at": timedelta(days=400), "signing": {"reason": "Long trial"}}),
        ("INFORMED", {"signing": {"risks_discussed": False}}),
        ("INFORMED", {"signing": {"not_conditioned": False}}),
        ("INFORMED", {"signing": {"revocable_explained": False}}),
        ("SIGNERS", {"signing": {"signer": "DECEASED"}, "signed": [PAPER]}),
        ("SIGNERS", {"signing": {"signer": "EMANCIPATED", "authority": "A court"}}),
        ("SIGNERS", {"signed": [PAPER, GUARDIAN]}),
        ("GUARDIAN", {"signing": {
            "signer": "LEGAL_REP", "signer_name": "Test Agent", "authority": "An order", "guardian_is_not_abuser": False,
         }, "signed": [{**PAPER, "who": "REPRESENTATIVE"}]}),
        ("FILE", {"signed": [{**PAPER, "sha256": "0" * 64}]}),
    ],
)  # fmt: skip
def test_each_attribute_fails_alone(cast, case, wrong, changes) -> None:
    if isinstance(changes.get("expires_at"), timedelta):
        changes = changes | {"expires_at": clock.now() + changes["expires_at"]}
    assert found(planted(cast, case, **changes)) == [wrong]


def test_spoken_alone_is_no_release(cast, case) -> None:
    """Nobody signed: neither is it written, nor did anybody sign whom the rule names."""
    assert found(planted(cast, case, signed=[])) == ["WRITTEN", "SIGNERS"]


def test_a_recipient_of_ones_own_house(cast, case) -> None:
    assert found(planted(cast, case, recipient=case.organisation)) == ["RECIPIENT"]
    assert found(planted(cast, case, recipient_person=cast.chidi)) == ["RECIPIENT"]
    assert found(planted(cast, case, recipient_person=cast.hugo)) == []


def test_who_signs_for_a_minor(cast, minor) -> None:
    assert found(planted(cast, minor)) == ["SIGNERS"]  # she signed alone, as if she were of age
    both = {"signing": BY_GUARDIAN, "signed": [PAPER, GUARDIAN]}
    assert found(planted(cast, minor, **both)) == []
    assert found(planted(cast, minor, signing=BY_GUARDIAN, signed=[GUARDIAN])) == ["SIGNERS"]  # without the child
    nameless = {**both, "signing": {**BY_GUARDIAN, "signer_name": " "}}
    assert found(planted(cast, minor, **nameless)) == ["SIGNERS"]
    alone = {"signer": "CLIENT_MINOR", "authority": "Cal. Fam. Code 6924"}
    assert found(planted(cast, minor, signing=alone)) == []
    assert found(planted(cast, minor, signing={**alone, "authority": ""})) == ["SIGNERS"]


def test_her_age_is_that_of_the_day_she_signed(cast) -> None:
    born = timezone.localdate() - timedelta(days=18 * 366)
    case = make.case(cast.amina, cast.team_of("amina"), birth_date=born)
    then = born + timedelta(days=17 * 366)
    both = {"signing": BY_GUARDIAN, "signed": [PAPER, GUARDIAN], "signed_on": then}
    begun = clock.now() - (timezone.localdate() - then)
    both |= {"starts_at": begun, "expires_at": begun + timedelta(days=20)}
    assert found(planted(cast, case, **both)) == []
    assert found(planted(cast, case, signing=BY_GUARDIAN, signed=[PAPER, GUARDIAN])) == ["SIGNERS"]  # of age by now


def test_a_guardian_who_is_the_abuser(cast, minor) -> None:
    both = {"signing": {**BY_GUARDIAN, "guardian_is_not_abuser": False}, "signed": [PAPER, GUARDIAN]}
    assert found(planted(cast, minor, **both)) == ["GUARDIAN"]
    good = planted(cast, minor, signing=BY_GUARDIAN, signed=[PAPER, GUARDIAN])
    assert found(good) == []
    minor.alerts = ["GUARDIAN_IS_PERPETRATOR"]  # found out afterwards: the daily round finds it
    minor.save(update_fields=["alerts"])
    job.check_these([good_again(good)], clock.now())
    assert access.for_the_house(ReleaseCheck).get(release=good).codes == ["GUARDIAN"]


def good_again(release: Release) -> Release:
    return access.for_the_house(Release).select_related(*job.RELATED).get(pk=release.pk)


def test_a_supervisor_may_set_a_later_end_with_a_reason(cast, case) -> None:
    later = {"expires_at": clock.now() + timedelta(days=200)}
    assert found(planted(cast, case, recorded_by=cast.bea, signing={"reason": "The trial"}, **later)) == []
    assert found(planted(cast, case, recorded_by=cast.bea, **later)) == ["END"]
    assert found(planted(cast, case, recorded_by=cast.amina, signing={"reason": "The trial"}, **later)) == ["END"]


@pytest.mark.parametrize("how", ["changed", "gone", "quarantined", "other number"])
def test_a_signature_that_was_changed_in_the_store(cast, case, how) -> None:
    release = on_screen(cast, case)
    document = access.for_the_house(Document).get(case=case)
    stored = files.storage()
    if how == "quarantined":
        document.quarantined_at, document.quarantined_by = clock.now(), cast.amina
        document.save(update_fields=["quarantined_at", "quarantined_by"])
    elif how == "other number":
        with unguarded():
            signed = access.for_the_house(ReleaseSignature).get(release=release)
            signed.facts = {**PAPER, "evidence": "SCREEN", "sha256": "1" * 64}
            signed.save(update_fields=["facts"])
    else:
        with stored.open(document.stored_as) as file:
            content = bytearray(file.read())
        stored.delete(document.stored_as)
        if how == "changed":
            content[len(content) // 2] ^= 1
            from django.core.files.base import ContentFile

            stored.save(document.stored_as, ContentFile(bytes(content)))
    assert found(release) == ["FILE"]


def test_a_release_that_is_over_and_still_opens(cast, case) -> None:
    release = planted(cast, case, starts_at=clock.now() - timedelta(days=3))
    give_partner_access(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, kind="REFERRAL", person=cast.hugo, release_uid=release.uid
    )
    if not CaseUserPermission.objects.filter(grant__release=release).exists():
        from cases.actions.grants import approve_access

        [grant] = access.waiting_grants().filter(release=release)
        approve_access(actor=cast.bea, now=clock.now(), grant_uid=grant.uid)
    assert found(release) == []
    with unguarded():
        access.for_the_house(Release).filter(pk=release.pk)._update(
            [(Release._meta.get_field("expires_at"), None, clock.now() - timedelta(minutes=1))]
        )
    job.check_these([good_again(release)], clock.now())
    assert access.for_the_house(ReleaseCheck).get(release=release).codes == ["ENDED"]
    assert [one.release_id for one in failing(clock.now())] == [release.pk]


def test_one_that_is_over_counts_no_more(cast, case) -> None:
    release = planted(cast, case, signed=[], expires_at=clock.now() + timedelta(days=2))
    job.check_releases()
    assert failing(clock.now()).count() == 1 and failing(clock.now(), "WRITTEN").count() == 1
    assert failing(clock.now(), "FILE").count() == 0
    assert not failing(clock.now() + timedelta(days=3)).exists()
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=release.uid, how="ORAL")
    assert not failing(clock.now() + timedelta(seconds=1)).exists()


def test_erased_keys_are_said_so(cast, case, at_once) -> None:
    release = planted(cast, case, signed=[])
    long = planted(cast, case, expires_at=clock.now() + timedelta(days=500))
    erase(cast, case, "LEGAL")
    job.check_releases()
    [one, other] = access.for_the_house(ReleaseCheck).order_by("release_id")
    assert (one.release_id, one.is_erased, one.codes) == (release.pk, True, [])
    assert (other.release_id, other.is_erased, other.codes) == (long.pk, True, ["END"])


def test_bytes_that_were_changed_condemn_whatever_they_say(cast, case) -> None:
    release = planted(cast, case)
    with connection.cursor() as cursor, unguarded():
        cursor.execute("SELECT signing FROM cases_release WHERE id = %s", [release.pk])
        stored = bytearray(bytes(cursor.fetchone()[0]))
        stored[-1] ^= 1
        cursor.execute("UPDATE cases_release SET signing = %s WHERE id = %s", [bytes(stored), release.pk])
    assert set(found(release)) == {one.value for one in SEALED_ATTRIBUTES}


# ---- The job ----


def test_the_row_holds_codes_and_the_job_its_event(cast, case) -> None:
    planted(cast, case, signed=[])
    planted(cast, case, purpose_text="Zoraidafeather, all records")
    before = Event.objects.filter(verb=Verb.JOB_RUN).count()
    assert job.check_releases() == 2 and job.check_releases() == 0
    [event] = Event.objects.filter(verb=Verb.JOB_RUN).order_by("pk")[before:]
    assert event.detail.shown()["codes"] == {"job": "release_checks", "count": 2}
    assert event.section_codes == ["CARD", "DUTIES", "IDENTITY"] and event.actor_uid is None
    rows = list(access.for_the_house(ReleaseCheck).values_list("failed", "rules"))
    assert sorted(rows) == [(" PURPOSE ", RULES), (" WRITTEN  SIGNERS ", RULES)]


def test_what_waits_comes_in_its_turn(cast, case, monkeypatch) -> None:
    first = planted(cast, case)
    assert job.check_releases() == 1
    second = planted(cast, case)
    checks = access.for_the_house(ReleaseCheck)
    assert job.check_releases() == 1 and set(checks.values_list("release_id", flat=True)) == {first.pk, second.pk}
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=first.uid, how="ORAL")
    checks.filter(release=first).update(checked_at=clock.now() - timedelta(minutes=5))
    assert job.check_releases() == 1 and job.check_releases() == 0  # it was taken back since
    checks.update(checked_at=clock.now() - timedelta(hours=21))
    checks.filter(release=first).update(checked_at=clock.now() + timedelta(seconds=1) - timedelta(hours=21))
    withdrawn = access.for_the_house(Release).get(pk=first.pk).withdrawn_at
    with unguarded():
        access.for_the_house(Release).filter(pk=first.pk)._update(
            [(Release._meta.get_field("withdrawn_at"), None, withdrawn - timedelta(days=2))]
        )
    assert job.check_releases() == 1  # the daily round leaves out what is over
    checks.update(checked_at=clock.now() - timedelta(days=31))
    assert job.check_releases() == 2
    checks.update(rules=RULES - 1 if RULES else 9)
    assert job.check_releases() == 2


def test_a_turn_is_bounded_and_the_next_goes_on(cast, case, monkeypatch) -> None:
    monkeypatch.setattr(job, "AT_ONCE", 3)
    for _number in range(8):
        planted(cast, case)
    done = [job.check_releases(seconds=0) for _turn in range(4)]
    assert done == [3, 3, 2, 0]


def test_what_was_checked_stays_when_the_worker_dies(cast, case, monkeypatch) -> None:
    monkeypatch.setattr(job, "AT_ONCE", 2)
    for _number in range(4):
        planted(cast, case)
    real, turns = job.verdicts_of, []

    def dies(releases: Any, now: Any) -> Any:
        turns.append(len(releases))
        if len(turns) == 2:
            raise KeyboardInterrupt
        return real(releases, now)

    monkeypatch.setattr(job, "verdicts_of", dies)
    with pytest.raises(KeyboardInterrupt):
        job.check_releases()
    assert access.for_the_house(ReleaseCheck).count() == 2
    assert job.check_releases() == 2 and access.for_the_house(ReleaseCheck).count() == 4


def test_the_same_number_of_queries_for_many(cast, monkeypatch) -> None:
    cases = [make.case(cast.amina, cast.team_of("amina")) for _number in range(3)]

    def cost(numbers: int) -> int:
        for case in cases[:numbers]:
            on_screen(cast, case)
            planted(cast, case)
        with CaptureQueriesContext(connection) as asked:
            assert job.check_releases() == numbers * 2
        return len(asked)

    assert cost(1) + 2 >= cost(3)


def test_every_attribute_has_words() -> None:
    from cases.choices.release_checks import WRONG

    assert set(WRONG) == set(Attribute)
