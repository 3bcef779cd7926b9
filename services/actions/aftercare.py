"""Aftercare: services given, and shelter stays. A stay opens the house's own section to the shelter, and nothing else."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.models import Team, User
from cases import access, codes
from cases.actions.grants import change_end, give_residence
from cases.actions.trail import add_line
from cases.choices.configuration import ListName
from services.choices import SHELTER_SERVICES, UNIT_OF_SERVICE, ExitTo, Mode, ServiceOutcome, ServiceType
from services.errors import DatesTheWrongWayRound, StayIsOpen
from services.models import Goal, ServiceRecord, ShelterStay

#: The shelter keeps its view of a stay this long after the exit, to hand over (docs/access.md, RESIDENCE).
AFTER_EXIT = timedelta(hours=72)
#: Lines about a stay stand with the caseworkers' notes: services may be released to outsiders, a shelter never.
NOT_RELEASED = Section.ADVOCACY


@action
def record_service(
    *, actor: User, now: datetime, case_uid: UUID, given_on: date, service: str, quantity: Decimal, outcome: str, mode: str,
    provider: str = "", remark: str = "", goal_uid: UUID | None = None,
) -> ServiceRecord:  # fmt: skip
    """Record one service given on one day, in the unit of its type, and the goal it was given towards, if any.

    ``given_on`` is a local calendar date. Raises Hidden, Refused, CaseIsClosed. Records SERVICE_RECORDED.
    """
    held = access.lock_for_write(actor, case_uid, Section.SERVICES)
    # Unit and who may know follow the shipped type; the record keeps the one that was chosen.
    service_type = ServiceType(codes.base(ListName.SERVICE_TYPE, service))
    goal = access.within(Goal, held.case).filter(uid=goal_uid).first() if goal_uid else None
    if goal_uid and goal is None:
        raise Hidden
    given = ServiceRecord(
        case=held.case, given_on=given_on, goal=goal, provider=provider, remark=remark, recorded_by=actor, recorded_at=now,
        facts={
            "service": service, "quantity": str(quantity), "unit": str(UNIT_OF_SERVICE[service_type]),
            "outcome": ServiceOutcome(outcome).value, "mode": Mode(mode).value,
        },
    )  # fmt: skip
    given.save()
    add_line(
        case=held.case, section=NOT_RELEASED if service_type in SHELTER_SERVICES else Section.SERVICES,
        kind=Verb.SERVICE_RECORDED, subject=given, author=actor,
        at=min(now, datetime.combine(given_on, time(12), UTC)),
        line=f"{codes.label(ListName.SERVICE_TYPE, service)}: {ServiceOutcome(outcome).label}",
    )  # fmt: skip
    record(Verb.SERVICE_RECORDED, actor=actor, subject=given, held=held, sections=[Section.SERVICES])
    return given


@action
def begin_stay(
    *, actor: User, now: datetime, case_uid: UUID, team: Team, entered_on: date, room: str = ""
) -> ShelterStay:
    """She moves into a shelter of the house. Its team gets RESIDENCE access; no address is written anywhere.

    What another shelter could still see after her exit ends at once: nobody there may learn where she went. For
    whoever writes SERVICES (the caseworker). Raises Hidden, Refused, CaseIsClosed, StayIsOpen, NotForThisRole.
    Records STAY_BEGAN (and ACCESS_CHANGED).
    """
    held = access.lock_for_write(actor, case_uid, Section.SERVICES)
    if access.within(ShelterStay, held.case).filter(left_on__isnull=True).exists():
        raise StayIsOpen
    elsewhere = access.within(ShelterStay, held.case).exclude(team=team).filter(grant__expires_at__gt=now)
    for earlier in elsewhere.select_related("grant"):
        if earlier.grant is not None:
            change_end(actor=actor, now=now, grant=earlier.grant, until=now)
    grant = give_residence(actor=actor, now=now, case=held.case, team=team)
    stay = ShelterStay(case=held.case, team=team, entered_on=entered_on, room=room, grant=grant)
    stay.save()
    held.case.open_services += 1
    held.case.save(update_fields=["open_services"])
    add_line(
        case=held.case, section=NOT_RELEASED, kind=Verb.STAY_BEGAN, subject=stay, author=actor, at=now,
        line=_("Shelter stay began"),
    )  # fmt: skip
    record(Verb.STAY_BEGAN, actor=actor, subject=stay, held=held, sections=[Section.SHELTER_OPS])
    return stay


@action
def end_stay(*, actor: User, now: datetime, stay_uid: UUID, left_on: date, exit_to: str) -> ShelterStay:
    """She leaves the shelter. Its access ends 72 hours after the exit. The day of exit is not counted as a night.

    For the shelter's staff or the caseworker. Raises Hidden, Refused, DatesTheWrongWayRound. Records STAY_ENDED.
    """
    found = access.for_the_house(ShelterStay).select_related("case").filter(uid=stay_uid).first()
    if found is None:
        raise Hidden
    holding = access.get_for(actor, found.case.uid).holding
    section = Section.SHELTER_OPS if holding and holding.writes(Section.SHELTER_OPS) else Section.SERVICES
    held = access.lock_for_write(actor, found.case.uid, section)
    stay = access.within(ShelterStay, held.case).select_related("grant").get(uid=stay_uid)
    if stay.left_on is not None:
        return stay
    if left_on < stay.entered_on:
        raise DatesTheWrongWayRound
    stay.left_on, stay.exit_facts = left_on, {"to": ExitTo(exit_to).value}
    stay.save(update_fields=["left_on", "exit_facts"])
    if stay.grant is not None:
        change_end(actor=actor, now=now, grant=stay.grant, until=now + AFTER_EXIT)
    held.case.open_services -= 1
    held.case.save(update_fields=["open_services"])
    add_line(
        case=held.case, section=NOT_RELEASED, kind=Verb.STAY_ENDED, subject=stay, author=actor, at=now,
        line=_("Shelter stay ended"),
    )  # fmt: skip
    record(Verb.STAY_ENDED, actor=actor, subject=stay, held=held, sections=[Section.SHELTER_OPS])
    return stay


def nights(stay: ShelterStay, today: date) -> int:
    """How many nights a stay has had; the day of exit is not counted."""
    return ((stay.left_on or today) - stay.entered_on).days
