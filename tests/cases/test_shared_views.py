"""Views that a person shares with her team: codes only, named by what they filter; they open nothing."""

from uuid import uuid4

import pytest
from django.urls import reverse

from audit import clock
from audit.models import Event
from casemgmt.access.errors import Hidden
from cases import access
from cases.actions import views as acts
from cases.actions.views import share_view
from cases.models import SharedView
from tests import make
from tests.cast import Cast

CASES = reverse("cases")
SHARE = reverse("case-view-share")


@pytest.fixture
def team(cast: Cast):
    return cast.team_of("amina")


def share(cast, team, query="due=OVERDUE&alert=1", actor=None):
    return share_view(actor=actor or cast.amina, now=clock.now(), team_uid=team.uid, query=query)


def test_shared_with_the_team_and_with_nobody_else(cast, team, sign_in):
    mine = make.case(cast.amina, team)
    client = sign_in(cast.amina)
    page = client.get(f"{CASES}?mine=1&due=OVERDUE")
    assert "Share this view with your team" in page.text
    sent = {"team": str(team.uid), "query": "mine=1&due=OVERDUE&q=Zoraida&stage=NONSENSE", "form_key": str(uuid4())}
    for _ in range(2):
        answer = client.post(SHARE, sent)
        assert answer.status_code == 302 and answer.url == f"{CASES}?mine=1&due=OVERDUE"
    view = SharedView.objects.for_house().get()
    assert view.query == "mine=1&due=OVERDUE", "nothing but codes is kept"
    [event] = Event.objects.filter(verb="VIEW_SHARED")
    assert event.subject_uid == view.uid
    bea = sign_in(cast.bea)
    page = bea.get(f"{CASES}")
    assert "My cases · Overdue" in page.text and f"by {cast.amina.name}" in page.text
    assert "My cases · Overdue" not in sign_in(cast.dana).get(CASES).text
    # "My cases" are the reader's own: what is shared shows nobody a case.
    assert mine.number not in bea.get(f"{CASES}?mine=1&due=OVERDUE").text


def test_taken_back_by_whoever_shared_it_or_supervises(cast, team, sign_in):
    make.case(cast.amina, team)
    view = share(cast, team)
    end = reverse("case-view-unshare", args=[view.uid])
    dana = sign_in(cast.dana)
    assert dana.post(end).status_code == 404 == dana.post(reverse("case-view-unshare", args=[uuid4()])).status_code
    assert sign_in(cast.amina).get(end).status_code == 405 == sign_in(cast.amina).get(SHARE).status_code
    assert "Stop sharing this view" in sign_in(cast.amina).get(f"{CASES}?{view.query}").text
    assert sign_in(cast.bea).post(end).status_code == 302
    assert Event.objects.filter(verb="VIEW_UNSHARED", subject_uid=view.uid).count() == 1
    assert "Overdue · With an alert" not in sign_in(cast.amina).get(CASES).text
    other = share(cast, team, actor=cast.bea)
    assert other.uid != view.uid
    amina = sign_in(cast.amina)
    assert "Stop sharing this view" not in amina.get(f"{CASES}?{view.query}").text
    assert amina.post(reverse("case-view-unshare", args=[other.uid])).status_code == 404


def test_only_with_a_team_of_ones_own_and_twelve_at_most(cast, team, sign_in, monkeypatch):
    client = sign_in(cast.dana)
    page = client.post(SHARE, {"team": str(team.uid), "query": "due=OVERDUE"})
    assert page.status_code == 422 and not SharedView.objects.for_house().exists()
    with pytest.raises(Hidden):
        share(cast, team, actor=cast.dana)
    monkeypatch.setattr(acts, "MAX_VIEWS", 1)
    assert share(cast, team) == share(cast, team), "the same one is shared once"
    page = sign_in(cast.amina).post(SHARE, {"team": str(team.uid), "query": "mine=1"})
    assert page.status_code == 422 and "shares twelve views" in page.text
    assert access.for_the_house(SharedView).count() == 1
