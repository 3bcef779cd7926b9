"""Letting an account rest and waking it: locked out, travelling, on leave, an organisation suspended.

All of these close the account: no sign-in, no session, no team, no permission, at the next click. Rights keep their
rows, so that they come back with the account and the past can be asked.
"""

from datetime import date, datetime

from allauth.mfa.models import Authenticator

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Refused

from ..choices import AbsenceKind
from ..errors import AccountClosed, AlreadyResting, NotResting, SecondPersonNeeded
from ..models import Absence, AccountState, Session, UnlockPin, User
from ..permits import answers_for, may_lock, those_who_answer_for
from ..telling import tell


def rest(*, actor: User, now: datetime, user: User, kind: AbsenceKind, expected_back_on: date | None = None) -> Absence:
    """Close an account for one reason, with all its sessions. Inside an action that holds the person's row.

    Raises AlreadyResting. The caller records the event.
    """
    if user.absences.filter(kind=kind, ended_at__isnull=True).exists():
        raise AlreadyResting
    absence = Absence.objects.create(
        user=user, kind=kind, began_at=now, began_by=actor, expected_back_on=expected_back_on
    )
    if user.is_active:
        user.is_active = False
        user.save(update_fields=["is_active"])
    for period in user.account_states.filter(ends_at=None):
        period.ends_at = max(now, period.starts_at)
        period.save(update_fields=["ends_at"])
    Session.objects.filter(user=user).delete()
    return absence


def wake(*, actor: User, now: datetime, absence: Absence) -> bool:
    """End one absence; the account opens where nothing else keeps it closed. Says whether it is open now.

    Inside an action that holds the person's row; the caller records the event.
    """
    absence.ended_at, absence.ended_by = now, actor
    absence.save(update_fields=["ended_at", "ended_by"])
    user = absence.user
    if rests(user) or not user.account_states.exists():
        return False
    user.is_active = True
    user.save(update_fields=["is_active"])
    AccountState.objects.create(user=user, starts_at=now)
    return True


def rests(user: User) -> bool:
    """Whether anything keeps this account closed: an absence, or its organisation is suspended."""
    return user.absences.filter(ended_at__isnull=True).exists() or user.organisation.suspended_at is not None


def lock_row(user: User) -> User:
    """The person's row, locked: two acts about one person wait for each other."""
    return User.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=user.pk)


@action
def lock_person(*, actor: User, now: datetime, user: User) -> Absence:
    """Lock a person out at once: sessions, passkeys, PIN and feeds. For a lost telephone, or a doubt.

    Passkeys and the PIN are removed, because they live on the device that may be in other hands; the authenticator
    app stays. Raises Refused, AlreadyResting, AccountClosed. Records USER_LOCKED.
    """
    user = lock_row(user)
    if not may_lock(actor, user, now):
        raise Refused
    if not user.is_active and not user.absences.filter(ended_at__isnull=True).exists():
        raise AccountClosed
    absence = rest(actor=actor, now=now, user=user, kind=AbsenceKind.LOCKED)
    passkeys, _by_model = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).delete()
    UnlockPin.objects.filter(user=user).delete()
    tell([user, *those_who_answer_for(user, now)], Verb.USER_LOCKED, absence, now)
    record(Verb.USER_LOCKED, actor=actor, subject=user, refs=[absence], detail={"count": passkeys})
    return absence


@action
def unlock_person(*, actor: User, now: datetime, user: User) -> Absence:
    """Say yes to letting a locked person in again; with the second yes, by somebody else, the account opens.

    Raises Refused, NotResting, SecondPersonNeeded. Records USER_UNLOCKED (status FIRST or OPEN).
    """
    user = lock_row(user)
    if not answers_for(actor, user, now):
        raise Refused
    absence = _standing(user, AbsenceKind.LOCKED)
    if absence.first_yes_by_id is None:
        absence.first_yes_by, absence.first_yes_at = actor, now
        absence.save(update_fields=["first_yes_by", "first_yes_at"])
        record(Verb.USER_UNLOCKED, actor=actor, subject=user, refs=[absence], detail={"status": "FIRST"})
        return absence
    if absence.first_yes_by_id == actor.pk:
        raise SecondPersonNeeded
    is_open = wake(actor=actor, now=now, absence=absence)
    tell([user], Verb.USER_UNLOCKED, absence, now)
    record(
        Verb.USER_UNLOCKED, actor=actor, subject=user, refs=[absence],
        detail={"status": "OPEN" if is_open else "STILL_RESTS"},
    )  # fmt: skip
    return absence


@action
def begin_travel(*, actor: User, now: datetime) -> Absence:
    """Put one's own account to rest for a journey; only somebody who answers for her wakes it.

    So nobody can be made to open anything on the way. Raises AlreadyResting. Records TRAVEL_BEGAN.
    """
    user = lock_row(actor)
    absence = rest(actor=actor, now=now, user=user, kind=AbsenceKind.TRAVEL)
    tell(those_who_answer_for(user, now), Verb.TRAVEL_BEGAN, absence, now)
    record(Verb.TRAVEL_BEGAN, actor=actor, subject=user, refs=[absence])
    return absence


@action
def end_travel(*, actor: User, now: datetime, user: User) -> Absence:
    """Wake the account of somebody who is back from a journey. Raises Refused, NotResting. Records TRAVEL_ENDED."""
    user = lock_row(user)
    if not answers_for(actor, user, now):
        raise Refused
    absence = _standing(user, AbsenceKind.TRAVEL)
    wake(actor=actor, now=now, absence=absence)
    tell([user], Verb.TRAVEL_ENDED, absence, now)
    record(Verb.TRAVEL_ENDED, actor=actor, subject=user, refs=[absence])
    return absence


def _standing(user: User, kind: AbsenceKind) -> Absence:
    absence = user.absences.filter(kind=kind, ended_at__isnull=True).first()
    if absence is None:
        raise NotResting
    # The very row that is locked, so that waking it changes what is in hand.
    absence.user = user
    return absence
