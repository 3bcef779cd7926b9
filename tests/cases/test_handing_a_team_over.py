"""The form that hands a team's supervision over: sent twice, it gives once."""

import pytest
from django.urls import reverse

from audit import clock
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.actions import teams
from casemgmt.accounts.choices import Role
from cases import access
from cases.models import AccessGrant, Case
from tests.accounts.signing_in import sign_in
from tests.cases.walling import newcomer

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]


def test_a_form_that_is_sent_twice_gives_once(cast, case):
    person = newcomer(cast, "ottoline", cast.bea.organisation, Role.SUPERVISOR)
    teams.add_member(actor=cast.farid, now=clock.now(), team=case.team, user=person, is_supervisor=True)
    client, page = sign_in(cast.omar), reverse("hand-over-team", args=[case.team.uid])
    key = client.get(page).context["form"]["form_key"].initial
    before = AccessGrant._base_manager.count()
    answers = [client.post(page, {"form_key": key, "person": str(person.uid)}, follow=True) for _once in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert ["Done: supervision of" in answer.text for answer in answers] == [True, False]
    assert AccessGrant._base_manager.count() == before + 1
    assert access.visible(Case, person, READ_CARD).filter(pk=case.pk).exists()
