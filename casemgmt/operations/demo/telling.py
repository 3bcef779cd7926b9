"""How the story is told: every act of every case is planned first, then done in the order of time, by the real actions.

So keys, events and lists come out in the order in which they would have grown.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile

from casemgmt.accounts.models import Organisation, Team, User
from casemgmt.operations.demo import acts
from casemgmt.operations.demo.people import Figure
from cases import access
from cases.actions import cases as of_case
from cases.actions import documents, grants, notes, releases, tasks
from cases.actions.intake import Intake, take_in
from cases.choices import (
    CaseStatus,
    ClosureReason,
    ContactChannel,
    DocumentCategory,
    GrantKind,
    InfoCategory,
    PrivilegeClass,
    Purpose,
    Stage,
)
from services.actions import aftercare, legal, reintegration
from services.choices import FollowUpState, Mode, ServiceOutcome
from services.models import FollowUp

SATURDAY = 5
#: Between two acts of one course, at least.
A_WHILE = timedelta(minutes=4)
Act = Callable[[datetime], Any]


@dataclass(frozen=True)
class Planned:
    """One act: in which course, in which order, at which moment."""

    course: str
    in_order: tuple[int, str, int]
    at: datetime
    act: Act


@dataclass
class Telling:
    """The cast and their teams, the moment at which the story ends, and what is still to be done."""

    now: datetime
    cast: dict[str, User]
    teams: dict[str, Team]
    organisations: dict[str, Organisation]
    planned: list[Planned] = field(default_factory=list)

    def day(self, ago: int) -> date:
        """The working day about ``ago`` days before now; a negative number lies ahead. Today is today on Sundays, too."""
        day = self.now.date() - timedelta(days=ago)
        over = day.weekday() - SATURDAY + 1
        if ago == 0 or over <= 0:
            return day
        return day - timedelta(days=over) if ago > 0 else day + timedelta(days=3 - over)

    def moment(self, ago: int, clock: str) -> datetime:
        """A time of the day on that working day."""
        hours, minutes = clock.split(":")
        return datetime.combine(self.day(ago), time(int(hours), int(minutes)), UTC)

    def plan(self, course: str, ago: int, clock: str, act: Act) -> None:
        """Let ``act`` happen in this course then, after what was planned before it for the same moment."""
        in_order = (-ago, clock, len(self.planned))
        self.planned.append(Planned(course, in_order, self.moment(ago, clock), act))

    def in_time(self) -> list[tuple[datetime, Act]]:
        """All acts, the oldest first. A course keeps its order where a weekend puts several days into one."""
        latest = self.now - timedelta(minutes=1)
        before: dict[str, datetime] = {}
        acts = []
        for one in sorted(self.planned, key=lambda one: one.in_order):
            when = max(one.at, before[one.course] + A_WHILE) if one.course in before else one.at
            when = before[one.course] = min(when, latest)
            acts.append((when, one.in_order, one.act))
        acts.sort(key=lambda entry: entry[:2])
        return [(when, act) for when, _order, act in acts]

    def tell(self, say: Callable[[int, int], None]) -> None:
        """Do everything, the oldest first. ``say`` hears how many acts are done, and of how many."""
        everything = self.in_time()
        for number, (when, act) in enumerate(everything, start=1):
            act(when)
            say(number, len(everything))


class Course:
    """The course of one case. Each method plans one act; ``ago`` counts days before now."""

    def __init__(self, telling: Telling, figure: Figure) -> None:
        self.telling, self.figure = telling, figure
        self.worker = telling.cast[figure.worker]
        #: What the acts have made so far: uids by the names the story gives them.
        self.made: dict[str, UUID] = {}

    @property
    def uid(self) -> UUID:
        """The case; known once the intake is done."""
        return self.made["case"]

    def who(self, key: str = "") -> User:
        """A person of the cast, or the worker of this case."""
        return self.telling.cast[key] if key else self.worker

    def plan(self, ago: int, clock: str, act: Act, *, name: str = "") -> None:
        """Plan one act of this case; ``name`` keeps the uid of what it makes."""

        def do(now: datetime) -> None:
            made = act(now)
            if name:
                self.made[name] = made.uid

        self.telling.plan(self.figure.key, ago, clock, do)

    # ---- the case

    def take_in(self, clock: str, intake: Intake, team: Team) -> None:
        """The intake, on the day the figure came."""
        self.plan(
            self.figure.opened, clock, lambda now: take_in(actor=self.worker, now=now, team=team, intake=intake), name="case"
        )

    def stage(self, ago: int, clock: str, stage: Stage, status: CaseStatus = CaseStatus.ACTIVE) -> None:
        """The work moves on."""
        self.plan(
            ago, clock,
            lambda now: of_case.change_stage(actor=self.worker, now=now, case_uid=self.uid, stage=stage, status=status),
        )  # fmt: skip

    def close(self, ago: int, clock: str, reason: ClosureReason) -> None:
        """The case ends."""
        self.plan(
            ago, clock,
            lambda now: of_case.close_case(actor=self.worker, now=now, case_uid=self.uid, reason=reason, closed_on=now.date()),
        )  # fmt: skip

    # ---- days of casework

    def note(
        self, ago: int, clock: str, text: str, kind: str = PrivilegeClass.ADVOCATE_CONFIDENTIAL, *, by: str = "", matter: str = ""
    ) -> None:
        """A note, written at the end of what it tells."""
        self.plan(
            ago, clock,
            lambda now: notes.add_note(
                actor=self.who(by), now=now, case_uid=self.uid, privilege_class=kind, body=text,
                matter_uid=self.made[matter] if matter else None,
            ),
        )  # fmt: skip

    def task(
        self, ago: int, clock: str, title: str, *, due: int, done: int | None = None, by: str = "", to: str = "", matter: str = ""
    ) -> None:
        """Something to do by a day; ``done`` says when it was, if it was."""
        name = f"task {len(self.telling.planned)}"
        self.plan(
            ago, clock,
            lambda now: tasks.add_task(
                actor=self.who(by), now=now, case_uid=self.uid, title=title, due_on=self.telling.day(due),
                assigned_to=self.who(to or by), matter_uid=self.made[matter] if matter else None,
            ),
            name=name,
        )  # fmt: skip
        if done is not None:
            self.plan(
                done, "16:20",
                lambda now: tasks.finish_task(actor=self.who(to or by), now=now, case_uid=self.uid, task_uid=self.made[name]),
            )  # fmt: skip

    def service(
        self, ago: int, clock: str, service: str, quantity: str, provider: str = "", remark: str = "", mode: str = Mode.IN_PERSON,
        outcome: str = ServiceOutcome.PROVIDED,
    ) -> None:  # fmt: skip
        """Help that was given that day."""
        self.plan(
            ago, clock,
            lambda now: aftercare.record_service(
                actor=self.worker, now=now, case_uid=self.uid, given_on=now.date(), service=service, quantity=Decimal(quantity),
                outcome=outcome, mode=mode, provider=provider, remark=remark,
            ),
        )  # fmt: skip

    def document(
        self, ago: int, clock: str, name: str, content: bytes, category: str = DocumentCategory.OTHER, *, by: str = "",
        section: str | None = None, matter: str = "", keep: str = "",
    ) -> None:  # fmt: skip
        """A file that is kept."""
        where = (lambda: {"matter_uid": self.made[matter]}) if matter else (lambda: {"case_uid": self.uid})
        self.plan(
            ago, clock,
            lambda now: documents.seal_document(
                actor=self.who(by), now=now, upload=SimpleUploadedFile(name, content), category=category, section=section, **where()
            ),
            name=keep,
        )  # fmt: skip

    def stay(self, ago: int, clock: str, room: str, *, left: int | None = None, exit_to: str = "") -> None:
        """She lives in the shelter, until ``left`` or until today."""
        name = f"stay {len(self.telling.planned)}"
        shelter = self.telling.teams["shelter"]
        self.plan(
            ago, clock,
            lambda now: aftercare.begin_stay(
                actor=self.worker, now=now, case_uid=self.uid, team=shelter, entered_on=now.date(), room=room
            ),
            name=name,
        )  # fmt: skip
        if left is not None:
            self.plan(
                left, "11:10",
                lambda now: aftercare.end_stay(
                    actor=self.who("jonas"), now=now, stay_uid=self.made[name], left_on=now.date(), exit_to=exit_to
                ),
            )  # fmt: skip

    # ---- her plan

    def goal(
        self, ago: int, clock: str, title: str, area: str, *, target: int | None = None, progress: tuple[tuple[int, int, str], ...] = ()
    ) -> None:
        """A goal in her words, and how it came on: (days ago, percentage, words)."""
        name = f"goal {len(self.telling.planned)}"
        self.plan(
            ago, clock,
            lambda now: reintegration.set_goal(
                actor=self.worker, now=now, case_uid=self.uid, title=title, area=area,
                target_on=self.telling.day(target) if target is not None else None,
            ),
            name=name,
        )  # fmt: skip
        for when, percentage, words in progress:
            self.plan(
                when, "15:25",
                lambda now, percentage=percentage, words=words: reintegration.note_progress(
                    actor=self.worker, now=now, case_uid=self.uid, goal_uid=self.made[name], progress=percentage, words=words
                ),
            )  # fmt: skip

    def follow_ups(self, ago: int, clock: str, *, results: tuple[tuple[int, str, FollowUpState, str], ...] = ()) -> None:
        """She has left the programme: contacts are planned, and some have been: (days ago, label, how, words)."""
        self.plan(
            ago, clock,
            lambda now: reintegration.plan_follow_ups(actor=self.worker, now=now, case_uid=self.uid, exit_on=now.date()),
        )  # fmt: skip
        for when, label, state, said in results:
            self.plan(when, "10:25", lambda now, label=label, state=state, said=said: self._spoken(now, label, state, said))

    def _spoken(self, now: datetime, label: str, state: FollowUpState, said: str) -> FollowUp:
        planned = access.for_the_house(FollowUp).get(case__uid=self.uid, label=label)
        return reintegration.finish_follow_up(
            actor=self.worker, now=now, case_uid=self.uid, follow_up_uid=planned.uid, state=state, done_on=now.date(), words=said
        )

    # ---- legal

    def matter(
        self, ago: int, clock: str, name: str, title: str, matter_type: str, jurisdiction: str, stage: str
    ) -> None:
        """A legal matter; ``name`` is what the story calls it."""
        self.plan(
            ago, clock,
            lambda now: legal.open_matter(
                actor=self.worker, now=now, case_uid=self.uid, title=title, matter_type=matter_type, jurisdiction=jurisdiction,
                stage=stage, opened_on=now.date(),
            ),
            name=name,
        )  # fmt: skip

    def matter_stage(self, ago: int, clock: str, name: str, stage: str, *, by: str = "") -> None:
        """The matter moves on."""
        self.plan(
            ago, clock,
            lambda now: legal.change_stage(actor=self.who(by), now=now, matter_uid=self.made[name], stage=stage),
        )  # fmt: skip

    def deadline(
        self, ago: int, clock: str, name: str, title: str, *, due: date, kind: str, authority: str, by: str = "", met: int | None = None
    ) -> None:
        """A date by which something must be done."""
        key = f"deadline {len(self.telling.planned)}"
        self.plan(
            ago, clock,
            lambda now: legal.add_deadline(
                actor=self.who(by), now=now, matter_uid=self.made[name], due_on=due, kind=kind, title=title, authority=authority
            ),
            name=key,
        )  # fmt: skip
        if met is not None:
            self.plan(
                met, "14:50",
                lambda now: legal.meet_deadline(actor=self.who(by), now=now, deadline_uid=self.made[key]),
            )  # fmt: skip

    def hearing(
        self, ago: int, clock: str, name: str, hearing_type: str, *, on: int, at: str, place: str, by: str = "", interpreter: bool = True,
        must_attend: bool = True,
    ) -> None:  # fmt: skip
        """A hearing or appointment, with the court's own time zone."""
        self.plan(
            ago, clock,
            lambda now: legal.add_hearing(
                actor=self.who(by), now=now, matter_uid=self.made[name], starts_at=self.telling.moment(on, at),
                time_zone="America/New_York", hearing_type=hearing_type, place=place, must_attend=must_attend,
                interpreter_needed=interpreter,
            ),
        )  # fmt: skip

    def filing(self, ago: int, clock: str, name: str, title: str, receipt: str, *, by: str, document: str = "") -> None:
        """Something filed, in the attorney's own file."""
        self.plan(
            ago, clock,
            lambda now: legal.add_filing(
                actor=self.who(by), now=now, matter_uid=self.made[name], title=title, receipt=receipt, filed_on=now.date(),
                document_uid=self.made[document] if document else None,
            ),
        )  # fmt: skip

    def close_matter(self, ago: int, clock: str, name: str, outcome: str, *, by: str = "") -> None:
        """The matter ends."""
        self.plan(
            ago, clock,
            lambda now: legal.close_matter(
                actor=self.who(by), now=now, matter_uid=self.made[name], outcome=outcome, closed_on=now.date()
            ),
        )  # fmt: skip

    # ---- who may see it

    def give(self, ago: int, clock: str, kind: GrantKind, person: str, *, by: str = "", matter: str = "", reason: str = "") -> None:
        """A colleague of the house gets access."""
        self.plan(
            ago, clock,
            lambda now: grants.give_access(
                actor=self.who(by), now=now, case_uid=self.uid, kind=kind, person=self.who(person), reason=reason,
                matter_uid=self.made[matter] if matter else None,
            ),
        )  # fmt: skip

    def wall(self, ago: int, clock: str, person: str, *, by: str) -> None:
        """Somebody is kept away from the case."""
        self.plan(ago, clock, lambda now: grants.place_wall(actor=self.who(by), now=now, case_uid=self.uid, person=self.who(person)))

    def restrict(self, ago: int, clock: str, *, by: str = "") -> None:
        """Only named people from now on."""
        self.plan(
            ago, clock,
            lambda now: grants.restrict_case(actor=self.who(by), now=now, case_uid=self.uid, is_restricted=True),
        )  # fmt: skip

    def release(
        self, ago: int, clock: str, recipient: str, purpose: Purpose, why: str, categories: list[InfoCategory], *, days: int,
        withdrawn: int | None = None,
    ) -> None:  # fmt: skip
        """She allows another organisation to learn something, and may take it back."""
        name = f"release {len(self.telling.planned)}"
        self.plan(
            ago, clock,
            lambda now: releases.record_release(
                actor=self.worker, now=now, case_uid=self.uid, recipient=self.telling.organisations[recipient], purpose=purpose,
                purpose_text=why, terms=releases.Terms(categories=list(categories)), signing=self.signing(now),
                expires_at=now + timedelta(days=days),
            ),
            name=name,
        )  # fmt: skip
        if withdrawn is not None:
            self.plan(
                withdrawn, "10:35",
                lambda now: releases.withdraw_release(actor=self.worker, now=now, release_uid=self.made[name], how="ORAL"),
            )  # fmt: skip

    def release_for_attorney(
        self, ago: int, clock: str, attorney: str, matter: str, why: str, categories: list[InfoCategory], *, ends: int
    ) -> None:
        """Her release for an outside attorney, and the matter with it."""
        self.plan(
            ago, clock,
            lambda now: releases.record_release_for_attorney(
                actor=self.worker, now=now, case_uid=self.uid, matter_uid=self.made[matter], attorney=self.who(attorney),
                purpose_text=why, terms=releases.Terms(categories=list(categories)), signing=self.signing(now),
                expires_at=self.telling.now + timedelta(days=ends),
            ),
        )  # fmt: skip

    def signing(self, now: datetime) -> releases.Signing:
        """How she signed: in her language, with everything said that must be said."""
        language = self.figure.language
        return releases.Signing(
            language=language, interpreter="" if language == "en" else "Harbour interpreters (demo)", is_read_aloud=True,
            risks_discussed=True, not_conditioned=True, revocable_explained=True, copy_given=True, signed_on=now.date(),
        )  # fmt: skip

    # ---- looking

    def look(self, ago: int, clock: str, *, by: str = "", tab: str = "overview") -> None:
        """Somebody opens the case."""
        self.plan(ago, clock, lambda now: acts.look_at_case(actor=self.who(by), now=now, case_uid=self.uid, tab=tab))

    def look_at_matter(self, ago: int, clock: str, name: str, *, by: str) -> None:
        """Somebody opens the matter."""
        self.plan(ago, clock, lambda now: acts.look_at_matter(actor=self.who(by), now=now, matter_uid=self.made[name]))

    def take_document(self, ago: int, clock: str, name: str, *, by: str = "") -> None:
        """Somebody downloads a document."""
        self.plan(
            ago, clock,
            lambda now: acts.take_document(actor=self.who(by), now=now, case_uid=self.uid, document_uid=self.made[name]),
        )  # fmt: skip

    def turned_away(self, ago: int, clock: str, *, by: str, route: str = "case-overview", permission: str = "read_card") -> None:
        """Somebody asks for a page that is not hers."""
        self.plan(
            ago, clock,
            lambda now: acts.be_turned_away(
                actor=self.who(by), now=now, case_uid=self.uid, route=route, permission=permission
            ),
        )  # fmt: skip


def contact_rule(figure: Figure) -> str:
    """The instruction as the header of the case shows it: the way first, then what must be respected."""
    channel, words = figure.contact
    return f"{ContactChannel(channel).label}. {words}"
