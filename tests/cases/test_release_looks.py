"""The pages of a release in a real browser: signed with a finger under the product's own policy, and no fault for axe.

No server: the browser's requests are answered in this process by a signed-in test client.
"""

import io
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, Error, Page, Route, expect, sync_playwright

from casemgmt.interface import context
from cases import access
from cases.actions.releases import Terms
from cases.models import Document, Release
from tests.accounts import signing_in
from tests.chromium import FLAGS, binary
from tests.services.test_release_and_matter import a_matter
from tests.services.test_release_and_matter import release as to_attorney

pytestmark = pytest.mark.once

HOST = "http://haven.test"


@pytest.fixture
def sign_in():
    """People who have just shown their second factor once more: what leaves the house asks for it."""
    return partial(signing_in.sign_in, is_fresh=True)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium. Where it is missing a developer's run skips, CI fails."""
    # The browser's own loop runs in this thread; the views that answer it do not know of it.
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        try:
            started = playwright.chromium.launch(executable_path=binary(), args=list(FLAGS))
        except Error as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"Chromium could not be started: {error.message.splitlines()[0]}")
        yield started
        started.close()


class Phone:
    """A page on a phone that shows answers of a signed-in client, under their own policy, and keeps what it would send.

    The browser's callbacks know nothing of the test's database: what it sends is handed to the client by ``send``.
    """

    def __init__(self, browser: Browser, client: Client, **options: Any) -> None:
        self.client, self.faults, self.answers = client, [], {}
        self.sent: list[tuple[str, str, bytes]] = []
        self.context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB", **options)
        self.page = self.context.new_page()
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.context.route("**/*", self._answer)

    def _answer(self, route: Route) -> None:
        asked, path = route.request, urlsplit(route.request.url).path
        if path.startswith("/static/"):
            place = Path(str(finders.find(path.removeprefix("/static/"))))
            kind = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}[place.suffix]
            route.fulfill(body=place.read_bytes(), content_type=kind)
        elif asked.method == "POST" and not path.startswith("/drafts/"):
            self.sent.append((path, asked.headers["content-type"], asked.post_data_buffer or b""))
            route.fulfill(body="<title>Sent</title>", content_type="text/html")
        elif path in self.answers:
            # A browser looks at this header on https only, and complains elsewhere.
            told = {name: value for name, value in self.answers[path].items() if name != "Cross-Origin-Opener-Policy"}
            route.fulfill(body=self.answers[path].content, headers=told)
        elif path == "/stay/":
            # The form asks whether somebody is there before it is sent.
            route.fulfill(body='{"who": "somebody", "token": ""}', content_type="application/json")
        else:
            route.fulfill(status=204)

    def shows(self, path: str, answer: Any = None) -> Page:
        """Show an answer; without one, what the client gets there."""
        self.answers[path] = answer if answer is not None else self.client.get(path)
        self.page.goto(HOST + path)
        return self.page

    def sends(self, button: str) -> tuple[str, Any]:
        """Press a button; hand to the client what the browser sent. The address, and the answer to it."""
        self.page.get_by_role("button", name=button).click()
        expect(self.page).to_have_title("Sent")
        path, kind, body = self.sent.pop()
        return path, self.client.generic("POST", path, body, content_type=kind)


@pytest.fixture
def phone(chromium: Browser, settings: Any) -> Iterator[Callable[..., Phone]]:
    """Opens phones; at the end nothing may stand on a console."""
    settings.HAVEN_DEMO = True  # so that a page can be turned around
    phones: list[Phone] = []

    def opened(client: Client, *, theme: str = "light", direction: str = "ltr", **options: Any) -> Phone:
        client.cookies[context.THEME_COOKIE], client.cookies[context.DIRECTION_COOKIE] = theme, direction
        phones.append(Phone(chromium, client, **options))
        return phones[-1]

    yield opened
    for one in phones:
        one.context.close()
    assert [fault for one in phones for fault in one.faults] == []


STATEMENTS = ("risks, benefits", "does not depend on signing", "take it back at any time, by a word")


def reads_and_signs(phone: Phone, case: Any) -> Page:
    """The first page with what is needed at all; then the second one, open."""
    page = phone.shows(reverse("release-new", args=[case.uid]))
    page.get_by_label("Attorney who gets the matter").select_option(index=1)
    page.get_by_label("What it is needed for, in her words").fill("So that he can ask for my papers")
    page.get_by_label("Which services, and when").check()
    return phone.shows(*phone.sends("Go on to read and sign"))


def draws(page: Page) -> None:
    """A few strokes, as a finger leaves them."""
    page.locator("canvas").first.scroll_into_view_if_needed()
    box = page.locator("canvas").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(box["x"] + 30 + 30 * step, box["y"] + (30 if step % 2 else 80))
    page.mouse.up()


def test_she_signs_with_a_finger(phone: Any, cast: Any, case: Any, sign_in: Any) -> None:
    matter = a_matter(cast, case)
    amina = phone(sign_in(cast.amina))
    page = reads_and_signs(amina, case)
    for words in STATEMENTS:
        page.get_by_label(words).check()
    draws(page)
    assert page.get_by_text("The signature is there.").is_visible()
    page.get_by_role("button", name="Clear").click()
    assert page.evaluate("document.getElementById('id_signature').files.length") == 0
    draws(page)
    _path, answer = amina.sends("Record the release")
    assert answer.status_code == 302
    [given], [paper] = access.for_the_house(Release), access.for_the_house(Document)
    assert given.matter_id == matter.pk and paper.section == "DUTIES" and paper.size_bucket < 65_536
    kept = b"".join(sign_in(cast.amina).get(reverse("case-document", args=[case.uid, paper.uid])).streaming_content)
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.size == (640, 220)
        dark = sum(picture.convert("L").histogram()[:100])
        assert 500 < dark < 20_000, "her strokes, on white"


def test_without_scripts_the_place_of_the_paper_is_enough(phone: Any, cast: Any, case: Any, sign_in: Any) -> None:
    a_matter(cast, case)
    client = sign_in(cast.amina)
    plain = phone(client, java_script_enabled=False)
    said = {
        "attorney": str(cast.chidi.pk), "matter": str(a_matter(cast, case).uid), "purpose": "LEGAL_REPRESENTATION",
        "purpose_text": "So that he can ask", "categories": ["SERVICES_DATES"], "signer": "CLIENT", "language": "en",
        "method": "WRITTEN", "expires_on": (timezone.localdate() + timedelta(days=60)).isoformat(),
    }  # fmt: skip
    path = reverse("release-new", args=[case.uid])
    page = plain.shows(path, client.post(path, said))
    assert not page.locator("canvas").first.is_visible()
    for words in STATEMENTS:
        page.get_by_label(words).check()
    page.get_by_label("the paper is kept in the file").check()
    page.get_by_label("Where the signed paper is kept").fill("Blue binder")
    page.get_by_role("button", name="Record the release").click()
    page.wait_for_load_state()
    path, kind, body = plain.sent.pop()
    assert client.generic("POST", path, body, content_type=kind).status_code == 302
    assert access.for_the_house(Release).count() == 1


@pytest.mark.parametrize(("theme", "direction"), [("light", "ltr"), ("dark", "rtl")])
def test_axe_finds_no_fault_and_nothing_is_wider_than_a_phone(
    phone: Any, cast: Any, case: Any, sign_in: Any, theme: str, direction: str
) -> None:
    matter = a_matter(cast, case)
    given = to_attorney(
        cast, case, matter, terms=Terms(categories=["IDENTITY", "MENTAL_HEALTH"], excluded="not the mill")
    )
    amina = phone(sign_in(cast.amina), theme=theme, direction=direction)
    kemi = phone(sign_in(cast.kemi), theme=theme, direction=direction)
    bea = phone(sign_in(cast.bea), theme=theme, direction=direction)
    chidi = phone(sign_in(cast.chidi), theme=theme, direction=direction)
    found = {}
    for who, name, arguments in (
        (amina, "release-new", [case.uid]), (amina, "case-sharing", [case.uid]), (amina, "case-disclosures", [case.uid]),
        (amina, "release", [case.uid, given.uid]), (amina, "release-print", [case.uid, given.uid]),
        (kemi, "report-new", []), (amina, "sign", []), (kemi, "given-out", []), (kemi, "totals-new", []),
        (chidi, "matter", [matter.uid]), (chidi, "attorney-home", []), (chidi, "case-overview", [case.uid]),
        (bea, "case-transferred", [case.uid]),
    ):  # fmt: skip
        page = reads_and_signs(who, case) if name == "sign" else who.shows(reverse(name, args=arguments))
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
        if folder := os.environ.get("HAVEN_PICTURES"):
            page.screenshot(path=f"{folder}/{name}-{theme}.png", full_page=True)
        faults = Axe().run(page).response["violations"]
        found |= {name: [(one["id"], one["nodes"][0]["html"][:160]) for one in faults]} if faults else {}
    assert found == {}
