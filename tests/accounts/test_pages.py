"""Homes, one's account, the administrator's pages, and the demo's doors."""

import pytest
from django.test import Client
from django.urls import reverse

from audit import clock
from audit.context import audit_context
from audit.models import Event
from casemgmt.accounts import urls
from casemgmt.accounts.actions import teams
from casemgmt.accounts.actions.roles import assign_role
from casemgmt.accounts.cast import CAST, create_cast
from casemgmt.accounts.choices import Role
from casemgmt.accounts.homes import HOMES, address_of, homes_of
from casemgmt.accounts.models import Membership, Organisation, Team, User
from tests.accounts.signing_in import sign_in

pytestmark = pytest.mark.walks

KEYS = [member.key for member in CAST]


def person(cast, key):
    """One of the cast by key (``elif`` is a word of Python)."""
    return getattr(cast, key)


# ---- Homes ----


def test_every_role_has_a_home():
    assert {role for role, _name in HOMES} == set(Role)


@pytest.mark.parametrize("key", KEYS)
def test_everybody_of_the_cast_lands_on_a_page(cast, key):
    client = sign_in(person(cast, key))
    answer = client.get("/")
    assert answer.status_code == 302
    page = client.get(answer.url)
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]


def test_a_home_that_is_not_built_leads_to_ones_account():
    assert address_of("a-room-of-the-future") == "/account/"


def test_several_roles_have_a_fixed_order_and_a_switch(cast):
    assign_role(actor=cast.farid, now=clock.now(), user=cast.amina, role=Role.SUPERVISOR)
    amina = cast.amina
    assert amina.home_role == Role.SUPERVISOR
    assert [label for label, _url in homes_of(amina)] == ["Supervisor", "Caseworker"]
    client = sign_in(amina)
    assert client.get("/").url == homes_of(amina)[0][1]
    page = client.get("/account/").content.decode()
    for _label, url in homes_of(amina):
        assert f'href="{url}"' in page


# ---- One's account ----


def test_preferences_are_saved_and_spoken(cast):
    client = sign_in(cast.amina)
    wrong = client.post("/account/", {"name": "Amina", "language": "tlh", "time_zone": "Mars/Olympus"})
    assert set(wrong.context["form"].errors) == {"language", "time_zone"}
    client.post("/account/", {"name": "Amina R.", "language": "ar", "time_zone": "Africa/Lagos"})
    page = client.get("/account/")
    assert 'lang="ar" dir="rtl"' in page.content.decode()
    assert page.headers["Content-Language"] == "ar"
    event = Event.objects.order_by("-id")[0]
    assert event.verb == "PREFERENCES_CHANGED"
    assert (cast.amina.name, cast.amina.time_zone) == ("Amina R.", "Africa/Lagos")


def test_a_language_chosen_on_this_device_goes_first(cast):
    client = sign_in(cast.amina)
    client.cookies["django_language"] = "fr"
    assert client.get("/account/").headers["Content-Language"] == "fr"
    assert Client(headers={"Accept-Language": "es"}).get("/sign-in/").headers["Content-Language"] == "es"


@pytest.mark.sql
def test_a_supervisor_answers_whoever_waits(cast):
    team = cast.team_of("amina")
    teams.mark_team_holding(team)
    waiting = teams.add_member(actor=cast.farid, now=clock.now(), team=team, user=cast.kemi)
    address = reverse("answer-membership", args=[waiting.uid])
    for stranger in (cast.dana, cast.nadia, cast.kemi, cast.amina):
        assert sign_in(stranger).post(address, {"answer": "accept"}).status_code == 404
    client = sign_in(cast.bea)
    assert cast.kemi.name in client.get("/account/").content.decode()
    assert client.post(address, {"answer": "accept"}).url == "/account/"
    assert cast.kemi.team_group_ids() == [team.group_id]
    assert client.post(address, {"answer": "decline"}).status_code == 404


# ---- The administrator's pages ----


def addresses_of_people(cast):
    """Every address below /people/."""
    amina = cast.amina
    membership = Membership.objects.get(user=amina)
    role = amina.role_assignments.get()
    known = {"uid": amina.uid, "membership_uid": membership.uid, "role_uid": role.uid}
    for pattern in urls.urlpatterns:
        if str(pattern.pattern).startswith("people/"):
            wanted = {name: known[name] for name in pattern.pattern.converters}
            if pattern.name == "team-page":
                wanted = {"uid": membership.team.uid}
            yield reverse(pattern.name, kwargs=wanted)


@pytest.mark.parametrize("key", [key for key in KEYS if key != "farid"])
def test_the_administrators_pages_do_not_exist_for_anybody_else(cast, key):
    client = sign_in(person(cast, key))
    addresses = list(addresses_of_people(cast))
    assert len(addresses) >= 10
    for address in addresses:
        assert client.get(address).status_code == 404, address
        assert client.post(address).status_code == 404, address


def test_a_stranger_is_sent_to_sign_in_from_everywhere(cast):
    for address in [*addresses_of_people(cast), "/", "/account/", "/lock/", "/unlock/", "/account/factors/", "/xyz/"]:
        answer = Client().get(address)
        assert answer.status_code == 302, address
        assert answer.url.startswith("/sign-in/"), address


def test_the_list_of_people_costs_the_same_however_many_there_are(cast, django_assert_max_num_queries):
    client = sign_in(cast.farid)
    client.get("/people/")
    # Two write the line that every page leaves; on PostgreSQL four more than on SQLite: the session in which a page is read.
    with django_assert_max_num_queries(19) as few:
        client.get("/people/")
    house = Organisation.objects.get(is_ours=True)
    for number in range(5):
        User.objects.create(
            email=f"n{number}@example.org", name=f"N {number}", organisation=house, created_at=clock.now()
        )
    with django_assert_max_num_queries(len(few)):
        page = client.get("/people/")
    assert page.content.decode().count("@example.org") >= len(CAST) + 5


def test_the_administrator_invites_gives_a_role_and_proposes_a_team(
    cast, mailoutbox, django_capture_on_commit_callbacks
):
    client = sign_in(cast.farid)
    house = Organisation.objects.get(is_ours=True)
    form = {
        "name": "Noor Test",
        "email": "Noor@example.org",
        "organisation": house.pk,
        "roles": ["CASEWORKER"],
        "language": "en",
    }
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/people/invite/", form).url == "/people/"
    assert len(mailoutbox) == 1
    noor = User.objects.get(email="noor@example.org")
    again = client.post("/people/invite/", form)
    assert again.status_code == 200
    assert "already has an account" in again.content.decode()
    assert client.post(f"/people/{noor.uid}/roles/", {"role": "SUPERVISOR"}).status_code == 302
    refused = client.post(f"/people/{noor.uid}/roles/", {"role": "INTERNAL_AUDITOR"})
    assert refused.status_code == 422
    assert "cannot belong to one person" in refused.content.decode()
    south = Team.objects.get(name="South casework")
    assert client.post(f"/people/{noor.uid}/memberships/", {"team": south.pk}).status_code == 302
    assert noor.roles_now() == {"CASEWORKER", "SUPERVISOR"}
    assert Membership.objects.get(user=noor).team == south


@pytest.mark.sql
def test_a_double_click_makes_one_team(cast):
    client = sign_in(cast.farid)
    house = Organisation.objects.get(is_ours=True)
    key = client.get("/people/teams/new/").context["form"]["form_key"].initial
    form = {
        "name": "Twice",
        "organisation": house.pk,
        "discipline": "LEGAL",
        "form_key": "c0ffee00-0000-4000-8000-000000000001",
    }
    assert key
    for _click in range(2):
        assert client.post("/people/teams/new/", form).url == "/people/"
    assert Team.objects.filter(name="Twice").count() == 1
    assert Event.objects.filter(verb="TEAM_ADDED", subject_uid=Team.objects.get(name="Twice").uid).count() == 1


def test_a_team_with_members_is_not_closed(cast):
    client = sign_in(cast.farid)
    team = cast.team_of("gita")
    client.post(f"/people/teams/{team.uid}/")
    assert Team.objects.get(pk=team.pk).closed_at is None
    client.post(f"/people/{cast.gita.uid}/memberships/{Membership.objects.get(user=cast.gita).uid}/end/")
    client.post(f"/people/teams/{team.uid}/")
    assert Team.objects.get(pk=team.pk).closed_at is not None


# ---- The cast and the demo ----


def test_the_cast_is_made_once(cast):
    events, people = Event.objects.count(), User.objects.count()
    with audit_context("test", "again"):
        create_cast(clock.now())
    assert (Event.objects.count(), User.objects.count()) == (events, people)
    assert people == len(CAST)
    assert cast.bea.supervises(cast.team_of("amina"))
    assert not cast.bea.supervises(cast.team_of("dana"))
    assert cast.farid.team_group_ids() == []


@pytest.mark.parametrize("address", ["/demo/", "/demo/sign-in/"])
def test_outside_the_demo_its_doors_do_not_exist(cast, settings, address):
    assert settings.HAVEN_DEMO is False
    assert Client().get(address).status_code == 404
    assert Client().post(address, {"person": "amina"}).status_code == 404
    assert not Event.objects.filter(verb="DEMO_SIGN_IN").exists()


@pytest.fixture
def demo(cast, settings):
    """The demo, reached from this machine by its name."""
    settings.HAVEN_DEMO = True
    return Client(headers={"Host": "localhost:8000"}, REMOTE_ADDR="127.0.0.1", enforce_csrf_checks=True)


def test_the_demo_signs_in_by_a_button_with_the_pages_token(demo, cast):
    assert demo.post("/demo/sign-in/", {"person": "amina"}).status_code == 403
    page = demo.get("/demo/").content.decode()
    for member in CAST:
        assert f'name="person" value="{member.key}"' in page
    token = demo.cookies["haven_csrf"].value
    answer = demo.post("/demo/sign-in/", {"person": "amina", "csrfmiddlewaretoken": token})
    assert answer.url == "/"
    assert demo.get("/account/").status_code == 200
    assert Event.objects.order_by("-id")[0].verb == "DEMO_SIGN_IN"


@pytest.mark.parametrize(
    "odd",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"headers": {"Host": "haven.example.org"}},
        {"headers": {"Host": "localhost", "X-Forwarded-For": "192.0.2.7"}},
        {"headers": {"Host": "localhost", "Forwarded": "for=192.0.2.7"}},
        {"headers": {"Host": "localhost", "Via": "1.1 proxy"}},
    ],
)
def test_the_demo_is_shut_to_whoever_is_not_at_this_machine(cast, settings, odd):
    settings.HAVEN_DEMO = True
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(**{"headers": {"Host": "localhost"}, **odd})
    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/sign-in/", {"person": "amina"}).status_code == 404


def test_the_demo_knows_only_its_cast(cast, settings):
    settings.HAVEN_DEMO = True
    client = Client(headers={"Host": "localhost"})
    assert client.post("/demo/sign-in/", {"person": "mallory"}).status_code == 404
    assert client.post("/demo/sign-in/", {}).status_code == 404


def test_in_the_demo_a_button_confirms_and_unlocks(cast, settings):
    settings.HAVEN_DEMO = True
    client = Client(headers={"Host": "localhost"})
    client.post("/demo/sign-in/", {"person": "amina"})
    page = client.get("/account/confirm/demo/?next=/account/pin/")
    assert "Confirm as Amina (demo)" in page.content.decode()
    assert client.post("/account/confirm/demo/?next=/account/pin/").url == "/account/pin/"
    assert Event.objects.order_by("-id")[0].verb == "STEP_UP_PASSED"
    client.post("/lock/")
    assert client.get("/account/").url.startswith("/unlock/")
    assert "Unlock as Amina (demo)" in client.get("/unlock/").content.decode()
    assert client.post("/unlock/", {"demo": "1"}).url == "/"
    assert client.get("/account/").status_code == 200


def test_a_demo_session_is_worth_nothing_once_the_demo_is_off(cast, settings):
    settings.HAVEN_DEMO = True
    client = Client(headers={"Host": "localhost"})
    client.post("/demo/sign-in/", {"person": "amina"})
    settings.HAVEN_DEMO = False
    assert client.get("/account/").url.startswith("/account/factors/")
    assert client.get("/account/confirm/demo/").status_code in (302, 404)


def test_somebody_who_signed_in_in_life_has_no_demo_button(cast, settings):
    settings.HAVEN_DEMO = True
    client = sign_in(cast.amina)
    assert client.get("/account/confirm/demo/").status_code == 404
    client.post("/lock/")
    assert client.post("/unlock/", {"demo": "1"}).status_code == 200
    assert client.get("/account/").url.startswith("/unlock/")


# ---- House rules ----


def test_every_view_of_the_reception_carries_a_rule():
    without = [pattern.name for pattern in urls.urlpatterns if not hasattr(pattern.callback, "access_rule")]
    assert without == []


def test_only_these_pages_are_public():
    public = {pattern.name for pattern in urls.urlpatterns if pattern.callback.access_rule.kind == "public"}
    assert public == {
        "account_login",
        "sign-in",
        "account_logout",
        "sign-out",
        "mfa_authenticate",
        "mfa_login_webauthn",
        "accept-invitation",
        "demo",
        "demo-sign-in",
    }


@pytest.mark.parametrize("path", ["/sign-in/", "/account/", "/people/", "/account/factors/", "/account/pin/"])
def test_pages_carry_no_inline_script_or_style(cast, path):
    page = sign_in(cast.farid).get(path) if path != "/sign-in/" else Client().get(path)
    text = page.content.decode()
    assert page.status_code == 200
    assert " style=" not in text
    assert "<style" not in text
    assert "onclick" not in text
    for start in text.split("<script")[1:]:
        assert "src=" in start.split(">")[0] or 'type="application/json"' in start.split(">")[0]
