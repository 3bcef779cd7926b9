"""The second factor as in life: setting it up, showing it, what counts once, what is sealed, what nonsense does."""

import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from audit import clock
from casemgmt.accounts.actions import people
from casemgmt.accounts.forms.factors import SECRET_SESSION_KEY
from casemgmt.accounts.models import Session
from casemgmt.accounts.sessions import SessionStore
from casemgmt.accounts.stepup import SECOND_FACTOR_MARK
from tests.accounts.signing_in import all_columns, by_password, code_of, give_app, last, sign_in


def test_setting_up_an_app_opens_the_house_and_gives_recovery_codes(noor, django_capture_on_commit_callbacks):
    client, _answer = by_password()
    page = client.get("/account/factors/app/")
    secret = page.context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        wrong = client.post("/account/factors/app/", {"code": "000000"})
        assert wrong.status_code == 200
        assert wrong.context["form"].secret == secret
        answer = client.post("/account/factors/app/", {"code": code_of(secret)})
    assert answer.url == "/account/factors/codes/"
    assert client.get("/account/").status_code == 200
    codes = client.get("/account/factors/codes/").context["unused_codes"]
    assert len(codes) == 10
    assert {verb for verb, _outcome in last(2)} == {"SECOND_FACTOR_ADDED", "RECOVERY_CODES_MADE"}


def test_no_secret_of_a_second_factor_is_in_any_row(noor):
    client, _answer = by_password()
    secret = client.get("/account/factors/app/").context["form"].secret
    [row] = Session.objects.filter(user=noor)
    assert SessionStore().decode(row.session_data)[SECRET_SESSION_KEY] != secret
    assert secret not in repr(SessionStore().decode(row.session_data))
    client.post("/account/factors/app/", {"code": code_of(secret)})
    stored = all_columns("mfa_authenticator")
    assert secret not in stored
    assert "totp:" in stored
    assert "recovery_codes:" in stored
    for code in client.get("/account/factors/codes/").context["unused_codes"]:
        assert code not in stored


def test_a_sealed_secret_copied_to_somebody_else_opens_nothing(noor, cast):
    secret = give_app(noor)
    theirs = Authenticator.objects.get(user=noor)
    people_password = "another quiet harbour"
    invitation = people.invite_person(
        actor=cast.farid, now=clock.now(), email="mal@example.org", name="Mal", organisation=noor.organisation
    )
    mal = people.accept_invitation(
        actor=invitation.user, now=clock.now(), token=invitation.token, name="Mal", password=people_password
    )
    Authenticator.objects.create(user=mal, type="totp", data=theirs.data)
    client, _answer = by_password("mal@example.org", people_password)
    client.raise_request_exception = False
    answer = client.post("/account/second-factor/", {"code": code_of(secret)})
    assert answer.status_code != 302
    assert "_auth_user_id" not in client.session


def test_the_second_step_is_asked_and_a_wrong_code_is_refused(noor):
    secret = give_app(noor)
    client, answer = by_password()
    assert answer.url == "/account/second-factor/"
    assert client.get("/account/").url.startswith("/sign-in/")
    wrong = client.post("/account/second-factor/", {"code": "123456"})
    assert wrong.status_code == 200
    assert last() == [("SECOND_FACTOR_FAILED", "FAILED")]
    assert client.get("/account/").url.startswith("/sign-in/")
    right = client.post("/account/second-factor/", {"code": code_of(secret)})
    assert right.url == "/"
    assert last(2) == [("SECOND_FACTOR_PASSED", "OK"), ("SIGNED_IN", "OK")]
    assert client.get("/account/").status_code == 200


def test_a_code_works_once(noor):
    secret = give_app(noor)
    code = code_of(secret)
    client, _answer = by_password()
    assert client.post("/account/second-factor/", {"code": code}).status_code == 302
    other, _answer = by_password()
    assert other.post("/account/second-factor/", {"code": code}).status_code == 200
    assert other.get("/account/").url.startswith("/sign-in/")


@pytest.mark.parametrize("later", [0, 29, 31, 59])
def test_a_code_works_once_for_as_long_as_it_counts(noor, time_machine, later):
    """The steps before and after the present one count too: a code of the next step counts for ninety seconds."""
    secret = give_app(noor)
    beginning = (int(time.time()) // 30 + 2) * 30
    time_machine.move_to(beginning, tick=False)
    code = code_of(secret, beginning + 30)
    client, _answer = by_password()
    assert client.post("/account/second-factor/", {"code": code}).status_code == 302
    time_machine.move_to(beginning + later, tick=False)
    other, _answer = by_password()
    answer = other.post("/account/second-factor/", {"code": code})
    assert answer.status_code == 200 and "used already" in answer.content.decode()
    assert last() == [("SECOND_FACTOR_FAILED", "FAILED")]
    assert other.get("/account/").url.startswith("/sign-in/")
    assert other.post("/account/second-factor/", {"code": code_of(secret, beginning + later - 30)}).status_code == 302


def test_the_code_that_set_up_an_app_signs_nobody_in(noor):
    client, _answer = by_password()
    code = code_of(client.get("/account/factors/app/").context["form"].secret)
    assert client.post("/account/factors/app/", {"code": code}).status_code == 302
    other, _answer = by_password()
    assert other.post("/account/second-factor/", {"code": code}).status_code == 200
    assert other.get("/account/").url.startswith("/sign-in/")


def test_a_session_from_before_the_second_factor_does_not_profit_from_it(noor):
    """Whoever stole the password first must not get in because the owner set up the factor elsewhere."""
    thief, _answer = by_password()
    give_app(noor)
    answer = thief.get("/account/")
    assert answer.status_code == 302
    assert answer.url.startswith("/account/confirm/")
    assert thief.get("/account/confirm/").url.startswith("/account/confirm/code/")
    assert thief.get("/account/factors/app/").status_code == 302


def test_a_recovery_code_works_once_and_is_noted(noor):
    give_app(noor)
    client = sign_in(noor)
    client.get("/account/factors/")
    answer = client.post("/account/factors/codes/new/")
    assert answer.url.startswith("/account/confirm/code/")
    secret_client, _answer = by_password()
    Authenticator.objects.filter(user=noor, type="recovery_codes").delete()
    session = client.session
    session["account_authentication_methods_user"] = str(noor.pk)
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "reauthenticated": True}]
    session.save()
    client.post("/account/factors/codes/new/")
    code = client.get("/account/factors/codes/").context["unused_codes"][0]
    assert secret_client.post("/account/second-factor/", {"code": code}).status_code == 302
    assert "RECOVERY_CODE_USED" in [verb for verb, _outcome in last(3)]
    again, _answer = by_password()
    assert again.post("/account/second-factor/", {"code": code}).status_code == 200


def test_the_last_second_factor_stays(noor):
    give_app(noor)
    client = sign_in(noor)
    session = client.session
    session["account_authentication_methods_user"] = str(noor.pk)
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "reauthenticated": True}]
    session.save()
    client.post("/account/factors/app/remove/")
    assert Authenticator.objects.filter(user=noor, type="totp").exists()


def test_removing_a_factor_asks_for_a_fresh_proof_first(noor):
    give_app(noor)
    client = sign_in(noor)
    answer = client.get("/account/factors/app/remove/")
    assert answer.url.startswith("/account/confirm/code/?next=")


def test_a_fresh_proof_by_a_code_is_recorded_and_grows_old(noor, time_machine):
    secret = give_app(noor)
    client = sign_in(noor)
    wrong = client.post("/account/confirm/code/?next=/account/factors/codes/new/", {"code": "000000"})
    assert wrong.status_code == 200
    assert last() == [("STEP_UP_FAILED", "FAILED")]
    answer = client.post("/account/confirm/code/?next=/account/factors/codes/new/", {"code": code_of(secret)})
    assert answer.url == "/account/factors/codes/new/"
    assert last() == [("STEP_UP_PASSED", "OK")]
    assert client.get("/account/factors/codes/new/").status_code == 200
    time_machine.move_to(clock.now() + timedelta(minutes=5, seconds=1), tick=False)
    assert client.get("/account/factors/codes/new/").url.startswith("/account/confirm/code/")


def test_the_picture_to_scan_is_drawn_for_this_session_and_kept_nowhere(noor):
    client, _answer = by_password()
    assert client.get("/account/factors/app/code.svg").status_code == 404
    page = client.get("/account/factors/app/")
    assert "data:" not in page.content.decode()
    picture = client.get("/account/factors/app/code.svg")
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert "no-store" in picture.headers["Cache-Control"]
    assert picture.content.startswith(b"<svg")


NONSENSE = ["", "[]", "5", '{"id": "x"}', '{"response": {"userHandle": "AAAA"}}', "{"]


@pytest.mark.parametrize("credential", NONSENSE)
def test_nonsense_for_a_passkey_signs_nobody_in(noor, credential):
    client = Client()
    client.get("/sign-in/")
    answer = client.post("/account/passkey/", {"credential": credential})
    assert answer.status_code == 302
    assert answer.url == "/sign-in/"
    assert "_auth_user_id" not in client.session


def test_signing_in_marks_only_the_person_who_showed_the_factor(noor, cast):
    client = sign_in(cast.amina)
    session = client.session
    session[SECOND_FACTOR_MARK] = str(noor.uid)
    session.save()
    assert client.get("/account/").url.startswith("/account/factors/")


@pytest.mark.parametrize("credential", NONSENSE)
def test_nonsense_for_a_passkey_confirms_and_unlocks_nothing(noor, credential):
    give_app(noor)
    pending, _answer = by_password()
    assert pending.post("/account/second-factor/", {"credential": credential}).status_code == 200
    assert last() == [("SECOND_FACTOR_FAILED", "FAILED")]
    client = sign_in(noor)
    client.post("/account/factors/passkeys/add/", {"credential": credential, "name": "x"})
    client.post("/lock/")
    assert client.post("/unlock/", {"credential": credential}).status_code == 200
    assert last() == [("UNLOCK_FAILED", "FAILED")]
    assert client.get("/account/").url.startswith("/unlock/")
