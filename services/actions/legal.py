"""Legal work: opening a matter, its stage, hearings, deadlines, filings. Dates go on everybody's lists through due rows."""

from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read
from casemgmt.accounts.choices import COUNSEL_ROLES
from casemgmt.accounts.models import User
from cases import access
from cases.access import Held
from cases.actions.reassessing import look_around_court
from cases.actions.trail import add_line, set_due, settle_due
from cases.choices.casework import DueKind
from cases.models import Document, Matter
from services.choices import DeadlineKind, HearingType, MatterOutcome, MatterStage, MatterType
from services.errors import HearingIsToCome, MatterIsClosed
from services.models import Deadline, Filing, Hearing, LegalMatter


@action
def open_matter(
    *,
    actor: User,
    now: datetime,
    case_uid: UUID,
    title: str,
    matter_type: str,
    jurisdiction: str,
    stage: str,
    opened_on: date,
) -> Matter:
    """Open a legal matter on a case. It counts as an open service until it is closed.

    Raises Hidden, Refused, CaseIsClosed. Records MATTER_OPENED.
    """
    held = access.lock_for_write(actor, case_uid, Section.LEGAL)
    matter = Matter(case=held.case, title=title)
    matter.save()
    LegalMatter(
        matter=matter, opened_on=opened_on, matter_type=MatterType(matter_type).value, jurisdiction=jurisdiction,
        stage=MatterStage(stage).value, outcome=MatterOutcome.PENDING.value,
    ).save()  # fmt: skip
    _count_services(held, +1)
    add_line(
        case=held.case, section=Section.LEGAL, matter=matter, kind=Verb.MATTER_OPENED, line=_("Legal matter opened: %s") % title,
        subject=matter, author=actor, at=now,
    )  # fmt: skip
    record(Verb.MATTER_OPENED, actor=actor, subject=matter, held=held, sections=[Section.LEGAL])
    return matter


@action
def change_stage(*, actor: User, now: datetime, matter_uid: UUID, stage: str) -> Matter:
    """Move a matter to another stage.

    Raises Hidden, Refused, MatterIsClosed. Records MATTER_CHANGED.
    """
    held, matter = _held(actor, matter_uid)
    legal = access.within(LegalMatter, held.case).get(matter=matter)
    legal.stage = MatterStage(stage).value
    legal.save(update_fields=["stage"])
    add_line(
        case=held.case, section=Section.LEGAL, matter=matter, kind=Verb.MATTER_CHANGED, subject=matter, author=actor, at=now,
        line=_("Legal matter moved to: %s") % MatterStage(stage).label,
    )  # fmt: skip
    record(Verb.MATTER_CHANGED, actor=actor, subject=matter, held=held, sections=[Section.LEGAL], fields=["stage"])
    return matter


@action
def close_matter(*, actor: User, now: datetime, matter_uid: UUID, outcome: str, closed_on: date) -> Matter:
    """Close a matter with its outcome; its open dates come off the lists. Raises Hidden, Refused. Records MATTER_CLOSED."""
    held, matter = _held(actor, matter_uid)
    legal = access.within(LegalMatter, held.case).get(matter=matter)
    legal.stage, legal.outcome, legal.closed_on = MatterStage.CLOSED.value, MatterOutcome(outcome).value, closed_on
    legal.save(update_fields=["stage", "outcome", "closed_on"])
    matter.is_open = False
    matter.save(update_fields=["is_open"])
    _count_services(held, -1)
    for model in (Deadline, Hearing):
        for dated in access.within(model, held.case).filter(matter=matter):
            settle_due(case=held.case, subject_uid=dated.uid, now=now)
    add_line(
        case=held.case, section=Section.LEGAL, matter=matter, kind=Verb.MATTER_CLOSED, subject=matter, author=actor, at=now,
        line=_("Legal matter closed: %s") % MatterOutcome(outcome).label,
    )  # fmt: skip
    record(
        Verb.MATTER_CLOSED,
        actor=actor,
        subject=matter,
        held=held,
        sections=[Section.LEGAL],
        fields=["outcome", "stage"],
    )
    return matter


@action
def add_hearing(
    *, actor: User, now: datetime, matter_uid: UUID, starts_at: datetime, time_zone: str, hearing_type: str, place: str,
    must_attend: bool, interpreter_needed: bool,
) -> Hearing:  # fmt: skip
    """Put a hearing on the docket. ``starts_at`` is aware; ``time_zone`` is the court's.

    Where she has to be there, her safety is looked at a week before (domain.md §8.1). Raises Hidden, Refused,
    MatterIsClosed. Records HEARING_ADDED, and SAFETY_CHANGED where that day moved.
    """
    held, matter = _held(actor, matter_uid)
    hearing = Hearing(
        matter=matter, case=held.case, starts_at=starts_at, time_zone=time_zone, place=place,
        facts={"type": HearingType(hearing_type).value, "must_attend": must_attend, "interpreter": interpreter_needed},
    )  # fmt: skip
    hearing.save()
    line = _("Hearing: %s") % HearingType(hearing_type).label
    set_due(
        case=held.case, section=Section.LEGAL, matter=matter, kind=DueKind.HEARING, subject=hearing, line=line,
        due_on=starts_at.date(), due_at=starts_at, time_zone=time_zone, assigned_to=held.case.lead,
    )  # fmt: skip
    add_line(
        case=held.case,
        section=Section.LEGAL,
        matter=matter,
        kind=Verb.HEARING_ADDED,
        subject=hearing,
        author=actor,
        at=now,
        line=line,
    )
    record(Verb.HEARING_ADDED, actor=actor, subject=hearing, held=held, sections=[Section.LEGAL])
    if must_attend:
        look_around_court(held.case, day=starts_at.date(), actor=actor, now=now)
    return hearing


@action
def record_hearing(*, actor: User, now: datetime, matter_uid: UUID, hearing_uid: UUID, outcome: str) -> Hearing:
    """Write down how a hearing went; it comes off the lists, and her safety is looked at (domain.md §8.1).

    Raises Hidden, Refused, MatterIsClosed, HearingIsToCome. Records HEARING_DONE, and SAFETY_CHANGED where that day moved.
    """
    held, matter = _held(actor, matter_uid)
    hearing = access.within(Hearing, held.case).filter(uid=hearing_uid, matter=matter).first()
    if hearing is None:
        raise Hidden
    if hearing.starts_at > now:
        raise HearingIsToCome
    hearing.outcome, hearing.held_at = outcome, now
    hearing.save(update_fields=["outcome", "held_at"])
    settle_due(case=held.case, subject_uid=hearing.uid, now=now)
    add_line(
        case=held.case, section=Section.LEGAL, matter=matter, kind=Verb.HEARING_DONE, subject=hearing, author=actor,
        at=now, line=_("After the hearing: %s") % outcome,
    )  # fmt: skip
    record(
        Verb.HEARING_DONE,
        actor=actor,
        subject=hearing,
        held=held,
        sections=[Section.LEGAL],
        fields=["outcome", "held_at"],
    )
    look_around_court(held.case, day=hearing.starts_at.date(), actor=actor, now=now)
    return hearing


@action
def add_deadline(
    *,
    actor: User,
    now: datetime,
    matter_uid: UUID,
    due_on: date,
    kind: str,
    title: str,
    authority: str,
    owner: User | None = None,
) -> Deadline:
    """Put a deadline on the docket, with the authority that sets it. ``due_on`` is a local calendar date.

    One that counsel enters is confirmed by that; one that others enter says "not confirmed by counsel".
    Raises Hidden, Refused, MatterIsClosed. Records DEADLINE_ADDED.
    """
    held, matter = _held(actor, matter_uid)
    is_counsel = actor.holds_role(*COUNSEL_ROLES, at=now)
    deadline = Deadline(
        matter=matter, case=held.case, due_on=due_on, kind=DeadlineKind(kind), title=title, authority=authority,
        owner=owner or actor, confirmed_by=actor if is_counsel else None,
    )  # fmt: skip
    deadline.save()
    set_due(
        case=held.case, section=Section.LEGAL, matter=matter, kind=DueKind.DEADLINE, subject=deadline, line=title,
        due_on=due_on, assigned_to=owner or actor,
    )  # fmt: skip
    add_line(
        case=held.case, section=Section.LEGAL, matter=matter, kind=Verb.DEADLINE_ADDED, subject=deadline, author=actor, at=now,
        line=_("Deadline set: %s") % title,
    )  # fmt: skip
    record(
        Verb.DEADLINE_ADDED, actor=actor, subject=deadline, held=held, sections=[Section.LEGAL], detail={"kind": kind}
    )
    return deadline


@action
def confirm_deadline(*, actor: User, now: datetime, deadline_uid: UUID) -> Deadline:
    """Counsel confirms a date that somebody else entered. Raises Hidden, Refused. Records DEADLINE_CHANGED."""
    deadline, held = _deadline(actor, deadline_uid)
    if deadline.confirmed_by_id is None and actor.holds_role(*COUNSEL_ROLES, at=now):
        deadline.confirmed_by = actor
        deadline.save(update_fields=["confirmed_by"])
        record(
            Verb.DEADLINE_CHANGED,
            actor=actor,
            subject=deadline,
            held=held,
            sections=[Section.LEGAL],
            fields=["confirmed_by"],
        )
    return deadline


@action
def meet_deadline(*, actor: User, now: datetime, deadline_uid: UUID) -> Deadline:
    """Say that a deadline was met. Nothing closes it by itself. Raises Hidden, Refused. Records DEADLINE_DONE."""
    deadline, held = _deadline(actor, deadline_uid)
    if deadline.met_at is None:
        deadline.met_at = now
        deadline.save(update_fields=["met_at"])
        settle_due(case=held.case, subject_uid=deadline.uid, now=now)
        record(Verb.DEADLINE_DONE, actor=actor, subject=deadline, held=held, sections=[Section.LEGAL])
    return deadline


@action
def add_filing(
    *,
    actor: User,
    now: datetime,
    matter_uid: UUID,
    title: str,
    receipt: str,
    filed_on: date,
    document_uid: UUID | None = None,
) -> Filing:
    """Add something filed or received to the attorney's own file. Raises Hidden, Refused. Records FILING_ADDED."""
    held = access.lock_matter_for_write(actor, matter_uid, section=Section.LEGAL_FILE)
    document = None
    if document_uid is not None:
        document = access.within(Document, held.case).filter(uid=document_uid, matter_uid=matter_uid).first()
        if document is None:
            raise Hidden
    filing = Filing(
        matter=held.matter,
        case=held.case,
        title=title,
        receipt=receipt,
        filed_on=filed_on,
        filed_by=actor,
        document=document,
    )
    filing.save()
    add_line(
        case=held.case, section=Section.LEGAL_FILE, matter=held.matter, kind=Verb.FILING_ADDED, subject=filing, author=actor,
        at=now, line=_("Filed: %s") % title,
    )  # fmt: skip
    record(Verb.FILING_ADDED, actor=actor, subject=filing, held=held, sections=[Section.LEGAL_FILE])
    return filing


@action
def show_receipts(*, actor: User, now: datetime, matter_uid: UUID) -> Matter:
    """Note that somebody has the receipt numbers of a matter's filings shown whole, on the next page only.

    For whoever holds the attorney's file. Raises Hidden, Refused. Records NUMBERS_SHOWN.
    """
    matter = access.get_matter_for(actor, matter_uid)
    holding = matter.case.holding
    assert holding is not None  # the door has set it
    if matter.uid not in holding.matters:
        raise Refused(read(Section.LEGAL_FILE))
    basis = holding.basis_of_matter(matter.uid)
    assert basis is not None  # she holds the matter
    record(
        Verb.NUMBERS_SHOWN, actor=actor, subject=matter, sections=[Section.LEGAL_FILE], fields=["filing.receipt"],
        basis=basis.snapshot(),
    )  # fmt: skip
    return matter


def _held(actor: User, matter_uid: UUID) -> tuple[Held, Matter]:
    """The matter's case, locked, with the right to write its docket; the matter is open."""
    held = access.lock_matter_for_write(actor, matter_uid)
    assert held.matter is not None  # lock_matter_for_write sets it
    if not held.matter.is_open:
        raise MatterIsClosed
    return held, held.matter


def _deadline(actor: User, deadline_uid: UUID) -> tuple[Deadline, Held]:
    deadline = access.for_the_house(Deadline).filter(uid=deadline_uid).first()
    if deadline is None:
        raise Hidden
    held = access.lock_matter_for_write(actor, deadline.matter_uid)
    return access.within(Deadline, held.case).get(uid=deadline_uid), held


def _count_services(held: Held, step: int) -> None:
    """Keep the number of open services, which no closed case has (a constraint)."""
    held.case.open_services += step
    held.case.save(update_fields=["open_services"])
