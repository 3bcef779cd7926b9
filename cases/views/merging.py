"""Two files that may be of one person: side by side, joined, and taken apart again within 30 days (domain.md R23).

Only for somebody who may open both; to anybody else a pair, a restricted or a walled file answers as if it were not there.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from audit.log import record
from audit.verbs import Verb
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.forms import HavenForm
from cases.actions.matching import to_compare
from cases.actions.merging import agree_to_merge, decline_merge, merge_cases, undo_merge
from cases.choices.merging import MergeState
from cases.comparing import both_open, compare
from cases.errors import CaseError
from cases.forms.merging import MergeForm
from cases.merges import MERGE_ROLES, WAY_BACK, may_agree, merge_for, merges_for
from cases.models import CaseMerge
from cases.opening import held
from cases.views.desk_forms import done

#: Merges of one page; 30 days of a small house.
PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.INTAKE_COORDINATOR)
def compare_match(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """The two files side by side, and the form that joins them."""
    reader, now = request.user, clock.now()
    match = to_compare(reader, now=now).filter(uid=uid).select_related("case", "other").first()
    if match is None:
        raise Hidden
    pair = both_open(reader, match)
    may_merge = all(held(case).may_write(Section.CARD) for case in pair)
    form = MergeForm(request.POST if request.method == "POST" else None, pair=pair)
    merge = done(
        request, form,
        lambda: merge_cases(
            actor=reader, now=now, form_key=form.key, match_uid=uid, kept_uid=UUID(form.cleaned_data["kept"]),
            keeps_open=form.cleaned_data["keeps_open"],
        ),
        words=_("Recorded. What was done, and the way back, stand on this page."),
    )  # fmt: skip
    if merge is not None:
        return HttpResponseRedirect(reverse("match-merges"))
    context = {
        "match": match, "pair": pair, "parts": compare(reader, pair), "form": form, "may_merge": may_merge,
        "needs_two": any(case.is_restricted for case in pair),
    }  # fmt: skip
    return render(request, "cases/match_compare.html", context, status=422 if form.errors else 200)


@require_safe
@for_roles(*MERGE_ROLES)
def merges(request: SignedInRequest) -> HttpResponse:
    """Merges that wait for a supervisor, and those of the last 30 days."""
    reader, now = request.user, clock.now()
    rows = list(merges_for(reader, now=now)[:PAGE])
    _tell_shown(reader, rows)
    return render(request, "cases/match_merges.html", {"lines": [_line(reader, row, now) for row in rows]})


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*MERGE_ROLES)
def merge(request: SignedInRequest, case_merge_uid: UUID) -> HttpResponse:
    """One merge: what it did, until when it can be taken back, and who may agree to one that waits."""
    reader, now = request.user, clock.now()
    found = merge_for(reader, case_merge_uid, now=now)
    form = HavenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        words = _answer(request, form, found, now)
        if words:
            messages.success(request, words)
            return redirect("match-merges")
    _tell_shown(reader, [found])
    context = {"line": _line(reader, found, now), "form": form}
    return render(request, "cases/match_merge.html", context, status=422 if form.errors else 200)


def _answer(request: SignedInRequest, form: HavenForm, found: CaseMerge, now: datetime) -> str:
    """Do what the button says; the sentence to show, or none where a rule stands against it."""
    acts = {
        "undo": (undo_merge, _("Taken back. Both files are as they were before.")),
        "agree": (agree_to_merge, _("Joined. It can be taken back for 30 days.")),
        "decline": (decline_merge, _("Declined. Nothing was changed.")),
    }
    act, words = acts.get(request.POST.get("answer", ""), (None, ""))
    if act is None:
        form.add_error(None, _("Choose one of the answers."))
        return ""
    try:
        act(actor=request.user, now=now, form_key=form.key, merge_uid=found.uid)
    except CaseError as error:
        form.add_error(None, str(error))
        return ""
    return words


def _tell_shown(reader: User, rows: list[CaseMerge]) -> None:
    """That the numbers of these cases were shown."""
    shown = {case.pk: case for row in rows for case in (row.case, row.other)}
    if shown:
        record(
            Verb.CASES_LISTED, actor=reader, refs=list(shown.values()), sections=[Section.CARD],
            detail={"count": len(shown)},
        )  # fmt: skip


def _line(reader: User, row: CaseMerge, now: datetime) -> dict[str, Any]:
    """A merge as the pages show it; what walls it raised is said to nobody here."""
    until = row.merged_at + WAY_BACK if row.merged_at else None
    changed = row.changed or {}
    return {
        "merge": row,
        "state": MergeState(row.state).label,
        "until": until,
        "is_open": row.state == MergeState.MERGED and until is not None and now < until,
        "is_late": row.state == MergeState.MERGED and until is not None and now >= until,
        "waits": row.state == MergeState.WAITS,
        "may_agree": row.state == MergeState.WAITS and may_agree(row, reader, now=now),
        "has_closed": bool(changed.get("closed")),
        "has_restricted": bool(changed.get("restricted")),
    }
