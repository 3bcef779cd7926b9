"""The demo: thirty people who do not exist, two years made through the real actions, and nothing of it readable."""

import random
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from audit import clock, verify
from audit.context import audit_context, demo_context
from audit.errors import OddMoment
from audit.models import Event
from audit.verbs import DENIALS, READINGS, Verb
from casemgmt.access.sections import READ_CARD, Section, read
from casemgmt.accounts.models import User
from casemgmt.crypto import keyring
from casemgmt.operations.demo import make_demo
from casemgmt.operations.demo.chapters import CHAPTERS
from casemgmt.operations.demo.chapters.north import GIVEN
from casemgmt.operations.demo.desks import COMING
from casemgmt.operations.demo.lot import Lot
from casemgmt.operations.demo.people import FIGURES
from casemgmt.operations.models import Installation
from cases import access
from cases.actions import asking, bookings, delegation, emergency, rota, two_people
from cases.actions.matching import waiting_matches
from cases.choices.casework import CaseStatus, DueKind
from cases.models import (
    Case,
    Consent,
    ContactInstruction,
    Declaration,
    Due,
    Matter,
    Note,
    Release,
    ReviewLine,
    SafetyPlan,
    Survivor,
    Task,
    Wall,
)
from cases.opening import open_job
from services.models import Deadline, FollowUp, Goal, ServiceRecord, ShelterStay
from tests.cast import Cast
from tests.crypto.raw import dump
from tests.house.rules import ROOT
from tests.recorded_by import BY_REAL_PROCESSES, RECORDED_BY

pytestmark = [pytest.mark.walks, pytest.mark.django_db(databases=["default", "keystore"])]
PHONE = re.compile(r"[+\d][\d \-()]{6,}\d")
ADDRESS = re.compile(r"[\w.]+@[\w.]+")


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    """The demo, made once for this module and taken back at its end."""
    # As TestCase opens its transactions, so that keys may commit "first" inside them.
    around = [transaction.atomic(using=alias) for alias in ("keystore", "default")]
    for atomic in around:
        atomic._from_testcase = True
    with django_db_blocker.unblock(), around[0], around[1]:
        keyring.forget()  # what a test before us kept of keys that were taken back with it
        now = clock.now()
        with demo_context():
            make_demo(now=now)
        yield now
        for alias in ("keystore", "default"):
            transaction.set_rollback(True, using=alias)
    keyring.forget()


@pytest.fixture
def person(made):
    return lambda key: User.objects.get(email=f"{key}@example.org")


def test_thirty_people_from_fifteen_countries(made):
    assert len(FIGURES) == 30
    assert access.for_the_house(Case).count() == 31  # one of them comes twice, to two teams
    assert len({figure.country for figure in FIGURES}) == 15
    assert len({figure.key for figure in FIGURES}) == len({figure.telephone for figure in FIGURES}) == 30
    assert len({(figure.first, figure.second) for figure in FIGURES}) == 30


def test_every_key_of_the_story_is_one_of_the_people():
    keys = {figure.key for figure in FIGURES}
    assert set(CHAPTERS) <= keys
    assert set(COMING) <= keys


def test_a_lot_takes_nothing_twice_and_keeps_its_pools_apart():
    lot, first, second = Lot(random.Random(1)), ("", "a", "b", "c"), ("", "x", "y", "z")
    drawn = [(lot.draw(first[1:]), lot.draw(second[1:])) for _time in range(3)]
    assert sorted(one for one, _other in drawn) == ["a", "b", "c"]
    assert sorted(other for _one, other in drawn) == ["x", "y", "z"]


def test_two_years_of_events(made):
    events = Event.objects.filter(pk__gt=Cast.last_event)
    first, last = events.order_by("at").first(), events.order_by("-at").first()
    assert last.at - first.at >= timedelta(days=715)
    assert events.count() > 1000
    # What happened is in the past; what was recorded says when it really was, and that it is made up.
    assert not events.filter(at__gt=made).exists()
    assert not events.exclude(source="demo").exists()
    assert not events.filter(recorded_at__lt=made).exists()
    # Nobody's history begins before the person came.
    opened = dict(Event.objects.filter(verb=Verb.CASE_OPENED).values_list("case_uid", "at"))
    assert len(opened) == 31
    assert not [event for event in Event.objects.exclude(case_uid=None) if event.at < opened[event.case_uid]]


def test_rows_grew_in_the_order_of_time(made):
    moments = list(Event.objects.filter(verb=Verb.NOTE_ADDED).order_by("pk").values_list("at", flat=True))
    assert moments == sorted(moments)


def test_nothing_happens_at_weekends_but_today(made):
    days = set(Event.objects.exclude(case_uid=None).values_list("at__date", flat=True))
    assert not [day for day in days if day.weekday() > 4 and day != made.date()]


def test_the_ledger_is_whole_and_rows_follow_from_grants(made):
    report = verify.verify_streams()
    verify.verify_history(report)
    assert report.is_whole, report.problems[:5]
    assert report.events == Event.objects.count()
    assert access.drift() == []


def test_there_is_something_of_everything(made):
    cases = access.for_the_house(Case)
    assert cases.filter(status=CaseStatus.CLOSED).count() == 3
    assert cases.filter(is_restricted=True).count() == 1
    assert cases.filter(status=CaseStatus.ON_HOLD).count() == 1
    assert cases.filter(status=CaseStatus.SCREENING).count() == 2
    assert cases.filter(status=CaseStatus.FOLLOW_UP).count() == 4
    assert Wall._base_manager.count() == 2
    assert len(set(access.for_the_house(Note).values_list("privilege_class", flat=True))) >= 7
    for model in (Matter, ServiceRecord, Goal, FollowUp, Deadline, Task, SafetyPlan, ContactInstruction):
        assert access.for_the_house(model).count() >= 10, model
    assert Event.objects.filter(verb__in=DENIALS).count() >= 5
    assert Event.objects.filter(verb__in=READINGS).count() >= 100


def test_somebody_came_to_two_teams_and_only_the_coordinator_is_told(made, person):
    (match,) = waiting_matches(person("mara"))
    assert {match.case.team.name, match.other.team.name} == {"North casework", "South casework"}
    assert not waiting_matches(person("mara")).exclude(pk=match.pk).exists()
    for key in ("amina", "dana"):
        assert not access.visible(Case, person(key)).filter(pk__in=[match.case_id, match.other_id]).count() > 1


def test_the_desks_are_not_empty_today(made, person):
    today = made.date()
    open_tasks = access.for_the_house(Due).filter(kind=DueKind.TASK, done_at=None)
    for key in ("amina", "dana"):
        hers = open_tasks.filter(assigned_to=person(key))
        assert hers.filter(due_on__lt=today).exists(), key
        assert hers.filter(due_on=today).exists(), key
        assert hers.filter(due_on__gt=today, due_on__lte=today + timedelta(days=14)).count() >= 3, key
    assert open_tasks.filter(assigned_to=person("jonas")).exists()
    assert open_tasks.filter(assigned_to=person("gita")).exists()
    assert open_tasks.filter(assigned_to=person("bea")).exists()


def test_the_house_is_lived_in(made, person):
    here = access.visible(ShelterStay, person("jonas"), read(Section.SHELTER_OPS)).filter(left_on=None)
    assert here.count() >= 6
    assert access.for_the_house(ShelterStay).exclude(left_on=None).count() >= 10


def test_chidi_holds_one_matter_and_three_parts_for_sixty_days(made, ledger, person):
    chidi = person("chidi")
    matters = access.visible_matters(chidi)
    cases = list(access.visible(Case, chidi, READ_CARD))
    assert len(matters) == 2 and len(cases) == 1
    over = access.holdings(chidi, [matters[1].case_id])[matters[1].case_id]
    assert over.permissions == {} and over.writable_matters == {}, "a file of an engagement that is over"
    left = over.only_reads_until(matters[1].uid)
    assert left is not None and timedelta(days=19) < left - made <= timedelta(days=21)
    assert cases[0].lead == person("amina")
    holding = access.holdings(chidi, cases)[cases[0].pk]
    assert set(holding.readable) == {Section.CARD, Section.IDENTITY, Section.SERVICES}
    ends = holding.permissions[READ_CARD].until
    assert timedelta(days=59) < ends - made <= timedelta(days=60)
    with open_job("look", [Section.LEGAL]):
        assert matters[0].title == GIVEN
        filing = access.for_the_house(Deadline).get(matter=matters[0], met_at=None)
        assert filing.title == "T visa filing"
    assert filing.due_on - made.date() == timedelta(days=34)
    assert filing.confirmed_by == chidi


def test_releases_stand_are_over_and_were_taken_back(made):
    releases = access.for_the_house(Release)
    standing = [release for release in releases if release.in_force(made)]
    assert len(standing) == 3
    assert releases.filter(withdrawn_at__isnull=False).count() == 2
    assert releases.filter(withdrawn_at=None, expires_at__lt=made).count() >= 1


def test_the_walled_and_the_other_team_see_nothing(made, person):
    amina, dana, nadia = person("amina"), person("dana"), person("nadia")
    lent = {grant.case_id for grant in delegation.lent_by(dana, at=made)}
    hers = set(access.visible(Case, amina).values_list("pk", flat=True)) - lent
    assert len(lent) == 1
    assert len(hers) >= 12
    assert not hers & set(access.visible(Case, dana).values_list("pk", flat=True))
    assert not hers & set(access.visible(Case, nadia).values_list("pk", flat=True))
    assert access.visible(Case, dana).count() >= 8


def test_the_guard_desk_has_work_for_each(made, person, ledger):
    assert [alert.user for alert in rota.on_duty(person("amina").memberships.get().team, at=made)]
    assert len(delegation.lent_to(person("amina"), at=made)) == 1
    assert _aliases_for(person("petra"), made) == ["Ms River"]
    assert {one.opened_by for one in emergency.reviews_for(person("nadia"), at=made)} == {person("gita")}
    assert [grant.person for grant in two_people.waiting_for(person("bea"), at=made)] == [person("hugo")]
    assert access.visible(Case, person("hugo")).count() == 1
    assert access.own(Declaration, person("jonas")).count() == 1
    asking.look_questions_up()
    assert asking.waiting_questions(person("mara")).count() == 2
    assert asking.found_for(person("mara"), list(asking.waiting_questions(person("mara")))).count() == 1
    decided = access.for_the_house(ReviewLine).exclude(decision="")
    assert sorted(decided.values_list("decision", flat=True)) == ["KEEP", "KEEP", "REVOKE"]
    assert access.for_the_house(Due).filter(kind=DueKind.DUTY, done_at=None).exists()


def _aliases_for(interpreter, at):
    with open_job("look", [Section.CARD, Section.SERVICES]):
        return [one.alias for one in bookings.bookings_of(interpreter, at=at)]


def test_every_name_is_sealed(made):
    haystack = dump("default") + dump("keystore")
    for figure in FIGURES:
        words = [figure.first, *figure.second.split(), *figure.other.split(), figure.telephone]
        for word in words:
            if len(word.encode()) >= 6:
                assert word.encode() not in haystack, figure.key
    assert b"DEMO-FOIA" not in haystack
    assert b"code word" not in haystack


def test_numbers_are_for_fiction_and_addresses_of_nobody(made, ledger):
    people = {figure.telephone.replace("-", " ") for figure in FIGURES}
    assert all(re.fullmatch(r"\+1 202 555 01\d\d", phone) for phone in people)
    with open_job("look", list(Section)):
        for survivor in access.for_the_house(Survivor):
            assert survivor.location is None
            assert set(survivor.contact) == {"prs_MobilePhone"}
        for instruction in access.for_the_house(ContactInstruction):
            value = instruction.value or ""
            assert not value or value.startswith("+1 202-555-01") or value.endswith("@example.org")
        for note in access.for_the_house(Note):
            assert not PHONE.search(note.body)
            assert not ADDRESS.search(note.body)
    for user in User.objects.all():
        assert user.email.endswith("@example.org")


def test_what_is_written_is_possible(made, ledger):
    with open_job("look", list(Section)):
        for survivor in access.for_the_house(Survivor):
            age = (made.date() - survivor.birth_date).days / 365.25
            assert 16 < age < 60
        states = [consent.state for consent in access.for_the_house(Consent)]
    assert states.count("CONSENTED") == 29


def test_the_command_makes_it_once(made, settings, capsys):
    settings.HAVEN_DEMO = True
    Installation.objects.filter(pk=1).delete()
    Installation.objects.create(pk=1, is_demo=True, demo_completed_at=made)
    before = Event.objects.count()
    call_command("demo")
    assert "complete" in capsys.readouterr().out
    assert Event.objects.count() == before


def test_the_command_refuses_a_home_of_real_work(db, settings):
    settings.HAVEN_DEMO = False
    with pytest.raises(CommandError):
        call_command("demo")


def test_the_past_is_for_the_demo_alone(db):
    with audit_context("test", "no demo"), pytest.raises(OddMoment):
        make_demo(now=clock.now())


def test_each_verb_is_recorded_by_some_test(made):
    """By the demo, by a test that names it, or by one of ``RECORDED_BY``, which must record it when it runs."""
    told = set(Event.objects.order_by().values_list("verb", flat=True).distinct())
    named: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        if path.name != "test_catalogue.py":
            named |= set(re.findall(r"\b[A-Z][A-Z_]{3,}\b", path.read_text(encoding="utf-8")))
    assert set(Verb.values) - told - named - RECORDED_BY.keys() == BY_REAL_PROCESSES.keys()
