"""Orders to erase: asked, approved by two others, cooled off while the case is restricted, checked with her alone.

Nothing here opens a case. What carries an order out is ``cases.actions.erasing``.
"""

import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.action import action
from audit.denials import hand_over
from audit.log import record
from audit.verbs import Outcome, Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import RetentionClass
from casemgmt.accounts.models import User
from cases import access, desk, holds, keeping
from cases.actions.holds import lock_for_desk
from cases.actions.trail import set_due, settle_due
from cases.choices.casework import DueKind
from cases.choices.erasing import ErasureCheck, ErasureGround, ErasureState
from cases.errors.erasing import (
    CaseMustBeClosed,
    CheckNeedsHer,
    DutiesMustStay,
    ErasureIsOpen,
    ErasureIsOver,
    HoldStands,
    NothingToErase,
    NotTheSamePerson,
)
from cases.models import Case, ErasureOrder
from cases.naming import ALPHABET

#: Grounds that are her own wish: nobody may carry them out without having spoken with her alone.
_HER_WISH = (ErasureGround.HER_REQUEST, ErasureGround.CONSENT_WITHDRAWN)
#: What the ledger calls it where records of duties must stay.
DUTIES_KEPT = "DUTIES_KEPT"


def cooling_off() -> timedelta:
    """How long an approved erasure waits (``ERASURE_COOLING_DAYS``)."""
    return timedelta(days=settings.ERASURE_COOLING_DAYS)


def gone_by(order: ErasureOrder) -> date | None:
    """The day after which no backup of the key store can bring the content back; None before it is approved.

    Until the keys are gone it is a forecast: the end of cooling off and the life of a backup (KEYSTORE_BACKUP_DAYS).
    """
    begins = order.keys_gone_at or order.cools_until
    return None if begins is None else timezone.localdate(begins) + timedelta(days=settings.KEYSTORE_BACKUP_DAYS + 1)


# ---- Asking ----


@action
def ask_erasure(
    *, actor: User, now: datetime, case_uid: UUID, classes: Iterable[str], ground: str, reference: str, reason: str
) -> ErasureOrder:
    """Ask for retention classes of a case to be erased; CORE means the whole case, which must be closed.

    Refused at once, with the reasons, while anything holds it or records of duties must stay (``cases.keeping``).
    ``reference`` (of an order or a request) and ``reason`` are sealed under DUTIES.
    Raises Hidden, HoldStands, DutiesMustStay, ErasureIsOpen, NothingToErase, CaseMustBeClosed. Records ERASURE_ASKED, or
    ERASURE_REFUSED.
    """
    case, standing = lock_for_desk(actor, case_uid, now=now)
    if not standing.may_ask:
        raise Hidden
    chosen = {RetentionClass(name).value for name in classes}
    if RetentionClass.CORE in chosen:
        chosen = set(RetentionClass.values)
    left = sorted(chosen - set(case.erasures))
    if not left:
        raise NothingToErase
    if access.within(ErasureOrder, case).filter(state__in=_OPEN).exists():
        raise ErasureIsOpen
    if RetentionClass.CORE in left and not case.is_closed:
        raise CaseMustBeClosed
    _refuse_if_held(actor, case, left)
    _refuse_if_kept(actor, case, left, ErasureGround(ground), now)
    order = ErasureOrder(
        case=case, number=new_number(), section=desk.section_for(case), classes=left, asked_by=actor, asked_at=now,
        terms={"ground": ErasureGround(ground).value, "reference": reference, "reason": reason},
    )  # fmt: skip
    order.save()
    record(
        Verb.ERASURE_ASKED, actor=actor, subject=order, sections=[order.section], fields=["erasure.terms"],
        detail={"order": order.number, "classes": left},
    )  # fmt: skip
    return order


_OPEN = (ErasureState.ASKED, ErasureState.COOLING, ErasureState.ERASING)


def new_number() -> str:
    """The number of an order, like ``ER-7Q4K-29MX``: random, without a meaning."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"ER-{text[:4]}-{text[4:]}"


def what_holds(case: Case, classes: Iterable[str]) -> tuple[list[str], list[str]]:
    """(words, codes) of everything that stands against erasing these classes of a case: placed holds first."""
    wanted = set(classes)
    words, kinds = [], []
    for hold in holds.standing_holds(case):
        if wanted & set(hold.classes):
            words.append(_("a legal hold since %(day)s") % {"day": timezone.localdate(hold.placed_at).isoformat()})
            kinds.append("LEGAL_HOLD")
    for one in holds.provisional_holds(case):
        if wanted & one.classes:
            words.append(str(one.words))
            kinds.append(one.kind)
    return words, kinds


def _refuse_if_held(actor: User, case: Case, classes: Iterable[str], order: ErasureOrder | None = None) -> None:
    words, kinds = what_holds(case, classes)
    if not words:
        return
    # The action ends here and rolls back; that somebody tried is written all the same.
    hand_over(
        Verb.ERASURE_REFUSED, actor=actor, subject=order or case, outcome=Outcome.REFUSED,
        detail={"classes": sorted(classes), "hold": kinds},
    )  # fmt: skip
    raise HoldStands(words, kinds)


def _refuse_if_kept(
    actor: User, case: Case, classes: list[str], ground: str, now: datetime, order: ErasureOrder | None = None
) -> None:
    until = keeping.kept_until(case, classes, ground=ground, today=timezone.localdate(now))
    if until is None:
        return
    hand_over(
        Verb.ERASURE_REFUSED, actor=actor, subject=order or case, outcome=Outcome.REFUSED,
        detail={"classes": sorted(classes), "hold": [DUTIES_KEPT]},
    )  # fmt: skip
    raise DutiesMustStay(until)


# ---- Deciding ----


@action
def approve_erasure(*, actor: User, now: datetime, order_uid: UUID) -> ErasureOrder:
    """One of two approvals, by two people who are neither the asker nor each other. The page asks for a fresh proof.

    With the second one the cooling off begins, and the case is restricted to named people until it ends.
    Raises Hidden, ErasureIsOver, NotTheSamePerson, HoldStands, DutiesMustStay. Records ERASURE_APPROVED and CASE_RESTRICTED.
    """
    order, case, standing = _lock_order(actor, order_uid, now)
    if not standing.may_approve:
        raise Hidden
    if order.state != ErasureState.ASKED:
        raise ErasureIsOver
    if actor.pk in (order.asked_by_id, order.first_by_id):
        raise NotTheSamePerson
    _refuse_if_held(actor, case, order.classes, order)
    with desk.reading_own(order):
        ground = order.terms["ground"]
    _refuse_if_kept(actor, case, order.classes, ground, now, order)
    if order.first_by_id is None:
        order.first_by, order.first_at = actor, now
        order.save(update_fields=["first_by", "first_at"])
    else:
        order.second_by, order.second_at = actor, now
        order.state, order.cools_until = ErasureState.COOLING, now + cooling_off()
        order.was_restricted = case.is_restricted
        order.save(update_fields=["second_by", "second_at", "state", "cools_until", "was_restricted"])
        restrict_for_erasure(actor, case, to=True)
        set_due(
            case=case, section=order.section, kind=DueKind.ERASURE, subject=order, assigned_to=case.lead,
            due_on=timezone.localdate(now + cooling_off() / 2), line=_("Content will be erased: speak with her alone before"),
        )  # fmt: skip
    record(
        Verb.ERASURE_APPROVED, actor=actor, subject=order, sections=[order.section],
        detail={
            "order": order.number, "classes": order.classes, "count": 1 if order.second_by_id is None else 2,
            "until": order.cools_until,
        },
    )  # fmt: skip
    return order


@action
def confirm_erasure(*, actor: User, now: datetime, order_uid: UUID, check: str) -> ErasureOrder:
    """Record the private talk: she was spoken with alone and wants it freely, or could not be reached safely.

    The latter only where the order does not rest on her wish. Without this nothing is ever erased.
    Raises Hidden, ErasureIsOver, CheckNeedsHer. Records ERASURE_CONFIRMED.
    """
    order, _case, standing = _lock_order(actor, order_uid, now)
    if not standing.may_check:
        raise Hidden
    if order.state != ErasureState.COOLING:
        raise ErasureIsOver
    chosen = ErasureCheck(check)
    with desk.reading_own(order):
        if chosen == ErasureCheck.UNREACHED and order.terms["ground"] in _HER_WISH:
            raise CheckNeedsHer
    order.checked_by, order.checked_at, order.talk = actor, now, {"kind": chosen.value}
    order.save(update_fields=["checked_by", "checked_at", "talk"])
    record(
        Verb.ERASURE_CONFIRMED, actor=actor, subject=order, sections=[order.section],
        detail={"order": order.number, "kind": chosen.value},
    )  # fmt: skip
    return order


@action
def stop_erasure(*, actor: User, now: datetime, order_uid: UUID, reason: str) -> ErasureOrder:
    """Stop an erasure before it begins: she changed her mind, or was not free, or somebody of the house says no.

    The case is as open as it was before. Raises Hidden, ErasureIsOver. Records ERASURE_STOPPED.
    """
    order, case, standing = _lock_order(actor, order_uid, now)
    if not standing.may_stop:
        raise Hidden
    if order.state not in (ErasureState.ASKED, ErasureState.COOLING):
        raise ErasureIsOver
    was_cooling = order.state == ErasureState.COOLING
    order.state, order.stopped_by, order.stopped_at = ErasureState.STOPPED, actor, now
    order.stopped_why = reason
    order.save(update_fields=["state", "stopped_by", "stopped_at", "stopped_why"])
    settle_due(case=case, subject_uid=order.uid, now=now)
    record(
        Verb.ERASURE_STOPPED, actor=actor, subject=order, sections=[order.section], fields=["erasure.stopped_why"],
        detail={"order": order.number, "classes": order.classes},
    )  # fmt: skip
    if was_cooling:
        restrict_for_erasure(actor, case, to=order.was_restricted)
    return order


def _lock_order(actor: User, order_uid: UUID, now: datetime) -> tuple[ErasureOrder, Case, desk.Standing]:
    found = access.for_the_house(ErasureOrder).select_related("case").filter(uid=order_uid).first()
    if found is None:
        raise Hidden
    case, standing = lock_for_desk(actor, found.case.uid, now=now)
    return access.within(ErasureOrder, case).get(uid=order_uid), case, standing


def restrict_for_erasure(actor: User | None, case: Case, *, to: bool) -> None:
    """Close the case to teams, or open it again to them; what it was before an erasure is kept on the order."""
    if case.is_restricted != to:
        case.is_restricted = to
        case.save(update_fields=["is_restricted"])
        record(Verb.CASE_RESTRICTED if to else Verb.CASE_UNRESTRICTED, actor=actor, subject=case)
