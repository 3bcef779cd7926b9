"""Where she stays: given by a flag to whoever must know it, who then also keeps it up to date. From the form to the page."""

from datetime import timedelta

import pytest
from django.urls import reverse

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section
from cases import access
from cases.actions.delegation import delegate_access
from cases.actions.survivor import change_location
from cases.choices.sharing import GrantKind
from tests import make
from tests.accounts.signing_in import sign_in
from tests.cases.stored import dump

PLACE = "With her aunt, above the Turquoise Bakery"


def give(client, case, person, **changes):
    """The form on the Sharing tab."""
    facts = {
        "kind": "ASSIGNMENT",
        "person": person.pk,
        "reason": "She drives her home.",
        "with_location": "on",
        **changes,
    }
    return client.post(reverse("access-new", args=[case.uid]), facts)


@pytest.fixture
def knows(cast, case):
    """Dana, to whom Bea gave it on the page of the Sharing tab."""
    assert give(sign_in(cast.bea), case, cast.dana).status_code == 302
    return cast.dana


def test_a_supervisor_gives_it_without_knowing_it_and_whoever_got_it_finds_the_page(cast, case, knows, events):
    with pytest.raises(Refused):
        change_location(actor=cast.bea, now=clock.now(), case_uid=case.uid, location=PLACE)
    client = sign_in(cast.dana)
    overview = client.get(reverse("case-overview", args=[case.uid])).text
    tab, edit = reverse("case-survivor", args=[case.uid]), reverse("case-location", args=[case.uid])
    assert tab in overview and edit in client.get(tab).text
    page = client.get(edit)
    key = str(page.context["form"]["form_key"].value())
    mark = str(page.context["form"]["mark"].value() or "")
    for _time in range(2):
        assert client.post(edit, {"location": PLACE, "form_key": key, "mark": mark}).status_code == 302
    assert PLACE in client.get(tab).text
    [event] = events("SURVIVOR_CHANGED", case.uid)
    assert event.section_codes == ["LOCATION"] and event.detail.content["fields"] == ["survivor.location"]
    assert b"Turquoise Bakery" not in dump()


def test_nobody_else_reads_or_writes_it(cast, case, knows):
    change_location(actor=cast.dana, now=clock.now(), case_uid=case.uid, location=PLACE)
    edit, tab = reverse("case-location", args=[case.uid]), reverse("case-survivor", args=[case.uid])
    make.colleague(case, cast.bea, cast.gita, GrantKind.CLINICAL)
    make.colleague(case, cast.bea, cast.luis, GrantKind.STAFF_COUNSEL)
    for person in (cast.amina, cast.bea, cast.gita, cast.luis):
        client = sign_in(person)
        assert client.get(edit).status_code == client.post(edit, {"location": "x"}).status_code == 403, person.name
        assert "Turquoise Bakery" not in client.get(tab).text and edit not in client.get(tab).text
    for person in (cast.nadia, cast.chidi, cast.farid, cast.elif_):
        assert sign_in(person).get(edit).status_code == 404, person.name


def test_the_flag_is_refused_with_a_sentence_where_it_may_not_be_given(cast, case):
    amina = give(sign_in(cast.amina), case, cast.dana)
    assert amina.status_code == 422 and "Only a supervisor, or somebody who knows where she stays" in amina.text
    clinical = give(sign_in(cast.bea), case, cast.gita, kind="CLINICAL")
    assert clinical.status_code == 422
    with pytest.raises(Hidden):
        access.get_for(cast.dana, case.uid)
    assert give(sign_in(cast.bea), case, cast.amina).status_code == 302
    assert give(sign_in(cast.amina), case, cast.dana).status_code == 302, "whoever knows it may let another know"


def test_whoever_holds_it_and_little_else_still_finds_the_tab(cast, case):
    """An access that was narrowed to the card and this part: the tab is drawn for every part that it shows."""
    from cases.actions.grants import give_access

    give_access(
        actor=cast.bea, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, person=cast.dana,
        with_location=True, sections=[Section.LOCATION],
    )  # fmt: skip
    holding = access.get_for(cast.dana, case.uid).holding
    assert holding.readable == [Section.CARD, Section.LOCATION] and holding.writes(Section.LOCATION)
    client, tab = sign_in(cast.dana), reverse("case-survivor", args=[case.uid])
    assert tab in client.get(reverse("case-overview", args=[case.uid])).text
    assert reverse("case-location", args=[case.uid]) in client.get(tab).text


def test_it_is_lent_with_the_rest_and_ends_with_it(cast, case, knows):
    make.colleague(case, cast.bea, cast.amina, GrantKind.ASSIGNMENT)
    delegate_access(
        actor=cast.dana, now=clock.now(), colleague=cast.amina, until=clock.now() + timedelta(days=3)
    )  # fmt: skip
    change_location(actor=cast.amina, now=clock.now(), case_uid=case.uid, location=PLACE)
    given = access.grants_with_grounds().get(case=case, person=cast.dana)
    sign_in(cast.bea).post(reverse("access-revoke", args=[case.uid, given.uid]))
    with pytest.raises(Refused):
        change_location(actor=cast.amina, now=clock.now(), case_uid=case.uid, location="")
    assert access.drift() == []
