"""The pages of two files of one person: side by side, joined once, taken back once, and nothing for anybody else (R23)."""

from uuid import uuid4

import pytest
from django.urls import reverse

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.accounts.actions.roles import assign_role
from casemgmt.accounts.choices import Role
from cases import access
from cases.actions.walls import lift_wall, place_wall, restrict_case
from cases.models import CaseMerge
from tests import make
from tests.cases.merging_scene import fresh, join, undo

pytestmark = pytest.mark.sql


def test_side_by_side_field_by_field_and_each_file_has_its_event(cast, case, twin, match, amina, sign_in, events):
    page = sign_in(amina).get(reverse("match-compare", args=[match.uid])).text
    for words in (case.number, twin.number, "Zoráida", "Quillfeather", "Alike", "Different"):
        assert words in page, words
    seen = {event.case_uid: event for event in events("CASE_VIEWED")[-2:]}
    assert set(seen) == {case.uid, twin.uid}
    for event in seen.values():
        assert {"survivor.first_name", "survivor.birth_date", "contact.value"} <= set(event.detail.content["fields"])
        assert "survivor.location" not in event.detail.content["fields"]


def test_a_part_that_is_not_hers_is_shut_and_neither_side_is_read(cast, case, match, sign_in, events):
    for one in (case, match.case):
        make.colleague(one, cast.bea, cast.gita, "CLINICAL")
    assign_role(actor=cast.farid, now=clock.now(), user=cast.gita, role=Role.INTAKE_COORDINATOR)
    page = sign_in(cast.gita).get(reverse("match-compare", args=[match.uid])).text
    assert "Not yours to see" in page and "Zoráida" in page
    assert "you need to be able to write on both" in page and "join the files" not in page
    seen = events("CASE_VIEWED")[-2:]
    assert len(seen) == 2 and not any("STATUS" in event.section_codes for event in seen)
    with pytest.raises(Refused):
        join(cast.gita, match, case)


def test_the_form_joins_once_and_the_page_takes_back_once(case, twin, match, amina, sign_in, events):
    client, address = sign_in(amina), reverse("match-compare", args=[match.uid])
    assert client.post(address, {"form_key": str(uuid4())}).status_code == 422
    sent = {"kept": str(case.uid), "form_key": str(uuid4())}
    first = client.post(address, sent)
    assert first.status_code == 302 and first.url == reverse("match-merges")
    merge = access.for_the_house(CaseMerge).get()
    join(amina, match, case, form_key=sent["form_key"])  # the same form, sent again
    assert access.for_the_house(CaseMerge).count() == 1 and len(events("CASES_MERGED")) == 2
    page = client.get(reverse("match-merges")).text
    assert case.number in page and twin.number in page and "Can be taken back until" in page
    key = str(uuid4())
    assert client.post(reverse("match-merge", args=[merge.uid]), {"answer": "undo", "form_key": key}).status_code == 302
    assert client.post(reverse("match-merge", args=[merge.uid]), {"answer": "undo", "form_key": key}).status_code == 302
    assert len(events("CASES_UNMERGED")) == 2
    assert client.post(reverse("match-merge", args=[merge.uid]), {"answer": "undo"}).status_code == 422
    assert client.post(reverse("match-merge", args=[merge.uid]), {"answer": "?"}).status_code == 422


def test_a_stranger_an_auditor_and_whoever_opens_one_file_alone_find_nothing(cast, case, twin, match, amina, sign_in):
    make.colleague(case, cast.bea, cast.gita, "CLINICAL")
    assign_role(actor=cast.farid, now=clock.now(), user=cast.gita, role=Role.INTAKE_COORDINATOR)
    merge = join(amina, match, case, keeps_open=True)
    pages = [reverse("match-merge", args=[merge.uid]), reverse("match-compare", args=[match.uid])]
    for person in (cast.dana, cast.elif_, cast.farid, cast.chidi, cast.gita, cast.mara, cast.kemi):
        client = sign_in(person)
        for address in pages:
            assert client.get(address).status_code == 404, person
            assert client.post(address, {"answer": "undo", "kept": str(case.uid)}).status_code == 404, person
        listed = client.get(reverse("match-merges"))
        assert listed.status_code in (200, 404) and case.number not in listed.text and twin.number not in listed.text
        with pytest.raises((Hidden, Refused)):
            undo(person, merge)
    # Gita opens one of the two: its history, its timeline and its card say nothing of the other.
    client = sign_in(cast.gita)
    for name in ("case-overview", "case-history", "case-timeline"):
        page = client.get(reverse(name, args=[case.uid])).text
        assert twin.number not in page and str(twin.uid) not in page and "of one person" not in page, name
    assert fresh(twin).person_id == case.person_id


def test_a_restricted_or_walled_file_never_answers(cast, case, twin, match, amina, sign_in):
    client, address = sign_in(amina), reverse("match-compare", args=[match.uid])
    assert client.get(address).status_code == 200
    wall = place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=amina)
    assert client.get(address).status_code == 404
    with pytest.raises(Hidden):
        join(amina, match, twin)
    lift_wall(actor=cast.bea, now=clock.now(), wall_uid=wall.uid)
    restrict_case(actor=cast.bea, now=clock.now(), case_uid=case.uid, is_restricted=True)
    assert client.get(address).status_code == 200, "she has both by name"
    assign_role(actor=cast.farid, now=clock.now(), user=cast.gita, role=Role.INTAKE_COORDINATOR)
    make.colleague(twin, cast.bea, cast.gita, "CLINICAL")
    assert sign_in(cast.gita).get(address).status_code == 404
