"""The review of access: which reviews there are and how far they are, the lines of one, and one line to decide on.

No case is opened: a line shows the number of the case, whose access it is, where it came from and when it was last used.
There is no way to keep everything at once.
"""

from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases.actions import reviews as acts
from cases.forms.reviews import BeginReviewForm, DecideForm
from cases.models import AccessReview, ReviewLine
from cases.reviews import REVIEW_ROLES, WHOLE_HOUSE_ROLES, lines_for, may_decide, reviews_for
from cases.views.desk_forms import done
from cases.views.seeing import AT_DATE_ROLES

#: Reviews and lines of one page; what is decided makes room for the next.
MOST_REVIEWS = 40
PAGE = 50


# ---- In words ----


def review_line(review: AccessReview, counts: dict[str, int]) -> dict[str, Any]:
    """One review with how far it is."""
    total, decided = counts.get("total", 0), counts.get("decided", 0)
    return {"review": review, "total": total, "decided": decided, "left": total - decided, "state": _state(review)}


def _state(review: AccessReview) -> str:
    if review.ended_at is not None:
        return "ended"
    return "open" if review.escalated_at is None else "late"


def counts_of(reviews: list[AccessReview]) -> dict[int, dict[str, int]]:
    """How many lines each review has, and how many are decided: by its key. One query."""
    rows = access.for_the_house(ReviewLine).filter(review__in=reviews).order_by().values("review_id")
    counted = rows.annotate(total=Count("pk"), decided=Count("pk", filter=~Q(decision="")))
    return {row["review_id"]: {"total": row["total"], "decided": row["decided"]} for row in counted}


def line_in_words(line: ReviewLine, uses: access.LastUses, members: dict[int, list[Any]]) -> dict[str, Any]:
    """One access as a reviewer sees it, without a word of its case."""
    grant = line.grant
    person = grant.person
    last = line.last_used_at if line.decision else uses.of(grant, members.get(grant.pk, []))
    until = access.end_of(grant)
    now = clock.now()
    return {
        "line": line,
        "number": line.case.number,
        "who": person.name if person else grant.team.name if grant.team else "",
        "house": person.organisation.name if person and line.is_external else "",
        "is_team": grant.team_id is not None,
        "kind": grant.get_kind_display(),
        "sections": [section.label for section in access.sections_of(grant.permissions)],
        "giver": grant.granted_by.name,
        "given_on": grant.granted_at,
        "is_opening": grant.is_opening,
        "signed_on": grant.release.signed_on if grant.release else None,
        "rests_on_another": grant.parent_id is not None,
        "until": None if until - grant.valid_from > access.NO_DATE_SET else until,
        "last_used": last,
        "is_unused": not line.decision and acts.is_unused(grant, last, now),
        "is_over": not line.decision and until <= now,
        "ends_undecided": not line.decision and acts.ends_undecided(line, last_used_at=last, now=now),
    }


def _in_words(found: list[ReviewLine]) -> list[dict[str, Any]]:
    uses = access.LastUses({line.case_uid for line in found if not line.decision})
    members = access.people_of_teams([line.grant for line in found if not line.decision])
    return [line_in_words(line, uses, members) for line in found]


# ---- Pages ----


@for_roles(*REVIEW_ROLES)
@require_http_methods(["GET", "POST"])
def reviews(request: SignedInRequest) -> HttpResponse:
    """The reviews one may know of, with their progress; a director or privacy officer begins one by hand."""
    may_begin = request.user.holds_role(*WHOLE_HOUSE_ROLES)
    if request.method == "POST" and not may_begin:
        raise Hidden
    posted = request.POST if request.method == "POST" else None
    form = BeginReviewForm(posted, organisation_id=request.user.organisation_id) if may_begin else None
    if form is not None:
        begun = done(
            request, form,
            lambda: acts.begin_review(
                actor=request.user, now=clock.now(), form_key=form.key, team=form.cleaned_data["team"]
            ),
            words=_("The review has begun. The supervisors of the team were told."),
        )  # fmt: skip
        if begun is not None:
            return HttpResponseRedirect(reverse("access-review", args=[begun.uid]))
    found = list(reviews_for(request.user, at=clock.now())[:MOST_REVIEWS])
    counts = counts_of(found)
    lines = [review_line(one, counts.get(one.pk, {})) for one in found]
    context = {
        "open": [line for line in lines if line["state"] != "ended"],
        "over": [line for line in lines if line["state"] == "ended"],
        "form": form,
        "may_ask_when": request.user.holds_role(*AT_DATE_ROLES),
        "shows_evidence": request.user.holds_role(*WHOLE_HOUSE_ROLES),
    }
    return render(
        request, "cases/reviews/reviews.html", context, status=422 if form is not None and form.errors else 200
    )


def _review(request: SignedInRequest, review_uid: UUID) -> AccessReview:
    found = reviews_for(request.user, at=clock.now()).filter(uid=review_uid).first()
    if found is None:
        raise Hidden
    return found


def _waiting(request: SignedInRequest, review: AccessReview) -> QuerySet[ReviewLine]:
    """What waits for this reviewer: not her own access, which is the director's."""
    rows = lines_for(request.user, review, at=clock.now()).filter(decision="")
    return rows.exclude(grant__person=request.user)


@for_roles(*REVIEW_ROLES)
@require_safe
def review(request: SignedInRequest, review_uid: UUID) -> HttpResponse:
    """One review: what waits, external and unused first, then what was decided last."""
    found = _review(request, review_uid)
    now = clock.now()
    rows = lines_for(request.user, found, at=now)
    waiting = _waiting(request, found).order_by("-is_external", "last_used_at", "pk")
    shown = list(waiting[:PAGE])
    own = list(rows.filter(decision="", grant__person=request.user)[:PAGE])
    context = {
        **review_line(found, counts_of([found]).get(found.pk, {})),
        "waiting": _in_words(shown),
        "more": max(waiting.count() - len(shown), 0),
        "own": _in_words(own),
        "decided_lines": _in_words(list(rows.exclude(decision="").order_by("-decided_at", "-pk")[:PAGE])),
        "may_decide": may_decide(request.user, found, at=now),
        "shows_evidence": request.user.holds_role(*WHOLE_HOUSE_ROLES),
    }
    return render(request, "cases/reviews/review.html", context)


@for_roles(*REVIEW_ROLES)
@require_http_methods(["GET", "POST"])
def line(request: SignedInRequest, review_uid: UUID, line_uid: UUID) -> HttpResponse:
    """One access: whose, from where, last used when; keep it, let it end sooner or end it, each with a reason."""
    found = _review(request, review_uid)
    now = clock.now()
    one = lines_for(request.user, found, at=now).filter(uid=line_uid).first()
    if one is None:
        raise Hidden
    decides = may_decide(request.user, found, at=now) and one.grant.person_id != request.user.pk
    if request.method == "POST" and not decides:
        raise Hidden
    form = DecideForm(request.POST if request.method == "POST" else None)
    decided = done(
        request, form,
        lambda: acts.decide_on_access(
            actor=request.user, now=clock.now(), form_key=form.key, line_uid=line_uid,
            decision=form.cleaned_data["decision"], reason=form.cleaned_data["reason"], until=form.until_moment,
        ),
        words=_("Your decision is recorded."),
    )  # fmt: skip
    if decided is not None:
        return HttpResponseRedirect(_next(request, found))
    context = {
        "review": found,
        "form": form,
        "decides": decides and not one.decision,
        "is_own": one.grant.person_id == request.user.pk,
        "losses": _counted(one),
        "may_open": READ_CARD in access.permissions_on(request.user, [one.case]).get(one.case_id, set()),
        **_in_words([one])[0],
    }
    return render(request, "cases/reviews/line.html", context, status=422 if form.errors else 200)


def _counted(line: ReviewLine) -> dict[str, int]:
    """What would be without an owner if this access ended: numbers only."""
    losses = [] if line.decision else access.losses_of_grant(line.grant)
    return {"dues": sum(len(loss.dues) for loss in losses), "leads": sum(loss.leads for loss in losses)}


def _next(request: SignedInRequest, review: AccessReview) -> str:
    """The next line that waits; the review where none is left."""
    following = _waiting(request, review).order_by("-is_external", "last_used_at", "pk").first()
    if following is None:
        return reverse("access-review", args=[review.uid])
    return reverse("access-review-line", args=[review.uid, following.uid])
