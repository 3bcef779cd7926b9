"""Safety: how she may be reached, what warns everybody on the case, how great the danger is, and the plan against it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, write
from casemgmt.accounts.models import User
from cases import access, risk, safety_plan, search_index
from cases.access import Held
from cases.actions.alerts import follow_alerts, keep_rows_of_card
from cases.actions.declarations import keep_declared_apart
from cases.actions.drafts import forget_draft
from cases.actions.reassessing import set_look_due
from cases.actions.safety_calls import call_somebody
from cases.actions.trail import add_line
from cases.addresses import address_is_confidential
from cases.choices.safety import (
    NEVER_ON_CARD,
    REASSESS_AFTER_DAYS,
    AlertCode,
    CallCause,
    PlanCopy,
    RiskItem,
    RiskLevel,
    SafetyTopic,
)
from cases.choices.survivor import ContactChannel, TriState, Weekday
from cases.errors.survivor import AddressIsConfidential, AlertNotForEverybody
from cases.marks import assign, demand_mark
from cases.models import Case, ContactInstruction, SafetyAssessment, SafetyPlan
from cases.opening import open_to_change

ALERTS = ("alerts",)
CONTACT = ("rule", "value")
RISK = ("risk_level", "reason", "own_view")
PLAN = ("plan",)
PLAN_DRAFT = "safety-plan"
#: The items of an assessment, step by step, before a person says how great the danger is.
RISK_DRAFT = "safety-items"


@dataclass
class SafeContact:
    """How she may be reached. ``value`` is the number or address; everything else stands on the card in words."""

    channel: str
    words: str
    verified_on: date
    value: str = ""
    language: str = ""
    identify_as: str = ""
    leave_message: str = TriState.UNKNOWN
    shared_device: str = TriState.UNKNOWN
    #: Whether the telephone of whoever calls must not show its number.
    hide_number: str = TriState.UNKNOWN
    who_may_answer: str = ""
    do_not_say: str = ""
    #: When it is safe: days (``Weekday``; none: every day), and from when to when on the clock of ``zone`` ("HH:MM").
    days: list[str] = field(default_factory=list)
    begins: str = ""
    ends: str = ""
    zone: str = ""

    @property
    def rule(self) -> dict[str, Any]:
        """What is kept under CARD: all but the number itself."""
        names = (
            "channel", "words", "language", "identify_as", "leave_message", "shared_device", "hide_number", "who_may_answer",
            "do_not_say", "begins", "ends", "zone",
        )  # fmt: skip
        rule: dict[str, Any] = {name: str(getattr(self, name)) for name in names if getattr(self, name)}
        return rule | ({"days": [Weekday(day).value for day in self.days]} if self.days else {})

    @property
    def card(self) -> str:
        """The rule as the case header shows it: what one must know before touching a phone."""
        sentences = [ContactChannel.NONE.label + "."] if self.channel == ContactChannel.NONE else []
        sentences.append(self.words)
        if self.identify_as:
            sentences.append(_("Say that you are: %(who)s.") % {"who": self.identify_as})
        if self.hide_number == TriState.YES:
            sentences.append(_("Hide our number."))
        if self.leave_message == TriState.NO:
            sentences.append(_("Leave no message."))
        if self.shared_device == TriState.YES:
            sentences.append(_("Others use this phone, too."))
        return " ".join(str(sentence) for sentence in sentences if sentence)


def standing_instruction(case: Case) -> ContactInstruction | None:
    """The safe-contact instruction of a locked case that counts now."""
    return access.within(ContactInstruction, case).filter(ended_at__isnull=True).order_by("-pk").first()


@action
def replace_contact(
    *, actor: User, now: datetime, case_uid: UUID, contact: SafeContact, mark: str | None = None
) -> ContactInstruction:
    """Replace the safe-contact instruction: the old one ends and stays readable, the new one counts, the card follows.

    Needs IDENTITY (the number) and CARD (the rule). A letter names no address where none may be kept (R13). Raises
    Hidden, Refused, CaseIsClosed, StaleVersion, AddressIsConfidential. Records CONTACT_CHANGED.
    """
    held = access.lock_for_write(actor, case_uid, Section.IDENTITY)
    case = held.case
    if not held.holding.writes(Section.CARD):
        raise Refused(write(Section.CARD))
    if contact.channel == ContactChannel.POST and contact.value:
        with open_to_change(actor, held, Section.CARD):
            alerts = list(case.alerts or [])
        if address_is_confidential(case, alerts, now):
            raise AddressIsConfidential
    standing = standing_instruction(case)
    if standing is not None:
        demand_mark(standing, mark, *CONTACT)
        for old in access.within(ContactInstruction, case).filter(ended_at__isnull=True):
            old.ended_at = now
            old.save(update_fields=["ended_at"])
    instruction = ContactInstruction(
        case=case, rule=contact.rule, value=contact.value or None, verified_on=contact.verified_on
    )
    instruction.save()
    search_index.remember(actor, case)
    if assign(case, safe_contact=contact.card):
        case.save(update_fields=["safe_contact"])
    add_line(
        case=case, section=Section.CARD, kind=Verb.CONTACT_CHANGED, subject=instruction, author=actor, at=now,
        line=_("Safe contact rule changed"),
    )  # fmt: skip
    record(
        Verb.CONTACT_CHANGED, actor=actor, subject=instruction, held=held, sections=[Section.CARD, Section.IDENTITY],
        fields=["case.safe_contact", "contact.rule", "contact.value"],
    )  # fmt: skip
    keep_declared_apart(actor=actor, now=now, case=case)
    return instruction


@action
def set_alerts(*, actor: User, now: datetime, case_uid: UUID, codes: Iterable[str], mark: str | None = None) -> Case:
    """Set the coded alerts that everybody on the case sees. Which ones is nowhere but on the card.

    Each has a row of its own (``CaseAlert``): when it began, who has seen it, when somebody looks again. Contact by the
    alleged trafficker calls whoever is on duty within the hour (R19). Raises Hidden, Refused, CaseIsClosed, StaleVersion,
    AlertNotForEverybody. Records CASE_CHANGED, unless nothing changed.
    """
    held = access.lock_for_write(actor, case_uid, Section.CARD)
    case = held.case
    demand_mark(case, mark, *ALERTS)
    chosen = {AlertCode(code).value for code in codes}
    if chosen & NEVER_ON_CARD:
        raise AlertNotForEverybody
    with open_to_change(actor, held, Section.CARD):
        before = set(case.alerts or [])
    if assign(case, alerts=[code for code in AlertCode.values if code in chosen]):
        case.save(update_fields=["alerts"])
        keep_rows_of_card(held, codes=chosen, actor=actor, now=now, is_new=sorted(chosen - before))
        add_line(
            case=case,
            section=Section.CARD,
            kind=Verb.CASE_CHANGED,
            subject=case,
            author=actor,
            at=now,
            line=_("Alerts changed"),
        )
        record(Verb.CASE_CHANGED, actor=actor, subject=case, held=held, sections=[Section.CARD], fields=["case.alerts"])
        follow_alerts(case, chosen - before, actor=actor, now=now)
    return case


def _plan_of(case: Case) -> SafetyPlan:
    found = access.within(SafetyPlan, case).first()
    if found is None:
        raise Hidden
    return found


def _look_again(plan: SafetyPlan, *, actor: User, now: datetime, level: str) -> None:
    """Note the review, and put the next one on the lists: sooner the greater the danger."""
    plan.reviewed_at, plan.reviewed_by = now, actor
    plan.review_on = now.astimezone(actor.zone).date() + timedelta(days=REASSESS_AFTER_DAYS[RiskLevel(level)])
    set_look_due(plan, assigned_to=actor)


@action
def set_risk(
    *, actor: User, now: datetime, case_uid: UUID, level: str, reason: str, own_view: int | str | None = None,
    concerns: str = "", answers: Mapping[str, str] | None = None, mark: str | None = None,
) -> SafetyPlan:  # fmt: skip
    """Say how great the danger is, and why. A person says it; her own view (0 to 10) and her concerns stand beside it.

    ``answers``: the items that were gone through (``RiskItem`` → yes, no or a way of not knowing); what they suggest and
    why stays with the row of this assessment, also where the person decides otherwise. The next look is due by the level
    (a day, a week, a month, a quarter; domain.md §8.1). IMMEDIATE calls whoever is on duty within the hour
    (``call_somebody``; R19). Raises Hidden, Refused, CaseIsClosed, StaleVersion. Records SAFETY_CHANGED, and what a call
    records; forgets the draft.
    """
    held = access.lock_for_write(actor, case_uid, Section.SAFETY)
    plan = _plan_of(held.case)
    plan.case = held.case
    demand_mark(plan, mark, *RISK)
    level = RiskLevel(level)
    changed = assign(plan, risk_level=level.value, reason=reason, own_view=own_view)
    _look_again(plan, actor=actor, now=now, level=level)
    plan.save(update_fields=[*changed, "review_on", "reviewed_at", "reviewed_by"])
    _keep_assessment(plan, actor=actor, now=now, level=level, reason=reason, own_view=own_view, concerns=concerns,
                     answers=answers or {})  # fmt: skip
    add_line(
        case=held.case, section=Section.SAFETY, kind=Verb.SAFETY_CHANGED, subject=plan, author=actor, at=now,
        line=_("Safety assessed: %(level)s") % {"level": level.label},
    )  # fmt: skip
    forget_draft(actor=actor, kind=RISK_DRAFT, about_uid=case_uid)
    record(
        Verb.SAFETY_CHANGED, actor=actor, subject=plan, held=held, sections=[Section.SAFETY],
        fields=[*(f"safety.{name}" for name in changed), "safety_assessment.answers", "safety_assessment.verdict"],
    )  # fmt: skip
    if level == RiskLevel.IMMEDIATE:
        call_somebody(held.case, cause=CallCause.IMMEDIATE, by=actor, now=now)
    return plan


def _keep_assessment(
    plan: SafetyPlan, *, actor: User, now: datetime, level: RiskLevel, reason: str, own_view: int | str | None,
    concerns: str, answers: Mapping[str, str],
) -> SafetyAssessment:  # fmt: skip
    """A row of its own for each assessment: what was answered then is not written over by the next."""
    told = {RiskItem(item).value: answer for item, answer in answers.items()}
    suggested = risk.suggest(told, own_view if isinstance(own_view, int) else None)
    row = SafetyAssessment(
        case=plan.case, answers=told, made_at=now, made_by=actor,
        verdict={
            "level": level.value, "suggested": suggested.level.value, "because": list(suggested.because), "reason": reason,
            "own_view": own_view, "concerns": concerns,
        },
    )  # fmt: skip
    row.save()
    return row


@action
def write_plan(
    *, actor: User, now: datetime, case_uid: UUID, topics: Mapping[str, str], copy: str = PlanCopy.NONE,
    phase: str = "", mark: str | None = None,
) -> SafetyPlan:  # fmt: skip
    """Write the safety plan, topic by topic (``SafetyTopic`` → her words); writing it counts as looking at it.

    ``phase``: the one these topics are for (``PlanPhase``); without, they hold in all of them. What is written for the
    others stays as it is, and what stood here before stays readable as a version. Raises Hidden, Refused, CaseIsClosed,
    StaleVersion. Records SAFETY_CHANGED; forgets the draft.
    """
    held = access.lock_for_write(actor, case_uid, Section.SAFETY)
    plan = _plan_of(held.case)
    plan.case = held.case
    demand_mark(plan, mark, *PLAN)
    written = {SafetyTopic(topic).value: words for topic, words in topics.items() if words}
    with open_to_change(actor, held, Section.SAFETY):
        kept = dict(plan.plan or {})
    whole = safety_plan.with_phase(kept.get("topics", {}), phase, written)
    changed = assign(plan, plan={"topics": whole, "copy": PlanCopy(copy).value})
    _review(plan, held, actor=actor, now=now, changed=changed, line=_("Safety plan written"))
    forget_draft(actor=actor, kind=plan_draft(phase), about_uid=case_uid)
    return plan


def plan_draft(phase: str = "") -> str:
    """Under which name a draft of the plan is kept: each phase has its own."""
    return f"{PLAN_DRAFT}-{phase}" if phase else PLAN_DRAFT


@action
def review_safety(*, actor: User, now: datetime, case_uid: UUID) -> SafetyPlan:
    """Note that risk and plan were looked at with her and still hold; the next look is due by the level.

    Raises Hidden, Refused, CaseIsClosed. Records SAFETY_CHANGED.
    """
    held = access.lock_for_write(actor, case_uid, Section.SAFETY)
    plan = _plan_of(held.case)
    plan.case = held.case
    _review(plan, held, actor=actor, now=now, changed=[], line=_("Safety reviewed: nothing changed"))
    return plan


def _review(plan: SafetyPlan, held: Held, *, actor: User, now: datetime, changed: list[str], line: str) -> None:
    with open_to_change(actor, held, Section.SAFETY):
        level = plan.risk_level
    _look_again(plan, actor=actor, now=now, level=level)
    plan.save(update_fields=[*changed, "review_on", "reviewed_at", "reviewed_by"])
    add_line(
        case=held.case, section=Section.SAFETY, kind=Verb.SAFETY_CHANGED, subject=plan, author=actor, at=now, line=line
    )
    record(
        Verb.SAFETY_CHANGED, actor=actor, subject=plan, held=held, sections=[Section.SAFETY],
        fields=[f"safety.{name}" for name in changed],
    )  # fmt: skip
