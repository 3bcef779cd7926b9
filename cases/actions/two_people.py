"""The rule of two people: what leaves the organisation with weight opens nothing until a second person has agreed.

The second person is neither who proposed it nor who gets it: a supervisor of the case, or, without seeing any of its
content, the privacy officer or a director; in a declared degraded mode the second person from outside.
"""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.accounts.permits import degraded_mode_of, is_second_approver
from cases import access, desk
from cases.actions.engagements import put_engagement_on_list
from cases.actions.trail import add_line, notify
from cases.choices.notices import NOTICE_MATTER
from cases.choices.sharing import GrantKind
from cases.errors.releases import ReleaseHasEnded
from cases.errors.sharing import NotTheSecondPerson
from cases.minors import age_of
from cases.models import AccessGrant, Case

NOTICE_WAITS, NOTICE_APPROVED, NOTICE_DECLINED = "ACCESS_WAITS", "ACCESS_APPROVED", "ACCESS_DECLINED"


def is_minor(actor: User, case: Case, now: datetime) -> bool:
    """Whether the survivor is known to be a minor. Inside an action that holds the case. Records JOB_RUN."""
    found, _alerts = age_of(actor, case, now)
    return found is True


def may_decide(actor: User, grant: AccessGrant, *, at: datetime, standing: desk.Standing | None = None) -> bool:
    """Whether this person may be the second one for this access. Somebody whom a wall keeps away may not.

    ``standing``: hers on the grant's case, where it was looked up for many.
    """
    if not actor.is_active or actor.pk in (grant.granted_by_id, grant.person_id):
        return False
    standing = standing or desk.Standing(actor, grant.case, at=at)
    if standing.supervises or standing.is_privacy_officer or standing.is_director:
        return True
    return is_second_approver(actor, grant.granted_by, at)


def tell_second_people(*, grant: AccessGrant, now: datetime) -> None:
    """A notice for whoever may be the second person: the case's supervisors, else privacy officer and director, else, in
    a declared degraded mode, the second person from outside.

    It says that something waits, not what. Inside the action that proposed the access.
    """
    case = grant.case
    grants = [viewer.grant for viewer in access.who_can_see(case, at=now)]
    asked = [grant.person for grant in grants if grant.kind == GrantKind.SUPERVISION]
    house = User.objects.holding(Role.PRIVACY_OFFICER, Role.DIRECTOR, at=now).filter(organisation=case.organisation_id)
    able = [person for person in asked if person is not None and may_decide(person, grant, at=now)]
    able = able or [person for person in house.by_name() if may_decide(person, grant, at=now)]
    mode = degraded_mode_of(grant.granted_by, now)
    if not able and mode is not None and may_decide(mode.second_approver, grant, at=now):
        able = [mode.second_approver]
    for person in able:
        notify(person=person, kind=NOTICE_WAITS, about=grant, now=now, case=case)


def waiting_for(actor: User, *, at: datetime) -> list[AccessGrant]:
    """The accesses that this person may decide on, oldest first. What waits under another one is decided with it."""
    found = access.waiting_grants().filter(waits_since__lte=at).select_related(
        "granted_by", "person__organisation", "case__organisation", "release__recipient"
    )  # fmt: skip
    rows = found.exclude(granted_by=actor).exclude(person=actor).exclude(case__in=access.walled_cases(actor))
    heads = [grant for grant in rows.order_by("waits_since", "pk") if not (grant.parent and grant.parent.is_waiting)]
    each = desk.Standing.of_each(actor, [grant.case for grant in heads], at=at)
    return [grant for grant in heads if may_decide(actor, grant, at=at, standing=each[grant.case.pk])]


def waiting_under(grant: AccessGrant) -> list[AccessGrant]:
    """The accesses that wait under this one: they are decided together."""
    return list(access.waiting_grants().filter(parent=grant).order_by("pk"))


@action
def approve_access(*, actor: User, now: datetime, grant_uid: UUID) -> AccessGrant:
    """Say yes as the second person: the access begins now, with what waits under it. The page asks for a fresh proof.

    Raises Hidden, NotTheSecondPerson, ReleaseHasEnded. Records ACCESS_APPROVED for each.
    """
    grant = _lock_waiting(actor, grant_uid, now)
    under = waiting_under(grant)
    for one in [grant, *under]:
        if (one.release and not one.release.in_force(now)) or one.expires_at <= now:
            raise ReleaseHasEnded
    grant.second_by = actor
    _tell(grant, NOTICE_APPROVED, now=now)
    if grant.person is not None:
        notify(person=grant.person, kind=NOTICE_MATTER, about=grant.matter or grant, now=now, case=grant.case)
    for one in [grant, *under]:
        if one.pk != grant.pk:
            one.parent = grant  # as it stands now: what waits under it ends with it
        one.second_by, one.approved_at = actor, now
        # The window was counted from the proposal and keeps its end: waiting makes no access longer.
        one.valid_from = max(one.valid_from, now)
        one.save(update_fields=["second_by", "approved_at", "valid_from"])
        access.materialise(one)
        put_engagement_on_list(one)
        record(
            Verb.ACCESS_APPROVED, actor=actor, subject=one, refs=[one.person],
            detail={"kind": one.kind, "until": access.end_of(one), "permissions": one.permissions},
        )  # fmt: skip
    return grant


@action
def decline_access(*, actor: User, now: datetime, grant_uid: UUID, reason: str = "") -> AccessGrant:
    """Say no as the second person: the access never begins. ``reason`` is for who proposed it, sealed with the access.

    Raises Hidden, NotTheSecondPerson. Records ACCESS_DECLINED for each.
    """
    grant = _lock_waiting(actor, grant_uid, now)
    grant.second_by = actor
    _tell(grant, NOTICE_DECLINED, now=now)
    for one in [grant, *waiting_under(grant)]:
        one.second_by, one.declined_at, changed = actor, now, ["second_by", "declined_at"]
        if not grant.case.has_erased(Section.DUTIES):
            one.reason = reason
            changed.append("reason")
        one.save(update_fields=changed)
        record(
            Verb.ACCESS_DECLINED, actor=actor, subject=one, refs=[one.person],
            detail={"kind": one.kind, "permissions": one.permissions},
        )  # fmt: skip
    return grant


def _lock_waiting(actor: User, grant_uid: UUID, now: datetime) -> AccessGrant:
    """The waiting access, its case's row locked; Hidden for whoever may not decide, NotTheSecondPerson for the two."""
    found = access.waiting_grants().filter(uid=grant_uid).values_list("case__uid", flat=True).first()
    if found is None:
        raise Hidden
    case = access.lock_case(found)
    grant = access.waiting_grants().select_related("granted_by").filter(uid=grant_uid).first()
    if grant is None:
        raise NotTheSecondPerson
    grant.case = case
    if not may_decide(actor, grant, at=now):
        if access.holdings(actor, [case], at=now).get(case.pk) is None:
            raise Hidden
        raise NotTheSecondPerson
    return grant


def _tell(grant: AccessGrant, kind: str, *, now: datetime) -> None:
    """A line on the case, and a notice for who proposed it."""
    notify(person=grant.granted_by, kind=kind, about=grant, now=now, case=grant.case)
    verb, words = {
        NOTICE_APPROVED: (Verb.ACCESS_APPROVED, _("Access of %(who)s approved by a second person")),
        NOTICE_DECLINED: (Verb.ACCESS_DECLINED, _("Access of %(who)s declined by a second person")),
    }[kind]
    add_line(
        case=grant.case, section=Section.DUTIES, kind=verb, subject=grant, author=grant.second_by, at=now,
        line=words % {"who": grant.person.name if grant.person else ""},
    )  # fmt: skip
