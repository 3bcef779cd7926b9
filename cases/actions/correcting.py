"""Removing what was written into the wrong record: asked, decided by a second person, destroyed in every version.

What was destroyed does not come back: a marker stands in its place in the history, and the record goes on without it.
Refused while anything holds the part: then it must be preserved, wherever it stands.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from audit import correcting as destroying
from audit.action import action
from audit.denials import hand_over
from audit.history import history_model_of
from audit.log import record
from audit.models import Event
from audit.verbs import Outcome, Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD, RETENTION_CLASS_OF, Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.accounts.permits import degraded_mode_of
from casemgmt.crypto.sealed import Removed
from cases import access, correcting, desk, record_versions, search_index
from cases.actions.erasure import what_holds
from cases.actions.trail import add_line, notify
from cases.choices.history import CorrectionState
from cases.choices.sharing import GrantKind
from cases.errors.erasing import HoldStands
from cases.errors.history import CorrectionIsOpen, CorrectionIsOver, NothingToRemove
from cases.errors.sharing import NotTheSecondPerson
from cases.models import Case, Correction, Due, TimelineEntry
from cases.tidying import forget_named

NOTICE_CORRECTION, NOTICE_CORRECTED = "CORRECTION_WAITS", "CORRECTION_DECIDED"


@action
def ask_correction(
    *, actor: User, now: datetime, case_uid: UUID, record_uid: UUID, kind: str, number: int, reason: str
) -> Correction:
    """Ask for what one version wrote to be destroyed: it was written into the wrong record. A second person decides.

    ``reason`` is for that person, sealed under DUTIES. Needs the right to write every part that the version wrote; on a
    closed case, too. Raises Hidden, Refused, PartIsErased, NothingToRemove, CorrectionIsOpen, HoldStands.
    Records CORRECTION_ASKED, or CORRECTION_DECIDED as refused.
    """
    opened = access.get_for(actor, case_uid, READ_CARD)
    found = record_versions.of_record(opened, record_uid, kind)
    version = found.numbered(number)
    names = correcting.correctable(found, version, opened)
    if not names:
        raise NothingToRemove
    sections = [record_versions.section_of_field(version.row, name) for name in names]
    held = access.lock_for_write(actor, case_uid, sections[0], matter_uid=found.scope, even_closed=True)
    case = held.case
    if correcting.correctable(found, version, case) != names:
        raise NothingToRemove
    rows = access.within(Correction, case)
    if rows.filter(record_uid=record_uid, number=number, state=CorrectionState.ASKED).exists():
        raise CorrectionIsOpen
    _refuse_if_held(actor, case, sections, subject=case)
    correction = Correction(
        case=case, section=desk.section_for(case), kind=found.model._meta.model_name, record_uid=record_uid, number=number,
        fields=names, of_section=sections[0], reason=reason, asked_by=actor, asked_at=now,
    )  # fmt: skip
    correction.save()
    _tell_second_people(correction, case, now=now)
    record(
        Verb.CORRECTION_ASKED, actor=actor, subject=correction, held=held, sections=sorted({*sections, correction.section}),
        fields=[f"{correction.kind}.{name}" for name in names],
        detail={"kind": correction.kind, "version": number, "record": record_uid},
    )  # fmt: skip
    return correction


def _refuse_if_held(actor: User, case: Case, sections: Iterable[str], *, subject: Any) -> None:
    """What must be preserved is not destroyed, wherever it stands. That somebody tried is written all the same."""
    classes = {RETENTION_CLASS_OF[section] for section in sections}
    words, kinds = what_holds(case, classes)
    if words:
        hand_over(
            Verb.CORRECTION_DECIDED, actor=actor, subject=subject, outcome=Outcome.REFUSED, detail={"hold": kinds}
        )
        raise HoldStands(words, kinds)


def _tell_second_people(correction: Correction, case: Case, *, now: datetime) -> None:
    """A notice for whoever may decide: the case's supervisors, else the privacy officers. It says that something waits."""
    correction.case = case
    grants = [viewer.grant for viewer in access.who_can_see(case, at=now)]
    asked = [grant.person for grant in grants if grant.kind == GrantKind.SUPERVISION and grant.person is not None]
    able = [person for person in asked if correcting.may_decide(person, correction, at=now)]
    house = User.objects.holding(Role.PRIVACY_OFFICER, at=now).filter(organisation=case.organisation_id)
    able = able or [person for person in house.by_name() if correcting.may_decide(person, correction, at=now)]
    mode = degraded_mode_of(correction.asked_by, now)
    if not able and mode is not None and correcting.may_decide(mode.second_approver, correction, at=now):
        able = [mode.second_approver]
    for person in able:
        notify(person=person, kind=NOTICE_CORRECTION, about=correction, now=now, case=case)


@action
def approve_correction(*, actor: User, now: datetime, correction_uid: UUID) -> Correction:
    """Say yes as the second person: what that version wrote is destroyed at once. The page asks for a fresh proof.

    Equal bytes in later versions go with it, and so do the lines and dates that the same act made of it. The record goes
    on without the value, as a new version. Raises Hidden, NotTheSecondPerson, CorrectionIsOver, HoldStands. Records
    CORRECTION_DECIDED, with each version's digest before and after.
    """
    correction, case = _lock(actor, correction_uid, now)
    model: Any = record_versions.model_of(case, correction.record_uid, correction.kind)
    history_model: Any = history_model_of(model)
    rows = list(history_model._base_manager.filter(uid=correction.record_uid, case_uid=case.uid).order_by("history_id"))
    wrong = rows[correction.number - 1]
    sections = [record_versions.section_of_field(wrong, name) for name in correction.fields]
    _refuse_if_held(actor, case, sections, subject=correction)
    destroying.thoroughly(model, history_model, TimelineEntry, Due)
    removal = Removed(now, correction.uid)
    ciphertexts = {
        name: bytes(wrong.__dict__[model._meta.get_field(name).attname])
        for name in correcting.what_it_wrote(model, wrong, correction.fields)
    }
    if not ciphertexts or any(case.has_erased(section) for section in sections):
        raise NothingToRemove  # an erasure took it meanwhile
    _go_on_without(access.within(model, case).filter(uid=correction.record_uid).first(), ciphertexts)
    number = destroying.remove(history_model, wrong.id, ciphertexts, removal)
    _destroy_echoes(case, history_model, wrong, removal)
    correction.state, correction.decided_by, correction.decided_at = CorrectionState.DONE, actor, now
    correction.save(update_fields=["state", "decided_by", "decided_at"])
    _tell(correction, actor, now=now, line=_("Something was removed that had been written into the wrong record"))
    search_index.remember(actor, case)
    forget_named(case, correction.record_uid)
    record(
        Verb.CORRECTION_DECIDED, actor=actor, subject=correction, refs=[correction.asked_by],
        sections=sorted({*sections, correction.section}), fields=[f"{correction.kind}.{name}" for name in sorted(ciphertexts)],
        detail={"kind": correction.kind, "version": correction.number, "record": correction.record_uid,
                "status": CorrectionState.DONE, "count": number},
    )  # fmt: skip
    return correction


@action
def decline_correction(*, actor: User, now: datetime, correction_uid: UUID, reason: str) -> Correction:
    """Say no as the second person: it stays as it is. ``reason`` is for who asked, sealed with the wish.

    Raises Hidden, NotTheSecondPerson, CorrectionIsOver. Records CORRECTION_DECIDED.
    """
    correction, case = _lock(actor, correction_uid, now)
    correction.state, correction.decided_by, correction.decided_at = CorrectionState.DECLINED, actor, now
    changed = ["state", "decided_by", "decided_at"]
    if not case.has_erased(correction.section):
        correction.answer = reason
        changed.append("answer")
    correction.save(update_fields=changed)
    _tell(correction, actor, now=now, line=_("A removal was declined by a second person"))
    record(
        Verb.CORRECTION_DECIDED, actor=actor, subject=correction, refs=[correction.asked_by], sections=[correction.section],
        detail={"kind": correction.kind, "version": correction.number, "record": correction.record_uid,
                "status": CorrectionState.DECLINED},
    )  # fmt: skip
    return correction


def _lock(actor: User, correction_uid: UUID, now: datetime) -> tuple[Correction, Case]:
    """The waiting correction, its case's row locked. Hidden for whoever has no part in it."""
    found = access.for_the_house(Correction).filter(uid=correction_uid).values_list("case__uid", flat=True).first()
    if found is None:
        raise Hidden
    case = access.lock_case(found)
    correction = access.within(Correction, case).select_related("asked_by").get(uid=correction_uid)
    correction.case = case
    if not correcting.may_decide(actor, correction, at=now):
        if access.holdings(actor, [case], at=now).get(case.pk) is None:
            raise Hidden
        raise NotTheSecondPerson
    if correction.state != CorrectionState.ASKED:
        raise CorrectionIsOver
    return correction, case


def _go_on_without(row: Any, ciphertexts: dict[str, bytes]) -> None:
    """Where the record still holds what was wrong, it gets a new version without it."""
    if row is None:
        return
    changed = []
    for name, raw in ciphertexts.items():
        column = row._meta.get_field(name)
        standing = row.__dict__.get(column.attname)
        if standing is not None and bytes(standing) == raw:
            setattr(row, name, correcting.emptied(column))
            changed.append(name)
    if changed:
        row.save(update_fields=changed)


def _destroy_echoes(case: Case, history_model: Any, wrong: Any, removal: Removed) -> None:
    """The lines of the timeline and the dates on the lists that the same act made: they may repeat what was written."""
    table = history_model._meta.db_table
    about = Event.objects.filter(case_uid=case.uid, changed_rows__gt=0, at=wrong.history_date)
    named = [
        event.history_rows for event in about if [table, wrong.history_id] in [row[:2] for row in event.history_rows]
    ]
    for model in (TimelineEntry, Due):
        past: Any = history_model_of(model)
        keys = [row[1] for rows in named for row in rows if row[0] == past._meta.db_table and len(row) == 3]
        for echo in past._base_manager.filter(history_id__in=keys, subject_uid=wrong.uid):
            raw = echo.__dict__["line"]
            if raw is None or record_versions.removal_in(raw) is not None:
                continue
            ciphertexts = {"line": bytes(raw)}
            _go_on_without(access.within(model, case).filter(pk=echo.id).first(), ciphertexts)
            destroying.remove(past, echo.id, ciphertexts, removal)


def _tell(correction: Correction, actor: User, *, now: datetime, line: str) -> None:
    """A line on the case, and a notice for who asked."""
    notify(person=correction.asked_by, kind=NOTICE_CORRECTED, about=correction, now=now, case=correction.case)
    add_line(
        case=correction.case, section=Section.DUTIES, kind=Verb.CORRECTION_DECIDED, subject=correction, author=actor,
        at=now, line=line,
    )  # fmt: skip
