"""The case page around its tabs: header, tabs and acts, assembled from what the reader holds."""

from datetime import timedelta

import pytest
from django.urls import reverse

from audit import clock
from cases.access import Viewer
from cases.models import AccessGrant, Matter, Release
from cases.views import shell
from tests import make


def page_of(case):
    return reverse("case-overview", args=[case.uid])


def test_tabs_follow_the_sections_one_holds(cast, case, clinician, sign_in):
    mine = {tab.key for tab in sign_in(cast.amina).get(page_of(case)).context["tabs"]}
    hers = {tab.key for tab in sign_in(clinician).get(page_of(case)).context["tabs"]}
    assert "overview" in mine & hers
    assert "legal" not in hers and "aftercare" not in hers
    assert hers < mine


def test_the_title_of_the_page_names_nobody(cast, case, sign_in):
    client = sign_in(cast.amina)
    page = client.post(reverse("case-name", args=[case.uid]))
    title = page.text.split("<title>")[1].split("</title>")[0]
    for value in (case.number, "Zoraida", page.context["header"]["alias"]):
        assert value not in title


def test_acts_are_offered_to_those_who_may(cast, case, clinician, sign_in):
    words = [str(words) for words, _url, _icon in sign_in(cast.amina).get(page_of(case)).context["case_acts"]]
    assert "Close case" in words and "Reopen case" not in words
    assert "Close case" not in [str(act[0]) for act in sign_in(clinician).get(page_of(case)).context["case_acts"]]
    make.closed(case, cast.amina)
    words = [str(words) for words, _url, _icon in sign_in(cast.amina).get(page_of(case)).context["case_acts"]]
    assert "Reopen case" in words and "Close case" not in words


def test_an_outsider_sees_no_name_of_the_house(cast, case):
    viewers = [
        Viewer(
            who="Shelter", grant=AccessGrant(kind="RESIDENCE"), sections=["CARD"], written=["CARD"], until=clock.now()
        )
    ]
    assert shell.visible_names(cast.hugo, case, viewers, "CARD") == [cast.hugo.name]
    assert shell.visible_names(cast.amina, case, viewers, "CARD") == ["Shelter"]


def test_a_matters_docket_is_read_by_whoever_holds_the_matter(cast, case):
    mine, other = Matter(case=case), Matter(case=case)
    chidi = Viewer(
        who="Chidi",
        grant=AccessGrant(kind="PRO_BONO", matter=mine),
        sections=["LEGAL_FILE"],
        written=["LEGAL_FILE"],
        until=clock.now(),
    )
    seen = {
        (section, matter and matter.uid == mine.uid): shell.visible_names(
            cast.amina, case, [chidi], section, matter and matter.uid
        )
        for section in ("LEGAL", "LEGAL_FILE", "ADVOCACY")
        for matter in (mine, other, None)
    }
    assert [key for key, names in seen.items() if names] == [("LEGAL", True), ("LEGAL_FILE", True)]


@pytest.mark.parametrize(
    ("left", "life", "state"), [(60, 90, "ok"), (20, 90, "warn"), (40, 365, "ok"), (29, 365, "warn")]
)
def test_the_ribbon_turns_amber_in_the_last_quarter(cast, case, sign_in, monkeypatch, left, life, state):
    now = clock.now()
    release = Release(case=case, starts_at=now - timedelta(days=life - left), expires_at=now + timedelta(days=left))

    class Rows:
        def __getattr__(self, _name):
            return lambda *args, **more: self

        def first(self):
            return release

    monkeypatch.setattr(shell.access, "records", lambda model, case: Rows())
    ribbon = shell.ribbon_of(case)
    assert (ribbon.days_left, ribbon.state) == (left, state)
