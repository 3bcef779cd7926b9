"""The words in which journeys are told: a person at a desk, who follows links, writes, presses buttons and sees things.

Everything is found as a person finds it: by the label of a field, the words of a link or a button, a heading.
Nothing here knows a CSS class.
"""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Download, Locator, Page, Response, expect

#: Chromium reports every answer above 399 on the console; these are answers that Haven means to give to a page.
_MEANT = re.compile(r"Failed to load resource: the server responded with a status of (401|403|404|409|413|422) ")
#: Milliseconds: journeys run beside unit tests that keep every processor busy.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)
UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


class Desk:
    """One person's browser."""

    def __init__(self, context: BrowserContext, address: str, say: Callable[[str], str] = str) -> None:
        self.context, self.address = context, address
        #: The words of the page in the language of this browser; journeys are told in English.
        self.say = say
        self.key = ""
        self.faults: list[str] = []
        self.page: Page = context.new_page()
        self.last: Response | None = None
        self._listen(self.page)
        context.on("page", self._listen)

    def _listen(self, page: Page) -> None:
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: self._hear(message.type, message.text, message.location.get("url", "")))
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _hear(self, kind: str, text: str, url: str) -> None:
        is_page = not urlsplit(url).path.startswith("/static/")
        if kind == "error" and not (_MEANT.match(text) and is_page):
            self.faults.append(f"{text} ({url})")

    # ---- going places ----

    def goes_to(self, path: str) -> "Desk":
        """Type an address."""
        self.last = self.page.goto(self.address + path)
        return self

    def goes_home(self) -> "Desk":
        """Press the name of the house, at the top of every page."""
        self.page.get_by_role("banner").get_by_role("link", name="Haven").click()
        return self

    def follows(self, words: str, *, within: Locator | None = None, nth: int = 0) -> "Desk":
        """Follow a link by its words."""
        place = within or self.page
        link = place.get_by_role("link", name=self.say(words), exact=within is None)
        link.nth(nth).click()
        return self

    def opens_tab(self, words: str) -> "Desk":
        """Open a tab of the case."""
        tabs = self.page.get_by_role("navigation", name=self.say("Case"), exact=True)
        tabs.get_by_role("link", name=self.say(words)).click()
        return self

    @property
    def path(self) -> str:
        """Where this person is."""
        return urlsplit(self.page.url).path

    def status_of(self, path: str) -> int:
        """How Haven answers to this person's visit, page or not."""
        answer = self.context.request.get(self.address + path, max_redirects=0)
        return answer.status

    # ---- signing in ----

    def signs_in_as(self, key: str) -> "Desk":
        """Choose a person of the demo's cast."""
        self.goes_to("/demo/")
        self.presses(f"Sign in as {key.capitalize()}")
        self.key = key
        return self

    def proves(self) -> "Desk":
        """Show once more who is there, where the page asks for it. A proof holds five minutes, so it need not ask again."""
        if self.path.startswith("/account/confirm/"):
            self.presses("Confirm as")
        return self

    def proves_now(self) -> "Desk":
        """Show who is there, so that pages that ask for it open for the next five minutes."""
        return self.goes_to("/account/confirm/demo/").presses("Confirm as")

    # ---- forms ----

    def field(self, label: str) -> Locator:
        """A field by its label, required or not."""
        words, optional = re.escape(self.say(label)), re.escape(self.say("(optional)"))
        return self.page.get_by_label(re.compile(rf"^\s*{words}( {optional})?\s*$")).first

    def fills(self, answers: dict[str, object]) -> "Desk":
        """Answer fields by their labels: words, a choice's words, True for a tick, a list of ticks, a Path for a file."""
        for label, answer in answers.items():
            self._answer(label, answer)
        return self

    def _answer(self, label: str, answer: object) -> None:
        if isinstance(answer, list):
            group = self.page.get_by_role("group", name=re.compile(re.escape(self.say(label))))
            for words in answer:
                group.get_by_label(self.say(str(words)), exact=True).check()
            return
        group = self.page.get_by_role("group", name=re.compile(rf"^{re.escape(self.say(label))}"))
        found = self.field(label)
        if isinstance(answer, Path):
            found.set_input_files(answer)
        elif answer is True:
            found.check()
        elif group.count() and isinstance(answer, str) and not found.count():
            group.get_by_role("radio", name=re.compile(rf"^{re.escape(self.say(answer))}")).check()
        elif found.evaluate("field => field.tagName") == "SELECT":
            # A choice of Haven's own is said in her language; the name of a team or a person stays as somebody wrote it.
            offered = {text.strip() for text in found.locator("option").all_text_contents()}
            found.select_option(label=said if (said := self.say(str(answer))) in offered else str(answer))
        else:
            found.fill(str(answer))

    def presses(self, words: str, *, within: Locator | None = None, nth: int = 0) -> "Desk":
        """Press a button and wait for what comes."""
        button = (within or self.page).get_by_role("button", name=self.say(words))
        with self.page.expect_event("framenavigated"):
            button.nth(nth).click()
        self.page.wait_for_load_state()
        return self

    def unfolds(self, words: str) -> "Desk":
        """Open what is folded under these words."""
        self.page.locator("summary").filter(has_text=self.say(words)).click()
        return self

    def downloads(self, words: str, *, within: Locator | None = None) -> Path:
        """Follow a link, or press a button, that answers with a file. Returns where the file lies."""
        place, words = within or self.page, self.say(words)
        found = place.get_by_role("link", name=words).or_(place.get_by_role("button", name=words)).first
        with self.page.expect_download() as waiting:
            found.click()
        download: Download = waiting.value
        return Path(download.path())

    # ---- seeing ----

    def sees(self, *words: str) -> "Desk":
        """Each of these stands somewhere on the page."""
        for each in words:
            expect(self.page.locator("body")).to_contain_text(self.say(each))
        return self

    def sees_not(self, *words: str) -> "Desk":
        """None of these stands anywhere in the page, seen or unseen."""
        source = self.page.content()
        for each in words:
            assert each not in source, f"“{each}” stands on {self.page.url}"
        return self

    def sees_heading(self, words: str) -> "Desk":
        """A heading with these words."""
        expect(self.page.get_by_role("heading", name=self.say(words)).first).to_be_visible()
        return self

    def card(self, heading: str) -> Locator:
        """The part of the page under a heading."""
        return self.page.get_by_role("region", name=self.say(heading))

    def line(self, words: str) -> Locator:
        """The line of a list that holds these words."""
        return self.page.get_by_role("main").get_by_role("listitem").filter(has_text=self.say(words)).last

    def row(self, words: str) -> Locator:
        """The first row of a table that holds these words."""
        return self.page.get_by_role("row").filter(has_text=self.say(words)).first

    @property
    def text(self) -> str:
        """All words of the page."""
        return self.page.locator("body").inner_text()
