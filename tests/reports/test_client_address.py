"""Opening a client address: the privacy officer alone, a reason, a fresh proof, shown once."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from audit import pseudonyms
from audit.models import ClientAddress, Event, Hint
from audit.verbs import Verb
from tests import make

pytestmark = [pytest.mark.sql, pytest.mark.django_db(databases=["default", "keystore"])]

PAGE = "/reports/client-address/"
REASON = "Somebody tried passwords from there all night."
ADDRESS = "203.0.113.77"


@pytest.fixture
def seen(cast, sign_in, settings) -> str:
    """The ledger's name of an address from which Amina worked."""
    settings.ADDRESS_KEPT_DAYS = 30
    sign_in(cast.amina, REMOTE_ADDR=ADDRESS).get(reverse("day"))
    name = pseudonyms.of_address(ADDRESS)
    assert ClientAddress.objects.filter(name=name).exists()
    return name


def ask(client, asked, **given):
    return client.post(PAGE, {"name": asked, "reason": REASON, "form_key": uuid.uuid4()} | given)


def test_shown_once_and_recorded(cast, seen, sign_in) -> None:
    kemi = sign_in(cast.kemi, is_fresh=True)
    form = kemi.get(f"{PAGE}?name={seen}")
    assert f'value="{seen}"' in form.text and ADDRESS not in form.text
    key = uuid.uuid4()
    shown = ask(kemi, seen.lower(), form_key=key)
    assert shown.status_code == 200 and ADDRESS in shown.text and "Shown once" in shown.text
    assert shown["Cache-Control"] == "no-store"
    [event] = Event.objects.filter(verb=Verb.LEDGER_READ, actor_uid=cast.kemi.uid)
    told = event.detail.shown()
    assert told["reason"] == REASON and told["codes"] == {"page": "ADDRESS", "result": seen}
    assert event.outcome == "OK" and ADDRESS not in str(told)
    again = ask(kemi, seen, form_key=key)  # a reload
    assert again.status_code == 422 and ADDRESS not in again.text and "shown already, once" in again.text
    assert Event.objects.filter(verb=Verb.LEDGER_READ, actor_uid=cast.kemi.uid).count() == 1


def test_what_is_not_kept_any_more_is_said_kindly(cast, seen, sign_in) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        answer = ask(sign_in(cast.kemi, is_fresh=True), seen)
    assert answer.status_code == 200 and "Not kept any more" in answer.text and ADDRESS not in answer.text
    event = Event.objects.get(verb=Verb.LEDGER_READ, actor_uid=cast.kemi.uid)
    assert event.outcome == "FAILED" and event.detail.shown()["reason"] == REASON
    never = ask(sign_in(cast.kemi, is_fresh=True), "A-0000-0000")
    assert "Not kept any more" in never.text


def test_a_fresh_proof_comes_first(cast, seen, sign_in) -> None:
    kemi = sign_in(cast.kemi)
    assert kemi.get(PAGE).status_code == 302 and ask(kemi, seen).status_code == 303
    assert not Event.objects.filter(verb=Verb.LEDGER_READ, actor_uid=cast.kemi.uid).exists()


def test_bad_input_is_told_and_opens_nothing(cast, seen, sign_in) -> None:
    kemi = sign_in(cast.kemi, is_fresh=True)
    for given, words in (
        ({"name": ADDRESS}, "look like A-7Q4K-29MX"), ({"name": ""}, "This field is required"),
        ({"reason": "because"}, "Write a sentence"), ({"reason": ""}, ""),
    ):  # fmt: skip
        answer = ask(kemi, seen, **given)
        assert answer.status_code == 422 and words in answer.text and "Shown once" not in answer.text
    assert not Event.objects.filter(verb=Verb.LEDGER_READ, actor_uid=cast.kemi.uid).exists()


def test_nobody_else_finds_it(cast, seen, sign_in) -> None:
    for person in (cast.amina, cast.bea, cast.elif_, cast.farid, cast.omar, cast.chidi, cast.hugo):
        client = sign_in(person, is_fresh=True)
        assert client.get(PAGE).status_code == 404 and ask(client, seen).status_code == 404, person


def test_the_way_there(cast, seen, sign_in) -> None:
    """From her desk, and from a hint that she reviews: there stands the name of each act's address."""
    kemi = sign_in(cast.kemi)
    assert PAGE in kemi.get(reverse("desk")).text
    case = make.case(cast.amina, cast.team_of("amina"))
    client = sign_in(cast.amina, REMOTE_ADDR=ADDRESS)
    client.get(reverse("case-overview", args=[case.uid]))
    event = Event.objects.filter(case_uid=case.uid, verb=Verb.CASE_VIEWED).latest("pk")
    hint = Hint.objects.create(
        key="x", rule="CLOSED_CASE", person_uid=cast.amina.uid, case_uid=case.uid, day=event.at.date(), found=1,
        baseline={"closed_on": "2026-01-02"}, evidence=[str(event.uid)], found_at=event.at,
    )  # fmt: skip
    page = kemi.get(reverse("audit-hint", args=[hint.uid])).text
    assert f"{PAGE}?name={seen}" in page and ADDRESS not in page
    auditors = sign_in(cast.elif_).get(reverse("audit-hint", args=[hint.uid])).text
    assert seen in auditors and PAGE not in auditors
