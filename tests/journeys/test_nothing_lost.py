"""Ten minutes without a connection, a restart in the middle, two tabs, the back button, a crashed browser: the words stay."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.served import Served

from .conftest import ENGINE, Office
from .test_when_things_go_wrong import opens_a_case
from .words import UID, Desk

#: An accelerator as a keyboard sends it: Chromium follows an access key only where the key comes with its letter.
ALT = 1


@pytest.fixture(scope="module")
def haven() -> Iterator[Served]:
    """A Haven of this module's own: it is stopped in the middle of the work."""
    served = Served.demo() if ENGINE == "sqlite" else Served(engine=ENGINE)
    try:
        served.start()
        yield served
        assert "Traceback" not in served.output(), served.output()
    finally:
        served.close()


@pytest.fixture(scope="module")
def case(office: Office) -> str:
    """The address of a case of Amina's."""
    return opens_a_case(office.desk("amina"))


def presses_in_vain(desk: Desk, words: str) -> None:
    """Press a button that leads nowhere now."""
    desk.page.get_by_role("button", name=words).first.click()


def lock_the_session(desk: Desk) -> None:
    """What the server does by itself when nobody has been heard of for ten minutes."""
    token = desk.page.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value") or ""
    headers = {"Referer": desk.page.url, "Haven-Background": "1"}
    assert desk.context.request.post(desk.address + "/lock/", form={"csrfmiddlewaretoken": token}, headers=headers).ok


def notes_with(desk: Desk, case: str, words: str) -> int:
    """How often these words stand among the notes of a case."""
    return desk.goes_to(case).page.get_by_role("main").inner_text().count(words)


@pytest.mark.walks
def test_ten_minutes_without_a_connection(office: Office, case: str) -> None:
    amina = office.open("amina")
    amina.page.clock.install()
    amina.goes_to(case + "notes/add/").fills({"Note": "Typed before the tunnel."})
    amina.page.clock.run_for(5_000)
    amina.sees("Draft saved")
    amina.context.set_offline(True)
    amina.fills({"Note": "Typed before the tunnel. And in it."})
    amina.page.clock.run_for(60_000)
    amina.sees("No connection. Your text is kept here")
    presses_in_vain(amina, "Save note")
    amina.sees("Not saved: there is no connection")
    assert amina.path == case + "notes/add/"
    amina.page.clock.run_for(10 * 60_000)
    covered = amina.page.get_by_role("dialog", name="Screen hidden")
    expect(covered).to_be_visible()
    lock_the_session(amina)
    amina.context.set_offline(False)
    amina.page.clock.run_for(20_000)
    expect(covered).to_be_visible()
    with amina.context.expect_page() as opened:
        covered.get_by_role("link", name="Unlock").evaluate("link => link.click()")
    opened.value.get_by_role("button", name="Unlock as Amina (demo)").click()
    opened.value.wait_for_url(lambda url: "/unlock/" not in url)
    opened.value.close()
    amina.page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(covered).to_have_count(0)
    expect(amina.field("Note")).to_have_value("Typed before the tunnel. And in it.")
    amina.presses("Save note")
    assert notes_with(amina, case, "Typed before the tunnel. And in it.") == 1
    amina.faults = [fault for fault in amina.faults if "ERR_INTERNET_DISCONNECTED" not in fault]


def test_a_restart_between_typing_and_saving(office: Office, haven: Served, case: str) -> None:
    amina = office.open("amina")
    amina.goes_to(case + "notes/add/").fills({"Note": "Written while the machine was brought up to date."})
    assert haven.stop() == 0
    presses_in_vain(amina, "Save note")
    amina.sees("Not saved: there is no connection")
    haven.start()
    amina.presses("Save note")
    assert notes_with(amina, case, "Written while the machine was brought up to date.") == 1
    amina.faults = [fault for fault in amina.faults if "ERR_CONNECTION_REFUSED" not in fault]


def test_two_tabs_keep_two_notes(office: Office, case: str) -> None:
    amina = office.open("amina")
    amina.goes_to(case + "notes/add/").fills({"Note": "From the first tab."}).sees("Draft saved")
    other = amina.context.new_page()
    other.goto(amina.address + case + "notes/add/")
    expect(other.get_by_label("Note").first).to_have_value("From the first tab.")
    other.get_by_label("Note").first.fill("From the second tab.")
    with other.expect_event("framenavigated"):
        other.get_by_role("button", name="Save note").click()
    expect(amina.field("Note")).to_have_value("From the first tab.")
    amina.presses("Save note")
    assert notes_with(amina, case, "From the first tab.") == 1
    assert notes_with(amina, case, "From the second tab.") == 1


def test_the_back_button_brings_the_words_and_sends_nothing_twice(office: Office, case: str) -> None:
    amina = office.open("amina")
    amina.goes_to(case).goes_to(case + "notes/add/").fills({"Note": "On the way out of the door."}).sees("Draft saved")
    amina.fills({"Note": "On the way out of the door, and back."})
    # Nobody goes back before she has seen where she came; what she wrote is kept meanwhile.
    amina.opens_tab("Safety").sees("Safety plan")
    amina.page.go_back()
    expect(amina.field("Note")).to_have_value("On the way out of the door, and back.")
    amina.presses("Save note")
    amina.page.go_back()
    amina.page.wait_for_load_state()
    if amina.path.endswith("/notes/add/") and amina.field("Note").input_value():
        amina.presses("Save note")
    assert notes_with(amina, case, "On the way out of the door, and back.") == 1


def test_a_browser_that_dies_takes_no_words_along(office: Office, case: str) -> None:
    amina = office.open("amina")
    amina.goes_to(case + "notes/add/").fills({"Note": "The battery is at one percent."}).sees("Draft saved")
    amina.context.close()
    office.spare.remove(amina)
    again = office.open("amina").goes_to(case + "notes/add/")
    expect(again.field("Note")).to_have_value("The battery is at one percent.")
    again.sees("Your draft is kept")


def test_a_quick_note_from_anywhere_by_one_key(office: Office, case: str) -> None:
    amina = office.desk("amina").goes_to("/tasks/")
    keys = amina.context.new_cdp_session(amina.page)
    with amina.page.expect_event("framenavigated"):
        keys.send("Input.dispatchKeyEvent", {
            "type": "keyDown", "modifiers": ALT, "key": "n", "code": "KeyN", "text": "n", "unmodifiedText": "n",
            "windowsVirtualKeyCode": 78,
        })  # fmt: skip
    assert amina.path == "/notes/new/"
    number = UID.search(case).group(0)  # type: ignore[union-attr]
    amina.page.locator(f"a[href*='{number}']").first.focus()
    with amina.page.expect_event("framenavigated"):
        amina.page.keyboard.press("Enter")
    assert amina.path == case + "notes/add/"
    expect(amina.field("Note")).to_be_focused()
