"""Accounts that rest, requests for somebody else's account, new devices."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from audit import clock
from casemgmt.access.errors import Refused
from casemgmt.accounts.actions import people
from casemgmt.accounts.actions.absences import begin_travel, end_travel, lock_person, unlock_person
from casemgmt.accounts.actions.requests import ask_for_account, confirm_request, decline_request, requests_for
from casemgmt.accounts.actions.roles import assign_role
from casemgmt.accounts.actions.sessions import change_pin
from casemgmt.accounts.choices import AccountRequestKind, Role
from casemgmt.accounts.devices import words_of
from casemgmt.accounts.errors import (
    AccountRests,
    NotOnOneself,
    NotResting,
    RequestOver,
    RequestWaits,
    SecondPersonNeeded,
)
from casemgmt.accounts.models import Absence, AccountRequest, AccountState, Session, UnlockPin, User
from casemgmt.accounts.sessions import digest_of
from tests.accounts.signing_in import code_of, fresh, give_app, sign_in
from tests.accounts.test_people import new_person, verbs

PASSWORD = "a long pass phrase"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0 Mobile Safari/537.36"


def passkey(user):
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "Phone"})


# ---- Lock this person ----


def test_a_locked_person_is_out_at_the_next_click_with_passkeys_and_pin(cast):
    client = sign_in(cast.amina)
    assert client.get("/account/").status_code == 200
    give_app(cast.amina)
    passkey(cast.amina)
    change_pin(actor=cast.amina, now=clock.now(), pin="482915")
    lock_person(actor=cast.bea, now=clock.now(), user=cast.amina)
    assert client.get("/account/").url.startswith("/sign-in/")
    amina = cast.amina
    assert not amina.is_active and not Session.objects.filter(user=amina).exists()
    kinds = set(Authenticator.objects.filter(user=amina).values_list("type", flat=True))
    assert kinds == {"totp"} and not UnlockPin.objects.filter(user=amina).exists()
    assert not AccountState.objects.filter(user=amina, ends_at=None).exists()
    assert verbs()[-1] == "USER_LOCKED"


@pytest.mark.parametrize("who", ["amina", "dana", "nadia", "farid", "elif_", "chidi", "gita"])
def test_who_may_not_lock_her(cast, who):
    with pytest.raises(Refused):
        lock_person(actor=getattr(cast, who), now=clock.now(), user=cast.amina)
    assert cast.amina.is_active


def test_two_people_let_her_in_again_and_neither_is_she_nor_the_administrator(cast):
    lock_person(actor=cast.bea, now=clock.now(), user=cast.amina)
    unlock_person(actor=cast.bea, now=clock.now(), user=cast.amina)
    assert not cast.amina.is_active
    with pytest.raises(SecondPersonNeeded):
        unlock_person(actor=cast.bea, now=clock.now(), user=cast.amina)
    for stranger in (cast.farid, cast.nadia, cast.elif_, cast.dana):
        with pytest.raises(Refused):
            unlock_person(actor=stranger, now=clock.now(), user=cast.amina)
    with pytest.raises(AccountRests):
        people.reactivate_person(actor=cast.farid, now=clock.now(), user=cast.amina)
    unlock_person(actor=cast.omar, now=clock.now(), user=cast.amina)
    assert cast.amina.is_active and AccountState.objects.filter(user=cast.amina, ends_at=None).count() == 1
    with pytest.raises(NotResting):
        unlock_person(actor=cast.bea, now=clock.now(), user=cast.amina)


def test_a_director_of_a_partner_answers_for_nobody_of_the_house(cast):
    for role in (Role.DIRECTOR, Role.PRIVACY_OFFICER):
        assign_role(actor=cast.farid, now=clock.now(), user=cast.hugo, role=role)
    with pytest.raises(Refused):
        lock_person(actor=cast.hugo, now=clock.now(), user=cast.amina)
    lock_person(actor=cast.bea, now=clock.now(), user=cast.amina)
    with pytest.raises(Refused):
        unlock_person(actor=cast.hugo, now=clock.now(), user=cast.amina)


def test_the_database_knows_that_it_takes_two(cast):
    absence = lock_person(actor=cast.bea, now=clock.now(), user=cast.amina)
    unlock_person(actor=cast.bea, now=clock.now(), user=cast.amina)
    absence = Absence.objects.get(pk=absence.pk)
    for by in (cast.bea, cast.amina):
        absence.ended_at, absence.ended_by = clock.now(), by
        with pytest.raises(IntegrityError), transaction.atomic():
            absence.save(update_fields=["ended_at", "ended_by"])


def test_a_person_who_is_locked_while_travelling_needs_both_ended(cast):
    begin_travel(actor=cast.amina, now=clock.now())
    lock_person(actor=cast.bea, now=clock.now(), user=cast.amina)
    end_travel(actor=cast.bea, now=clock.now(), user=cast.amina)
    assert not cast.amina.is_active
    unlock_person(actor=cast.bea, now=clock.now(), user=cast.amina)
    unlock_person(actor=cast.omar, now=clock.now(), user=cast.amina)
    assert cast.amina.is_active


def test_locking_by_its_page_asks_for_nothing_more_and_unlocking_for_a_fresh_proof(cast):
    client = sign_in(cast.bea)
    page = reverse("colleague", args=[cast.amina.uid])
    assert "Lock this person" in client.get(page).text
    deed = reverse("colleague-account", args=[cast.amina.uid])
    assert client.post(deed, {"deed": "lock"}).url == page
    assert not cast.amina.is_active
    asked = client.post(deed, {"deed": "unlock"})
    assert (
        asked.status_code == 303
        and "/account/confirm/" in asked.url
        and asked.url.endswith(str(cast.amina.uid) + "%2F")
    )
    assert Absence.objects.get(user=cast.amina).first_yes_by is None
    fresh(cast.bea).post(deed, {"deed": "unlock"})
    assert Absence.objects.get(user=cast.amina).first_yes_by == cast.bea
    for key in ("dana", "nadia", "elif_", "chidi"):
        assert sign_in(getattr(cast, key)).post(deed, {"deed": "lock"}).status_code == 404, key


# ---- Travel ----


def test_travel_mode_is_ones_own_and_ended_by_another(cast, mailoutbox, django_capture_on_commit_callbacks):
    client, second = sign_in(cast.amina), sign_in(cast.amina)
    assert "Bea Meadows" in client.get(reverse("travel")).text
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(reverse("travel")).url == "/sign-in/"
    assert second.get("/account/").url.startswith("/sign-in/") and not cast.amina.is_active
    assert [letter.to for letter in mailoutbox] == [["bea@example.org"]]
    assert "Amina" not in mailoutbox[0].subject + mailoutbox[0].body
    for stranger in (cast.farid, cast.nadia):
        with pytest.raises(Refused):
            end_travel(actor=stranger, now=clock.now(), user=cast.amina)
    end_travel(actor=cast.bea, now=clock.now(), user=cast.amina)
    assert cast.amina.is_active and verbs()[-1] == "TRAVEL_ENDED"


# ---- Factor reset and e-mail change ----


def test_a_factor_reset_needs_her_supervisor_and_is_told_to_both(cast, mailoutbox, django_capture_on_commit_callbacks):
    give_app(cast.amina)
    client = sign_in(cast.amina)
    with django_capture_on_commit_callbacks(execute=True):
        asked = ask_for_account(
            actor=cast.farid, now=clock.now(), user=cast.amina, kind=AccountRequestKind.FACTOR_RESET
        )
    assert {letter.to[0] for letter in mailoutbox} == {"amina@example.org", "bea@example.org"}
    assert Authenticator.objects.filter(user=cast.amina).exists() and client.get("/account/").status_code == 200
    for stranger in (cast.farid, cast.nadia, cast.amina, cast.elif_):
        with pytest.raises(Refused):
            confirm_request(actor=stranger, now=clock.now(), request=asked)
    assert requests_for(cast.bea, clock.now()) == [asked] and requests_for(cast.nadia, clock.now()) == []
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        confirm_request(actor=cast.bea, now=clock.now(), request=asked)
    assert not Authenticator.objects.filter(user=cast.amina).exists()
    assert client.get("/account/").url.startswith("/sign-in/")
    assert {letter.to[0] for letter in mailoutbox} == {"amina@example.org", "farid@example.org"}
    assert [verb for verb in verbs() if verb.startswith("FACTOR_")] == ["FACTOR_RESET_ASKED", "FACTOR_RESET_CONFIRMED"]
    with pytest.raises(RequestOver):
        confirm_request(actor=cast.bea, now=clock.now(), request=asked)


def test_a_new_address_is_told_to_the_old_and_the_new_one(cast, mailoutbox, django_capture_on_commit_callbacks):
    asked = ask_for_account(
        actor=cast.farid, now=clock.now(), user=cast.amina, kind=AccountRequestKind.EMAIL_CHANGE,
        new_email="Amina.New@example.org",
    )  # fmt: skip
    with pytest.raises(RequestWaits):
        ask_for_account(
            actor=cast.farid,
            now=clock.now(),
            user=cast.amina,
            kind=AccountRequestKind.EMAIL_CHANGE,
            new_email="x@example.org",
        )
    with django_capture_on_commit_callbacks(execute=True):
        confirm_request(actor=cast.bea, now=clock.now(), request=asked)
    assert User.objects.get(name="Amina Rivers").email == "amina.new@example.org"
    assert {"amina@example.org", "amina.new@example.org"} <= {letter.to[0] for letter in mailoutbox}


def test_declined_changes_nothing_and_nobody_asks_for_herself(cast):
    give_app(cast.amina)
    asked = ask_for_account(actor=cast.farid, now=clock.now(), user=cast.amina, kind=AccountRequestKind.FACTOR_RESET)
    decline_request(actor=cast.omar, now=clock.now(), request=asked)
    assert Authenticator.objects.filter(user=cast.amina).exists()
    with pytest.raises(NotOnOneself):
        ask_for_account(actor=cast.farid, now=clock.now(), user=cast.farid, kind=AccountRequestKind.FACTOR_RESET)
    with pytest.raises(Refused):
        ask_for_account(actor=cast.bea, now=clock.now(), user=cast.amina, kind=AccountRequestKind.FACTOR_RESET)


def test_the_database_refuses_an_answer_by_who_asked(cast):
    asked = ask_for_account(actor=cast.farid, now=clock.now(), user=cast.amina, kind=AccountRequestKind.FACTOR_RESET)
    for by in (cast.farid, cast.amina):
        asked.state, asked.answered_by, asked.answered_at = "CONFIRMED", by, clock.now()
        with pytest.raises(IntegrityError), transaction.atomic():
            asked.save(update_fields=["state", "answered_by", "answered_at"])


def test_asking_and_confirming_by_their_pages(cast):
    give_app(cast.amina)
    address = reverse("ask-for-account", args=[cast.amina.uid])
    stale = sign_in(cast.farid)
    assert "/account/confirm/" in stale.get(address).url
    farid = fresh(cast.farid)
    lacking = farid.post(address, {"kind": "EMAIL_CHANGE"})
    assert lacking.status_code == 422 and "Write the new address" in lacking.text
    assert farid.post(address, {"kind": "FACTOR_RESET"}).status_code == 302
    asked = AccountRequest.objects.get()
    answer = reverse("answer-request", args=[asked.uid])
    bea = fresh(cast.bea)
    assert answer in bea.get("/account/").text
    assert "Speak with this person first" in bea.get(answer).text
    for key in ("nadia", "farid", "amina", "elif_"):
        assert fresh(getattr(cast, key)).post(answer, {"answer": "confirm"}).status_code == 404, key
    assert bea.post(answer, {"answer": "confirm"}).url == "/account/"
    assert not Authenticator.objects.filter(user=cast.amina).exists()


# ---- Devices ----


def by_password(user, client=None, agent=PHONE):
    """Sign in in full; returns the client."""
    client = client or Client(headers={"user-agent": agent})
    secret = give_app(user) if not Authenticator.objects.filter(user=user).exists() else user.secret
    user.secret = secret
    client.post("/sign-in/", {"login": user.email, "password": PASSWORD})
    cache.clear()
    done = client.post("/account/second-factor/", {"code": code_of(secret)})
    assert done.status_code == 302 and done.url == "/", done.content
    return client


def test_a_new_device_is_told_without_content_and_a_known_one_is_not(
    cast, mailoutbox, django_capture_on_commit_callbacks
):
    noor = new_person(cast, Role.CASEWORKER)
    with django_capture_on_commit_callbacks(execute=True):
        first = by_password(noor)
    assert mailoutbox == [] and "NEW_DEVICE" not in verbs()
    cookie = first.cookies["haven_device"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert cookie.value not in str(list(noor.known_devices.values_list("digest", flat=True)))
    again = Client(headers={"user-agent": PHONE})
    again.cookies["haven_device"] = cookie.value
    cache.clear()
    with django_capture_on_commit_callbacks(execute=True):
        by_password(noor, again)
    assert mailoutbox == []
    with django_capture_on_commit_callbacks(execute=True):
        by_password(noor, agent="Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0")
    [letter] = mailoutbox
    assert letter.to == [noor.email] and verbs().count("NEW_DEVICE") == 1
    for word in ("Firefox", "Windows", "Noor", "Haven", "case"):
        assert word not in letter.body, word


def test_devices_in_words_and_signing_out_of_one_and_of_all(cast):
    assert words_of(PHONE) == "Chrome, Android"
    assert (
        words_of("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1") == "Safari, iPhone"
    )
    assert words_of("") == ""
    here = sign_in(cast.amina, headers={"user-agent": PHONE})
    there, third = sign_in(cast.amina), sign_in(cast.amina)
    page = here.get("/account/").text
    assert "last used" in page
    current = Session.objects.get(session_key=digest_of(here.session.session_key))
    other = Session.objects.filter(user=cast.amina).exclude(pk=current.pk).first()
    assert here.post(reverse("end-session", args=[other.uid])).status_code == 302
    assert verbs()[-1] == "SESSION_ENDED"
    here.post(reverse("end-other-sessions"))
    assert Session.objects.filter(user=cast.amina).count() == 1
    assert all(client.get("/account/").status_code == 302 for client in (there, third))
    assert sign_in(cast.dana).post(reverse("end-session", args=[current.uid])).status_code == 404
