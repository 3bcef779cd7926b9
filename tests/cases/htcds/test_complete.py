"""Every field of the standard is read, kept, and written or explained; the official form of Kobo and ODK is taken as it is."""

import os
import re
from pathlib import Path

import pytest
from django.conf import settings
from openpyxl import Workbook, load_workbook

from cases.htcds.export import NEVER_WRITTEN, Columns, Profile
from cases.htcds.fields import CORE_ORDER, FIELDS
from cases.htcds.sheet import read_sheet
from tests.cases.htcds import sheets
from tests.cases.htcds.test_reading import TODAY, understand

pytestmark = pytest.mark.once
PAGE = Path(settings.BASE_DIR) / "docs" / "htcds.md"
FORM = Path(os.environ.get("HAVEN_HTCDS_SAMPLES", "/nowhere")) / "htcds_xlsform.xlsx"


def explained():
    """Field → (home, way in, way out), as the page says."""
    return {
        row[0]: tuple(row[1:])
        for row in re.findall(r"^\| (\w+) \| (\w+) \| (\w+) \| (\w+) \|$", PAGE.read_text(), re.M)
    }


def test_the_page_says_of_every_field_what_is_true():
    extended = set(Columns.of(Profile.HTCDS_EXTENDED).names)
    true = {
        name: (one.home.value, "yes", "strict" if name in CORE_ORDER else "extended" if name in extended else "never")
        for name, one in FIELDS.items()
    }
    assert explained() == true
    never = PAGE.read_text().partition("## Never written")[2].partition("## ")[0]
    assert {name for name in NEVER_WRITTEN if f"`{name}`" in never} == NEVER_WRITTEN


def test_every_column_of_an_extended_export_is_understood_again():
    names = [name for name in Columns.of(Profile.HTCDS_EXTENDED).names if name in FIELDS]
    assert {column.name for column in read_sheet(sheets.delimited([sheets.person()], names)).columns.known} == set(
        names
    )


@pytest.mark.skipif(not FORM.exists(), reason="HAVEN_HTCDS_SAMPLES names no folder with the official files")
@pytest.mark.parametrize("group", ["", "victim/"])
def test_what_kobo_exports_of_the_official_form_is_taken_without_a_question(group):
    form = load_workbook(FORM, read_only=True)
    survey = [row[:2] for row in form["survey"].iter_rows(min_row=2, values_only=True) if row[1]]
    answers: dict[str, str] = {}
    for row in form["choices"].iter_rows(min_row=2, values_only=True):
        if row[0] and row[1] is not None:
            answers.setdefault(str(row[0]), str(row[1]))
    values = []
    for kind, _name in survey:
        which, _space, codelist = str(kind).partition(" ")
        date = "1998-04-05" if which in ("date", "start", "end") else "Fictional"
        values.append(answers[codelist] if which.startswith("select") else date)
    book = Workbook()
    book.active.append([*(f"{group}{name}" if name[3:4] == "_" else name for _kind, name in survey), "_uuid"])
    book.active.append([*values, "u-1"])
    sheet = read_sheet(sheets.saved(book), any_header=True)
    assert not sheet.asks_for_columns, sheet.remarks
    fields = [name for _kind, name in survey if name[:4] in ("prs_", "vic_", "cas_", "con_")]
    assert len(sheet.columns.known) == len(fields) == 31
    bad = {
        one["name"]
        for one in understand(sheet.rows[0].cells, sheet.columns, today=TODAY).findings
        if one["level"] == "bad"
    }
    # A text question of the form, a list of the standard: people may type what they like.
    assert bad <= {"prs_MailingCountry", "cas_ReasonForIncomingReferral"}
