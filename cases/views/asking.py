""" "Is this person already known?" for whoever takes people in, and what the lead of a case answers.

The page of the question says the same, hit or miss, and so does everything behind it; see ``cases.actions.asking``.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import READ_CARD, Section, section_of, write
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.forms import HavenForm, end_of_day
from cases.actions.asking import (
    answer_question,
    ask_about_person,
    decline_request,
    give_requested_access,
    own_questions,
    requests_of,
)
from cases.actions.intake import OPENING_ROLES
from cases.actions.kinds import GIVEN_BY_HAND, PERMISSIONS_OF_KIND, ROLES_OF_KIND
from cases.drafts import uids_in
from cases.forms.walls import DeclineForm, GiveForm, KnownForm
from cases.guards import guarded
from cases.models import AccessRequest, Case
from cases.views.desk_forms import done
from cases.views.shell import render_case

#: Questions of one page, the newest.
SHOWN = 20


@for_roles(*OPENING_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def known(request: SignedInRequest) -> HttpResponse:
    """Ask whether a person is known. Nothing is looked up here: the answer is the same for everybody."""
    form = KnownForm(request.POST if request.method == "POST" else None)
    asked = done(
        request, form,
        lambda: ask_about_person(
            actor=request.user, now=clock.now(), form_key=form.key, reason=form.cleaned_data["reason"], **form.facts
        ),
        words=_("Sent to the intake coordinator."),
    )  # fmt: skip
    if asked is not None:
        return redirect("known")
    context = {"form": form, "questions": list(own_questions(request.user, now=clock.now())[:SHOWN])}
    return render(request, "cases/known.html", context, status=422 if form.errors else 200)


@for_roles(Role.INTAKE_COORDINATOR)
@require_POST
def answer(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """The coordinator passes cases that fit on to their leads, or says that nobody fits."""
    form = HavenForm(request.POST)
    key = form.key if form.is_valid() else None
    chosen = uids_in(request.POST.getlist("case"))
    wants_to_pass = request.POST.get("answer") == "pass"
    if wants_to_pass and not chosen:
        messages.warning(request, _("Tick the case that fits, or say that nobody fits."))
        return redirect("match-queue")
    answer_question(
        actor=request.user, now=clock.now(), form_key=key, question_uid=uid, pass_on=chosen if wants_to_pass else ()
    )
    if wants_to_pass:
        messages.success(
            request, _("Passed on. The lead decides; whoever asked learns no more than that it was answered.")
        )
    else:
        messages.success(request, _("Answered. Whoever asked learns no more than that."))
    return redirect("match-queue")


# ---- The lead ----


@require_safe
@guarded(write(Section.DUTIES))
def requests(request: SignedInRequest, case: Case) -> HttpResponse:
    """Who asks for access to this case, and why."""

    def build() -> dict[str, Any]:
        return {"requests": [_line(asked) for asked in requests_of(case)]}

    return render_case(request, case, "sharing", "cases/requests.html", build)


def _line(asked: AccessRequest) -> dict[str, Any]:
    """One request in words. Read while the case is open."""
    return {"asked": asked, "who": asked.asked_by, "reason": asked.reason}


@require_http_methods(["GET", "POST"])
@guarded(write(Section.DUTIES))
def request_answer(request: SignedInRequest, case: Case, request_uid: UUID) -> HttpResponse:
    """Give whoever asks access of one kind, of some parts, until a day; or decline."""
    asked = requests_of(case).filter(uid=request_uid).first()
    if asked is None:
        raise Hidden
    declines = request.method == "POST" and request.POST.get("answer") == "decline"
    kinds = kinds_for(asked.asked_by)
    give = GiveForm(
        request.POST if request.method == "POST" and not declines else None, kinds=kinds, sections=sections_of(kinds)
    )
    decline = DeclineForm(request.POST if declines else None, prefix="decline")
    if _answered(request, asked, give, decline):
        return HttpResponseRedirect(reverse("case-sharing", args=[case.uid]))
    form = decline if declines else give

    def build() -> dict[str, Any]:
        return {**_line(asked), "form": form, "give": give, "decline": decline, "may_give": bool(kinds)}

    return render_case(
        request, case, "sharing", "cases/request_answer.html", build, status=422 if form.errors else 200
    )  # fmt: skip


def _answered(request: SignedInRequest, asked: AccessRequest, give: GiveForm, decline: DeclineForm) -> bool:
    """Whether a posted, valid form answered the request; else its sentence is on the form."""
    common = {"actor": request.user, "now": clock.now(), "request_uid": asked.uid}
    if decline.is_bound:
        made = done(
            request, decline,
            lambda: decline_request(form_key=decline.key, reason=decline.cleaned_data["reason"], **common),
            words=_("Declined. Whoever asked learns no more than that it was answered."),
        )  # fmt: skip
        return made is not None
    facts = give.cleaned_data if give.is_valid() else {}
    made = done(
        request, give,
        lambda: give_requested_access(
            form_key=give.key, kind=facts["kind"], reason=facts["reason"], until=end_of_day(facts["until"]),
            sections=[Section(code) for code in facts["sections"]], **common,
        ),
        words=_("Access is given. The case is in her list from now on."),
    )  # fmt: skip
    return made is not None


def kinds_for(person: User) -> list[tuple[str, Any]]:
    """The kinds of access this person's roles may hold."""
    roles = person.roles_at(clock.now())
    return [(kind.value, kind.label) for kind in GIVEN_BY_HAND if roles & set(ROLES_OF_KIND[kind])]


def sections_of(kinds: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The parts that these kinds open, in the order of the enumeration; the card comes with each of them."""
    named = {
        section_of(codename)
        for kind, _label in kinds
        for codename in PERMISSIONS_OF_KIND[kind]
        if codename != READ_CARD
    }
    return [(section.value, section.label) for section in Section if section in named and section != Section.CARD]
