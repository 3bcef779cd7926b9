"""The idle lock, the PIN, twelve hours, kept forms, sessions elsewhere. Time is stopped and moved."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client

from audit import clock
from audit.models import Event
from casemgmt.accounts.actions.sessions import change_pin, lock_session, sign_out_everywhere
from casemgmt.accounts.models import HeldForm, Session, UnlockPin
from tests.accounts.signing_in import sign_in

PIN = "481516"


@pytest.fixture
def start(time_machine):
    """Stop the clock at this moment; ``start.after(minutes=9)`` moves it."""

    class Start:
        moment = clock.now()

        def after(self, **span) -> None:
            time_machine.move_to(self.moment + timedelta(**span), tick=False)

    time_machine.move_to(Start.moment, tick=False)
    return Start()


def verbs(count=1):
    """The last verbs, oldest first."""
    return list(Event.objects.order_by("-id").values_list("verb", flat=True)[:count])[::-1]


def test_ten_idle_minutes_lock_the_screen(cast, start):
    client = sign_in(cast.amina)
    start.after(minutes=9, seconds=59)
    assert client.get("/account/").status_code == 200
    start.after(minutes=19, seconds=59)
    answer = client.get("/account/")
    assert answer.status_code == 302
    assert answer.url.startswith("/unlock/?next=")
    assert "/account" not in answer.url
    assert verbs() == ["SESSION_LOCKED"]
    # Locked is locked, whatever is asked and however often; it is written down once.
    assert client.get("/people/").url.startswith("/unlock/")
    assert verbs(2).count("SESSION_LOCKED") == 1


def test_a_page_that_polls_does_not_keep_the_session_open(cast, start):
    client = sign_in(cast.amina)
    for minute in (4, 8):
        start.after(minutes=minute)
        assert client.get("/account/", headers={"Haven-Background": "1"}).status_code == 200
    start.after(minutes=10)
    assert client.get("/account/").url.startswith("/unlock/")


def test_every_visit_counts_even_one_just_after_another(cast, start):
    client = sign_in(cast.amina)
    for minute in range(5, 60, 5):
        start.after(minutes=minute)
        assert client.get("/account/").status_code == 200


def test_locking_by_hand_and_unlocking_by_pin_leads_back(cast, start):
    change_pin(actor=cast.amina, now=clock.now(), pin=PIN)
    client = sign_in(cast.amina)
    assert client.get("/lock/").status_code == 405
    assert client.post("/lock/").url == "/unlock/"
    locked = client.get("/account/pin/")
    page = client.get(locked.url)
    assert page.status_code == 200
    assert page.context["has_pin"]
    answer = client.post(locked.url, {"pin": PIN})
    assert answer.url == "/account/pin/"
    assert verbs(2) == ["SESSION_LOCKED", "SESSION_UNLOCKED"]
    assert client.get("/account/").status_code == 200


def test_the_fifth_wrong_pin_ends_the_session(cast):
    change_pin(actor=cast.amina, now=clock.now(), pin=PIN)
    client = sign_in(cast.amina)
    client.post("/lock/")
    for attempt in range(4):
        answer = client.post("/unlock/", {"pin": "000001"})
        assert answer.status_code == 200, attempt
    assert client.post("/unlock/", {"pin": "000001"}).url == "/sign-in/"
    assert Event.objects.filter(verb="UNLOCK_FAILED").count() == 5
    assert not Session.objects.filter(user=cast.amina).exists()
    assert client.post("/unlock/", {"pin": PIN}).url.startswith("/sign-in/")


def test_the_pin_is_in_no_column(cast):
    stored = change_pin(actor=cast.amina, now=clock.now(), pin=PIN)
    row = repr(UnlockPin.objects.values().get(pk=stored.pk))
    assert PIN not in row
    assert "argon2" not in row
    assert "md5" not in row


def test_without_a_pin_there_is_nothing_to_guess(cast):
    client = sign_in(cast.amina)
    client.post("/lock/")
    page = client.get("/unlock/")
    assert 'name="pin"' not in page.content.decode()
    assert client.post("/unlock/", {"pin": ""}).status_code == 200
    assert client.post("/unlock/", {"pin": "000000"}).status_code == 200
    assert client.post("/unlock/", {"demo": "1"}).status_code == 200
    assert client.get("/account/").url.startswith("/unlock/")


def test_after_twelve_hours_a_pin_is_not_enough(cast, start):
    change_pin(actor=cast.amina, now=clock.now(), pin=PIN)
    client = sign_in(cast.amina)
    start.after(hours=11, minutes=59)
    assert client.get("/account/").url.startswith("/unlock/")
    assert client.post("/unlock/", {"pin": PIN}).url == "/"
    start.after(hours=12)
    assert client.get("/account/").url.startswith("/sign-in/")
    assert not Session.objects.filter(user=cast.amina).exists()


def test_a_form_that_arrives_at_the_lock_is_kept_sealed_and_sent_after_unlocking(cast):
    change_pin(actor=cast.amina, now=clock.now(), pin=PIN)
    client = sign_in(cast.amina)
    client.post("/lock/")
    typed = {"name": "Amina Kept-Canary", "language": "fr", "time_zone": "Europe/Paris", "csrfmiddlewaretoken": "x"}
    answer = client.post("/account/", typed)
    assert answer.status_code == 303
    assert answer.url.startswith("/unlock/?next=")
    assert "Kept-Canary" not in repr(HeldForm.objects.values()) + repr(Session.objects.values())
    unlocked = client.post(answer.url, {"pin": PIN})
    held = HeldForm.objects.get()
    assert unlocked.url == f"/account/kept/{held.uid}/"
    page = client.get(unlocked.url).content.decode()
    assert "Amina Kept-Canary" in page
    assert 'value="x"' not in page
    sent = client.post("/account/", {**typed, "held_form": str(held.uid)})
    assert sent.url == "/account/"
    assert not HeldForm.objects.exists()
    amina = cast.amina
    assert (amina.name, amina.language, amina.time_zone) == ("Amina Kept-Canary", "fr", "Europe/Paris")


def test_a_form_that_arrives_after_twelve_hours_is_kept_too(cast, start):
    client = sign_in(cast.amina)
    start.after(hours=12, minutes=5)
    answer = client.post("/account/", {"name": "Late", "language": "en", "time_zone": "UTC"})
    assert answer.status_code == 303
    held = HeldForm.objects.get(user=cast.amina)
    assert answer.url == f"/sign-in/?next=%2Faccount%2Fkept%2F{held.uid}%2F"


def test_a_kept_form_is_its_senders_alone(cast):
    client = sign_in(cast.amina)
    client.post("/lock/")
    client.post("/account/", {"name": "Mine", "language": "en", "time_zone": "UTC"})
    held = HeldForm.objects.get()
    assert sign_in(cast.bea).get(f"/account/kept/{held.uid}/").status_code == 404
    assert sign_in(cast.bea).post(f"/account/kept/{held.uid}/").status_code == 404


def test_passwords_and_pins_are_never_kept(cast):
    client = sign_in(cast.amina)
    client.post("/lock/")
    client.post("/account/password/", {"oldpassword": "a", "password": "b", "password_again": "b"})
    client.post("/account/pin/", {"pin": "1", "pin_again": "1"})
    assert not HeldForm.objects.exists()


def test_a_draft_that_a_page_sends_by_itself_is_not_kept_twice(cast):
    client = sign_in(cast.amina)
    client.post("/lock/")
    client.post("/account/", {"name": "Draft"}, headers={"X-Requested-With": "XMLHttpRequest"})
    assert not HeldForm.objects.exists()


def test_a_posted_form_without_any_session_is_sent_to_sign_in_by_303(cast):
    client = Client()
    answer = client.post("/account/", {"name": "x"}, headers={"Referer": "http://testserver/account/pin/"})
    assert (answer.status_code, answer.url) == (303, "/sign-in/?next=%2Faccount%2Fpin%2F")
    elsewhere = client.post("/account/", {}, headers={"Referer": "https://evil.example/x"})
    assert elsewhere.url == "/sign-in/?next=%2F"


def test_a_forged_form_is_not_kept(cast):
    client = sign_in(cast.amina, enforce_csrf_checks=True)
    Session.objects.filter(user=cast.amina).update(locked_at=clock.now())
    answer = client.post("/account/", {"name": "Forged"})
    assert answer.status_code == 403
    assert not HeldForm.objects.exists()


def test_a_fragment_is_told_to_load_the_page_to_unlock(cast):
    client = sign_in(cast.amina)
    client.post("/lock/")
    answer = client.get("/account/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"].startswith("/unlock/")


def test_next_of_somebody_else_leads_home(cast):
    change_pin(actor=cast.amina, now=clock.now(), pin=PIN)
    client, other = sign_in(cast.amina), sign_in(cast.bea)
    client.post("/lock/")
    other.post("/lock/")
    theirs = other.get("/account/pin/").url
    assert client.post(theirs, {"pin": PIN}).url == "/"
    client.post("/lock/")
    assert client.post("/unlock/?next=//evil.example/", {"pin": PIN}).url == "/"


def test_signing_out_everywhere_else_keeps_this_one(cast):
    here, there = sign_in(cast.amina), sign_in(cast.amina)
    assert here.post("/account/sessions/end/").url == "/account/"
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").url.startswith("/sign-in/")
    assert verbs() == ["SIGNED_OUT_EVERYWHERE"]


def test_a_slow_request_does_not_bring_back_an_ended_session(cast):
    client = sign_in(cast.amina)
    session = client.session
    session["mark"] = 1
    sign_out_everywhere(actor=cast.amina, now=clock.now(), user=cast.amina)
    with pytest.raises(UpdateError):
        session.save()
    assert not Session.objects.filter(user=cast.amina).exists()


def test_one_session_is_ended_by_its_owner_only(cast):
    there = sign_in(cast.amina)
    row = Session.objects.get(user=cast.amina)
    assert sign_in(cast.bea).post(f"/account/sessions/{row.uid}/end/").status_code == 404
    assert there.get("/account/").status_code == 200
    here = sign_in(cast.amina)
    assert here.post(f"/account/sessions/{row.uid}/end/").url == "/account/"
    assert there.get("/account/").status_code == 302


def test_an_administrator_signs_somebody_out_everywhere(cast):
    client = sign_in(cast.amina)
    sign_in(cast.farid).post(f"/people/{cast.amina.uid}/account/", {"deed": "sign-out"})
    assert client.get("/account/").status_code == 302
    event = Event.objects.get(verb="SIGNED_OUT_EVERYWHERE")
    assert (event.actor_uid, event.subject_uid) == (cast.farid.uid, cast.amina.uid)


def test_a_session_locked_meanwhile_stays_locked_when_a_slow_request_saves(cast):
    client = sign_in(cast.amina)
    slow = client.session
    slow["mark"] = 1
    lock_session(actor=cast.amina, now=clock.now(), session=Session.objects.get(user=cast.amina), why="ASKED")
    slow.save()
    assert Session.objects.get(user=cast.amina).locked_at is not None


@pytest.mark.parametrize("pin", ["12345", "123456", "654321", "111111", "12a456", "٤٨١٥١٦", "1" * 13])
def test_a_pin_is_digits_and_not_a_staircase(cast, pin):
    client = sign_in(cast.amina)
    answer = client.post("/account/pin/", {"pin": pin, "pin_again": pin})
    assert answer.status_code == 200
    assert answer.context["form"].errors["pin"]
    assert not UnlockPin.objects.exists()


def test_a_pin_is_set_by_its_page(cast):
    client = sign_in(cast.amina)
    assert client.post("/account/pin/", {"pin": PIN, "pin_again": "481517"}).status_code == 200
    assert client.post("/account/pin/", {"pin": PIN, "pin_again": PIN}).url == "/account/"
    assert verbs() == ["PIN_CHANGED"]
    client.post("/lock/")
    assert client.post("/unlock/", {"pin": PIN}).url == "/"
