"""R24: code lists with dates, translations and crosswalks; forms offer what stands, records keep what they hold."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.session import for_house
from cases import access, codes
from cases.actions.cases import close_case
from cases.actions.configuring import add_code, set_code
from cases.choices.casework import ClosureReason, ToldHer
from cases.choices.configuration import CROSSWALKS, ListName
from cases.closing import Farewell
from cases.errors.casework import NotTold
from cases.errors.configuring import (
    CodeIsMalformed,
    CodeIsTaken,
    EndsBeforeItBegins,
    LabelIsMissing,
    ListIsClosed,
    RulesNeedIt,
)
from cases.htcds.export import _closure_reason
from cases.models import CodeRow
from cases.opening import open_case
from services.actions.aftercare import record_service
from services.actions.needs import note_need
from tests import make

pytestmark = pytest.mark.usefixtures("ledger")
REASON = ListName.CLOSURE_REASON


def facts(**changes):
    return {"label": "Went to our sister house", "labels": {"es": "Fue a la casa hermana"}, **changes}


def own(cast, *, code="SISTER_HOUSE", counts_as=ClosureReason.RELOCATED, list_name=REASON, **changes):
    return add_code(
        actor=cast.farid, now=clock.now(), list_name=list_name, code=code, counts_as=counts_as, facts=facts(**changes)
    )


def change(cast, code, *, list_name=REASON, **changes):
    return set_code(actor=cast.farid, now=clock.now(), list_name=list_name, code=code, facts=changes)


def offered(name=REASON):
    return [code for code, _label in codes.choices_of(name)]


def test_r24_every_row_has_code_label_dates_sort_crosswalks_and_translations(cast):
    for one in codes.lists():
        for row in codes.rows_of(one.name):
            assert row.code and row.label and row.sort and set(row.crosswalks) == set(CROSSWALKS)
            with translation.override("es"):
                assert codes.label(one.name, row.code)
    names = {field.name for field in CodeRow._meta.get_fields()}
    assert {"code", "label", "labels", "active_from", "active_to", "sort", *CROSSWALKS} <= names
    assert {one.name for one in codes.lists()} == set(ListName.values)
    assert codes.crosswalk(ListName.SERVICE_TYPE, "BASIC_NEEDS", "otip") == "Basic Necessities"


def test_shipped_lists_are_offered_as_they_are(cast, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert offered() == [code for code in ClosureReason.values if code != "IMPORT_UNDONE"]
        assert codes.label(REASON, "GOALS_MET") == "Goals met"
        with translation.override("es"):
            assert codes.label(REASON, "GOALS_MET") == str(ClosureReason.GOALS_MET.label) != "Goals met"


def test_an_own_answer_is_offered_behind_what_it_counts_as_and_translated(cast, events):
    own(cast)
    place = offered().index("SISTER_HOUSE")
    assert offered()[place - 1] == "RELOCATED"
    assert codes.base(REASON, "SISTER_HOUSE") == "RELOCATED"
    assert codes.label(REASON, "SISTER_HOUSE") == "Went to our sister house"
    with translation.override("es"):
        assert codes.label(REASON, "SISTER_HOUSE") == "Fue a la casa hermana"
    with translation.override("fr"):
        assert codes.label(REASON, "SISTER_HOUSE") == "Went to our sister house", "better than a code"
    (told,) = events("CODE_SET")
    assert told.actor_uid == cast.farid.uid and told.case_uid is None
    assert told.detail.shown()["codes"]["status"] == "SISTER_HOUSE" and "sister house" not in str(told.detail.shown())


def test_a_shipped_answer_can_be_called_and_placed_otherwise_and_back(cast):
    change(cast, "OTHER", label="Something else entirely", sort=1)
    assert offered()[0] == "OTHER" and codes.label(REASON, "OTHER") == "Something else entirely"
    with translation.override("es"):
        assert codes.label(REASON, "OTHER") == str(ClosureReason.OTHER.label), "its own translation, until there is one"
    row = change(cast, "OTHER")
    assert codes.label(REASON, "OTHER") == "Other" and offered()[-1] == "OTHER"
    assert row.history.count() == 2


def test_an_ended_answer_is_offered_no_more_and_stays_where_it_is(cast, case):
    today = timezone.localdate()
    own(cast)
    closed = make.closed(case, cast.amina, reason="SISTER_HOUSE")
    change(cast, "SISTER_HOUSE", **facts(active_to=today - timedelta(days=1)))
    assert "SISTER_HOUSE" not in offered()
    assert "SISTER_HOUSE" in [code for code, _label in codes.choices_of(REASON, keep="SISTER_HOUSE")]
    found = access.get_for(cast.amina, closed.uid)
    with open_case(cast.amina, found):
        assert found.closure_reason == "SISTER_HOUSE"
        assert codes.label(REASON, found.closure_reason) == "Went to our sister house"
    change(cast, "SISTER_HOUSE", **facts(active_from=today + timedelta(days=1)))
    assert "SISTER_HOUSE" not in offered()
    change(cast, "SISTER_HOUSE", **facts(active_from=today, active_to=today))
    assert "SISTER_HOUSE" in offered(), "both days included"


def test_rules_go_by_what_an_own_answer_counts_as(cast, case):
    own(cast, code="PASSED_AWAY", counts_as=ClosureReason.DECEASED, label="Passed away")
    with pytest.raises(NotTold):
        close_case(
            actor=cast.amina, now=clock.now(), case_uid=case.uid, reason="PASSED_AWAY", closed_on=timezone.localdate(),
            farewell=Farewell(ToldHer.IN_PERSON),
        )  # fmt: skip
    with pytest.raises(ValueError, match="NOBODY_KNOWS"):
        close_case(
            actor=cast.amina, now=clock.now(), case_uid=case.uid, reason="NOBODY_KNOWS", closed_on=timezone.localdate(),
            farewell=Farewell(ToldHer.IN_PERSON),
        )  # fmt: skip


def test_r24_the_htcds_export_writes_the_crosswalk_of_an_own_answer(cast, case):
    own(cast)
    make.closed(case, cast.amina, reason="SISTER_HOUSE")
    found = access.get_for(cast.amina, case.uid)
    with open_case(cast.amina, found), translation.override("es"):
        assert _closure_reason(found) == "Moved away", "as the one that it counts as, in the language of the standard"
        change(cast, "SISTER_HOUSE", **facts(htcds="Relocated"))
        assert _closure_reason(found) == "Relocated"


def test_an_own_service_takes_the_unit_and_the_secrecy_of_its_kind(cast, case, sign_in):
    own(
        cast, list_name=ListName.SERVICE_TYPE, code="NIGHT_STAY", counts_as="SHELTER_EMERG", label="Night in the annexe"
    )
    own(cast, list_name=ListName.SERVICE_TYPE, code="GARDENING", counts_as="LIFE_SKILLS", label="Gardening together")
    amina = sign_in(cast.amina)
    page = amina.get(reverse("service-new", args=[case.uid])).text
    assert "Gardening together" in page
    for code in ("NIGHT_STAY", "GARDENING"):
        given = record_service(
            actor=cast.amina, now=clock.now(), case_uid=case.uid, given_on=timezone.localdate(), service=code,
            quantity=Decimal(2), outcome="PROVIDED", mode="IN_PERSON",
        )  # fmt: skip
        found = access.get_for(cast.amina, case.uid)
        with open_case(cast.amina, found):
            row = access.get_record(type(given), found, given.uid)
            assert row.facts["unit"] == {"NIGHT_STAY": "NIGHT", "GARDENING": "HOURS"}[code]
    shown = amina.get(reverse("case-aftercare", args=[case.uid])).text
    assert "Gardening together" in shown and "2 hours" in shown and "Night in the annexe" in shown


@pytest.mark.parametrize(("wrong", "error"), [
    ({"code": "goals"}, CodeIsMalformed), ({"code": "1ST"}, CodeIsMalformed), ({"code": "A" * 25}, CodeIsMalformed),
    ({"code": "GOALS_MET"}, CodeIsTaken), ({"label": ""}, LabelIsMissing),
    ({"list_name": ListName.DOCUMENT_CATEGORY, "counts_as": "COURT"}, ListIsClosed),
    ({"counts_as": "IMPORT_UNDONE"}, Hidden), ({"counts_as": "NOTHING"}, Hidden), ({"list_name": "NO_LIST"}, Hidden),
    ({"active_from": date(2026, 5, 2), "active_to": date(2026, 5, 1)}, EndsBeforeItBegins),
])  # fmt: skip
def test_what_is_no_answer_is_refused(cast, wrong, error):
    with pytest.raises(error):
        own(cast, **wrong)
    with for_house():
        assert not access.for_the_house(CodeRow).exists()


def test_what_a_rule_asks_for_cannot_be_ended(cast, sign_in):
    with pytest.raises(RulesNeedIt):
        change(cast, "LOST_CONTACT", active_to=timezone.localdate())
    with pytest.raises(Hidden):
        change(cast, "IMPORT_UNDONE", label="Undone")
    page = sign_in(cast.farid).get(reverse("code-set", args=[REASON, "LOST_CONTACT"])).text
    assert "always offered" in page and 'name="active_to"' not in page


def test_by_the_pages(cast, sign_in):
    farid = sign_in(cast.farid)
    assert "Why a case closes" in farid.get(reverse("code-lists")).text
    new = reverse("code-new", args=[REASON])
    sent = {
        "code": "SISTER_HOUSE", "counts_as": "RELOCATED", "label": "Went to our sister house", "label_es": "Casa hermana",
        "htcds": "Relocated",
    }  # fmt: skip
    wrong = farid.post(new, {**sent, "code": "sister"})
    assert wrong.status_code == 422 and "capital letters" in wrong.text
    assert farid.post(new, sent).status_code == 302
    page = farid.get(reverse("code-list", args=[REASON])).text
    assert "Your own" in page and "HTCDS: <bdi>Relocated</bdi>" in page and "counts as: Moved away" in page
    change_page = reverse("code-set", args=[REASON, "SISTER_HOUSE"])
    assert 'value="Casa hermana"' in farid.get(change_page).text
    assert farid.post(change_page, {"label": "", "sort": "5"}).status_code == 422
    assert farid.post(change_page, {"label": "Sister house", "sort": "5", "active_to": "2020-01-01"}).status_code == 302
    assert "No longer offered" in farid.get(reverse("code-list", args=[REASON])).text
    assert farid.get(reverse("code-new", args=["DOCUMENT_CATEGORY"])).status_code == 404
    assert farid.get(reverse("code-list", args=["NO_LIST"])).status_code == 404
    assert farid.get(reverse("code-set", args=[REASON, "NO_CODE"])).status_code == 404


@pytest.mark.parametrize("name", ["amina", "bea", "kemi", "elif", "chidi", "dana"])
def test_nobody_else_finds_or_does_it(cast, name, sign_in):
    client = sign_in(getattr(cast, name))
    for address in (
        reverse("code-lists"), reverse("code-list", args=[REASON]), reverse("code-new", args=[REASON]),
        reverse("code-set", args=[REASON, "OTHER"]),
    ):  # fmt: skip
        assert client.get(address).status_code == 404
        assert client.post(address).status_code in (404, 405)
    with pytest.raises(Refused):
        add_code(
            actor=getattr(cast, name), now=clock.now(), list_name=REASON, code="MINE", counts_as="OTHER", facts=facts()
        )
    with pytest.raises(Refused):
        set_code(actor=getattr(cast, name), now=clock.now(), list_name=REASON, code="OTHER", facts={"label": "x"})


def test_a_page_with_many_codes_asks_once(cast, django_assert_num_queries):
    own(cast)
    with django_assert_num_queries(1):
        for _time in range(50):
            codes.label(REASON, "SISTER_HOUSE")
            codes.choices_of(ListName.SERVICE_TYPE)


def test_a_need_keeps_its_ended_area_when_it_is_worded_anew(cast, case, sign_in):
    name = ListName.AREA_OF_LIFE
    own(cast, list_name=name, code="GARDEN", counts_as="SOCIAL", label="The garden")
    need = note_need(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, words="A bed of beans", area="GARDEN", urgency="LONG",
        our_priority="LATER",
    )  # fmt: skip
    change(cast, "GARDEN", list_name=name, label="The garden", active_to=timezone.localdate() - timedelta(days=1))
    amina = sign_in(cast.amina)
    assert "The garden" not in amina.get(reverse("need-new", args=[case.uid])).text
    address = reverse("need-change", args=[case.uid, need.uid])
    assert '<option value="GARDEN" selected>The garden</option>' in amina.get(address).text
    sent = {"words": "Two beds of beans", "area": "GARDEN", "urgency": "LONG", "our_priority": "LATER"}
    assert amina.post(address, sent).status_code == 302
    assert "The garden" in amina.get(reverse("case-reintegration", args=[case.uid])).text
