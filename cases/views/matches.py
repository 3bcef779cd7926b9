"""The intake coordinator's queue: pairs of cases that may be of one person, and whom to ask about them.

She learns what is alike and who leads each case, and no more: no name, no date of birth, no number of a case that she
may not open anyway. A week's answers can be looked at and taken back, because people mishear each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from audit import clock
from casemgmt.access.rules import for_roles
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.forms import HavenForm
from cases.actions.asking import found_for, waiting_questions
from cases.actions.matching import reopen_match, settle_match, settled_matches, taken_back, waiting_matches
from cases.choices.search import Likeness
from cases.models import KnownQuestion, PossibleMatch
from cases.views.match_sides import Side, open_to, side_of
from cases.views.named import named_pairs

#: Pairs of one page; the oldest wait longest and come first.
PAGE = 20


@dataclass(frozen=True)
class Pair:
    """Two cases, what is alike, and what was answered."""

    uid: UUID
    likeness: str
    is_close: bool
    found_at: datetime
    sides: Sequence[Side]
    settled_at: datetime | None
    is_same_person: bool | None
    can_take_back: bool = True

    @property
    def can_compare(self) -> bool:
        """Whether the coordinator may open both files."""
        return all(side.case is not None for side in self.sides)


@for_roles(Role.INTAKE_COORDINATOR)
@require_GET
def matches(request: SignedInRequest) -> HttpResponse:
    """What waits, then what was answered in the last week."""
    reader, now = request.user, clock.now()
    columns = [f"{side}__{name}" for side in ("case", "other") for name in ("team", "lead")]
    waiting = list(waiting_matches(reader).select_related("case", "other", *columns)[: PAGE + 1])
    settled = list(settled_matches(reader, now=now).select_related("case", "other", *columns)[:PAGE])
    free = set(taken_back(reader, now=now).filter(pk__in=[match.pk for match in settled]).values_list("pk", flat=True))
    pairs = [*waiting[:PAGE], *settled]
    open_to_her = open_to(reader, {case.pk: case for match in pairs for case in (match.case, match.other)})
    context = {
        "asked": _asked(reader),
        "named": named_pairs(reader),
        "pairs": [_pair(match, open_to_her) for match in waiting[:PAGE]],
        "settled": [_pair(match, open_to_her, can_take_back=match.pk in free) for match in settled],
        "is_more": len(waiting) > PAGE,
    }
    return render(request, "cases/matches.html", context)


@dataclass(frozen=True)
class Asked:
    """A question somebody asked, and the cases that may fit: (uid of the request, its likeness, whom to ask)."""

    question: KnownQuestion
    found: Sequence[tuple[UUID, str, Side]]


def _asked(reader: User) -> list[Asked]:
    """What colleagues ask, the oldest first. Two queries, and what shows the numbers of cases she may open."""
    questions = list(waiting_questions(reader)[:PAGE])
    found = list(found_for(reader, questions).order_by("pk"))
    open_to_her = open_to(reader, {one.case.pk: one.case for one in found})
    by_question: dict[int, list[tuple[UUID, str, Side]]] = {}
    for one in found:
        line = (one.uid, one.get_likeness_display(), side_of(one.case, open_to_her))
        by_question.setdefault(one.question_id, []).append(line)
    return [Asked(question, by_question.get(question.pk, [])) for question in questions]


@for_roles(Role.INTAKE_COORDINATOR)
@require_POST
def settle(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Say whether a pair is of one person, or take the answer back. Anything else asks again."""
    form = HavenForm(request.POST)
    key = form.key if form.is_valid() else None
    answer = request.POST.get("answer")
    if answer == "same":
        settle_match(actor=request.user, now=clock.now(), form_key=key, match_uid=uid, is_same_person=True)
        messages.success(
            request, _("Recorded: one person. Tell both leads, so that they agree who goes on. Nothing was joined.")
        )
    elif answer == "other":
        settle_match(actor=request.user, now=clock.now(), form_key=key, match_uid=uid, is_same_person=False)
        messages.success(request, _("Recorded: two different people. This pair is not asked about again."))
    elif answer == "again":
        reopen_match(actor=request.user, now=clock.now(), form_key=key, match_uid=uid)
        messages.success(request, _("The answer was taken back. The pair waits again."))
    else:
        messages.warning(request, _("Choose one of the answers."))
    return redirect("match-queue")


def _pair(match: PossibleMatch, open_to_her: set[int], *, can_take_back: bool = True) -> Pair:
    sides = [side_of(case, open_to_her) for case in (match.other, match.case)]
    likeness = match.likeness or Likeness.NAME
    return Pair(
        uid=match.uid, likeness=str(Likeness(likeness).label), is_close=likeness == Likeness.NAME,
        found_at=match.found_at, sides=sides, settled_at=match.settled_at, is_same_person=match.is_same_person,
        can_take_back=can_take_back,
    )  # fmt: skip
