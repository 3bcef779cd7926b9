"""Emergency access: minutes of the least that helps, told to the supervisor at once and looked at afterwards.

From an exact case number, or an exact name with a telephone number; by staff of the organisation that keeps the case.
A wall beats it: a walled person reads what somebody reads who made a slip. No review, however late, blocks the next one.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import clock
from audit.action import action
from audit.denials import hand_over
from audit.log import record
from audit.models import Event
from audit.verbs import READINGS, Outcome, Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from cases import access, desk
from cases.actions.grants import write_grant
from cases.actions.kinds import PERMISSIONS_OF_KIND, ROLES_OF_KIND
from cases.actions.trail import add_line, notify, set_due, settle_due
from cases.actions.walls import is_walled
from cases.choices.casework import DueKind
from cases.choices.sharing import EmergencyFinding, GrantKind
from cases.emergency_search import case_of_number, case_of_person
from cases.errors.guarding import (
    EmergencyIsReviewed,
    NothingFoundInEmergency,
    NotOwnEmergency,
    ReasonTooShort,
    TooManyEmergencyTries,
)
from cases.models import AccessGrant, Case, EmergencyAccess
from cases.windows import EMERGENCY_LIMIT

SHORTEST_REASON = 20
#: So many names that fit nobody within an hour; then only a number helps. Numbers cannot be guessed, names can.
MOST_TRIES = 5
TRIES_WITHIN = timedelta(hours=1)
REVIEW_WORKING_DAYS = 2
NOTICE_OPENED, NOTICE_OVERDUE, NOTICE_MISUSED = "EMERGENCY_OPENED", "EMERGENCY_OVERDUE", "EMERGENCY_MISUSED"
#: So many openings stand on one page, the newest; the report says when there are more.
MOST_SHOWN = 200
_HOUSE = (Role.PRIVACY_OFFICER, Role.DIRECTOR)


@action
def take_emergency_access(
    *, actor: User, now: datetime, reason: str, number: str = "", names: str = "", phone: str = ""
) -> EmergencyAccess:
    """Open card, identity and safety of one case for at most an hour. The page has asked for a fresh proof before.

    Named by ``number``, or by ``names`` and ``phone`` together. Raises Hidden (a role that may not), ReasonTooShort,
    TooManyEmergencyTries, NothingFoundInEmergency. Records EMERGENCY_OPENED, refused ones without a case, and ACCESS_GRANTED.
    """
    if not (
        actor.is_active and actor.organisation.is_ours and actor.holds_role(*ROLES_OF_KIND[GrantKind.EMERGENCY], at=now)
    ):
        raise Hidden
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonTooShort
    how = "NUMBER" if number.strip() else "PERSON"
    if how == "PERSON" and _tries_of(actor, now) >= MOST_TRIES:
        raise TooManyEmergencyTries
    found = case_of_number(actor, number) if how == "NUMBER" else case_of_person(actor, names, phone)
    case = access.lock_unless_walled(actor, found)
    if case is None:
        # The same for a slip, another organisation's case and a wall. That somebody tried is written all the same.
        hand_over(Verb.EMERGENCY_OPENED, actor=actor, outcome=Outcome.REFUSED, detail={"kind": how})
        raise NothingFoundInEmergency
    until = now + EMERGENCY_LIMIT
    grant = write_grant(
        actor=actor, now=now, case=case, person=actor, kind=GrantKind.EMERGENCY, until=until,
        permissions=PERMISSIONS_OF_KIND[GrantKind.EMERGENCY],
    )  # fmt: skip
    opened = EmergencyAccess(
        case=case, section=desk.section_for(case), grant=grant, opened_by=actor, opened_at=now, found_by=how,
        reason=reason.strip(), review_on=working_days_after(timezone.localdate(now, actor.zone), REVIEW_WORKING_DAYS),
    )  # fmt: skip
    opened.save()
    _tell(opened, now=now)
    record(
        Verb.EMERGENCY_OPENED, actor=actor, subject=opened, refs=[grant],
        basis=_basis(grant), sections=[Section.CARD, Section.IDENTITY, Section.SAFETY], fields=["emergency.reason"],
        detail={"kind": how, "until": until},
    )  # fmt: skip
    return opened


def _basis(grant: AccessGrant) -> dict[str, str]:
    return {"grant": str(grant.uid), "kind": grant.kind, "until": grant.expires_at.isoformat()}


def _tries_of(actor: User, now: datetime) -> int:
    """How many names this person has tried in vain within the hour."""
    tried = Event.objects.filter(
        verb=Verb.EMERGENCY_OPENED, outcome=Outcome.REFUSED, actor_uid=actor.uid, at__gt=now - TRIES_WITHIN
    ).select_related("detail")
    return sum((event.detail.content or {}).get("codes", {}).get("kind") == "PERSON" for event in tried)


def working_days_after(day: date, days: int) -> date:
    """So many working days (Monday to Friday) after a day."""
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def _tell(opened: EmergencyAccess, *, now: datetime) -> None:
    """At once: a notice for the supervisors without a word of content, a line on the case, and a date for the review."""
    case = opened.case
    told = supervisors_of(case, now=now, but=opened.opened_by)
    for person in told or officers_of(case, now=now, but=opened.opened_by):
        notify(person=person, kind=NOTICE_OPENED, about=opened, now=now, case=case)
    add_line(
        case=case, section=opened.section, kind=Verb.EMERGENCY_OPENED, subject=opened, author=opened.opened_by, at=now,
        line=_("Emergency access by %(who)s") % {"who": opened.opened_by.name},
    )  # fmt: skip
    set_due(
        case=case, section=Section.CARD, kind=DueKind.EMERGENCY_REVIEW, subject=opened, due_on=opened.review_on,
        line=_("Review an emergency access"), assigned_to=told[0] if told else None,
    )  # fmt: skip


def supervisors_of(case: Case, *, now: datetime, but: User) -> list[User]:
    """Who supervises this case, by name, or its team: those whom no wall keeps away, and never the one named."""
    people = {one.grant.person for one in access.who_can_see(case, at=now) if one.grant.kind == GrantKind.SUPERVISION}
    rows = case.team.memberships.live(now).supervising().filter(user__is_active=True).select_related("user")
    people |= {row.user for row in rows}
    able = [one for one in people if one is not None and one.is_active and one.pk != but.pk]
    return sorted((one for one in able if not is_walled(one, case)), key=lambda one: (one.name, one.pk))


def officers_of(case: Case, *, now: datetime, but: User) -> list[User]:
    """The privacy officers and directors of the house that keeps the case, never the one named."""
    found = User.objects.holding(*_HOUSE, at=now).filter(organisation=case.organisation_id).exclude(pk=but.pk)
    return [one for one in found.by_name() if not is_walled(one, case)]


# ---- Looking at it afterwards ----


def may_review(actor: User, opened: EmergencyAccess, *, at: datetime, standing: desk.Standing | None = None) -> bool:
    """Whether this person may review it: a supervisor of the case or its team, the privacy officer, a director; another.

    ``standing``: hers on the case, where it was looked up for many.
    """
    if not actor.is_active or actor.pk == opened.opened_by_id:
        return False
    standing = standing or desk.Standing(actor, opened.case, at=at)
    if standing.is_privacy_officer or standing.is_director:
        return True
    return actor in supervisors_of(opened.case, now=at, but=opened.opened_by)


def openings_known_to(actor: User, *, at: datetime) -> QuerySet[EmergencyAccess]:
    """The emergency accesses this person may know of: of the house, or of the teams and cases supervised."""
    rows = access.for_the_house(EmergencyAccess).filter(case__organisation_id=actor.organisation_id)
    rows = rows.exclude(case__in=access.walled_cases(actor)).select_related(
        "case", "case__team", "case__organisation", "case__lead", "grant", "opened_by", "reviewed_by"
    )  # fmt: skip
    if actor.holds_role(*_HOUSE, at=at):
        return rows
    if not actor.holds_role(Role.SUPERVISOR, at=at):
        return rows.none()
    teams = actor.memberships.supervising().live(at).values("team")
    mine = access.grants_with_grounds().filter(
        person=actor, kind=GrantKind.SUPERVISION, valid_from__lte=at, expires_at__gt=at, revoked_at__isnull=True
    )
    return rows.filter(Q(case__team__in=teams) | Q(case__in=mine.values("case")))


def openings_for(actor: User, *, at: datetime) -> list[EmergencyAccess]:
    """The newest of them. One by its uid, or all of a time: ``openings_known_to``."""
    return list(openings_known_to(actor, at=at).order_by("-opened_at", "-pk")[:MOST_SHOWN])


def is_late(today: date) -> Q:
    """That the day of the review is over, or the review was passed on, and nobody has done it."""
    return Q(reviewed_at__isnull=True) & (Q(review_on__lt=today) | Q(escalated_at__isnull=False))


def reviews_for(actor: User, *, at: datetime) -> list[EmergencyAccess]:
    """What waits for this person's review, the oldest date first."""
    waiting = list(openings_known_to(actor, at=at).filter(reviewed_at__isnull=True).exclude(opened_by=actor))
    each = desk.Standing.of_each(actor, [one.case for one in waiting], at=at)
    hers = [one for one in waiting if may_review(actor, one, at=at, standing=each[one.case.pk])]
    return sorted(hers, key=lambda one: (one.review_on, one.pk))


def what_was_opened(opened: EmergencyAccess) -> list[Event]:
    """What that person looked at on this case while the access lasted, from the ledger, oldest first."""
    until = access.end_of(opened.grant)
    seen = Event.objects.filter(
        case_uid=opened.case.uid, actor_uid=opened.opened_by.uid, at__gte=opened.opened_at, at__lte=until,
        verb__in=sorted(READINGS),
    )  # fmt: skip
    return list(seen.order_by("pk"))


@action
def review_emergency(*, actor: User, now: datetime, opened_uid: UUID, finding: str, words: str = "") -> EmergencyAccess:
    """Say what came of looking at it. Of misuse the director and the privacy officer hear at once.

    Raises Hidden, NotOwnEmergency, EmergencyIsReviewed. Records EMERGENCY_REVIEWED.
    """
    found = access.for_the_house(EmergencyAccess).select_related("case").filter(uid=opened_uid).first()
    if found is None:
        raise Hidden
    case = access.lock_case(found.case.uid)
    opened = access.within(EmergencyAccess, case).select_related("opened_by", "grant").get(uid=opened_uid)
    opened.case = case
    if not may_review(actor, opened, at=now):
        if actor.pk == opened.opened_by_id and not is_walled(actor, case):
            raise NotOwnEmergency
        raise Hidden
    if opened.reviewed_at is not None:
        raise EmergencyIsReviewed
    opened.reviewed_by, opened.reviewed_at, opened.finding = actor, now, EmergencyFinding(finding).value
    changed = ["reviewed_by", "reviewed_at", "finding"]
    if not case.has_erased(opened.section):
        opened.review_words = words or None
        changed.append("review_words")
    opened.save(update_fields=changed)
    settle_due(case=case, subject_uid=opened.uid, now=now)
    if opened.finding == EmergencyFinding.MISUSED:
        for person in officers_of(case, now=now, but=actor):
            notify(person=person, kind=NOTICE_MISUSED, about=opened, now=now, case=case)
    record(
        Verb.EMERGENCY_REVIEWED, actor=actor, subject=opened, sections=[opened.section], fields=["emergency.review_words"],
        detail={"kind": opened.finding},
    )  # fmt: skip
    return opened


def escalate_overdue_reviews() -> int:
    """Pass on every review whose day is over everywhere on earth; each case in a transaction. For the schedule."""
    late = access.for_the_house(EmergencyAccess).filter(reviewed_at__isnull=True, escalated_at__isnull=True)
    rows = late.filter(review_on__lt=(clock.now() - timedelta(hours=12)).date()).order_by("review_on", "pk")
    uids = list(rows.values_list("uid", flat=True))
    return sum(escalate_review(actor=None, now=clock.now(), opened_uid=uid) is not None for uid in uids)


@action
def escalate_review(*, actor: None, now: datetime, opened_uid: UUID) -> EmergencyAccess | None:
    """Tell director and privacy officer of a review that nobody did in time. Once; None where it was done meanwhile.

    Records EMERGENCY_ESCALATED.
    """
    found = access.for_the_house(EmergencyAccess).select_related("case").get(uid=opened_uid)
    case = access.lock_case(found.case.uid)
    opened = access.within(EmergencyAccess, case).select_related("opened_by").get(uid=opened_uid)
    if opened.reviewed_at is not None or opened.escalated_at is not None:
        return None
    opened.case, opened.escalated_at = case, now
    opened.save(update_fields=["escalated_at"])
    told = officers_of(case, now=now, but=opened.opened_by)
    for person in told:
        notify(person=person, kind=NOTICE_OVERDUE, about=opened, now=now, case=case)
    record(Verb.EMERGENCY_ESCALATED, actor=None, subject=opened, refs=told)
    return opened
