"""Reading sheets: formats, headers and their slips, values however they are written, and what is refused."""

import datetime as dt
import os
from pathlib import Path

import pytest
from openpyxl import Workbook

from cases.htcds import codes
from cases.htcds.cells import Cell
from cases.htcds.columns import MAILING
from cases.htcds.days import read_day
from cases.htcds.errors import FormDefinition, SheetRefused
from cases.htcds.fields import CORE_ORDER, FIELDS
from cases.htcds.findings import sentence
from cases.htcds.places import countries, country_codes_by_spelling, folded, languages
from cases.htcds.sheet import read_sheet
from cases.htcds.taking import Gap, gaps_of, prepare
from cases.htcds.understanding import match_codes, understand
from cases.htcds.wording import codes_by_spelling
from tests.cases.htcds import sheets

pytestmark = pytest.mark.once
TODAY = dt.date(2026, 7, 30)


def first(content):
    """What the first row of a file means."""
    sheet = read_sheet(content)
    return understand(sheet.rows[0].cells, sheet.columns, today=TODAY)


def one(**values):
    """What one row of the official sheet means."""
    return first(sheets.official([values]))


def said(found):
    return {(finding["column"], finding["code"]) for finding in found.findings}


# ---- The standard ----


def test_the_38_core_columns():
    assert len(CORE_ORDER) == len(set(CORE_ORDER)) == 38
    assert {name for name in FIELDS if FIELDS[name].is_core} == set(CORE_ORDER)


def test_values_are_the_names_of_the_standard_to_the_letter():
    assert codes.RelationshipToTrafficker.UNAQUAINTED == "Unaquainted"
    assert codes.WebsiteOrApp.FOUR_SALE == "4Sale"
    assert len(codes.Industry) == 21 and len(codes.TypeOfExploitation) == 11 and len(codes.MethodOfRecruitment) == 10
    ours = """
        PhysicalThreats ThreatsLawEnforcement ThreatensChildrenFamily DebtBondage FalsePromises PhysicalAbuse SexualAbuse
        TakesEarnings RestrictsFinancialAccess RestrictsMedicalCare WithholdsNecessities PsychologicalAbuse
        PsychoactiveSubstance ExcessiveWorkingHours WithholdsDocuments Other
    """
    assert set(codes.MethodOfControl.values) - codes.EXTENSION_CODES == set(ours.split())


def test_countries_and_languages():
    assert len(countries("en")) == 250 and ("FR", "Francia") in countries("es")
    assert {"en", "ar", "ckb", "prs"} <= {code for code, _name in languages("en")}
    spellings = country_codes_by_spelling()
    for word, code in (("Viet Nam", "VN"), ("côte d'ivoire", "CI"), ("IRN", "IR"), ("اليمن", "YE"), ("UK", "GB")):
        assert spellings[folded(word)] == code


def test_every_word_of_a_list_means_one_code():
    for field in FIELDS.values():
        for code, label in field.choices():
            assert codes_by_spelling(field)[folded(code)] == code
            if field.codes is not None:
                assert codes_by_spelling(field)[folded(str(label))] == code


# ---- The official sheet's slips ----


def test_the_official_sheet():
    sheet = read_sheet(sheets.official([sheets.person()], numbered=40))
    assert [column.name for column in sheet.columns.columns][1:] == list(CORE_ORDER)
    assert {(remark["column"], remark["code"]) for remark in sheet.remarks} == {
        ("T", "HEADER_MISSPELT"), ("AJ", "HEADER_FROM_LABEL"),
    }  # fmt: skip
    assert sheet.rows[0].number == 3 and len(sheet.rows) == 40
    assert understand(sheet.rows[5].cells, sheet.columns, today=TODAY).is_empty


def test_a_blank_code_cell_without_labels_is_found_by_its_place():
    names = list(CORE_ORDER)
    blank = [name if name != "cas_ReasonForOutgoingReferral" else "" for name in names]
    content = sheets.delimited([{}], blank) + b'"Other"'
    rows = content.decode().split("\r\n")
    rows[1] = ",".join('"Other"' if name == "cas_ReasonForOutgoingReferral" else '""' for name in names)
    found = first("\r\n".join(rows[:2]).encode())
    assert found.values == {"cas_ReasonForOutgoingReferral": "Other"}


@pytest.mark.parametrize("layout", ["codes", "labels"])
def test_the_swapped_address_columns_follow_their_values(layout):
    address = {
        "prs_MailingCity": "Lima", "prs_MailingCountry": "Peru", "prs_MailingState": "Lima Province",
        "prs_MailingStreet": "12 High Street", "prs_MailingPostalCode": "15001",
    }  # fmt: skip
    by_label = (
        "prs_MailingStreet",
        "prs_MailingCity",
        "prs_MailingState",
        "prs_MailingPostalCode",
        "prs_MailingCountry",
    )
    order = MAILING if layout == "codes" else by_label
    written = {code: address[name] for code, name in zip(MAILING, order, strict=True)}
    sheet = read_sheet(sheets.official([sheets.person(**written)]))
    found = understand(sheet.rows[0].cells, sheet.columns, today=TODAY)
    assert found.values["prs_MailingCountry"] == "PE" and found.values["prs_MailingStreet"] == "12 High Street"
    assert found.values["prs_MailingCity"] == "Lima" and not found.is_bad
    assert sheet.remarks[-1]["code"] == ("MAILING_CODES" if layout == "codes" else "MAILING_LABELS")


def test_an_address_that_tells_nothing_is_taken_by_code_and_said():
    found = one(prs_MailingCity="Springfield")
    assert found.values["prs_MailingCity"] == "Springfield" and ("N", "MAILING_UNCLEAR") in said(found)


def test_labels_alone_are_enough():
    book = Workbook()
    book.active.append(["First Name", "Second Name", "Birthdate", "Gender"])
    book.active.append(["Zoraida", "Quillfeather", dt.datetime(1998, 4, 5), "feminine"])
    assert first(sheets.saved(book)).values == {
        "prs_FirstName": "Zoraida", "prs_SecondName": "Quillfeather", "prs_Birthdate": "1998-04-05", "prs_Gender": "Feminine",
    }  # fmt: skip


def test_the_xlsform_export():
    row = sheets.person(vic_MethodsOfControl="DebtBondage WithholdsDocuments PhysicalAbuse")
    sheet = read_sheet(sheets.as_kobo([row]))
    found = understand(sheet.rows[0].cells, sheet.columns, today=TODAY)
    assert found.values["prs_FirstName"] == "Zoraida" and found.values["con_Consent"] is True
    assert found.values["vic_MethodsOfControl"] == ["DebtBondage", "WithholdsDocuments", "PhysicalAbuse"]
    assert not found.is_bad and "cas_Status" not in found.values


def test_the_form_itself_is_no_sheet():
    book = Workbook()
    book.active.title = "survey"
    book.active.append(["type", "name", "label"])
    book.active.append(["text", "prs_First_Name", "First Name"])
    book.create_sheet("choices").append(["list_name", "name", "label"])
    with pytest.raises(FormDefinition):
        read_sheet(sheets.saved(book))


def test_a_second_second_name_is_the_forms_mislabelled_title():
    content = b'"First Name","Second Name","Second Name"\n"Zoraida","Quillfeather","Manager"'
    assert first(content).values["prs_Title"] == "Manager"


def test_columns_that_are_not_of_the_standard_are_named():
    sheet = read_sheet(b"prs_FirstName,prs_SecondName,Shoe size,_status\nZoraida,Quill,38,submitted")
    assert [(remark["code"], remark["said"]) for remark in sheet.remarks] == [("COLUMN_LEFT_OUT", "Shoe size")]


# ---- Formats ----


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_delimiters_and_encodings(delimiter, encoding):
    name = "Zoë Ñandú" if encoding.startswith("utf-16-") else "Zoë فاطمة"
    found = first(sheets.delimited([sheets.person(prs_FirstName=name)], delimiter=delimiter, encoding=encoding))
    assert found.values["prs_FirstName"] == name and found.values["vic_ForcedLabourIndustry"]


def test_excels_plain_csv_of_western_europe_is_read_and_said():
    sheet = read_sheet(sheets.delimited([sheets.person(prs_FirstName="José María")], delimiter=";", encoding="cp1252"))
    assert sheet.rows[0].cells["C"].text == "José María"
    assert {"code": "ENCODING_GUESSED"} in sheet.remarks


def test_the_largest_sheet_is_taken_and_one_row_more_is_not():
    header, row = "prs_FirstName,prs_SecondName\n", "Zoraida,Quillfeather\n"
    assert len(read_sheet((header + row * 20_000).encode()).rows) == 20_000
    with pytest.raises(SheetRefused, match="20,000"):
        read_sheet((header + row * 20_001).encode())


def test_a_workbook_that_claims_to_be_wide_and_long_is_read_quickly():
    book = Workbook()
    book.active.append(["prs_FirstName", "prs_SecondName"])
    book.active.append(["Zoraida", "Quillfeather"])
    book.active.cell(1_000_000, 16_000).value = "far away"
    assert len(read_sheet(sheets.saved(book)).rows) == 1


# ---- Values ----


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1990-05-07", "1990-05-07"), ("1990/5/7", "1990-05-07"), ("1990.05.07", "1990-05-07"), ("19900507", "1990-05-07"),
        ("25/07/1990", "1990-07-25"), ("07/25/1990", "1990-07-25"), ("05.05.1990", "1990-05-05"),
        ("7 May 1990", "1990-05-07"), ("May 7th, 1990", "1990-05-07"), ("7 de mayo de 1990", "1990-05-07"),
        ("7 mai 1990", "1990-05-07"), ("٧ مايو ١٩٩٠", "1990-05-07"), ("1990-05-07T00:00:00", "1990-05-07"),
        ("33000", "1990-05-07"),
    ],
)  # fmt: skip
def test_days(text, day):
    assert str(read_day(Cell(text)).day) == day


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("05/07/1990", "DAY_TWO_READINGS"), ("5/7/90", "DAY_SHORT_YEAR"), ("31/02/1990", "DAY_NOT_IN_CALENDAR"),
        ("yesterday", "DAY_UNREADABLE"), ("about 30", "DAY_UNREADABLE"), ("7 May 90", "DAY_SHORT_YEAR"), ("12", "DAY_UNREADABLE"),
    ],
)  # fmt: skip
def test_days_that_are_not_guessed(text, problem):
    assert read_day(Cell(text)).problem == problem


def test_an_ambiguous_day_is_said_in_both_readings():
    found = one(prs_Birthdate="05/07/1990")
    words = [sentence(finding) for finding in found.findings]
    assert words == ["“05/07/1990” can be 5 July 1990 or 7 May 1990. Write year-month-day, like 1990-05-07."]


def test_a_year_alone_is_kept_as_a_year():
    found = one(prs_Birthdate="1990")
    intake = prepare(found.values, today=TODAY).intake
    assert (
        str(intake.birth_date) == "1990-01-01" and intake.about["x_BirthdatePrecision"] == "YEAR" and not found.is_bad
    )


@pytest.mark.parametrize(
    ("values", "column", "code"),
    [
        ({"prs_Birthdate": dt.date(2030, 1, 1)}, "G", "DAY_IN_FUTURE"),
        ({"prs_Birthdate": "1899-12-31"}, "G", "DAY_TOO_EARLY"),
        ({"prs_Birthdate": "1905-01-01"}, "G", "BORN_TOO_EARLY"),
        ({"prs_Gender": "Green"}, "H", "UNKNOWN_CODE"),
        ({"prs_Citizenship": "Ruritania"}, "I", "UNKNOWN_COUNTRY"),
        ({"con_Consent": "perhaps"}, "F", "NOT_YES_OR_NO"),
        ({"prs_FirstName": "=A1"}, "D", "FORMULA"),
        ({"prs_FirstName": "x" * 300}, "D", "TOO_LONG"),
        ({"vic_MethodsOfControl": "Debt bondage; Voodoo rites"}, "W", "UNKNOWN_CODE"),
        ({"prs_Birthdate": "2000-01-01", "cas_IncomingReferralDate": "1999-01-01"}, "AD", "REFERRED_BEFORE_BIRTH"),
    ],
)
def test_what_is_rejected_is_said_by_column(values, column, code):
    found = one(**values)
    assert found.is_bad and (column, code) in said(found)
    assert all(sentence(finding) for finding in found.findings)


def test_an_unknown_word_is_named_and_the_known_ones_are_not():
    found = one(vic_MethodsOfControl="Debt bondage; Voodoo rites; Physical abuse")
    assert [finding["said"] for finding in found.findings] == ["Voodoo rites"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DebtBondage ", ["DebtBondage"]),
        ("Debt bondage\u00a0", ["DebtBondage"]),
        ("debt bondage, physical abuse", ["DebtBondage", "PhysicalAbuse"]),
        ("DebtBondage PhysicalAbuse", ["DebtBondage", "PhysicalAbuse"]),
        ("Debt bondage;Physical abuse|TAKES EARNINGS\nOther", ["DebtBondage", "PhysicalAbuse", "TakesEarnings", "Other"]),
        ("Threatens children/family; Threats of law enforcement", ["ThreatensChildrenFamily", "ThreatsLawEnforcement"]),
        ("DebtBondage;DebtBondage", ["DebtBondage"]),
    ],
)  # fmt: skip
def test_several_answers_however_they_are_divided(text, expected):
    assert match_codes(text, codes_by_spelling(FIELDS["vic_MethodsOfControl"]), several=True) == (expected, [])


def test_labels_that_hold_dividers_themselves():
    label = "Water supply; sewerage, waste management and remediation; Construction"
    known = codes_by_spelling(FIELDS["vic_ForcedLabourIndustry"])
    assert match_codes(label, known, several=True)[0] == ["E_WaterSupplySewerageWasteManagement", "F_Construction"]


def test_what_is_missing_is_not_wrong():
    found = one(prs_FirstName="Zoraida")
    assert not found.is_bad and found.values == {"prs_FirstName": "Zoraida"}
    assert gaps_of(found.values) == [Gap.SAFE_CONTACT, Gap.LANGUAGE, Gap.CONSENT, Gap.STATUS]


def test_marks_and_emoji_stay_and_text_is_composed():
    decomposed = "Zoe\u0308 فَاطِمَة 👩🏽‍⚖️"
    assert one(prs_FirstName=decomposed).values["prs_FirstName"] == "Zoë فَاطِمَة 👩🏽‍⚖️"


def test_the_same_row_has_the_same_text_in_every_format():
    row = sheets.person(prs_Birthdate="5 April 1998")
    workbook = one(**sheets.person(prs_Birthdate=dt.date(1998, 4, 5)))
    for content in (sheets.delimited([row]), sheets.delimited([row], delimiter=";", encoding="utf-16")):
        assert first(content).canonical() == workbook.canonical()


def test_findings_can_be_said_in_every_language():
    from django.utils import translation

    found = one(prs_Birthdate="05/07/1990", prs_Gender="Green", con_Consent="TRUE", prs_Title="Manager")
    for language in ("en", "es", "fr", "ar"):
        with translation.override(language):
            assert all(sentence(finding) for finding in found.findings)


# ---- The files of the standard itself, where they are at hand ----

SAMPLES = os.environ.get("HAVEN_HTCDS_SAMPLES", "")


@pytest.mark.skipif(not SAMPLES, reason="HAVEN_HTCDS_SAMPLES names no folder with the official files")
def test_the_official_files():
    found = {}
    for file in sorted(Path(SAMPLES).glob("*.xlsx")):
        try:
            sheet = read_sheet(file.read_bytes())
            found[file.name] = (len(sheet.columns.known), len(sheet.rows))
        except SheetRefused as error:
            found[file.name] = error.code
    assert sorted(map(str, found.values())) == ["(38, 1000)", "(38, 1000)", "FORM_DEFINITION"]
