"""The Sharing tab: who may see what, why and until when; releases recorded and taken back; access given and revoked."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD, Section, write
from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases.actions.grants import give_access, may_revoke, revoke_access
from cases.actions.releases import record_release, record_release_for_attorney, withdraw_release
from cases.choices import InfoCategory
from cases.errors import CaseError, ReleaseLacks
from cases.forms.sharing import AccessForm, ReleaseForm
from cases.guards import guarded
from cases.models import Case, Matter, Release
from cases.views.shell import render_case

#: Which field of the release form a lacking part stands beside.
_FIELD_OF = {
    "purpose": "purpose_text",
    "categories": "categories",
    "narrow": "categories",
    "statements": "not_conditioned",
    "guardian": "guardian_is_not_abuser",
    "signed_on": "signed_on",
    "expires_at": "expires_on",
}


def _back(case: Case) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("case-sharing", args=[case.uid]))


@require_GET
@guarded(READ_CARD, even_erased=True)
def sharing(request: SignedInRequest, case: Case) -> HttpResponse:
    """Who can see this case, why and until when; an outsider sees only her own line. Releases where DUTIES is held."""
    holding = case.holding
    assert holding is not None

    def build() -> dict[str, Any]:
        now = clock.now()
        may_see_holds = holding.holds(Section.DUTIES) and request.user.organisation_id == case.organisation_id
        may_end = holding.may_write(Section.DUTIES)
        viewers = access.who_can_see(case)
        if request.user.organisation_id != case.organisation_id:
            viewers = [viewer for viewer in viewers if viewer.grant.person_id == request.user.pk]
        releases = access.records(Release, case).select_related("recipient", "recipient_person").order_by("-starts_at")
        return {
            "lines": [(viewer, may_end and may_revoke(request.user, viewer.grant, at=now)) for viewer in viewers],
            "why": access.explain(request.user, case).sentence,
            "may_share": holding.writes(Section.DUTIES) and not case.is_closed,
            "may_end": may_end,
            "holds_url": reverse("case-holds", args=[case.uid]) if may_see_holds else "",
            "releases": [_release_line(release) for release in releases],
        }

    return render_case(request, case, "sharing", "cases/sharing.html", build)


def _release_line(release: Release) -> dict[str, Any]:
    """One release in words. Read while the case is open."""
    now = clock.now()
    state = "withdrawn" if release.withdrawn_at else "ended" if release.expires_at <= now else "standing"
    return {
        "release": release,
        "state": state,
        "categories": [InfoCategory(code).label for code in release.terms["categories"]],
        "purpose_text": release.purpose_text,
    }


@require_http_methods(["GET", "POST"])
@guarded(write(Section.DUTIES))
def release_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """Record a release with her; with an attorney and a matter chosen, the matter is given in the same act."""

    posted = request.POST if request.method == "POST" else None
    open_matters = list(access.records(Matter, case).filter(is_open=True).order_by("pk"))
    form = ReleaseForm(posted, case=case, matters=[str(matter.uid) for matter in open_matters])
    if posted is not None and form.is_valid() and _record(request, case, form):
        return _back(case)

    def build() -> dict[str, Any]:
        # Titles are sealed, so the list of matters gets its words only while the case is open.
        form.name_matters({str(matter.uid): matter.title for matter in open_matters})
        return {"form": form}

    return render_case(request, case, "sharing", "cases/release_form.html", build, status=422 if form.errors else 200)


def _record(request: SignedInRequest, case: Case, form: ReleaseForm) -> bool:
    """Call the one action the form asks for. False, with the error beside its field, when a rule stands against it."""
    facts = form.cleaned_data
    common: dict[str, Any] = {
        "actor": request.user, "now": clock.now(), "form_key": form.key, "case_uid": case.uid, "terms": form.terms,
        "signing": form.signing, "expires_at": form.expires_at, "purpose_text": facts["purpose_text"],
    }  # fmt: skip
    try:
        if facts["attorney"]:
            record_release_for_attorney(attorney=facts["attorney"], matter_uid=UUID(facts["matter"]), **common)
            messages.success(request, _("The release is recorded, and the attorney has the matter."))
        else:
            matter_uid = UUID(facts["matter"]) if facts["matter"] else None
            record_release(recipient=facts["recipient"], purpose=facts["purpose"], matter_uid=matter_uid, **common)
            messages.success(request, _("The release is recorded."))
    except ReleaseLacks as lack:
        form.add_error(_FIELD_OF[lack.what], str(lack))
        return False
    except CaseError as error:
        form.add_error(None, str(error))
        return False
    return True


@require_http_methods(["GET", "POST"])
@guarded(write(Section.DUTIES))
def release_withdraw(request: SignedInRequest, case: Case, release_uid: UUID) -> HttpResponse:
    """She takes a release back. The page says what will end; one tap ends it."""
    release = access.records(Release, case).select_related("recipient").filter(uid=release_uid).first()
    if release is None:
        raise Hidden
    if request.method == "POST":
        how = "WRITTEN" if request.POST.get("how") == "WRITTEN" else "ORAL"
        withdraw_release(actor=request.user, now=clock.now(), release_uid=release_uid, how=how)
        messages.success(request, _("The release is withdrawn. All access that rested on it has ended."))
        return _back(case)

    def build() -> dict[str, Any]:
        resting = [viewer for viewer in access.who_can_see(case) if viewer.grant.release_id == release.pk]
        return {"line": _release_line(release), "resting": resting}

    return render_case(request, case, "sharing", "cases/release_withdraw.html", build)


@require_http_methods(["GET", "POST"])
@guarded(write(Section.DUTIES))
def access_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """Give a colleague of the house access of one kind."""
    form = AccessForm(request.POST or None, case=case, reader=request.user)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            give_access(
                actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, kind=facts["kind"],
                person=facts["person"], until=form.until_moment, reason=facts["reason"],
            )  # fmt: skip
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Access is given."))
            return _back(case)
    status = 422 if form.errors else 200
    return render_case(request, case, "sharing", "cases/access_form.html", lambda: {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@guarded(write(Section.DUTIES), even_erased=True)
def access_revoke(request: SignedInRequest, case: Case, grant_uid: UUID) -> HttpResponse:
    """Take one access back, at once. The page restates whose, to what, and what rests on it."""
    viewers = access.who_can_see(case)
    line = next((viewer for viewer in viewers if viewer.grant.uid == grant_uid), None)
    if line is None:
        raise Hidden
    if request.method == "POST":
        revoke_access(actor=request.user, now=clock.now(), grant_uid=grant_uid)
        messages.success(request, _("Access has ended."))
        return _back(case)
    resting = [viewer for viewer in viewers if viewer.grant.parent_id == line.grant.pk]
    return render_case(request, case, "sharing", "cases/access_revoke.html", lambda: {"line": line, "resting": resting})
