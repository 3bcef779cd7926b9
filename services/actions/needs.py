"""Needs in her words: written down, worded anew, and what became of them (domain.md §4.3)."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access, codes
from cases.access import Held
from cases.actions.trail import add_line, ask_for_plan, set_due, settle_due
from cases.choices.casework import DueKind
from cases.choices.configuration import ListName
from cases.errors.casework import CaseIsClosed
from cases.models import Due
from cases.opening import open_to_change
from services.choices import DAYS_OF_URGENCY, NeedState, Priority, Urgency
from services.errors import BarrierIsAsked, DatesTheWrongWayRound
from services.models import Need, ServicePlan


@action
def note_need(
    *, actor: User, now: datetime, case_uid: UUID, words: str, area: str, urgency: str, our_priority: str,
    her_priority: str = "",
) -> Need:  # fmt: skip
    """Write down a need in her words. What is needed within 24 or 72 hours stands on the lead's list.

    Raises Hidden, Refused, CaseIsClosed. Records NEED_NOTED.
    """
    held = access.lock_for_write(actor, case_uid, Section.SERVICES)
    need = Need(
        case=held.case, words=words, area=codes.known(ListName.AREA_OF_LIFE, area), urgency=Urgency(urgency).value,
        her_priority=_priority(her_priority), our_priority=Priority(our_priority).value, identified_on=_today(actor, now),
        identified_by=actor,
    )  # fmt: skip
    need.save()
    _put_on_list(held, need, words, now, since=need.identified_on)
    _ask_for_a_plan(held, now)
    _tell(held, need, actor, now, Verb.NEED_NOTED, _("Need: %s") % words)
    record(Verb.NEED_NOTED, actor=actor, subject=need, held=held, sections=[Section.SERVICES])
    return need


@action
def change_need(
    *, actor: User, now: datetime, case_uid: UUID, need_uid: UUID, words: str, area: str, urgency: str, our_priority: str,
    her_priority: str = "",
) -> Need:  # fmt: skip
    """Word a need anew, or weigh it anew. A new urgency counts from today. What is the same writes nothing.

    Raises Hidden, Refused, CaseIsClosed. Records NEED_CHANGED.
    """
    held = access.lock_for_write(actor, case_uid, Section.SERVICES)
    need = _need(held, need_uid)
    wanted = {
        "words": words, "area": codes.known(ListName.AREA_OF_LIFE, area), "urgency": Urgency(urgency).value,
        "her_priority": _priority(her_priority), "our_priority": Priority(our_priority).value,
    }  # fmt: skip
    with open_to_change(actor, held, Section.SERVICES):
        changed = [name for name, value in wanted.items() if getattr(need, name) != value]
    if not changed:
        return need
    for name in changed:
        setattr(need, name, wanted[name])
    need.save(update_fields=changed)
    if need.status == NeedState.OPEN and {"words", "urgency"} & set(changed):
        since = _today(actor, now) if "urgency" in changed else need.identified_on
        _put_on_list(held, need, words, now, since=since)
    record(
        Verb.NEED_CHANGED, actor=actor, subject=need, held=held, sections=[Section.SERVICES],
        fields=[f"need.{name}" for name in changed],
    )  # fmt: skip
    return need


@action
def settle_need(
    *, actor: User, now: datetime, case_uid: UUID, need_uid: UUID, status: str, on: date, barrier: str = ""
) -> Need:
    """Say what became of a need: met, not met (and what stood in the way), no longer wanted, or open again after all.

    ``on`` is a local calendar date. On a closed case too, because what is left must be tidied; only opening it again is
    not. Repeating it changes nothing. Raises Hidden, Refused, CaseIsClosed, BarrierIsAsked, DatesTheWrongWayRound.
    Records NEED_SETTLED.
    """
    held = access.lock_for_write(actor, case_uid, Section.SERVICES, even_closed=True)
    need = _need(held, need_uid)
    state = NeedState(status)
    if state == NeedState.OPEN and held.case.is_closed:
        raise CaseIsClosed
    if state == NeedState.UNMET and not barrier:
        raise BarrierIsAsked
    if on < need.identified_on:
        raise DatesTheWrongWayRound
    stood = codes.known(ListName.BARRIER, barrier) if state == NeedState.UNMET else ""
    settled_on = None if state == NeedState.OPEN else on
    with open_to_change(actor, held, Section.SERVICES):
        words, former = need.words, need.barrier
    if (need.status, need.settled_on, former) == (state, settled_on, stood):
        return need
    before = need.status
    need.status, need.settled_on, need.barrier = state.value, settled_on, stood
    need.save(update_fields=["status", "settled_on", "barrier"])
    if state == NeedState.OPEN:
        _put_on_list(held, need, words, now, since=on)
    else:
        settle_due(case=held.case, subject_uid=need.uid, now=now)
    line = _("Need: %(words)s: %(state)s") % {"words": words, "state": state.label}
    _tell(held, need, actor, now, Verb.NEED_SETTLED, line)
    record(
        Verb.NEED_SETTLED, actor=actor, subject=need, held=held, sections=[Section.SERVICES],
        detail={"before": before, "after": state.value},
    )  # fmt: skip
    return need


def _need(held: Held, need_uid: UUID) -> Need:
    need = access.within(Need, held.case).filter(uid=need_uid).first()
    if need is None:
        raise Hidden
    return need


def _put_on_list(held: Held, need: Need, words: str, now: datetime, *, since: date) -> None:
    """On the list of whoever leads the case that day, where it cannot wait; off it, where it can."""
    days = DAYS_OF_URGENCY.get(need.urgency)
    if days is None:
        settle_due(case=held.case, subject_uid=need.uid, now=now)
        return
    set_due(
        case=held.case, section=Section.SERVICES, kind=DueKind.NEED, subject=need, due_on=since + timedelta(days=days),
        line=words,
    )  # fmt: skip


def _ask_for_a_plan(held: Held, now: datetime) -> None:
    """A plan is asked for at the intake; of a case from before that was so, with its first need. Once, until there is one."""
    case = held.case
    if access.within(ServicePlan, case).exists():
        return
    if not access.within(Due, case).filter(kind=DueKind.PLAN, subject_uid=case.uid).exists():
        ask_for_plan(case, since=case.opened_on, now=now)


def _tell(held: Held, need: Need, actor: User, now: datetime, kind: str, line: str) -> None:
    add_line(case=held.case, section=Section.SERVICES, kind=kind, subject=need, author=actor, at=now, line=line)


def _priority(code: str) -> str:
    """Hers, or nothing where nobody has asked her yet."""
    return Priority(code).value if code else ""


def _today(actor: User, now: datetime) -> date:
    return timezone.localdate(now, actor.zone)
