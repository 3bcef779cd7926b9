"""Signing in as in life: password, guessing, what is refused, sessions, what the ledger holds."""

import pytest
from django.core.cache import cache
from django.test import Client

from audit import clock
from audit.models import Event, EventDetail
from casemgmt.accounts.actions import people
from casemgmt.accounts.models import Session, User
from casemgmt.accounts.sessions import digest_of
from tests.accounts.signing_in import PASSWORD, all_columns, by_password, code_of, give_app, last, sign_in


def test_a_password_alone_opens_nothing_but_the_setting_up_of_a_second_factor(noor):
    client, answer = by_password()
    assert (answer.status_code, answer.url) == (302, "/")
    assert last() == [("SIGNED_IN", "OK")]
    for address in ("/", "/account/", "/people/", "/stay/", "/nowhere/"):
        answer = client.get(address)
        assert answer.status_code == 302, address
        assert answer.url.startswith("/account/factors/?next="), address
    assert client.get("/account/factors/").status_code == 200
    assert client.get("/account/factors/app/").status_code == 200


@pytest.mark.parametrize("email", ["noor@example.org", "nobody@example.org"])
def test_a_wrong_password_is_in_the_ledger_and_what_was_typed_is_not(noor, email):
    _client, answer = by_password(email, "my secret typed wrongly")
    assert answer.status_code == 200
    event = Event.objects.order_by("-id")[0]
    assert (event.verb, event.outcome, event.actor_uid) == ("SIGN_IN_FAILED", "FAILED", None)
    assert event.subject_uid == (noor.uid if email.startswith("noor") else None)
    written = repr(EventDetail.objects.filter(event=event).values()) + repr(vars(event))
    assert "my secret" not in written
    assert "nobody@" not in written


def test_a_closed_account_answers_like_a_wrong_password(noor, cast):
    people.deactivate_person(actor=cast.farid, now=clock.now(), user=noor)
    _client, closed = by_password()
    _client, wrong = by_password("nobody@example.org")
    assert closed.status_code == wrong.status_code == 200
    assert closed.context["form"].errors == wrong.context["form"].errors


def test_the_sixth_attempt_in_five_minutes_is_stopped_and_noted(noor):
    for _attempt in range(5):
        by_password(password="wrong wrong wrong")
    _client, answer = by_password()
    assert answer.status_code == 200
    assert "Too many attempts" in answer.content.decode()
    assert last() == [("SIGN_IN_LIMITED", "REFUSED")]


def test_guessing_codes_is_stopped_and_noted(noor):
    secret = give_app(noor)
    client, _answer = by_password()
    for _attempt in range(5):
        client.post("/account/second-factor/", {"code": "000000"})
    answer = client.post("/account/second-factor/", {"code": code_of(secret)})
    assert answer.status_code == 200
    assert "Too many attempts" in answer.content.decode()
    assert last() == [("SIGN_IN_LIMITED", "REFUSED")]
    assert client.get("/account/").url.startswith("/sign-in/")


def test_one_address_tries_so_often_and_no_more(noor):
    client = Client()
    for _attempt in range(30):
        client.get("/sign-in/")
        client.post("/sign-in/", {"login": "", "password": ""})
    answer = client.post("/sign-in/", {"login": "", "password": ""})
    assert answer.status_code == 429
    assert last() == [("SIGN_IN_LIMITED", "REFUSED")]


def test_next_leads_to_this_host_only(noor):
    secret = give_app(noor)
    for asked, reached in (
        ("/account/pin/", "/account/pin/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
    ):
        client, _answer = Client(), None
        client.post("/sign-in/", {"login": "noor@example.org", "password": PASSWORD, "next": asked})
        cache.clear()
        answer = client.post("/account/second-factor/", {"code": code_of(secret)})
        assert answer.url == reached


def test_an_invited_person_opens_the_account_by_link(cast):
    invitation = people.invite_person(
        actor=cast.farid, now=clock.now(), email="neu@example.org", name="Neu", organisation=cast.amina.organisation
    )
    client = Client()
    address = f"/invitation/{invitation.token}/"
    assert client.get(address).status_code == 200
    short = client.post(address, {"name": "Neu", "password": "short", "password_again": "short"})
    assert short.context["form"].errors["password"]
    differing = client.post(address, {"name": "Neu", "password": PASSWORD, "password_again": PASSWORD + "!"})
    assert differing.context["form"].errors["password_again"]
    answer = client.post(address, {"name": "Neu Person", "password": PASSWORD, "password_again": PASSWORD})
    assert answer.url == "/account/factors/"
    assert client.get("/").url.startswith("/account/factors/")
    assert User.objects.get(email="neu@example.org").is_active
    assert last(2) == [("INVITATION_ACCEPTED", "OK"), ("SIGNED_IN", "OK")]
    assert Client().get(address).status_code == 410


def test_there_is_no_signing_up_and_no_other_page_of_allauth(cast):
    client = sign_in(cast.amina)
    for address in (
        "/signup/",
        "/accounts/signup/",
        "/account/signup/",
        "/account/email/",
        "/account/password/reset/",
        "/account/inactive/",
        "/account/factors/codes/download/",
        "/account/factors/passkeys/",
    ):
        assert client.get(address).status_code == 404, address


def test_signing_out_is_a_post_and_clears_the_browser(cast):
    client = sign_in(cast.amina)
    assert client.get("/sign-out/").status_code == 405
    answer = client.post("/sign-out/")
    assert answer.url == "/sign-in/"
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert last() == [("SIGNED_OUT", "OK")]
    assert client.get("/account/").url == "/sign-in/?next=/account/"


def test_the_key_of_a_session_is_in_no_column(cast):
    client = sign_in(cast.amina)
    key = client.cookies["haven_session"].value
    stored = all_columns("accounts_session")
    assert key not in stored
    assert digest_of(key) in stored
    # What a copy of the database holds does not open the session.
    thief = Client()
    thief.cookies["haven_session"] = digest_of(key)
    assert thief.get("/account/").status_code == 302


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(noor):
    here, there = sign_in(noor), sign_in(noor)
    wrong = here.post("/account/password/", {"oldpassword": "no", "password": "x", "password_again": "x"})
    assert wrong.context["form"].errors["oldpassword"]
    new = "another harbour at dusk"
    answer = here.post("/account/password/", {"oldpassword": PASSWORD, "password": new, "password_again": new})
    assert answer.url == "/account/"
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert ("PASSWORD_CHANGED", "OK") in last(3)
    row = Session.objects.get(session_key=digest_of(here.cookies["haven_session"].value))
    assert row.user == noor
