"""The world that is measured: cases made by the real actions, first few and then many, and people who are signed in."""

import os
import secrets
import sys
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import Client

from audit import clock
from audit.context import audit_context
from audit.sealing.sealer import Sealer
from audit.workspace import digest
from casemgmt.accounts.models import Membership, Session, Team, User
from casemgmt.crypto import keyring
from cases.actions import documents, notes, releases, tasks
from cases.choices.casework import PrivilegeClass
from cases.choices.releases import InfoCategory
from cases.choices.sharing import GrantKind
from cases.models import Case
from services.actions import aftercare, legal, reintegration
from services.choices import (
    DeadlineKind,
    GoalArea,
    HearingType,
    MatterStage,
    MatterType,
    Mode,
    ServiceOutcome,
    ServiceType,
)
from tests import make, postgres
from tests.accounts.signing_in import joined, sign_in
from tests.cast import Cast

MANY = int(os.environ.get("HAVEN_BENCH_CASES", "300"))
FEW = 3
RICH = 12
_AT_ONCE = 25
#: So many cases are led by each person; in a small world Amina leads all.
CASELOAD = 400
LARGE = 2_000
#: The tasks of a large house are due on the days of a quarter, and a few of them are late.
QUARTER, LATE = 90, 3
#: What a case of a large house has on average; a very large one is made with less, or making it would take an hour.
_OF_EACH = {"notes_": 4, "tasks_": 2} if MANY <= LARGE else {"notes_": 1, "tasks_": 1}
BROWSER = {"accept-encoding": "gzip, deflate, br"}
WORDS = "She came on foot, was calm, and asked for help with the letter from the agency. We agreed on the next three steps. "


def say(words: str) -> None:
    """To whoever waits, not into the table."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def lay_foundations() -> None:
    """Empty databases of our own with all tables, triggers, permissions and keys."""
    if connection.vendor == "postgresql":
        for settings in connections.settings.values():
            settings["NAME"] = f"bench_{secrets.token_hex(4)}"
            postgres.create_database(settings["NAME"])
    for alias in ("keystore", "default"):
        call_command("migrate", run_syncdb=True, database=alias, interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


class World:
    """Amina's cases and everybody who looks at them. ``begin()`` makes few, ``grow()`` makes many."""

    def __init__(self) -> None:
        self.cases: list[UUID] = []
        #: Cases with something on every tab, and their matters.
        self.rich: list[UUID] = []
        self.matters: list[UUID] = []
        self._clients: dict[str, Client] = {}

    def begin(self) -> None:
        """The cast and few cases."""
        lay_foundations()
        Cast.make()
        self.cast = Cast()
        self.people: dict[str, User] = {
            key: getattr(self.cast, key)
            for key in ("amina", "bea", "chidi", "elif_", "farid", "gita", "kemi", "luis", "mara")
        }
        for _ in range(FEW):
            self.add_rich_case()

    def grow(self) -> None:
        """Many cases, some of them with everything, and a ledger to match."""
        with audit_context("test", "a world to measure"):
            crew = self._crew(MANY // CASELOAD)
        for start in range(len(self.cases), MANY, _AT_ONCE):
            with audit_context("test", "a world to measure"), transaction.atomic():
                for number in range(start, min(start + _AT_ONCE, MANY)):
                    self._add_case(number, *crew[number % len(crew)])
            say(f"  {min(start + _AT_ONCE, MANY)} cases")
        for _ in range(RICH - FEW):
            self.add_rich_case()
        say("  what the worker does all the time: sealed, and digested for its auditor")
        with audit_context("test", "a world to measure"):
            Sealer().seal_all()
        digest.digest(most=10**6)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")

    @cached_property
    def north(self) -> Team:
        """The team whose cases these are."""
        return self.cast.team_of("amina")

    def client(self, key: str) -> Client:
        """A person of the cast, signed in, whose screen does not lock while we measure."""
        if key not in self._clients:
            self._clients[key] = sign_in(self.people[key])
        now = clock.now()
        Session.objects.update(last_seen_at=now, signed_in_at=now)
        return self._clients[key]

    def page(self, key: str, address: str) -> Callable[[], Any]:
        """A run that asks for one page as a browser does, which takes it compressed, and demands that it comes."""
        client = self.client(key)

        def run() -> Any:
            response = client.get(address, headers=BROWSER)
            if response.status_code != 200:
                raise RuntimeError(f"{address} answered {response.status_code} to {key}.")
            return response

        return run

    def _crew(self, size: int) -> list[tuple[User, Team]]:
        """Amina, and as many colleagues as a house of so many cases has, ten in a team; the first of them with her in hers."""
        crew, now = [(self.people["amina"], self.north)], clock.now()
        for number in range(1, size):
            if number % 10 == 0:
                group = Group.objects.create(name=f"bench {number}")
                team = Team(name=f"Bench {number}", organisation=self.north.organisation, discipline=self.north.discipline,
                            group=group, created_at=now)  # fmt: skip
                team.save()
            elif number < 10:
                team = self.north
            person = joined(self.cast, "CASEWORKER", email=f"bench{number}@example.org", name=f"Bench {number}")
            Membership(
                user=person, team=team, status="ACCEPTED", proposed_at=now, proposed_by=self.cast.farid, accepted_at=now,
                accepted_by=self.cast.bea, starts_at=now,
            ).save()  # fmt: skip
            crew.append((person, team))
        return crew

    def _add_case(self, number: int, opener: User | None = None, team: Team | None = None) -> Case:
        opener = opener or self.people["amina"]
        facts = {"first_name": f"Zoraida {number}", "second_name": f"Quillfeather {number}"}
        case = make.case(opener, team or self.north, **facts)
        self.cases.append(case.uid)
        self._write(case.uid, opener, **_OF_EACH)
        return case

    def _write(self, uid: UUID, amina: User, *, notes_: int, tasks_: int) -> None:
        today = date.today()
        for number in range(notes_):
            notes.add_note(
                actor=amina, now=clock.now(), case_uid=uid, privilege_class=PrivilegeClass.ADVOCATE_CONFIDENTIAL,
                body=WORDS * (1 + number % 4),
            )  # fmt: skip
        spread = (len(self.cases) * 7) % QUARTER - LATE + 1 if MANY > LARGE else 0
        for number in range(tasks_):
            tasks.add_task(
                actor=amina, now=clock.now(), case_uid=uid, title=f"Call the agency again, try {number}",
                due_on=today + timedelta(days=spread + number - 1), assigned_to=amina,
            )  # fmt: skip

    def add_rich_case(self) -> None:
        """One case with something on every tab, an attorney with its matter, and colleagues with parts of it."""
        amina, bea, chidi = self.people["amina"], self.people["bea"], self.people["chidi"]
        now, today = clock.now, date.today()
        with audit_context("test", "a world to measure"), transaction.atomic():
            uid = self._add_case(len(self.cases)).uid
            self._write(uid, amina, notes_=24, tasks_=4)
            for number in range(12):
                aftercare.record_service(
                    actor=amina, now=now(), case_uid=uid, given_on=today, service=ServiceType.CASE_MGMT,
                    quantity=Decimal(30 + number), outcome=ServiceOutcome.PROVIDED, mode=Mode.IN_PERSON, remark="Letters",
                )  # fmt: skip
            for area in list(GoalArea)[:4]:
                goal = reintegration.set_goal(
                    actor=amina, now=now(), case_uid=uid, title="A course in the evenings", area=area, target_on=today
                )
                reintegration.note_progress(
                    actor=amina, now=now(), case_uid=uid, goal_uid=goal.uid, progress=40, words="She signed up"
                )
            reintegration.plan_follow_ups(actor=amina, now=now(), case_uid=uid, exit_on=today)
            for number in range(6):
                documents.seal_document(
                    actor=amina, now=now(), case_uid=uid, category="CORRESPONDENCE",
                    upload=make.SimpleUploadedFile(f"letter-{number}.txt", b"A plain letter.\n" * 200),
                )  # fmt: skip
            matter = legal.open_matter(
                actor=amina, now=now(), case_uid=uid, title="T visa", matter_type=MatterType.T_VISA, jurisdiction="USCIS",
                stage=MatterStage.RETAINED, opened_on=today,
            )  # fmt: skip
            for number in range(3):
                legal.add_deadline(
                    actor=amina, now=now(), matter_uid=matter.uid, due_on=today + timedelta(days=10 + number),
                    kind=DeadlineKind.AGENCY, title="Answer the agency", authority="8 CFR 214.11",
                )  # fmt: skip
                legal.add_hearing(
                    actor=amina, now=now(), matter_uid=matter.uid, starts_at=now() + timedelta(days=20 + number),
                    time_zone="America/New_York", hearing_type=HearingType.USCIS_INTERVIEW, place="Room 4",
                    must_attend=True, interpreter_needed=True,
                )  # fmt: skip
            releases.record_release_for_attorney(
                actor=amina, now=now(), case_uid=uid, matter_uid=matter.uid, attorney=chidi,
                purpose_text="Her T visa application", expires_at=now() + timedelta(days=90),
                terms=releases.Terms(categories=[InfoCategory.IDENTITY, InfoCategory.SERVICES_DATES]),
                signing=releases.Signing(risks_discussed=True, not_conditioned=True, revocable_explained=True),
            )  # fmt: skip
            make.colleague(Case(uid=uid), bea, self.people["gita"], GrantKind.CLINICAL)
            make.colleague(Case(uid=uid), bea, self.people["luis"], GrantKind.STAFF_COUNSEL)
        self.rich.append(uid)
        self.matters.append(matter.uid)


def fresh_keys() -> None:
    """As after a start: nothing opened yet."""
    keyring.forget()
