"""While I am away: a colleague stands in, and it is taken back in one tap."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from casemgmt.access.rules import for_roles
from casemgmt.accounts.requests import SignedInRequest
from cases import opening
from cases.actions.delegation import (
    colleagues_of,
    delegate_access,
    lendable,
    lent_by,
    lent_to,
    stand_ins,
    take_back_delegation,
)
from cases.actions.kinds import ROLES_OF_KIND
from cases.choices.sharing import GrantKind
from cases.forms.guarding import AwayForm
from cases.listing import shown_alias, take_hold
from cases.models import Case
from cases.views.desk_forms import done

#: Of so many accesses the cases are offered to be chosen one by one; nothing chosen means all of them (``MOST_CASES`` at most).
OFFERED = 60
AWAY_ROLES = ROLES_OF_KIND[GrantKind.DELEGATION]


@for_roles(*AWAY_ROLES)
@require_http_methods(["GET", "POST"])
def away(request: SignedInRequest) -> HttpResponse:
    """Who stands in for me, for whom I stand in, and lending my cases to a colleague of my discipline."""
    reader, now = request.user, clock.now()
    cases: list[Case] = list({one.case_id: one.case for one in lendable(reader, at=now, at_most=OFFERED)}.values())
    take_hold(reader, cases)
    with opening.open_cards(reader, [case for case in cases if case.holding is not None]):
        named = [(str(case.uid), shown_alias(case) or case.number) for case in cases]
    form = AwayForm(
        request.POST if request.method == "POST" else None, colleagues=colleagues_of(reader, at=now), cases=named
    )
    if _delegated(request, form):
        return HttpResponseRedirect(reverse("away"))
    context = {
        "form": form,
        "has_cases": bool(named),
        "for_me": stand_ins(lent_by(reader, at=now), by="person"),
        "by_me": stand_ins(lent_to(reader, at=now), by="granted_by"),
    }
    return render(request, "cases/guarding/away.html", context, status=422 if form.errors else 200)


def _delegated(request: SignedInRequest, form: AwayForm) -> bool:
    """Whether a posted, valid form lent the cases; else its sentence is on the form."""
    if not (form.is_bound and form.is_valid()):
        return False
    facts = form.cleaned_data
    lent = done(
        request, form,
        lambda: delegate_access(
            actor=request.user, now=clock.now(), form_key=form.key, colleague=facts["colleague"],
            until=form.until_moment, case_uids=[UUID(one) for one in facts["cases"]],
        ),
        words=_("%(who)s stands in for you now.") % {"who": facts["colleague"].name},
    )  # fmt: skip
    return lent is not None


@for_roles(*AWAY_ROLES)
@require_POST
def away_take_back(request: SignedInRequest, person_uid: UUID) -> HttpResponse:
    """Take everything back that this colleague holds for me: one tap."""
    colleague = take_back_delegation(actor=request.user, now=clock.now(), colleague_uid=person_uid)
    messages.success(request, _("%(who)s no longer stands in for you.") % {"who": colleague.name})
    return HttpResponseRedirect(reverse("away"))
