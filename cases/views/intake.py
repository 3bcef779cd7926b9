"""Taking somebody in: look first, then open a case with the minimum. What is typed is a draft from the first word."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from audit.verbs import Verb
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import READ_CARD
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from cases import access, limits, opening
from cases.actions.cases import INTAKE_DRAFT, finish_intake
from cases.actions.drafts import save_draft
from cases.actions.intake import OPENING_ROLES
from cases.drafts import KeptDraft, kept_draft, kept_drafts, uids_in
from cases.forms.intake import IntakeForm, IntakeSearchForm
from cases.listing import Row, rows_of, teams_of
from cases.models import Case
from cases.search import find_cases, person_question

#: More looks in one hour than any intake desk needs: whoever tries names out is stopped, whoever takes in is not.
LOOKS_AN_HOUR = 40
#: The name under which the draft carries what the search found.
KNOWN = "known"


@for_roles(*OPENING_ROLES)
@require_http_methods(["GET", "POST"])
def search_first(request: SignedInRequest) -> HttpResponse:
    """Is she here already? Whatever the answer, one can go on."""
    form = IntakeSearchForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _may_look(request.user, form):
        uid = uuid4()
        save_draft(
            actor=request.user, now=clock.now(), kind=INTAKE_DRAFT, about_uid=uid, fields=_begun(request.user, form)
        )
        return redirect("intake-form", draft_uid=uid)
    with opening.open_own(request.user):
        begun = [draft for draft in kept_drafts(request.user) if draft.kind == INTAKE_DRAFT]
    context = {"form": form, "begun": begun}
    return render(request, "cases/intake_search.html", context, status=422 if form.errors else 200)


def _may_look(reader: User, form: IntakeSearchForm) -> bool:
    """Whether she may look once more this hour. Going on without a look is always possible."""
    if not (form.names.strip() or form.cleaned_data["birth_date"] or form.cleaned_data["phone"]):
        return True
    if limits.take("intake_look", reader, most=LOOKS_AN_HOUR):
        return True
    form.add_error(
        None, _("That was very many looks in one hour. Leave all fields empty to go on, or look again later.")
    )
    return False


@for_roles(*OPENING_ROLES)
@require_http_methods(["GET", "POST"])
def intake(request: SignedInRequest, draft_uid: UUID) -> HttpResponse:
    """The minimum of a case, with what was found above it."""
    reader = request.user
    teams = teams_of(reader)
    if request.method == "POST":
        form = IntakeForm(request.POST, teams=teams)
        if form.is_valid():
            case = finish_intake(
                actor=reader, now=clock.now(), form_key=form.key, draft_uid=draft_uid,
                team_uid=UUID(form.cleaned_data["team"]), intake=form.intake(reader.name),
            )  # fmt: skip
            is_hers = access.visible(Case, reader, READ_CARD).filter(uid=case.uid).exists()
            if is_hers:
                messages.success(request, _("The case is open, with an alias of its own. You are its lead caseworker."))
            else:
                # She has declared to know whom she took in.
                messages.success(request, _("The intake is saved. A colleague goes on with it."))
            # The same words for everybody, hit or miss (access.md §5).
            messages.info(request, _("Whether she is known already: sent to the intake coordinator."))
            return redirect("case-overview", uid=case.uid) if is_hers else redirect("intake")
        return _show(request, form, draft_uid, request.POST.getlist(KNOWN), None, status=422)
    with opening.open_own(reader):
        kept = kept_draft(reader, INTAKE_DRAFT, draft_uid)
    form = IntakeForm(teams=teams, initial=kept.initial if kept else None)
    return _show(request, form, draft_uid, kept.fields.get(KNOWN, []) if kept else [], kept)


def _show(
    request: SignedInRequest,
    form: IntakeForm,
    draft_uid: UUID,
    known: list[str],
    kept: KeptDraft | None,
    *,
    status: int = 200,
) -> HttpResponse:
    found = _found(request.user, known)
    with opening.open_cards(request.user, found):
        rows: list[Row] = rows_of(request.user, found)
        context = {
            "form": form,
            "draft_uid": draft_uid,
            "rows": rows,
            "kept": kept,
            "known": [str(row.case.uid) for row in rows],
        }
        return render(request, "cases/intake.html", context, status=status)


def _found(reader: User, known: list[str]) -> list[Case]:
    return access.page(reader, READ_CARD, where=Q(uid__in=uids_in(known)))[0]


def _begun(reader: User, form: IntakeSearchForm) -> dict[str, list[str]]:
    """The draft of an intake: what was typed into the search, and which of the reader's own cases look like it."""
    facts = form.cleaned_data
    question = person_question(names=form.names, birth_date=facts["birth_date"], phone=facts["phone"])
    known = [] if question.is_empty else find_cases(reader, question, verb=Verb.INTAKE_SEARCHED).uids
    typed = {
        "first_name": facts["first_name"],
        "second_name": facts["second_name"],
        "birth_date": facts["birth_date"].isoformat() if facts["birth_date"] else "",
        "contact_value": facts["phone"],
    }
    fields = {name: [text] for name, text in typed.items() if text}
    return {**fields, KNOWN: [str(uid) for uid in known]}
