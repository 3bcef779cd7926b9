"""Letting cases out: the rows on the screen for colleagues, only what a release names for outsiders, and one on paper."""

import csv
import hashlib
import io
import os
import re
from datetime import UTC, date, timedelta
from functools import partial

import pytest
import time_machine
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from casemgmt.accounts.models import Organisation
from cases import access
from cases.actions.releases import Signing, Terms, record_release, withdraw_release
from cases.choices.casework import CaseStatus
from cases.choices.sharing import Purpose
from cases.htcds.export import age_band, safe
from cases.htcds.fields import CORE_ORDER
from cases.htcds.sheet import read_sheet
from cases.htcds.understanding import understand
from cases.models import Case, Disclosure
from cases.opening import open_list
from tests import make
from tests.accounts import signing_in
from tests.cases import releasing
from tests.cases.htcds import sheets
from tests.cases.test_import_actions import bring, take
from tests.cast import Cast

pytestmark = pytest.mark.walks

MAKE = {"profile": "HTCDS_CORE_STRICT", "make": "1"}


@pytest.fixture
def amina(cast):
    return cast.amina


@pytest.fixture
def client(amina, sign_in):
    return sign_in(amina)


@pytest.fixture
def sign_in():
    """People who have just shown their second factor once more, as an export asks for it."""
    return partial(signing_in.sign_in, is_fresh=True)


def test_a_file_needs_a_fresh_proof_and_what_was_chosen_is_kept(amina):
    stale = signing_in.sign_in(amina)
    assert stale.get(reverse("export")).status_code == 200
    asked = stale.post(reverse("export"), MAKE)
    assert asked.status_code == 303 and asked.url.startswith("/account/confirm/?next=%2Faccount%2Fkept%2F")
    assert not Event.objects.filter(verb="EXPORT_MADE", pk__gt=Cast.last_event).exists()
    [kept] = amina.held_forms.all()
    assert "HTCDS_CORE_STRICT" in stale.get(reverse("held-form", args=[kept.uid])).text


@pytest.fixture
def clinic(cast):
    """A partner outside the organisation."""
    return cast.hugo.organisation


def release(
    actor,
    case,
    recipient,
    *,
    categories=("IDENTITY", "DEMOGRAPHICS"),
    purpose=Purpose.REFERRAL,
    days=20,
    signed=None,
    **terms,
):
    now = clock.now()
    return record_release(
        actor=actor, now=now, case_uid=case.uid, recipient=recipient, purpose=purpose, purpose_text="A bed for two weeks",
        terms=Terms(categories=list(categories), **terms), expires_at=now + timedelta(days=days),
        signing=Signing(risks_discussed=True, not_conditioned=True, revocable_explained=True, copy_given=True,
                        signed_on=now.date(), **(signed or {})),
    )  # fmt: skip


def rows_of(answer):
    content = b"".join(answer.streaming_content)
    return content, list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def made(client, recipient=None, query="", **more):
    data = {**MAKE, **more}
    if recipient is not None:
        data |= {"recipient": str(recipient.uid), "purpose": more.get("purpose", Purpose.REFERRAL)}
    return client.post(reverse("export") + query, data)


# ---- Inside ----


def test_the_list_as_htcds(client, amina, cast):
    take(amina, bring(amina, cast.team_of("amina"), [sheets.person(prs_MobilePhone="+12025550123")]))
    answer = made(client)
    assert answer["Content-Disposition"].startswith('attachment; filename="export-')
    content, rows = rows_of(answer)
    assert content.startswith(b"\xef\xbb\xbf")
    assert tuple(rows[0]) == CORE_ORDER and len(rows) == 1
    row = rows[0]
    assert (row["prs_FirstName"], row["prs_Birthdate"], row["prs_Citizenship"]) == ("Zoraida", "1998-04-05", "HN")
    assert row["vic_MethodsOfControl"] == "DebtBondage;WithholdsDocuments"
    assert row["vic_TraffickingStatusDecisionMakingOrg"] == "" and row["con_Consent"] == ""
    assert row["cas_Status"] == "Active" and row["prs_MobilePhone"] == "+12025550123"
    assert row["cas_CaseOwner"].startswith("Caseworker,") and amina.name not in content.decode()


def test_what_was_exported_can_be_imported_again(client, amina, cast):
    take(amina, bring(amina, cast.team_of("amina"), [sheets.person()]))
    content, _rows = rows_of(made(client))
    sheet = read_sheet(content)
    found = understand(sheet.rows[0].cells, sheet.columns, today=clock.now().date())
    assert not found.is_bad and found.values["vic_ForcedLabourIndustry"] == ["A_AgricultureForestryAndFishing"]


@pytest.mark.sql
def test_the_rows_are_those_on_the_screen(client, amina, cast):
    team = cast.team_of("amina")
    first = make.case(amina, team, first_name="Ysolde")
    make.case(amina, team, first_name="Zoraida", status=CaseStatus.FOLLOW_UP)
    make.case(cast.dana, cast.team_of("dana"), first_name="Canaryname")
    content, rows = rows_of(made(client, query="?status=ACTIVE"))
    assert [row["prs_FirstName"] for row in rows] == ["Ysolde"] and b"Canaryname" not in content
    listed = client.get(reverse("cases") + "?status=ACTIVE").content.decode()
    assert first.number in listed and len(re.findall(r"HV-\w{4}-\w{4}", listed)) >= 1


def test_an_export_is_recorded_with_count_and_checksum(client, amina, cast):
    case = make.case(amina, cast.team_of("amina"))
    content, _rows = rows_of(made(client))
    event = Event.objects.get(verb=Verb.EXPORT_MADE)
    codes = event.detail.content["codes"]
    assert codes["sha256"] == hashlib.sha256(content).hexdigest() and codes["count"] == 1 and codes["left_out"] == 0
    assert event.cases_touched.get().case_uid == case.uid and event.actor_uid == amina.uid
    assert "IDENTITY" in event.sections and "survivor.first_name" in event.detail.content["fields"]


def test_sections_that_are_not_held_stay_blank(cast, sign_in, amina):
    """A supervisor of a case reads it; the shelter worker who holds only its card exports nothing at all."""
    make.case(amina, cast.team_of("amina"))
    assert sign_in(cast.bea).post(reverse("export"), MAKE).status_code == 200
    for key in ("jonas", "chidi", "elif", "farid", "hugo"):
        assert sign_in(getattr(cast, key)).post(reverse("export"), MAKE).status_code == 404


def test_a_cell_is_no_formula():
    for text in ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "  =1", "|x"):
        assert safe(text).startswith("'")
    for text in ("+12025550123", "Zoraida", "1990-05-07", "A; B", "O'Neil"):
        assert safe(text) == text


def test_formulas_in_names_are_written_as_text(client, amina, cast):
    make.case(amina, cast.team_of("amina"), first_name="=HYPERLINK(1)")
    _content, rows = rows_of(made(client))
    assert rows[0]["prs_FirstName"] == "'=HYPERLINK(1)"


def test_the_extended_profile_adds_our_columns(client, amina, cast):
    make.case(
        amina, cast.team_of("amina"),
        answers={"vic_MethodsOfControl": ["RestrictsMovement", "DebtBondage"], "vic_TraffickingStatus": "NOT_ASKED"},
    )  # fmt: skip
    _content, strict = rows_of(made(client))
    assert "x_CaseRef" not in strict[0] and strict[0]["vic_MethodsOfControl"] == "Other;DebtBondage"
    _content, rows = rows_of(made(client, profile="HTCDS_EXTENDED"))
    assert rows[0]["x_MethodsOfControl"] == "RestrictsMovement;DebtBondage" and rows[0]["x_AgeBand"] == "27--29"
    assert rows[0]["x_NullFlavour"] == "vic_TraffickingStatus=NOT_ASKED" and len(rows[0]["x_CaseRef"]) == 16
    _content, again = rows_of(made(client, profile="HTCDS_EXTENDED"))
    assert again[0]["x_CaseRef"] != rows[0]["x_CaseRef"]


def test_what_the_standard_calls_optional_stands_in_the_extended_profile_and_identity_numbers_nowhere(
    client, amina, cast
):
    told = {
        "prs_MaritalStatus": "Widowed", "prs_NumberOfChildren": 2, "prs_Deceased": False, "prs_IdentityNumber": "ID-77",
        "vic_Vulnerabilities": ["Poverty"], "vic_AgeWhenTrafficked": 17, "prs_PrimaryLanguage": "spa",
    }  # fmt: skip
    about = {name: value for name, value in told.items() if name.startswith("prs_")}
    answers = {name: value for name, value in told.items() if name.startswith("vic_")}
    make.case(amina, cast.team_of("amina"), about=about, answers=answers)
    _content, [strict] = rows_of(made(client))
    assert not set(told) & set(strict)
    content, [row] = rows_of(made(client, profile="HTCDS_EXTENDED"))
    assert (row["prs_MaritalStatus"], row["prs_NumberOfChildren"], row["prs_Deceased"]) == ("Widowed", "2", "FALSE")
    assert (row["vic_Vulnerabilities"], row["vic_AgeWhenTrafficked"]) == ("Poverty", "17")
    assert row["prs_PrimaryLanguage"] == "spa"
    assert b"ID-77" not in content and "prs_IdentityNumber" not in row and "prs_MiddleName" not in row


@pytest.mark.parametrize("said", ["", "She went home to her sister."])
def test_a_case_that_was_closed_here_says_why(client, amina, cast, said):
    case = make.case(amina, cast.team_of("amina"), referral={"cas_ReasonForCaseClosure": said} if said else {})
    assert rows_of(made(client))[1][0]["cas_ReasonForCaseClosure"] == said
    make.closed(case, cast.bea)
    with translation.override("es"):
        [row] = rows_of(made(client, query="?status=CLOSED"))[1]
    assert row["cas_ReasonForCaseClosure"] == (said or "Goals met") and row["cas_Status"] == "Closed"


def test_age_bands():
    assert [age_band(age) for age in (0, 8, 9, 17, 18, 38, 47, 48, 90)] == [
        "0--8", "0--8", "9--17", "9--17", "18--20", "30--38", "39--47", "48+", "48+",
    ]  # fmt: skip


# ---- Outside ----


def test_without_a_release_nothing_leaves(client, amina, cast, clinic):
    make.case(amina, cast.team_of("amina"))
    data = {"profile": "HTCDS_CORE_STRICT", "recipient": str(clinic.uid), "purpose": Purpose.REFERRAL}
    page = client.post(reverse("export"), data).content.decode()
    assert "<b>0</b> rows go out" in page and "Download" not in page
    answer = made(client, clinic)
    assert answer.status_code == 422 and "No row may go to this recipient" in answer.content.decode()
    assert not Event.objects.filter(verb=Verb.EXPORT_MADE).exists()


@pytest.mark.sql
def test_only_released_rows_and_columns_leave_and_are_disclosed(client, amina, cast, clinic):
    team = cast.team_of("amina")
    told = make.case(
        amina, team, first_name="Ysolde", about={"prs_Gender": "Feminine"}, contact={"prs_Email": "y@example.org"}
    )
    make.case(amina, team, first_name="Canaryname")
    standing = release(amina, told, clinic, categories=["IDENTITY", "FINANCIAL"])
    data = {"profile": "HTCDS_CORE_STRICT", "recipient": str(clinic.uid), "purpose": Purpose.REFERRAL}
    page = client.post(reverse("export"), data).content.decode()
    assert "<b>1</b> rows go out" in page and "<b>1</b> rows stay here" in page
    content, rows = rows_of(made(client, clinic))
    assert len(rows) == 1 and b"Canaryname" not in content
    assert rows[0]["prs_FirstName"] == "Ysolde" and rows[0]["prs_Birthdate"]
    assert rows[0]["prs_Gender"] == rows[0]["prs_Email"] == rows[0]["cas_Status"] == ""
    disclosure = access.visible(Disclosure, amina).get()
    assert (disclosure.case_id, disclosure.release_id, disclosure.basis) == (told.pk, standing.pk, "RELEASE")
    assert disclosure.recipient_id == clinic.pk
    codes = Event.objects.get(verb=Verb.EXPORT_MADE).detail.content["codes"]
    assert (codes["count"], codes["left_out"], codes["recipient"]) == (1, 1, str(clinic.uid))
    assert Event.objects.get(verb=Verb.DISCLOSURE_MADE).detail.content["codes"]["basis"] == "RELEASE"


def test_what_needs_two_people_stays(client, amina, cast, clinic):
    case = make.case(amina, cast.team_of("amina"), answers={"vic_TypeOfExploitation": ["ForcedLabour"]})
    release(amina, case, clinic, categories=["IDENTITY", "TRAFFICKING_HISTORY"])
    _content, rows = rows_of(made(client, clinic))
    assert rows[0]["prs_FirstName"] == "Zoraida" and rows[0]["vic_TypeOfExploitation"] == ""
    with open_list(amina, [case], sections=["DUTIES"]):
        assert access.visible(Disclosure, amina).get().categories == ["IDENTITY"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose": Purpose.SERVICE_COORDINATION},
        {"categories": ["FINANCIAL"]},
        {"method": "VERBAL"},
        {"recipient": "firm"},
        {"withdrawn": True},
        {"expired": True},
        {"minor": True},
    ],
)
def test_a_release_that_does_not_fit_lets_nothing_out(sign_in, amina, cast, clinic, wrong, ledger):
    wrong = dict(wrong)
    is_minor = wrong.pop("minor", False)
    born = date(2015, 1, 1) if is_minor else date(1998, 4, 5)
    if is_minor:
        wrong["signed"] = {
            "signer": "PARENT_GUARDIAN", "signer_name": "Mother Quillfeather", "guardian_is_not_abuser": True,
        }  # fmt: skip
    case = make.case(amina, cast.team_of("amina"), birth_date=born)
    withdrawn, expired = wrong.pop("withdrawn", False), wrong.pop("expired", False)
    recipient = cast.chidi.organisation if wrong.pop("recipient", "") else clinic
    standing = release(amina, case, recipient, **wrong, days=1 if expired else 20)
    if withdrawn:
        withdraw_release(actor=amina, now=clock.now(), release_uid=standing.uid, how="ORAL")
    with time_machine.travel(standing.expires_at if expired else clock.now()):
        assert made(sign_in(amina), clinic).status_code == 422
    assert not access.for_the_house(Disclosure).exists()


@pytest.mark.sql
def test_a_supervisors_export_needs_her_duty_on_the_case(cast, sign_in, amina, clinic):
    """Whoever lets a case out must be one who records such duties on it."""
    case = make.case(amina, cast.team_of("amina"))
    release(amina, case, clinic)
    assert made(sign_in(cast.dana), clinic).status_code == 422
    assert made(sign_in(cast.bea), clinic).status_code == 200


def test_the_own_organisation_is_no_outside_recipient(client, amina, cast):
    make.case(amina, cast.team_of("amina"))
    page = client.get(reverse("export")).content.decode()
    assert amina.organisation.name not in page.partition("<form")[2]
    assert made(client, amina.organisation).status_code == 422


def test_an_outside_recipient_needs_a_purpose(client, clinic):
    answer = client.post(reverse("export"), {**MAKE, "recipient": str(clinic.uid)})
    assert answer.status_code == 422 and "a release names one" in answer.content.decode()


def test_queries_do_not_grow_with_the_rows(client, amina, cast, django_assert_max_num_queries):
    team = cast.team_of("amina")
    for number in range(12):
        make.case(amina, team, second_name=f"Quill-{number}")
    with django_assert_max_num_queries(40):
        _content, rows = rows_of(made(client))
    assert len(rows) == 12


@pytest.mark.sql
def test_the_spool_of_an_export_is_sealed(client, amina, cast, monkeypatch):
    from casemgmt.crypto import uploads

    make.case(amina, cast.team_of("amina"), first_name="Canaryname")
    written = []
    original = uploads.SealedSpool.reader

    def watched(spool):
        reader = original(spool)
        written.append(os.pread(spool._file.fileno(), 10_000_000, 0))
        return reader

    monkeypatch.setattr(uploads.SealedSpool, "reader", watched)
    content, _rows = rows_of(made(client))
    assert b"Canaryname" in content and written and b"Canaryname" not in written[0]


# ---- Print ----


def test_a_print_says_whose_it_is_and_is_recorded(client, amina, cast):
    case = make.case(
        amina, cast.team_of("amina"), first_name="Zoraida", answers={"vic_TypeOfExploitation": ["ForcedLabour"]}
    )
    page = client.get(reverse("case-print", args=[case.uid])).content.decode()
    assert re.search(r"Confidential, printed by Amina Rivers at", page)
    assert "Zoraida" in page and "Forced labour" in page and "Zoraida" not in page.partition("</title>")[0]
    event = Event.objects.get(verb=Verb.PRINT_MADE)
    assert event.case_uid == case.uid and {"IDENTITY", "NARRATIVE"} <= set(event.sections.split())


def test_a_print_holds_only_what_its_reader_may_open(cast, sign_in, amina, ledger):
    case = make.case(amina, cast.team_of("amina"), first_name="Zoraida", statement="Canarystatement")
    assert sign_in(cast.dana).get(reverse("case-print", args=[case.uid])).status_code == 404
    assert sign_in(cast.farid).get(reverse("case-print", args=[case.uid])).status_code == 404
    assert sign_in(amina).post(reverse("case-print", args=[case.uid])).status_code == 405
    from cases.actions.grants import give_access

    give_access(actor=amina, now=clock.now(), case_uid=case.uid, kind="CLINICAL", person=cast.gita)
    page = sign_in(cast.gita).get(reverse("case-print", args=[case.uid])).content.decode()
    assert "Zoraida" in page and "Canarystatement" not in page
    assert Organisation.objects.count() and access.visible(Case, cast.gita).count() == 1


def test_a_print_says_of_a_release_the_day_it_ends_where_its_reader_is(cast, sign_in, amina, ledger):
    case = make.case(amina, cast.team_of("amina"))
    amina.time_zone = "Pacific/Auckland"
    amina.save(update_fields=["time_zone"])
    # In the morning there, and the day before by universal time.
    ends = (clock.now() + timedelta(days=20)).astimezone(amina.zone).replace(hour=6)
    releasing.release(amina, case, cast.hugo.organisation, expires_at=ends)
    page = sign_in(amina).get(reverse("case-print", args=[case.uid])).text
    assert f"Until {date_format(ends.date(), 'j F Y')}." in page and ends.astimezone(UTC).date() != ends.date()
