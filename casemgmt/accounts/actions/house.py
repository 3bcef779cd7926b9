"""The house as a whole: locking the office and opening it again, and the declared mode of a very small house."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Refused
from casemgmt.crypto import keyring
from casemgmt.crypto.router import KEYSTORE

from ..choices import CASE_ROLES, Role
from ..errors import (
    AlreadyResting,
    ApproverMustBeOutside,
    DegradedModeStands,
    HouseIsLargeEnough,
    NotResting,
    RolesCannotMeet,
    SecondPersonNeeded,
)
from ..models import DegradedMode, OfficeLock, Organisation, Session, User
from ..permits import holds_case_access, holds_in_the_house, is_second_person, with_roles_that_cannot_meet
from ..telling import tell

#: Who may lock the office. In doubt (police at the door, a theft) whoever is there does not wait for a second person.
LOCKING_ROLES = (Role.DIRECTOR, Role.PRIVACY_OFFICER, Role.SUPERVISOR, Role.ADMINISTRATOR)
#: Of whom two open it again.
OPENING_ROLES = (Role.DIRECTOR, Role.PRIVACY_OFFICER, Role.SUPERVISOR)
#: Up to how many active people an organisation may be too small to keep its roles apart.
SMALL_HOUSE = 5
#: A declared mode ends by itself, and is declared anew by somebody who has thought about it again.
LONGEST_DEGRADED = timedelta(days=365)


def standing_lock() -> OfficeLock | None:
    """The lock of the office that stands now, or None. One query."""
    return OfficeLock.objects.filter(ended_at__isnull=True).select_related("began_by", "first_yes_by").first()


def may_open_office(actor: User, now: datetime) -> bool:
    """Whether this person is one of those of whom two open the office."""
    return holds_in_the_house(actor, *OPENING_ROLES, at=now) or is_second_person(actor, now)


def may_lock_office(actor: User, now: datetime) -> bool:
    """Whether this person may lock the office. Nobody of a partner may: it would be a way to stop the house."""
    return holds_in_the_house(actor, *LOCKING_ROLES, at=now)


@action
def lock_office(*, actor: User, now: datetime) -> OfficeLock:
    """Lock the office: every session ends, every process forgets its keys, nothing is destroyed.

    People can sign in, and find a page that says so; two of ``OPENING_ROLES`` open it again. The keys go from the
    memory of each process when it looks at the key store's version next, at most seconds later.
    Raises Refused, AlreadyResting. Records OFFICE_LOCKED with the number of sessions.
    """
    if not may_lock_office(actor, now):
        raise Refused
    if standing_lock() is not None:
        raise AlreadyResting
    try:
        with transaction.atomic():
            lock = OfficeLock.objects.create(began_at=now, began_by=actor)
    except IntegrityError:
        # Two pressed it in the same moment: the database holds that one of them was first.
        raise AlreadyResting from None
    ended, _by_model = Session.objects.all().delete()
    record(Verb.OFFICE_LOCKED, actor=actor, subject=lock, detail={"ended": ended})
    transaction.on_commit(evict_keys)
    return lock


def evict_keys() -> None:
    """Make this process forget its opened keys now, and every other one at its next look at the key store."""
    with transaction.atomic(using=KEYSTORE):
        keyring.move_version()
    keyring.forget()


@action
def open_office(*, actor: User, now: datetime) -> OfficeLock:
    """Say yes to opening the office; with the second yes, by somebody else, it is open.

    Raises Refused, NotResting, SecondPersonNeeded. Records OFFICE_OPENED (status FIRST or OPEN).
    """
    if not may_open_office(actor, now):
        raise Refused
    lock = OfficeLock.objects.select_for_update().filter(ended_at__isnull=True).first()
    if lock is None:
        raise NotResting
    if lock.first_yes_by_id is None:
        lock.first_yes_by, lock.first_yes_at = actor, now
        lock.save(update_fields=["first_yes_by", "first_yes_at"])
        record(Verb.OFFICE_OPENED, actor=actor, subject=lock, detail={"status": "FIRST"})
        return lock
    if lock.first_yes_by_id == actor.pk:
        raise SecondPersonNeeded
    lock.ended_at, lock.ended_by = now, actor
    lock.save(update_fields=["ended_at", "ended_by"])
    record(Verb.OFFICE_OPENED, actor=actor, subject=lock, detail={"status": "OPEN"})
    return lock


@action
def declare_degraded(
    *, actor: User, now: datetime, second_approver: User, reason: str, expires_at: datetime
) -> DegradedMode:
    """Declare that this house is too small to keep administration and casework apart, until a day, with its reason.

    From then on an administrator of this organisation may also hold a role with cases, and the second approver, from
    outside and without any access, is the second person wherever two are needed. Auditors stay apart.
    Raises Refused, HouseIsLargeEnough, ApproverMustBeOutside, DegradedModeStands. Records DEGRADED_MODE_DECLARED.
    """
    organisation = Organisation.objects.select_for_update().get(pk=actor.organisation_id)
    if not (actor.is_active and organisation.is_ours and actor.holds_role(Role.DIRECTOR, at=now)):
        raise Refused
    _end_what_ran_out(actor, organisation, now)
    if organisation.degraded_modes.filter(ended_at__isnull=True).exists():
        raise DegradedModeStands
    if organisation.people.filter(is_active=True).count() > SMALL_HOUSE:
        raise HouseIsLargeEnough
    if not may_be_second_approver(second_approver, organisation, now):
        raise ApproverMustBeOutside
    mode = DegradedMode.objects.create(
        organisation=organisation, second_approver=second_approver, reason=reason.strip(), starts_at=now,
        declared_by=actor, expires_at=min(expires_at, now + LONGEST_DEGRADED),
    )  # fmt: skip
    tell([second_approver], Verb.DEGRADED_MODE_DECLARED, mode, now)
    record(
        Verb.DEGRADED_MODE_DECLARED, actor=actor, subject=mode, refs=[organisation, second_approver],
        detail={"until": mode.expires_at},
    )  # fmt: skip
    return mode


def may_be_second_approver(user: User, organisation: Organisation, now: datetime) -> bool:
    """Whether this person works elsewhere, is active, and can open no case: no role with cases, no team, no access."""
    if not user.is_active or user.organisation_id == organisation.pk or user.organisation.is_ours:
        return False
    if user.role_assignments.not_over(now).filter(role__in=CASE_ROLES).exists():
        return False
    return not user.memberships.not_over(now).exists() and not holds_case_access(user, now)


@action
def end_degraded(*, actor: User, now: datetime) -> DegradedMode:
    """End the declared mode of one's organisation, once nobody holds roles any more that only it lets meet.

    Raises Refused, NotResting, RolesCannotMeet. Records DEGRADED_MODE_ENDED.
    """
    if not (actor.is_active and actor.holds_role(Role.DIRECTOR, at=now)):
        raise Refused
    mode = DegradedMode.objects.select_for_update().filter(organisation=actor.organisation_id, ended_at=None).first()
    if mode is None:
        raise NotResting
    if with_roles_that_cannot_meet(actor.organisation_id, now):
        raise RolesCannotMeet
    _end(actor, mode, now)
    return mode


def _end_what_ran_out(actor: User, organisation: Organisation, now: datetime) -> None:
    for mode in organisation.degraded_modes.filter(ended_at__isnull=True, expires_at__lte=now):
        _end(actor, mode, now)


def _end(actor: User, mode: DegradedMode, now: datetime) -> None:
    mode.ended_at, mode.ended_by = now, actor
    mode.save(update_fields=["ended_at", "ended_by"])
    record(Verb.DEGRADED_MODE_ENDED, actor=actor, subject=mode, refs=[mode.organisation])
