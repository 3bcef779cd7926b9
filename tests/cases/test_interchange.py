"""Every table of HTCDS goes out and comes in again: an empty house that reads our workbook writes the same one."""

import io
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from audit import clock
from audit.models import Event
from casemgmt.access.sections import Section
from cases import access
from cases.actions import import_mapping, imports
from cases.actions.contacts import SaidOfContact, link_contact
from cases.actions.other_people import SaidOfOther, note_other_person
from cases.choices.other_people import Standing
from cases.choices.sharing import Purpose
from cases.htcds import tables
from cases.htcds.findings import sentence
from cases.htcds.sheet import read_sheet
from cases.models import HouseContact, ImportRow, OtherPerson, Task, TraffickingProfile
from cases.opening import open_list, open_own
from services.actions.plan import plan_goal
from services.actions.reintegration import set_goal
from services.models import Goal
from tests import make
from tests.accounts import signing_in
from tests.cases.htcds import sheets
from tests.cases.test_exports import release

pytestmark = pytest.mark.walks

PEOPLE, EVENTS, PLANS, ORGANISATIONS = "per_ People", "hte_ Events", "spl_ Support plans", "org_ Organisations"


@pytest.fixture
def sign_in():
    return partial(signing_in.sign_in, is_fresh=True)


def workbook(client, query=""):
    """The sheets of an export of all tables: title → rows, references replaced by the number of their case."""
    answer = client.post(reverse("export") + query, {"profile": "HTCDS_TABLES", "make": "1"})
    assert answer.status_code == 200, answer.content.decode()
    assert answer["Content-Disposition"].endswith('.xlsx"')
    return b"".join(answer.streaming_content)


def lines(content):
    book = load_workbook(io.BytesIO(content))
    read = {sheet.title: [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)] for sheet in book}
    head = read["Case Sheet"][0]
    place, first, family = head.index("x_CaseRef"), head.index("prs_FirstName"), head.index("prs_SecondName")
    who = {row[place]: f"{row[first]} {row[family]}" for row in read["Case Sheet"][1:]}
    return {
        title: [rows[0], *sorted([[who.get(cell, cell) for cell in row] for row in rows[1:]], key=str)]
        for title, rows in read.items()
    }


@pytest.fixture
def filled(cast):
    """A case with something in every table, and one with nothing."""
    amina, team, now = cast.amina, cast.team_of("amina"), clock.now()
    places = {"vic_LocationOfRecruitment": "A café", "vic_LocationOfExploitation": "Hill farm"}
    case = make.case(amina, team, first_name="Ysolde", answers=places)
    make.case(amina, team, first_name="Wren")
    accused = SaidOfOther(
        roles=["Exploiter", "ASSOCIATE"], first_name="Bram", family_name="Osterkamp", phone="+12025550171",
        birth_date=clock.now().date().replace(year=1970), known_as="EMPLOYER", standing=Standing.CHARGED,
        standing_on=now.date(), looks="Tall", dangers="=Waits at the gate", part="He took her papers",
    )  # fmt: skip
    note_other_person(actor=amina, now=now, case_uid=case.uid, said=accused)
    note_other_person(actor=amina, now=now, case_uid=case.uid, said=SaidOfOther(roles=["WITNESS"], first_name="Maud"))
    doctor = SaidOfContact(
        name="Dr Fell", role="Doctor", at="Lake clinic", phone="+12025550172", email="fell@example.org"
    )
    link_contact(actor=amina, now=now, case_uid=case.uid, words="Sees her on Mondays", said=doctor)
    goal = set_goal(actor=amina, now=now, case_uid=case.uid, title="To read", area="EDUCATION", target_on=now.date())
    plan_goal(
        actor=amina, now=now, case_uid=case.uid, goal_uid=goal.uid, objective="Level B1", action_words="Evening school",
        responsible="SHE", htcds="Education", target_on=clock.now().date(),
    )  # fmt: skip
    set_goal(actor=amina, now=now, case_uid=case.uid, title="A bicycle", area="OTHER")
    return case


def bring(actor, team, content):
    sheet = read_sheet(content)
    batch = imports.begin_import(
        actor=actor, now=clock.now(), team=team, file_name="t.xlsx", sheet=sheet, at_once=True
    )  # fmt: skip
    return sheet, batch


#: What Haven never takes from a sheet, or says of itself: consent is asked, the owner is whoever took the row, and what
#: no sheet says is "not asked".
_OF_THE_HOUSE = ("cas_CaseOwner", "con_Consent", "x_RegistrationYear", "x_NullFlavour")


def test_what_goes_out_comes_in_and_goes_out_the_same(cast, sign_in, filled):
    """Dana has no case: what she brings is all that she can write out, and it is what Amina wrote, table by table."""
    content = workbook(sign_in(cast.amina))
    before = lines(content)
    assert {title: len(rows) for title, rows in before.items()} == {
        "Case Sheet": 3, PEOPLE: 3, EVENTS: 3, PLANS: 3, ORGANISATIONS: 2,
    }  # fmt: skip
    sheet, batch = bring(cast.dana, cast.team_of("dana"), content)
    assert not [one for one in sheet.remarks if one["code"] in ("OTHER_SHEETS", "TABLE_WITHOUT_CASE")]
    assert not sheet.asks_for_columns
    batch = imports.take_good_rows(actor=cast.dana, now=clock.now(), batch_uid=batch.uid)
    assert batch.state == batch.State.DONE
    after = lines(workbook(sign_in(cast.dana)))
    for title in (PEOPLE, EVENTS, PLANS, ORGANISATIONS):
        assert after[title] == before[title], title
    head = before["Case Sheet"][0]
    places = [place for place, name in enumerate(head) if name not in _OF_THE_HOUSE]
    once, twice = ([[row[place] for place in places] for row in one["Case Sheet"]] for one in (before, after))
    assert once == twice
    # What the standard has no code for counts as "other" there, and is named beside it.
    [osterkamp] = [row for row in before[PEOPLE] if "Osterkamp" in row]
    assert osterkamp[1] == "Exploiter;Other" and "Exploiter;ASSOCIATE" in osterkamp
    assert "'=Waits at the gate" in osterkamp
    assert access.for_the_house(HouseContact).count() == 1, "The house knows him already."


def test_rows_are_kept_by_the_actions_of_the_pages_and_can_be_undone(cast, sign_in, filled):
    content = workbook(sign_in(cast.amina))
    _sheet, batch = bring(cast.dana, cast.team_of("dana"), content)
    last = Event.objects.latest("pk").pk
    imports.take_good_rows(actor=cast.dana, now=clock.now(), batch_uid=batch.uid)
    verbs = list(Event.objects.filter(pk__gt=last).values_list("verb", flat=True))
    assert [verbs.count(one) for one in ("OTHER_PERSON_NOTED", "GOAL_SET", "CASE_CONTACT_LINKED")] == [2, 2, 1]
    batch = imports.undo_import(actor=cast.dana, now=clock.now(), batch_uid=batch.uid)
    rows = access.for_the_house(ImportRow).filter(batch=batch)
    assert set(rows.values_list("state", flat=True)) == {"UNDONE"}


def with_tables(**more):
    """A case sheet with one row, r1, and other sheets: title → rows."""
    book = Workbook()
    book.active.append(["x_CaseRef", *sheets.ZORAIDA])
    book.active.append(["r1", *sheets.ZORAIDA.values()])
    for title, rows in more.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return sheets.saved(book)


def test_what_has_no_place_is_said_and_nothing_is_lost_silently(cast):
    content = with_tables(
        people=[
            ["x_CaseRef", "per_RoleInProcess", "per_RoleDetails", "per_Organisation", "prs_SecondName"],
            ["r1", "Transporter, Exploiter", "Drove the van", "Acme Ltd", "Crake"],
            ["r1", "Pirate", "", "", "Bilge"],
            ["r9", "Exploiter", "", "", "Nobody"],
        ],
        events=[
            ["x_CaseRef", "hte_Type", "hte_Date", "hte_Description"],
            ["r1", "Recruitment", "2020-01-02", "A bus station"],
            ["r1", "Transit", "", "Over the river"],
        ],
        plans=[
            ["x_CaseRef", "spl_Type", "spl_Objectives", "spl_PlannedEndDate"],
            ["r1", "Sexual Exploitation Rehabilitation", "Sleep", "2031-05-01"],
        ],
    )
    sheet, batch = bring(cast.amina, cast.team_of("amina"), content)
    assert {"code": "TABLE_WITHOUT_CASE", "count": 1} in sheet.remarks
    with open_own(cast.amina):
        [row] = access.own(ImportRow, cast.amina, "batch__owner").filter(batch=batch, state="GOOD")
        said = [sentence(one) for one in row.findings if one["code"].startswith("TABLE_")]
    for lost in ("per_Organisation: Acme Ltd", "Pirate", "hte_Date: 2020-01-02", "Sexual Exploitation Rehabilitation"):
        assert any(lost in words for words in said), (lost, said)
    assert any("2 rows of the table “per_ People”" in words for words in said)
    imports.take_good_rows(actor=cast.amina, now=clock.now(), batch_uid=batch.uid)
    row.refresh_from_db()
    assert row.cells is None and row.case is not None
    case = row.case
    tasks = access.for_the_house(Task).filter(case=case)
    goal = access.for_the_house(Goal).get(case=case)
    profile = access.for_the_house(TraffickingProfile).get(case=case)
    people = access.for_the_house(OtherPerson).filter(case=case)
    with open_list(cast.amina, [case], sections=list(Section)):
        assert any("other tables" in task.title for task in tasks), "Transit has no place in the profile."
        assert (goal.title, goal.plan["htcds"], str(goal.target_on)) == ("Sleep", "", "2031-05-01")
        assert profile.answers["vic_LocationOfRecruitment"] == "A bus station"
        assert sorted((one.who["family_name"], tuple(one.who["roles"]), one.part) for one in people) == [
            ("Bilge", (), None), ("Crake", ("Transporter", "Exploiter"), "Drove the van"),
        ]  # fmt: skip


def test_a_sheet_whose_columns_are_asked_keeps_its_tables(cast):
    content = with_tables(people=[["x_CaseRef", "per_RoleInProcess", "per_RoleDetails"], ["r1", "Exploiter", "He"]])
    book = load_workbook(io.BytesIO(content))
    book.worksheets[0].cell(1, 40).value, book.worksheets[0].cell(2, 40).value = "Moon", "Full"
    sheet = read_sheet(sheets.saved(book), any_header=True)
    amina = cast.amina
    batch = imports.begin_import(
        actor=amina, now=clock.now(), team=cast.team_of("amina"), file_name="t.xlsx", sheet=sheet
    )  # fmt: skip
    assert batch.state == batch.State.MAPPING
    with open_own(amina):
        choice = import_mapping.choice_of(amina, batch)
    batch = import_mapping.choose_columns(
        actor=amina, now=clock.now(), batch_uid=batch.uid, header_row=choice.columns.first_row, names=choice.proposed
    )  # fmt: skip
    imports.take_good_rows(actor=amina, now=clock.now(), batch_uid=batch.uid)
    person = access.for_the_house(OtherPerson).get()
    with open_list(amina, [person.case], sections=list(Section)):
        assert (person.part, person.who["looks"]) == ("He", "Not described in the sheet")


def test_a_closed_case_of_a_sheet_says_what_was_not_kept(cast):
    people = [["x_CaseRef", "per_RoleInProcess", "per_RoleDetails"], ["r1", "Exploiter", "He"]]
    book = load_workbook(io.BytesIO(with_tables(people=people)))
    head = [cell.value for cell in book.worksheets[0][1]]
    book.worksheets[0].cell(2, head.index("cas_Status") + 1).value = "Closed"
    _sheet, batch = bring(cast.amina, cast.team_of("amina"), sheets.saved(book))
    imports.take_good_rows(actor=cast.amina, now=clock.now(), batch_uid=batch.uid)
    case = access.for_the_house(ImportRow).get(batch=batch).case
    assert case.status == "CLOSED" and access.for_the_house(Task).filter(case=case).count() == 1
    assert not access.for_the_house(OtherPerson).filter(case=case).exists()


def test_nobody_else_leaves_the_house_with_her_release(cast, sign_in, filled):
    """Of a released case the plan goes out where it is named; whom she accuses and who helps her go to nobody outside."""
    clinic = cast.hugo.organisation
    release(cast.amina, filled, clinic, categories=["IDENTITY", "SERVICE_PLAN", "TRAFFICKING_HISTORY"])
    outside = {
        "profile": "HTCDS_TABLES", "make": "1", "recipient": str(clinic.uid), "purpose": Purpose.REFERRAL,
    }  # fmt: skip
    answer = sign_in(cast.amina).post(reverse("export"), outside)
    content = b"".join(answer.streaming_content)
    out = lines(content)
    assert {title: len(rows) for title, rows in out.items()} == {
        "Case Sheet": 2, PEOPLE: 1, EVENTS: 1, PLANS: 3, ORGANISATIONS: 1,
    }  # fmt: skip
    assert "Level B1" in str(out[PLANS]) and "Osterkamp" not in str(out) and "Fell" not in str(out)
    codes = Event.objects.filter(verb="EXPORT_MADE").latest("pk").detail.content["codes"]
    assert (codes["format"], codes["count"], codes["left_out"]) == ("HTCDS_TABLES", 1, 1)
    fields = Event.objects.filter(verb="EXPORT_MADE").latest("pk").detail.content
    assert "other_person" not in str(fields) and "goal.title" in str(fields)


def test_a_table_needs_the_section_it_stands_in(cast, sign_in, filled):
    """Hotline advocates of the team read no safety file of this case: the sheet has its header, and no row."""
    held = dict.fromkeys([filled.pk], frozenset({Section.CARD}))
    with open_list(cast.amina, [filled], sections=[Section.CARD]):
        for table in tables.tables():
            assert not table.read(cast.amina, [filled], held), table.name


def test_the_page_names_every_column_that_has_no_home():
    page = (Path(settings.BASE_DIR) / "docs" / "htcds.md").read_text()
    assert [table.name for table in tables.tables()] == ["hte_", "org_", "per_", "spl_"]
    for table in tables.tables():
        for name in (*table.no_home, *(one.name for one in table.fields)):
            assert f"`{name}`" in page, name
        for code in table.no_codes:
            assert f"`{code}`" in page, code
