"""A record that was changed behind Haven's back is shown to nobody, and the ledger says that somebody met it."""

import pytest
from django.db import connection
from django.urls import reverse

from audit.context import audit_context
from audit.models import Event
from audit.verbs import Verb
from casemgmt.crypto import keyring
from casemgmt.crypto.models import CaseKey
from tests import make
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(databases=["default", "keystore"]), pytest.mark.usefixtures("ledger")]


def test_a_swapped_value_is_refused_on_the_page_and_recorded(cast: Cast, sign_in) -> None:
    team = cast.team_of("amina")
    one, two = make.case(cast.amina, team), make.case(cast.amina, team)
    with audit_context("test", "somebody with the database in hand"), connection.cursor() as cursor:
        cursor.execute("SELECT alias FROM cases_case WHERE id = %s", [one.pk])
        cursor.execute("UPDATE cases_case SET alias = %s WHERE id = %s", [cursor.fetchone()[0], two.pk])
    page = sign_in(cast.amina).get(reverse("case-overview", args=[two.uid]))
    assert page.status_code == 500 and b"cannot be read" in page.content
    event = Event.objects.get(verb=Verb.DECRYPTION_REFUSED)
    assert event.actor_uid == cast.amina.uid and event.outcome == "FAILED"


def test_a_case_without_its_key_says_that_it_was_erased(cast: Cast, sign_in) -> None:
    case = make.case(cast.amina, cast.team_of("amina"))
    CaseKey.objects.using("keystore").filter(case_uid=case.uid, retention_class="CORE").delete()
    keyring.forget()
    page = sign_in(cast.amina).get(reverse("case-overview", args=[case.uid]))
    assert page.status_code == 410 and b"was erased" in page.content
