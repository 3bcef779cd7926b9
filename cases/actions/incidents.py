"""The log of what happened to her: contact by those who harmed her, threats, police at the door (domain.md §8.1)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access
from cases.actions.reassessing import look_soon
from cases.actions.safety_calls import call_somebody
from cases.actions.tasks import put_task
from cases.actions.trail import add_line
from cases.choices.safety import URGENT_INCIDENTS, CallCause, IncidentKind
from cases.models import SafetyIncident

#: What lies further back calls nobody within the hour: it is written down, and the danger is looked at again.
JUST_NOW = timedelta(hours=24)


@dataclass(frozen=True)
class Happened:
    """What happened, in the words of whoever writes it down. ``follow_up`` with a day becomes a task of the writer."""

    kind: str
    happened_at: datetime
    what: str
    done: str = ""
    told: str = ""
    follow_up: str = ""
    follow_up_on: date | None = None


@action
def note_incident(*, actor: User, now: datetime, case_uid: UUID, happened: Happened) -> SafetyIncident:
    """Write down what happened. The next look at the danger comes forward to tomorrow; what is grave and of these hours
    calls whoever is on duty within the hour. Raises Hidden, Refused, CaseIsClosed. Records SAFETY_INCIDENT_NOTED, TASK_ADDED
    for what is to be done, and what a call records.
    """
    held = access.lock_for_write(actor, case_uid, Section.SAFETY)
    kind = IncidentKind(happened.kind)
    row = SafetyIncident(
        case=held.case, happened_at=happened.happened_at, noted_at=now, noted_by=actor,
        facts={"kind": kind.value, "what": happened.what, "done": happened.done, "told": happened.told,
               "follow_up": happened.follow_up},
    )  # fmt: skip
    row.save()
    look_soon(held.case, actor=actor, now=now)
    add_line(
        case=held.case, section=Section.SAFETY, kind=Verb.SAFETY_INCIDENT_NOTED, subject=row, author=actor,
        at=happened.happened_at, line=_("Incident: %(kind)s") % {"kind": kind.label},
    )  # fmt: skip
    record(
        Verb.SAFETY_INCIDENT_NOTED, actor=actor, subject=row, held=held, sections=[Section.SAFETY],
        fields=["safety_incident.facts"],
    )  # fmt: skip
    if happened.follow_up and happened.follow_up_on is not None:
        put_task(
            actor=actor, now=now, case=held.case, section=Section.SAFETY, title=happened.follow_up,
            due_on=happened.follow_up_on, assigned_to=actor, held=held,
        )  # fmt: skip
    if kind in URGENT_INCIDENTS and now - happened.happened_at <= JUST_NOW:
        call_somebody(held.case, cause=CallCause.INCIDENT, by=actor, now=now)
    return row
