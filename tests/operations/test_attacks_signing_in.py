"""Attacks on signing in, against the running server: enumeration, fixation, brute force, CSRF, redirects, framing.

One server for all of them. The victim is made as in life: invited by the administrator, by the link in the letter,
with a password and an authenticator app. Each attacker comes from a loopback address of its own, because attempts
are counted by address.
"""

import html
import http.client
import itertools
import os
import re
import statistics
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.accounts.signing_in import code_of
from tests.served import Served

pytestmark = [pytest.mark.once]

PASSWORD = "quiet harbour at dawn 7"
EMAIL = "noor.victim@example.org"
_addresses = itertools.count(2)
_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Answer:
    """What came back."""

    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.body = status, body
        self.headers = {name.lower(): value for name, value in headers}
        self.cookies = SimpleCookie()
        for name, value in headers:
            if name.lower() == "set-cookie":
                self.cookies.load(value)
        self.text = body.decode(errors="replace")

    @property
    def to(self) -> str:
        return self.headers.get("location", "")


class Browser:
    """Keeps cookies, follows nothing, and comes from an address of its own."""

    def __init__(self, served: Served, address: str = "") -> None:
        self.served = served
        number = next(_addresses)
        self.address = address or f"127.0.{number // 250}.{number % 250 + 1}"
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, data: dict[str, str] | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.served.port, timeout=30, source_address=(self.address, 0)
        )
        sent = {"Host": f"localhost:{self.served.port}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if data is not None:
            body = urlencode(data)
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, sent)
        got = connection.getresponse()
        answer = Answer(got.status, got.getheaders(), got.read())
        connection.close()
        for name, morsel in answer.cookies.items():
            self.cookies.pop(name, None) if not morsel.value else self.cookies.update({name: morsel.value})
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, data: dict[str, str], page: str = "", **headers: str) -> Answer:
        """Fill in the form of ``page`` (by default the address itself) and send it."""
        token = _CSRF.search(self.get(page or path).text)
        return self.ask("POST", path, {**data, "csrfmiddlewaretoken": token.group(1) if token else ""}, **headers)

    def try_password(self, email: str, password: str, after: str = "") -> Answer:
        return self.post(f"/sign-in/{after}", {"login": email, "password": password})


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A home for real work: no demo, no button that stands in for a factor."""
    haven = Served(is_demo=False)
    mounted = tmp_path_factory.mktemp("outside") / "passphrase"
    mounted.write_text("seven green doors behind the mill\n")
    mounted.chmod(0o600)
    try:
        haven.prepare()
        haven.extra = {"ROOT_PASSPHRASE_FILE": str(mounted), "EMAIL_URL": "consolemail://"}
        if weakness := os.environ.get("HAVEN_WEAKNESS"):  # test_attacks_are_found takes a protection away
            haven.extra |= {"DJANGO_SETTINGS_MODULE": "tests.operations.weak_settings", "HAVEN_WEAKNESS": weakness}
        haven.manage("root_key", "create")
        haven.start()
        yield haven
    finally:
        haven.close()


class Victim:
    """Noor, the administrator, with a password and an authenticator app."""

    def __init__(self, served: Served) -> None:
        said = served.manage("create_administrator", EMAIL, "--name", "Noor Victim").stdout
        link = re.search(r"/invitation/[A-Za-z0-9_-]+/", said)
        assert link is not None, said
        noor = Browser(served)
        opened = noor.post(link.group(), {"name": "Noor Victim", "password": PASSWORD, "password_again": PASSWORD})
        assert opened.to == "/account/factors/", opened.text
        page = noor.get("/account/factors/app/").text
        secret = re.search(r'<p class="code"><bdi>([A-Z2-7 ]+)</bdi>', page)
        assert secret is not None, page
        self.secret = secret.group(1).replace(" ", "")
        token = _CSRF.search(page)
        assert token is not None
        #: Steps of half a minute whose code was shown already, this one of the setting up included: a code counts once.
        self.used: set[float] = set()
        # Not by post(): asking for the page once more would draw another secret.
        sent = {"code": self.fresh_code(), "csrfmiddlewaretoken": token.group(1)}
        done = noor.ask("POST", "/account/factors/app/", sent)
        assert done.status == 302, done.text
        self.browser = noor
        assert noor.get("/account/").status == 200

    def fresh_code(self) -> str:
        """A code that was not used yet. The server takes those of the steps before and after this one, too."""
        until = time.monotonic() + 40
        while time.monotonic() < until:
            step, gone = divmod(time.time(), 30)
            # That of the step before only while it stays good for long enough to arrive.
            for one in (step - 1, step, step + 1)[gone > 15 :]:
                if one not in self.used:
                    self.used.add(one)
                    return code_of(self.secret, at=one * 30)
            time.sleep(0.5)
        raise AssertionError("No code is left.")


@pytest.fixture(scope="module")
def victim(served: Served) -> Victim:
    return Victim(served)


def words(answer: Answer, *typed: str) -> str:
    """The page without what differs by itself: tokens, challenges and what was typed."""
    text = html.unescape(answer.text)
    for value in typed:
        text = text.replace(value, "TYPED")
    text = re.sub(r'value="[A-Za-z0-9]{64}"', 'value="TOKEN"', text)
    return re.sub(r'"challenge": ?"[^"]+"', '"challenge":"X"', text)


# ---- Enumeration ----


def test_after_the_proof_one_goes_back_to_the_page_and_not_elsewhere(served: Served, victim: Victim) -> None:
    """The first of this file, because wrong tries of the others would count against it."""
    good = victim.browser.post("/account/confirm/code/?next=%2Faccount%2F", {"code": victim.fresh_code()})
    assert good.to == "/account/", good.text
    bad = Browser(served)
    bad.try_password(EMAIL, PASSWORD, after="?" + urlencode({"next": "https://evil.example/"}))
    done = bad.post("/account/second-factor/?next=https%3A%2F%2Fevil.example%2F", {"code": victim.fresh_code()})
    assert is_ours(served, done.to), done.to
    assert parse_qs(urlsplit(done.to).query) == {}


def test_a_known_and_an_unknown_address_read_the_same(served: Served, victim: Victim) -> None:
    known = Browser(served).try_password(EMAIL, "wrong wrong wrong")
    unknown = Browser(served).try_password("nobody.here@example.org", "wrong wrong wrong")
    assert known.status == unknown.status == 200
    assert words(known, EMAIL) == words(unknown, "nobody.here@example.org")
    assert {name for name in known.headers if name != "content-length"} == {
        name for name in unknown.headers if name != "content-length"
    }


def test_an_unknown_address_takes_as_long_as_a_known_one(served: Served, victim: Victim) -> None:
    """Both pay for one Argon2id digest, which is most of the time."""
    known, unknown = [], []
    # Two tries each: with the one above three, and the sixth within five minutes would lock the victim out.
    for number in range(2):
        for email, times in ((EMAIL, known), (f"nobody{number}@example.org", unknown)):
            browser = Browser(served)
            browser.get("/sign-in/")
            began = time.perf_counter()
            browser.try_password(email, "wrong wrong wrong")
            times.append(time.perf_counter() - began)
    ratio = statistics.median(known) / statistics.median(unknown)
    assert 0.4 < ratio < 2.5, (known, unknown)


def test_a_closed_account_reads_like_a_wrong_password(served: Served, victim: Victim) -> None:
    """Somebody who was invited and has not come yet has a closed account."""
    form = victim.browser.get("/people/invite/").text
    house = re.search(r'<option value="(\d+)"', form)
    assert house is not None, form
    late = {"name": "Late", "email": "late@example.org", "organisation": house.group(1), "language": "en"}
    assert victim.browser.post("/people/invite/", late).to == "/people/"
    closed = Browser(served).try_password("late@example.org", "wrong wrong wrong")
    unknown = Browser(served).try_password("nobody.else@example.org", "wrong wrong wrong")
    assert words(closed, "late@example.org") == words(unknown, "nobody.else@example.org")
    dead = [Browser(served).get(f"/invitation/{token}/") for token in ("x" * 43, "y" * 43)]
    assert {answer.status for answer in dead} == {410}
    assert words(dead[0], "x" * 43) == words(dead[1], "y" * 43)


def test_no_page_offers_to_register_or_to_send_a_password(served: Served) -> None:
    for path in (
        "/accounts/signup/",
        "/signup/",
        "/password/reset/",
        "/accounts/password/reset/",
        "/account/inactive/",
    ):
        assert Browser(served).get(path).to.startswith("/sign-in/"), path


# ---- Fixation ----


def test_a_planted_session_is_not_the_one_that_is_signed_in(served: Served, victim: Victim) -> None:
    for planted in ("a" * 32, Browser(served).cookies.get("haven_session", "b" * 32)):
        browser = Browser(served)
        browser.cookies["haven_session"] = planted
        browser.try_password(EMAIL, PASSWORD)
        half = browser.cookies.get("haven_session")
        assert half not in (None, planted)
        thief = Browser(served)
        thief.cookies["haven_session"] = planted
        assert thief.get("/account/").to.startswith("/sign-in/")
    done = browser.post("/account/second-factor/", {"code": victim.fresh_code()})
    assert done.to == "/", done.text
    whole = browser.cookies["haven_session"]
    assert whole != half and browser.get("/account/").status == 200
    thief.cookies["haven_session"] = str(half)
    assert thief.get("/account/").to.startswith("/sign-in/"), "what was there before the second step opens nothing"
    kept = browser.cookies["haven_session"]
    browser.post("/sign-out/", {}, page="/account/")
    thief.cookies["haven_session"] = kept
    assert thief.get("/account/").to.startswith("/sign-in/"), "signed out is out, also for a copy of the cookie"


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(served: Served, victim: Victim) -> None:
    answer = Browser(served).try_password(EMAIL, PASSWORD)
    cookie = answer.cookies["haven_session"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["domain"]


# ---- Brute force ----


def test_the_sixth_wrong_password_is_not_even_looked_at_from_anywhere(served: Served, victim: Victim) -> None:
    email = "brute.force@example.org"
    seen = [words(Browser(served).try_password(email, f"wrong wrong {number}"), email) for number in range(7)]
    assert "is not right" in seen[0] and "Too many attempts" in seen[-1], "each try came from another address"


def test_one_address_is_stopped_whatever_it_tries(served: Served) -> None:
    browser = Browser(served)
    answers = [browser.try_password(f"guess{number}@example.org", "wrong wrong wrong") for number in range(13)]
    assert answers[0].status == 200 and "is not right" in answers[0].text
    assert answers[-1].status == 429 or "Too many attempts" in answers[-1].text


def test_codes_of_an_app_are_not_guessed_either(served: Served, victim: Victim) -> None:
    browser = Browser(served)
    assert browser.try_password(EMAIL, PASSWORD).to.startswith("/account/second-factor/")
    answers = [browser.post("/account/second-factor/", {"code": f"{number:06}"}) for number in range(8)]
    assert all(answer.to != "/" for answer in answers)
    assert any(answer.status == 429 or "Too many" in answer.text for answer in answers)
    assert browser.get("/account/").to.startswith("/sign-in/")


# ---- CSRF ----


@pytest.mark.parametrize("path", ["/sign-in/", "/sign-out/", "/account/", "/account/travel/", "/office/", "/lock/"])
def test_a_form_without_its_token_or_of_another_site_does_nothing(served: Served, victim: Victim, path: str) -> None:
    noor = victim.browser
    assert noor.ask("POST", path, {}).status == 403, "no token"
    assert noor.ask("POST", path, {"csrfmiddlewaretoken": "a" * 64}).status == 403, "a made-up token"
    other = noor.post(path, {}, page="/account/", Origin="https://evil.example")
    assert other.status == 403, "another site's page"
    null = noor.post(path, {}, page="/account/", Origin="null")
    assert null.status == 403, "a sandboxed frame"
    assert noor.get("/account/").status == 200


def test_asking_by_address_changes_nothing(served: Served, victim: Victim) -> None:
    for path in ("/sign-out/", "/lock/", "/account/sessions/end/", "/notices/seen/"):
        assert victim.browser.get(path).status == 405, path


# ---- Open redirects ----

EVIL = (
    "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
    "https:evil.example", "http:///evil.example", "/%09/evil.example", "//evil.example\\@localhost",
)  # fmt: skip


@pytest.mark.parametrize("target", EVIL)
def test_nobody_is_sent_elsewhere(served: Served, victim: Victim, target: str) -> None:
    noor = victim.browser
    after = "?" + urlencode({"next": target})
    pages: list[Answer] = [noor.get(f"{path}{after}") for path in ("/sign-in/", "/unlock/", "/account/confirm/code/")]
    pages.append(noor.post("/language/", {"language": "en", "next": target}, page="/account/"))
    pages.append(noor.post("/theme/", {"theme": "dark", "next": target}, page="/account/"))
    stranger = Browser(served)
    pages += [stranger.get(f"/account/{after}"), stranger.get(f"/sign-in/{after}")]
    for page in pages:
        assert is_ours(served, page.to), page.to
        for address in re.findall(r'(?:href|action)="([^"]*)"', page.text):
            assert is_ours(served, html.unescape(address)), address


def is_ours(served: Served, address: str) -> bool:
    """Whether a browser that is sent there stays on this host."""
    shown = address.replace("\\", "/").lstrip("\t\r\n ")
    parts = urlsplit(shown)
    if parts.scheme and parts.scheme not in ("http", "https", "mailto"):
        return False
    return parts.netloc in ("", f"localhost:{served.port}") and not (parts.scheme and not parts.netloc)


def test_another_name_of_the_host_is_refused(served: Served) -> None:
    for host in ("evil.example", "localhost.evil.example", f"evil.example:{served.port}"):
        assert Browser(served).ask("GET", "/sign-in/", None, Host=host).status == 400, host
    answer = Browser(served).ask("GET", "/account/", None, X_Forwarded_Host="evil.example")
    assert "evil" not in answer.to + answer.text


# ---- Framing ----


def test_no_page_can_be_framed_or_sniffed(served: Served, victim: Victim) -> None:
    noor, stranger = victim.browser, Browser(served)
    pages: dict[str, Answer] = {
        path: noor.get(path) for path in ("/account/", "/account/travel/", "/cases/", "/day/", "/no/such/")
    }
    pages |= {f"stranger {path}": stranger.get(path) for path in ("/sign-in/", "/account/", "/invitation/x/")}
    pages["refused"] = stranger.ask("POST", "/sign-in/", {})
    wrong: list[Any] = []
    for name, page in pages.items():
        policy = page.headers.get("content-security-policy", "")
        if page.headers.get("x-frame-options") != "DENY" or "frame-ancestors 'none'" not in policy:
            wrong.append((name, page.status, "framing"))
        if page.headers.get("x-content-type-options") != "nosniff":
            wrong.append((name, page.status, "sniffing"))
        if "unsafe-inline" in policy or "default-src 'none'" not in policy:
            wrong.append((name, page.status, "scripts"))
    assert wrong == []
    assert "no-store" in pages["/account/"].headers["cache-control"]
