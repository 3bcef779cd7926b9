"""Emergency access: the least, for an hour, told at once, looked at afterwards; and a wall beats it without a word."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import clock, denials, pseudonyms
from audit.context import audit_context, demo_context
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read
from cases import access
from cases.actions import emergency, indexing
from cases.actions.emergency import (
    escalate_overdue_reviews,
    openings_for,
    review_emergency,
    reviews_for,
    take_emergency_access,
    what_was_opened,
    working_days_after,
)
from cases.actions.walls import place_wall, restrict_case
from cases.errors.guarding import (
    EmergencyIsReviewed,
    NothingFoundInEmergency,
    NotOwnEmergency,
    ReasonTooShort,
    TooManyEmergencyTries,
)
from cases.models import Due, EmergencyAccess, Notice
from tests import make
from tests.accounts.signing_in import code_of, give_app, sign_in
from tests.crypto import raw

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]

REASON = "She called from the street and hung up."
PERSON = {"names": "Zoraida Quillfeather", "phone": "202-555-0123"}


def take(person, **how):
    return take_emergency_access(actor=person, now=clock.now(), reason=REASON, **how)


def notices(person, kind):
    return access.own(Notice, person, "person").filter(kind=kind).count()


def confirmed(user):
    """A client that has just proven who it is."""
    secret = give_app(user)
    client = sign_in(user)
    stopped = client.get(reverse("emergency"))
    assert stopped.status_code == 302 and "/account/confirm/" in stopped.url, "a fresh proof is asked for first"
    client.post(stopped.url.replace("/confirm/", "/confirm/code/"), {"code": code_of(secret)})
    return client


def test_a_number_opens_the_least_for_an_hour(cast, case, events):
    opened = take(cast.dana, number=f" {case.number.lower()} ")
    holding = access.get_for(cast.dana, case.uid).holding
    assert holding.readable == [Section.CARD, Section.IDENTITY, Section.SAFETY]
    assert not any(codename.startswith("write_") for codename in holding.permissions)
    for section in (Section.STATUS, Section.LOCATION, Section.NARRATIVE, Section.HEALTH, Section.COUNSELLING):
        with pytest.raises(Refused):
            access.get_for(cast.dana, case.uid, read(section))
    assert access.explain(cast.dana, case, at=opened.opened_at + timedelta(minutes=60, microseconds=-1)).allowed
    assert not access.explain(cast.dana, case, at=opened.opened_at + timedelta(minutes=60)).allowed
    with time_machine.travel(opened.opened_at + timedelta(minutes=60), tick=False), pytest.raises(Hidden):
        access.get_for(cast.dana, case.uid)
    [event] = events("EMERGENCY_OPENED", case.uid)
    assert event.outcome == "OK" and event.basis["kind"] == "EMERGENCY"
    assert access.drift() == [] and REASON.encode() not in raw.dump("default")


def test_an_exact_name_with_the_number_of_her_telephone_opens_it_too(cast, case):
    assert take(cast.jonas, **PERSON).case.pk == case.pk
    for wrong in (
        {**PERSON, "phone": "202-555-0199"}, {**PERSON, "names": "Zoraida"}, {**PERSON, "names": "Zoraida Quill"},
        {**PERSON, "phone": ""}, {"number": case.number[:-1]}, {"number": case.number[3:]},
    ):  # fmt: skip
        with audit_context("test", "one try"), pytest.raises(NothingFoundInEmergency):
            take(cast.gita, **wrong)
    with pytest.raises(Hidden):
        access.get_for(cast.gita, case.uid)


def test_the_index_finds_what_comparing_finds(cast, case, settings):
    settings.CASE_SEARCH = "index"
    indexing.fill(reason="a test")
    assert take(cast.jonas, **PERSON).case.pk == case.pk


def test_who_may_not(cast, case):
    for person in (cast.farid, cast.elif_, cast.ines, cast.chidi, cast.hugo, cast.kemi, cast.omar):
        with pytest.raises(Hidden):
            take(person, number=case.number)
    with pytest.raises(ReasonTooShort):
        take_emergency_access(actor=cast.dana, now=clock.now(), reason="x" * 19, number=case.number)
    with pytest.raises(ReasonTooShort):
        take_emergency_access(actor=cast.dana, now=clock.now(), reason=" " * 40, number=case.number)
    assert not access.for_the_house(EmergencyAccess).exists()


def test_another_organisations_case_is_not_there(cast, case):
    dana = cast.dana
    dana.organisation = cast.hugo.organisation
    dana.organisation.is_ours = True
    with pytest.raises(NothingFoundInEmergency):
        take(dana, number=case.number)


@pytest.mark.parametrize("how", ["NUMBER", "PERSON"])
def test_a_wall_and_no_case_at_all_read_the_same_and_cost_the_same(cast, case, events, how):
    place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.dana)
    asked = {
        "NUMBER": ({"number": case.number}, {"number": "HV-2222-2222"}),
        "PERSON": (PERSON, {**PERSON, "names": "Nobody Hereatall"}),
    }[how]
    seen = []
    for one in asked:
        with CaptureQueriesContext(connection) as queries, pytest.raises(NothingFoundInEmergency) as error:
            take(cast.dana, **one)
        seen.append((len(queries), str(error.value)))
    if how == "NUMBER":
        assert seen[0] == seen[1]
    else:
        assert seen[0][1] == seen[1][1]
    assert not access.for_the_house(EmergencyAccess).exists() and notices(cast.bea, "EMERGENCY_OPENED") == 0


def test_a_wall_against_the_team_beats_it_and_one_placed_while_it_lasts_ends_it(cast, case):
    take(cast.dana, number=case.number)
    assert access.get_for(cast.dana, case.uid)
    place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, team=cast.team_of("dana"))
    with pytest.raises(Hidden):
        access.get_for(cast.dana, case.uid)
    with pytest.raises(NothingFoundInEmergency):
        take(cast.dana, number=case.number)


def test_a_restricted_case_opens_by_its_number_only(cast, case):
    restrict_case(actor=cast.bea, now=clock.now(), case_uid=case.uid, is_restricted=True)
    with pytest.raises(NothingFoundInEmergency):
        take(cast.dana, **PERSON)
    assert take(cast.dana, number=case.number)
    assert access.get_for(cast.dana, case.uid)


def test_names_are_not_tried_for_ever_and_a_number_still_helps(cast, case):
    for number in range(emergency.MOST_TRIES):
        with pytest.raises(NothingFoundInEmergency):
            take(cast.dana, names=f"Somebody Else {number}", phone="202-555-0199")
        denials.write_pending()  # as the middleware does after each page
    with pytest.raises(TooManyEmergencyTries):
        take(cast.dana, **PERSON)
    assert take(cast.dana, number=case.number)


def test_the_supervisor_is_told_at_once_without_content(cast, case):
    opened = take(cast.dana, number=case.number)
    notice = access.own(Notice, cast.bea, "person").get(kind="EMERGENCY_OPENED")
    assert notice.about_uid == opened.uid and notices(cast.kemi, "EMERGENCY_OPENED") == 0
    due = access.for_the_house(Due).get(kind="EMERGENCY_REVIEW")
    assert due.due_on == opened.review_on and due.assigned_to == cast.bea


def test_two_working_days_leave_the_weekend_out():
    assert working_days_after(date(2026, 11, 18), 2) == date(2026, 11, 20)
    assert working_days_after(date(2026, 11, 19), 2) == date(2026, 11, 23)
    assert working_days_after(date(2026, 11, 21), 2) == date(2026, 11, 24)


def test_the_review_by_another_person_only_and_only_once(cast, case, events):
    opened = take(cast.dana, number=case.number)
    assert [one.pk for one in reviews_for(cast.bea, at=clock.now())] == [opened.pk]
    for person, error in (
        (cast.dana, NotOwnEmergency), (cast.amina, Hidden), (cast.nadia, Hidden), (cast.elif_, Hidden),
    ):  # fmt: skip
        assert opened not in reviews_for(person, at=clock.now())
        with pytest.raises(error):
            review_emergency(actor=person, now=clock.now(), opened_uid=opened.uid, finding="NEEDED")
    review_emergency(actor=cast.bea, now=clock.now(), opened_uid=opened.uid, finding="NEEDED", words="Right to do so.")
    assert reviews_for(cast.bea, at=clock.now()) == []
    assert access.for_the_house(Due).get(kind="EMERGENCY_REVIEW").done_at is not None
    with pytest.raises(EmergencyIsReviewed):
        review_emergency(actor=cast.kemi, now=clock.now(), opened_uid=opened.uid, finding="MISUSED")
    assert events("EMERGENCY_REVIEWED", case.uid)[0].actor_uid == cast.bea.uid


def test_a_supervisor_who_took_it_herself_is_reviewed_by_the_house(cast, case):
    opened = take(cast.nadia, number=case.number)
    other = make.case(cast.dana, cast.team_of("dana"))
    own = take(cast.nadia, number=other.number)
    assert opened in reviews_for(cast.bea, at=clock.now()) and own not in reviews_for(cast.bea, at=clock.now())
    with pytest.raises(NotOwnEmergency):
        review_emergency(actor=cast.nadia, now=clock.now(), opened_uid=own.uid, finding="NEEDED")
    assert notices(cast.kemi, "EMERGENCY_OPENED") == notices(cast.omar, "EMERGENCY_OPENED") == 1
    review_emergency(actor=cast.omar, now=clock.now(), opened_uid=own.uid, finding="MISUSED", words="Not for this.")
    assert notices(cast.kemi, "EMERGENCY_MISUSED") == 1 and notices(cast.omar, "EMERGENCY_MISUSED") == 0


def test_an_overdue_review_is_passed_on_once_and_blocks_nothing(cast, case, events):
    opened = take(cast.dana, number=case.number)
    assert escalate_overdue_reviews() == 0
    with time_machine.travel(opened.opened_at + timedelta(days=7), tick=False):
        assert escalate_overdue_reviews() == 1
        assert notices(cast.kemi, "EMERGENCY_OVERDUE") == notices(cast.omar, "EMERGENCY_OVERDUE") == 1
        assert escalate_overdue_reviews() == 0 and len(events("EMERGENCY_ESCALATED", case.uid)) == 1
        assert take(cast.dana, number=case.number).pk != opened.pk
        assert access.get_for(cast.dana, case.uid)


def test_the_reviewer_sees_what_was_opened_from_the_ledger(cast, case, events):
    client = sign_in(cast.dana)
    opened = take(cast.dana, number=case.number)
    assert client.get(reverse("case-overview", args=[case.uid])).status_code == 200
    assert "Zoraida" in client.get(reverse("case-survivor", args=[case.uid])).text
    parts = {code for event in what_was_opened(opened) for code in event.sections.split()}
    assert parts == {"CARD", "IDENTITY", "SAFETY"}
    with time_machine.travel(opened.opened_at + timedelta(hours=2), tick=False):
        make.colleague(case, cast.bea, cast.dana, "ASSIGNMENT")
        assert sign_in(cast.dana).get(reverse("case-survivor", args=[case.uid])).status_code == 200
        assert "DUTIES" in events("CASE_VIEWED", case.uid)[-1].sections
        assert {code for event in what_was_opened(opened) for code in event.sections.split()} == parts


# ---- Pages ----


def test_from_the_form_to_the_case_and_to_the_review(cast, case, events):
    client = confirmed(cast.dana)
    page = reverse("emergency")
    assert page in client.get(reverse("day")).text
    for wrong in (
        {"reason": REASON}, {"reason": "short", "number": case.number}, {"reason": REASON, "names": "Zoraida Quillfeather"},
    ):  # fmt: skip
        assert client.post(page, wrong).status_code == 422, wrong
    key = str(uuid4())
    answers = [client.post(page, {"number": case.number, "reason": REASON, "form_key": key}) for _time in range(2)]
    assert [one.status_code for one in answers] == [302, 302]
    assert answers[0].url == answers[1].url == reverse("case-overview", args=[case.uid])
    assert access.for_the_house(EmergencyAccess).count() == 1
    opened = access.for_the_house(EmergencyAccess).get()
    assert client.get(answers[0].url).status_code == 200
    bea = sign_in(cast.bea)
    review = reverse("emergency-review", args=[opened.uid])
    assert review in bea.get(reverse("decisions")).text and reverse("decisions") in bea.get(reverse("team")).text
    shown = bea.get(review).text
    assert REASON in shown and "Case card" in shown and "Zoraida" not in shown
    assert events("LEDGER_READ")[-1].actor_uid == cast.bea.uid
    assert bea.post(review, {"finding": "NEEDED", "words": ""}).status_code == 422
    assert bea.post(review, {"finding": "NEEDED", "words": "She was in danger."}).status_code == 302
    assert "She was in danger." in bea.get(review).text and bea.post(review, {}).status_code == 404


def test_a_walled_person_and_a_slip_get_the_same_page(cast, case):
    place_wall(actor=cast.bea, now=clock.now(), case_uid=case.uid, person=cast.dana)
    client = confirmed(cast.dana)
    key = str(uuid4())
    pages = []
    for number in (case.number, "HV-2222-2222"):
        answer = client.post(reverse("emergency"), {"number": number, "reason": REASON, "form_key": key})
        assert answer.status_code == 422
        text = answer.text.replace(number, "NUMBER")
        token = text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        pages.append(text.replace(token, "").split("<main")[1].split("</main>")[0])
    assert "Nothing could be opened with this" in pages[0]
    assert without_tokens(pages[0]) == without_tokens(pages[1])


def without_tokens(text):
    return [line for line in text.splitlines() if "csrfmiddlewaretoken" not in line]


def test_all_openings_are_seen_by_who_answers_for_them(cast, case, events):
    opened = take(cast.dana, number=case.number)
    page = reverse("emergency-openings")
    for person in (cast.bea, cast.kemi, cast.omar):
        shown = sign_in(person).get(page)
        assert case.number in shown.text and cast.dana.name in shown.text and "Zoraida" not in shown.text
        assert opened in openings_for(person, at=clock.now())
    assert case.number not in sign_in(cast.nadia).get(page).text
    for person in (cast.amina, cast.dana, cast.farid, cast.chidi, cast.elif_):
        assert sign_in(person).get(page).status_code == 404
        assert sign_in(person).get(reverse("emergency-review", args=[opened.uid])).status_code == 404
    for person in (cast.kemi, cast.ines, cast.elif_, cast.chidi):
        assert sign_in(person).get(reverse("emergency")).status_code == 404


def test_the_auditor_reads_pseudonyms_and_from_outside_the_numbers_alone(cast, case, events):
    take(cast.dana, number=case.number)
    page = reverse("emergency-evidence")
    client = sign_in(cast.elif_)
    assert page in client.get(reverse("auditor-home")).text
    shown = client.get(page)
    assert shown.status_code == 200 and pseudonyms.of_case(case.uid) in shown.text and cast.dana.name in shown.text
    assert case.number not in shown.text and "Zoraida" not in shown.text and REASON not in shown.text
    assert events("LEDGER_READ")[-1].actor_uid == cast.elif_.uid

    held = cast.elif_.role_assignments.get()
    held.role = "EXTERNAL_AUDITOR"
    held.save()
    outside = sign_in(cast.elif_).get(page).text
    assert pseudonyms.of_case(case.uid) not in outside and cast.dana.name not in outside and "fewer than 11" in outside
    for person in (cast.bea, cast.amina, cast.farid, cast.chidi):
        assert sign_in(person).get(page).status_code == 404


def test_the_report_is_filtered_by_day_and_by_how_the_review_stands(cast, case, events):
    now = clock.now()
    with demo_context():
        old = take_emergency_access(actor=cast.dana, now=now - timedelta(days=40), reason=REASON, number=case.number)
    new = take(cast.jonas, number=case.number)
    review_emergency(actor=cast.bea, now=clock.now(), opened_uid=new.uid, finding="MISUSED", words="Not for this.")
    client, page = sign_in(cast.bea), reverse("emergency-openings")

    def shown(**chosen):
        answer = client.get(page, chosen)
        assert answer.status_code == 200, chosen
        return [line["opened"].pk for line in answer.context["lines"]]

    day = timezone.localdate().isoformat()
    assert shown() == [new.pk, old.pk]
    assert shown(start=day) == [new.pk] and shown(end=(timezone.localdate() - timedelta(days=1)).isoformat()) == [
        old.pk
    ]
    assert shown(start=day, end=day) == [new.pk]
    assert shown(review="WAITS") == shown(review="LATE") == [old.pk]
    assert shown(review="DONE") == shown(review="MISUSED") == [new.pk] and shown(start=day, review="LATE") == []
    totals = client.get(page).context
    assert (totals["total"], totals["waiting"], totals["late"], totals["misused"]) == (2, 1, 1, 1)
    assert "None fits these filters" in client.get(page, {"start": day, "review": "LATE"}).text
    for wrong in ({"start": "soon"}, {"review": "ALL"}, {"start": day, "end": "2026-01-01"}):
        refused = client.get(page, wrong)
        assert refused.status_code == 422 and refused.context["lines"] == [], wrong
    assert sign_in(cast.nadia).get(page, {"review": "LATE"}).context["total"] == 0
    assert client.post(page).status_code == 405


def test_a_review_is_overdue_from_the_day_after_its_date(cast, case):
    opened = take(cast.dana, number=case.number)
    client = sign_in(cast.kemi)
    assert client.get(reverse("emergency-openings")).context["late"] == 0
    opened.review_on = timezone.localdate() - timedelta(days=1)
    opened.save(update_fields=["review_on"])
    answer = client.get(reverse("emergency-openings"))
    assert answer.context["late"] == 1 and "Overdue" in answer.text
    assert "Review overdue" in client.get(reverse("emergency-review", args=[opened.uid])).text


def test_more_than_one_page_holds_says_so(cast, case, monkeypatch):
    monkeypatch.setattr("cases.views.emergency.MOST_SHOWN", 1)
    first, _second = take(cast.dana, number=case.number), take(cast.jonas, number=case.number)
    client = sign_in(cast.kemi)
    answer = client.get(reverse("emergency-openings"))
    assert (
        len(answer.context["lines"]) == 1
        and answer.context["total"] == 2
        and "Only the newest are listed" in answer.text
    )
    assert client.get(reverse("emergency-review", args=[first.uid])).status_code == 200
