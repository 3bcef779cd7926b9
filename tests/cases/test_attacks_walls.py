"""A wall, a restriction or an end is felt at every address: lists, homes, search, drafts, matches, imports, exports."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from audit import clock
from audit.action import action
from casemgmt.access.errors import Hidden
from casemgmt.accounts.actions.roles import assign_role, end_role
from casemgmt.accounts.choices import Role
from casemgmt.accounts.errors import StillHasCases
from cases import access
from cases.actions.grants import give_access, revoke_access
from cases.actions.matching import answer_match_questions, ask_if_known, settle_match, waiting_matches
from cases.actions.notes import add_note
from cases.actions.tasks import add_task
from cases.actions.walls import place_wall, restrict_case
from cases.choices.sharing import GrantKind
from cases.models import Case, PossibleMatch
from cases.tokens import seal_place
from tests import make
from tests.house.test_url_matrix import addresses

pytestmark = pytest.mark.walks
TYPED = "Marmalade over nine bridges"


def everything_of(client: Any, case: Case, *more: str) -> list[str]:
    """All pages without an address of their own that a person has, and those of the case, as far as they open."""
    paths = list(more)
    for address in addresses():
        kind = address.rule.kind if address.rule else ""
        if not address.parameters and kind in ("listing", "personal", "roles") and address.name != "no-such-page":
            paths.append(reverse(address.name))
        elif kind == "guarded" and address.parameters == ("uid",):
            paths.append(reverse(address.name, args=[case.uid]))
    texts = []
    for path in paths:
        response = client.get(path)
        if response.status_code == 200:
            texts.append(b"".join(response.streaming_content).decode() if response.streaming else response.text)
    return texts


@pytest.fixture
def busy(cast: Any, case: Case) -> Case:
    """A case with a task of Bea's due today, so that it stands on her homes."""
    add_note(actor=cast.amina, now=clock.now(), case_uid=case.uid, privilege_class="SERVICES_NOTE", body=TYPED)
    due = {"actor": cast.amina, "now": clock.now(), "case_uid": case.uid, "due_on": date(2026, 1, 1)}
    add_task(title="Bring the blue folder", **due)
    give_access(actor=cast.amina, now=clock.now(), case_uid=case.uid, kind=GrantKind.CLINICAL, person=cast.gita)
    return case


def words_of(case: Case) -> tuple[str, ...]:
    return (str(case.uid), case.number, "Bring the blue folder", TYPED, "Zoraida", "Quillfeather")


@pytest.mark.parametrize("key", ["bea", "gita"])
def test_a_wall_takes_the_case_off_every_page(cast, busy, sign_in, key) -> None:
    person = getattr(cast, key)
    client = sign_in(person)
    assert any(busy.number in text for text in everything_of(client, busy)), "it stood there before"
    found = client.post(reverse("case-search"), {"q": busy.number}).url
    assert busy.number in client.get(found).text
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=busy.uid, person=person)
    for text in everything_of(client, busy, found):
        assert [word for word in words_of(busy) if word in text] == []
    again = client.post(reverse("case-search"), {"q": busy.number}).url
    assert busy.number not in client.get(again).text


def test_a_restricted_case_is_on_no_page_of_a_team(cast, busy, sign_in) -> None:
    give_access(
        actor=cast.amina, now=clock.now(), case_uid=busy.uid, kind=GrantKind.RESIDENCE, team=cast.team_of("jonas")
    )
    client = sign_in(cast.jonas)
    assert any(busy.number in text for text in everything_of(client, busy)), "it stood there before"
    restrict_case(actor=cast.amina, now=clock.now(), case_uid=busy.uid, is_restricted=True)
    for text in everything_of(client, busy):
        assert [word for word in words_of(busy) if word in text] == []


def test_a_walled_person_gets_the_bytes_and_queries_of_a_stranger(
    cast, case, sign_in, django_assert_num_queries, django_assert_max_num_queries
) -> None:
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=case.uid, person=cast.bea)
    client = sign_in(cast.bea)
    nowhere = reverse("case-overview", args=[cast.bea.uid])
    client.get(nowhere)
    with django_assert_max_num_queries(200) as counted:
        stranger = client.get(nowhere)
    with django_assert_num_queries(len(counted)):
        walled = client.get(reverse("case-overview", args=[case.uid]))
    assert walled.status_code == stranger.status_code == 404 and walled.content == stranger.content
    headers = [
        {name: value for name, value in one.headers.items() if name != "Set-Cookie"} for one in (walled, stranger)
    ]
    assert headers[0] == headers[1]


def test_a_draft_is_closed_with_the_case_it_is_about(cast, case, sign_in) -> None:
    note = add_note(actor=cast.amina, now=clock.now(), case_uid=case.uid, privilege_class="SERVICES_NOTE", body="x")
    client = sign_in(cast.amina)
    drafts = [reverse("draft", args=["note-edit", note.uid]), reverse("draft", args=["plan", case.uid])]
    for path in drafts:
        assert client.post(path, {"body": TYPED}).status_code == 204
        assert client.get(path).status_code == 200
    hers = next(one.grant for one in access.who_can_see(case) if one.grant.person_id == cast.amina.pk)
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=hers.uid)
    for path in drafts:
        assert client.get(path).status_code == 404
        assert client.post(path, {"body": TYPED}).status_code == 404
    assert TYPED not in client.get(reverse("day")).text


def test_a_draft_leads_to_no_other_host(cast, case, sign_in) -> None:
    client = sign_in(cast.amina)
    path = reverse("draft", args=["note", case.uid])
    client.post(path, {"body": "x"}, HTTP_REFERER="http://testserver//evil.example/trap/")
    assert "evil.example" not in client.get(reverse("day")).text


def test_a_coordinator_hears_of_no_match_with_a_case_she_is_walled_from(cast, case) -> None:
    assign_role(actor=cast.farid, now=clock.now(), user=cast.dana, role=Role.INTAKE_COORDINATOR)
    twin = make.case(cast.dana, cast.team_of("dana"))
    make_match(cast, twin)
    assert waiting_matches(cast.dana).count() == 1
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=case.uid, person=cast.dana)
    assert not waiting_matches(cast.dana).exists()
    with pytest.raises(Hidden):
        match = PossibleMatch._base_manager.get()
        settle_match(actor=cast.dana, now=clock.now(), match_uid=match.uid, is_same_person=True)


def make_match(cast: Any, twin: Case) -> None:
    @action
    def tell(*, actor: Any, now: Any) -> Case:
        ask_if_known(actor=actor, now=now, case=twin)
        return twin

    tell(actor=cast.dana, now=clock.now())
    answer_match_questions()


def test_nobody_becomes_administrator_or_auditor_with_a_case_in_hand(cast, case) -> None:
    """Else an administrator would open the cases she had before, and an auditor would audit her own."""
    held = cast.amina.role_assignments.get()
    end_role(actor=cast.farid, now=clock.now(), assignment=held)
    for membership in cast.amina.memberships.all():
        membership.ends_at = clock.now()
        membership.save(update_fields=["ends_at"])
    for role in (Role.ADMINISTRATOR, Role.INTERNAL_AUDITOR, Role.EXTERNAL_AUDITOR):
        with pytest.raises(StillHasCases):
            assign_role(actor=cast.farid, now=clock.now(), user=cast.amina, role=role)
    hers = next(one.grant for one in access.who_can_see(case) if one.grant.person_id == cast.amina.pk)
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=hers.uid)
    assign_role(actor=cast.farid, now=clock.now(), user=cast.amina, role=Role.ADMINISTRATOR)


def test_no_place_in_a_list_is_of_use_to_another(cast, case, sign_in) -> None:
    token = seal_place(cast.amina, "cases", case.pk)
    assert sign_in(cast.amina).get(reverse("cases"), {"before": token}).status_code == 200
    assert sign_in(cast.bea).get(reverse("cases"), {"before": token}).status_code == 404
