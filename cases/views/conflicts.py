"""Possible conflicts of interest: the page of the privacy officer. Nobody else finds it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import F, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.accounts.choices import Role
from casemgmt.accounts.requests import SignedInRequest
from cases import access, conflicts
from cases.actions.conflicts import answer_conflict
from cases.actions.walls import is_walled
from cases.choices.conflicts import ConflictAnswer
from cases.choices.walls import WallKind
from cases.errors import CaseError
from cases.errors.walls import ConflictIsAnswered
from cases.forms.walls import ConflictForm
from cases.models import PossibleConflict
from cases.walls import open_conflicts, words_in

#: More than one page should show.
MOST = 100
#: Answers stay on the page for so long.
SHOWN_FOR = timedelta(days=90)

officer = for_roles(Role.PRIVACY_OFFICER)


def conflict_lines(rows: Sequence[PossibleConflict], at: datetime) -> list[dict[str, Any]]:
    """Each with what the officer decides by: who, which case, how alike, and what this person has to do with it."""
    holders = access.holders_of({row.case_id for row in rows}, at)
    uses = access.LastUses([row.case_uid for row in rows])
    return [
        {
            "one": row,
            "likeness": row.get_likeness_display(),
            # The wall is there at once, the answer is noted by the job.
            "answer": row.get_answer_display() or ConflictAnswer.KEPT_APART.label,
            "holds": row.person_id in holders[row.case_id],
            "opened_at": uses.by(row.case_uid, row.person.uid),
            "is_late": row.answered_at is None and at - row.found_at > conflicts.ANSWER_WITHIN,
        }
        for row in rows
    ]


@officer
@never_cache
@require_safe
def possible_conflicts(request: SignedInRequest) -> HttpResponse:
    """What waits for her answer, and what was answered lately."""
    now = clock.now()
    told = conflicts.told(request.user, at=now)
    waiting = conflict_lines(list(conflicts.waiting(told, at=now)[:MOST]), now)
    lately = Q(answered_at__gte=now - SHOWN_FOR) | Q(answered_at__isnull=True) & Q(access.wall_between(now))
    answered = list(told.filter(lately).order_by(F("answered_at").desc(nulls_first=True), "-pk")[:MOST])
    with open_conflicts(request.user, answered):
        lines = conflict_lines(answered, now)
        for line in lines:
            line["reason"] = words_in(line["one"], "reason")
        return render(request, "cases/walls/conflicts.html", {"waiting": waiting, "answered": lines, "most": MOST})


@officer
@never_cache
@require_http_methods(["GET", "POST"])
def possible_conflict(request: SignedInRequest, conflict_uid: UUID) -> HttpResponse:
    """One possible conflict, and the answer. Whoever comes second reads that it was answered."""
    now = clock.now()
    found = conflicts.told(request.user, at=now).filter(uid=conflict_uid).first()
    if found is None:
        raise Hidden
    posted = request.POST if request.method == "POST" else None
    form = ConflictForm(posted, initial={"kind": WallKind.KNOWS_SURVIVOR})
    status = 200
    if posted is not None and form.is_valid():
        facts = form.cleaned_data
        try:
            answer_conflict(
                actor=request.user, now=clock.now(), form_key=form.key, conflict_uid=found.uid, answer=facts["answer"],
                kind=facts["kind"] or WallKind.KNOWS_SURVIVOR, reason=facts["reason"],
            )  # fmt: skip
        except ConflictIsAnswered as error:
            form.add_error(None, str(error))
            status = 409
        except CaseError as error:
            form.add_error(None, str(error))
        else:
            kept = facts["answer"] == ConflictAnswer.KEPT_APART
            messages.success(
                request,
                _("Kept apart. The wall counts from this moment, and whoever is behind it is told nothing.")
                if kept
                else _("Answered. It is not listed again unless a name or number changes."),
            )
            return HttpResponseRedirect(reverse("possible-conflicts"))
    [line] = conflict_lines([conflicts.told(request.user, at=now).get(pk=found.pk)], now)
    is_answered = line["one"].answered_at is not None or is_walled(line["one"].person, line["one"].case)
    context = {"line": line, "form": form, "is_answered": is_answered}
    status = 422 if form.errors and status == 200 else status
    return render(request, "cases/walls/conflict.html", context, status=status)
