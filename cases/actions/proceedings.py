"""Proceedings against the accused: a case begins to look at one, its public facts go on, a case looks no more (vault.md §3).

Several cases may share one. Its hearings stand on the lists of each, sealed for each; whoever writes through one case
learns of no other, and no history says who else was told.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, write
from casemgmt.accounts.models import User
from casemgmt.crypto import classes as retention
from casemgmt.crypto import keyring
from cases import access
from cases.access import Held
from cases.actions.trail import add_line, set_due, settle_due
from cases.choices.casework import DueKind
from cases.choices.proceedings import Cooperation, HerRole, ProceedingOutcome, ProceedingStage
from cases.errors.casework import ChangedMeanwhile
from cases.errors.proceedings import AlreadyJoined, ProceedingIsLeft
from cases.marks import assign
from cases.models import Case, CaseProceeding, Proceeding
from cases.opening import open_job
from cases.proceedings import day_in, docket_token

_WRITE = write(Section.LEGAL)
_READS = [Section.CARD, Section.LEGAL]


@dataclass(frozen=True)
class CourtFacts:
    """What is public of a proceeding. ``court`` and ``docket`` name it, and are given when a case begins to look at it."""

    court: str = ""
    docket: str = ""
    charge: str = ""
    stage: str = ProceedingStage.REPORTED
    outcome: str = ProceedingOutcome.OPEN
    next_on: date | None = None
    next_what: str = ""
    place: str = ""

    @property
    def values(self) -> dict[str, str]:
        """As ``Proceeding.facts`` keeps them."""
        return {
            "court": self.court, "docket": self.docket, "charge": self.charge, "stage": ProceedingStage(self.stage).value,
            "outcome": ProceedingOutcome(self.outcome).value, "next_on": self.next_on.isoformat() if self.next_on else "",
            "next_what": self.next_what, "place": self.place,
        }  # fmt: skip


@dataclass(frozen=True)
class HerSide:
    """What it is to her. ``statement`` is None where the writer may not write what happened: it stays as it is."""

    role: str = HerRole.VICTIM
    cooperation: str = Cooperation.UNDECIDED
    statement: str | None = None


@action
def join_proceeding(
    *, actor: User, now: datetime, case_uid: UUID, facts: CourtFacts, side: HerSide
) -> CaseProceeding:  # fmt: skip
    """The case looks at a proceeding from now on; whether it is known here already, nobody is told.

    What is given replaces what was known, what is left open stays. Raises Hidden, Refused, CaseIsClosed, AlreadyJoined,
    ChangedMeanwhile. Records PROCEEDING_JOINED, and PROCEEDING_FOLLOWED for each other case whose lists change.
    """
    case = access.get_for(actor, case_uid, _WRITE)
    token = docket_token(facts.court, facts.docket)
    known = access.for_the_house(Proceeding).filter(organisation_id=case.organisation_id, fingerprint=token).first()
    held, row, others = _locked(actor, case, known)
    _may_say(held, side)
    if row is None:
        row = Proceeding(organisation_id=case.organisation_id, fingerprint=token, made_at=now)
        keyring.create_case_keys(row.uid, [retention.CORE])
        row.facts, row.sides, told = facts.values, [str(case_uid)], list[Case]()
    else:
        if _standing(held.case, row.uid, actor) is not None:
            raise AlreadyJoined
        said = _facts_of(row, actor)
        known_now = {**said, **{name: value for name, value in facts.values.items() if value and _is_said(name, value)}}
        row.facts, told = known_now, others if _dates(known_now) != _dates(said) else []
        row.sides = [*(str(one.uid) for one in others), str(case_uid)]
    row.save()
    mine = CaseProceeding(
        case=held.case, what=_what(row.uid, side), statement=side.statement or None, joined_at=now, joined_by=actor
    )  # fmt: skip
    mine.save()
    add_line(
        case=held.case, section=Section.LEGAL, kind=Verb.PROCEEDING_JOINED, subject=mine, author=actor, at=now,
        line=_("A court proceeding was written down"),
    )  # fmt: skip
    fields = ["case_proceeding.what", *(["case_proceeding.statement"] if side.statement else [])]
    _follow(row, [held.case, *told], mine, actor=actor, now=now)
    record(
        Verb.PROCEEDING_JOINED, actor=actor, subject=mine, held=held, sections=_sections(fields), fields=fields
    )  # fmt: skip
    return mine


@action
def change_proceeding(
    *, actor: User, now: datetime, case_uid: UUID, row_uid: UUID, facts: CourtFacts, side: HerSide
) -> CaseProceeding:  # fmt: skip
    """Write down how the court went on, and what it is to her. The lists of every case that looks at it follow.

    Court and docket number stay. Raises Hidden, Refused, CaseIsClosed, ProceedingIsLeft, ChangedMeanwhile. Records
    PROCEEDING_CHANGED, and PROCEEDING_FOLLOWED as ``join_proceeding``.
    """
    case = access.get_for(actor, case_uid, _WRITE)
    held, row, others, mine = _held_row(actor, case, row_uid)
    _may_say(held, side)
    said = _facts_of(row, actor)
    wanted = {**facts.values, "court": said["court"], "docket": said["docket"]}
    if wanted != said:
        row.facts = wanted
        row.save(update_fields=["facts"])
    values: dict[str, Any] = {"what": _what(row.uid, side)}
    if side.statement is not None:
        values["statement"] = side.statement or None
    changed = assign(mine, **values)
    if changed:
        mine.save(update_fields=changed)
    if wanted == said and not changed:
        return mine
    fields = [f"case_proceeding.{name}" for name in changed] or ["proceeding.facts"]
    told = others if _dates(wanted) != _dates(said) else []
    _follow(row, [held.case, *told], mine, actor=actor, now=now)
    record(
        Verb.PROCEEDING_CHANGED, actor=actor, subject=mine, held=held, sections=_sections(fields), fields=fields
    )  # fmt: skip
    return mine


@action
def leave_proceeding(*, actor: User, now: datetime, case_uid: UUID, row_uid: UUID) -> CaseProceeding:
    """The case looks at it no more: its dates leave the lists. What she said stays in the history. On a closed case too.

    Raises Hidden, Refused, ProceedingIsLeft, ChangedMeanwhile. Records PROCEEDING_LEFT.
    """
    case = access.get_for(actor, case_uid, _WRITE)
    held, row, others, mine = _held_row(actor, case, row_uid, even_closed=True)
    row.sides = [str(one.uid) for one in others]
    row.save(update_fields=["sides"])
    mine.ended_at, mine.ended_by = now, actor
    mine.save(update_fields=["ended_at", "ended_by"])
    settle_due(case=held.case, subject_uid=mine.uid, now=now)
    record(Verb.PROCEEDING_LEFT, actor=actor, subject=mine, held=held, sections=[Section.LEGAL])
    return mine


# ---- The parts ----


def _is_said(name: str, value: str) -> bool:
    """Whether an answer says more than the form's own beginning: that nothing has happened yet."""
    return (name, value) not in (("stage", ProceedingStage.REPORTED), ("outcome", ProceedingOutcome.OPEN))


def _dates(facts: Mapping[str, str]) -> tuple[str, str]:
    """What stands on the lists."""
    return facts["next_on"], facts["next_what"]


def _what(uid: UUID, side: HerSide) -> dict[str, str]:
    return {
        "proceeding": str(uid), "role": HerRole(side.role).value, "cooperation": Cooperation(side.cooperation).value
    }  # fmt: skip


def _may_say(held: Held, side: HerSide) -> None:
    """Her statement is part of what happened. Raises Refused."""
    if side.statement is not None and not held.holding.may_write(Section.NARRATIVE):
        raise Refused(write(Section.NARRATIVE))


def _sections(fields: Collection[str]) -> list[Section]:
    return [Section.LEGAL, *([Section.NARRATIVE] if "case_proceeding.statement" in fields else [])]


def _facts_of(row: Proceeding, actor: User) -> dict[str, str]:
    with open_job("proceeding", _READS, actor=actor):
        return dict(row.facts)


def _sides_of(row: Proceeding, actor: User) -> set[str]:
    with open_job("proceeding", _READS, actor=actor):
        return set(row.sides)


def _locked(
    actor: User, case: Case, known: Proceeding | None, *, even_closed: bool = False
) -> tuple[Held, Proceeding | None, list[Case]]:
    """This case and every other that looks at the proceeding, locked in the order of their keys; then the proceeding.

    Raises Hidden, Refused, CaseIsClosed, ChangedMeanwhile where another case came in between.
    """
    if actor.organisation_id != case.organisation_id:
        raise Refused(_WRITE)
    sides = _sides_of(known, actor) if known is not None else set()
    keys = set(access.for_the_house(Case).filter(uid__in=sides).values_list("pk", flat=True))
    locked = access.lock_cases(sorted(keys | {case.pk}))
    held = access.lock_for_write(actor, case.uid, Section.LEGAL, even_closed=even_closed)
    if known is None:
        return held, None, []
    row = access.for_the_house(Proceeding).select_for_update(of=("self",)).get(pk=known.pk)
    if _sides_of(row, actor) - sides:
        raise ChangedMeanwhile
    return held, row, [one for one in locked if one.pk != case.pk]


def _held_row(
    actor: User, case: Case, row_uid: UUID, *, even_closed: bool = False
) -> tuple[Held, Proceeding, list[Case], CaseProceeding]:
    """The case's own row, the proceeding behind it, and the other cases, all locked. Raises Hidden, ProceedingIsLeft."""
    found = access.within(CaseProceeding, case).filter(uid=row_uid).first()
    if found is None:
        raise Hidden
    with open_job("proceeding", _READS, actor=actor):
        uid = found.what["proceeding"]
    held, row, others = _locked(
        actor, case, access.for_the_house(Proceeding).get(uid=uid), even_closed=even_closed
    )  # fmt: skip
    assert row is not None
    mine = access.within(CaseProceeding, held.case).get(pk=found.pk)
    if mine.ended_at is not None:
        raise ProceedingIsLeft
    return held, row, others, mine


def _standing(case: Case, uid: UUID, actor: User) -> CaseProceeding | None:
    """What this proceeding is to the survivor of a locked case; None where it is nothing to her."""
    rows = access.within(CaseProceeding, case).filter(ended_at__isnull=True).order_by("pk")
    with open_job("proceeding", _READS, actor=actor):
        return next((row for row in rows if row.what["proceeding"] == str(uid)), None)


def _follow(row: Proceeding, cases: Collection[Case], mine: CaseProceeding, *, actor: User, now: datetime) -> None:
    """Put the next hearing on the lists of every case that looks at it, or take it off. Nobody learns of another one.

    Records PROCEEDING_FOLLOWED for each other case, which no history shows.
    """
    facts = _facts_of(row, actor)
    next_on = day_in(facts)
    line = _("Hearing: %s") % (facts["next_what"] or facts["court"])
    for case in cases:
        if case.has_erased(Section.LEGAL) or case.is_closed:
            continue
        one = mine if case.pk == mine.case_id else _standing(case, row.uid, actor)
        if one is None:
            continue
        if next_on is None or next_on < timezone.localdate(now):
            settle_due(case=case, subject_uid=one.uid, now=now)
        else:
            set_due(
                case=case, section=Section.LEGAL, kind=DueKind.HEARING, subject=one, due_on=next_on, line=line,
                assigned_to=case.lead,
            )  # fmt: skip
        if one is not mine:
            record(Verb.PROCEEDING_FOLLOWED, actor=actor, subject=one, sections=[Section.LEGAL])
