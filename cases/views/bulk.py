"""One act on the ticked cases of a list: what will happen, then what became of each. Works without JavaScript."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audit import clock
from casemgmt.access.rules import listing
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts import held
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import Membership, User
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.accounts.stepup import ask_for_proof, confirmed_lately
from casemgmt.interface.forms import HavenForm
from cases import access, bulk, opening
from cases.actions.handing import hand_over
from cases.actions.tagging import tag_case, untag_case
from cases.actions.tasks import add_task
from cases.choices.listing import BulkAct
from cases.forms.bulk import ActForm, NewOwnerForm, TagForm, TasksForm
from cases.listing import CaseFilter, take_hold, teams_of
from cases.models import Case, Tag
from cases.narrowing import tags_on, tags_to_find
from cases.views.screen import handed_out


@listing(READ_CARD)
@require_POST
def bulk_act(request: SignedInRequest) -> HttpResponse:
    """The second page of an act on several cases, and with ``go`` its result, a line for each case.

    Cases that the reader may not open are told from uids that name nothing by no word.
    """
    reader = request.user
    words = tags_to_find(reader)
    chosen = CaseFilter.read(QueryDict(request.POST.get("query", "")), teams_of(reader), words)
    back = reverse("cases") + (f"?{chosen.query}" if chosen.query else "")
    first = ActForm.for_reader(reader, words, request.POST)
    uids = _ticked(request)
    if first is None or not first.is_valid() or not uids:
        messages.warning(request, _("Tick cases in the list, and choose what is to be done with them."))
        return redirect(back)
    act = BulkAct(first.cleaned_data["act"])
    cases = _cases(reader, uids)
    form = _form(reader, act, words, request.POST if "go" in request.POST else None)
    if act == BulkAct.SHEET and cases and form.is_bound and form.is_valid():
        if not confirmed_lately(request):
            # What was ticked is kept, and offered again after the proof.
            return ask_for_proof(request, held.hold(request, reader, clock.now()) or back)
        for case in cases:
            case.lead_name = case.lead.name if case.lead else None
        return handed_out(request, cases)
    context = {
        "act": act, "form": form, "first": first, "query": chosen.query, "back": back,
        "missing": len(uids) - len(cases),
    }  # fmt: skip
    if form.is_bound and form.is_valid():
        do, is_so = _deed(reader, act, form, cases)
        lines = bulk.carry_out(
            actor=reader, cases=cases, act=act, page_key=form.key or uuid4(), do=do, is_so=is_so,
        )  # fmt: skip
        with opening.open_cards(reader, cases):
            return render(request, "cases/bulk_done.html", {**context, "lines": lines, "counts": _counts(lines)})
    with opening.open_cards(reader, cases):
        return render(request, "cases/bulk.html", {**context, "cases": cases}, status=422 if form.errors else 200)


def _ticked(request: SignedInRequest) -> list[UUID]:
    """The uids that were ticked, or all of the page; at most a page of the list."""
    name = "page" if "all" in request.POST else "case"
    found: dict[UUID, None] = {}
    for text in request.POST.getlist(name)[: bulk.MOST]:
        try:
            found[UUID(text)] = None
        except ValueError:
            continue
    return list(found)


def _cases(reader: User, uids: Sequence[UUID]) -> list[Case]:
    """The ticked cases that the reader may open, in the order of the list."""
    cases = list(access.visible(Case, reader, READ_CARD).filter(uid__in=uids).select_related("lead", "organisation"))
    take_hold(reader, cases)
    place = {uid: number for number, uid in enumerate(uids)}
    return sorted((case for case in cases if not case.is_erased), key=lambda case: place[case.uid])


def _form(reader: User, act: BulkAct, words: Sequence[Tag], posted: QueryDict | None) -> Any:
    if act == BulkAct.SHEET:
        return HavenForm(posted)
    if act == BulkAct.LEAD:
        return NewOwnerForm(posted, people=_who_may_lead(reader))
    if act == BulkAct.TASK:
        return TasksForm(posted, people=_who_may_do(reader))
    return TagForm(posted, words=[tag for tag in words if act == BulkAct.UNTAG or not tag.is_retired])


def _who_may_lead(reader: User) -> list[User]:
    """Caseworkers and supervisors of the reader's house; each case says whether this one may lead it."""
    able = User.objects.holding(Role.CASEWORKER, Role.HOTLINE_ADVOCATE, Role.SUPERVISOR, at=clock.now())
    return list(able.filter(organisation=reader.organisation_id).by_name())


def _who_may_do(reader: User) -> list[User]:
    """The reader first, then the members of her teams; each case says whether this one works on it."""
    live = Membership.objects.live(clock.now()).filter(team__group_id__in=reader.team_group_ids())
    members = User.objects.filter(pk__in=live.values("user_id"), is_active=True, organisation=reader.organisation_id)
    return [reader, *members.exclude(pk=reader.pk).by_name()]


def _doer(reader: User, case: Case, chosen: User | None) -> User:
    """Who does it in one case: the chosen person, else its lead, of whom a guest of another house does not hear."""
    if chosen is None and case.lead is not None and case.organisation_id == reader.organisation_id:
        return case.lead
    return chosen or reader


def _deed(
    reader: User, act: BulkAct, form: Any, cases: Sequence[Case]
) -> tuple[Callable[[Case, UUID], Any], Callable[[Case], bool]]:
    """How one case is done, by the ordinary action, and how one knows that it was so before."""

    def at(case: Case, key: UUID) -> dict[str, Any]:
        return {"actor": reader, "now": clock.now(), "form_key": key, "case_uid": case.uid}

    if act == BulkAct.LEAD:
        person = form.chosen_person
        return (lambda case, key: hand_over(**at(case, key), person=person)), lambda case: case.lead_id == person.pk
    if act == BulkAct.TASK:
        facts, doer = form.cleaned_data, form.one_doer
        return (
            lambda case, key: add_task(
                **at(case, key), title=facts["title"], due_on=facts["due_on"], assigned_to=_doer(reader, case, doer)
            )
        ), lambda _case: False
    tag = form.chosen
    carried = {key for key, tags in tags_on(reader, cases).items() if any(one.pk == tag.pk for one in tags)}
    if act == BulkAct.TAG:
        return (lambda case, key: tag_case(**at(case, key), tag_uid=tag.uid)), lambda case: case.pk in carried
    return (lambda case, key: untag_case(**at(case, key), tag_uid=tag.uid)), lambda case: case.pk not in carried


def _counts(lines: Sequence[bulk.Line]) -> list[tuple[Any, int]]:
    """How many of each result, those of none left out."""
    results: dict[Any, int] = {}
    for line in lines:
        results[line.result] = results.get(line.result, 0) + 1
    return [(result.label, number) for result, number in results.items()]
