"""Telling the survivor is put off where the law forbids it or delays it, and never without an authority and an end.

34 USC 12291(b)(2)(C) asks for reasonable attempts to notify whoever a disclosure affects (domain.md §2.5); an order of
non-disclosure, a statute or a written request of law enforcement may delay that. It comes back by itself on its day.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access, clocks, desk
from cases.actions.duties import lock_for_duty, one_of, remind_officers, who_tells
from cases.actions.tasks import move_tasks_about
from cases.actions.trail import set_due, settle_due
from cases.choices.casework import DueKind
from cases.choices.releases import PutOffBecause
from cases.errors.releases import PutOffLacks, WasTold
from cases.models import Case, Disclosure, LegalProcess

#: Nothing is put off for longer at once: then somebody looks at the order again, and says so anew.
LONGEST = timedelta(days=366)


@dataclass
class PutOff:
    """By whom telling her is put off (a court, a statute, an office), on which ground, until which local day."""

    authority: str
    because: str
    until: date


def check_put_off(authority: str, until: date | None, now: datetime) -> date:
    """The day until which telling may be put off: it is to come, within a year, and somebody ordered it. Raises PutOffLacks."""
    if not authority.strip():
        raise PutOffLacks("authority")
    today = clocks.house_day(now)
    if until is None or not today < until <= today + LONGEST:
        raise PutOffLacks("until")
    return until


@action
def put_off_telling(*, actor: User, now: datetime, case_uid: UUID, process_uid: UUID, put_off: PutOff) -> LegalProcess:
    """Note that she may not be told of a process yet. For counsel or a privacy officer; a later one replaces it.

    Until that day nobody can note that she was told, and her account says nothing of it; on it, it is due again on the
    lists of the case and of the officers. Raises Hidden, PutOffLacks, WasTold, PartIsErased. Records LEGAL_PROCESS_FOLLOWED.
    """
    case = lock_for_duty(actor, case_uid, now)
    process = one_of(LegalProcess, case, process_uid)
    if process.told_at is not None:
        raise WasTold
    until = check_put_off(put_off.authority, put_off.until, now)
    with desk.reading_own(process):
        facts = dict(process.facts)
    told = {"authority": put_off.authority.strip(), "because": PutOffBecause(put_off.because).value}
    process.facts = {**facts, "put_off": told}
    process.put_off_until = until
    process.save(update_fields=["facts", "put_off_until"])
    given = access.within(Disclosure, case).filter(process=process, notified_at__isnull=True)
    move_tasks_about(case=case, subject_uids=[process.uid, *given.values_list("uid", flat=True)], to=until)
    settle_due(case=case, subject_uid=process.uid, now=now, kind=DueKind.TELL_HER)
    remind_to_tell(case=case, row=process, due_on=until, actor=actor, now=now)
    _followed(actor, process, "PUT_OFF", until)
    return process


@action
def allow_telling(*, actor: User, now: datetime, case_uid: UUID, process_uid: UUID) -> LegalProcess:
    """Whoever forbade it allows it sooner: she may be told from today on. Repeating it changes nothing.

    Raises Hidden, PartIsErased. Records LEGAL_PROCESS_FOLLOWED.
    """
    case = lock_for_duty(actor, case_uid, now)
    process = one_of(LegalProcess, case, process_uid)
    today = clocks.house_day(now)
    if clocks.is_put_off(process, now):
        process.put_off_until = today
        process.save(update_fields=["put_off_until"])
        remind_to_tell(case=case, row=process, due_on=today, actor=actor, now=now)
        _followed(actor, process, "MAY_BE_TOLD", today)
    return process


def remind_to_tell(*, case: Case, row: LegalProcess, due_on: date, actor: User, now: datetime) -> None:
    """The day on which she may be told, on the lists of whoever tells her and of the officers. Inside an action."""
    set_due(
        case=case, section=Section.DUTIES, kind=DueKind.TELL_HER, subject=row, due_on=due_on,
        line=_("She may be told now what came about her, if no new order forbids it"), assigned_to=who_tells(case, actor),
    )  # fmt: skip
    remind_officers(case=case, row=row, due_on=due_on, now=now, kind=DueKind.TELL_HER)


def _followed(actor: User, process: LegalProcess, kind: str, until: date) -> None:
    record(
        Verb.LEGAL_PROCESS_FOLLOWED, actor=actor, subject=process, sections=[Section.DUTIES],
        detail={"kind": kind, "until": until},
    )  # fmt: skip
