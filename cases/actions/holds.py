"""Legal holds: set, looked at again, lifted. They never open the case; they keep it from being erased."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import RetentionClass
from casemgmt.accounts.models import User
from cases import access, desk
from cases.actions.trail import set_due, settle_due
from cases.choices.casework import DueKind
from cases.choices.erasing import HoldAuthority
from cases.errors.erasing import DayHasPassed, HoldIsLifted, NothingToErase
from cases.models import Case, LegalHold


def lock_for_desk(actor: User, case_uid: UUID, *, now: datetime) -> tuple[Case, desk.Standing]:
    """Lock a case for an act of the desk, which opens nothing. Raises Hidden for whoever has no part in it."""
    case = access.lock_case(case_uid)
    standing = desk.Standing(actor, case, at=now)
    if not standing.sees:
        raise Hidden
    return case, standing


@action
def place_hold(
    *, actor: User, now: datetime, case_uid: UUID, authority: str, reason: str, review_on: date,
    classes: Iterable[str] = (),
) -> LegalHold:  # fmt: skip
    """Keep retention classes of a case (all, if none is named) from being erased, until somebody lifts the hold.

    ``review_on`` is a local calendar date: then it is on the lists. An erasure under way is not stopped by this, it
    is refused when its time comes. Raises Hidden, NothingToErase, DayHasPassed. Records HOLD_PLACED.
    """
    case, standing = lock_for_desk(actor, case_uid, now=now)
    if not standing.may_hold:
        raise Hidden
    chosen = {RetentionClass(name).value for name in classes} or set(RetentionClass.values)
    left = sorted(chosen - set(case.erasures))
    if not left or case.is_erased:
        raise NothingToErase
    if review_on <= now.astimezone(actor.zone).date():
        raise DayHasPassed
    hold = LegalHold(
        case=case, section=desk.section_for(case), classes=left, review_on=review_on, placed_by=actor, placed_at=now,
        terms={"authority": HoldAuthority(authority).value, "reason": reason},
    )  # fmt: skip
    hold.save()
    set_due(
        case=case, section=hold.section, kind=DueKind.HOLD_REVIEW, subject=hold, due_on=review_on, assigned_to=actor,
        line=_("Is the legal hold still needed?"),
    )  # fmt: skip
    record(
        Verb.HOLD_PLACED, actor=actor, subject=hold, sections=[hold.section], fields=["hold.terms"],
        detail={"hold": hold.uid, "classes": left},
    )  # fmt: skip
    return hold


@action
def lift_hold(*, actor: User, now: datetime, hold_uid: UUID, reason: str) -> LegalHold:
    """End a hold. What it kept may be erased again, by an order of its own. Raises Hidden, HoldIsLifted.

    Records HOLD_LIFTED.
    """
    found = access.for_the_house(LegalHold).select_related("case").filter(uid=hold_uid).first()
    if found is None:
        raise Hidden
    case, standing = lock_for_desk(actor, found.case.uid, now=now)
    if not standing.may_hold:
        raise Hidden
    hold = access.within(LegalHold, case).get(uid=hold_uid)
    if hold.lifted_at is not None:
        raise HoldIsLifted
    hold.lifted_by, hold.lifted_at = actor, now
    changed = ["lifted_by", "lifted_at"]
    if not case.has_erased(hold.section):
        # Where the class that sealed its words is erased, nothing can be sealed there.
        hold.lifted_why = reason
        changed.append("lifted_why")
    hold.save(update_fields=changed)
    settle_due(case=case, subject_uid=hold.uid, now=now)
    record(
        Verb.HOLD_LIFTED, actor=actor, subject=hold, sections=[hold.section], fields=["hold.lifted_why"],
        detail={"hold": hold.uid, "classes": hold.classes},
    )  # fmt: skip
    return hold
