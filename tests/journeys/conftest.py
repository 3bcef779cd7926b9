"""Journeys: the real server as a process in a home of its own, and people who work with it in real browsers.

``HAVEN_JOURNEY_ENGINE`` is "sqlite" (the default) or "postgresql". Where Chromium or PostgreSQL cannot be started a
developer's run skips with the reason, and a run with CI=true fails. A picture of every failure lies in a folder whose
name is printed. Who writes journeys may let them walk through a demo that runs already: ``HAVEN_JOURNEY_AT=http://…``.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings as settings_of_django
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests import chromium, postgres
from tests.served import SQLITE, Served
from tests.steps import is_ci

from .speaking import words_in
from .words import Desk

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's own loop runs in this thread
ENGINE = os.environ.get("HAVEN_JOURNEY_ENGINE", SQLITE)
_REPORT = pytest.StashKey[pytest.CollectReport]()


def _without(problem: Exception) -> None:
    """What is missing here: told to a developer, a failure for CI."""
    if is_ci():
        pytest.fail(f"{problem} With CI=true that is a failure.", pytrace=False)
    pytest.skip(str(problem))


@pytest.fixture(scope="session")
def haven() -> Iterator[Served]:
    """Haven with its demo people, served until the last journey has ended; its end must be clean, too."""
    if os.environ.get("HAVEN_JOURNEY_AT"):
        running = Served.__new__(Served)
        running.address = os.environ["HAVEN_JOURNEY_AT"]
        yield running
        return
    try:
        if ENGINE != SQLITE:
            postgres.throwaway_cluster()
    except postgres.NoPostgres as problem:
        _without(problem)
    # On PostgreSQL the demo is made in front of everybody; on SQLite it is a copy of the one that a run makes once.
    served = Served.demo() if ENGINE == SQLITE else Served(engine=ENGINE)
    try:
        seconds = served.start()
        print(f"\nHaven on {ENGINE} was ready after {seconds:.1f} s at {served.address}")
        yield served
        assert served.stop() == 0, f"The server did not end cleanly:\n{served.output()}"
        assert "Traceback" not in served.output(), served.output()
    finally:
        served.close()


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    """Chromium."""
    try:
        program = chromium.demand()
    except chromium.NoChromium as problem:
        _without(problem)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(chromium.FLAGS))
        yield started
        started.close()


@cache
def pictures() -> Path:
    """Where pictures of failures go; made with the first failure."""
    return Path(tempfile.mkdtemp(prefix="haven-journeys-"))


class Office:
    """Who sits at which desk. A person keeps the browser over the tests of a module, as over a day of work."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.desks: dict[str, Desk] = {}
        self.spare: list[Desk] = []

    def desk(self, key: str) -> Desk:
        """The desk of one of the cast, signed in at the first call."""
        if key not in self.desks:
            self.desks[key] = self.open(key)
        return self.desks[key]

    def open(self, key: str | None, *, language: str = "en", **options: object) -> Desk:
        """Another browser, for one of the cast or for nobody. ``options`` go to Chromium's context."""
        settings = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", "timezone_id": "UTC", **options}
        context: BrowserContext = self.browser.new_context(**settings)  # type: ignore[arg-type]
        if language != "en":
            context.add_cookies(
                [{"name": settings_of_django.LANGUAGE_COOKIE_NAME, "value": language, "url": self.address}]
            )
        desk = Desk(context, self.address, words_in(language))
        self.spare.append(desk)
        if key is not None:
            desk.signs_in_as(key)
        return desk

    def close_spare(self) -> None:
        """Close the browsers that belong to no desk of the module."""
        for desk in [one for one in self.spare if one not in self.desks.values()]:
            desk.context.close()
            self.spare.remove(desk)

    def close(self) -> None:
        """Everybody goes home."""
        for desk in self.spare:
            desk.context.close()


@pytest.fixture(scope="module")
def office(chrome: Browser, haven: Served) -> Iterator[Office]:
    """The desks of one module of journeys."""
    opened = Office(chrome, haven.address)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def nothing_on_the_console(request: pytest.FixtureRequest, office: Office) -> Iterator[None]:
    """After each test: a picture if it failed, and no error on any console, which is where a broken policy shows."""
    for desk in office.spare:
        desk.faults.clear()
    yield
    failed = request.node.stash.get(_REPORT, None)
    if failed is not None and failed.failed:
        for number, desk in enumerate(one for one in office.spare if not one.page.is_closed()):
            place = pictures() / f"{request.node.name[:80]}-{number}-{desk.key or 'nobody'}.png"
            desk.page.screenshot(path=place, full_page=True)
            print(f"Picture: {place} ({desk.page.url})")
    faults = [f"{desk.key}: {fault}" for desk in office.spare for fault in desk.faults]
    office.close_spare()
    assert faults == []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember how the test itself went, for the picture."""
    report = yield
    if report.when == "call":
        item.stash[_REPORT] = report
    return report


Desks = Callable[[str], Desk]


@pytest.fixture
def desk(office: Office) -> Desks:
    """``desk("amina")``: Amina at her desk, signed in."""
    return office.desk
