"""Draws the pictures of the README anew: ``.venv/bin/python -m tests.journeys.pictures`` (docs/pictures).

They show the demo as it is after ``make run``; nobody in them exists.
"""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import chromium
from tests.served import Served

from .words import Desk

PLACE = Path(__file__).resolve().parents[2] / "docs" / "pictures"
MOST_BYTES = 150_000


def case(amina: Desk) -> None:
    """The case that has an attorney."""
    amina.goes_to("/cases/")
    links = amina.page.get_by_role("main").get_by_role("rowheader").get_by_role("link")
    for address in links.evaluate_all("all => all.map(one => one.pathname)"):
        if "Chidi Okafor" in amina.goes_to(address).page.get_by_role("main").inner_text():
            return
    raise AssertionError("No case of Amina's has an attorney.")


def attorney(chidi: Desk) -> None:
    """The one matter."""
    chidi.page.get_by_role("main").get_by_role("article").get_by_role("link").first.click()
    chidi.page.wait_for_load_state()


def audit(elif_: Desk) -> None:
    """Who looked at a case, and why."""
    elif_.goes_to("/audit/denials/")
    elif_.page.get_by_role("main").get_by_role("table").get_by_role("link").nth(1).click()
    elif_.page.wait_for_load_state()


PICTURES: dict[str, tuple[str, int, Callable[[Desk], None]]] = {
    "case": ("amina", 820, case),
    "attorney": ("chidi", 820, attorney),
    "audit": ("elif", 820, audit),
}


def main() -> None:
    """Serve a demo, look at it, draw."""
    PLACE.mkdir(parents=True, exist_ok=True)
    with Served() as haven, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.demand(), args=list(chromium.FLAGS))
        for name, (key, height, look) in PICTURES.items():
            context = browser.new_context(viewport={"width": 1160, "height": height}, locale="en-GB", timezone_id="UTC")
            desk = Desk(context, haven.address).signs_in_as(key)
            look(desk)
            drawn = desk.page.screenshot(path=PLACE / f"{name}.png")
            print(f"{name}.png: {len(drawn):,} bytes")
            assert len(drawn) <= MOST_BYTES, "Draw a smaller part."
        browser.close()


if __name__ == "__main__":
    main()
