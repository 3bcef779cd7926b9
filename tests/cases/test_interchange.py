"""Every table of HTCDS goes out and comes in again: an empty house that reads our workbook writes the same one."""

import io
from functools import partial

import pytest
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from audit import clock
from audit.models import Event
from cases import access
from cases.actions import imports
from cases.actions.contacts import SaidOfContact, link_contact
from cases.actions.other_people import SaidOfOther, note_other_person
from cases.choices.other_people import Standing
from cases.htcds import tables
from cases.htcds.sheet import read_sheet
from cases.models import Case, CaseContact, ImportRow, OtherPerson, Task
from cases.opening import open_list, open_own
from services.actions.plan import plan_goal
from services.actions.reintegration import set_goal
from services.models import Goal
from tests import make
from tests.accounts import signing_in
from tests.cases.htcds import sheets

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


def test_what_goes_out_comes_in_and_goes_out_the_same(cast, sign_in, filled):
    """Bea's house of Rivers holds none of these; what Haven keeps of its own accord (owner, days) is not compared."""
    content = workbook(sign_in(cast.amina))
    before = lines(content)
    assert {title: len(rows) for title, rows in before.items()} == {
        "Case Sheet": 3, PEOPLE: 3, EVENTS: 3, PLANS: 3, ORGANISATIONS: 2,
    }  # fmt: skip
    sheet, batch = bring(cast.amina, cast.team_of("amina"), content)
    assert not [one for one in sheet.remarks if one["code"] in ("OTHER_SHEETS", "TABLE_WITHOUT_CASE")]
    assert not sheet.asks_for_columns
    old = set(Case.objects.guarded_pks()) if hasattr(Case.objects, "guarded_pks") else {filled.pk}
    batch = imports.take_good_rows(actor=cast.amina, now=clock.now(), batch_uid=batch.uid)
    assert batch.state == batch.State.DONE and old
    new = list(access.for_the_house(ImportRow).filter(batch=batch).values_list("case_id", flat=True))
    assert len(new) == 2 and None not in new
    for model, number in ((OtherPerson, 2), (Goal, 2), (CaseContact, 1)):
        assert access.for_the_house(model).filter(case__in=new).count() == number
    twice = lines(workbook(sign_in(cast.amina)))
    for title in (PEOPLE, EVENTS, PLANS, ORGANISATIONS):
        once = [row for row in before[title][1:] for _copy in range(2)]
        assert twice[title] == [before[title][0], *sorted(once, key=str)], title
    assert "Osterkamp" in str(before[PEOPLE]) and ["Exploiter;Other"] == [
        row[1] for row in before[PEOPLE][1:] if "Osterkamp" in row
    ]
    assert not access.for_the_house(Task).filter(case__in=new, section="NARRATIVE").exists()
