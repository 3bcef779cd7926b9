"""Taking cases of an import back: those on which nobody has worked since. The others stay, and somebody says why."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from audit.log import record
from audit.models import Event
from audit.verbs import Verb
from casemgmt.access.sections import Section
from casemgmt.accounts.models import User
from cases import access
from cases.actions.trail import add_line
from cases.choices.casework import ClosureReason
from cases.models import Case, Due, ImportRow
from cases.tidying import forget_tokens


def take_back(actor: User, now: datetime, rows: Collection[ImportRow]) -> tuple[list[ImportRow], list[ImportRow]]:
    """Close the cases of these rows as brought in by mistake: (rows undone, rows whose case stays). Locks each case.

    What was never worked on has nobody who must be told, no service and no safety plan: domain.md R9 asks for nothing here.
    Such a case is found by no search any more, the same row may come again, and its dates are off all lists. It can be
    reopened. Records CASE_CLOSED for each.
    """
    touched = _touched([row.case.uid for row in rows if row.case is not None])
    undone, kept = [], []
    for row in rows:
        if row.case is None or row.case.uid in touched:
            kept.append(row)
            continue
        _close(actor, now, row.case)
        row.state, row.fingerprint = ImportRow.State.UNDONE, None
        undone.append(row)
    return undone, kept


def _touched(case_uids: Collection[UUID]) -> set[UUID]:
    """Cases that a person changed after the import had made them, whoever it was. Two queries."""
    made = Event.objects.filter(verb=Verb.IMPORT_ROW_TAKEN, case_uid__in=case_uids)
    made_at = dict(made.values_list("case_uid", "at"))
    later = Event.objects.filter(case_uid__in=case_uids, changed_rows__gt=0, actor_uid__isnull=False)
    found = {uid for uid, at in later.values_list("case_uid", "at") if uid not in made_at or at > made_at[uid]}
    return {uid for uid in found if uid} | (set(case_uids) - set(made_at))


def _close(actor: User, now: datetime, found: Case) -> None:
    held = access.lock_for_write(actor, found.uid, Section.CARD, even_closed=True)
    case = held.case
    case.close(reason=ClosureReason.IMPORT_UNDONE, on=max(case.opened_on, now.astimezone(actor.zone).date()))
    case.save(update_fields=["status", "stage", "closed_on", "closure_reason"])
    access.within(Due, case).filter(done_at__isnull=True).audited_update(done_at=now)  # type: ignore[attr-defined]
    forget_tokens(case)
    add_line(
        case=case, section=Section.CARD, kind=Verb.CASE_CLOSED, line=_("Import undone, case closed"), subject=case,
        author=actor, at=now,
    )  # fmt: skip
    record(Verb.CASE_CLOSED, actor=actor, subject=case, held=held, detail={"kind": "IMPORT_UNDONE"})
