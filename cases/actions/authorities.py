"""The table of reporting authorities, as an administrator keeps it. No case is within reach, and no right comes with it."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.accounts.models import User
from cases import access
from cases.actions.configuring import POINTS_TO_ONE, demand_administrator
from cases.choices.configuration import SAID_WITHIN, WRITTEN_WITHIN, TableChange
from cases.choices.releases import MandateTrigger
from cases.errors.authorities import (
    AuthorityChangedMeanwhile,
    AuthorityIsOver,
    AuthorityLacks,
    AuthorityNamesSomebody,
    AuthorityStands,
    HoursWithoutWriting,
    LookedUpLater,
)
from cases.models import ReportingAuthority

#: What tells one duty from another; only one row of each stands.
_SAME = ("trigger", "jurisdiction", "authority", "agency")
#: Lines that everybody of the house may read.
_WORDS = ("jurisdiction", "authority", "agency", "phone")


@dataclass(frozen=True)
class LookedUp:
    """What somebody looked up: see ``cases.models.ReportingAuthority`` for each."""

    trigger: str
    jurisdiction: str
    authority: str
    agency: str
    looked_up_on: date
    phone: str = ""
    hours: int | None = None
    in_writing: bool = False
    writing_hours: int | None = None


@action
def add_authority(*, actor: User, now: datetime, found: LookedUp) -> ReportingAuthority:
    """Put a duty of the law on the table of the actor's organisation.

    Raises Refused, AuthorityLacks, AuthorityNamesSomebody, HoursWithoutWriting, LookedUpLater, AuthorityStands; ValueError
    for what no form offers. Records REPORTING_AUTHORITY_CHANGED.
    """
    demand_administrator(actor, now)
    wanted = _checked(found, actor, now)
    _refuse_twin(actor, wanted)
    row = ReportingAuthority(
        organisation=actor.organisation, **wanted, looked_up_by=actor, changed_by=actor, changed_at=now
    )
    row.save()
    _tell(row, actor, TableChange.ADDED)
    return row


@action
def change_authority(
    *, actor: User, now: datetime, authority_uid: UUID, version: int, found: LookedUp
) -> ReportingAuthority:
    """Change a row; ``version`` is the one that was read. Its former versions stay in its history, and reports keep theirs.

    Raises Refused, Hidden, AuthorityIsOver, AuthorityChangedMeanwhile, and what ``add_authority`` raises. Records
    REPORTING_AUTHORITY_CHANGED.
    """
    demand_administrator(actor, now)
    row = _standing(actor, authority_uid)
    if row.version != version:
        raise AuthorityChangedMeanwhile
    wanted = _checked(found, actor, now)
    _refuse_twin(actor, wanted, but=row)
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    if not changed:
        return row
    for name in changed:
        setattr(row, name, wanted[name])
    if "looked_up_on" in changed:
        row.looked_up_by = actor
    _save(row, actor, now, *changed, "looked_up_by")
    _tell(row, actor, TableChange.CHANGED, *changed)
    return row


@action
def look_again(*, actor: User, now: datetime, authority_uid: UUID) -> ReportingAuthority:
    """Say that the law was looked up again today and the row is right. Twice on a day changes nothing.

    Raises Refused, Hidden, AuthorityIsOver. Records REPORTING_AUTHORITY_CHANGED.
    """
    demand_administrator(actor, now)
    row = _standing(actor, authority_uid)
    today = timezone.localdate(now, actor.zone)
    if row.looked_up_on == today:
        return row
    row.looked_up_on, row.looked_up_by = today, actor
    _save(row, actor, now, "looked_up_on", "looked_up_by")
    _tell(row, actor, TableChange.LOOKED_AGAIN)
    return row


@action
def end_authority(*, actor: User, now: datetime, authority_uid: UUID) -> ReportingAuthority:
    """Offer a row no more. Raises Refused, Hidden, AuthorityIsOver. Records REPORTING_AUTHORITY_CHANGED."""
    demand_administrator(actor, now)
    row = _standing(actor, authority_uid)
    row.ended_at = now
    _save(row, actor, now, "ended_at")
    _tell(row, actor, TableChange.ENDED)
    return row


def _checked(found: LookedUp, actor: User, now: datetime) -> dict[str, Any]:
    """The columns of a row, as they are kept."""
    wanted = asdict(found)
    wanted |= {"trigger": MandateTrigger(found.trigger).value, **{name: wanted[name].strip() for name in _WORDS}}
    for name in _WORDS:
        if not wanted[name] and name != "phone":
            raise AuthorityLacks(name)
        if POINTS_TO_ONE.search(wanted[name]):
            raise AuthorityNamesSomebody(name)
    if found.hours not in (None, *SAID_WITHIN) or found.writing_hours not in (None, *WRITTEN_WITHIN):
        raise ValueError("No form offers these hours.")
    if found.writing_hours and not found.in_writing:
        raise HoursWithoutWriting
    if found.looked_up_on > timezone.localdate(now, actor.zone):
        raise LookedUpLater
    return wanted


def _refuse_twin(actor: User, wanted: dict[str, Any], but: ReportingAuthority | None = None) -> None:
    twins = access.of_house(ReportingAuthority, actor).filter(
        ended_at__isnull=True, **{name: wanted[name] for name in _SAME}
    )
    if (twins.exclude(pk=but.pk) if but is not None else twins).exists():
        raise AuthorityStands


def _standing(actor: User, authority_uid: UUID) -> ReportingAuthority:
    rows = access.of_house(ReportingAuthority, actor).select_for_update(of=("self",))
    row: ReportingAuthority | None = rows.filter(uid=authority_uid).first()
    if row is None:
        raise Hidden
    if row.ended_at is not None:
        raise AuthorityIsOver
    return row


def _save(row: ReportingAuthority, actor: User, now: datetime, *changed: str) -> None:
    row.version, row.changed_by, row.changed_at = row.version + 1, actor, now
    row.save(update_fields=[*changed, "version", "changed_by", "changed_at"])


def _tell(row: ReportingAuthority, actor: User, change: TableChange, *changed: str) -> None:
    record(
        Verb.REPORTING_AUTHORITY_CHANGED, actor=actor, subject=row,
        fields=[f"reporting_authority.{name}" for name in changed],
        detail={"kind": change.value, "status": row.trigger},
    )  # fmt: skip
