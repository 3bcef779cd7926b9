"""The rota: who is on duty for a team, and what that opens.

The open cases of a team with a rota carry one access each, for whoever is on duty: card, safety, and with the card the
rule of safe contact. The shifts decide whose it is at any moment. An alert carries an access of its own, so that the
person who is woken can open the case whatever team it belongs to, also a restricted one.
"""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import Group
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from audit import clock
from audit.action import action
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import Rota, Shift, Team, User
from cases import access
from cases.actions.grants import give_on_call, take_back, write_grant
from cases.actions.kinds import PERMISSIONS_OF_KIND, ROLES_OF_KIND
from cases.actions.trail import add_line, notify
from cases.choices.casework import CLOSED_STATUSES
from cases.choices.sharing import GrantKind
from cases.errors.guarding import NobodyOnDuty, NotForTheRota, ShiftIsOdd
from cases.models import AccessGrant, Case
from cases.windows import SHIFT_LIMIT

NOTICE_ALERT = "ON_CALL_ALERT"
#: So many cases get their access at once when a rota begins or changes; the others within minutes, by the schedule.
AT_ONCE = 200


def teams_of_rota(actor: User, *, at: datetime) -> list[Team]:
    """The teams whose rota this person keeps: those she supervises."""
    return list(Team.objects.supervised_by(actor, at).open().select_related("rota").order_by("name"))


def able_to_be_on_duty(team: Team, *, at: datetime) -> list[User]:
    """Who can be on duty for a team: active people of its organisation whose role works with survivors."""
    people = User.objects.holding(*ROLES_OF_KIND[GrantKind.ON_CALL], at=at)
    return list(people.filter(organisation_id=team.organisation_id).by_name())


@action
def add_shift(
    *, actor: User, now: datetime, team_uid: UUID, person: User, starts_at: datetime, ends_at: datetime
) -> Shift:
    """Put somebody on duty for a team, from a moment until a moment (UTC). A supervisor of the team does it.

    Raises Hidden, ShiftIsOdd, NotForTheRota. Records ROTA_CHANGED (and ACCESS_GRANTED for cases that had none yet).
    """
    team = _supervised(actor, team_uid, now)
    if not starts_at < ends_at <= starts_at + SHIFT_LIMIT or ends_at <= now:
        raise ShiftIsOdd
    fits = person.is_active and person.organisation_id == team.organisation_id
    if not fits or not person.holds_role(*ROLES_OF_KIND[GrantKind.ON_CALL], at=now):
        raise NotForTheRota
    rota = _rota_of(team, actor=actor, now=now)
    # Never from before now: the past is not rewritten.
    shift = Shift(rota=rota, user=person, starts_at=max(starts_at, now), ends_at=ends_at, made_at=now, made_by=actor)
    shift.save()
    record(Verb.ROTA_CHANGED, actor=actor, subject=shift, refs=[person, team, rota], detail={"kind": "SHIFT_ADDED"})
    for case in _uncovered(team).order_by("pk")[:AT_ONCE]:
        give_on_call(actor=actor, now=now, case=access.lock_case(case.uid))
    return shift


def end_shift(*, actor: User, now: datetime, shift_uid: UUID, form_key: UUID | None = None) -> None:
    """End a shift now, or call one off that has not begun, and take back what came with its alerts, each case by itself.

    Two steps, because an alert locks its case first and then the shift: in one step the two could wait for each other.
    Raises Hidden. Records ROTA_CHANGED, and ACCESS_REVOKED for accesses that came with an alert.
    """
    stop_shift(actor=actor, now=now, shift_uid=shift_uid, form_key=form_key)
    for uid in _alerts_left_open().filter(shift__uid=shift_uid).values_list("case__uid", flat=True):
        close_alerts(actor=actor, now=clock.now(), case_uid=uid)


@action
def stop_shift(*, actor: User, now: datetime, shift_uid: UUID) -> Shift:
    """The first step: from this moment the person is not on duty. Raises Hidden. Records ROTA_CHANGED."""
    found = (
        Shift.objects.select_for_update(of=("self",)).select_related("rota__team", "user").filter(uid=shift_uid).first()
    )
    if found is None:
        raise Hidden
    _supervised(actor, found.rota.team.uid, now)
    end_turn(actor=actor, now=now, shift=found)
    return found


def end_turn(*, actor: User, now: datetime, shift: Shift) -> bool:
    """End one turn now, or leave an empty one where it has not begun; whether there was anything to end.

    Inside an action that holds the row. Records ROTA_CHANGED.
    """
    if shift.ends_at <= now:
        return False
    shift.ends_at = max(now, shift.starts_at)
    shift.save(update_fields=["ends_at"])
    record(
        Verb.ROTA_CHANGED,
        actor=actor,
        subject=shift,
        refs=[shift.user, shift.rota.team],
        detail={"kind": "SHIFT_ENDED"},
    )
    return True


@action
def close_alerts(*, actor: User | None, now: datetime, case_uid: UUID) -> Case:
    """Take back accesses to one case that came with alerts of shifts that are over. Records ACCESS_REVOKED for each."""
    case = access.lock_case(case_uid)
    for grant in access.grants_with_grounds().filter(pk__in=_alerts_left_open().filter(case=case).values("pk")):
        take_back(grant, actor=actor, now=now)
    return case


def _alerts_left_open() -> QuerySet[AccessGrant]:
    """Accesses of alerts that were to last longer than their shift did."""
    rows = access.for_the_house(AccessGrant).filter(
        kind=GrantKind.ON_CALL, person__isnull=False, revoked_at__isnull=True
    )
    return rows.filter(expires_at__gt=F("shift__ends_at"))


def _supervised(actor: User, team_uid: UUID, now: datetime) -> Team:
    team = Team.objects.filter(uid=team_uid).first()
    if team is None or not actor.supervises(team, at=now) or not actor.holds_role(Role.SUPERVISOR, at=now):
        raise Hidden
    return team


def _rota_of(team: Team, *, actor: User, now: datetime) -> Rota:
    """The team's rota, begun with its first shift, whose event is its record too."""
    found = Rota.objects.filter(team=team).first()
    if found is None:
        Team.objects.select_for_update().get(pk=team.pk)
        found = Rota.objects.filter(team=team).first()
    if found is None:
        found = Rota(team=team, begun_at=now, begun_by=actor)
        # The group is a number to hang permissions on; its name says nothing.
        found.group = Group.objects.create(name=f"duty:{found.uid}")
        found.save(force_insert=True)
    return found


def shifts_of(team: Team, *, at: datetime) -> list[Shift]:
    """The shifts that run or will, the next first."""
    rows = Shift.objects.not_over(at).filter(rota__team=team).select_related("user")
    return [one for one in rows.order_by("starts_at", "pk") if one.ends_at > one.starts_at]


def on_duty(team: Team, *, at: datetime) -> list[Shift]:
    """The shifts that hold at a moment, of people whose account is open."""
    return list(
        Shift.objects.at(at).filter(rota__team=team, user__is_active=True).select_related("user").order_by("pk")
    )


# ---- The team's cases ----


def _uncovered(team: Team) -> QuerySet[Case]:
    """Open cases of a team that carry no access for whoever is on duty."""
    standing = _standing().filter(team=team).values("case_id")
    cases = access.for_the_house(Case).filter(team=team).exclude(status__in=CLOSED_STATUSES)
    return cases.exclude(pk__in=standing).exclude(erased__has_key="CORE")


def _standing() -> QuerySet[AccessGrant]:
    """What stands for whoever is on duty, of all teams."""
    rows = access.for_the_house(AccessGrant)
    return rows.filter(kind=GrantKind.ON_CALL, team__isnull=False, revoked_at__isnull=True)


def keep_on_call() -> int:
    """Give every open case of a team with a rota its access, and end it where the case was closed or changed teams.

    For the schedule: each case in a transaction of its own. Says how many changed.
    """
    changed = 0
    for rota in Rota.objects.select_related("team"):
        changed += sum(
            cover_case(actor=None, now=clock.now(), case_uid=case.uid) for case in _uncovered(rota.team)[:AT_ONCE]
        )
    done = _standing().filter(expires_at__gt=clock.now()).select_related("case")
    over = done.filter(Q(case__status__in=CLOSED_STATUSES) | ~Q(case__team_id=F("team_id")))
    changed += sum(cover_case(actor=None, now=clock.now(), case_uid=one.case.uid) for one in over)
    for uid in set(_alerts_left_open().values_list("case__uid", flat=True)):
        close_alerts(actor=None, now=clock.now(), case_uid=uid)
        changed += 1
    return changed


@action
def cover_case(*, actor: None, now: datetime, case_uid: UUID) -> int:
    """Make the access for whoever is on duty what it must be for one case; 1 where something changed.

    Records ACCESS_GRANTED or ACCESS_REVOKED.
    """
    case = access.lock_case(case_uid)
    changed = 0
    for grant in access.grants_with_grounds().filter(
        case=case, kind=GrantKind.ON_CALL, team__isnull=False, revoked_at__isnull=True
    ):
        if case.is_closed or grant.team_id != case.team_id:
            grant.revoked_at = now
            grant.save(update_fields=["revoked_at"])
            access.materialise(grant)
            record(Verb.ACCESS_REVOKED, actor=None, subject=grant, refs=[grant.team], detail={"kind": grant.kind})
            changed = 1
    return changed or int(give_on_call(actor=None, now=now, case=case) is not None)


# ---- Alerts ----


@action
def alert_on_duty(*, actor: User, now: datetime, case_uid: UUID) -> AccessGrant:
    """Wake whoever is on duty for the case's team: a notice without content, and the access to open what it is about.

    By whoever reads the card. Raises Hidden, NobodyOnDuty. Records ACCESS_GRANTED for each person woken.
    """
    case = access.lock_case(case_uid)
    holding = access.holdings(actor, [case], at=now).get(case.pk)
    if holding is None or not holding.may(READ_CARD):
        raise Hidden
    case.holding = holding
    given = alert(case, by=actor, now=now)
    if not given:
        raise NobodyOnDuty
    return given[0]


def alert(case: Case, *, by: User, now: datetime) -> list[AccessGrant]:
    """The same inside another action that holds the case (an immediate danger); nobody on duty is no error here."""
    given = []
    # Locked, so that a shift that is being ended waits for us, or we see that it has ended.
    locked = Shift.objects.select_for_update().filter(pk__in=[one.pk for one in on_duty(case.team, at=now)])
    for shift in locked.order_by("pk"):
        if shift.user_id == by.pk or shift.ends_at <= now:
            continue
        given.append(
            write_grant(
                actor=by, now=now, case=case, person=shift.user, kind=GrantKind.ON_CALL, shift=shift, until=shift.ends_at,
                permissions=PERMISSIONS_OF_KIND[GrantKind.ON_CALL], then=lambda grant: _tell_woken(grant, by=by, now=now),
            )
        )  # fmt: skip
    return given


def _tell_woken(grant: AccessGrant, *, by: User, now: datetime) -> None:
    """A notice without content for the person on duty, and a line for the others."""
    if grant.person is None:
        return
    notify(person=grant.person, kind=NOTICE_ALERT, about=grant, now=now, case=grant.case)
    add_line(
        case=grant.case, section=Section.SAFETY, kind=Verb.ACCESS_GRANTED, subject=grant, author=by, at=now,
        line=_("%(who)s called to duty") % {"who": grant.person.name},
    )  # fmt: skip
