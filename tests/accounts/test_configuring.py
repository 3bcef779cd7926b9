"""What an administrator sets for the whole house: its name, its word for her, its languages. No case right comes with it."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from audit import clock
from audit.models import Event
from casemgmt.access.errors import Refused
from casemgmt.accounts import configured
from casemgmt.accounts.actions.configuring import set_up_house
from casemgmt.accounts.actions.people import change_preferences
from casemgmt.accounts.actions.teams import rename_team
from casemgmt.accounts.errors import NameTellsOfTheWork, NotConfigurable
from casemgmt.accounts.models import HouseSettings, Invitation
from casemgmt.interface import house
from tests import make
from tests.accounts.signing_in import sign_in
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("ledger")
CHOSEN = {
    "site_name": "Garden club", "her_word": "CLIENT", "languages": ["en", "ar"], "default_language": "en",
    "time_zone": "America/Chicago",
}  # fmt: skip


def chosen(cast: Cast, **changes: object) -> HouseSettings:
    return set_up_house(actor=cast.farid, now=clock.now(), **{**CHOSEN, **changes})


def test_the_administrator_sets_it_and_every_page_says_so_at_once(cast: Cast) -> None:
    farid, amina = sign_in(cast.farid), sign_in(cast.amina)
    assert "Garden club" not in amina.get(reverse("day")).text
    sent = farid.post(reverse("house-settings"), CHOSEN)
    assert (sent.status_code, sent.url) == (302, reverse("this-office"))
    row = HouseSettings.objects.get()
    # What is as shipped is kept as nothing, so that it follows a newer Haven.
    assert (row.site_name, row.default_language, row.changed_by) == ("Garden club", "", cast.farid)
    (told,) = Event.objects.filter(verb="CONFIGURATION_CHANGED")
    assert told.actor_uid == cast.farid.uid and told.case_uid is None
    assert told.detail.shown()["codes"] == {"setting": "site_name+her_word+languages+time_zone"}
    page = amina.get(reverse("day")).text
    assert "– Garden club</title>" in page and ">Haven<" not in page
    assert 'value="ar"' in page and 'value="fr"' not in page, "only the languages that are offered"
    assert "Garden club" in Client().get(reverse("sign-in")).text
    office = farid.get(reverse("this-office")).text
    assert "Client" in office and "America/Chicago" in office and cast.farid.name in office
    assert row.history.count() == 1


def test_the_word_for_her_stands_on_the_tab_and_the_heading_of_her_part(cast: Cast) -> None:
    case = make.case(cast.amina, cast.team_of("amina"))
    amina = sign_in(cast.amina)
    page = reverse("case-survivor", args=[case.uid])
    assert "Survivor – Haven" in amina.get(page).text
    chosen(cast, her_word="RESIDENT")
    shown = amina.get(page).text
    assert "<title>Resident – Garden club</title>" in " ".join(shown.split()).replace("> ", ">").replace(" <", "<")
    assert ">Resident</a>" in shown.replace("\n", "") and ">Survivor</a>" not in shown


def test_nothing_is_written_where_nothing_changed(cast: Cast) -> None:
    first = chosen(cast)
    again = chosen(cast)
    assert first == again and first.history.count() == 1
    assert Event.objects.filter(verb="CONFIGURATION_CHANGED").count() == 1
    changed = chosen(cast, site_name="Choir")
    assert changed.history.count() == 2
    assert chosen(cast, site_name=settings.SITE_NAME).site_name == ""
    assert configured.words().site_name == settings.SITE_NAME


@pytest.mark.parametrize("name", ["Survivors' desk", "Stop trafficking", "Women's shelter", "Contra la trata"])
def test_a_name_that_tells_a_bystander_is_refused_beside_its_field(cast: Cast, name: str) -> None:
    with pytest.raises(NameTellsOfTheWork):
        chosen(cast, site_name=name)
    page = sign_in(cast.farid).post(reverse("house-settings"), {**CHOSEN, "site_name": name})
    assert page.status_code == 422 and "bystander" in page.text
    assert not HouseSettings.objects.exists()


@pytest.mark.parametrize("wrong", [
    {"languages": []}, {"languages": ["xx"]}, {"default_language": "fr"}, {"her_word": "VICTIM"}, {"time_zone": "Moon/Sea"},
])  # fmt: skip
def test_what_no_form_offers_is_refused(cast: Cast, wrong: dict) -> None:
    with pytest.raises(NotConfigurable):
        chosen(cast, **wrong)
    assert sign_in(cast.farid).post(reverse("house-settings"), {**CHOSEN, **wrong}).status_code == 422


@pytest.mark.parametrize("name", ["amina", "bea", "kemi", "elif", "chidi", "dana", "hugo"])
def test_nobody_else_finds_these_pages(cast: Cast, name: str) -> None:
    person = getattr(cast, name)
    client = sign_in(person)
    for page in ("this-office", "house-settings"):
        assert client.get(reverse(page)).status_code == 404
    assert client.post(reverse("house-settings"), CHOSEN).status_code == 404
    assert "/this-office/" not in client.get(reverse("my-account")).text
    with pytest.raises(Refused):
        set_up_house(actor=person, now=clock.now(), **CHOSEN)  # type: ignore[arg-type]


def test_whoever_chose_a_language_that_is_not_offered_reads_the_usual_one(cast: Cast) -> None:
    change_preferences(actor=cast.amina, now=clock.now(), name=cast.amina.name, language="fr", time_zone="UTC")
    cast.amina.refresh_from_db()
    amina = sign_in(cast.amina)
    assert amina.get(reverse("my-account")).headers["Content-Language"] == "fr"
    chosen(cast)
    assert amina.get(reverse("my-account")).headers["Content-Language"] == "en"
    amina.post(reverse("language"), {"language": "fr", "next": "/"})
    assert settings.LANGUAGE_COOKIE_NAME not in amina.cookies
    chosen(cast, languages=["es", "ar"], default_language="ar")
    assert Client().get(reverse("sign-in")).headers["Content-Language"] == "ar"
    assert Client(headers={"accept-language": "es"}).get(reverse("sign-in")).headers["Content-Language"] == "es"


def test_new_accounts_begin_in_the_time_zone_of_the_house(cast: Cast) -> None:
    chosen(cast)
    facts = {
        "name": "New Person", "email": "new@example.org", "organisation": cast.farid.organisation_id, "language": "en",
    }  # fmt: skip
    assert sign_in(cast.farid).post(reverse("invite-person"), facts).status_code in (200, 302)
    assert Invitation.objects.select_related("user").latest("pk").user.time_zone == "America/Chicago"


def test_a_page_asks_for_it_once_and_then_remembers(cast: Cast, django_assert_num_queries) -> None:
    chosen(cast)
    with django_assert_num_queries(1):
        assert configured.words().site_name == "Garden club"
    with django_assert_num_queries(0):
        configured.words()
    assert house.words().site_name == "Garden club", "the shop window was told"


def test_another_process_follows_after_some_seconds(cast: Cast, settings, django_assert_num_queries) -> None:
    configured.words()
    settings.HAVEN_CONFIGURED_SECONDS = -1
    with django_assert_num_queries(1):
        configured.words()


def test_a_team_is_called_otherwise_and_keeps_what_decides_rights(cast: Cast) -> None:
    team = cast.team_of("amina")
    before = (team.discipline, team.programme)
    farid = sign_in(cast.farid)
    assert reverse("team-rename", args=[team.uid]) in farid.get(reverse("team-page", args=[team.uid])).text
    address = reverse("team-rename", args=[team.uid])
    other = team.organisation.teams.exclude(pk=team.pk).first()
    assert farid.post(address, {"name": other.name}).status_code == 422
    assert farid.post(address, {"name": "Riverside", "programme": "Another", "discipline": "LEGAL"}).status_code == 302
    team.refresh_from_db()
    assert team.name == "Riverside" and (team.discipline, team.programme) == before
    (told,) = Event.objects.filter(verb="TEAM_CHANGED")
    assert told.actor_uid == cast.farid.uid and "Riverside" not in str(told.detail.shown())
    assert sign_in(cast.bea).get(address).status_code == 404
    rename_team(actor=cast.farid, now=clock.now(), team=team, name="Riverside ")
    assert Event.objects.filter(verb="TEAM_CHANGED").count() == 1
