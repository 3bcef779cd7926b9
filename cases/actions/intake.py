"""Intake: opening a case with the minimum (domain.md R1). Nothing else is required, and a name least of all."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Refused
from casemgmt.access.sections import Section, write
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import Team, User
from casemgmt.crypto import keyring
from cases import search_index
from cases.actions.alerts import begin_card_alerts
from cases.actions.declarations import keep_declared_apart
from cases.actions.grants import give_opening_access
from cases.actions.trail import add_line, ask_for_plan, set_due
from cases.choices.casework import CaseStatus, DueKind, Stage
from cases.choices.safety import RiskLevel
from cases.choices.survivor import ConsentState, ContactChannel
from cases.errors.survivor import ConsentLacks
from cases.models import (
    Case,
    Consent,
    ContactInstruction,
    Person,
    SafetyPlan,
    Survivor,
    TraffickingProfile,
)
from cases.naming import new_alias, new_case_number
from cases.rules import consent_gaps

#: Who may open cases. Opening gives the opener an assignment, so the role must be able to hold one.
OPENING_ROLES = (Role.CASEWORKER, Role.HOTLINE_ADVOCATE, Role.SUPERVISOR)


@dataclass
class Intake:
    """What is known at the start. Codes as in ``cases.choices`` and ``cases.htcds.codes``; dates are local calendar dates.

    ``about``, ``contact``, ``answers``, ``referral`` hold HTCDS fields by name; what is missing becomes ``NOT_ASKED``
    where a page shows it. ``contact_rule`` is the safe-contact instruction in words.
    """

    opened_on: date
    language: str
    consent_state: str = ConsentState.PENDING
    contact_channel: str = ContactChannel.NONE
    contact_rule: str = ""
    contact_value: str = ""
    status: str = CaseStatus.ACTIVE
    stage: str = Stage.INTAKE
    first_name: str = ""
    second_name: str = ""
    other_names: str = ""
    birth_date: date | None = None
    about: dict[str, Any] = field(default_factory=dict)
    contact: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    referral: dict[str, Any] = field(default_factory=dict)
    statement: str = ""
    consent_told: dict[str, bool] = field(default_factory=dict)
    consent_record: dict[str, Any] = field(default_factory=dict)
    alerts: tuple[str, ...] = ()
    closed_on: date | None = None
    closure_reason: str | None = None


@action
def take_in(*, actor: User, now: datetime, team: Team, intake: Intake) -> Case:
    """Open a case for a new person in one of the actor's teams; the opener is assigned, the team's supervisor supervises.

    Keys come first, in a short transaction of the key store; keys of a case that never came are swept later.
    Raises Refused, ConsentLacks (R2). Records CASE_OPENED (and ACCESS_GRANTED for each grant).
    """
    may_open = actor.holds_role(*OPENING_ROLES, at=now) and team.group_id in actor.team_group_ids(now)
    if not may_open:
        raise Refused(write(Section.CARD))
    gaps = consent_gaps(intake.consent_state, intake.consent_told, intake.consent_record)
    if gaps:
        raise ConsentLacks(gaps)
    uid = uuid4()
    keyring.create_case_keys(uid)
    person = Person()
    person.save()
    case = Case(
        uid=uid, case_uid=uid, number=new_case_number(), person=person, organisation=team.organisation, team=team, lead=actor,
        status=intake.status, stage=intake.stage, opened_on=intake.opened_on, closed_on=intake.closed_on,
        closure_reason=intake.closure_reason, language=intake.language, alerts=list(intake.alerts),
        alias=new_alias([intake.first_name, intake.second_name, intake.other_names]),
        safe_contact=intake.contact_rule, referral=intake.referral or None,
    )  # fmt: skip
    case.save()
    Survivor(
        case=case, first_name=intake.first_name, second_name=intake.second_name, other_names=intake.other_names,
        birth_date=intake.birth_date, about=intake.about, contact=intake.contact,
    ).save()  # fmt: skip
    TraffickingProfile(case=case, answers=intake.answers, statement=intake.statement or None).save()
    Consent(case=case, state=intake.consent_state, told=intake.consent_told, record=intake.consent_record).save()
    ContactInstruction(
        case=case, rule={"channel": intake.contact_channel, "words": intake.contact_rule},
        value=intake.contact_value or None, verified_on=intake.opened_on,
    ).save()  # fmt: skip
    search_index.remember(actor, case)
    safety = SafetyPlan(case=case, risk_level=RiskLevel.UNKNOWN, plan={}, review_on=intake.opened_on)
    safety.save()
    begin_card_alerts(case, intake.alerts, actor=actor, now=now)
    add_line(
        case=case,
        section=Section.CARD,
        kind=Verb.CASE_OPENED,
        line=_("Case opened"),
        subject=case,
        author=actor,
        at=now,
    )
    if not case.is_closed:
        set_due(
            case=case, section=Section.SAFETY, kind=DueKind.SAFETY_REVIEW, line=_("Assess safety"), subject=safety,
            due_on=intake.opened_on, assigned_to=actor,
        )  # fmt: skip
        ask_for_plan(case, since=intake.opened_on, now=now)
    # Recorded before the grants, so that the event of the opening names the records, and each grant's event its own.
    record(Verb.CASE_OPENED, actor=actor, subject=case, sections=[Section.CARD])
    keep_declared_apart(actor=actor, now=now, case=case)
    give_opening_access(actor=actor, now=now, case=case)
    return case
