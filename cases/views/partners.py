"""Access of a partner's people: given one by one under a release, and attested every ninety days."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import Section, write
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import proven_from_the_start
from casemgmt.interface.forms import HavenForm
from cases import access
from cases.actions.grants import revoke_access
from cases.actions.kinds import PARTNER_KINDS, ROLES_OF_KIND
from cases.actions.partners import attest_access, give_partner_access
from cases.choices.sharing import GrantKind
from cases.forms.guarding import PartnerForm
from cases.guards import guarded
from cases.models import Case, Release
from cases.views.desk_forms import done
from cases.views.shell import render_case


def _standing(case: Case) -> list[Release]:
    """The releases of a case that stand now, to organisations outside the house."""
    now = clock.now()
    rows = access.records(Release, case).filter(starts_at__lte=now, expires_at__gt=now, withdrawn_at__isnull=True)
    return list(rows.filter(recipient__is_ours=False).select_related("recipient").order_by("recipient__name", "pk"))


def _in_words(releases: list[Release]) -> list[tuple[str, str]]:
    """Each release as something to choose: to whom, and its last day on the reader's calendar."""
    words = _("%(who)s, until %(day)s")
    return [
        (str(one.uid), words % {"who": one.recipient.name, "day": date_format(timezone.localdate(one.expires_at))})
        for one in releases
    ]


@require_http_methods(["GET", "POST"])
@guarded(write(Section.DUTIES))
@proven_from_the_start
def partner_access_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """Let one named person of a partner open what a release names. It leaves the house, so it asks for a fresh proof."""
    releases = _standing(case)
    people = User.objects.holding(*ROLES_OF_KIND[GrantKind.REFERRAL], at=clock.now())
    there = list(people.filter(organisation__in=[one.recipient_id for one in releases]).by_name())
    form = PartnerForm(request.POST if request.method == "POST" else None, releases=_in_words(releases), people=there)
    if _given(request, case, form):
        return HttpResponseRedirect(reverse("case-sharing", args=[case.uid]))
    return render_case(
        request, case, "sharing", "cases/guarding/partner_form.html",
        lambda: {"form": form, "has_releases": bool(releases), "has_people": bool(there)},
        status=422 if form.errors else 200,
    )  # fmt: skip


def _given(request: SignedInRequest, case: Case, form: PartnerForm) -> bool:
    """Whether a posted, valid form gave the access; else its sentence is on the form."""
    facts: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    given = done(
        request, form,
        lambda: give_partner_access(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, kind=facts["kind"],
            release_uid=UUID(facts["release"]), person=facts["person"], with_status=facts["with_status"],
        ),
        words=_("It is recorded. What needs a second person waits for them; the rest has begun."),
    )  # fmt: skip
    return given is not None


@require_http_methods(["GET", "POST"])
@guarded(write(Section.DUTIES))
@proven_from_the_start
def access_attest(request: SignedInRequest, case: Case, grant_uid: UUID) -> HttpResponse:
    """Say that a partner's person still needs it: ninety days more, never beyond the release."""
    viewers = access.who_can_see(case)
    line = next((one for one in viewers if one.grant.uid == grant_uid and one.grant.kind in PARTNER_KINDS), None)
    if line is None:
        raise Hidden
    form = HavenForm(request.POST if request.method == "POST" else None)
    attested = done(
        request, form,
        lambda: attest_access(actor=request.user, now=clock.now(), form_key=form.key, grant_uid=grant_uid),
        words=_("It is recorded that this access is still needed."),
    )  # fmt: skip
    if attested is not None:
        return HttpResponseRedirect(reverse("case-sharing", args=[case.uid]))
    return render_case(
        request, case, "sharing", "cases/guarding/attest.html", lambda: {"form": form, "line": line},
        status=422 if form.errors else 200,
    )  # fmt: skip


@require_POST
@guarded(write(Section.DUTIES), even_erased=True)
def access_unpropose(request: SignedInRequest, case: Case, grant_uid: UUID) -> HttpResponse:
    """Take back a proposal that waits for a second person: it never begins."""
    if not access.waiting_grants().filter(case=case, uid=grant_uid).exists():
        raise Hidden
    revoke_access(actor=request.user, now=clock.now(), grant_uid=grant_uid)
    messages.success(request, _("The proposal is taken back. Nothing was opened."))
    return HttpResponseRedirect(reverse("case-sharing", args=[case.uid]))
