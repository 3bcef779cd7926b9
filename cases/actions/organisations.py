"""Organisations that work with the house: suspended in doubt, restored, or their agreement ends. One act each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Refused
from casemgmt.accounts.actions.absences import rest, wake
from casemgmt.accounts.choices import AbsenceKind, Role
from casemgmt.accounts.errors import AlreadyResting, NotResting, OwnHouse
from casemgmt.accounts.models import Incident, Organisation, User
from casemgmt.accounts.permits import answers_for_the_house, holds_in_the_house
from casemgmt.accounts.telling import tell
from cases import access
from cases.actions.handing import leave_to_interim
from cases.actions.people import end_grants, end_turns
from cases.choices.sharing import PeopleChangeKind
from cases.errors.casework import ChangedMeanwhile
from cases.leaving import Consequences, foresee
from cases.models import AccessGrant, PeopleChange

INCIDENT_SUSPENDED = "ORGANISATION_SUSPENDED"
#: Who may suspend: in doubt it does not wait for the director.
SUSPENDING_ROLES = (Role.DIRECTOR, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR)


def may_suspend(actor: User, now: datetime) -> bool:
    """Whether this person may suspend an organisation."""
    return answers_for_the_house(actor, now)


def may_restore(actor: User, now: datetime) -> bool:
    """Whether this person may restore it, or end its agreement: director or privacy officer; an administrator not alone."""
    return holds_in_the_house(actor, Role.DIRECTOR, Role.PRIVACY_OFFICER, at=now)


def _locked(organisation: Organisation) -> Organisation:
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if organisation.is_ours:
        raise OwnHouse
    return organisation


def _people_of(organisation: Organisation) -> list[User]:
    rows = User.objects.select_for_update(of=("self",)).filter(organisation=organisation).order_by("pk")
    return list(rows.select_related("organisation"))


@action
def suspend_organisation(*, actor: User, now: datetime, organisation: Organisation) -> PeopleChange:
    """Put every access of an organisation's people to rest, and open an incident. Nothing is taken away for good.

    Also accounts that were invited and not opened yet stay closed until it is restored.
    Raises Refused, OwnHouse, AlreadyResting. Records ORGANISATION_SUSPENDED and INCIDENT_OPENED.
    """
    if not may_suspend(actor, now):
        raise Refused
    organisation = _locked(organisation)
    if organisation.suspended_at is not None:
        raise AlreadyResting
    organisation.suspended_at = now
    organisation.save(update_fields=["suspended_at"])
    resting = 0
    for person in _people_of(organisation):
        # Also of those who rest for another reason: who comes back meanwhile must open with the others, and not before.
        if person.is_active or person.absences.filter(ended_at__isnull=True).exists():
            rest(actor=actor, now=now, user=person, kind=AbsenceKind.SUSPENDED)
            resting += 1
    change = PeopleChange(
        kind=PeopleChangeKind.SUSPENDED, organisation=organisation, at=now, by=actor, counts={"people": resting}
    )
    change.save()
    record(Verb.ORGANISATION_SUSPENDED, actor=actor, subject=organisation, refs=[change], detail={"ended": resting})
    incident = Incident.objects.create(
        kind=INCIDENT_SUSPENDED, organisation=organisation, opened_at=now, opened_by=actor
    )
    officers = User.objects.holding(Role.DIRECTOR, Role.PRIVACY_OFFICER, at=now).filter(organisation__is_ours=True)
    tell(officers.exclude(pk=actor.pk), Verb.INCIDENT_OPENED, incident, now)
    record(
        Verb.INCIDENT_OPENED, actor=actor, subject=incident, refs=[organisation], detail={"kind": INCIDENT_SUSPENDED}
    )
    return change


@action
def restore_organisation(*, actor: User, now: datetime, organisation: Organisation) -> PeopleChange:
    """Wake what the suspension put to rest. The incident stays open until somebody closes it.

    Raises Refused, OwnHouse, NotResting. Records ORGANISATION_RESTORED.
    """
    if not may_restore(actor, now):
        raise Refused
    organisation = _locked(organisation)
    if organisation.suspended_at is None:
        raise NotResting
    organisation.suspended_at = None
    organisation.save(update_fields=["suspended_at"])
    woken = 0
    for person in _people_of(organisation):
        for absence in person.absences.filter(kind=AbsenceKind.SUSPENDED, ended_at__isnull=True):
            absence.user = person
            woken += wake(actor=actor, now=now, absence=absence)
    change = PeopleChange(
        kind=PeopleChangeKind.RESTORED, organisation=organisation, at=now, by=actor, counts={"people": woken}
    )
    change.save()
    record(Verb.ORGANISATION_RESTORED, actor=actor, subject=organisation, refs=[change], detail={"count": woken})
    return change


@action
def open_incident(*, actor: User, now: datetime, kind: str, refs: Sequence[Any] = ()) -> Incident:
    """Open an incident of the house, for its directors and privacy officers to look into. Records INCIDENT_OPENED."""
    incident = Incident.objects.create(kind=kind, organisation=None, opened_at=now, opened_by=actor)
    officers = User.objects.holding(Role.DIRECTOR, Role.PRIVACY_OFFICER, at=now).filter(organisation__is_ours=True)
    tell(officers.exclude(pk=actor.pk), Verb.INCIDENT_OPENED, incident, now)
    record(Verb.INCIDENT_OPENED, actor=actor, subject=incident, refs=refs, detail={"kind": kind})
    return incident


@action
def close_incident(*, actor: User, now: datetime, incident: Incident) -> Incident:
    """Say that an incident has been looked into. Raises Refused, NotResting (closed before). Records INCIDENT_CLOSED."""
    if not may_restore(actor, now):
        raise Refused
    incident = Incident.objects.select_for_update().get(pk=incident.pk)
    if incident.closed_at is not None:
        raise NotResting
    incident.closed_at, incident.closed_by = now, actor
    incident.save(update_fields=["closed_at", "closed_by"])
    record(Verb.INCIDENT_CLOSED, actor=actor, subject=incident, detail={"kind": incident.kind})
    return incident


def foresee_agreement(organisation: Organisation, now: datetime) -> list[Consequences]:
    """What the end of the agreement means for each of its people. Eleven queries a person."""
    people = User.objects.filter(organisation=organisation).select_related("organisation").by_name()
    return [foresee(person, PeopleChangeKind.AGREEMENT_ENDED, now) for person in people]


def grants_to_teams(organisation: Organisation, now: datetime) -> list[AccessGrant]:
    """Access that the organisation's teams hold now."""
    rows = access.grants_with_grounds().filter(team__organisation=organisation, revoked_at__isnull=True)
    return [grant for grant in rows.filter(expires_at__gt=now).order_by("pk") if access.end_of(grant) > now]


def total(found: list[Consequences]) -> dict[str, int]:
    """The counts of several people together."""
    return {
        name: sum(one.counts[name] for one in found) for name in ("access", "kept", "cases", "led", "tasks", "dates")
    }


@action
def end_agreement(*, actor: User, now: datetime, organisation: Organisation) -> PeopleChange:
    """The agreement with an organisation ends, now: every access of its people to this house's records ends.

    An attorney's own file stays until her engagement ends: the agreement is the house's, the client is hers. Whoever
    holds no such file has the account closed. Raises Refused, OwnHouse, AlreadyResting, ChangedMeanwhile.
    Records ORGANISATION_CHANGED (status AGREEMENT_ENDED), and ACCESS_REVOKED for each access.
    """
    if not may_restore(actor, now):
        raise Refused
    found, of_teams = foresee_agreement(organisation, now), grants_to_teams(organisation, now)
    keys = {key for one in found for key in one.case_keys} | {grant.case_id for grant in of_teams}
    access.lock_cases(keys)
    organisation = _locked(organisation)
    people = {person.pk: person for person in _people_of(organisation)}
    if organisation.agreement_ended_at is not None:
        raise AlreadyResting
    found, of_teams = foresee_agreement(organisation, now), grants_to_teams(organisation, now)
    if not {key for one in found for key in one.case_keys} | {grant.case_id for grant in of_teams} <= keys:
        raise ChangedMeanwhile
    organisation.agreement_ended_at = now
    organisation.save(update_fields=["agreement_ended_at"])
    counts = {**total(found), "teams": len(of_teams)}
    change = PeopleChange(
        kind=PeopleChangeKind.AGREEMENT_ENDED, organisation=organisation, at=now, by=actor, counts=counts
    )
    change.save()
    end_grants(actor, now, of_teams)
    for one in found:
        end_turns(actor, now, one)
        end_grants(actor, now, one.grants)
        leave_to_interim(actor=actor, now=now, change=change, found=one)
        person = people[one.person.pk]
        if not one.kept and person.is_active:
            absence = rest(actor=actor, now=now, user=person, kind=AbsenceKind.LEFT)
            record(Verb.USER_DEACTIVATED, actor=actor, subject=person, refs=[absence])
    record(
        Verb.ORGANISATION_CHANGED, actor=actor, subject=organisation, refs=[change],
        detail={"status": "AGREEMENT_ENDED", "count": counts["access"] + len(of_teams)},
    )  # fmt: skip
    return change
