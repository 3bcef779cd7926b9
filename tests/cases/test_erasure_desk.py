"""The pages of the desk: asking, approving with a fresh proof, the private talk, stopping, the certificate."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from casemgmt.crypto import certificates
from cases import access
from cases.actions.erasing import erase_what_is_due
from cases.models import ErasureOrder
from tests import make
from tests.accounts.signing_in import code_of, give_app
from tests.cases.erasing import approve, ask, confirm, erase, no_waiting
from tests.services.test_release_and_matter import a_matter

pytestmark = pytest.mark.walks


def form_for(case, *classes, **changes):
    facts = {"number": case.number, "classes": classes, "ground": "HER_REQUEST", "reference": "R-17", "reason": "Quiet"}
    return {**facts, **changes}


def only_order():
    return access.for_the_house(ErasureOrder).get()


@pytest.mark.sql
def test_from_asking_to_the_certificate(cast, case, sign_in, settings):
    settings.ERASURE_COOLING_DAYS = 0
    kemi = sign_in(cast.kemi)
    assert "No order is under way" in kemi.get(reverse("erasure")).text
    asked = kemi.post(reverse("erasure-ask"), form_for(case, "ADVOCACY"))
    order = only_order()
    page = reverse("erasure-order", args=[order.uid])
    assert asked.status_code == 302 and asked.url == page
    shown = kemi.get(page).text
    assert "She asked for it" in shown and "R-17" in shown and case.number in shown and "Approve<" not in shown
    assert "Zoraida" not in shown and "Text on weekday mornings" not in shown
    url = reverse("erasure-approve", args=[order.uid])
    for person in (cast.omar, cast.bea):
        secret = give_app(person)
        client = sign_in(person)
        stopped = client.post(url)
        assert stopped.status_code == 303 and "/account/confirm/" in stopped.url, "a fresh proof is asked for first"
        assert only_order().state == "ASKED"
        client.post(stopped.url.replace("/confirm/", "/confirm/code/"), {"code": code_of(secret)})
        assert client.get(url).status_code == 200 and only_order().state == "ASKED"
        assert client.post(url).status_code == 302
    assert "Private talk not recorded" in kemi.get(reverse("erasure")).text
    amina = sign_in(cast.amina)
    on_case = amina.get(reverse("case-holds", args=[case.uid])).text
    assert "Record the private talk" in on_case and "Stop the erasure" in on_case
    talk = reverse("case-erasure-check", args=[case.uid, order.uid])
    assert amina.get(talk).status_code == 200
    assert amina.post(talk, {}).status_code == 422
    assert amina.post(talk, {"check": "UNREACHED"}).status_code == 422
    assert amina.post(talk, {"check": "FREE"}).status_code == 302
    with no_waiting():
        assert erase_what_is_due() == 1
    done = kemi.get(page).text
    assert "Certificate" in done and "no backup can bring it back" in done
    file = kemi.get(reverse("erasure-certificate", args=[order.uid]))
    assert file["Content-Disposition"].endswith(f'"certificate-{order.number}.json"')
    assert certificates.verify(json.loads(file.content), certificates.public_key())["order"] == order.number


def test_a_hold_is_said_on_the_form_and_recorded(cast, case, sign_in, events):
    a_matter(cast, case)
    answer = sign_in(cast.kemi).post(reverse("erasure-ask"), form_for(case, "ADVOCACY"))
    assert answer.status_code == 422 and "a legal matter is open" in answer.text
    [event] = events("ERASURE_REFUSED", case.uid)
    assert event.actor_uid == cast.kemi.uid and event.outcome == "REFUSED"
    assert event.detail.content["codes"]["hold"] == ["OPEN_MATTER"]


def test_wrong_forms_come_back(cast, case, sign_in):
    client = sign_in(cast.kemi)
    for wrong in (
        form_for(case),
        form_for(case, "ADVOCACY", ground=""),
        form_for(case, "ADVOCACY", reason=""),
        form_for(case, "ADVOCACY", number="HV-0000-0000"),
        form_for(case, "ADVOCACY", number=str(uuid4())),
        form_for(case, "CORE"),
    ):
        answer = client.post(reverse("erasure-ask"), wrong)
        assert answer.status_code == 422, wrong
    assert not access.for_the_house(ErasureOrder).exists()
    assert client.post(reverse("erasure")).status_code == 405


def test_the_case_found_by_link_or_uid_and_by_nobody_else(cast, case, sign_in):
    linked = sign_in(cast.bea).get(f"{reverse('erasure-ask')}?case={case.uid}").text
    assert case.number in linked
    assert case.number not in sign_in(cast.nadia).get(f"{reverse('erasure-ask')}?case={case.uid}").text
    assert sign_in(cast.nadia).post(reverse("erasure-ask"), form_for(case, "ADVOCACY")).status_code == 422
    assert sign_in(cast.bea).get(f"{reverse('erasure-ask')}?case=nonsense").status_code == 200
    answer = sign_in(cast.kemi).post(reverse("erasure-ask"), form_for(case, "ADVOCACY", number=str(case.uid)))
    assert answer.status_code == 302


def test_others_find_no_desk(cast, case, sign_in):
    order = ask(cast, case, "ADVOCACY")
    names = ("erasure-order", "erasure-approve", "erasure-check", "erasure-stop", "erasure-certificate")
    for person in (cast.amina, cast.dana, cast.elif_, cast.farid, cast.chidi, cast.luis):
        client = sign_in(person, is_fresh=True)
        assert client.get(reverse("erasure")).status_code == client.get(reverse("erasure-ask")).status_code == 404
        assert all(client.get(reverse(name, args=[order.uid])).status_code == 404 for name in names)
    nadia = sign_in(cast.nadia, is_fresh=True)
    assert order.number not in nadia.get(reverse("erasure")).text
    assert all(nadia.get(reverse(name, args=[order.uid])).status_code == 404 for name in names)
    on_case = [reverse(f"case-erasure-{what}", args=[case.uid, order.uid]) for what in ("check", "stop")]
    assert all(sign_in(cast.dana).get(url).status_code == 404 for url in on_case)


def test_an_order_of_another_case_is_not_reached_through_ones_own(cast, case, sign_in):
    other = make.case(cast.dana, cast.team_of("dana"))
    order = ask(cast, other, "ADVOCACY")
    client = sign_in(cast.amina)
    for what in ("check", "stop"):
        url = reverse(f"case-erasure-{what}", args=[case.uid, order.uid])
        assert client.get(url).status_code == 404
        assert client.post(url, {"check": "FREE", "reason": "x"}).status_code == 404


def test_stopping_from_the_case_and_from_the_desk(cast, case, sign_in):
    order = confirm(cast, approve(cast, ask(cast, case, "ADVOCACY")))
    client = sign_in(cast.amina)
    url = reverse("case-erasure-stop", args=[case.uid, order.uid])
    assert client.get(url).status_code == 200 and client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "She changed her mind"}).status_code == 302
    assert only_order().state == "STOPPED" and client.post(url, {"reason": "again"}).status_code == 422
    again = ask(cast, case, "ADVOCACY")
    kemi = sign_in(cast.kemi)
    assert "She changed her mind" in kemi.get(reverse("erasure-order", args=[order.uid])).text
    assert kemi.post(reverse("erasure-stop", args=[again.uid]), {"reason": "Mistake"}).status_code == 302


def test_the_words_of_an_order_die_with_the_class_that_seals_them(cast, case, sign_in, settings):
    settings.ERASURE_COOLING_DAYS = 0
    order = erase(cast, case, "LEGAL")
    page = sign_in(cast.kemi).get(reverse("erasure-order", args=[order.uid]))
    assert page.status_code == 200 and "The reason was erased with the case." in page.text
    assert "marmalade" not in page.text


def test_homes_and_navigation_lead_there(cast, sign_in):
    for person in (cast.kemi, cast.omar):
        client = sign_in(person)
        assert client.get(reverse("home")).url == reverse("desk")
        assert reverse("erasure") in client.get(reverse("desk")).text
        page = client.get(reverse("erasure")).text
        assert reverse("holds") in page
        # A director decides on what others ask.
        assert (reverse("erasure-ask") in page) == (person == cast.kemi)
        assert client.get(reverse("erasure-ask")).status_code == (200 if person == cast.kemi else 404)
    assert reverse("erasure") in sign_in(cast.bea).get(reverse("team")).text


@pytest.mark.sql
def test_a_form_sent_twice_asks_once(cast, case, sign_in):
    client = sign_in(cast.kemi)
    form = form_for(case, "ADVOCACY", form_key=str(uuid4()))
    for _time in range(2):
        assert client.post(reverse("erasure-ask"), form).status_code == 302
    assert access.for_the_house(ErasureOrder).count() == 1
