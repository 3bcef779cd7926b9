"""The Sharing tab: who may see what, why and until when; access given and revoked. Releases: ``cases.views.releases``."""

from datetime import datetime
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
from cases import access, desk
from cases.access import Viewer
from cases.actions.grants import give_access, revoke_access
from cases.actions.kinds import PARTNER_KINDS
from cases.actions.transfers import is_transferred, supervises
from cases.choices.sharing import GrantKind
from cases.desk import words_in
from cases.errors import CaseError
from cases.forms.sharing import AccessForm
from cases.guards import guarded
from cases.models import Case, Release
from cases.reviews import last_decisions
from cases.views.decisions import proposed_lines
from cases.views.losing import losses_in_words
from cases.views.releases import release_line
from cases.views.seeing import AT_DATE_ROLES
from cases.views.shell import render_case
from cases.walls import may_know
from cases.windows import AFTER_ENGAGEMENT


def _back(case: Case) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("case-sharing", args=[case.uid]))


@require_GET
@guarded(READ_CARD, even_erased=True)
def sharing(request: SignedInRequest, case: Case) -> HttpResponse:
    """Who can see this case, why, until when and when last; an outsider sees only her own line. Releases where DUTIES is held."""
    holding = case.holding
    assert holding is not None  # the door has set it

    def build() -> dict[str, Any]:
        now = clock.now()
        is_of_the_house = request.user.organisation_id == case.organisation_id
        viewers = access.live_access(case)
        if not is_of_the_house:
            viewers = [viewer for viewer in viewers if viewer.grant.person_id == request.user.pk]
        lines = _lines(request, case, viewers, now)
        knows_walls = may_know(request.user, case, at=now)
        may_see_holds = holding.holds(Section.DUTIES) and is_of_the_house
        releases = (
            access.records(Release, case)
            .select_related("recipient", "recipient_person", "recipient_team")
            .order_by("-starts_at")
        )
        return {
            "lines": [line for line in lines if not line["viewer"].rests],
            # That an access rests may be a wall's doing: only whoever may place one is told.
            "resting": [line for line in lines if line["viewer"].rests] if knows_walls else [],
            "wall_url": f"{reverse('wall-new')}?case={case.uid}" if knows_walls else "",
            "is_of_the_house": is_of_the_house,
            "may_share": holding.writes(Section.DUTIES) and not case.is_closed,
            "may_end": holding.may_write(Section.DUTIES),
            "may_close_after_transfer": (
                not case.is_closed and is_transferred(viewers) and supervises(request.user, viewers, at=now)
            ),
            "may_ask_when": is_of_the_house and request.user.holds_role(*AT_DATE_ROLES),
            "may_see_disclosures": holding.reads(Section.DUTIES),
            "holds_url": reverse("case-holds", args=[case.uid]) if may_see_holds else "",
            "releases": [release_line(release) for release in releases],
            "proposed": proposed_lines(case) if may_see_holds else [],
        }

    return render_case(request, case, "sharing", "cases/sharing.html", build)


def _lines(request: SignedInRequest, case: Case, viewers: list[Viewer], now: datetime) -> list[dict[str, Any]]:
    """Each access as the page shows it. A handful of queries, however many there are. Read while the case is open."""
    holding = case.holding
    assert holding is not None  # the door has set it
    is_of_the_house = request.user.organisation_id == case.organisation_id
    uses = access.LastUses([case.uid])
    members = access.members_behind(case, viewers)
    decided = last_decisions(case) if is_of_the_house and holding.reads(Section.DUTIES) else {}
    supervises_it = desk.Standing(request.user, case, at=now).supervises
    found = []
    for viewer in viewers:
        grant, behind = viewer.grant, members.get(viewer.grant.pk, [])
        matter, line, person = grant.matter, decided.get(grant.pk), grant.person
        ends = holding.may_write(Section.DUTIES) and grant.person_id != request.user.pk
        found.append({
            "viewer": viewer,
            "members": [one.name for one in behind],
            "house": person.organisation.name if person and person.organisation_id != case.organisation_id else "",
            "matter": matter.title if matter and holding.reads(Section.LEGAL, matter.uid) else "",
            "last_used": uses.of(grant, behind),
            "may_attest": ends and grant.kind in PARTNER_KINDS and holding.writes(Section.DUTIES),
            "may_end": ends and (supervises_it or grant.kind != GrantKind.SUPERVISION),
            "decided": {"line": line, "reason": words_in(line, "reason")} if line else None,
        })  # fmt: skip
    return found


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
                with_location=facts["with_location"], release_uid=form.release_uid,
            )  # fmt: skip
        except CaseError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Access is given."))
            return _back(case)
    status = 422 if form.errors else 200
    return render_case(request, case, "sharing", "cases/access_form.html", lambda: {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@guarded(write(Section.DUTIES), even_erased=True)
def access_revoke(request: SignedInRequest, case: Case, grant_uid: UUID) -> HttpResponse:
    """End one access, at once. The page restates whose it is, and what people lose that no other ground keeps.

    An engagement ends with or without the attorney's own file, by a button each; the second alone once it is over.
    """
    viewers = access.live_access(case)
    if not may_know(request.user, case, at=clock.now()):
        viewers = [viewer for viewer in viewers if not viewer.rests]
    line = next((viewer for viewer in viewers if viewer.grant.uid == grant_uid), None)
    if line is None:
        raise Hidden
    if request.method == "POST":
        revoke_access(
            actor=request.user, now=clock.now(), grant_uid=grant_uid, with_own_file="with_own_file" in request.POST
        )
        messages.success(request, _("Access has ended."))
        return _back(case)

    def build() -> dict[str, Any]:
        return {
            "line": line,
            "losses": losses_in_words(case, access.losses_of_grant(line.grant)),
            # Of an engagement that runs: until when the attorney would still read her own file.
            "stays_until": clock.now() + AFTER_ENGAGEMENT if line.grant.is_own_file and not line.ended_on else None,
        }

    return render_case(request, case, "sharing", "cases/access_revoke.html", build)
