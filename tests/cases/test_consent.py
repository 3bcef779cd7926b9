"""Consent to keep her information: seven points, a day, a language, who asked; and a refusal that costs nothing (R2)."""

from uuid import uuid4

import pytest
from django.urls import reverse

from audit import clock
from audit.models import Event
from cases import access, opening
from cases.actions.survivor import record_consent
from cases.errors.survivor import ConsentLacks
from cases.htcds.codes import ConsentPrompt
from cases.models import Consent
from tests import make

ALL = dict.fromkeys(ConsentPrompt.values, True)
FACTS = {"obtained_on": "2026-03-02", "language": "es", "obtained_by": "Amina Rivers"}


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"), consent_record={"as_reported": True})


@pytest.fixture
def address(case):
    return reverse("case-consent", args=[case.uid])


def sent(**changes):
    return {"state": "CONSENTED", "told": ConsentPrompt.values, "form_key": str(uuid4()), **FACTS, **changes}


def kept(cast, case):
    with opening.open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        row = access.within(Consent, case).get()
        return row.state, row.told, row.record


def test_consent_with_all_seven_counts(cast, case, address, sign_in):
    client, tab = sign_in(cast.amina), reverse("case-survivor", args=[case.uid])
    assert "As reported by the sender" in client.get(tab).text
    assert client.post(address, sent(read_aloud="on")).url == tab
    state, told, record = kept(cast, case)
    assert state == "CONSENTED" and told == ALL and record["read_aloud"] is True
    assert record["service_conditioned"] is False and "as_reported" not in record
    shown = client.get(tab).text
    assert "Consented" in shown and "Spanish" in shown and "As reported by the sender" not in shown
    event = Event.objects.get(verb="CONSENT_RECORDED")
    assert event.section_codes == ["DUTIES"] and "CONSENTED" not in str(event.detail.content)


def test_without_any_one_of_them_it_does_not_count(cast, case, address, sign_in):
    client = sign_in(cast.amina)
    answer = client.post(address, sent(told=ConsentPrompt.values[:6]))
    assert answer.status_code == 422 and "All seven points, or it is not a consent yet." in answer.text
    for name in FACTS:
        answer = client.post(address, sent(**{name: ""}))
        assert answer.status_code == 422 and f'id="id_{name}_error"' in answer.text
    for told, facts in (({**ALL, ConsentPrompt.TOLD_PURPOSE: False}, FACTS), (ALL, {**FACTS, "language": ""})):
        with pytest.raises(ConsentLacks):
            record_consent(
                actor=cast.amina, now=clock.now(), case_uid=case.uid, state="CONSENTED", told=told, facts=facts
            )
    assert kept(cast, case)[0] == "PENDING"


def test_no_is_an_answer_and_can_come_later(cast, case, address, sign_in):
    client = sign_in(cast.amina)
    assert (
        client.post(address, sent(state="DECLINED", told=[], obtained_on="", language="", obtained_by="")).status_code
        == 302
    )
    assert client.post(address, sent()).status_code == 302
    assert client.post(address, sent(state="DECLINED")).status_code == 302
    verbs = list(Event.objects.filter(verb__startswith="CONSENT").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["CONSENT_RECORDED", "CONSENT_RECORDED", "CONSENT_WITHDRAWN"]
    assert kept(cast, case)[0] == "DECLINED"
    assert access.within(Consent, case).get().history.count() == 4, "what she said before stays readable"


def test_who_may_not_is_kept_out_and_a_supervisor_may(cast, case, address, sign_in):
    make.colleague(case, cast.amina, cast.gita, "CLINICAL")
    assert sign_in(cast.dana).get(address).status_code == 404
    assert sign_in(cast.gita).get(address).status_code == 403
    assert sign_in(cast.bea).post(address, sent()).status_code == 302
    assert sign_in(cast.amina).delete(address).status_code == 405


@pytest.mark.sql
def test_a_double_click_records_once(cast, case, address, sign_in):
    client, once = sign_in(cast.amina), sent()
    assert [client.post(address, once).status_code for _ in range(2)] == [302, 302]
    assert Event.objects.filter(verb="CONSENT_RECORDED").count() == 1
