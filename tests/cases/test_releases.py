"""A release: what it must have, who signs it, how long it runs, that it is never changed, renewed or taken back at once."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from audit import clock
from audit.context import audit_context
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read
from cases import access
from cases.actions import due
from cases.actions.releases import Terms, withdraw_release
from cases.choices.releases import SECTION_OF_CATEGORY, InfoCategory, ReleaseSigner
from cases.choices.sharing import Purpose
from cases.errors.casework import CaseIsClosed
from cases.errors.releases import (
    GuardianSignsUntilGrownUp,
    ReleaseEndsTooLate,
    ReleaseIsOver,
    ReleaseLacks,
    SignerCannot,
)
from cases.minors import birthday
from cases.models import Disclosure, Due, Notice, Release, ReleaseSignature
from cases.opening import open_case
from cases.release_rules import LENGTHS, STATE_RULES, check_purpose, end_without_date
from tests import make
from tests.cases.releasing import release, signing
from tests.services.test_release_and_matter import a_matter
from tests.services.test_release_and_matter import release as to_attorney


@pytest.fixture
def clinic(cast):
    return cast.hugo.organisation


@pytest.fixture
def amina(cast):
    return cast.amina


@pytest.fixture
def minor(cast):
    return make.case(cast.amina, cast.team_of("amina"), birth_date=clock.now().date() - timedelta(days=365 * 15))


# ---- What it must have ----


def test_all_that_the_standard_asks_for_is_kept_and_sealed(amina, case, clinic):
    given = release(
        amina, case, clinic,
        terms=Terms(
            categories=["IDENTITY"], is_two_way=True, excluded="not to Aunt Wryneck", recipient_role="the intake nurse",
            subjects="her son",
        ),
        signing=signing(
            language="es", interpreter="R. Dunnock", is_read_aloud=True, copy_given=True, alternatives_discussed=True,
            risks_note="He may hear of it", witness="A. Rivers", kept_where="blue binder",
        ),
    )  # fmt: skip
    with open_case(amina, access.get_for(amina, case.uid)):
        row = access.within(Release, case).get(uid=given.uid)
        assert row.terms == {
            "categories": ["IDENTITY"], "method": "WRITTEN", "two_way": True, "excluded": "not to Aunt Wryneck",
            "recipient_role": "the intake nurse", "subjects": "her son",
        }  # fmt: skip
        assert (row.signing["interpreter"], row.signing["risks_note"]) == ("R. Dunnock", "He may hear of it")
        assert row.signing["read_aloud"] and row.signing["alternatives_discussed"] and row.signing["copy_given"]
        [signature] = access.within(ReleaseSignature, case).filter(release=row)
        assert (signature.facts["who"], signature.facts["evidence"], signature.facts["kept_where"]) == (
            "CLIENT", "PAPER", "blue binder",
        )  # fmt: skip
    assert row.discloser_id == case.organisation_id
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM cases_release")
        stored = repr(cursor.fetchall())
    assert not any(word in stored for word in ("Wryneck", "Dunnock", "nurse", "hear of it", "IDENTITY", "two weeks"))


@pytest.mark.parametrize(
    "text", ["all", " Everything. ", "any", "the entire file", "Her whole record!", "all her records", "any and all"]
)
def test_a_purpose_that_means_everything_is_refused(amina, case, clinic, text):
    with pytest.raises(ReleaseLacks) as lack:
        release(amina, case, clinic, purpose_text=text)
    assert lack.value.what == "purpose_narrow" and not access.for_the_house(Release).exists()


def test_a_purpose_may_hold_such_a_word_where_it_says_one_thing():
    for text in (
        "For all three hearings in May",
        "So that any nurse on duty knows my allergy",
        "My whole family's visa",
    ):
        check_purpose(text)


def test_r3_the_entire_file_is_refused_and_so_are_ticks_that_come_to_it(amina, case, clinic):
    one_of_each = list({section: code for code, section in SECTION_OF_CATEGORY.items()}.values())
    for categories in (list(InfoCategory.values), one_of_each):
        with pytest.raises(ReleaseLacks) as lack:
            release(amina, case, clinic, terms=Terms(categories=categories))
        assert lack.value.what == "narrow"


def test_the_shelter_is_never_offered_and_the_safe_address_is():
    assert "LOCATION_SHELTER" not in InfoCategory.values and "SAFE_MAILING_ADDRESS" in InfoCategory.values
    assert set(SECTION_OF_CATEGORY) == set(InfoCategory.values)
    assert not {Section.LOCATION, Section.SHELTER_OPS, Section.LEGAL_FILE} & set(SECTION_OF_CATEGORY.values())


@pytest.mark.parametrize("missing", ["risks_discussed", "not_conditioned", "revocable_explained"])
def test_each_statement_is_demanded(amina, case, clinic, missing):
    with pytest.raises(ReleaseLacks):
        release(amina, case, clinic, signing=signing(**{missing: False}))


# ---- Who signs ----

AUNT = {"signer_name": "Her aunt", "guardian_is_not_abuser": True}


@pytest.mark.parametrize(
    ("signer", "facts", "what"),
    [
        ("CLIENT", {}, "MINOR"),
        ("PARENT_GUARDIAN", {"signer_name": "Her aunt"}, "guardian"),
        ("PARENT_GUARDIAN", {"guardian_is_not_abuser": True}, "signer_name"),
        ("PARENT_GUARDIAN", AUNT, ""),
        ("CLIENT_MINOR", {}, "authority"),
        ("CLIENT_MINOR", {"authority": "Cal. Fam. Code § 6924"}, ""),
        ("EMANCIPATED", {"authority": "Order 12 of the family court"}, ""),
        ("LEGAL_REP", {**AUNT, "authority": "Letters of guardianship"}, ""),
        ("LEGAL_REP", AUNT, "authority"),
        ("GUARDIAN_REFUSED", {}, "GUARDIAN_REFUSED"),
        ("DECEASED", {}, "DECEASED"),
    ],
)
def test_who_signs_for_a_minor(amina, minor, clinic, signer, facts, what):
    if what:
        with pytest.raises((ReleaseLacks, SignerCannot)) as refused:
            release(amina, minor, clinic, signing=signing(signer=signer, **facts))
        assert refused.value.what == what and str(refused.value)
        assert not access.for_the_house(Release).exists()
    else:
        given = release(amina, minor, clinic, signing=signing(signer=signer, **facts))
        with open_case(amina, access.get_for(amina, minor.uid)):
            who = [
                one.facts["who"] for one in access.within(ReleaseSignature, minor).filter(release=given).order_by("pk")
            ]
        expected = {"PARENT_GUARDIAN": ["CLIENT", "GUARDIAN"], "LEGAL_REP": ["REPRESENTATIVE"]}
        assert who == expected.get(signer, ["CLIENT"])


@pytest.mark.parametrize("signer", ["PARENT_GUARDIAN", "CLIENT_MINOR", "EMANCIPATED"])
def test_a_woman_of_age_signs_herself(amina, case, clinic, signer):
    with pytest.raises(SignerCannot) as refused:
        release(amina, case, clinic, signing=signing(signer=signer, authority="A law", **AUNT))
    assert refused.value.what == "OF_AGE"


def test_where_no_birth_date_is_known_nobody_is_refused_for_her_age(amina, cast, clinic):
    unknown = make.case(amina, cast.team_of("amina"), birth_date=None)
    for signer in ("CLIENT", "PARENT_GUARDIAN"):
        release(amina, unknown, clinic, signing=signing(signer=signer, **AUNT))


def test_what_a_guardian_signs_ends_before_she_is_eighteen(amina, cast, clinic):
    """Nothing has to end it on that day: it may not run beyond it (domain.md §8.5)."""
    born = birthday(timezone.localdate(), -18) + timedelta(days=12)
    nearly = make.case(amina, cast.team_of("amina"), birth_date=born)
    by_aunt = signing(signer="PARENT_GUARDIAN", **AUNT)
    with pytest.raises(GuardianSignsUntilGrownUp):
        release(amina, nearly, clinic, signing=by_aunt, expires_at=clock.now() + timedelta(days=13))
    release(amina, nearly, clinic, signing=by_aunt, expires_at=clock.now() + timedelta(days=10))
    alone = signing(signer="CLIENT_MINOR", authority="Cal. Fam. Code § 6924")
    release(amina, nearly, clinic, signing=alone, expires_at=clock.now() + timedelta(days=13))


def test_r3_a_guardian_whom_the_card_warns_of_cannot_sign(amina, minor, clinic):
    with audit_context("test", "an alert"):
        minor.alerts = ["GUARDIAN_IS_PERPETRATOR"]
        minor.save(update_fields=["alerts"])
    with pytest.raises(SignerCannot) as refused:
        release(amina, minor, clinic, signing=signing(signer="PARENT_GUARDIAN", **AUNT))
    assert refused.value.what == "ABUSER"
    release(amina, minor, clinic, signing=signing(signer="CLIENT_MINOR", authority="Cal. Fam. Code § 6924"))


def test_every_signer_is_known_to_the_rules():
    assert set(ReleaseSigner.values) == {
        "CLIENT", "CLIENT_MINOR", "PARENT_GUARDIAN", "LEGAL_REP", "EMANCIPATED", "GUARDIAN_REFUSED", "DECEASED",
    }  # fmt: skip


# ---- How long ----


@pytest.mark.parametrize(
    ("purpose", "days", "fits"),
    [
        (Purpose.REFERRAL, 30, True), (Purpose.REFERRAL, 31, False), (Purpose.LEGAL_REPRESENTATION, 180, True),
        (Purpose.LEGAL_REPRESENTATION, 181, False), (Purpose.SERVICE_COORDINATION, 90, True),
        (Purpose.SERVICE_COORDINATION, 91, False), (Purpose.REPORT_TO_AUTHORITY, 31, False),
    ],
)  # fmt: skip
def test_r3_the_end_by_purpose_and_never_more_than_a_year(amina, case, clinic, purpose, days, fits):
    if fits:
        assert release(amina, case, clinic, purpose=purpose, days=days)
    else:
        with pytest.raises(ReleaseEndsTooLate):
            release(amina, case, clinic, purpose=purpose, days=days)


def test_a_supervisor_sets_a_later_end_with_a_reason_and_never_more_than_a_year(cast, case, clinic):
    longer = {"purpose": Purpose.LEGAL_REPRESENTATION, "days": 364}
    with pytest.raises(ReleaseLacks) as lack:
        release(cast.bea, case, clinic, **longer)
    assert lack.value.what == "reason"
    assert release(cast.bea, case, clinic, **longer, signing=signing(reason="The court sits in eleven months"))
    with pytest.raises(ReleaseEndsTooLate):
        release(
            cast.bea, case, clinic, purpose=Purpose.LEGAL_REPRESENTATION, days=366, signing=signing(reason="Longer")
        )
    with pytest.raises(ReleaseEndsTooLate):
        release(cast.amina, case, clinic, **longer, signing=signing(reason="The court sits in eleven months"))


def test_the_time_is_counted_from_the_signature(amina, case, clinic):
    signed_on = clock.now().date() - timedelta(days=10)
    with pytest.raises(ReleaseEndsTooLate):
        release(amina, case, clinic, days=25, signing=signing(signed_on=signed_on))
    assert release(amina, case, clinic, days=19, signing=signing(signed_on=signed_on))


def test_washington_ends_a_release_without_a_date_ninety_days_after_the_signature():
    signed_on = date(2026, 3, 1)
    assert end_without_date(Purpose.SERVICE_COORDINATION, "US-WA", signed_on) == date(2026, 5, 30)
    assert end_without_date(Purpose.REFERRAL, "US-WA", signed_on) == signed_on + timedelta(
        days=LENGTHS[Purpose.REFERRAL].longest
    )
    assert end_without_date(Purpose.REFERRAL, "", signed_on) is None
    assert all(rule.authority and rule.verified_on for rule in STATE_RULES.values())


@pytest.mark.parametrize(("days", "warned_before"), [(20, 5), (80, 20), (90, 22)])
def test_the_warning_comes_in_the_last_quarter_of_its_life(amina, case, clinic, days, warned_before):
    with audit_context("job", "a test"):
        due.stamp_everything_due()
    given = release(amina, case, clinic, purpose=Purpose.SERVICE_COORDINATION, days=days)
    assert given.warning_days == warned_before
    ends = access.for_the_house(Due).get(subject_uid=given.uid, done_at__isnull=True)
    assert ends.due_on == timezone.localdate(given.expires_at, amina.zone)
    for left, told in ((warned_before + 2, False), (warned_before - 1, True)):
        with time_machine.travel(given.expires_at - timedelta(days=left)), audit_context("job", "a test"):
            due.stamp_everything_due()
            assert Notice._base_manager.filter(about_uid=ends.uid).exists() is told, left


def test_no_warning_comes_earlier_than_thirty_days(cast, case, clinic):
    long = release(
        cast.bea, case, clinic, purpose=Purpose.LEGAL_REPRESENTATION, days=360, signing=signing(reason="A long trial")
    )
    assert long.warning_days == 30


# ---- Never changed ----


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases_release SET expires_at = starts_at",
        "UPDATE cases_release SET recipient_id = discloser_id",
        "UPDATE cases_release SET terms = signing",
        "UPDATE cases_release SET purpose = 'CASEWORK'",
        "UPDATE cases_release SET row_mac = terms",
        "DELETE FROM cases_release",
        "DELETE FROM cases_releasesignature",
        "UPDATE cases_releasesignature SET signed_on = '2020-01-01'",
    ],
)
def test_the_database_refuses_to_change_what_was_signed(amina, case, clinic, statement):
    release(amina, case, clinic)
    with (
        audit_context("test", "somebody with access to the database"),
        pytest.raises(DatabaseError, match="what was signed is not changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_withdrawal_is_noted_once_and_not_undone(amina, case, clinic):
    given = release(amina, case, clinic)
    withdraw_release(actor=amina, now=clock.now(), release_uid=given.uid, how="ORAL")
    for statement in ("SET withdrawn_at = NULL", "SET withdrawn_how = 'WRITTEN'", "SET withdrawn_by_id = NULL"):
        with (
            audit_context("test", "somebody with access to the database"),
            pytest.raises(DatabaseError, match="what was signed is not changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE cases_release {statement}")


def test_a_disclosure_is_not_changed_either(amina, case, clinic):
    given = release(amina, case, clinic)
    with audit_context("test", "a disclosure"):
        Disclosure(
            case=case, basis="RELEASE", release=given, recipient=clinic, categories=["IDENTITY"], how="LETTER",
            disclosed_by=amina, disclosed_at=clock.now(),
        ).save()  # fmt: skip
    for statement in ("UPDATE cases_disclosure SET how = 'SPOKEN'", "DELETE FROM cases_disclosure"):
        with (
            audit_context("test", "somebody"),
            pytest.raises(DatabaseError, match="what was signed is not changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


# ---- Renewed, taken back ----


def test_renewing_makes_a_new_one_that_names_the_former_and_ends_it(cast, case):
    matter = a_matter(cast, case)
    first = to_attorney(cast, case, matter, expires_at=clock.now() + timedelta(days=20))
    narrower = Terms(categories=[InfoCategory.SERVICES_DATES])
    second = to_attorney(cast, case, matter, renews_uid=first.uid, terms=narrower)
    first.refresh_from_db()
    assert second.renews_id == first.pk and (first.withdrawn_how, first.withdrawn_by_id) == ("RENEWED", cast.amina.pk)
    assert access.get_for(cast.chidi, case.uid, read(Section.SERVICES))
    with pytest.raises(Refused):
        access.get_for(cast.chidi, case.uid, read(Section.IDENTITY))
    assert [one.uid for one in access.visible_matters(cast.chidi)] == [matter.uid] and access.drift() == []
    engagements = access.grants_with_grounds().filter(case=case, person=cast.chidi, parent__isnull=True)
    assert engagements.count() == 1, "the attorney keeps one engagement"
    assert Event.objects.get(verb=Verb.RELEASE_RENEWED).subject_uid == second.uid
    assert not access.for_the_house(Due).filter(subject_uid=first.uid, done_at__isnull=True).exists()
    assert access.for_the_house(Due).filter(subject_uid=second.uid, done_at__isnull=True).count() == 1
    with pytest.raises(ReleaseIsOver):
        to_attorney(cast, case, matter, renews_uid=first.uid)


def test_one_that_ran_out_is_renewed_and_one_that_she_took_back_is_not(amina, case, clinic):
    ended, back = release(amina, case, clinic, days=1), release(amina, case, clinic)
    withdraw_release(actor=amina, now=clock.now(), release_uid=back.uid, how="WRITTEN")
    with time_machine.travel(clock.now() + timedelta(days=2)):
        again = release(amina, case, clinic, renews_uid=ended.uid)
        assert again.renews_id == ended.pk
        with pytest.raises(ReleaseIsOver):
            release(amina, case, clinic, renews_uid=back.uid)
        with pytest.raises(ReleaseIsOver):
            release(amina, case, clinic, renews_uid=ended.uid)


def test_a_release_of_another_case_is_not_renewed(amina, cast, case, clinic):
    other = release(amina, make.case(amina, cast.team_of("amina")), clinic)
    with pytest.raises(Hidden):
        release(amina, case, clinic, renews_uid=other.uid)


def test_a_withdrawal_ends_all_that_rests_on_it_in_one_transaction(cast, case):
    matter = a_matter(cast, case)
    given = to_attorney(cast, case, matter)
    try:
        with transaction.atomic():
            withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="ORAL")
            with pytest.raises(Hidden):
                access.get_for(cast.chidi, case.uid)
            raise RuntimeError("the power went")
    except RuntimeError:
        pass
    assert access.get_for(cast.chidi, case.uid), "all of it or nothing"
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="ORAL")
    with pytest.raises(Hidden):
        access.get_for(cast.chidi, case.uid)


def test_on_a_closed_case_nothing_is_released_and_everything_can_be_taken_back(amina, case, clinic):
    given = release(amina, case, clinic)
    make.closed(case, amina)
    with pytest.raises(CaseIsClosed):
        release(amina, case, clinic)
    assert withdraw_release(actor=amina, now=clock.now(), release_uid=given.uid, how="ORAL").withdrawn_at


def test_a_stranger_and_a_colleague_without_the_part_record_nothing(cast, case, clinic, clinician):
    with pytest.raises(Hidden):
        release(cast.dana, case, clinic)
    with pytest.raises(Refused):
        release(clinician, case, clinic)
    given = release(cast.amina, case, clinic)
    with pytest.raises(Hidden):
        withdraw_release(actor=cast.dana, now=clock.now(), release_uid=given.uid, how="ORAL")


def test_the_sentences_are_whole():
    for error in (*map(ReleaseLacks, ReleaseLacks.sentences), *map(SignerCannot, SignerCannot.sentences)):
        assert str(error).endswith((".", "“The survivor, who is of age”."))
