"""A minor: who is one, what is to be seen to for her, what ends with her eighteenth birthday (domain.md §8.5)."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from cases import access, minors
from cases.actions import survivor as actions
from cases.actions.safety import set_alerts
from cases.choices.safety import AlertCode
from cases.choices.sharing import GrantKind
from cases.errors.casework import CaseIsClosed, StaleVersion
from cases.errors.releases import GuardianSignsUntilGrownUp
from cases.marks import mark_of
from cases.models import Survivor
from cases.release_rules import check_guardian_end
from tests import make

pytestmark = pytest.mark.walks

LOOKED_AT = {
    "x_Guardian": "Junia Fallowfield", "x_GuardianIs": "her aunt", "x_GuardianCheck": "CLEAR", "x_Assent": "YES",
    "x_BestInterests": "DONE", "x_ReportLookedAt": "YES",
}  # fmt: skip
HEADING = "While she is a minor"


def born(years, days=0):
    """The birth date of somebody who turned so many years so many days ago."""
    today = timezone.localdate()
    return minors.birthday(today, -years) - timedelta(days=days)


def a_case(cast, birth_date):
    return make.case(cast.amina, cast.team_of("amina"), birth_date=birth_date)


def of(case, name):
    return reverse(name, args=[case.uid])


def stored(case):
    return access.within(Survivor, case).get()


def minority(cast, case, **said):
    return actions.change_minority(actor=cast.amina, now=clock.now(), case_uid=case.uid, minority=said)


def test_an_adult_has_no_such_card_and_a_minor_reads_what_is_to_be_seen_to(cast, sign_in):
    client = sign_in(cast.amina)
    assert HEADING not in client.get(of(a_case(cast, born(25)), "case-survivor")).text
    page = client.get(of(a_case(cast, born(15)), "case-survivor")).text
    for words in (HEADING, "Find out who may speak for her", "Ask her too", "best interests", "no photographs"):
        assert words in page, words
    assert "turns 18" not in page


def test_a_guardian_is_checked_before_anybody_speaks_with_them(cast, sign_in):
    case, client = a_case(cast, born(15)), sign_in(cast.amina)
    tab = of(case, "case-survivor")
    assert client.post(of(case, "case-minority"), {"x_Guardian": "Junia Fallowfield"}).url == tab
    page = client.get(tab).text
    assert "Junia Fallowfield" in page and "Check that her guardian had no part" in page
    assert client.post(of(case, "case-minority"), LOOKED_AT).status_code == 302
    page = client.get(tab).text
    assert "Check that her guardian" not in page and "Ask her too" not in page and "no photographs" in page
    minority(cast, case, x_GuardianCheck="INVOLVED")
    assert "No contact with her guardian" in client.get(tab).text
    minority(cast, case, x_GuardianCheck="CLEAR")
    set_alerts(actor=cast.amina, now=clock.now(), case_uid=case.uid, codes=[AlertCode.GUARDIAN_IS_PERPETRATOR])
    assert "No contact with her guardian" in client.get(tab).text, "the alert of the card says it too"


def test_a_check_is_one_of_somebody(cast, sign_in):
    case = a_case(cast, born(15))
    answer = sign_in(cast.amina).post(of(case, "case-minority"), {"x_GuardianCheck": "CLEAR"})
    assert answer.status_code == 422 and 'id="id_x_Guardian_error"' in answer.text


def test_whoever_is_of_doubtful_age_is_a_minor_until_it_is_settled(cast, sign_in):
    case, client = a_case(cast, born(19)), sign_in(cast.amina)
    actions.change_survivor(actor=cast.amina, now=clock.now(), case_uid=case.uid, about={"x_AgeDisputed": "YES"})
    assert "Her age is in doubt" in client.get(of(case, "case-survivor")).text
    assert minors.age_of(cast.amina, access.get_for(cast.amina, case.uid), clock.now())[0] is True
    actions.change_survivor(actor=cast.amina, now=clock.now(), case_uid=case.uid, about={"x_AgeDisputed": "NO"})
    assert minors.age_of(cast.amina, access.get_for(cast.amina, case.uid), clock.now())[0] is False
    assert HEADING not in client.get(of(case, "case-survivor")).text


@pytest.mark.parametrize(
    ("age", "days", "said", "expected"),
    [
        (17, 300, {}, "She turns 18 in "),
        (18, 0, {"x_Guardian": "Junia"}, "She has turned 18"),
        (18, 0, {"x_Guardian": "Junia", "x_GrownUpAsked": "YES"}, ""),
        (18, 0, {}, ""),
        (20, 300, {}, "She turns 21 in "),
        (20, 100, {}, ""),
        (21, 0, {}, ""),
    ],
)
def test_her_eighteenth_and_her_twenty_first_birthday_are_announced(age, days, said, expected):
    found = minors._of_age(born(age, days), said, timezone.localdate())
    assert all(line.startswith(expected) for line in found)
    assert bool(found) == bool(expected)


def test_a_birthday_on_the_29th_of_february_comes_on_the_first_of_march():
    assert minors.birthday(date(2008, 2, 29), 18) == date(2026, 3, 1)
    assert minors.birthday(date(2008, 2, 29), 20) == date(2028, 2, 29)


def test_what_a_guardian_signs_ends_before_her_eighteenth_birthday(cast):
    zone = cast.amina.zone
    grown = date(2027, 5, 10)

    def last(day):
        return datetime(day.year, day.month, day.day, 23, 59, 59, 999999, tzinfo=zone)

    check_guardian_end("PARENT_GUARDIAN", last(grown - timedelta(days=1)), grown, zone)
    with pytest.raises(GuardianSignsUntilGrownUp):
        check_guardian_end("PARENT_GUARDIAN", last(grown), grown, zone)
    check_guardian_end("CLIENT", last(grown), grown, zone)
    check_guardian_end("PARENT_GUARDIAN", last(grown), None, zone)


def test_the_event_names_what_changed_and_nothing_is_plain(cast):
    case = a_case(cast, born(15))
    minority(cast, case, **LOOKED_AT)
    minority(cast, case, **LOOKED_AT)
    event = Event.objects.get(verb="SURVIVOR_CHANGED")
    assert event.section_codes == ["IDENTITY"] and "survivor.minority.x_guardian" in event.detail.content["fields"]
    assert "Fallowfield" not in str(event.detail.content)
    raw = Survivor._base_manager.filter(case=case).values_list("minority", flat=True)[0]
    assert b"Fallowfield" not in bytes(raw.raw)


def test_who_may_not_is_kept_out_and_a_stale_or_closed_record_stays(cast, sign_in):
    case = a_case(cast, born(15))
    make.colleague(case, cast.amina, cast.gita, GrantKind.CLINICAL)
    page = of(case, "case-minority")
    stranger, clinician = sign_in(cast.dana), sign_in(cast.gita)
    assert {stranger.get(page).status_code, stranger.post(page, {}).status_code} == {404}
    assert {clinician.get(page).status_code, clinician.post(page, {}).status_code} == {403}
    assert sign_in(cast.amina).delete(page).status_code == 405
    mark = mark_of(stored(case), *actions.MINORITY)
    minority(cast, case, **LOOKED_AT)
    with pytest.raises(StaleVersion):
        actions.change_minority(
            actor=cast.amina, now=clock.now(), case_uid=case.uid, minority={"x_School": "Elm"}, mark=mark
        )
    make.closed(case, cast.amina)
    with pytest.raises(CaseIsClosed):
        minority(cast, case, x_School="Elm")
