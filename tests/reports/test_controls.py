"""Controls at a glance: each state from a house in that state, and what an auditor from outside reads of it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.log import record
from audit.models import Hint
from audit.verbs import Outcome, Verb
from audit.verify import verify_and_record
from casemgmt.accounts.actions.roles import assign_role
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import RoleAssignment
from casemgmt.reports import controls as module
from casemgmt.reports.controls import controls
from cases import access
from cases.actions.disclosures import Given, disclose_by_release
from cases.actions.releases import Terms, record_release
from cases.models import CaseUserPermission, Disclosure, Release
from tests import make
from tests.accounts.signing_in import joined
from tests.audit.sealing.scene import seal, unguarded
from tests.audit.test_pages import elif_of, make_external, text_of
from tests.cases.releasing import signing

pytestmark = [pytest.mark.sql, pytest.mark.django_db(databases=["default", "keystore"])]


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


def of(key: str) -> module.Control:
    [found] = [control for control in controls(clock.now()) if control.key == key]
    return found


def numbers(key: str) -> list[int]:
    return [number for _words, number in of(key).numbers]


def released(cast, case):
    return record_release(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, recipient=cast.hugo.organisation, purpose="REFERRAL",
        purpose_text="A dentist", terms=Terms(categories=["IDENTITY", "CONTACT"]), signing=signing(),
        expires_at=clock.now() + timedelta(days=9),
    )  # fmt: skip


def test_every_control_has_words_and_a_state(cast) -> None:
    found = controls(clock.now())
    assert len({control.key for control in found}) == len(found) >= 18
    for control in found:
        assert control.title and control.what and control.state and control.tone in ("ok", "warn", "bad", "info")


def test_the_ledger(cast) -> None:
    assert of("ledger").tone == "info" and of("sealing").tone == "info"
    seal()
    verify_and_record(None)
    seal()
    assert (of("ledger").tone, of("sealing").tone, of("guards").tone) == ("ok", "ok", "ok")
    record(Verb.LEDGER_VERIFIED, actor=None, outcome=Outcome.FAILED, detail={"problems": 3})
    assert of("ledger").tone == "bad" and numbers("ledger")[1] == 3


def test_missing_guards(cast, monkeypatch) -> None:
    monkeypatch.setattr(module, "check_protection", lambda: ["The guard x is missing."])
    assert (of("guards").tone, numbers("guards")) == ("bad", [1])


def test_disclosures_and_their_basis(cast, case) -> None:
    assert of("disclosures").tone == "info"
    given = Given(["IDENTITY"], "LETTER", timezone.localdate(), is_minimised=True)
    disclose_by_release(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, release_uid=released(cast, case).uid, given=given
    )
    assert (of("disclosures").tone, numbers("disclosures")[:4]) == ("ok", [1, 1, 0, 0])
    with unguarded():
        access.for_the_house(Disclosure)._update(
            [(Disclosure._meta.get_field("disclosed_at"), None, clock.now() - timedelta(days=400))]
        )
    assert (of("disclosures").tone, numbers("disclosures")[3]) == ("bad", 1)


def test_a_release_that_is_over_opens_nothing(cast, case) -> None:
    assert numbers("expired-releases")[1] == 0 and of("expired-releases").tone == "ok"
    release = released(cast, case)
    from cases.actions.partners import give_partner_access

    give_partner_access(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, kind="REFERRAL", person=cast.hugo, release_uid=release.uid
    )
    rows = CaseUserPermission.objects.filter(grant__release=release)
    if not rows.exists():  # it waits for a second person: there is no row to outlive the release
        from cases.actions.grants import approve_access

        [grant] = access.waiting_grants().filter(release=release)
        approve_access(actor=cast.bea, now=clock.now(), grant_uid=grant.uid)
    assert CaseUserPermission.objects.filter(grant__release=release).exists()
    with unguarded():
        access.for_the_house(Release).filter(pk=release.pk)._update(
            [(Release._meta.get_field("withdrawn_at"), None, clock.now())]
        )
    assert of("expired-releases").tone == "bad" and numbers("expired-releases")[1] > 0


def test_hints_that_wait_too_long(cast) -> None:
    def wait(days: int) -> None:
        Hint.objects.create(
            key=f"x{days}", rule="VOLUME", person_uid=cast.bea.uid, day=timezone.localdate(), found=1,
            found_at=clock.now() - timedelta(days=days),
        )  # fmt: skip

    wait(13)
    assert (of("hints").tone, numbers("hints")) == ("ok", [1, 1, 0])
    wait(15)
    assert (of("hints").tone, numbers("hints")) == ("warn", [2, 2, 1])


def test_an_external_auditor_without_an_end(cast) -> None:
    assert of("auditors").tone == "ok"
    make_external(elif_of(cast))
    assert (of("auditors").tone, numbers("auditors")) == ("bad", [1, 1])
    held = RoleAssignment.objects.get(role=Role.EXTERNAL_AUDITOR)
    held.ends_at = clock.now() + timedelta(days=30)
    held.save(update_fields=["ends_at"])
    assert (of("auditors").tone, numbers("auditors")) == ("ok", [1, 0])


@pytest.mark.parametrize(
    ("verb", "outcome", "tone"),
    [(Verb.RESTORE_DRILLED, "OK", "ok"), (Verb.RESTORE_DRILLED, "FAILED", "bad"), (None, "", "info")],
)
def test_the_restore_drill(cast, verb, outcome, tone, settings) -> None:
    if verb:
        record(verb, actor=None, outcome=outcome)
    assert of("drill").tone == tone
    if tone == "ok":
        settings.DRILL_EVERY_DAYS = 0
        assert of("drill").tone == "warn"


def test_the_page_inside_and_outside(cast, case, sign_in, django_assert_max_num_queries) -> None:
    released(cast, case)
    client = sign_in(elif_of(cast))
    with django_assert_max_num_queries(75):
        page = text_of(client.get(reverse("controls")))
    assert reverse("disclosure-evidence") in page and "<dd><bdi>1</bdi></dd>" in page
    assert client.get(reverse("disclosure-evidence")).status_code == 200
    make_external(elif_of(cast))
    outside = text_of(client.get(reverse("controls")))
    assert "fewer than 11" in outside and reverse("disclosure-evidence") not in outside
    facts = outside.partition('id="control-releases"')[2].partition("</li>")[0]
    assert "<bdi>1</bdi>" not in facts and "<bdi>0</bdi>" in facts
    for person in (cast.amina, cast.farid, cast.omar):
        assert sign_in(person).get(reverse("controls")).status_code == 404


def test_the_role_of_an_external_auditor_always_ends(cast) -> None:
    """However it is given: with the invitation, or later, with an end too far away."""
    invited = joined(cast, Role.EXTERNAL_AUDITOR)
    later = joined(cast, email="later@example.org")
    assign_role(
        actor=cast.farid,
        now=clock.now(),
        user=later,
        role=Role.EXTERNAL_AUDITOR,
        ends_at=clock.now() + timedelta(days=900),
    )
    for person in (invited, later):
        held = person.role_assignments.get(role=Role.EXTERNAL_AUDITOR)
        assert timedelta(days=89) < held.ends_at - clock.now() <= timedelta(days=90)
        assert not person.holds_role(Role.EXTERNAL_AUDITOR, at=clock.now() + timedelta(days=91))
    inside = joined(cast, Role.INTERNAL_AUDITOR, email="inside@example.org")
    assert inside.role_assignments.get().ends_at is None
