"""Taking in several people of one incident: a line each on one page; every line opens a case of its own."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.requests import SignedInRequest
from cases import access, opening
from cases.actions.cases import finish_intake
from cases.actions.drafts import save_draft
from cases.actions.group_intake import GROUP_DRAFT, finish_group
from cases.actions.intake import OPENING_ROLES
from cases.drafts import KeptDraft, kept_draft
from cases.forms.group_intake import LINES, MOST_LINES, GroupForm, PersonForm
from cases.listing import rows_of, teams_of

#: Names of the form that are no answer.
_NOT_TYPED = frozenset({"csrfmiddlewaretoken", "more"})


@for_roles(*OPENING_ROLES)
@require_safe
def group_begin(request: SignedInRequest) -> HttpResponse:
    """An address of its own for each page of lines, so that its draft is found again."""
    return redirect("intake-group-form", draft_uid=uuid4())


@for_roles(*OPENING_ROLES)
@require_http_methods(["GET", "POST"])
def group(request: SignedInRequest, draft_uid: UUID) -> HttpResponse:
    """The lines. What was sent is a draft before the first case is opened; each line counts once, however often it is sent."""
    reader, teams = request.user, teams_of(request.user)
    if request.method != "POST":
        with opening.open_own(reader):
            kept = kept_draft(reader, GROUP_DRAFT, draft_uid)
        return _show(request, draft_uid, *_unsent(teams, kept.initial if kept else {}), kept=kept)
    typed = {name: values for name, values in request.POST.lists() if name not in _NOT_TYPED}
    save_draft(actor=reader, now=clock.now(), kind=GROUP_DRAFT, about_uid=draft_uid, fields=typed, page=request.path)
    if "more" in request.POST:
        said = {name: values[-1] for name, values in typed.items()} | {"lines": str(MOST_LINES)}
        return _show(request, draft_uid, *_unsent(teams, said))
    form = GroupForm(request.POST, teams=teams)
    lines = [PersonForm(request.POST, prefix=f"p{number}") for number in range(1, _count(request.POST) + 1)]
    are_fine = all([form.is_valid(), *(line.is_valid() for line in lines)])
    people = [line for line in lines if are_fine and line.is_somebody]
    if not people:
        return _show(request, draft_uid, form, lines, status=422, is_empty=are_fine)
    return _taken_in(request, draft_uid, form, people)


def _unsent(teams: Any, said: Mapping[str, Any]) -> tuple[GroupForm, list[PersonForm]]:
    """The page with what was typed so far, and no errors. The keys of lines that were sent before go with them."""
    lines = [
        PersonForm(
            prefix=f"p{number}",
            initial={
                name: said[f"p{number}-{name}"] for name in PersonForm.base_fields if said.get(f"p{number}-{name}")
            },
        )
        for number in range(1, _count(said) + 1)
    ]
    first = {name: said[name] for name in GroupForm.base_fields if said.get(name)}
    return GroupForm(teams=teams, initial=first), lines


def _count(said: Mapping[str, Any]) -> int:
    return MOST_LINES if said.get("lines") == str(MOST_LINES) else LINES


def _show(
    request: SignedInRequest, draft_uid: UUID, form: GroupForm, lines: list[PersonForm], *, kept: KeptDraft | None = None,
    status: int = 200, is_empty: bool = False,
) -> HttpResponse:  # fmt: skip
    context = {
        "form": form, "lines": lines, "draft_uid": draft_uid, "kept": kept, "may_have_more": len(lines) < MOST_LINES,
        "is_empty": is_empty, "has_errors": status == 422,
    }  # fmt: skip
    return render(request, "cases/intake_group.html", context, status=status)


def _taken_in(
    request: SignedInRequest, draft_uid: UUID, form: GroupForm, people: list[PersonForm]
) -> HttpResponse:  # fmt: skip
    """Open a case for each, one transaction after another; then link them. A page that is sent again finds the same cases."""
    reader, facts = request.user, form.cleaned_data
    uids: list[UUID] = []
    for person in people:
        made: Any = finish_intake(
            actor=reader, now=clock.now(), form_key=person.key, draft_uid=uuid4(), team_uid=UUID(facts["team"]),
            intake=person.intake(facts["opened_on"]),
        )  # fmt: skip
        uids.append(made.uid)
    finish_group(actor=reader, now=clock.now(), form_key=form.key, draft_uid=draft_uid, case_uids=uids)
    found, _more = access.page(reader, READ_CARD, where=Q(uid__in=uids), size=len(uids))
    with opening.open_cards(reader, found):
        rows = {row.case.uid: row for row in rows_of(reader, found)}
        # Of somebody whom she has declared to know she hears that it is saved, and nothing more.
        results = [(number, rows.get(uid)) for number, uid in enumerate(uids, start=1)]
        return render(request, "cases/intake_group_done.html", {"results": results})
