"""Joint cases: linked on both sides under each case's keys, and known to those who hold both cards alone (domain.md §0b)."""

from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse

from audit import clock
from audit.models import Event
from casemgmt.access.errors import Hidden, Refused
from cases import access
from cases.actions.linking import end_link, link_cases, link_incident
from cases.actions.notes import add_note
from cases.errors.casework import CaseIsClosed
from cases.errors.linking import AlreadyLinked, NoCaseToLink
from cases.models import CaseLink, TimelineEntry
from tests import make
from tests.cases.stored import dump
from tests.cases.walling import wall

HIDDEN = (Hidden, Refused)


@pytest.fixture
def mother(cast):
    return make.case(cast.amina, cast.team_of("amina"))


@pytest.fixture
def child(cast):
    return make.case(cast.amina, cast.team_of("amina"), first_name="Junia", second_name="Fieldfarer")


def url(name, case, *more):
    return reverse(name, args=[case.uid, *more])


def link(actor, case, other, kind="MOTHER_AND_CHILD"):
    return link_cases(actor=actor, now=clock.now(), case_uid=case.uid, number=other.number, kind=kind)


def end(actor, case, row, reason="HER_WISH"):
    return end_link(actor=actor, now=clock.now(), case_uid=case.uid, link_uid=row.uid, reason=reason)


def shows(client, case, other):
    """Whether the overview of one case names the other, in any way."""
    page = client.get(url("case-overview", case))
    assert page.status_code == 200
    named = other.number in page.text
    assert named == (str(other.uid) in page.text) == ("linked-heading" in page.text)
    return named


def test_linked_by_a_form_once_and_shown_on_both_sides(cast, mother, child, sign_in, events):
    client = sign_in(cast.amina)
    assert not shows(client, mother, child)
    sent = {"number": child.number.lower(), "kind": "MOTHER_AND_CHILD", "form_key": str(uuid4())}
    for _again in range(2):
        assert client.post(url("case-links", mother), sent).status_code == 302
    rows = access.for_the_house(CaseLink)
    assert sorted(row.case_uid for row in rows) == sorted([mother.uid, child.uid])
    assert [event.case_uid for event in events("CASE_LINKED")] == [mother.uid, child.uid]
    for case, other in ((mother, child), (child, mother)):
        assert shows(client, case, other)
        assert "Mother and child" in client.get(url("case-overview", case)).text


def test_nothing_in_the_database_names_the_other_or_says_what_binds_them(cast, mother, child):
    link(cast.amina, mother, child)
    assert b"MOTHER_AND_CHILD" not in dump()
    with connection.cursor() as cursor:
        for model in (CaseLink, CaseLink.history.model):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")
            sides = [b"".join(str(value).replace("-", "").encode() for value in row) for row in cursor.fetchall()]
            assert len(sides) == 2
            for side in sides:
                assert (mother.uid.hex.encode() in side) != (child.uid.hex.encode() in side)


def test_whoever_holds_one_card_alone_never_learns_of_it(cast, mother, child, sign_in):
    make.colleague(mother, cast.bea, cast.gita, "CLINICAL")
    gita = sign_in(cast.gita)
    row, before = link(cast.amina, mother, child), access.for_the_house(TimelineEntry).count()
    assert not shows(gita, mother, child)
    assert "linked" not in gita.get(url("case-history", mother)).text
    make.colleague(child, cast.bea, cast.gita, "CLINICAL")
    assert shows(gita, mother, child)
    # She reads both and writes neither card: she neither links nor ends.
    assert gita.get(url("case-links", mother)).status_code == 403
    with pytest.raises(HIDDEN):
        end(cast.gita, mother, row)
    assert access.for_the_house(TimelineEntry).count() == before, "a line of the timeline would tell the others"


def test_a_wall_or_a_restriction_takes_every_trace_away(cast, mother, child, sign_in):
    row = link(cast.amina, mother, child)
    wall(child, cast.bea, person=cast.amina, reason="")
    client = sign_in(cast.amina)
    assert not shows(client, mother, child)
    for name in ("case-history", "case-timeline", "case-links"):
        page = client.get(url(name, mother))
        assert page.status_code == 200
        assert child.number not in page.text and str(child.uid) not in page.text
        assert "linked a case" not in page.text and "End the link" not in page.text
    assert client.get(url("case-link-end", mother, row.uid)).status_code == 404
    versions = reverse("case-record-versions", args=[mother.uid, row.uid])
    assert client.get(f"{versions}?kind=caselink").status_code == 404
    with pytest.raises(Hidden):
        end(cast.amina, mother, row)
    # Bea holds both still.
    assert shows(sign_in(cast.bea), mother, child)


def test_made_only_by_who_writes_both_and_a_number_tells_nothing(cast, mother, sign_in):
    foreign = make.case(cast.dana, cast.team_of("dana"))
    said = set()
    for number in (foreign.number, "HV-0000-0000", mother.number):
        with pytest.raises(NoCaseToLink) as refused:
            link_cases(actor=cast.amina, now=clock.now(), case_uid=mother.uid, number=number, kind="COUPLE")
        said.add(str(refused.value))
    assert len(said) == 1
    assert sign_in(cast.dana).get(url("case-links", mother)).status_code == 404
    assert not access.for_the_house(CaseLink).exists()


def test_not_twice_and_not_with_a_closed_case(cast, mother, child):
    link(cast.amina, mother, child)
    with pytest.raises(AlreadyLinked):
        link(cast.amina, child, mother)
    link(cast.amina, child, mother, "SAME_INCIDENT")
    over = make.closed(make.case(cast.amina, cast.team_of("amina")), cast.amina)
    with pytest.raises(NoCaseToLink):
        link(cast.amina, mother, over)
    with pytest.raises(CaseIsClosed):
        link(cast.amina, over, mother)


def test_ended_with_a_reason_on_both_sides_and_no_access_changes(cast, mother, child, sign_in, events):
    row = link(cast.amina, mother, child)
    client = sign_in(cast.amina)
    page = client.get(url("case-link-end", mother, row.uid))
    assert child.number in page.text
    assert client.post(url("case-link-end", mother, row.uid), {"form_key": str(uuid4())}).status_code == 422
    for _again in range(2):
        sent = {"reason": "HER_SAFETY", "form_key": "6f1c6a53-5f0e-4b53-8e0b-8a8b0a1d6d11"}
        assert client.post(url("case-link-end", mother, row.uid), sent).status_code == 302
    assert not shows(client, mother, child) and not shows(client, child, mother)
    ended = events("CASE_LINK_ENDED")
    assert sorted(event.case_uid for event in ended) == sorted([mother.uid, child.uid])
    assert not any("HER_SAFETY" in str(event.__dict__) for event in ended)
    link(cast.amina, mother, child)
    assert shows(client, mother, child)


def test_one_of_three_leaves_an_incident_and_two_stay(cast, mother, child, sign_in):
    third = make.case(cast.amina, cast.team_of("amina"), first_name="Mira")
    cases = [mother, child, third]
    assert link_incident(actor=cast.amina, now=clock.now(), case_uids=[case.uid for case in cases]) == 3
    client = sign_in(cast.amina)
    assert all(shows(client, one, other) for one in cases for other in cases if one is not other)
    end(cast.amina, child, access.for_the_house(CaseLink).get(case=child), "MISTAKE")
    assert not shows(client, child, mother) and not shows(client, child, third)
    assert shows(client, mother, third) and not_named(client, mother, child)
    end(cast.amina, third, access.for_the_house(CaseLink).get(case=third), "MISTAKE")
    assert not shows(client, mother, third)


def not_named(client, case, other):
    return other.number not in client.get(url("case-overview", case)).text


def test_nothing_of_a_child_s_case_shows_through_the_mother_s(cast, mother, child, sign_in):
    link(cast.amina, mother, child)
    add_note(
        actor=cast.amina,
        now=clock.now(),
        case_uid=child.uid,
        privilege_class="SERVICES_NOTE",
        body="quokka on Thursdays",
    )
    client = sign_in(cast.amina)
    for name in ("case-overview", "case-timeline", "case-links", "case-print", "case-history"):
        page = client.get(url(name, mother)).text
        assert "quokka" not in page and "Junia" not in page and "Fieldfarer" not in page, name
    assert not Event.objects.filter(verb="CASE_VIEWED", case_uid=child.uid).exists(), "the child's case was not opened"
