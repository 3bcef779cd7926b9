"""The first tab of a case."""

import pytest
from django.urls import reverse

from audit.models import Event
from tests import make


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


def test_its_caseworker_sees_alias_and_timeline(cast, case, sign_in):
    page = sign_in(cast.amina).get(reverse("case-overview", args=[case.uid]))
    assert page.status_code == 200
    assert case.number in page.text
    assert "Case opened" in page.text
    assert "Zoraida" not in page.text


def test_a_stranger_is_told_that_there_is_no_such_page(cast, case, sign_in):
    assert sign_in(cast.dana).get(reverse("case-overview", args=[case.uid])).status_code == 404


def test_the_name_shows_on_one_page_only_and_is_recorded(cast, case, sign_in):
    client = sign_in(cast.amina)
    page = client.post(reverse("case-name", args=[case.uid]))
    assert "Zoraida Quillfeather" in page.text
    event = Event.objects.get(verb="NAME_SHOWN")
    assert event.actor_uid == cast.amina.uid and event.basis["kind"] == "ASSIGNMENT"
    assert "Zoraida" not in client.get(reverse("case-overview", args=[case.uid])).text
