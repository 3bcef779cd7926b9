"""Consents, releases and the accounting of disclosures stay for six years: the legal part and the whole case wait for it."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from cases import access
from cases.actions.erasing import begin_erasing, carry_out
from cases.actions.erasure import approve_erasure
from cases.actions.releases import withdraw_release
from cases.choices.survivor import ConsentState
from cases.errors.erasing import DutiesMustStay
from cases.keeping import kept_until, years_after
from cases.models import Case, Disclosure, ErasureOrder
from tests import make
from tests.cases.erasing import approve, ask, confirm, no_waiting
from tests.cases.test_exports import release


def today():
    return timezone.localdate()


def fresh(case):
    return access.for_the_house(Case).get(uid=case.uid)


def until(case, *classes, ground="HER_REQUEST", on=None):
    return kept_until(fresh(case), classes or ("LEGAL",), ground=ground, today=on or today())


@pytest.fixture
def consented(cast):
    """A case that was closed eight years ago, in which she had consented."""
    return make.case(
        cast.amina, cast.team_of("amina"), **make.consented(), opened_on=date(2018, 3, 1),
        status="CLOSED", closed_on=date(2018, 9, 3), closure_reason="GOALS_MET",
    )  # fmt: skip


def disclosure(case, cast, at):
    made = Disclosure(
        case=case, basis="AGGREGATE", release=None, recipient=cast.hugo.organisation, categories=["IDENTITY"], how="EXPORT",
        disclosed_by=cast.amina, disclosed_at=at,
    )  # fmt: skip
    access.for_the_house(Disclosure).audited_bulk_create([made])
    return made


def test_where_nothing_was_recorded_nothing_waits(case):
    assert until(case) is None


def test_six_years_begin_with_the_end_of_the_case(consented):
    assert until(consented) is None, "closed eight years ago"
    assert until(consented, on=date(2024, 9, 2)) == date(2024, 9, 3)
    assert until(consented, on=date(2024, 9, 3)) is None


def test_an_open_case_waits_from_today(cast):
    case = make.case(cast.amina, cast.team_of("amina"), consent_state=ConsentState.DECLINED)
    assert until(case) == years_after(today(), 6), "a refusal is a record, too"


def test_a_release_counts_from_its_end_and_a_disclosure_from_its_day(cast, case):
    given = release(cast.amina, case, cast.hugo.organisation)
    case = make.closed(case, cast.amina)
    ends = timezone.localdate(given.expires_at)
    assert ends > today() and until(case) == years_after(ends, 6)
    withdraw_release(actor=cast.amina, now=clock.now(), release_uid=given.uid, how="ORAL")
    assert until(case) == years_after(today(), 6)


def test_a_disclosure_after_the_end_of_the_case_counts(consented, cast):
    disclosure(consented, cast, clock.now() - timedelta(days=365))
    assert until(consented) == years_after(today() - timedelta(days=365), 6)


def test_a_signed_paper_among_the_duties_counts(cast, case):
    make.document(case, cast.amina, category="CONSENT")
    assert until(case) == years_after(today(), 6)


def test_only_where_the_legal_part_goes_too(cast, case):
    release(cast.amina, case, cast.hugo.organisation)
    assert until(case, "ADVOCACY", "CLINICAL", "SERVICES") is None
    assert until(case, "CORE", "LEGAL") is not None


def test_an_order_goes_before_and_another_law_is_a_setting(cast, case, settings):
    release(cast.amina, case, cast.hugo.organisation)
    assert until(case, ground="ORDER") is None
    settings.DUTIES_KEPT_YEARS = 0
    assert until(case) is None
    settings.DUTIES_KEPT_YEARS = 3
    assert until(case).year in (today().year + 3, today().year + 4)


def test_the_29th_of_february():
    assert years_after(date(2024, 2, 29), 6) == date(2030, 3, 1) and years_after(date(2022, 2, 28), 6) == date(
        2028, 2, 28
    )


def form_for(case, *classes, ground="HER_REQUEST"):
    return {"number": case.number, "classes": classes, "ground": ground, "reference": "R-17", "reason": "Quiet"}


def test_the_page_says_from_when_on_beside_the_field(cast, case, sign_in, events):
    release(cast.amina, case, cast.hugo.organisation)
    client = sign_in(cast.kemi)
    answer = client.post(reverse("erasure-ask"), form_for(case, "LEGAL"))
    assert answer.status_code == 422
    [said] = answer.context["form"].errors["classes"]
    day = until(case)
    assert str(day.year) in said and "by order of a court" in said and not answer.context["form"].non_field_errors()
    assert 'id="id_classes_error"' in answer.text and said.split(",")[0] in answer.text
    [event] = events("ERASURE_REFUSED", case.uid)
    assert event.outcome == "REFUSED" and event.detail.content["codes"]["hold"] == ["DUTIES_KEPT"]
    assert not access.for_the_house(ErasureOrder).exists()
    assert client.post(reverse("erasure-ask"), form_for(case, "LEGAL", ground="ORDER")).status_code == 302


def test_what_is_recorded_between_asking_and_erasing_counts_too(cast, case, settings):
    """Nothing stood against it when it was asked; then she signed a release."""
    settings.ERASURE_COOLING_DAYS = 0
    order = ask(cast, case, "LEGAL")
    given = release(cast.amina, case, cast.hugo.organisation)
    with pytest.raises(DutiesMustStay):
        approve_erasure(actor=cast.omar, now=clock.now(), order_uid=order.uid)
    settings.DUTIES_KEPT_YEARS = 0
    order = confirm(cast, approve(cast, order))
    settings.DUTIES_KEPT_YEARS = 6
    assert not carry_out(order.uid)
    order = access.for_the_house(ErasureOrder).get(uid=order.uid)
    assert order.state == "REFUSED" and order.keys_gone_at is None and given.pk
    told = Event.objects.filter(verb="ERASURE_REFUSED", subject_uid=order.uid).latest("pk")
    assert told.detail.content["codes"]["hold"] == ["DUTIES_KEPT"]


def test_an_erasure_that_was_begun_goes_on(cast, case, settings):
    """After a crash: its keys may be gone already, so nothing is asked again."""
    settings.ERASURE_COOLING_DAYS = 0
    release(cast.amina, case, cast.hugo.organisation)
    order = confirm(cast, approve(cast, ask(cast, case, "LEGAL", ground="ORDER")))
    assert begin_erasing(actor=None, now=clock.now(), order_uid=order.uid).state == "ERASING"
    with no_waiting():
        assert carry_out(order.uid)
