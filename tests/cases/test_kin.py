"""Her family, counted apart, and the people who stand by her: sealed, of the house alone, reached after the rule was read."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from cases import access, kin
from cases.actions.kin import (
    add_family_member,
    add_supporter,
    begin_contact_with,
    change_family_member,
    end_family_member,
)
from cases.actions.partners import give_partner_access
from cases.actions.releases import Terms
from cases.actions.safety import SafeContact, replace_contact, set_alerts
from cases.errors.casework import CaseIsClosed
from cases.errors.kin import EligibleByWhat, NoLongerListed, WhereTellsHers
from cases.errors.survivor import ContactNotNow, RuleNotRead
from cases.models import ContactAttempt, FamilyMember, SupportContact
from services.actions.aftercare import begin_stay
from tests import make
from tests.cases.releasing import release
from tests.cases.stored import dump

NUMBER, MAIL = "+12025550177", "quillmoor@wren.example"
SON = {"x_KinName": "Linnetto", "x_KinRelation": "CHILD", "x_KinBirthYear": 2020, "x_KinEligible": "YES",
       "x_KinEligibleAs": "CHILD", "x_KinDependant": "YES", "x_KinSafe": "NO"}  # fmt: skip
FRIEND = {"x_PersonName": "Dunnocka", "x_PersonIs": "Neighbour", "x_PersonMaySpeak": "YES", "x_PersonKnows": "HELP"}


@pytest.fixture
def case(cast):
    """Taken in today, so that her rule was checked with her lately."""
    return make.case(cast.amina, cast.team_of("amina"), opened_on=timezone.localdate())


def url(name, case, *more):
    return reverse(name, args=[case.uid, *more])


def add(actor, case, **changes):
    return add_family_member(actor=actor, now=clock.now(), case_uid=case.uid, who={**SON, **changes})


def stand_by(actor, case, **changes):
    return add_supporter(
        actor=actor, now=clock.now(), case_uid=case.uid, who={**FRIEND, **changes},
        reached_by={"x_PersonPhone": NUMBER, "x_PersonEmail": MAIL},
    )  # fmt: skip


def begin(actor, case, person, **changes):
    facts = {"channel": "PHONE", "has_read": True, **changes}
    return begin_contact_with(actor=actor, now=clock.now(), case_uid=case.uid, person_uid=person.uid, **facts)


# ---- Family ----


def test_added_by_a_form_once_shown_and_counted_apart(cast, case, sign_in, events):
    client = sign_in(cast.amina)
    assert "Nobody is written down" in client.get(url("case-family", case)).text
    assert "Counted apart" not in client.get(url("case-overview", case)).text
    sent = {**SON, "x_KinNotes": "Sings with the goldcrests", "form_key": str(uuid4())}
    for _again in range(2):
        assert client.post(url("case-family-new", case), sent).status_code == 302
    add(cast.amina, case, x_KinName="", x_KinRelation="SIBLING", x_KinBirthYear=1990, x_KinEligible="NO",
        x_KinDependant="NO", x_KinInDanger="YES")  # fmt: skip
    [first, second] = access.for_the_house(FamilyMember).filter(case=case).order_by("pk")
    page = client.get(url("case-family", case))
    assert "Linnetto" in page.text and "Sings with the goldcrests" in page.text and "born in 2020" in page.text
    assert page.context["count"] == kin.KinCount(people=2, eligible=1, minors=1, dependants=1, in_danger=1)
    assert [line.row.pk for line in page.context["family"]] == [second.pk, first.pk], "minors apart, after the others"
    for name in ("case-survivor", "case-overview"):
        text = client.get(url(name, case)).text
        assert "Counted apart" in text and "Eligible family members" in text and "Linnetto" not in text, name
    [added, _other] = events("FAMILY_ADDED", case.uid)
    assert added.subject_uid == first.uid and "Linnetto" not in str(added.__dict__)


def test_nothing_of_them_lies_in_the_open(cast, case):
    add(cast.amina, case, x_KinWhere="Goldcrestina", x_KinDanger="her brothers-in-law")
    stand_by(cast.amina, case, x_PersonDanger="the shared telephone")
    held = dump()
    for word in (
        "Linnetto",
        "Goldcrestina",
        "her brothers-in-law",
        "CHILD",
        "Dunnocka",
        NUMBER,
        MAIL,
        "shared telephone",
    ):
        assert word.encode() not in held, word


def test_changed_with_the_names_of_the_answers_and_nobody_is_overwritten(cast, case, sign_in, events):
    row, client = add(cast.amina, case), sign_in(cast.amina)
    page = client.get(url("case-family-member", case, row.uid))
    assert "Linnetto" in page.text
    mark = page.context["form"].initial["mark"]
    theirs = {**SON, "x_KinWhere": "Wrenfield", "mark": mark}
    assert client.post(url("case-family-member", case, row.uid), theirs).status_code == 302
    [changed] = events("FAMILY_CHANGED", case.uid)
    assert changed.detail.content["fields"] == ["family_member.who.x_kinwhere"]
    late = client.post(url("case-family-member", case, row.uid), {**SON, "x_KinWhere": "Siskinova", "mark": mark})
    assert late.status_code == 409 and "Wrenfield" in late.text and "Siskinova" in late.text


def test_off_the_list_with_a_reason_and_not_changed_any_more(cast, case, sign_in, events):
    row, client = add(cast.amina, case), sign_in(cast.amina)
    assert "Linnetto" in client.get(url("case-family-end", case, row.uid)).text
    assert client.post(url("case-family-end", case, row.uid), {}).status_code == 422
    assert client.post(url("case-family-end", case, row.uid), {"reason": "HER_SAFETY"}).status_code == 302
    assert "Linnetto" not in client.get(url("case-family", case)).text
    assert client.get(url("case-family-member", case, row.uid)).status_code == 404
    assert len(events("FAMILY_ENDED", case.uid)) == 1
    with pytest.raises(NoLongerListed):
        end_family_member(actor=cast.amina, now=clock.now(), case_uid=case.uid, member_uid=row.uid, reason="MISTAKE")


def test_eligible_is_by_some_relation_and_a_doubtful_one_is_asked_of_counsel(cast, case, sign_in):
    with pytest.raises(EligibleByWhat):
        add(cast.amina, case, x_KinEligibleAs="NOT_ASKED")
    client = sign_in(cast.amina)
    sent = {**SON, "x_KinEligibleAs": "NOT_ASKED"}
    refused = client.post(url("case-family-new", case), sent)
    assert refused.status_code == 422 and "x_KinEligibleAs" in refused.context["form"].errors
    add(cast.amina, case)
    asked = "funders count spouse and children"
    assert asked not in client.get(url("case-family", case)).text
    add(cast.amina, case, x_KinRelation="SIBLING", x_KinEligibleAs="SIBLING")
    assert asked in client.get(url("case-family", case)).text, "she is of age"
    young = make.case(cast.amina, cast.team_of("amina"), birth_date=timezone.localdate() - timedelta(days=15 * 365))
    add(cast.amina, young, x_KinRelation="SIBLING", x_KinEligibleAs="SIBLING")
    assert asked not in client.get(url("case-family", young)).text


def test_a_form_whose_day_and_year_differ_comes_back(cast, case, sign_in):
    sent = {**SON, "x_KinBornOn": "2019-03-04"}
    refused = sign_in(cast.amina).post(url("case-family-new", case), sent)
    assert refused.status_code == 422 and "x_KinBirthYear" in refused.context["form"].errors


@pytest.mark.parametrize(
    ("who", "is_young"),
    [
        ({"x_KinBornOn": "2008-11-24"}, True),
        ({"x_KinBornOn": "2008-11-23"}, False),
        ({"x_KinBirthYear": 2008}, True),
        ({"x_KinBirthYear": 2007}, False),
        ({}, False),
    ],
)
def test_where_only_the_year_is_known_the_doubt_is_theirs(who, is_young):
    assert kin.is_young(who, date(2026, 11, 23)) is is_young


def test_r13_where_somebody_is_who_lives_with_her_is_not_kept(cast, case, sign_in):
    row = add(cast.amina, case, x_KinLivesWith="YES", x_KinWhere="Wrenfield")
    set_alerts(actor=cast.amina, now=clock.now(), case_uid=case.uid, codes=["ADDRESS_CONFIDENTIAL"])
    with pytest.raises(WhereTellsHers):
        add(cast.amina, case, x_KinLivesWith="YES", x_KinWhere="Siskinova")
    with pytest.raises(WhereTellsHers):
        change_family_member(
            actor=cast.amina, now=clock.now(), case_uid=case.uid, member_uid=row.uid, who={"x_KinNotes": "x"}
        )
    add(cast.amina, case, x_KinLivesWith="NO", x_KinWhere="Siskinova")
    page = sign_in(cast.amina).get(url("case-family", case)).text
    assert "Siskinova" in page and "Wrenfield" not in page


# ---- Whose it is to know ----


def test_strangers_and_colleagues_without_the_section_and_outsiders(cast, case, sign_in):
    row, person = add(cast.amina, case), stand_by(cast.amina, case)
    begin_stay(
        actor=cast.amina,
        now=clock.now(),
        case_uid=case.uid,
        team=cast.team_of("jonas"),
        entered_on=timezone.localdate(),
    )
    names = [
        ("case-family",), ("case-family-new",), ("case-family-member", row.uid), ("case-family-end", row.uid),
        ("case-support-new",), ("case-support", person.uid), ("case-support-reach", person.uid),
        ("case-support-end", person.uid),
    ]  # fmt: skip
    dana, elif_ = sign_in(cast.dana), sign_in(cast.elif_)
    for name, *more in names:
        path = url(name, case, *more)
        for client in (dana, elif_):
            assert client.get(path).status_code == 404, name
            assert client.post(path, {}).status_code in (404, 405), name
    colleague = sign_in(cast.jonas)
    for name, *more in names:
        assert colleague.get(url(name, case, *more)).status_code == 403, name
    assert sign_in(cast.amina).post(url("case-family", case)).status_code == 405
    with pytest.raises((Hidden, Refused)):
        add(cast.dana, case)


def test_a_partner_who_reads_her_identity_reads_nothing_of_her_family(cast, case, sign_in, events):
    row, person = add(cast.amina, case), stand_by(cast.amina, case)
    signed = release(cast.amina, case, cast.hugo.organisation, terms=Terms(categories=["IDENTITY", "FAMILY_CHILDREN"]))
    give_partner_access(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, kind="REFERRAL", release_uid=signed.uid, person=cast.hugo
    )
    client = sign_in(cast.hugo)
    for name in ("case-overview", "case-survivor"):
        page = client.get(url(name, case))
        assert page.status_code == 200 and "case-family" not in page.text and "Counted apart" not in page.text
        assert "/family/" not in page.text
    for name, more in (("case-family", ()), ("case-support-reach", (person.uid,))):
        assert client.get(url(name, case, *more)).status_code == 403
    versions = reverse("case-record-versions", args=[case.uid, row.uid])
    assert client.get(f"{versions}?kind=familymember").status_code == 404
    [added] = events("FAMILY_ADDED", case.uid)
    assert client.post(url("case-history-event", case, added.uid)).status_code == 404
    assert "Linnetto" not in client.get(url("case-history", case)).text
    with pytest.raises(Refused):
        begin(cast.hugo, case, person)


def test_a_closed_case_takes_nobody_new(cast, case, sign_in):
    add(cast.amina, case)
    over = make.closed(case, cast.amina)
    with pytest.raises(CaseIsClosed):
        add(cast.amina, over)
    page = sign_in(cast.amina).get(url("case-family", over)).text
    assert "Linnetto" in page and url("case-family-new", over) not in page


# ---- The people who stand by her ----


def test_no_number_before_both_rules_were_read_and_then_for_some_minutes(cast, case, sign_in, events):
    client = sign_in(cast.amina, is_fresh=True)
    sent = {
        **FRIEND,
        "x_PersonPhone": "+1 202 555 0177",
        "x_PersonEmail": MAIL,
        "x_PersonDanger": "The phone is shared",
    }
    assert client.post(url("case-support-new", case), sent).status_code == 302
    [person] = access.for_the_house(SupportContact).filter(case=case)
    for name, more in (
        ("case-family", ()), ("case-support", (person.uid,)), ("case-support-reach", (person.uid,)),
        ("case-survivor", ()), ("case-print", ()), ("case-summary", ()), ("case-overview", ()),
    ):  # fmt: skip
        page = client.get(url(name, case, *more))
        assert page.status_code == 200 and NUMBER not in page.text and MAIL not in page.text, name
    reach = url("case-support-reach", case, person.uid)
    page = client.get(reach).text
    assert "Dunnocka" in page and "Knows that she gets help" in page and "The phone is shared" in page
    assert "Text on weekday mornings only." in page, "her own rule stands beside it"
    unread = client.post(reach, {"channel": "PHONE", "reason": "She asked"})
    assert unread.status_code == 422 and "has_read" in unread.context["form"].errors
    why_not = client.post(reach, {"channel": "PHONE", "has_read": "on"})
    assert why_not.status_code == 422 and "reason" in why_not.context["form"].errors, "a danger asks for a reason"
    went = client.post(reach, {"channel": "PHONE", "has_read": "on", "reason": "She asked us to"})
    assert went.status_code == 302
    shown = client.get(went.url).text
    assert NUMBER in shown and MAIL in shown and "+1 202 555 0123" not in shown, "theirs, and not hers"
    [began] = events("CONTACT_BEGAN", case.uid)
    assert began.detail.shown()["codes"] == {"kind": "PHONE", "count": 1} and NUMBER not in str(began.__dict__)
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        later = sign_in(cast.amina).get(went.url).text
        assert NUMBER not in later and MAIL not in later and reach in later
    assert client.post(went.url, {"outcome": "REACHED", "words": ""}).status_code == 302
    assert "Phone call: Reached this person" in client.get(url("case-overview", case)).text


@pytest.mark.parametrize(
    ("changes", "rule", "against"),
    [
        ({}, "SMS", []),
        ({"x_PersonMaySpeak": "NO"}, "SMS", ["PERSON_NO"]),
        ({"x_PersonMaySpeak": "ASK_HER"}, "SMS", ["PERSON_ASK"]),
        ({"x_PersonMaySpeak": ""}, "SMS", ["PERSON_NO"]),
        ({"x_PersonDanger": "He listens"}, "NONE", ["PERSON_DANGER", "DO_NOT_CONTACT"]),
    ],
)
def test_what_stands_against_speaking_to_somebody(cast, case, changes, rule, against):
    told = SafeContact(channel=rule, words="Any day", verified_on=timezone.localdate(), value="")
    replace_contact(actor=cast.amina, now=clock.now(), case_uid=case.uid, contact=told)
    person = stand_by(cast.amina, case, **changes)
    if against:
        with pytest.raises(ContactNotNow) as refused:
            begin(cast.amina, case, person)
        assert refused.value.against == against
    with pytest.raises(RuleNotRead):
        begin(cast.amina, case, person, has_read=False)
    assert begin(cast.amina, case, person, reason="It burns").pk
    assert access.for_the_house(ContactAttempt).filter(case=case).count() == 1


def test_a_number_is_kept_when_left_empty_and_removed_when_asked(cast, case, sign_in, events):
    person, client = stand_by(cast.amina, case), sign_in(cast.amina)
    page = client.get(url("case-support", case, person.uid))
    assert "One is recorded." in page.text
    mark = page.context["form"].initial["mark"]
    changed = {**FRIEND, "x_PersonKnows": "ALL", "mark": mark}
    assert client.post(url("case-support", case, person.uid), changed).status_code == 302
    assert NUMBER in client.get(attempt_page(cast.amina, case, person)).text
    assert (
        client.post(url("case-support", case, person.uid), {**changed, "mark": "", "remove_ways": "on"}).status_code
        == 302
    )
    assert "No phone and no e-mail is recorded" in client.get(attempt_page(cast.amina, case, person)).text
    first, second = events("SUPPORT_CHANGED", case.uid)
    assert first.detail.content["fields"] == ["support_contact.x_personknows"]
    assert second.detail.content["fields"] == ["support_contact.x_personemail", "support_contact.x_personphone"]
    ended = client.post(url("case-support-end", case, person.uid), {"reason": "HER_WISH"})
    assert ended.status_code == 302 and len(events("SUPPORT_ENDED", case.uid)) == 1
    assert client.get(url("case-support-reach", case, person.uid)).status_code == 404


def attempt_page(actor, case, person):
    attempt = begin(actor, case, person)
    return url("case-contact-attempt", case, attempt.uid)


def test_the_history_shows_a_number_masked(cast, case, sign_in, events):
    stand_by(cast.amina, case)
    [added] = events("SUPPORT_ADDED", case.uid)
    page = sign_in(cast.amina).post(url("case-history-event", case, added.uid)).text
    assert "Dunnocka" in page and NUMBER not in page and MAIL not in page
