"""People of the house who come, go and rest: whom one answers for, what a change means before it is done, what it did."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.accounts.actions.absences import end_travel, lock_person, unlock_person
from casemgmt.accounts.choices import AbsenceKind, Role
from casemgmt.accounts.errors import ReceptionError
from casemgmt.accounts.models import Absence, Shift, Team, User
from casemgmt.accounts.permits import (
    answers_for,
    answers_for_the_house,
    holds_administration,
    holds_in_the_house,
    may_lock,
)
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import ask_for_proof, confirmed_lately, freshly_confirmed
from cases import access
from cases.actions.handing import open_hand_overs
from cases.actions.people import begin_leave, change_role, end_leave, may_change, move_person, record_leaving
from cases.choices.sharing import GrantKind, PeopleChangeKind
from cases.errors import CaseError
from cases.forms.people import ConfirmForm, LeaveForm, MoveForm, RoleChangeForm
from cases.leaving import Consequences, foresee
from cases.models import AccessGrant, Case, HandOver, PeopleChange
from cases.views.losing import losses_of_consequences

#: Who may answer for somebody's account; what each may do is asked for each person.
PEOPLE_ROLES = (Role.SUPERVISOR, Role.DIRECTOR, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR)


@for_roles(*PEOPLE_ROLES)
@require_safe
def colleagues(request: SignedInRequest) -> HttpResponse:
    """The people one may do something for: a supervisor's teams; for directors and administrators everybody."""
    actor, now = request.user, clock.now()
    people = User.objects.by_name().select_related("organisation").exclude(pk=actor.pk)
    if not answers_for_the_house(actor, now):
        teams = actor.memberships.supervising().live(now).values("team")
        people = people.filter(memberships__team__in=teams, memberships__ends_at__isnull=True).distinct()
    absences: dict[int, list[Absence]] = {}
    for absence in Absence.objects.filter(ended_at__isnull=True):
        absences.setdefault(absence.user_id, []).append(absence)
    lines = [{"person": one, "rests": absences.get(one.pk, [])} for one in people]
    is_supervisor = actor.holds_role(Role.SUPERVISOR, at=now)
    page = {
        "lines": sorted(lines, key=lambda line: not line["rests"]),
        "shows_hand_overs": is_supervisor or holds_in_the_house(actor, Role.DIRECTOR, at=now),
        "shows_organisations": answers_for_the_house(actor, now),
    }
    return render(request, "cases/people/colleagues.html", page)


def _person(request: SignedInRequest, uid: UUID) -> User:
    """Somebody for whom the reader may do anything at all; else there is no such page."""
    person = User.objects.select_related("organisation").filter(uid=uid).first()
    now = clock.now()
    if person is None or not (may_change(request.user, person, now) or may_lock(request.user, person, now)):
        raise Hidden
    return person


@for_roles(*PEOPLE_ROLES)
@never_cache
@require_safe
def colleague(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """One person: how the account stands, and what the reader may do now. A page without a word about a case."""
    actor, now = request.user, clock.now()
    person = _person(request, uid)
    standing = {one.kind: one for one in person.absences.filter(ended_at__isnull=True).select_related("first_yes_by")}
    answers, changes = answers_for(actor, person, now), may_change(actor, person, now)
    lock = standing.get(AbsenceKind.LOCKED)
    page = {
        "person": person,
        "rests": list(standing.values()),
        "lock": lock,
        "may_lock": lock is None and may_lock(actor, person, now),
        "may_unlock": lock is not None and answers and lock.first_yes_by_id != actor.pk,
        "may_restore": AbsenceKind.TRAVEL in standing and answers,
        "deeds": [(url, words) for url, words in _deeds(actor, person, now, set(standing)) if changes],
        "changes": list(_changes_of(person)[:10]),
    }
    return render(request, "cases/people/colleague.html", page)


def _changes_of(person: User) -> Any:
    return access.for_the_house(PeopleChange).filter(person=person).select_related("by").order_by("-pk")


def _deeds(actor: User, person: User, now: datetime, standing: set[str]) -> list[tuple[str, Any]]:
    """The changes that fit how things stand: (address, words)."""
    found: list[tuple[str, Any]] = []
    if standing & {AbsenceKind.LEAVE, AbsenceKind.LEFT}:
        found.append(("back", _("This person is back")))
    if AbsenceKind.LEAVE not in standing and AbsenceKind.LEFT not in standing:
        found.append(("leave", _("Long leave")))
    if AbsenceKind.LEFT not in standing:
        if person.memberships.not_over(now).exists():
            found.append(("moved", _("Moves to another team")))
        if holds_administration(actor, now):
            found.append(("role", _("Takes another role")))
        found.append(("left", _("Leaves")))
    return [(reverse("colleague-change", args=[person.uid, deed]), words) for deed, words in found]


#: What the buttons of the account do: (action, what is said afterwards).
_ACCOUNT: dict[str, tuple[Callable[..., Any], Any]] = {
    "lock": (lock_person, gettext_lazy("Locked. Sessions, passkeys and PIN are off.")),
    "unlock": (unlock_person, gettext_lazy("Your yes is recorded. It takes two.")),
    "restore": (end_travel, gettext_lazy("The account is open again.")),
}


@for_roles(*PEOPLE_ROLES)
@require_POST
def account(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Lock, unlock, restore after a journey. Locking asks nothing more; waking asks for a fresh proof."""
    deed = request.POST.get("deed", "")
    if deed not in _ACCOUNT:
        raise Hidden
    person = _person(request, uid)
    act, words = _ACCOUNT[deed]

    if deed != "lock" and not confirmed_lately(request):
        # After the proof one comes back to the page of the person, where the button is.
        return ask_for_proof(request, reverse("colleague", args=[uid]))
    try:
        act(actor=request.user, now=clock.now(), user=person)
    except ReceptionError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, str(words))
    return HttpResponseRedirect(reverse("colleague", args=[uid]))


# ---- Changes: shown first, then done ----

_KIND_OF = {
    "left": PeopleChangeKind.LEFT, "moved": PeopleChangeKind.MOVED, "leave": PeopleChangeKind.LEAVE,
    "back": PeopleChangeKind.BACK, "role": PeopleChangeKind.ROLE,
}  # fmt: skip
_ACTS: dict[PeopleChangeKind, Callable[..., PeopleChange]] = {
    PeopleChangeKind.LEFT: record_leaving, PeopleChangeKind.MOVED: move_person, PeopleChangeKind.LEAVE: begin_leave,
    PeopleChangeKind.BACK: end_leave, PeopleChangeKind.ROLE: change_role,
}  # fmt: skip


@for_roles(*PEOPLE_ROLES)
@never_cache
@freshly_confirmed
@require_http_methods(["GET", "POST"])
def change(request: SignedInRequest, uid: UUID, deed: str) -> HttpResponse:
    """One change of one person: first what will end and what needs a new owner, then the button."""
    actor, now = request.user, clock.now()
    person = _person(request, uid)
    kind = _KIND_OF.get(deed)
    if kind is None or not may_change(actor, person, now):
        raise Hidden
    if kind == PeopleChangeKind.ROLE and not holds_administration(actor, now):
        raise Hidden
    form = _form_for(kind, request, person, now)
    chosen: dict[str, Any] = {}
    if form.is_bound and form.is_valid():
        chosen = getattr(form, "chosen", {})
        if "do" in request.POST:
            done = _do(request, form, kind, person, chosen)
            if done is not None:
                return HttpResponseRedirect(reverse("people-changed", args=[done]))
    is_clear = kind in (PeopleChangeKind.LEFT, PeopleChangeKind.LEAVE) or bool(chosen and not form.errors)
    page = {
        "person": person, "kind": kind, "form": form, "is_back": kind == PeopleChangeKind.BACK,
        "is_rest": kind == PeopleChangeKind.LEAVE,
        "outlook": outlook(actor, _foresee(person, kind, now, chosen)) if is_clear else None,
    }  # fmt: skip
    return render(request, "cases/people/change.html", page, status=422 if form.errors else 200)


def _form_for(kind: PeopleChangeKind, request: SignedInRequest, person: User, now: datetime) -> Any:
    posted = request.POST if request.method == "POST" else None
    if kind == PeopleChangeKind.MOVED:
        own = [one.team for one in person.memberships.not_over(now).select_related("team").order_by("pk")]
        teams = Team.objects.open().filter(organisation=person.organisation_id).order_by("name")
        return MoveForm(posted, own=own, others=[team for team in teams if team not in own])
    if kind == PeopleChangeKind.ROLE:
        return RoleChangeForm(posted, roles=list(person.role_assignments.not_over(now).order_by("pk")))
    return LeaveForm(posted) if kind == PeopleChangeKind.LEAVE else ConfirmForm(posted)


def _foresee(person: User, kind: PeopleChangeKind, now: datetime, chosen: dict[str, Any]) -> Consequences:
    more: dict[str, Any] = {}
    if kind == PeopleChangeKind.MOVED:
        more = {"team": chosen["from_team"]}
    if kind == PeopleChangeKind.ROLE:
        more = {"role": chosen["ends"], "new_role": chosen["role"]}
    return foresee(person, kind, now, **more)


def _do(request: SignedInRequest, form: Any, kind: PeopleChangeKind, person: User, chosen: dict[str, Any]) -> Any:
    """The uid of what was done; None, with its sentence on the form, where a rule stands against it."""
    try:
        made = _ACTS[kind](actor=request.user, now=clock.now(), form_key=form.key, person=person, **chosen)
    except (ReceptionError, CaseError) as problem:
        form.add_error(None, str(problem))
        return None
    return made.uid


def outlook(actor: User, found: Consequences) -> dict[str, Any]:
    """What a change means, as this reader may know it: numbers for everybody, cases by number only where she sees them."""
    led = {case.pk for case in found.led}
    seen = access.visible(Case, actor).filter(pk__in=found.keys_to_hand_over).select_related("team").order_by("pk")
    lines = [
        {
            "number": case.number, "uid": case.uid, "leads": case.pk in led, "tasks": found.tasks[case.pk],
            "dates": found.dates[case.pk],
        }
        for case in seen
    ]  # fmt: skip
    return {
        "counts": found.counts, "lines": lines, "unseen": len(found.keys_to_hand_over) - len(lines),
        "teams": [team.name for team in found.teams],
        "memberships": [membership.team.name for membership in found.memberships],
        "roles": [Role(one.role).label for one in found.roles],
        "shifts": found.shifts, "losing": losses_of_consequences(actor, found, clock.now()),
    }  # fmt: skip


@for_roles(*PEOPLE_ROLES)
@never_cache
@require_safe
def changed(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """What a change did: what ended, in numbers and, where the reader sees the case, by its number; what still waits."""
    actor, now = request.user, clock.now()
    made = access.for_the_house(PeopleChange).select_related("person", "organisation", "by").filter(uid=uid).first()
    if made is None or not _may_look_back(actor, made, now):
        raise Hidden
    rows = access.grants_with_grounds().filter(revoked_at=made.at, revoked_by=made.by)
    rows = rows.filter(person=made.person) if made.person_id else rows
    ended = [*rows.order_by("pk"), *_lent_before(made, rows)]
    keys = {grant.case_id for grant in ended}
    seen = {case.pk: case for case in access.visible(Case, actor).filter(pk__in=keys)}
    waiting = [one for one in open_hand_overs() if one.change_id == made.pk]
    visible = set(
        access.visible(Case, actor).filter(pk__in=[one.case_id for one in waiting]).values_list("pk", flat=True)
    )
    page = {
        "made": made,
        "ended": [(seen[grant.case_id], grant) for grant in ended if grant.case_id in seen],
        "unseen": sum(grant.case_id not in seen for grant in ended),
        "shifts": _turns_ended(made),
        "waiting": [_waiting_line(one) for one in waiting if one.case_id in visible],
        "waiting_unseen": sum(one.case_id not in visible for one in waiting),
    }
    return render(request, "cases/people/changed.html", page)


def _lent_before(made: PeopleChange, ended: Any) -> list[AccessGrant]:
    """What had been lent of the accesses that ended: it ended with them, at that very moment."""
    keys = list(ended.values_list("pk", flat=True))
    lent = access.every_grant().filter(parent__in=keys, kind=GrantKind.DELEGATION, expires_at__gt=made.at)
    return list(lent.filter(Q(revoked_at__isnull=True) | Q(revoked_at__gt=made.at)).order_by("pk"))


def _turns_ended(made: PeopleChange) -> list[Any]:
    """The turns of the rota that ended with it, as their versions of that very moment say."""
    versions: Any = Shift.history.filter(history_date=made.at, history_type="~")
    whose = {"user": made.person_id} if made.person_id else {"user__organisation": made.organisation_id}
    return list(versions.filter(**whose).select_related("rota__team", "user").order_by("starts_at", "id"))


def _may_look_back(actor: User, made: PeopleChange, now: datetime) -> bool:
    in_charge = holds_in_the_house(actor, Role.DIRECTOR, at=now) or holds_administration(actor, now)
    if in_charge or made.by_id == actor.pk:
        return True
    return made.person is not None and answers_for(actor, made.person, now)


def _waiting_line(one: HandOver) -> dict[str, Any]:
    return {"case": one.case, "interim": one.interim, "leads": one.was_lead, "person": one.person, "since": one.since}
