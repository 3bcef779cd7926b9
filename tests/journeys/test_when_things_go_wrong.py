"""No scripts, two clicks, a session that is over, a colleague at the door: what people have typed is there, once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .conftest import Office
from .words import UID, Desk

Desks = Callable[[str], Desk]
NOTE = "Caseworker's note (confidential)"
WORDS = "She likes the room towards the garden. مُحامٍ قالت 👩‍⚖️"


@pytest.fixture(scope="module")
def case(office: Office) -> str:
    """The address of a case of Amina's."""
    return opens_a_case(office.desk("amina"))


def opens_a_case(amina: Desk) -> str:
    """An intake with nothing but a language, which is enough."""
    amina.goes_to("/intake/").presses("Look and go on")
    amina.fills({"Language she wants to speak with us": "English"}).presses("Open the case")
    return f"/cases/{UID.search(amina.path).group(0)}/"  # type: ignore[union-attr]


def test_everything_works_without_scripts(office: Office) -> None:
    amina = office.open("amina", java_script_enabled=False)
    case = opens_a_case(amina)
    amina.unfolds("Add a quick note").fills({NOTE: WORDS}).presses("Save note").sees(WORDS)
    amina.presses("Switch to dark colours")
    assert amina.page.locator("html").get_attribute("data-theme") == "dark"
    amina.goes_to(case).opens_tab("Legal").follows("Open a matter")
    amina.fills({"Short title": "Asylum", "Type": "Asylum (I-589)"}).presses("Open the matter")
    amina.goes_to(case).opens_tab("Sharing").follows("Record a release").presses("Confirm as Amina (demo)")
    amina.presses("Go on to read and sign")
    amina.sees("need another look")
    amina.fills({
        "Attorney who gets the matter": "Chidi Okafor, Okafor & Partners (demo)",
        "Matter": "Asylum",
        "What it is needed for, in her words": "To be heard",
        "They may learn": ["Legal steps and dates"],
        "Language it was explained in": "English",
    })  # fmt: skip
    amina.presses("Go on to read and sign").fills({
        "We talked about risks, benefits and other ways": True,
        "She knows that our help does not depend on signing": True,
        "She knows that she can take it back at any time, by a word": True,
        "The signature": "Signed on paper: the paper is kept in the file",
        "Where the signed paper is kept": "Blue binder",
    })  # fmt: skip
    amina.presses("Record the release").sees("The release is recorded, and the attorney has the matter.")
    amina.presses("Hide screen").sees("Locked").presses("Unlock as Amina (demo)")
    amina.goes_to(case).sees(WORDS)


def test_two_clicks_and_a_repeated_request_make_one_note(office: Office, case: str) -> None:
    amina = office.desk("amina").goes_to(case).unfolds("Add a quick note").fills({NOTE: "Only once, please."})
    form = amina.page.locator("form").filter(has=amina.page.get_by_role("button", name="Save note")).first
    sent = form.evaluate(
        "form => [form.action, ...[...new FormData(form)].map(([name, value]) => [name, String(value)])]"
    )
    with amina.page.expect_event("framenavigated"):
        form.get_by_role("button", name="Save note").evaluate(
            "button => { button.click(); button.click(); button.click(); }"
        )
    amina.page.wait_for_load_state()
    again = amina.context.request.post(
        sent[0], form=dict(sent[1:]), headers={"Referer": amina.page.url}, max_redirects=0
    )
    assert again.status in (302, 303)
    amina.goes_to(case)
    assert amina.text.count("Only once, please.") == 1


def test_a_lock_in_the_middle_of_a_form_loses_nothing(office: Office, case: str) -> None:
    amina = office.desk("amina").goes_to(case + "notes/add/").fills({"Note": WORDS + " and the lock"})
    other = amina.context.new_page()  # the same person's other tab hides the screen
    other.goto(amina.address + "/day/")
    token = other.locator("form[data-hide-form] [name=csrfmiddlewaretoken]").get_attribute("value")
    locked = amina.context.request.post(
        amina.address + "/lock/", form={"csrfmiddlewaretoken": token or ""}, headers={"Referer": other.url}
    )
    assert locked.ok
    other.close()
    amina.presses("Save note").sees("Locked").sees_not("and the lock")
    amina.presses("Unlock as Amina (demo)").sees("A form was kept for you").presses("Send it now")
    amina.goes_to(case).sees(WORDS + " and the lock")


def test_a_session_that_is_over_keeps_the_text_for_its_writer(office: Office, case: str) -> None:
    amina = office.open("amina")
    amina.goes_to(case + "notes/add/").fills({"Note": "Typed before the end."}).sees("Draft saved")
    amina.context.clear_cookies(name="haven_session")
    amina.fills({"Note": "Typed before the end. And after it."}).presses("Save note")
    assert amina.path == "/sign-in/"
    amina.sees_not("Typed before the end")
    amina.signs_in_as("amina").goes_to(case + "notes/add/")
    assert amina.field("Note").input_value() == "Typed before the end."
    amina.sees("Your draft is kept")


def test_two_people_change_one_note(office: Office, case: str) -> None:
    amina, second = office.desk("amina"), office.open("amina")
    amina.goes_to(case + "notes/add/").fills({"Note": "The first words."}).presses("Save note")
    amina.goes_to(case).page.get_by_role("main").get_by_role("link", name=NOTE).first.click()
    place = amina.path
    for one in (amina, second):
        one.goes_to(place).follows("Change this note")
    amina.fills({"Note": "Amina's words."}).presses("Save")
    second.fills({"Note": "Words of the other window."}).presses("Save")
    second.sees("Amina's words.")
    expect(second.page.get_by_label("Note").first).to_have_value("Words of the other window.")


def test_the_screen_is_hidden_at_once_and_opens_for_its_owner(office: Office, case: str) -> None:
    amina = office.desk("amina").goes_to(case)
    title = amina.page.title()
    amina.page.get_by_role("button", name="Hide screen").click()
    amina.page.wait_for_url("**/unlock/**")
    assert amina.page.title() != title
    assert amina.status_of(case) == 302
    amina.page.go_back()
    amina.sees_not("Safe contact rule")
    amina.goes_to(case).sees("Locked").presses("Unlock as Amina (demo)")
    assert amina.path == case


def test_nobody_in_sees_nothing_and_is_sent_to_sign_in(office: Office, case: str) -> None:
    nobody = office.open(None)
    for path in ("/", "/day/", case, "/no/such/page/", "/audit/", "/people/"):
        assert nobody.status_of(path) == 302, path
    nobody.goes_to(case).sees("Sign in")
    assert nobody.path == "/sign-in/"
