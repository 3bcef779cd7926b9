"""Client addresses: right behind our own proxy and only there, a pseudonym in events, sealed for the privacy officer."""

import datetime
import http.cookiejar
import re
import urllib.parse
import urllib.request
from typing import Any

import pytest
from django.core import checks as django_checks
from django.test import Client

from audit import addresses, clock, pseudonyms
from audit.context import audit_context
from audit.errors import LedgerError
from audit.models import ClientAddress, Event
from audit.opening_addresses import open_address
from casemgmt import checks
from tests.audit.people import Person
from tests.served import Served

pytestmark = pytest.mark.django_db(databases=["default", "keystore"])
PROXY, CLIENT = "10.0.0.7", "203.0.113.9"


def address_of_a_try(peer: str, forwarded: str | None = None, **more: str) -> str:
    """What the ledger says of a sign-in that failed, from this peer with these headers."""
    if forwarded is not None:
        more["HTTP_X_FORWARDED_FOR"] = forwarded
    Client(REMOTE_ADDR=peer, **more).post("/sign-in/", {"login": "nobody@example.org", "password": "x"})
    return Event.objects.filter(verb="SIGN_IN_FAILED").latest("pk").address


#: Settings, peer, what the header says, and whose address counts.
CASES = {
    "no proxy, a header of the client's own": ([], CLIENT, "198.51.100.1", CLIENT),
    "no proxy, from this machine": ([], "127.0.0.1", "198.51.100.1", "127.0.0.1"),
    "our proxy": ([PROXY], PROXY, CLIENT, CLIENT),
    "our proxy, the client invents one before": ([PROXY], PROXY, f"198.51.100.1, {CLIENT}", CLIENT),
    "our proxy, the client invents our own": ([PROXY], PROXY, f"{PROXY}, {CLIENT}", CLIENT),
    "two proxies of ours": (["10.0.0.0/24"], PROXY, f"198.51.100.1, {CLIENT}, 10.0.0.8", CLIENT),
    "past our proxy, pretending to be it": ([PROXY], CLIENT, "198.51.100.1", CLIENT),
    "our proxy says nothing": ([PROXY], PROXY, None, PROXY),
    "our proxy says nonsense": ([PROXY], PROXY, "<script>", PROXY),
    "with a port": ([PROXY], PROXY, f"{CLIENT}:4711", CLIENT),
    "over IPv6": (["::1"], "::1", "[2001:db8::9]:4711", "2001:db8::9"),
    "as IPv6 writes IPv4": ([PROXY], f"::ffff:{PROXY}", f"::ffff:{CLIENT}", CLIENT),
    "by a local socket": ([PROXY], "", CLIENT, CLIENT),
}


@pytest.mark.parametrize("name", CASES)
def test_whose_address_counts(name: str, settings: Any) -> None:
    settings.PROXY_ADDRESSES, peer, forwarded, expected = CASES[name]
    assert address_of_a_try(peer, forwarded) == pseudonyms.of_address(expected)


def test_limits_count_the_same_client(settings: Any) -> None:
    """What limits sign-ins reads the address that the ledger has: inventing headers gives nobody a fresh count."""
    settings.PROXY_ADDRESSES = []
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed": "3/m/ip"}
    for number in range(4):
        address_of_a_try(CLIENT, f"198.51.100.{number}")
    assert Event.objects.filter(verb="SIGN_IN_LIMITED", address=pseudonyms.of_address(CLIENT)).exists()


def test_nobody_but_our_proxy_says_that_it_was_https(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.PROXY_ADDRESSES, settings.SECURE_SSL_REDIRECT = [PROXY], True
    ours = Client(REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_PROTO="https", HTTP_X_FORWARDED_FOR=CLIENT)
    strangers = Client(REMOTE_ADDR=CLIENT, HTTP_X_FORWARDED_PROTO="https")
    assert ours.get("/sign-in/").status_code == 200
    assert strangers.get("/sign-in/").status_code == 301


def test_only_addresses_and_few_of_them(settings: Any) -> None:
    for told, expected in ((["proxy.example.org"], ["haven.E022"]), (["0.0.0.0/0"], ["haven.E022"]),
                           (["::/0"], ["haven.E022"]), (["10.0.0.0/24", "::1"], [])):  # fmt: skip
        settings.PROXY_ADDRESSES = told
        found: list[django_checks.CheckMessage] = checks.check_proxies(None)
        assert [one.id for one in found] == expected


def test_the_event_holds_a_pseudonym_and_never_the_address(settings: Any) -> None:
    settings.ADDRESS_KEPT_DAYS = 30
    said = address_of_a_try(CLIENT)
    event = Event.objects.latest("pk")
    assert re.fullmatch(r"A-[0-9A-Z]{4}-[0-9A-Z]{4}", said)
    for table in (Event, ClientAddress):
        for row in table.objects.values():
            assert CLIENT not in str(row) and CLIENT.encode() not in b"".join(
                bytes(value) for value in row.values() if isinstance(value, bytes | memoryview)
            )
    assert CLIENT not in str(event.detail.content) and said == pseudonyms.of_address(CLIENT)


def test_the_privacy_officer_opens_it_for_thirty_days_and_that_is_recorded(settings: Any, monkeypatch: Any) -> None:
    settings.ADDRESS_KEPT_DAYS = 30
    kemi = Person("Kemi")
    name = address_of_a_try(CLIENT)
    for _again in range(2):
        address_of_a_try(CLIENT)
    assert ClientAddress.objects.count() == 1, "once a day"
    with audit_context("test", "an intrusion"):
        assert open_address(actor=kemi, now=clock.now(), name=name, reason="Who was it?") == CLIENT
        asked = Event.objects.latest("pk")
        assert (asked.verb, asked.actor_uid, asked.outcome) == ("LEDGER_READ", kemi.uid, "OK")
        assert asked.detail.content["reason"] == "Who was it?" and CLIENT not in str(asked.detail.content)
        with pytest.raises(LedgerError):
            open_address(actor=kemi, now=clock.now(), name=name, reason=" ")
        assert open_address(actor=kemi, now=clock.now(), name="A-0000-0000", reason="Who?") is None
        later = clock.now() + datetime.timedelta(days=30)
        with pytest.raises(addresses.AddressGone):
            addresses.unsealed(name, later)
        row = ClientAddress.objects.get()
        ClientAddress.objects.filter(pk=row.pk).update(sealed=bytes(row.sealed)[:-1] + b"x")
        with pytest.raises(addresses.AddressGone, match="altered"):
            addresses.unsealed(name, clock.now())
        assert addresses.forget_old() == 0
        monkeypatch.setattr(addresses.clock, "now", lambda: later)
        assert addresses.forget_old() == 1 and not ClientAddress.objects.exists()


@pytest.mark.once
def test_the_running_server_believes_no_header() -> None:
    """A real server on a port: whatever a client writes into its headers, the ledger has the address that it came from."""
    with Served.demo() as haven:
        for headers in ({}, {"X-Forwarded-For": "198.51.100.1"}, {"X-Forwarded-For": "198.51.100.2", "X-Real-IP": "9.9.9.9",
                        "Forwarded": "for=9.9.9.9"}, {"X_Forwarded_For": "198.51.100.3"}):  # fmt: skip
            jar = http.cookiejar.CookieJar()
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
            page = opener.open(f"{haven.address}/sign-in/").read().decode()
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
            assert token is not None
            sent = {"login": "nobody@example.org", "password": "x", "csrfmiddlewaretoken": token[1]}
            opener.open(urllib.request.Request(
                f"{haven.address}/sign-in/", urllib.parse.urlencode(sent).encode(), {**headers, "Referer": haven.address}
            ))  # fmt: skip
        said = haven.manage(
            "shell", "-c",
            "from audit.models import Event; from audit import pseudonyms; "
            "print([one == pseudonyms.of_address('127.0.0.1') for one in "
            "Event.objects.filter(verb='SIGN_IN_FAILED').values_list('address', flat=True)])",
        ).stdout  # fmt: skip
    assert said.strip().endswith("[True, True, True, True]"), said
