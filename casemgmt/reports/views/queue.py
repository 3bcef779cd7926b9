"""The review queue: what somebody should look at, the explanation first, and what reviewers found."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock, pseudonyms
from audit.models import Disposition, Event, Hint
from audit.paging import page_of
from audit.presenting import lines_of
from audit.reader import Reader
from audit.views.shared import workspace
from audit.workspace import queue, saying
from audit.workspace.models import Outcome, Rule
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.accounts.choices import Role
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.reports.forms import ReviewHint, SecondReview
from casemgmt.reports.own_team import is_own_team
from casemgmt.reports.reviewing import settle_hint

reviewer = for_roles(Role.INTERNAL_AUDITOR, Role.PRIVACY_OFFICER)
PER_PAGE = 25


@reviewer
@require_safe
def hints(request: SignedInRequest) -> HttpResponse:
    """Hints that wait, or those that are settled; of one rule, if one is chosen. The same number of queries for any page."""
    reader = Reader(request.user)
    is_settled = request.GET.get("state") == "settled"
    rule = request.GET.get("rule", "")
    rows = queue.settled_hints() if is_settled else queue.open_hints()
    if rule in Rule.values:
        rows = rows.filter(rule=rule)
    found = page_of(request, rows, name=f"queue/{is_settled}/{rule}", size=PER_PAGE)
    dispositions = queue.dispositions_of(found.rows)
    reader.learn_names({hint.person_uid for hint in found.rows})
    reader.leave_trace("QUEUE", filters=["rule"] if rule in Rule.values else [])
    context = {
        **_frame(reader),
        "hints": [_line(reader, hint, dispositions.get(hint.pk, [])) for hint in found.rows],
        "newer": found.newer,
        "older": found.older,
        "is_settled": is_settled,
        "rule": rule,
        "rules": Rule.choices,
    }
    return render(request, "reports/hints.html", context)


@reviewer
@require_http_methods(["GET", "HEAD", "POST"])
def hint(request: SignedInRequest, hint_uid: UUID) -> HttpResponse:
    """One hint: rule, baseline, the rights its acts rested on, the acts; what was found so far, and what you find."""
    reader = Reader(request.user)
    found = Hint.objects.filter(uid=hint_uid).first()
    if found is None:
        raise Hidden
    before = queue.dispositions_of([found]).get(found.pk, [])
    first = queue.waits_for_second(before)
    is_near = is_own_team(request.user, found.person_uid, clock.now())
    form: Any = (ReviewHint if first is None else SecondReview)(request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid() and _is_reviewed(request, found, form):
            return redirect("audit-queue")
        status = 422
    else:
        reader.leave_trace("HINT", case_uid=found.case_uid, person_uid=found.person_uid)
    context = _hint_context(reader, found, before) | {"form": form, "is_near": is_near, "first": first}
    context |= {"may_review": _may_review(request, found, before, first, is_near=is_near)}
    return render(request, "reports/hint.html", context, status=status)


def _is_reviewed(request: SignedInRequest, found: Hint, form: Any) -> bool:
    """Whether it is recorded; else the form says why not."""
    given = form.cleaned_data
    try:
        settle_hint(
            actor=request.user, now=clock.now(), form_key=form.key, hint_uid=found.uid, person_uid=found.person_uid,
            outcome=given.get("outcome") or Outcome.FOLLOWED_UP, words=given["words"],
            agrees=given.get("agrees", "YES") == "YES",
        )  # fmt: skip
    except queue.ReviewRefused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, _("What you found is kept. Nobody can change it afterwards."))
    return True


def _may_review(
    request: SignedInRequest, found: Hint, before: list[Disposition], first: Disposition | None, *, is_near: bool
) -> str:
    """ "" where this reviewer may say something now; else why not."""
    if found.person_uid == request.user.uid:
        return _("This hint is about you. Somebody else looks at it.")
    if any(one.is_final for one in before):
        return _("This hint is settled.")
    if first is not None and first.by_uid == request.user.uid:
        return _("You looked at it first. Now it waits for a reviewer who does not know this person from a team.")
    if first is not None and is_near:
        return _("You know this person from your own team. A second reviewer from elsewhere is needed.")
    return ""


def _frame(reader: Reader) -> dict[str, Any]:
    """Tabs and badge for an auditor; a privacy officer comes from her desk."""
    is_auditor = reader.user.holds_role(Role.INTERNAL_AUDITOR)
    return {**(workspace(reader, "audit-queue") if is_auditor else {}), "is_auditor": is_auditor}


def _line(reader: Reader, hint: Hint, before: list[Disposition]) -> dict[str, Any]:
    return {
        "hint": hint,
        "label": Rule(hint.rule).label,
        "baseline": saying.baseline_in_words(hint),
        "evidence": saying.evidence_in_words(hint),
        "who": reader.name_of(hint.person_uid),
        "who_code": pseudonyms.of_person(hint.person_uid),
        "case_code": pseudonyms.of_case(hint.case_uid) if hint.case_uid else "",
        "waits": queue.waits_for_second(before),
        "was_sent_back": bool(before) and before[-1].again,
        "outcome": Outcome(before[-1].outcome).label if before and before[-1].is_final else "",
    }


def _hint_context(reader: Reader, found: Hint, before: list[Disposition]) -> dict[str, Any]:
    """Everything but the form. Five queries."""
    events = list(
        Event.objects.filter(uid__in=found.evidence).open_to_auditors().select_related("detail").order_by("-pk")
    )
    reader.learn_names({found.person_uid, *(one.by_uid for one in before)})
    lines = lines_of(reader, events)
    words = queue.words_of(before)
    reasons = Counter(line.why.words or _("No explanation needed") for line in lines)
    return {
        **_frame(reader),
        **_line(reader, found, before),
        "rule_words": saying.rule_in_words(found.rule),
        "reasons": reasons.most_common(),
        "lines": lines,
        "more": max(0, found.found - len(lines)),
        "with_addresses": True,
        "addresses": sorted({line.address for line in lines if line.address}),
        "steps": [
            {
                "at": one.at,
                "who": reader.name_of(one.by_uid),
                "outcome": Outcome(one.outcome).label,
                "again": one.again,
                "is_final": one.is_final,
                "words": words.get(one.uid, ""),
            }
            for one in before
        ],
        "newer": "",
        "older": "",
    }
