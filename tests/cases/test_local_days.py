"""A day is the day where its reader is: in Auckland it is tomorrow already while universal time says today."""

from datetime import UTC, date, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from audit import clock
from cases.actions.asking import answer_question, ask_about_person, look_questions_up
from cases.choices.casework import DueKind
from cases.models import AccessRequest, Due
from tests.cases.releasing import release


@pytest.fixture
def in_auckland():
    def moved(person):
        person.time_zone = "Pacific/Auckland"
        person.save(update_fields=["time_zone"])
        return person

    return moved


def test_a_release_is_offered_for_a_partner_with_its_last_day(cast, case, sign_in, in_auckland):
    amina = in_auckland(cast.amina)
    ends = (clock.now() + timedelta(days=20)).astimezone(amina.zone).replace(hour=6)
    release(amina, case, cast.hugo.organisation, expires_at=ends)
    page = sign_in(amina, is_fresh=True).get(reverse("partner-access-new", args=[case.uid])).text
    assert f"{cast.hugo.organisation.name}, until {date_format(ends.date())}" in page
    assert ends.astimezone(UTC).date() != ends.date()


def test_the_lead_has_three_days_from_the_day_of_whoever_passes_a_question_on(cast, case, in_auckland):
    mara = in_auckland(cast.mara)
    with time_machine.travel(clock.now().replace(hour=21) + timedelta(days=1)):
        facts = {"first_name": "Zoraida", "family_name": "Quillfeather", "birth_date": date(1998, 4, 5)}
        ask_about_person(actor=cast.dana, now=clock.now(), reason="She says that she was here", **facts)
        look_questions_up()
        asked = AccessRequest._base_manager.get()
        answer_question(actor=mara, now=clock.now(), question_uid=asked.question.uid, pass_on=[asked.uid])
        [due] = Due._base_manager.filter(kind=DueKind.ACCESS_ASKED)
        assert due.due_on == timezone.localdate(clock.now(), mara.zone) + timedelta(days=3)
        assert due.due_on == clock.now().date() + timedelta(days=4)
