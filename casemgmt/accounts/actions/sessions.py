"""Locking and unlocking the screen, the PIN, and ending sessions."""

from datetime import datetime
from enum import StrEnum

from django.contrib.auth.hashers import check_password, make_password

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Refused
from casemgmt.crypto.keyring import ensure_own_keys
from casemgmt.crypto.tokens import open_token, seal_token

from ..models import Session, UnlockPin, User
from ..permits import demand_administrator

#: The fifth wrong PIN ends the session.
WRONG_PINS = 5
PIN_PURPOSE = "pin"


class PinAnswer(StrEnum):
    """What became of a PIN. A wrong one must be counted and recorded, so it is an answer and no exception."""

    OPEN = "OPEN"
    WRONG = "WRONG"
    ENDED = "ENDED"


@action
def lock_session(*, actor: User, now: datetime, session: Session, why: str) -> Session:
    """Lock one's own screen (``why``: ``IDLE`` or ``ASKED``). Locking a locked one changes nothing.

    Records SESSION_LOCKED.
    """
    _demand_own(actor, session)
    if Session.objects.filter(pk=session.pk, locked_at=None).update(locked_at=now, wrong_pins=0):
        record(Verb.SESSION_LOCKED, actor=actor, subject=actor, detail={"kind": why})
    session.locked_at = session.locked_at or now
    return session


@action
def unlock_with_pin(*, actor: User, now: datetime, session: Session, pin: str) -> PinAnswer:
    """Open a locked screen by PIN. The fifth wrong one ends the session.

    Records SESSION_UNLOCKED or UNLOCK_FAILED.
    """
    _demand_own(actor, session)
    # The row first: five guesses at once are counted as five.
    session = Session.objects.select_for_update().get(pk=session.pk)
    stored = UnlockPin.objects.filter(user=actor).first()
    if stored is not None and check_password(pin, open_token(actor.uid, PIN_PURPOSE, stored.sealed_digest)):
        _unlock(actor, session, now, factor="PIN")
        return PinAnswer.OPEN
    wrong = session.wrong_pins + 1
    record(Verb.UNLOCK_FAILED, actor=actor, subject=actor, outcome="FAILED", detail={"factor": "PIN", "count": wrong})
    if wrong >= WRONG_PINS:
        session.delete()
        return PinAnswer.ENDED
    Session.objects.filter(pk=session.pk).update(wrong_pins=wrong)
    return PinAnswer.WRONG


@action
def unlock_with_factor(*, actor: User, now: datetime, session: Session, factor: str) -> Session:
    """Open a locked screen after the view has checked a passkey (``WEBAUTHN``), or in the demo by button (``DEMO``).

    Records SESSION_UNLOCKED.
    """
    _demand_own(actor, session)
    return _unlock(actor, session, now, factor=factor)


@action
def change_pin(*, actor: User, now: datetime, pin: str) -> UnlockPin:
    """Set or change one's PIN for unlocking. Records PIN_CHANGED."""
    ensure_own_keys(actor.uid)
    sealed = seal_token(actor.uid, PIN_PURPOSE, make_password(pin))
    stored, _is_new = UnlockPin.objects.update_or_create(user=actor, defaults={"sealed_digest": sealed, "set_at": now})
    record(Verb.PIN_CHANGED, actor=actor, subject=actor)
    return stored


@action
def end_session(*, actor: User, now: datetime, session: Session) -> None:
    """Sign out one of one's own other browsers. Records SESSION_ENDED."""
    _demand_own(actor, session)
    session.delete()
    record(Verb.SESSION_ENDED, actor=actor, subject=actor, detail={"count": 1})


@action
def sign_out_everywhere(*, actor: User, now: datetime, user: User, but: Session | None = None) -> int:
    """End all sessions of oneself (``but`` the one in use, if given) or, as administrator, of somebody else.

    Returns how many ended. Raises Refused. Records SIGNED_OUT_EVERYWHERE.
    """
    if user.pk != actor.pk:
        demand_administrator(actor, now)
    sessions = user.sessions.exclude(pk=but.pk) if but is not None else user.sessions.all()
    count, _by_model = sessions.delete()
    record(Verb.SIGNED_OUT_EVERYWHERE, actor=actor, subject=user, detail={"count": count})
    return count


def _demand_own(actor: User, session: Session) -> None:
    if session.user_id != actor.pk:
        raise Refused


def _unlock(actor: User, session: Session, now: datetime, *, factor: str) -> Session:
    Session.objects.filter(pk=session.pk).update(locked_at=None, wrong_pins=0, last_seen_at=now)
    session.locked_at = None
    record(Verb.SESSION_UNLOCKED, actor=actor, subject=actor, detail={"factor": factor})
    return session
