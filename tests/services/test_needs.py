"""Needs in her words (domain.md §4.3): written down, on the lead's list where they cannot wait, and what became of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section
from cases import access
from cases.actions.due import stamp_due_rows
from cases.choices.casework import DueKind
from cases.errors.casework import CaseIsClosed
from cases.models import Case, Due, Notice
from services.actions.needs import change_need, note_need, settle_need
from services.choices import Barrier
from services.errors import BarrierIsAsked, DatesTheWrongWayRound
from services.models import Need
from tests import make
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]

WORDS = "A door that I can lock, like Wagtailina has"
COAT: dict[str, Any] = {"words": WORDS, "area": "HOUSING", "urgency": "LONG", "our_priority": "NEXT"}


def of(cast: Cast, case: Case) -> dict[str, Any]:
    return {"actor": cast.amina, "now": clock.now(), "case_uid": case.uid}


def needed(cast: Cast, case: Case, **said: Any) -> Need:
    return note_need(**of(cast, case), **{**COAT, **said})


def open_dues(case: Case) -> list[Due]:
    return list(access.for_the_house(Due).filter(case=case, kind=DueKind.NEED, done_at__isnull=True))


def tab(case: Case) -> str:
    return reverse("case-reintegration", args=[case.uid])


def test_a_need_is_written_down_once_in_her_words_and_sealed(cast: Cast, case: Case, sign_in) -> None:
    client = sign_in(cast.amina)
    page = client.get(reverse("need-new", args=[case.uid]))
    facts = {**COAT, "her_priority": "FIRST", "form_key": page.context["form"]["form_key"].value()}
    for _again in range(2):
        assert client.post(reverse("need-new", args=[case.uid]), facts).status_code == 302
    need = Need._base_manager.get()
    assert Event.objects.filter(verb=Verb.NEED_NOTED, subject_uid=need.uid).count() == 1
    assert b"Wagtailina" not in Need._base_manager.values_list("words", flat=True).get().raw
    shown = client.get(tab(case)).text
    assert WORDS in shown and "To her: First of all" in shown and "To us: Next" in shown
    event = Event.objects.get(verb=Verb.NEED_NOTED)
    assert "Wagtailina" not in str(event.__dict__)


def test_her_priority_is_hers_and_says_so_where_nobody_asked(cast: Cast, case: Case, sign_in) -> None:
    needed(cast, case)
    assert Need._base_manager.get().her_priority == ""
    assert "To her: not asked yet" in sign_in(cast.amina).get(tab(case)).text


@pytest.mark.parametrize(("urgency", "days"), [("IMMEDIATE", 1), ("URGENT", 3)])
def test_what_cannot_wait_stands_on_the_list_of_the_lead(cast: Cast, case: Case, urgency: str, days: int) -> None:
    need = needed(cast, case, urgency=urgency)
    (due,) = open_dues(case)
    assert due.due_on == need.identified_on + timedelta(days=days) and due.section == Section.SERVICES
    assert due.subject_uid == need.uid and due.assigned_to is None


def test_the_lead_hears_of_what_is_needed_within_a_day_at_once(cast: Cast, case: Case, sign_in) -> None:
    needed(cast, case, urgency="IMMEDIATE")
    assert stamp_due_rows(actor=None, now=clock.now(), case_uid=case.uid) >= 1
    assert Notice._base_manager.get(kind=DueKind.NEED).person == case.lead
    assert WORDS in sign_in(cast.amina).get(reverse("day")).text


@pytest.mark.parametrize("urgency", ["SHORT", "LONG"])
def test_what_can_wait_stands_on_no_list(cast: Cast, case: Case, urgency: str) -> None:
    needed(cast, case, urgency=urgency)
    assert open_dues(case) == []


def test_a_need_that_becomes_pressing_counts_from_today_and_leaves_the_list_when_it_can_wait(
    cast: Cast, case: Case
) -> None:
    need = needed(cast, case)
    change_need(**of(cast, case), need_uid=need.uid, **{**COAT, "urgency": "IMMEDIATE"})
    (due,) = open_dues(case)
    assert due.due_on == need.identified_on + timedelta(days=1)
    change_need(**of(cast, case), need_uid=need.uid, **COAT)
    assert open_dues(case) == []
    assert Event.objects.filter(verb=Verb.NEED_CHANGED).count() == 2


def test_changing_nothing_writes_nothing(cast: Cast, case: Case) -> None:
    need = needed(cast, case)
    change_need(**of(cast, case), need_uid=need.uid, **COAT)
    assert not Event.objects.filter(verb=Verb.NEED_CHANGED).exists()


def test_the_page_to_change_a_need_begins_with_what_stands_there(cast: Cast, case: Case, sign_in) -> None:
    need = needed(cast, case, urgency="URGENT")
    client = sign_in(cast.amina)
    path = reverse("need-change", args=[case.uid, need.uid])
    page = client.get(path)
    assert WORDS in page.text
    key = page.context["form"]["form_key"].value()
    answer = client.post(path, {**COAT, "words": "A room of my own", "urgency": "URGENT", "form_key": key})
    assert answer.status_code == 302 and "A room of my own" in client.get(tab(case)).text
    assert client.post(path, {**COAT, "words": ""}).status_code == 422


def test_a_met_need_leaves_the_list_and_can_be_opened_again(cast: Cast, case: Case, sign_in) -> None:
    need = needed(cast, case, urgency="URGENT")
    today = need.identified_on
    for _again in range(2):
        settle_need(**of(cast, case), need_uid=need.uid, status="MET", on=today)
    assert open_dues(case) == [] and Event.objects.filter(verb=Verb.NEED_SETTLED).count() == 1
    assert Need._base_manager.get().settled_on == today
    shown = sign_in(cast.amina).get(tab(case)).text
    assert "1 need that is settled" in shown
    settle_need(**of(cast, case), need_uid=need.uid, status="OPEN", on=today)
    assert Need._base_manager.get().settled_on is None and len(open_dues(case)) == 1


def test_a_need_that_was_not_met_says_what_stood_in_the_way(cast: Cast, case: Case, sign_in) -> None:
    need = needed(cast, case)
    client = sign_in(cast.amina)
    path = reverse("need-settle", args=[case.uid, need.uid])
    answer = client.post(path, {"status": "UNMET", "on": need.identified_on.isoformat(), "barrier": ""})
    assert answer.status_code == 422 and "Say what stood in the way" in answer.text
    with pytest.raises(BarrierIsAsked):
        settle_need(**of(cast, case), need_uid=need.uid, status="UNMET", on=need.identified_on)
    settle_need(**of(cast, case), need_uid=need.uid, status="UNMET", on=need.identified_on, barrier="WAITLIST")
    assert "A waiting list" in client.get(tab(case)).text
    assert b"WAITLIST" not in Need._base_manager.values_list("barrier", flat=True).get().raw
    settle_need(**of(cast, case), need_uid=need.uid, status="MET", on=need.identified_on, barrier="WAITLIST")
    assert "A waiting list" not in client.get(tab(case)).text


def test_no_barrier_tells_what_has_a_section_of_its_own() -> None:
    assert not {"IMMIGRATION_STATUS", "SUBSTANCE_USE", "TRAUMA_MH"} & set(Barrier.values)


def test_a_need_is_not_settled_before_it_was_found(cast: Cast, case: Case) -> None:
    need = needed(cast, case)
    with pytest.raises(DatesTheWrongWayRound):
        settle_need(**of(cast, case), need_uid=need.uid, status="MET", on=need.identified_on - timedelta(days=1))


def test_the_database_keeps_state_and_day_together(cast: Cast, case: Case) -> None:
    need = needed(cast, case)
    row = Need._base_manager.get(pk=need.pk)
    row.status = "MET"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(update_fields=["status"])


def test_a_closed_case_takes_no_need_but_its_needs_are_tidied(cast: Cast, case: Case) -> None:
    need = needed(cast, case, urgency="URGENT")
    make.closed(case, cast.amina)
    with pytest.raises(CaseIsClosed):
        needed(cast, case)
    settle_need(**of(cast, case), need_uid=need.uid, status="NOT_WANTED", on=need.identified_on)
    assert open_dues(case) == []
    with pytest.raises(CaseIsClosed):
        settle_need(**of(cast, case), need_uid=need.uid, status="OPEN", on=need.identified_on)


def test_strangers_colleagues_and_wrong_methods(cast: Cast, case: Case, sign_in) -> None:
    need = needed(cast, case)
    places = [
        reverse("need-new", args=[case.uid]), reverse("need-change", args=[case.uid, need.uid]),
        reverse("need-settle", args=[case.uid, need.uid]),
    ]  # fmt: skip
    for place in places:
        for stranger in (cast.dana, cast.elif_, cast.chidi):
            assert sign_in(stranger).get(place).status_code in (403, 404)
        assert sign_in(cast.dana).get(place).status_code == 404
        assert sign_in(cast.bea).get(place).status_code == 403
        assert sign_in(cast.amina).put(place).status_code == 405
    with pytest.raises(Hidden):
        note_need(**{**of(cast, case), "actor": cast.dana}, **COAT)
    with pytest.raises(Refused):
        note_need(**{**of(cast, case), "actor": cast.bea}, **COAT)


def test_the_list_costs_the_same_for_one_need_and_for_many(cast: Cast, case: Case, sign_in) -> None:
    client = sign_in(cast.amina)
    needed(cast, case)
    client.get(tab(case))
    with CaptureQueriesContext(connection) as few:
        client.get(tab(case))
    for number in range(6):
        needed(cast, case, words=f"Another {number}")
    with CaptureQueriesContext(connection) as many:
        client.get(tab(case))
    assert len(few) == len(many)


def test_the_most_pressing_stands_first(cast: Cast, case: Case, sign_in) -> None:
    for urgency in ("LONG", "SHORT", "IMMEDIATE", "URGENT"):
        needed(cast, case, words=f"Need {urgency}", urgency=urgency)
    shown = sign_in(cast.amina).get(tab(case)).text
    places = [shown.index(f"Need {urgency}<") for urgency in ("IMMEDIATE", "URGENT", "SHORT", "LONG")]
    assert places == sorted(places)
