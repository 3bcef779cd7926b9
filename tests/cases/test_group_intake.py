"""Several people of one incident: a line each, a case each, linked to each other; once, however often it is sent."""

from unittest import mock
from uuid import uuid4

import pytest
from django.urls import reverse

from audit import clock
from cases import access, opening
from cases.actions.declarations import declare
from cases.answers import AGE_DISPUTED
from cases.choices.casework import CaseStatus
from cases.models import Case, CaseLink, Draft
from cases.views import group_intake as views

URL = "intake-group-form"


def sent(*people, lines=10, day="2026-03-02", team):
    """The page as a browser sends it: every line with a key of its own."""
    fields = {"opened_on": day, "team": str(team.uid), "form_key": str(uuid4()), "lines": str(lines)}
    for number in range(1, lines + 1):
        facts = people[number - 1] if number <= len(people) else {}
        fields |= {f"p{number}-{name}": value for name, value in facts.items()} | {f"p{number}-form_key": str(uuid4())}
    return fields


@pytest.fixture
def team(cast):
    return cast.team_of("amina")


@pytest.fixture
def address():
    return reverse(URL, args=[uuid4()])


RAID = (
    {"language": "en", "first_name": "Finchella", "second_name": "Larkwing", "minor": "YES"},
    {},
    {"language": "es", "minor": "UNKNOWN"},
    {"language": "uk", "minor": "NO"},
)


def cases_of(person):
    return list(access.visible(Case, person).order_by("pk"))


def test_each_line_is_a_case_of_its_own_and_all_are_linked(cast, team, address, sign_in, events):
    client = sign_in(cast.amina)
    page = client.post(address, sent(*RAID, team=team))
    assert page.status_code == 200
    cases = cases_of(cast.amina)
    assert len(cases) == 3 and all(reverse("case-overview", args=[case.uid]) in page.text for case in cases)
    assert "Larkwing" not in page.text
    for case in cases:
        held = access.get_for(cast.amina, case.uid)
        with opening.open_case(cast.amina, held):
            assert held.safe_contact == "Do not contact." and held.status == CaseStatus.ACTIVE
            assert held.consent.state == "PENDING"
            doubt = {cases[0].pk: None, cases[1].pk: "UNKNOWN", cases[2].pk: "NO"}[case.pk]
            assert (held.survivor.about or {}).get(AGE_DISPUTED) == doubt
            assert (held.alerts == ["MINOR"]) == (case == cases[0])
        shown = client.get(reverse("case-overview", args=[case.uid])).text
        assert [other.number in shown for other in cases] == [True] * 3
    assert access.for_the_house(CaseLink).count() == 3
    assert len(events("INTAKE_DONE")) == 3 and len(events("CASE_LINKED")) == 3 and len(events("INTAKE_GROUPED")) == 1
    assert not access.own(Draft, cast.amina).exists()


def test_sent_again_it_finds_the_same_cases(cast, team, address, sign_in):
    client, fields = sign_in(cast.amina), sent(*RAID, team=team)
    first, second = client.post(address, fields), client.post(address, fields)
    assert second.status_code == 200
    for case in cases_of(cast.amina):
        assert case.number in first.text and case.number in second.text
    assert len(cases_of(cast.amina)) == 3 and access.for_the_house(CaseLink).count() == 3


def test_what_broke_in_the_middle_goes_on_where_it_was(cast, team, address, sign_in):
    client, fields, really, done = sign_in(cast.amina), sent(*RAID, team=team), views.finish_intake, []

    def breaks(**arguments):
        if len(done) == 2:
            raise OSError("no room")
        done.append(1)
        return really(**arguments)

    client.raise_request_exception = False
    with mock.patch.object(views, "finish_intake", breaks):
        assert client.post(address, fields).status_code == 500
    assert len(cases_of(cast.amina)) == 2
    # Nothing typed is lost, and what is opened anew carries the keys of before.
    again = client.get(address).text
    assert "Larkwing" in again and fields["p1-form_key"] in again
    assert client.post(address, fields).status_code == 200
    assert len(cases_of(cast.amina)) == 3 and access.for_the_house(CaseLink).count() == 3


def test_an_error_stands_beside_its_line_and_nothing_is_opened(cast, team, address, sign_in):
    client = sign_in(cast.amina)
    page = client.post(address, sent({"language": "en"}, {"first_name": "Wrenka"}, team=team))
    assert page.status_code == 422 and "Wrenka" in page.text
    assert 'id="id_p2-language_error"' in page.text and 'id="id_p1-language_error"' not in page.text
    assert not cases_of(cast.amina)
    assert client.post(address, sent(team=team)).status_code == 422


def test_more_lines_keep_what_was_typed(cast, team, address, sign_in):
    client = sign_in(cast.amina)
    page = client.post(address, {**sent({"first_name": "Wrenka"}, team=team), "more": "1"})
    assert page.status_code == 200 and "Wrenka" in page.text and "p20-language" in page.text
    assert 'name="more"' not in page.text and "p21-language" not in page.text
    assert not cases_of(cast.amina)
    people = [{"language": "en"}] * 20
    assert client.post(address, sent(*people, lines=20, team=team)).status_code == 200
    assert len(cases_of(cast.amina)) == 20 and access.for_the_house(CaseLink).count() == 20


def test_only_for_those_who_may_open_cases_and_in_their_own_teams(cast, team, address, sign_in):
    assert sign_in(cast.gita).get(address).status_code == 404
    begun = sign_in(cast.amina).get(reverse("intake-group"))
    assert begun.status_code == 302 and "/intake/group/" in begun.headers["Location"]
    page = sign_in(cast.amina).post(address, sent({"language": "en"}, team=cast.team_of("dana")))
    assert page.status_code == 422 and not cases_of(cast.amina)


def test_whom_she_knows_is_opened_and_linked_to_nothing(cast, team, address, sign_in):
    declare(actor=cast.amina, now=clock.now(), first_name="Finchella", family_name="Larkwing")
    page = sign_in(cast.amina).post(address, sent(*RAID, team=team))
    assert "A colleague goes on with it" in page.text
    hidden = access.for_the_house(Case).exclude(pk__in=[case.pk for case in cases_of(cast.amina)]).get()
    assert hidden.number not in page.text and len(cases_of(cast.amina)) == 2
    assert sorted(row.case_id for row in access.for_the_house(CaseLink)) == [case.pk for case in cases_of(cast.amina)]
