"""The shop window in a real browser: no fault for axe in any light, width or direction, and the small scripts at work.

No server and no database: the browser's requests are answered in this process by the views themselves, under the
product's own Content-Security-Policy, so that anything the policy would block shows as an error on the console.
"""

import os
import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.shortcuts import render
from django.template import engines
from django.test import override_settings
from playwright.sync_api import Browser, Error, Page, Route, expect, sync_playwright

from casemgmt.interface import context, views

from .stub import request

pytestmark = pytest.mark.once
HOST = "http://haven.test"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
POLICY = "; ".join(
    f"{name} {' '.join(sources)}" for name, sources in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
)
NOTE_PAGE = """{% extends "base.html" %}{% load i18n %}{% block title %}Note{% endblock %}{% block main %}<h1>Note</h1>
<form method="post" action="/notes/" data-draft="/drafts/NOTE/1/">{% csrf_token %}<label for="text">Note</label>
<textarea id="text" name="text"></textarea><div class="acts"><button class="btn primary">Save</button></div></form>
<form method="post" action="/other/">{% csrf_token %}<label for="own">Own</label><input id="own" name="own"></form>
{% endblock %}"""


class Window:
    """Answers a page's requests and keeps what was posted."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, dict[str, str]]] = []
        self.faults: list[str] = []
        self.statuses: dict[str, int] = {}
        self.online = True

    def answer(self, route: Route) -> None:
        asked = route.request
        address = urlsplit(asked.url)
        if not self.online:
            route.abort("internetdisconnected")
            return
        if address.path.startswith("/static/"):
            place = finders.find(address.path.removeprefix("/static/"))
            kind = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}[Path(str(place)).suffix]
            route.fulfill(body=Path(str(place)).read_bytes(), content_type=kind)
            return
        made = request(asked.url.removeprefix(HOST), method=asked.method.lower())
        for pair in (asked.headers.get("cookie") or "").split("; "):
            made.COOKIES.update([pair.partition("=")[::2]])
        if asked.method == "POST":
            self.posted.append((address.path, dict(parse_qsl(asked.post_data or ""))))
            status = self.statuses.get(address.path, 204 if address.path.startswith("/drafts/") else 200)
            route.fulfill(status=status, body="<title>Done</title>" if status == 200 else "", content_type="text/html")
            return
        answer = self.page(address.path, made)
        route.fulfill(
            status=answer.status_code,
            body=answer.content,
            headers={**dict(answer.items()), "Content-Security-Policy": POLICY},
        )

    def page(self, path: str, made: object) -> HttpResponse:
        if path == "/ui/":
            return views.components(made)
        if path == "/stay/":
            return views.stay(made) if self.statuses.get(path) is None else HttpResponse(status=self.statuses[path])
        if path.startswith("/errors/"):
            return render(made, path.strip("/") + ".html")
        if path == "/note/":
            return HttpResponse(engines["django"].from_string(NOTE_PAGE).render({}, made))
        return HttpResponse("<title>Elsewhere</title><p>Elsewhere</p>")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium. Where it is missing a developer's run skips, CI fails."""
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        except Error as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"Chromium could not be started: {error.message.splitlines()[0]}")
        yield started
        started.close()


Opened = tuple[Page, Window]


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Opened]]:
    """Opens an address in a given width, light and direction; at the end nothing may stand on the console."""
    contexts = []
    windows = []

    def opened(
        path: str, *, width: int = 1280, theme: str = "light", direction: str = "ltr", **kwargs: object
    ) -> Opened:
        window = Window()
        fresh = chromium.new_context(viewport={"width": width, "height": 900}, locale="en-GB", **kwargs)  # type: ignore[arg-type]
        fresh.add_cookies(
            [
                {"name": context.THEME_COOKIE, "value": theme, "url": HOST},
                {"name": context.DIRECTION_COOKIE, "value": direction, "url": HOST},
            ]
        )
        contexts.append(fresh)
        windows.append(window)
        page = fresh.new_page()
        page.on("console", lambda message: window.faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: window.faults.append(str(error)))
        fresh.route("**/*", window.answer)
        page.goto(HOST + path)
        return page, window

    with override_settings(HAVEN_DEMO=True, ROOT_URLCONF="tests.interface.urls"):
        yield opened
    for fresh in contexts:
        fresh.close()
    for window in windows:
        assert window.faults == []


#: Two variants in every run, all of them before a release (``make check-deep`` sets HAVEN_DEEP).
VARIANTS = [(1280, "light", "ltr"), (390, "dark", "rtl")]
if os.environ.get("HAVEN_DEEP"):
    VARIANTS = list(product([1280, 390, 320], ["light", "dark"], ["ltr", "rtl"]))


@pytest.mark.parametrize(("width", "theme", "direction"), VARIANTS)
def test_all_components_without_a_fault(
    open_page: Callable[..., Opened], width: int, theme: str, direction: str
) -> None:
    page, _window = open_page("/ui/", width=width, theme=theme, direction=direction)
    page.eval_on_selector_all("details", "all => all.forEach(one => one.open = !one.classList.contains('menu'))")
    found = Axe().run(page).response["violations"]
    assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
        "scrolls sideways"
    )


@pytest.mark.parametrize(("width", "theme", "direction"), VARIANTS)
def test_pages_that_say_no_without_a_fault(
    open_page: Callable[..., Opened], width: int, theme: str, direction: str
) -> None:
    page, _window = open_page("/errors/404/", width=width, theme=theme, direction=direction)
    for code in ("400", "403", "403_csrf", "404", "409", "413", "429", "500", "503"):
        page.goto(f"{HOST}/errors/{code}/")
        found = Axe().run(page).response["violations"]
        assert [(code, fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found] == []


def test_everything_can_be_touched(open_page: Callable[..., Opened]) -> None:
    """Targets of at least 24 by 24 pixels (WCAG 2.5.8); links inside a sentence are excepted."""
    page, _window = open_page("/ui/", width=390)
    small = page.evaluate(
        """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')]
        .filter(one => one.offsetParent && !one.closest('p, .errsum li, .note, th, h3') && one.type !== 'hidden')
        .map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
        .filter(([, box]) => box.width < 24 || box.height < 24).map(([html]) => html)"""
    )
    assert small == []


def test_focus_goes_to_the_summary_of_a_form_that_came_back(open_page: Callable[..., Opened]) -> None:
    page, _window = open_page("/ui/")
    assert page.evaluate("document.activeElement.className") == "errsum"
    assert page.title().startswith("Error:")


def test_keyboard_reaches_the_content_first(open_page: Callable[..., Opened]) -> None:
    page, _window = open_page("/note/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_hide_screen_covers_at_once_renames_the_tab_and_locks_on_the_server(open_page: Callable[..., Opened]) -> None:
    page, window = open_page("/note/")
    window.statuses["/lock/"] = 200
    with page.expect_request("**/lock/"):
        page.get_by_role("button", name="Hide screen").click()
    page.wait_for_url("**/unlock/?next=%2Fnote%2F")
    assert [path for path, _data in window.posted] == ["/lock/"]


def test_shift_three_times_hides_and_capitals_do_not(open_page: Callable[..., Opened]) -> None:
    page, window = open_page("/note/")
    page.fill("#own", "x")  # text without a draft: the covered page must stay, or the text would be lost
    page.focus("#own")
    for _letter in range(4):
        page.keyboard.press("Shift+A")
    assert not page.query_selector("#curtain")
    for _press in range(3):
        page.keyboard.press("Shift")
    page.wait_for_selector("#curtain")
    assert page.title() == "New tab"
    assert page.locator("main").evaluate("main => getComputedStyle(main).visibility") == "hidden"
    assert page.locator("#curtain a").get_attribute("target") == "_blank"
    assert page.input_value("#own") == "xAAAA"
    page.evaluate("window.dispatchEvent(new Event('focus'))")  # unlocked in another tab, and back
    page.wait_for_selector("#curtain", state="detached")
    assert page.title().startswith("Note")
    assert ("/lock/" in dict(window.posted)) is True


def test_the_curtain_stays_for_another_person(open_page: Callable[..., Opened]) -> None:
    page, _window = open_page("/note/")
    page.fill("#own", "x")
    page.evaluate("document.body.dataset.who = '22222222-2222-4222-8222-222222222222'")
    for _press in range(3):
        page.keyboard.press("Shift")
    page.wait_for_selector("#curtain")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.wait_for_url(HOST + "/")


def test_drafts_are_sent_and_outlive_a_lost_session(open_page: Callable[..., Opened]) -> None:
    page, window = open_page("/note/")
    page.clock.install()
    status = page.locator("[data-draft] [role=status]")
    status.wait_for(state="attached")
    page.fill("#text", "She asked for مُحامٍ 👩‍⚖️")
    page.clock.run_for(4100)
    expect(status).to_have_text(re.compile(r"^Draft saved \d"))
    assert window.posted == [("/drafts/NOTE/1/", {"text": "She asked for مُحامٍ 👩‍⚖️"})]

    window.statuses["/drafts/NOTE/1/"] = 401
    page.fill("#text", "More")
    page.clock.run_for(4100)
    expect(status).to_contain_text("Your text is kept here; sign in in another tab.")

    del window.statuses["/drafts/NOTE/1/"]
    page.clock.run_for(10_100)
    expect(status).to_contain_text("Draft saved")
    assert window.posted[-1] == ("/drafts/NOTE/1/", {"text": "More"})
    window.faults.clear()  # the browser itself reports the 401


def test_drafts_say_when_there_is_no_connection(open_page: Callable[..., Opened]) -> None:
    page, window = open_page("/note/")
    page.clock.install()
    status = page.locator("[data-draft] [role=status]")
    status.wait_for(state="attached")
    window.online = False
    page.fill("#text", "Kept")
    page.clock.run_for(4100)
    expect(status).to_contain_text("No connection")
    window.online = True
    page.clock.run_for(10_100)
    expect(status).to_contain_text("Draft saved")
    assert window.posted[-1][1] == {"text": "Kept"}
    window.faults.clear()  # the browser itself reports the failed request


def test_a_double_click_sends_once(open_page: Callable[..., Opened]) -> None:
    page, window = open_page("/note/")
    page.fill("#text", "Once")
    page.evaluate(
        """() => { const b = document.querySelector('[data-draft] button'); b.click(); b.click(); b.click(); }"""
    )
    page.wait_for_url("**/notes/")
    assert [path for path, _data in window.posted if path == "/notes/"] == ["/notes/"]


def test_idle_warns_at_eight_minutes_and_locks_at_ten(open_page: Callable[..., Opened]) -> None:
    page, window = open_page("/note/")
    page.clock.install()
    page.reload()
    page.clock.run_for(7 * 60_000)
    assert not page.locator("#idle").is_visible()
    page.clock.run_for(70_000)
    assert page.locator("#idle").is_visible()
    page.get_by_role("button", name="Keep working").click()
    assert not page.locator("#idle").is_visible()
    page.clock.run_for(9 * 60_000)
    assert page.locator("#idle").is_visible()
    assert "/lock/" not in dict(window.posted)
    with page.expect_request("**/lock/"):
        page.clock.run_for(70_000)


def test_works_without_scripts(open_page: Callable[..., Opened]) -> None:
    page, window = open_page("/ui/", java_script_enabled=False)
    page.locator("details.menu > summary").click()
    assert page.get_by_role("button", name="Français").is_visible()
    assert not page.locator(".js-only").first.is_visible()
    page.get_by_role("button", name="Hide screen").click()
    assert window.posted[-1][0] == "/lock/"


def test_paper_has_no_buttons_and_says_who_printed(open_page: Callable[..., Opened]) -> None:
    page, _window = open_page("/ui/")
    page.emulate_media(media="print")
    assert not page.locator(".top").is_visible()
    assert not page.locator(".btn").first.is_visible()
    assert "Confidential, printed by Amina K. at" in page.locator(".print-head").text_content()
