"""Inviting people and opening, closing and changing their accounts."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.crypto.keyring import ensure_own_keys

from ..choices import Language, Mandated, OrganisationKind, Role, may_meet
from ..errors import (
    AccountClosed,
    AccountOpen,
    AccountRests,
    AddressAlreadyKnown,
    AdministratorExists,
    InvitationOver,
    LastAdministrator,
    NotOnOneself,
    RolesCannotMeet,
)
from ..mail import send_invitation
from ..models import AccountState, Invitation, Organisation, RoleAssignment, Session, User
from ..permits import demand_administrator
from .absences import rests

#: How long an invitation can be accepted.
INVITATION_LIFE = timedelta(days=7)


def digest_of(token: str) -> bytes:
    """What is stored of an invitation's token (256 random bits, so a plain digest cannot be searched)."""
    return hashlib.sha256(token.encode()).digest()


def create_administrator(
    *, now: datetime, email: str, name: str, organisation_name: str, language: str = Language.ENGLISH
) -> tuple[Invitation, str]:
    """Make the first administrator of an installation, and the organisation where it does not exist.

    There is nobody yet in whose name this could happen, so it is no action but a deed of the server's
    operator (``audit_context``). Returns the invitation and its token; the account opens when it is
    accepted. Raises AdministratorExists, AddressAlreadyKnown. Records USER_INVITED and ROLE_ASSIGNED.
    """
    email = User.objects.normalize_email(email)
    with transaction.atomic():
        if User.objects.holding(Role.ADMINISTRATOR, at=now).exists():
            raise AdministratorExists
        organisation, _is_new = Organisation.objects.get_or_create(
            name=organisation_name,
            defaults={"kind": OrganisationKind.SERVICE_PROVIDER, "is_ours": True, "created_at": now},
        )
        user = _new_person(email=email, name=name, organisation=organisation, language=language, now=now)
        invitation, token = _new_invitation(user=user, invited_by=user, now=now)
        record(Verb.USER_INVITED, actor=None, subject=user)
        assignment = RoleAssignment.objects.create(user=user, role=Role.ADMINISTRATOR, starts_at=now)
        record(Verb.ROLE_ASSIGNED, actor=None, subject=user, refs=[assignment], detail={"role": Role.ADMINISTRATOR})
    return invitation, token


#: An audit from outside lasts so long at most; then the role is given again, or it is over.
EXTERNAL_AUDIT = timedelta(days=90)


def end_of_role(role: str, now: datetime, ends_at: datetime | None = None) -> datetime | None:
    """When a role ends that is given now. Whoever audits from outside comes for a time (ledger.md §6)."""
    if role != Role.EXTERNAL_AUDITOR:
        return ends_at
    latest = now + EXTERNAL_AUDIT
    return latest if ends_at is None else min(ends_at, latest)


@action
def invite_person(
    *,
    actor: User,
    now: datetime,
    email: str,
    name: str,
    organisation: Organisation,
    roles: tuple[str, ...] = (),
    language: str = Language.ENGLISH,
    time_zone: str = "UTC",
    base_address: str = "",
) -> Invitation:
    """Invite somebody by e-mail; the link works for seven days. The account is closed until then.

    ``base_address`` ("https://haven.example.org") is put before the link; empty sends no mail. The token
    itself is on the returned object as ``token``, once. Raises Refused, AddressAlreadyKnown,
    RolesCannotMeet. Records USER_INVITED and a ROLE_ASSIGNED for each role.
    """
    demand_administrator(actor, now)
    if any(not may_meet(one, other) for one in roles for other in roles):
        raise RolesCannotMeet
    email = User.objects.normalize_email(email)
    user = _new_person(
        email=email, name=name, organisation=organisation, language=language, time_zone=time_zone, now=now
    )
    invitation, token = _new_invitation(user=user, invited_by=actor, now=now)
    record(Verb.USER_INVITED, actor=actor, subject=user)
    for role in dict.fromkeys(roles):
        until = end_of_role(role, now)
        assignment = RoleAssignment.objects.create(user=user, role=Role(role), starts_at=now, ends_at=until)
        told = {"role": Role(role)} | ({} if until is None else {"until": until})
        record(Verb.ROLE_ASSIGNED, actor=actor, subject=user, refs=[assignment], detail=told)
    _post(invitation, token, base_address)
    return invitation


@action
def invite_again(*, actor: User, now: datetime, user: User, base_address: str = "") -> Invitation:
    """Send a new link to somebody who has not accepted yet; the old one stops working.

    Raises Refused, AccountOpen. Records USER_INVITED.
    """
    demand_administrator(actor, now)
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_active or user.account_states.exists():
        raise AccountOpen
    for earlier in user.invitations.filter(accepted_at=None, withdrawn_at=None):
        earlier.withdrawn_at = now
        earlier.save(update_fields=["withdrawn_at"])
    invitation, token = _new_invitation(user=user, invited_by=actor, now=now)
    record(Verb.USER_INVITED, actor=actor, subject=user)
    _post(invitation, token, base_address)
    return invitation


def find_invitation(token: str, now: datetime) -> Invitation:
    """The open invitation of a link. Raises InvitationOver, whatever the reason."""
    found = Invitation.objects.select_related("user__organisation").filter(token_digest=digest_of(token)).first()
    if found is None or not found.is_open(now) or found.user.is_active:
        raise InvitationOver
    return found


@action
def accept_invitation(*, actor: User, now: datetime, token: str, name: str, password: str | None) -> User:
    """Open one's own account: the invited person chooses name and password; the second factor comes at once after.

    ``actor`` is the invited person (``find_invitation(token, now).user``). ``password=None`` is one that nobody
    can type: the demo's people sign in by a button. Raises InvitationOver.
    Records INVITATION_ACCEPTED.
    """
    user = User.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=actor.pk)
    invitation = find_invitation(token, now)
    if invitation.user_id != user.pk or rests(user):
        raise InvitationOver
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    user.name = name.strip()
    user.password = make_password(password)
    user.is_active = True
    user.save(update_fields=["name", "password", "is_active"])
    AccountState.objects.create(user=user, starts_at=now)
    record(Verb.INVITATION_ACCEPTED, actor=actor, subject=user, refs=[invitation])
    return user


@action
def deactivate_person(*, actor: User, now: datetime, user: User) -> User:
    """Close an account at once: no sign-in, no session, no team. Roles and memberships keep their rows and dates.

    Raises Refused, NotOnOneself, AccountClosed, LastAdministrator. Records USER_DEACTIVATED.
    """
    demand_administrator(actor, now)
    if user.pk == actor.pk:
        raise NotOnOneself
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        raise AccountClosed
    demand_another_administrator(user, now)
    user.is_active = False
    user.save(update_fields=["is_active"])
    for period in user.account_states.filter(ends_at=None):
        period.ends_at = now
        period.save(update_fields=["ends_at"])
    Session.objects.filter(user=user).delete()
    record(Verb.USER_DEACTIVATED, actor=actor, subject=user)
    return user


@action
def reactivate_person(*, actor: User, now: datetime, user: User) -> User:
    """Open a closed account again. What others put to rest, others wake: a lock, a journey, leave, a suspension.

    Raises Refused, AccountOpen, AccountRests, InvitationOver (never accepted). Records USER_REACTIVATED.
    """
    demand_administrator(actor, now)
    user = User.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=user.pk)
    if user.is_active:
        raise AccountOpen
    if rests(user):
        raise AccountRests
    if not user.account_states.exists():
        raise InvitationOver
    user.is_active = True
    user.save(update_fields=["is_active"])
    AccountState.objects.create(user=user, starts_at=now)
    record(Verb.USER_REACTIVATED, actor=actor, subject=user)
    return user


@action
def change_preferences(*, actor: User, now: datetime, name: str, language: str, time_zone: str) -> User:
    """Change one's own name as colleagues see it, language and time zone. Records PREFERENCES_CHANGED."""
    user = User.objects.select_for_update().get(pk=actor.pk)
    before = (user.name, user.language, user.time_zone)
    user.name, user.language, user.time_zone = name.strip(), language, time_zone
    user.full_clean(exclude=["password", "email"])
    names = ("name", "language", "time_zone")
    changed = [field for field, old in zip(names, before, strict=True) if getattr(user, field) != old]
    user.save(update_fields=list(names))
    record(Verb.PREFERENCES_CHANGED, actor=actor, subject=user, fields=changed)
    return user


@action
def note_mandate(*, actor: User, now: datetime, user: User, mandated: str, mandated_in: str) -> User:
    """Note whether the law makes a person report, and where (``Mandated``; "" where nobody has looked it up).

    For administrators. It changes no right. The same again writes nothing. Raises Refused. Records USER_CHANGED.
    """
    demand_administrator(actor, now)
    user = User.objects.select_for_update().get(pk=user.pk)
    wanted = (Mandated(mandated).value if mandated else None, mandated_in or None)
    if (user.mandated, user.mandated_in) == wanted:
        return user
    user.mandated, user.mandated_in = wanted
    user.save(update_fields=["mandated", "mandated_in"])
    record(Verb.USER_CHANGED, actor=actor, subject=user, fields=["user.mandated", "user.mandated_in"])
    return user


def demand_another_administrator(user: User, now: datetime) -> None:
    """Refuse what would leave the house without an administrator. Raises LastAdministrator."""
    administrators = User.objects.holding(Role.ADMINISTRATOR, at=now)
    if administrators.filter(pk=user.pk).exists() and not administrators.exclude(pk=user.pk).exists():
        raise LastAdministrator


def _new_person(
    *, email: str, name: str, organisation: Organisation, now: datetime, language: str, time_zone: str = "UTC"
) -> User:
    if User.objects.filter(email=email).exists():
        raise AddressAlreadyKnown
    user = User(
        email=email,
        name=name.strip(),
        organisation=organisation,
        language=language,
        time_zone=time_zone,
        created_at=now,
        password=make_password(None),
    )
    user.full_clean(exclude=["password"])
    # The person's own keys (second factor, drafts) commit first, as every key does before what it seals.
    ensure_own_keys(user.uid)
    user.save(force_insert=True)
    return user


def _new_invitation(*, user: User, invited_by: User, now: datetime) -> tuple[Invitation, str]:
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        user=user,
        token_digest=digest_of(token),
        invited_by=invited_by,
        invited_at=now,
        expires_at=now + INVITATION_LIFE,
    )
    invitation.token = token
    return invitation, token


def _post(invitation: Invitation, token: str, base_address: str) -> None:
    if base_address:
        transaction.on_commit(lambda: send_invitation(invitation.user, token, base_address))
