"""Every page that people reach from home: no fault for axe, nothing wider than a phone, light, and under the strict policy.

Pages are gathered by following links, one of each shape, so that a new page is looked at as soon as a link leads to it.
Two looks in every run, all of them before a release (``make check-deep``).
"""

import os
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.cases.htcds.sheets import official, person

from .conftest import ENGINE, Office
from .walk import Reached, shape_of, walk
from .words import UID, Desk

#: Who looks.
PEOPLE = ("amina", "bea", "chidi", "elif", "farid", "gita", "jonas", "luis", "kemi", "ines", "hugo")
POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "font-src 'self'", "connect-src 'self'",
    "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'", "media-src 'self'",
}  # fmt: skip
RUN_AXE = "() => axe.run({resultTypes: ['violations'], preload: false}).then(found => found.violations)"
MOST_BYTES = 40 * 1024
#: Looked at with each person who has it, for it shows each something else.
EACH_PERSON = {"/day/", "/team/", "/matters/", "/house/", "/cases/…/"}
#: The innermost elements that stick out of the window.
WIDEST = """() => [...document.querySelectorAll('main *, header *')]
    .filter(one => { const box = one.getBoundingClientRect();
        return !one.children.length && (box.right > innerWidth + 1 || box.left < -1)
            && !one.closest('.scroll, .tabs, .nav, .vh'); })
    .slice(0, 4).map(one => one.outerHTML.slice(0, 120))"""
#: Less than 24 by 24 pixels (WCAG 2.5.8); links within a sentence are excepted.
SMALL = """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')]
    .filter(one => one.offsetParent && one.type !== 'hidden' && getComputedStyle(one).display !== 'inline')
    .filter(one => { const box = one.getBoundingClientRect(); return box.width > 1 && (box.width < 23.5 || box.height < 23.5); })
    .slice(0, 4).map(one => one.outerHTML.slice(0, 120))"""
LOADED = """() => performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource')
    .filter(one => ['link', 'script', 'img', 'css', 'other'].includes(one.initiatorType)))
    .reduce((sum, one) => sum + one.encodedBodySize, 0)"""
_INLINE = re.compile(r"<[^>]+\s(?:style|on[a-z]+)=|<style|<script(?![^>]*(?:\ssrc=|application/json))", re.IGNORECASE)

Look = tuple[int, str, str]
EVERY_RUN: list[Look] = [(1280, "light", "ltr"), (390, "dark", "rtl")]
BEFORE_A_RELEASE: list[Look] = [
    look for look in product((1280, 390, 320), ("light", "dark"), ("ltr", "rtl")) if look not in EVERY_RUN
]
DEEP = bool(os.environ.get("HAVEN_DEEP"))
LOOKS = [*EVERY_RUN, *(pytest.param(look, marks=pytest.mark.deep) for look in BEFORE_A_RELEASE)]

pytestmark = pytest.mark.skipif(
    ENGINE != "sqlite", reason="Pages look the same on each engine: SQLite's run looks at them."
)


@pytest.fixture(scope="module")
def reached(office: Office) -> dict[str, dict[str, Reached]]:
    """Person → address → page, one of each shape. Amina also begins at a case with much in it.

    Who comes later looks only at what nobody before has seen, and an outsider at everything: each link must lead on.
    """
    found: dict[str, dict[str, Reached]] = {}
    known: set[str] = set()
    for key in PEOPLE:
        desk = office.desk(key).proves_now()
        begin = [a_full_case(desk), "/"] if key == "amina" else ["/"]
        old = set() if DEEP or key == "chidi" else known - EACH_PERSON
        found[key] = {address: page for start in begin for address, page in walk(desk, start, known=old).items()}
        known |= {shape_of(address) for address in found[key]}
    return found


def a_full_case(desk: Desk) -> str:
    """The case of hers with most on its first page: from there most pages can be reached."""
    desk.goes_to("/cases/")
    links = desk.page.get_by_role("main").get_by_role("link").evaluate_all("all => all.map(a => a.pathname)")
    cases = [path for path in dict.fromkeys(links) if re.fullmatch(rf"/cases/{UID.pattern}/", path)]
    return max(cases, key=lambda path: len(desk.context.request.get(desk.address + path).body()))


@pytest.fixture(scope="module")
def places(reached: dict[str, dict[str, Reached]]) -> dict[str, list[str]]:
    """Person → addresses to look at: each shape with the first person who reaches it, homes and case pages with each."""
    found: dict[str, list[str]] = {key: [] for key in reached}
    seen: set[str] = set()
    for key, pages in reached.items():
        for address in pages:
            shape = shape_of(address)
            if "?" in shape and not DEEP:
                continue  # a list narrowed, or its next page
            if shape not in seen or shape in EACH_PERSON or DEEP:
                seen.add(shape)
                found[key].append(address)
    return found


def pages_behind_forms(amina: Desk, folder: Path) -> Iterator[str]:
    """What no link leads to: forms that came back, and the pages between a form and its end. Yields their names."""
    case = a_full_case(amina)
    for form in ("notes/add/", "tasks/", "sharing/release/", "legal/new/", "aftercare/service/", "documents/"):
        amina.goes_to(case + form).proves()
        main = amina.page.get_by_role("main")
        folded = main.locator("details:not([open])").filter(has=amina.page.locator("button.primary"))
        if folded.count():
            folded.locator("summary").first.click()
        main.locator("button.primary").last.click()
        amina.sees("another look")
        yield form
    amina.goes_to("/intake/").presses("Look and go on")
    yield "intake"
    amina.presses("Open the case").sees("another look")
    yield "intake that came back"
    sheet = folder / "sheet.xlsx"
    sheet.write_bytes(official([person(), person(prs_Birthdate="2998-04-05"), person(prs_Gender="Purple")]))
    amina.goes_to("/import/").fills({"Case sheet": sheet}).presses("Look at the rows")
    yield "rows of a sheet"
    amina.follows("Correct row 4")
    yield "row to correct"
    amina.page.go_back()
    amina.follows("Throw the rest away")
    yield "before rows are thrown away"
    amina.presses("Throw them away")
    amina.goes_to("/export/").presses("See what would go out")
    yield "before an export"
    amina.goes_to("/cases/").fills({"Find a case": "HV"}).presses("Search")
    yield "what was found"
    amina.goes_to(case).presses("Show name")
    yield "name shown"
    amina.goes_to(case + "notes/add/").presses("Hide screen")
    yield "locked"


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look)))
def test_no_page_behind_a_form_has_a_fault(office: Office, look: Look, tmp_path: Path) -> None:
    amina = office.open("amina")
    desk = at_the_same_desk(office, amina, look)
    faults = [f"{name}: {fault}" for name in pages_behind_forms(desk, tmp_path) for fault in faults_of(desk.page, look)]
    assert faults == [], "\n".join(faults)


@pytest.fixture(scope="module")
def loads() -> dict[str, int]:
    """Page → bytes of its first load, noted while the pages are looked at."""
    return {}


def test_each_page_is_sent_as_the_policy_says(reached: dict[str, dict[str, Reached]]) -> None:
    for key, pages in reached.items():
        for address, page in pages.items():
            about = f"{address} of {key}"
            assert set(page.headers["content-security-policy"].split("; ")) == POLICY, about
            assert "no-store" in page.headers["cache-control"], about
            assert page.headers["referrer-policy"] == "same-origin", about
            assert page.headers["x-content-type-options"] == "nosniff", about
            assert _INLINE.findall(page.source) == [], about
            assert len(re.findall("<h1[ >]", page.source)) == 1, about
            assert "http://" not in page.source.replace("http://www.w3.org/", ""), about


def test_a_fault_would_be_found(office: Office) -> None:
    """The looking itself can fail: a picture without words, and something too wide."""
    look = (390, "light", "ltr")
    desk = at_the_same_desk(office, office.desk("amina"), look).goes_to("/day/")
    assert faults_of(desk.page, look) == []
    desk.page.locator("main").evaluate(
        """main => main.insertAdjacentHTML('beforeend',
        '<img src="/static/haven/icon.svg"><svg width="900" height="9"></svg>')"""
    )
    found = " ".join(faults_of(desk.page, look))
    assert "image-alt" in found
    assert "wider than the window" in found


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look)))
def test_no_page_has_a_fault(office: Office, places: dict[str, list[str]], loads: dict[str, int], look: Look) -> None:
    faults: list[str] = []
    for key, addresses in places.items():
        if not addresses:
            continue
        desk = at_the_same_desk(office, office.desk(key), look)
        for address in addresses:
            desk.goes_to(address)
            loads[f"{shape_of(address)} ({key})"] = desk.page.evaluate(LOADED)
            faults += [f"{address} ({key}): {fault}" for fault in faults_of(desk.page, look)]
        desk.context.close()
    assert faults == [], "\n".join(faults)


def at_the_same_desk(office: Office, other: Desk, look: Look) -> Desk:
    """Another window of a person who is signed in already, in another width, light and direction."""
    width, theme, direction = look
    desk = office.open(None, viewport={"width": width, "height": 900}, storage_state=other.context.storage_state())
    desk.key = other.key
    desk.context.add_init_script(Axe().axe_script)
    desk.context.add_cookies([
        {"name": "haven_theme", "value": theme, "url": office.address},
        {"name": "haven_dir", "value": direction, "url": office.address},
    ])  # fmt: skip
    return desk


def faults_of(page: Page, look: Look) -> list[str]:
    """What axe finds, what is wider than the window, and, on a phone, what is too small to be touched."""
    root = page.locator("html")
    assert (root.get_attribute("data-theme"), root.get_attribute("dir")) == (look[1], look[2])
    page.eval_on_selector_all("details", "all => all.forEach(one => one.open = !one.classList.contains('menu'))")
    found = [
        f"{fault['id']}: {[node['html'][:200] for node in fault['nodes']][:3]}" for fault in page.evaluate(RUN_AXE)
    ]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        found.append(f"wider than the window by {wide} px: {page.evaluate(WIDEST)}")
    return found + ([f"too small to be touched: {html}" for html in page.evaluate(SMALL)] if look[0] < 800 else [])


def test_the_first_load_is_light(loads: dict[str, int]) -> None:
    """HTML, style, scripts and icon of a page opened for the first time, as sent: no page over 40 KB."""
    if not loads:
        pytest.skip("No page was looked at.")
    heaviest = sorted(loads.items(), key=lambda pair: -pair[1])
    print(f"\n{len(loads)} pages; first loads in bytes, the heaviest first:")
    for address, size in heaviest[:6]:
        print(f"  {size:>7,}  {address}")
    print(f"  {heaviest[len(heaviest) // 2][1]:>7,}  in the middle")
    assert heaviest[0][1] <= MOST_BYTES, heaviest[:5]


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_a_summary_is_one_printed_page_for_each_audience(office: Office, language: str, paper: str) -> None:
    """Of every case of the list: what is bounded in rows is bounded on paper, too, in the language with the tallest lines."""
    amina = office.open("amina").proves_now()
    amina.context.add_cookies([{"name": "django_language", "value": language, "url": office.address}])
    amina.goes_to("/cases/")
    assert amina.page.locator("html").get_attribute("lang") == language
    found = amina.page.locator("main a[href^='/cases/']").evaluate_all("links => links.map(one => one.pathname)")
    cases = sorted({path for path in found if re.fullmatch(rf"/cases/{UID.pattern}/", path)})
    assert len(cases) > 10
    longest = 0
    for path in cases:
        for audience in ("COLLEAGUE", "FUNDER"):
            amina.goes_to(f"{path}summary/?audience={audience}")
            printed = amina.page.pdf(format=paper)
            assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1, (path, audience)
            longest = max(longest, amina.page.locator("main section").count())
    assert longest > 3  # something was printed
