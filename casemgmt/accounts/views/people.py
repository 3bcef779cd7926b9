"""The administrator's pages: people, their roles, teams and accounts. No case is within reach."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles

from .. import configured
from ..actions import people as use_cases
from ..actions.people import deactivate_person, invite_again, invite_person, reactivate_person
from ..actions.roles import assign_role, end_role
from ..actions.sessions import sign_out_everywhere
from ..actions.teams import add_member, end_membership
from ..choices import Role
from ..errors import ReceptionError
from ..forms.people import InviteForm, MandateForm, MemberForm, RoleForm
from ..models import Membership, Organisation, RoleAssignment, Team, User
from ..requests import SignedInRequest

administrator = for_roles(Role.ADMINISTRATOR)


@administrator
@require_safe
def people(request: SignedInRequest) -> HttpResponse:
    """Everybody with roles and teams, the teams, the organisations. Five queries, however many people."""
    now = clock.now()
    listed = (
        User.objects.by_name()
        .select_related("organisation")
        .prefetch_related(
            Prefetch("role_assignments", RoleAssignment.objects.at(now), to_attr="roles_held"),
            Prefetch("memberships", Membership.objects.not_over(now).select_related("team"), to_attr="teams_held"),
            "account_states",
        )
    )
    page = {
        "people": [_line(user) for user in listed],
        "teams": list(Team.objects.open().with_supervisor(now).select_related("organisation").order_by("name")),
        "organisations": list(Organisation.objects.order_by("-is_ours", "name")),
    }
    return render(request, "accounts/people.html", page)


def _line(user: User) -> dict[str, Any]:
    """One person in the list."""
    return {
        "user": user,
        "roles": [Role(held.role).label for held in user.roles_held],  # type: ignore[attr-defined]
        "memberships": user.teams_held,  # type: ignore[attr-defined]
        "was_open": bool(user.account_states.all()),
    }


@administrator
@require_http_methods(["GET", "POST"])
def invite(request: SignedInRequest) -> HttpResponse:
    """Invite somebody by e-mail."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        fields = ("name", "email", "organisation", "roles", "language")
        try:
            invite_person(
                actor=request.user,
                now=clock.now(),
                form_key=form.key,
                base_address=request.build_absolute_uri("/"),
                time_zone=configured.words().zone,
                **{field: form.cleaned_data[field] for field in fields},
            )
        except ReceptionError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("The invitation is sent. It works for seven days."))
            return redirect("people")
    return render(request, "accounts/invite.html", {"form": form})


@administrator
@require_safe
def person(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """One person: account, roles, teams."""
    return _person_page(request, _find(uid))


@administrator
@require_POST
def give_role(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Give a role."""
    user, form = _find(uid), RoleForm(request.POST)
    if form.is_valid():
        role = form.cleaned_data["role"]
        done = _do(form, assign_role, actor=request.user, now=clock.now(), form_key=form.key, user=user, role=role)
        if done:
            messages.success(request, _("The role is given."))
            return redirect("person", uid=uid)
    return _person_page(request, user, role_form=form)


@administrator
@require_POST
def note_mandate(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Note whether the law makes this person report."""
    user, form = _find(uid), MandateForm(request.POST)
    if form.is_valid() and _do(
        form, use_cases.note_mandate, actor=request.user, now=clock.now(), form_key=form.key, user=user,
        mandated=form.cleaned_data["mandated"], mandated_in=form.cleaned_data["mandated_in"],
    ):  # fmt: skip
        messages.success(request, _("Noted."))
        return redirect("person", uid=uid)
    return _person_page(request, user, mandate_form=form)


@administrator
@require_POST
def take_role(request: SignedInRequest, uid: UUID, role_uid: UUID) -> HttpResponse:
    """End a role."""
    assignment = RoleAssignment.objects.filter(user__uid=uid, uid=role_uid).first()
    if assignment is None:
        raise Hidden
    return _answer(request, uid, _("The role has ended."), end_role, assignment=assignment)


@administrator
@require_POST
def propose_member(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Propose somebody for a team."""
    user = _find(uid)
    form = MemberForm(request.POST, person=user)
    if form.is_valid():
        chosen = {field: form.cleaned_data[field] for field in ("team", "is_supervisor")}
        if _do(form, add_member, actor=request.user, now=clock.now(), form_key=form.key, user=user, **chosen):
            messages.success(request, _("Done. Where the team has cases, its supervisor is asked first."))
            return redirect("person", uid=uid)
    return _person_page(request, user, member_form=form)


@administrator
@require_POST
def remove_member(request: SignedInRequest, uid: UUID, membership_uid: UUID) -> HttpResponse:
    """End a membership."""
    membership = Membership.objects.filter(user__uid=uid, uid=membership_uid).first()
    if membership is None:
        raise Hidden
    return _answer(request, uid, _("The membership has ended."), end_membership, membership=membership)


#: What the buttons of "Account" do, and what is said afterwards.
ACCOUNT_DEEDS: dict[str, tuple[Callable[..., Any], Any]] = {
    "deactivate": (deactivate_person, lambda: _("The account is closed and signed out everywhere.")),
    "reactivate": (reactivate_person, lambda: _("The account is open again.")),
    "sign-out": (sign_out_everywhere, lambda: _("This person is signed out everywhere.")),
    "invite": (invite_again, lambda: _("A new invitation is sent; the old link has stopped working.")),
}


@administrator
@require_POST
def change_account(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Close, open, sign out everywhere, invite again: whatever ``deed`` says."""
    deed = request.POST.get("deed", "")
    if deed not in ACCOUNT_DEEDS:
        raise Hidden
    use_case, words = ACCOUNT_DEEDS[deed]
    extra = {"base_address": request.build_absolute_uri("/")} if deed == "invite" else {}
    return _answer(request, uid, words(), use_case, user=_find(uid), **extra)


def _find(uid: UUID) -> User:
    user = User.objects.select_related("organisation").filter(uid=uid).first()
    if user is None:
        raise Hidden
    return user


def _do(form: Any, use_case: Callable[..., Any], **arguments: Any) -> bool:
    """Do it, or put the reason why not on the form."""
    try:
        use_case(**arguments)
    except ReceptionError as problem:
        form.add_error(None, str(problem))
        return False
    return True


def _answer(
    request: SignedInRequest, uid: UUID, words: str, use_case: Callable[..., Any], **arguments: Any
) -> HttpResponse:
    """Do it and say so on the person's page, or say why not."""
    try:
        use_case(actor=request.user, now=clock.now(), **arguments)
    except ReceptionError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, words)
    return redirect("person", uid=uid)


def _person_page(
    request: SignedInRequest, user: User, role_form: Any = None, member_form: Any = None, mandate_form: Any = None
) -> HttpResponse:
    now = clock.now()
    failed = role_form or member_form or mandate_form
    mandate = {"mandated": user.mandated or "", "mandated_in": user.mandated_in or ""}
    page = {
        "person": user,
        "roles": list(user.role_assignments.not_over(now).order_by("starts_at")),
        "memberships": list(user.memberships.not_over(now).select_related("team").order_by("starts_at")),
        "was_open": user.account_states.exists(),
        "sessions": user.sessions.filter(expire_date__gt=now).count(),
        "role_form": role_form or RoleForm(),
        "member_form": member_form or MemberForm(person=user),
        "mandate_form": mandate_form or MandateForm(initial=mandate),
        "form": failed,
        "is_oneself": user.pk == request.user.pk,
    }
    return render(request, "accounts/person.html", page, status=422 if failed else 200)
