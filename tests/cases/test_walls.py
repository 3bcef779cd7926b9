"""Walls: against a person, a team, an organisation. Whoever stands behind one finds nothing, and nobody else reads of it."""

from contextlib import ExitStack
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import READ_CARD, Section, write
from casemgmt.accounts.actions.people import accept_invitation, invite_person
from casemgmt.accounts.actions.roles import assign_role
from casemgmt.accounts.actions.teams import add_member, create_team
from casemgmt.accounts.choices import Discipline, OrganisationKind, Role
from casemgmt.accounts.models import Organisation, User
from cases import access
from cases.actions.grants import give_access
from cases.actions.trail import notify
from cases.actions.walls import lift_wall, place_wall, restrict_case
from cases.choices.sharing import GrantKind
from cases.choices.walls import NOTICE_FIRM, NOTICE_FROZEN, WallKind
from cases.errors.walls import NobodyIsNamed, WallIsLifted, WallNeedsOne, WallStands, WallTooWide
from cases.models import Case, Notice, Wall
from tests import make
from tests.cases.stored import dump
from tests.cases.test_matching import shapes
from tests.house.test_url_matrix import addresses
from tests.services.test_release_and_matter import a_matter, release

WALLS = reverse("walls")
WHY = "They went to the same school in Quillmoor"


def wall(case: Case, actor: User, **whom: Any) -> Wall:
    return place_wall(actor=actor, now=clock.now(), case_uid=case.uid, **whom)


def sees(person: User, case: Case) -> bool:
    return access.visible(Case, person, READ_CARD).filter(pk=case.pk).exists()


def newcomer(cast: Any, key: str, organisation: Organisation, *roles: str) -> User:
    """One more person, made as Farid would."""
    invitation = invite_person(
        actor=cast.farid, now=clock.now(), email=f"{key}@example.org", name=f"{key.title()} Brook",
        organisation=organisation, roles=roles,
    )  # fmt: skip
    user = invitation.user
    accept_invitation(actor=user, now=clock.now(), token=invitation.token, name=user.name, password=None)
    return User.objects.get(pk=user.pk)


# ---- Against whom ----


def test_against_a_person(cast, case, events):
    placed = wall(case, cast.bea, person=cast.amina, kind=WallKind.KNOWS_SURVIVOR, reason=WHY)
    assert not sees(cast.amina, case) and sees(cast.bea, case)
    [event] = events("WALL_PLACED", case.uid)
    assert event.detail.content["codes"] == {"kind": "KNOWS_SURVIVOR"} and event.detail.content["reason"] == ""
    assert WHY.encode() not in dump() and placed.words.section == Section.DUTIES


def test_against_a_team(cast, case):
    give_access(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, kind=GrantKind.RESIDENCE, team=cast.team_of("jonas")
    )
    assert sees(cast.jonas, case)
    wall(case, cast.kemi, team=cast.team_of("jonas"))
    assert not sees(cast.jonas, case) and sees(cast.amina, case)


def test_against_an_organisation_at_every_door(cast, case):
    matter = a_matter(cast, case)
    release(cast, case, matter)
    before = clock.now()
    wall(case, cast.kemi, organisation=cast.chidi.organisation)
    assert access.visible_matters(cast.chidi) == [] and not sees(cast.chidi, case)
    assert not cast.chidi.has_perm("cases.read_card", case) and not cast.chidi.has_perm("cases.read_matter", matter)
    assert not access.explain(cast.chidi, case).allowed
    with pytest.raises(Hidden):
        access.get_matter_for(cast.chidi, matter.uid)
    with pytest.raises(Hidden):
        access.lock_matter_for_write(cast.chidi, matter.uid)
    assert cast.chidi in access.who_could_see(case, READ_CARD, before)
    assert cast.chidi not in access.who_could_see(case, READ_CARD, clock.now())


def test_one_at_a_time_and_never_one_s_own_house(cast, case):
    for whom in ({}, {"person": cast.amina, "team": cast.team_of("dana")}):
        with pytest.raises(WallNeedsOne):
            wall(case, cast.bea, **whom)
    with pytest.raises(WallTooWide):
        wall(case, cast.bea, organisation=case.organisation)
    wall(case, cast.bea, person=cast.dana)
    with pytest.raises(WallStands):
        wall(case, cast.kemi, person=cast.dana)
    wall(case, cast.kemi, person=cast.dana, kind=WallKind.FORMER_CLIENT)


def test_the_database_holds_that_a_wall_is_against_one(cast, case):
    both = wall(case, cast.bea, person=cast.dana)
    with pytest.raises(IntegrityError), transaction.atomic():
        both.organisation = cast.chidi.organisation
        both.save(update_fields=["organisation"])


# ---- By whom ----


def test_only_a_privacy_officer_of_the_house_or_a_supervisor_of_the_case(cast, case):
    for key, error in (("amina", Refused), ("dana", Hidden), ("nadia", Hidden), ("farid", Hidden), ("elif_", Hidden)):
        with pytest.raises(error):
            wall(case, getattr(cast, key), person=cast.gita)
    assign_role(actor=cast.farid, now=clock.now(), user=cast.hugo, role=Role.PRIVACY_OFFICER)
    with pytest.raises(Hidden):
        wall(case, cast.hugo, person=cast.gita)
    assert not Wall._base_manager.exists()


def test_whoever_is_behind_a_wall_places_and_lifts_none(cast, case):
    mine = wall(case, cast.bea, person=cast.kemi)
    for act in (
        lambda: wall(case, cast.kemi, person=cast.dana),
        lambda: lift_wall(actor=cast.kemi, now=clock.now(), wall_uid=mine.uid),
    ):
        with pytest.raises(Hidden):
            act()
    lift_wall(actor=cast.bea, now=clock.now(), wall_uid=mine.uid, reason="Settled")


def test_lifting_brings_back_what_was_given(cast, case, events):
    placed = wall(case, cast.bea, person=cast.amina, reason=WHY)
    assert Case._base_manager.get(pk=case.pk).lead is None, "nobody leads a case that she cannot open"
    lift_wall(actor=cast.kemi, now=clock.now(), wall_uid=placed.uid, reason="It was another school")
    assert sees(cast.amina, case)
    with pytest.raises(WallIsLifted):
        lift_wall(actor=cast.kemi, now=clock.now(), wall_uid=placed.uid)
    [event] = events("WALL_LIFTED", case.uid)
    assert event.actor_uid == cast.kemi.uid
    assert b"another school" not in dump()


# ---- The page ----


def test_the_page_shows_them_to_those_who_may_place_them(cast, case, sign_in):
    placed = wall(case, cast.bea, person=cast.dana, kind=WallKind.RELATIVE_OF_ACCUSED, reason=WHY)
    for person in (cast.bea, cast.kemi):
        page = sign_in(person).get(WALLS).text
        assert all(word in page for word in ("Dana Hill", case.number, "Relative of somebody she accuses", WHY))
    assert case.number not in sign_in(cast.nadia).get(WALLS).text
    for person in (cast.amina, cast.dana, cast.farid, cast.elif_, cast.omar):
        for address in (WALLS, reverse("wall-new"), reverse("wall-lift", args=[placed.uid])):
            assert sign_in(person).get(address).status_code == 404


def test_the_privacy_officer_who_is_behind_a_wall_sees_none_of_that_case(cast, case, sign_in):
    wall(case, cast.bea, person=cast.dana)
    mine = wall(case, cast.bea, person=cast.kemi)
    client = sign_in(cast.kemi)
    assert case.number not in client.get(WALLS).text
    assert client.get(reverse("wall-lift", args=[mine.uid])).status_code == 404
    answer = client.post(
        reverse("wall-new"), {"number": case.number, "person": cast.dana.pk, "kind": "CONFLICT", "reason": "x"}
    )
    nothing = client.post(
        reverse("wall-new"), {"number": "HV-0000-0000", "person": cast.dana.pk, "kind": "CONFLICT", "reason": "x"}
    )
    assert answer.status_code == nothing.status_code == 422
    assert "No case of this number" in answer.text and "No case of this number" in nothing.text


def test_placing_and_lifting_by_the_page(cast, case, sign_in):
    client = sign_in(cast.kemi)
    form = {"number": case.number, "kind": "CONFLICT", "reason": WHY}
    assert "Choose one: a person" in client.post(reverse("wall-new"), form).text
    both = {**form, "person": cast.dana.pk, "team": cast.team_of("dana").pk}
    assert "Choose one: a person" in client.post(reverse("wall-new"), both).text
    assert (
        "Write an answer here" in client.post(reverse("wall-new"), {**form, "reason": "", "person": cast.dana.pk}).text
    )
    key = "7c5f2a54-50a9-4d8e-9a0c-3a1f6b0e0001"
    for _again in range(2):
        sent = client.post(reverse("wall-new"), {**form, "person": cast.dana.pk, "form_key": key})
        assert sent.status_code == 302
    placed = Wall._base_manager.get()
    page = client.get(WALLS).text
    assert "Dana Hill" in page and WHY in page
    lift = reverse("wall-lift", args=[placed.uid])
    assert WHY in client.get(lift).text and client.post(lift, {"reason": ""}).status_code == 422
    assert client.post(lift, {"reason": "Cleared"}).status_code == 302
    page = client.get(WALLS).text
    assert "No wall stands" in page and "Cleared" in page
    assert "lifted already" in client.post(lift, {"reason": "Again"}).text
    assert client.delete(WALLS).status_code == 405


def test_the_case_leads_there_whoever_may_place_one(cast, case, sign_in):
    sharing, page = reverse("case-sharing", args=[case.uid]), f"{reverse('wall-new')}?case={case.uid}"
    assert page not in sign_in(cast.amina).get(sharing).text
    client = sign_in(cast.bea)
    assert page in client.get(sharing).text
    assert f'value="{case.number}"' in client.get(page).text
    assert case.number not in sign_in(cast.nadia).get(page).text


def test_reading_the_words_is_recorded_and_shown_in_no_history(cast, case, sign_in, events):
    wall(case, cast.bea, person=cast.dana, reason=WHY)
    sign_in(cast.kemi).get(WALLS)
    [event] = events("CASE_VIEWED", case.uid)
    assert event.subject_kind == "wallreason" and event.detail.content["fields"] == ["wall.reason"]
    assert event.basis_kind == "WALL_DESK"
    history = reverse("case-history", args=[case.uid])
    amina, bea = sign_in(cast.amina), sign_in(cast.bea)
    assert "placed a wall" not in amina.get(history).text and "Kemi" not in amina.get(history).text
    assert "placed a wall" in bea.get(history).text
    placed = events("WALL_PLACED")[0]
    path = reverse("case-history-event", args=[case.uid, placed.uid])
    assert amina.get(path).status_code == 404 and bea.get(path).status_code == 200


# ---- What whoever is behind one finds ----


def measured(client: Any, path: str, method: str = "get") -> tuple[int, bytes, list[str]]:
    """Status, bytes and shapes of the statements of one request."""
    with ExitStack() as stack:
        seen = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in ("default", "keystore")]
        answer = getattr(client, method)(path)
    return answer.status_code, answer.content, shapes([query["sql"] for one in seen for query in one.captured_queries])


@pytest.fixture
def closed_off(cast, case):
    """Cases that Bea cannot open: none at all, walled in three ways, restricted, a stranger's."""
    whom = {"person": {"person": cast.bea}, "team": {"team": cast.team_of("bea")}}
    found = {"nothing": cast.bea.uid, "stranger": make.case(cast.dana, cast.team_of("dana")).uid}
    for name, against in whom.items():
        one = make.case(cast.amina, cast.team_of("amina"))
        wall(one, cast.kemi, **against)
        found[name] = one.uid
    hers = make.case(cast.dana, cast.team_of("dana"))
    give_access(
        actor=cast.dana, now=clock.now(), case_uid=hers.uid, kind=GrantKind.ASSIGNMENT, team=cast.team_of("bea")
    )
    assert sees(cast.bea, hers)
    restrict_case(actor=cast.dana, now=clock.now(), case_uid=hers.uid, is_restricted=True)
    return {**found, "restricted": hers.uid}


def guarded_names() -> list[str]:
    """Every address of one case."""
    return [
        address.name for address in addresses()
        if address.rule and address.rule.kind == "guarded" and address.parameters == ("uid",)
    ]  # fmt: skip


@pytest.mark.parametrize(("method", "of"), [("get", "person"), ("get", "restricted"), ("post", "person")])
def test_bytes_and_statements_are_those_of_a_case_that_does_not_exist(cast, closed_off, sign_in, method, of):
    """At every address. The clock stands, because a session says now and then that it is alive."""
    client, names = sign_in(cast.bea), guarded_names()
    assert len(names) > 30 and "case-restrict" in names and "case-requests" in names
    with time_machine.travel(timezone.now(), tick=False):
        for _once_and_again in range(2):  # keys that are opened once are open
            client.get(reverse("case-overview", args=[closed_off["nothing"]]))
        for name in names:
            walled, nothing = (
                measured(client, reverse(name, args=[closed_off[which]]), method) for which in (of, "nothing")
            )
            # The method is looked at before the case: there both are told the same, too.
            assert walled == nothing and walled[0] in (404, 405), (name, method)


def test_whatever_kind_of_wall_it_is(cast, closed_off, sign_in):
    client = sign_in(cast.bea)
    with time_machine.travel(timezone.now(), tick=False):
        for _once_and_again in range(2):
            client.get(reverse("case-overview", args=[closed_off["nothing"]]))
        for name in ("case-overview", "case-sharing", "case-history", "case-print"):
            answers = [measured(client, reverse(name, args=[uid])) for uid in closed_off.values()]
            assert len(answers) == 5 and all(answer == answers[0] for answer in answers), name


def test_no_notice_is_left_of_a_case_behind_a_wall(cast, case, sign_in):
    notify(person=cast.amina, kind="TASK", about=case, now=clock.now(), case=case)
    client = sign_in(cast.amina)
    assert "New for you" in client.get(reverse("day")).text
    wall(case, cast.bea, person=cast.amina)
    assert "New for you" not in client.get(reverse("day")).text


def test_a_new_access_for_somebody_behind_a_wall_tells_the_giver_nothing(cast, case, sign_in):
    wall(case, cast.kemi, person=cast.gita)
    client = sign_in(cast.amina)
    given = client.post(
        reverse("access-new", args=[case.uid]), {"kind": "CLINICAL", "person": cast.gita.pk, "reason": "Care"}
    )
    assert given.status_code == 302 and not sees(cast.gita, case)
    for name in ("case-sharing", "case-history", "case-overview"):
        assert "wall" not in client.get(reverse(name, args=[case.uid])).text.lower(), name


# ---- An attorney's file ----


@pytest.fixture
def matter(cast, case):
    found = a_matter(cast, case)
    release(cast, case, found)
    return found


def told(kind: str) -> list[str]:
    return sorted(Notice._base_manager.filter(kind=kind).values_list("person__name", flat=True))


def test_a_wall_freezes_the_file_and_the_firm_s_supervisor_is_told_without_content(cast, case, matter):
    boss = newcomer(cast, "ottilie", cast.chidi.organisation, Role.SUPERVISOR)
    placed = wall(case, cast.kemi, person=cast.chidi, kind=WallKind.CONFLICT, reason=WHY)
    assert access.visible_matters(cast.chidi) == [] and told(NOTICE_FROZEN) == [boss.name] and told(NOTICE_FIRM) == []
    notice = Notice._base_manager.get(kind=NOTICE_FROZEN)
    assert notice.case is None
    lift_wall(actor=cast.kemi, now=clock.now(), wall_uid=placed.uid)
    assert [one.uid for one in access.visible_matters(cast.chidi)] == [matter.uid], "nothing of it was lost"


def test_a_firm_without_a_supervisor_is_told_by_the_privacy_officer(cast, case, matter):
    wall(case, cast.bea, person=cast.chidi)
    assert told(NOTICE_FROZEN) == [] and told(NOTICE_FIRM) == [cast.kemi.name]


def test_a_wall_against_the_whole_firm_tells_nobody_in_it(cast, case, matter):
    newcomer(cast, "ottilie", cast.chidi.organisation, Role.SUPERVISOR)
    wall(case, cast.bea, organisation=cast.chidi.organisation)
    assert told(NOTICE_FROZEN) == [] and told(NOTICE_FIRM) == [cast.kemi.name]


def test_a_supervisor_of_the_attorney_s_team_is_told_too(cast, case, matter):
    firm = cast.chidi.organisation
    head = newcomer(cast, "percival", firm, Role.PRO_BONO_ATTORNEY)
    team = create_team(
        actor=cast.farid, now=clock.now(), organisation=firm, name="Pro bono", discipline=Discipline.LEGAL, programme=""
    )
    for person, supervises in ((head, True), (cast.chidi, False)):
        add_member(actor=cast.farid, now=clock.now(), team=team, user=person, is_supervisor=supervises)
    wall(case, cast.bea, person=cast.chidi)
    assert head.name in told(NOTICE_FROZEN)


def test_where_no_file_is_frozen_nobody_is_told(cast, case):
    wall(case, cast.bea, person=cast.chidi)
    wall(case, cast.bea, person=cast.dana)
    assert told(NOTICE_FROZEN) == told(NOTICE_FIRM) == []
    assert cast.chidi.organisation.kind == OrganisationKind.LAW_FIRM


# ---- Restricted cases ----


def test_the_page_says_who_keeps_it_and_which_teams_lose_it(cast, case, sign_in, events):
    give_access(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, kind=GrantKind.RESIDENCE, team=cast.team_of("jonas")
    )
    client, page = sign_in(cast.amina), reverse("case-restrict", args=[case.uid])
    text = client.get(page).text
    assert "Shelter" in text and "Amina Rivers" in text and "Bea Meadows" in text
    assert page in client.get(reverse("case-overview", args=[case.uid])).text
    assert client.post(page, {"restrict": "yes"}).status_code == 302
    assert not sees(cast.jonas, case) and sees(cast.bea, case)
    assert "End the restriction" in client.get(page).text
    assert client.post(page, {"restrict": "no"}).status_code == 302 and sees(cast.jonas, case)
    assert len(events("CASE_RESTRICTED")) == len(events("CASE_UNRESTRICTED")) == 1


def test_who_writes_no_duties_cannot_restrict(cast, case, clinician, sign_in):
    page = reverse("case-restrict", args=[case.uid])
    assert sign_in(clinician).post(page, {"restrict": "yes"}).status_code == 403
    assert sign_in(cast.dana).post(page, {"restrict": "yes"}).status_code == 404
    assert sign_in(cast.amina).delete(page).status_code == 405
    assert not Case._base_manager.get(pk=case.pk).is_restricted


def test_a_case_that_nobody_has_by_name_is_not_restricted(cast, case, sign_in):
    """Else nobody could work on it, nor open it again."""
    give_access(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, kind=GrantKind.ASSIGNMENT, team=cast.team_of("dana")
    )
    for person in (cast.amina, cast.bea):
        wall(case, cast.kemi, person=person)
    with pytest.raises(NobodyIsNamed):
        restrict_case(actor=cast.dana, now=clock.now(), case_uid=case.uid, is_restricted=True)
    page = reverse("case-restrict", args=[case.uid])
    answer = sign_in(cast.dana).post(page, {"restrict": "yes"})
    assert answer.status_code == 422 and "Nobody has this case by name" in answer.text
    assert write(Section.DUTIES) in access.permissions_on(cast.dana, [case])[case.pk]


def test_the_notice_stands_on_the_home_of_whoever_is_told_and_says_nothing_more(cast, case, matter, sign_in):
    boss = newcomer(cast, "ottilie", cast.chidi.organisation, Role.SUPERVISOR)
    wall(case, cast.bea, person=cast.chidi, reason=WHY)
    page = sign_in(boss).get(reverse("home"), follow=True).text
    assert "A file of your firm rests" in page
    for secret in ("Chidi", case.number, str(case.uid), WHY):
        assert secret not in page, secret
    wall(case, cast.bea, organisation=cast.chidi.organisation)
    kemi = sign_in(cast.kemi)
    assert "the firm has to be told" not in kemi.get(reverse("home"), follow=True).text, "the boss was told before"


def test_a_privacy_officer_is_led_from_the_notice_to_the_page(cast, case, matter, sign_in):
    wall(case, cast.bea, person=cast.chidi)
    client = sign_in(cast.kemi)
    page = client.get(reverse("home"), follow=True).text
    assert "the firm has to be told" in page and f'href="{WALLS}"' in page
    client.post(reverse("notices-seen"))
    assert "the firm has to be told" not in client.get(reverse("home"), follow=True).text
