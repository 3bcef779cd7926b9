"""The review queue in the browser's eyes: who comes in, what is kept, and the second person for one's own team."""

import uuid

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from audit import clock, pseudonyms
from audit.log import Ref
from audit.models import Disposition, Event, Hint
from audit.verbs import Verb
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import Incident
from casemgmt.operations.workspace import keep_workspace
from tests.accounts.signing_in import joined
from tests.audit.sealing.scene import seal
from tests.audit.workspace.past import days_ago, happened, looked

pytestmark = [pytest.mark.sql, pytest.mark.django_db(databases=["default", "keystore"])]

WORDS = "I asked her supervisor, and the diary says the same."


@pytest.fixture
def hint(cast, settings) -> Hint:
    """Amina read the history of a case, and nothing says by which right."""
    return hint_about(cast.amina, settings)


def hint_about(person, settings) -> Hint:
    case_uid = uuid.uuid4()
    settings.HAVEN_DEMO = True  # the past in any order
    looked(days_ago(2, 9), person, case_uid)
    happened(days_ago(2), Verb.HISTORY_VIEWED, person, subject=Ref("case", case_uid, case_uid))
    seal()
    keep_workspace()
    settings.HAVEN_DEMO = False
    return Hint.objects.get(person_uid=person.uid, rule="UNEXPLAINED")  # and a rested account besides


def page_of(hint: Hint) -> str:
    return reverse("audit-hint", args=[hint.uid])


def review(client, hint: Hint, **given):
    return client.post(page_of(hint), {"outcome": "EXPLAINED", "words": WORDS, "form_key": uuid.uuid4()} | given)


def test_an_auditor_reads_why_and_settles_it(cast, hint, sign_in) -> None:
    client = sign_in(cast.elif_)
    listed = client.get(reverse("audit-queue")).text
    assert "Amina Rivers" in listed and page_of(hint) in listed and pseudonyms.of_case(hint.case_uid) in listed
    page = client.get(page_of(hint)).text
    for expected in ("without an explanation", "Every reading should carry the right", "No explanation recorded"):
        assert expected in page
    assert str(hint.case_uid) not in page
    assert review(client, hint).url == reverse("audit-queue")
    found = Disposition.objects.get()
    assert (found.outcome, found.is_final, found.by_uid) == ("EXPLAINED", True, cast.elif_.uid)
    event = Event.objects.filter(verb=Verb.HINT_REVIEWED).get()
    assert event.detail.shown()["reason"] == WORDS and event.case_uid == hint.case_uid
    assert page_of(hint) not in client.get(reverse("audit-queue")).text
    settled = client.get(f"{reverse('audit-queue')}?state=settled").text
    assert page_of(hint) in settled
    assert WORDS in client.get(page_of(hint)).text
    again = review(client, hint)
    assert again.status_code == 422 and "settled this hint already" in again.text


def test_bad_input_has_words_beside_the_field(cast, hint, sign_in) -> None:
    client = sign_in(cast.elif_)
    for given, words in (({"words": "ok"}, "Write a sentence"), ({"outcome": "GUILTY"}, ""), ({"words": ""}, "")):
        answer = review(client, hint, **given)
        assert answer.status_code == 422 and "errsum" in answer.text and words in answer.text
    assert not Disposition.objects.exists()


def test_a_double_click_settles_once(cast, hint, sign_in) -> None:
    client, key = sign_in(cast.elif_), uuid.uuid4()
    for _ in range(2):
        assert review(client, hint, form_key=key).status_code == 302
    assert Disposition.objects.count() == 1


def test_one_s_own_team_needs_a_second_reviewer(cast, settings, sign_in) -> None:
    """Two auditors are colleagues: the first word is kept, the privacy officer has the last one."""
    other = joined(cast, Role.INTERNAL_AUDITOR)
    hint = hint_about(other, settings)
    elif_, kemi = sign_in(cast.elif_), sign_in(cast.kemi)
    assert "a second reviewer from elsewhere" in elif_.get(page_of(hint)).text
    assert review(elif_, hint).status_code == 302
    first = Disposition.objects.get()
    assert (first.is_final, first.is_own_team) == (False, True)
    assert "Waits for a second reviewer" in kemi.get(reverse("audit-queue")).text
    again = review(elif_, hint, agrees="YES")
    assert again.status_code == 422 and "You looked at this first" in again.text
    assert kemi.post(page_of(hint), {"agrees": "NO", "words": WORDS, "form_key": uuid.uuid4()}).status_code == 302
    assert Disposition.objects.latest("step").again
    assert "Sent back" in kemi.get(reverse("audit-queue")).text
    assert review(elif_, hint, outcome="INCIDENT").status_code == 302
    assert not Incident.objects.exists()
    assert kemi.post(page_of(hint), {"agrees": "YES", "words": WORDS, "form_key": uuid.uuid4()}).status_code == 302
    last = Disposition.objects.latest("step")
    assert (last.step, last.is_final, last.outcome, last.by_uid) == (4, True, "INCIDENT", cast.kemi.uid)
    assert Incident.objects.get().kind == "LEDGER_HINT"
    assert "From the review of the ledger" in sign_in(cast.omar).get(reverse("organisations")).text


def test_former_colleagues_of_a_team_are_near(cast, settings) -> None:
    from casemgmt.reports.own_team import is_own_team

    now = clock.now()
    assert is_own_team(cast.bea, cast.amina.uid, now)
    assert not is_own_team(cast.elif_, cast.amina.uid, now)
    assert not is_own_team(cast.elif_, uuid.uuid4(), now)


def test_nobody_settles_a_hint_about_oneself(cast, settings, sign_in) -> None:
    hint = hint_about(cast.elif_, settings)
    client = sign_in(cast.elif_)
    assert "This hint is about you" in client.get(page_of(hint)).text
    assert review(client, hint).status_code == 403
    assert not Disposition.objects.exists()


def test_who_comes_in(cast, hint, sign_in) -> None:
    for person in (cast.amina, cast.bea, cast.farid, cast.omar, cast.chidi):
        client = sign_in(person)
        assert client.get(reverse("audit-queue")).status_code == 404
        assert client.get(page_of(hint)).status_code == 404
        assert review(client, hint).status_code == 404
    assert sign_in(cast.elif_).get(reverse("audit-hint", args=[uuid.uuid4()])).status_code == 404
    desk = sign_in(cast.kemi).get(reverse("desk")).text
    assert reverse("audit-queue") in desk and reverse("which-case") in desk


def test_the_database_keeps_what_was_found(cast, hint, sign_in) -> None:
    review(sign_in(cast.elif_), hint)
    from django.db import DatabaseError, transaction

    for statement in (
        "UPDATE audit_disposition SET outcome = 'FOLLOWED_UP'",
        "DELETE FROM audit_disposition",
        "UPDATE audit_hint SET person_uid = case_uid",
        "DELETE FROM audit_hint",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_rule_can_be_chosen_and_pages_walk(cast, hint, sign_in, monkeypatch) -> None:
    from casemgmt.reports.views import queue

    monkeypatch.setattr(queue, "PER_PAGE", 2)
    Hint.objects.bulk_create(
        Hint(
            key=f"VOLUME:{number}", rule="AFTER_HOURS", person_uid=cast.bea.uid, day=timezone.localdate(), found=1,
            baseline={"nights": 0, "readings": 9}, found_at=clock.now(),
        )
        for number in range(5)
    )  # fmt: skip
    client = sign_in(cast.elif_)
    assert [line["hint"] for line in client.get(f"{reverse('audit-queue')}?rule=UNEXPLAINED").context["hints"]] == [
        hint
    ]
    address, seen = reverse("audit-queue"), []
    while address:
        context = client.get(address).context
        seen += [line["hint"].pk for line in context["hints"]]
        address = context["older"] and reverse("audit-queue") + context["older"]
    assert seen == sorted(Hint.objects.values_list("pk", flat=True), reverse=True)
