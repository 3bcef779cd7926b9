"""Reminders: chosen by each person, without a word of content, once a morning whatever fails in between."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from django.urls import reverse

from audit import clock
from casemgmt.accounts.actions.absences import begin_travel, lock_person
from casemgmt.accounts.actions.house import lock_office
from casemgmt.accounts.actions.people import change_preferences, deactivate_person
from casemgmt.operations import schedule
from cases import access
from cases.actions import reminding
from cases.actions.calendar import choose_reminders
from cases.actions.grants import revoke_access
from cases.actions.organisations import suspend_organisation
from cases.actions.people import begin_leave
from cases.actions.reminding import send_reminders
from cases.actions.tasks import add_task
from cases.choices.notices import MAY_BE_HIDDEN
from cases.models import AccessGrant, Due, MorningLetter, ReminderChoice
from services.actions import legal
from tests import make
from tests.services.test_release_and_matter import a_matter
from tests.smtp_sink import SmtpSink

PAGE = reverse("my-reminders")
ALL = [kind.value for kind in MAY_BE_HIDDEN]
#: Nine in the morning in London, on a Wednesday.
WEDNESDAY = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def morning():
    with time_machine.travel(WEDNESDAY, tick=True) as traveller:
        yield traveller


@pytest.fixture
def mail(settings):
    with SmtpSink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.SITE_ADDRESS = "https://haven.example.org/"
        yield sink


def wants(person, by_mail="MORNING", shown=ALL):
    return choose_reminders(actor=person, now=clock.now(), by_mail=by_mail, shown_kinds=shown)


def given(case, actor, title="Canarydale", days=0, **more):
    due_on = clock.now().date() + timedelta(days=days)
    return add_task(actor=actor, now=clock.now(), case_uid=case.uid, title=title, due_on=due_on, **more)


def quiet_case(cast):
    """A case of which nothing is due by itself today."""
    case = make.case(cast.amina, cast.team_of("amina"))
    dues = access.for_the_house(Due).filter(case=case)
    dues.audited_update(done_at=clock.now())
    return case


def told(sink):
    return [message_from_bytes(raw, policy=policy.default) for raw in sink.letters]


@pytest.mark.sql
def test_one_letter_without_a_word_of_content(cast, case, mail, events):
    given(case, cast.amina)
    given(case, cast.amina, "Canarydale two")
    wants(cast.amina)
    assert send_reminders() == 1 and send_reminders() == 0
    [letter] = told(mail)
    text = letter.get_body().get_content().replace("\r\n", "\n")
    assert text == "Something is due today in Haven.\n\nhttps://haven.example.org/sign-in/\n"
    assert str(letter["Subject"]) == "Something is due today in Haven" and str(letter["To"]) == cast.amina.email
    [raw] = mail.letters
    for word in (b"Canarydale", case.number.encode(), b"Task", b"Zoraida", b"HV-", str(case.uid).encode(), b"Amina M"):
        assert word not in raw, word
    [event] = events("REMINDER_SENT")
    assert event.actor_uid is None and event.detail.shown()["codes"] == {"kind": "TODAY"}
    assert str(cast.amina.uid) in str(event.objects_touched) and event.case_uid is None
    assert access.own(MorningLetter, cast.amina, "person").get().sent_at is not None


def test_nobody_is_written_to_who_did_not_choose_it(cast, case, mail):
    given(case, cast.amina)
    assert send_reminders() == 0
    wants(cast.amina)
    wants(cast.amina, "OFF")
    assert send_reminders() == 0 and mail.letters == []


def test_nothing_due_is_no_letter(cast, mail):
    quiet_case(cast)
    wants(cast.amina)
    assert send_reminders() == 0 and mail.letters == []


@pytest.mark.parametrize(
    ("at", "letters"),
    [
        (datetime(2026, 11, 25, 6, 59, tzinfo=UTC), 0), (datetime(2026, 11, 25, 7, tzinfo=UTC), 1),
        (datetime(2026, 11, 25, 12, tzinfo=UTC), 0), (datetime(2026, 11, 28, 9, tzinfo=UTC), 0),
        (datetime(2026, 11, 29, 9, tzinfo=UTC), 0), (datetime(2026, 11, 30, 9, tzinfo=UTC), 1),
    ],
)  # fmt: skip
def test_on_the_morning_of_a_working_day(cast, mail, morning, at, letters):
    morning.move_to(WEDNESDAY - timedelta(days=1))
    case = quiet_case(cast)
    given(case, cast.amina, days=1)
    given(case, cast.amina, days=4)
    wants(cast.amina)
    morning.move_to(at)
    assert send_reminders() == letters == len(mail.letters)


def test_it_is_her_own_morning(cast, case, mail, morning):
    change_preferences(actor=cast.amina, now=clock.now(), name="Amina", language="fr", time_zone="Asia/Tokyo")
    given(case, cast.amina)
    wants(cast.amina)
    assert send_reminders() == 0, "it is evening in Tokyo"
    morning.move_to(datetime(2026, 11, 25, 22, 30, tzinfo=UTC))
    given(case, cast.amina, days=1)
    assert send_reminders() == 1, "and the morning of the 26th"
    assert access.own(MorningLetter, cast.amina, "person").get().on.isoformat() == "2026-11-26"


@pytest.mark.parametrize(("by_mail", "letters"), [("MORNING", 0), ("DAY_BEFORE", 1)])
def test_the_day_before_hearings_and_deadlines(cast, mail, morning, by_mail, letters, events):
    case = quiet_case(cast)
    matter = a_matter(cast, case)
    monday = WEDNESDAY + timedelta(days=5)
    legal.add_hearing(
        actor=cast.amina, now=clock.now(), matter_uid=matter.uid, starts_at=monday, time_zone="UTC",
        hearing_type="MOTION", place="Canarydale Court", must_attend=True, interpreter_needed=False,
    )  # fmt: skip
    given(case, cast.amina, days=5)
    wants(cast.amina, by_mail)
    assert send_reminders() == 0, "Wednesday"
    morning.move_to(WEDNESDAY + timedelta(days=2))
    assert send_reminders() == letters == len(mail.letters), "Friday: Monday is the next working day"
    if letters:
        assert "Something is due soon in Haven" in str(told(mail)[0]["Subject"])
        assert events("REMINDER_SENT")[0].detail.shown()["codes"] == {"kind": "SOON"}


def travel(cast, person):
    begin_travel(actor=person, now=clock.now())


def lock(cast, person):
    lock_person(actor=cast.bea, now=clock.now(), user=person)


def leave(cast, person):
    begin_leave(actor=cast.bea, now=clock.now(), person=person)


def close(cast, person):
    deactivate_person(actor=cast.farid, now=clock.now(), user=person)


def office(cast, person):
    lock_office(actor=cast.omar, now=clock.now())


@pytest.mark.parametrize("rests", [travel, lock, leave, close, office])
def test_nobody_who_rests_is_written_to(cast, case, mail, rests):
    given(case, cast.amina)
    wants(cast.amina)
    rests(cast, cast.amina)
    before = len(mail.letters)
    assert send_reminders() == 0 and len(mail.letters) == before
    cast.amina.refresh_from_db()
    assert reminding.may_be_written_to(cast.amina) is (rests is office)


def test_nobody_of_a_suspended_organisation_is_written_to(cast, mail):
    wants(cast.hugo)
    suspend_organisation(actor=cast.kemi, now=clock.now(), organisation=cast.hugo.organisation)
    cast.hugo.organisation.refresh_from_db()
    assert not reminding.may_be_written_to(cast.hugo)


@pytest.mark.sql
def test_what_she_may_not_see_any_more_reminds_of_nothing(cast, case, mail):
    make.colleague(case, cast.bea, cast.dana, "ASSIGNMENT")
    given(case, cast.dana, section="ADVOCACY", assigned_to=cast.dana)
    wants(cast.dana)
    grant = access.for_the_house(AccessGrant).get(person=cast.dana)
    revoke_access(actor=cast.bea, now=clock.now(), grant_uid=grant.uid)
    assert send_reminders() == 0 and mail.letters == []


def test_a_mail_server_that_is_away_is_tried_again_and_not_for_ever(cast, case, mail, morning, settings, events):
    given(case, cast.amina)
    wants(cast.amina)
    there, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    assert send_reminders() == 0 and events("REMINDER_SENT") == []
    settings.EMAIL_PORT = there
    assert send_reminders() == 0, "a moment later it rests"
    morning.shift(timedelta(minutes=16))
    assert send_reminders() == 1 and len(mail.letters) == 1
    morning.shift(timedelta(minutes=16))
    assert send_reminders() == 0 and len(mail.letters) == 1


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.sql
def test_a_killed_job_sends_it_later_and_once(cast, case, mail, morning, monkeypatch):
    given(case, cast.amina)
    wants(cast.amina)

    def killed(*_arguments):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(reminding, "_post", killed)
        with pytest.raises(Killed):
            send_reminders()
    row = access.own(MorningLetter, cast.amina, "person").get()
    assert row.sent_at is None and row.tries == 1, "the row was there before the letter"
    assert send_reminders() == 0, "another worker leaves it alone for a while"
    morning.shift(timedelta(minutes=16))
    assert send_reminders() == 1 and send_reminders() == 0 and len(mail.letters) == 1


def test_the_schedule_sends_them(cast, case, mail):
    given(case, cast.amina)
    wants(cast.amina)
    [job] = [one for one in schedule.SCHEDULE if one.name == "reminders"]
    assert job.name not in schedule.OPENS_NOTHING, "nothing goes out of a locked office"
    job.run()
    assert len(mail.letters) == 1


def test_she_chooses_on_her_page(cast, sign_in, events):
    client = sign_in(cast.amina)
    assert "Never" in client.get(reverse("my-calendar")).text
    assert client.post(PAGE, {"by_mail": "HOURLY"}).status_code == 422
    assert client.post(PAGE, {"by_mail": "DAY_BEFORE", "shown_kinds": ["TASK", "HEARING"]}).status_code == 302
    chosen = access.own(ReminderChoice, cast.amina, "person").get()
    assert chosen.by_mail == "DAY_BEFORE" and set(chosen.hidden_kinds) == set(ALL) - {"TASK", "HEARING"}
    [event] = events("REMINDERS_CHOSEN")
    assert event.actor_uid == cast.amina.uid and event.detail.shown()["codes"]["after"] == "DAY_BEFORE"
    assert 'value="DAY_BEFORE"' in client.get(PAGE).text
    assert client.post(PAGE, {"by_mail": "DAY_BEFORE", "shown_kinds": ["EMERGENCY_REVIEW"]}).status_code == 422
    assert not access.own(ReminderChoice, cast.bea, "person").exists()


def test_notices_of_the_kinds_she_wants(cast, case, sign_in):
    given(case, cast.amina, assigned_to=cast.bea)
    client = sign_in(cast.bea)
    assert [line["number"] for line in client.get(reverse("day")).context["notices"]] == [1]
    wants(cast.bea, "OFF", [kind for kind in ALL if kind != "TASK"])
    assert client.get(reverse("day")).context["notices"] == []
    wants(cast.bea, "OFF", ALL)
    assert len(client.get(reverse("day")).context["notices"]) == 1
