"""Casework, one act a method: the case, safety, notes, tasks, services, papers, stays."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from casemgmt.access.sections import Section
from casemgmt.accounts.models import Team
from casemgmt.operations.demo.people import Figure
from casemgmt.operations.demo.planning import Planning
from cases import access
from cases.actions import cases as of_case
from cases.actions import conferences, contacting, documents, identifying, mentions, notes, safety, survivor, tasks
from cases.actions.alerts import AlertFacts, acknowledge_alert, keep_alert, raise_alert
from cases.actions.incidents import Happened, note_incident
from cases.actions.intake import Intake
from cases.actions.matching import answer_match_questions
from cases.actions.safety_calls import take_call
from cases.choices.casework import CaseStatus, ClosureReason, PrivilegeClass, Stage, ToldHer
from cases.choices.documents import DocumentCategory
from cases.choices.signs import SignGroup
from cases.choices.survivor import ContactChannel, ContactOutcome, TriState
from cases.closing import Farewell
from cases.document_versions import Newer
from cases.models import Case, CaseAlert, SafetyCall
from services.actions import aftercare
from services.choices import Mode, ServiceOutcome


class Casework(Planning):
    """What the worker of a case does. ``ago`` counts days before now."""

    def take_in(self, clock: str, intake: Intake, team: Team) -> None:
        """The intake, on the day the figure came."""

        def come(now: datetime) -> Case:
            case = of_case.finish_intake(
                actor=self.worker, now=now, draft_uid=uuid4(), team_uid=team.uid, intake=intake
            )
            answer_match_questions(now=now)  # what the worker does, seconds later
            return case

        self.plan(self.figure.opened, clock, come, name="case")

    def stage(self, ago: int, clock: str, stage: Stage, status: CaseStatus = CaseStatus.ACTIVE) -> None:
        """The work moves on."""
        self.plan(
            ago, clock,
            lambda now: of_case.change_stage(actor=self.worker, now=now, case_uid=self.uid, stage=stage, status=status),
        )  # fmt: skip

    def close(self, ago: int, clock: str, reason: ClosureReason, *, agreed: str = "") -> None:
        """The case ends, and she knows."""
        farewell = Farewell(ToldHer.IN_PERSON, agreed, safety_reviewed=True)
        self.plan(
            ago, clock,
            lambda now: of_case.close_case(
                actor=self.worker, now=now, case_uid=self.uid, reason=reason, closed_on=now.date(), farewell=farewell
            ),
        )  # fmt: skip

    # ---- safety and facts

    def alerts(self, ago: int, clock: str, codes: tuple[str, ...]) -> None:
        """What everybody on the case sees at once."""
        self.plan(ago, clock, lambda now: safety.set_alerts(actor=self.worker, now=now, case_uid=self.uid, codes=codes))

    def risk(
        self, ago: int, clock: str, level: str, reason: str, *, own_view: int, concerns: str = "",
        answers: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        """How great the danger is, and why; what was gone through, where it was."""
        self.plan(
            ago, clock,
            lambda now: safety.set_risk(
                actor=self.worker, now=now, case_uid=self.uid, level=level, reason=reason, own_view=own_view,
                concerns=concerns, answers=answers,
            ),
        )  # fmt: skip

    def warn(self, ago: int, clock: str, warning: AlertFacts) -> None:
        """An alert for those who hold one part of the case; its writer has seen it."""

        def act(now: datetime) -> None:
            of = {"actor": self.worker, "now": now, "case_uid": self.uid}
            acknowledge_alert(**of, alert_uid=raise_alert(**of, warning=warning).uid)

        self.plan(ago, clock, act)

    def alerts_kept(self, ago: int, clock: str) -> None:
        """Every alert was looked at, and still holds."""

        def act(now: datetime) -> None:
            for row in access.for_the_house(CaseAlert).filter(case__uid=self.uid, ended_at__isnull=True).order_by("pk"):
                keep_alert(actor=self.worker, now=now, case_uid=self.uid, alert_uid=row.uid)

        self.plan(ago, clock, act)

    def happened(self, ago: int, clock: str, kind: str, what: str, *, done: str, told: str) -> None:
        """Something happened, and was written down within the hour."""
        self.plan(
            ago, clock,
            lambda now: note_incident(
                actor=self.worker, now=now, case_uid=self.uid, happened=Happened(kind, now, what, done, told)
            ),
        )  # fmt: skip

    def call_taken(self, ago: int, clock: str, by: str) -> None:
        """Somebody who was called says that she looks."""
        who = self.telling.cast[by]
        self.plan(
            ago, clock,
            lambda now: take_call(
                actor=who, now=now, case_uid=self.uid,
                call_uid=access.for_the_house(SafetyCall).filter(case__uid=self.uid).latest("pk").uid,
            ),
        )  # fmt: skip

    def safety_plan(self, ago: int, clock: str, topics: dict[str, str], *, copy: str) -> None:
        """The plan, written together."""
        self.plan(
            ago, clock,
            lambda now: safety.write_plan(actor=self.worker, now=now, case_uid=self.uid, topics=topics, copy=copy),
        )  # fmt: skip

    def safety_reviewed(self, ago: int, clock: str) -> None:
        """Looked at again, nothing changed."""
        self.plan(ago, clock, lambda now: safety.review_safety(actor=self.worker, now=now, case_uid=self.uid))

    def contact_confirmed(self, ago: int, clock: str) -> None:
        """The rule of contact, asked again: a safe way of yesterday may be a trap today."""
        channel, _words = self.figure.contact
        self.plan(
            ago, clock,
            lambda now: safety.replace_contact(
                actor=self.worker, now=now, case_uid=self.uid,
                contact=safety.SafeContact(
                    channel=channel, words=contact_rule(self.figure), verified_on=now.date(), value=self.figure.contact_value,
                    language=self.figure.language, leave_message=TriState.NO, hide_number=TriState.YES,
                ),
            ),
        )  # fmt: skip

    def tried(self, ago: int, clock: str, outcome: ContactOutcome, words: str, *, why_now: str = "") -> None:
        """Somebody reads her rule, tries to reach her the way she named, and writes down how it went."""

        def act(now: datetime) -> None:
            of = {"actor": self.worker, "now": now, "case_uid": self.uid}
            attempt = contacting.begin_contact(**of, channel=self.figure.contact[0], has_read=True, reason=why_now)
            contacting.note_contact(**of, attempt_uid=attempt.uid, outcome=outcome, words=words)

        self.plan(ago, clock, act)

    def status(self, ago: int, clock: str, decision: dict[str, Any]) -> None:
        """What an authority decided is written down from its letter."""
        self.plan(
            ago,
            clock,
            lambda now: identifying.decide_status(actor=self.worker, now=now, case_uid=self.uid, decision=decision),
        )

    def signs(self, ago: int, clock: str, group: SignGroup, signs: dict[str, Any]) -> None:
        """One topic of the long talk, or what colleagues weigh afterwards."""
        self.plan(
            ago, clock,
            lambda now: identifying.write_signs(actor=self.worker, now=now, case_uid=self.uid, group=group, signs=signs),
        )  # fmt: skip

    def protection(self, ago: int, clock: str, answers: dict[str, Any]) -> None:
        """Her status becomes known."""
        self.plan(
            ago, clock,
            lambda now: survivor.change_protection(actor=self.worker, now=now, case_uid=self.uid, protection=answers),
        )  # fmt: skip

    def names(self, ago: int, clock: str, called: dict[str, Any]) -> None:
        """She tells how she is called, and in which writing."""
        self.plan(
            ago, clock, lambda now: survivor.change_called(actor=self.worker, now=now, case_uid=self.uid, called=called)
        )

    def speech(self, ago: int, clock: str, answers: dict[str, Any]) -> None:
        """What she speaks, and what she needs of an interpreter."""
        self.plan(
            ago,
            clock,
            lambda now: survivor.change_speech(actor=self.worker, now=now, case_uid=self.uid, speech=answers),
        )

    def minority(self, ago: int, clock: str, answers: dict[str, Any]) -> None:
        """Who speaks for her while she is a minor, and what was looked at."""
        self.plan(
            ago,
            clock,
            lambda now: survivor.change_minority(actor=self.worker, now=now, case_uid=self.uid, minority=answers),
        )

    # ---- days of casework

    def note(
        self,
        ago: int,
        clock: str,
        text: str,
        kind: str = PrivilegeClass.ADVOCATE_CONFIDENTIAL,
        *,
        by: str = "",
        matter: str = "",
        about: dict[str, Any] | None = None,
        name: str = "",
    ) -> None:
        """A note, written at the end of what it tells; ``about``: its type, who was there (see ``add_note``)."""
        self.plan(
            ago, clock,
            lambda now: notes.add_note(
                actor=self.who(by), now=now, case_uid=self.uid, privilege_class=kind, body=text,
                matter_uid=self.made[matter] if matter else None, **(about or {}),
            ),
            name=name,
        )  # fmt: skip

    def conference(
        self, ago: int, clock: str, text: str, *, here: tuple[str, ...], guests: tuple[str, ...] = (), others: str = "",
        decided: tuple[tuple[str, str, int], ...] = (), by: str = "",
    ) -> None:  # fmt: skip
        """People sit together about her; ``decided``: what, who does it, until how many days before today."""
        self.plan(
            ago, clock,
            lambda now: conferences.record_conference(
                actor=self.who(by), now=now, case_uid=self.uid, body=text, here=[self.who(one) for one in here],
                guests=guests, others=others,
                decisions=[conferences.Decision(what, self.who(who), self.telling.day(due)) for what, who, due in decided],
            ),
        )  # fmt: skip

    def ask_to_read(self, ago: int, clock: str, note: str, *people: str, by: str = "") -> None:
        """Colleagues are asked to read a note."""
        self.plan(
            ago, clock,
            lambda now: mentions.call_to_note(
                actor=self.who(by), now=now, case_uid=self.uid, note_uid=self.made[note], people=[self.who(one) for one in people]
            ),
        )  # fmt: skip

    def amend(self, ago: int, clock: str, note: str, text: str, why: str, *, by: str = "") -> None:
        """Something is added beneath a note that is locked."""
        self.plan(
            ago, clock,
            lambda now: notes.amend_note(
                actor=self.who(by), now=now, case_uid=self.uid, note_uid=self.made[note], body=text, reason=why
            ),
        )  # fmt: skip

    def task(
        self,
        ago: int,
        clock: str,
        title: str,
        *,
        due: int,
        done: int | None = None,
        by: str = "",
        to: str = "",
        matter: str = "",
    ) -> None:
        """Something to do by a day; ``done`` says when it was, if it was."""
        name = f"task {len(self.telling.planned)}"
        section = Section.ADVOCACY if not (by or to or matter) else None
        self.plan(
            ago, clock,
            lambda now: tasks.add_task(
                actor=self.who(by), now=now, case_uid=self.uid, title=title, due_on=self.telling.day(due),
                assigned_to=self.who(to or by), matter_uid=self.made[matter] if matter else None, section=section,
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
        section: str | None = None, matter: str = "", keep: str = "", ends: int | None = None, of: str = "", why: str = "",
    ) -> None:  # fmt: skip
        """A file that is kept; ``ends``: in so many days. With ``of``, the newer version of that document, and why it came."""
        where = (lambda: {"matter_uid": self.made[matter]}) if matter else (lambda: {"case_uid": self.uid})
        self.plan(
            ago, clock,
            lambda now: documents.seal_document(
                actor=self.who(by), now=now, upload=SimpleUploadedFile(name, content), category=category, section=section,
                expires_on=None if ends is None else self.telling.day(-ends), newer=Newer(self.made[of], why) if of else None, **where()
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


def contact_rule(figure: Figure) -> str:
    """The instruction as the header of the case shows it: the way first, then what must be respected."""
    channel, words = figure.contact
    return f"{ContactChannel(channel).label}. {words}"
