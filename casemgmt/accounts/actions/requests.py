"""Factor reset and e-mail change of another person: asked by an administrator, confirmed by who answers for her.

Whoever could do both alone could make herself anybody in the house.
"""

from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Refused

from ..choices import AccountRequestKind, RequestState
from ..errors import AddressAlreadyKnown, NotOnOneself, RequestOver, RequestWaits
from ..models import AccountRequest, KnownDevice, UnlockPin, User
from ..permits import answers_for, demand_administrator, those_who_answer_for
from ..telling import tell
from .absences import lock_row

#: How long a request can be confirmed.
REQUEST_LIFE = timedelta(days=7)
_ASKED = {
    AccountRequestKind.FACTOR_RESET: Verb.FACTOR_RESET_ASKED,
    AccountRequestKind.EMAIL_CHANGE: Verb.EMAIL_CHANGE_ASKED,
}
_CONFIRMED = {
    AccountRequestKind.FACTOR_RESET: Verb.FACTOR_RESET_CONFIRMED,
    AccountRequestKind.EMAIL_CHANGE: Verb.EMAIL_CHANGE_CONFIRMED,
}


@action
def ask_for_account(*, actor: User, now: datetime, user: User, kind: str, new_email: str = "") -> AccountRequest:
    """Ask to reset somebody's second factor, or to change her address. Nothing changes until it is confirmed.

    Told to the person and to who answers for her. Raises Refused, NotOnOneself, RequestWaits, AddressAlreadyKnown.
    Records FACTOR_RESET_ASKED or EMAIL_CHANGE_ASKED.
    """
    demand_administrator(actor, now)
    if user.pk == actor.pk:
        raise NotOnOneself
    user, kind = lock_row(user), AccountRequestKind(kind)
    new_email = User.objects.normalize_email(new_email) if kind == AccountRequestKind.EMAIL_CHANGE else ""
    if new_email and User.objects.filter(email=new_email).exists():
        raise AddressAlreadyKnown
    for earlier in user.account_requests.filter(kind=kind, state=RequestState.WAITING):
        if now < earlier.asked_at + REQUEST_LIFE:
            raise RequestWaits
        _answer(earlier, None, RequestState.EXPIRED, now)
    request = AccountRequest.objects.create(
        user=user, kind=kind, new_email=new_email, asked_by=actor, asked_at=now, state=RequestState.WAITING
    )
    tell([user, *those_who_answer_for(user, now)], _ASKED[kind], request, now)
    record(_ASKED[kind], actor=actor, subject=user, refs=[request])
    return request


@action
def confirm_request(*, actor: User, now: datetime, request: AccountRequest) -> AccountRequest:
    """Confirm it after having spoken with the person herself. Her sessions end; both hear of it.

    A reset removes every second factor, recovery code, PIN and known browser: at the next sign-in by password the
    first page sets up a new factor. A new address takes the place of the old one, which is told, too.
    Raises Refused, RequestOver, AddressAlreadyKnown. Records FACTOR_RESET_CONFIRMED or EMAIL_CHANGE_CONFIRMED.
    """
    user, request = _open_request(actor, request, now)
    kind, old_email = AccountRequestKind(request.kind), user.email
    if kind == AccountRequestKind.FACTOR_RESET:
        Authenticator.objects.filter(user=user).delete()
        UnlockPin.objects.filter(user=user).delete()
        KnownDevice.objects.filter(user=user).delete()
    else:
        if User.objects.filter(email=request.new_email).exists():
            raise AddressAlreadyKnown
        user.email = request.new_email
        user.save(update_fields=["email"])
    ended, _by_model = user.sessions.all().delete()
    _answer(request, actor, RequestState.CONFIRMED, now)
    tell([user, request.asked_by], _CONFIRMED[kind], request, now, also_to={old_email} - {user.email})
    record(_CONFIRMED[kind], actor=actor, subject=user, refs=[request], detail={"count": ended})
    return request


@action
def decline_request(*, actor: User, now: datetime, request: AccountRequest) -> AccountRequest:
    """Decline it: nothing changes. Raises Refused, RequestOver. Records USER_CHANGED (status DECLINED)."""
    user, request = _open_request(actor, request, now)
    _answer(request, actor, RequestState.DECLINED, now)
    tell([user, request.asked_by], Verb.USER_CHANGED, request, now)
    record(Verb.USER_CHANGED, actor=actor, subject=user, refs=[request], detail={"status": "DECLINED"})
    return request


def requests_for(actor: User, now: datetime) -> list[AccountRequest]:
    """The requests that wait for this person's answer, oldest first."""
    waiting = AccountRequest.objects.filter(state=RequestState.WAITING, asked_at__gt=now - REQUEST_LIFE)
    waiting = waiting.exclude(asked_by=actor).exclude(user=actor).select_related("user", "asked_by")
    return [one for one in waiting.order_by("asked_at") if answers_for(actor, one.user, now)]


def _open_request(actor: User, request: AccountRequest, now: datetime) -> tuple[User, AccountRequest]:
    """The person's row and the request, locked in that order, for somebody who may answer. Raises Refused, RequestOver."""
    user = lock_row(request.user)
    locked = AccountRequest.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=request.pk)
    if locked.state != RequestState.WAITING or now >= locked.asked_at + REQUEST_LIFE:
        raise RequestOver
    if locked.asked_by_id == actor.pk or not answers_for(actor, user, now):
        raise Refused
    return user, locked


def _answer(request: AccountRequest, actor: User | None, state: RequestState, now: datetime) -> None:
    request.state, request.answered_by, request.answered_at = state, actor, now
    request.save(update_fields=["state", "answered_by", "answered_at"])
