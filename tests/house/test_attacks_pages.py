"""What must hold for every page and every form, whoever asks: tokens, headers, marks in names, one event a reading."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from audit import clock
from audit.models import Event
from audit.verbs import DENIALS, READINGS, Outcome
from casemgmt.accounts.stepup import SECOND_FACTOR_MARK
from cases.actions.notes import add_note
from cases.models import Case, Matter
from tests import make
from tests.accounts.signing_in import BACKEND
from tests.cast import Cast
from tests.house.test_url_matrix import addresses
from tests.services.test_release_and_matter import a_matter

pytestmark = [
    pytest.mark.walks, pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger"),
]  # fmt: skip

#: Markup, a mark that turns the reading direction, Arabic with marks, an emoji, a formula.
NASTY = '<script>alert("x")</script>\u202eevil\u202c مُحَمَّد 🦋 =cmd|\' /C calc\'!A0 {{ 7|add:7 }} {% now "Y" %}'


@pytest.fixture
def case(cast: Cast) -> Case:
    case = make.case(
        cast.amina, cast.team_of("amina"), first_name=NASTY[:100], second_name=NASTY[:100], contact_rule=NASTY,
        statement=NASTY,
    )  # fmt: skip
    add_note(actor=cast.amina, now=clock.now(), case_uid=case.uid, privilege_class="SERVICES_NOTE", body=NASTY)
    return case


@pytest.fixture
def matter(cast: Cast, case: Case) -> Matter:
    return a_matter(cast, case, NASTY[:150])


def own_addresses(case: Case, matter: Matter) -> list[tuple[str, str]]:
    """(name, path) of everything with at most a uid: that of the case, of the matter, or none."""
    found = []
    for address in addresses():
        kind = address.rule.kind if address.rule else ""
        if address.name == "no-such-page" or kind == "public":
            continue
        if not address.parameters:
            found.append((address.name, reverse(address.name)))
        elif address.parameters == ("uid",):
            uid = {"guarded": case.uid, "guarded_matter": matter.uid}.get(kind, uuid4())
            found.append((address.name, reverse(address.name, args=[uid])))
    return found


def test_no_post_is_taken_without_its_token(cast: Cast, case: Case, matter: Matter) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.amina, backend=BACKEND)
    session = client.session
    session[SECOND_FACTOR_MARK] = str(cast.amina.uid)
    session.save()
    events = Event.objects.exclude(verb="PAGE_OPENED").count()
    for name, path in own_addresses(case, matter):
        assert client.post(path, {"form_key": str(uuid4())}).status_code == 403, name
    for address in addresses():
        if address.rule and address.rule.kind == "public" and not address.parameters and address.name != "healthz":
            assert client.post(reverse(address.name)).status_code in (403, 404), address.name
    assert Event.objects.exclude(verb="PAGE_OPENED").count() == events
    tried = Event.objects.filter(verb="PAGE_OPENED")  # that somebody tried is recorded, and that he was refused
    assert set(tried.values_list("outcome", "basis_kind")) == {("REFUSED", "")}


def test_every_page_of_a_signed_in_person_leaves_nothing_behind_and_runs_no_code(
    cast: Cast, case: Case, matter: Matter, sign_in
) -> None:
    for person in (cast.amina, cast.elif_, cast.farid):
        client = sign_in(person)
        for name, path in own_addresses(case, matter):
            response = client.get(path)
            assert "no-store" in response.headers.get("Cache-Control", ""), name
            policy = response.headers["Content-Security-Policy"]
            assert "unsafe" not in policy and "default-src 'none'" in policy, name
            assert response.headers["X-Frame-Options"] == "DENY", name
            assert response.headers["Referrer-Policy"] == "same-origin", name
            assert response.headers["X-Content-Type-Options"] == "nosniff", name
            text = "" if response.streaming else response.text
            assert not re.search(r"<script>alert|\son\w+=\"|<style[ >]|style=\"|javascript:", text), name
            title = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
            assert title is None or not _values_in(title[1], case), name
            if 300 <= response.status_code < 400:
                assert not _values_in(response.url, case), name


def _values_in(text: str, case: Case) -> list[str]:
    words = ("alert(", "evil", "Text on", "Zoraida", case.number, "محمد", "مُحَمَّد")
    return [word for word in words if word in text]


def test_each_reading_leaves_one_event_with_its_sections_and_ground(
    cast: Cast, case: Case, matter: Matter, sign_in
) -> None:
    """One for what was read, and one more only for the privileged part."""
    client = sign_in(cast.amina)
    for name, path in own_addresses(case, matter):
        before = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        response = client.get(path)
        if response.status_code != 200 or ("/cases/" not in path and "/matters/" not in path):
            continue
        told = [event for event in Event.objects.filter(pk__gt=before) if event.verb in READINGS]
        open_part = [event for event in told if not event.is_privileged]
        assert len(open_part) <= 1, name
        if _shows_the_case(response):
            assert len(open_part) == 1, name
            assert open_part[0].section_codes, name
            if path.startswith(("/cases/" + str(case.uid), "/matters/")):
                assert open_part[0].basis, name


def _shows_the_case(response: Any) -> bool:
    return (
        b"case-heading" in response.content or b"matter-heading" in response.content or b"pagehead" in response.content
    )


def test_a_denial_is_recorded_once_and_names_no_value(cast: Cast, case: Case, matter: Matter, sign_in) -> None:
    client = sign_in(cast.dana)
    for name, path in own_addresses(case, matter):
        if path.startswith("/account/"):
            continue  # a page of one's own account that is not there is no denial
        before = Event.objects.filter(verb__in=DENIALS).count()
        status = client.get(path).status_code
        denials = Event.objects.filter(verb__in=DENIALS).order_by("pk")
        assert denials.count() - before == (1 if status in (403, 404) else 0), (name, status)
        if status in (403, 404):
            last = denials.select_related("detail").last()
            assert last is not None and last.outcome == Outcome.REFUSED and last.actor_uid == cast.dana.uid
            assert str(case.uid) not in str(last.detail.shown().get("codes", {})), name


def test_one_forms_key_is_of_no_use_to_another_person_or_form(cast: Cast, case: Case, sign_in) -> None:
    key = str(uuid4())
    amina, bea = sign_in(cast.amina), sign_in(cast.bea)
    first = reverse("case-note-add", args=[case.uid])
    note = {"privilege_class": "SERVICES_NOTE", "body": "Once", "form_key": key}
    assert amina.post(first, note).status_code == 302
    assert amina.post(first, note).status_code == 302, "a repeat is quiet"
    goal = {"title": "Again", "area": "EDUCATION", "form_key": key}
    assert amina.post(reverse("goal-new", args=[case.uid]), goal).status_code == 403
    stage = {"stage": "LEGAL", "status": "ACTIVE", "form_key": key}
    assert bea.post(reverse("case-stage", args=[case.uid]), stage).status_code == 403
    assert Event.objects.filter(verb="NOTE_ADDED", case_uid=case.uid).count() == 2
    assert not Event.objects.filter(verb__in=["GOAL_SET", "CASE_CHANGED"], case_uid=case.uid).exists()
