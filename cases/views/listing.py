"""The list of cases: those the reader may open, newest first, narrowed by codes."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from casemgmt.access.rules import listing, personal
from casemgmt.access.sections import READ_CARD, Section
from casemgmt.accounts.models import Membership, Team, User
from casemgmt.accounts.requests import SignedInRequest
from cases import access, opening
from cases.actions.cases import show_names
from cases.actions.intake import OPENING_ROLES
from cases.actions.tagging import TAG_ROLES
from cases.actions.views import discard_view, save_view, share_view, unshare_view
from cases.choices.listing import EXPORTING_ROLES
from cases.errors import CaseError
from cases.forms.bulk import ActForm
from cases.forms.search import FilterForm, SaveViewForm, SearchForm, ShareViewForm
from cases.listing import CaseFilter, counted, rows_of, shared_with, teams_of, views_of
from cases.models import Case, Tag
from cases.narrowing import tags_to_find
from cases.tokens import open_place, open_sorted_place, seal_place

PAGE = 50
PLACES = "cases"
#: In the session: names are shown in lists until she signs out.
NAMES_MARK = "haven_names_shown"


@listing(READ_CARD)
@require_safe
def cases(request: SignedInRequest) -> HttpResponse:
    """One page of cards, and the token of the next one."""
    teams, words = teams_of(request.user), tags_to_find(request.user)
    chosen = CaseFilter.read(request.GET, teams, words)
    return _list(request, chosen, teams, words, token=request.GET.get("before", ""))


def _list(
    request: SignedInRequest,
    chosen: CaseFilter,
    teams: Sequence[Team],
    words: Sequence[Tag],
    *,
    token: str = "",
    form: SaveViewForm | None = None,
    share_form: ShareViewForm | None = None,
) -> HttpResponse:
    """The page of the list; ``form`` where a view could not be saved, ``share_form`` where it could not be shared."""
    reader = request.user
    found, older = page_of_list(reader, chosen, token)
    with_names = shows_names(request)
    number = counted(reader, chosen)
    shared = shared_with(reader, chosen, teams, words, _supervised(reader)) if teams else []
    with opening.open_list(reader, found, sections=sections_of_list(with_names)):
        views = views_of(reader, chosen)
        context = {
            "number": number,
            "views": views,
            "shown_view": next((view for view in views if view.is_shown), None),
            "shared_views": shared,
            "shown_shared": next((view for view in shared if view.is_shown), None),
            "save_form": form or SaveViewForm(initial={"query": chosen.query}),
            "share_form": share_form or ShareViewForm(initial={"query": chosen.query}, teams=teams),
            "may_share": bool(teams),
            "rows": rows_of(reader, found, with_names=with_names),
            "with_names": with_names,
            "chosen": chosen,
            "tags": [(said, _address(query)) for said, query in chosen.tags(teams, words)],
            "filter_form": FilterForm(chosen, teams, words),
            "search_form": SearchForm(),
            "is_first": not token,
            "newer": _address(chosen.query) if token else "",
            "older": _address(chosen.query, before=older) if older else "",
            "may_open_cases": reader.holds_role(*OPENING_ROLES),
            "may_search": reader.organisation.is_ours,
            "may_export": reader.organisation.is_ours and reader.holds_role(*EXPORTING_ROLES),
            "may_keep_tags": reader.organisation.is_ours and reader.holds_role(*TAG_ROLES),
            "act_form": ActForm.for_reader(reader, words, initial={"query": chosen.query}),
            "sheet": "&".join(filter(None, (chosen.query, f"before={token}" if token else ""))),
        }
        return render(request, "cases/list.html", context, status=422 if form or share_form else 200)


def _supervised(reader: User) -> set[int]:
    """Keys of the teams that the reader supervises now. One query."""
    return set(Membership.objects.supervising().live(clock.now()).filter(user=reader).values_list("team_id", flat=True))


def page_of_list(reader: User, chosen: CaseFilter, token: str) -> tuple[list[Case], str]:
    """One page in the chosen order, and the sealed token of the next one. Raises Hidden for a token that is not hers."""
    where, order = chosen.where(reader), chosen.order
    if order is None:
        before = open_place(reader, PLACES, token) if token else None
        found, older = access.page(reader, READ_CARD, before=before, size=PAGE, where=where)
        return found, seal_place(reader, PLACES, older) if older else ""
    name, after = f"{PLACES}/{chosen.sort}", None
    if token:
        value, key = open_sorted_place(reader, name, token)
        after = access.Place(order.read(value), key)
    found, last = access.sorted_page(reader, order, after=after, size=PAGE, where=where)
    return found, seal_place(reader, name, last.as_json()) if last else ""


@personal()
@require_POST
def view_save(request: SignedInRequest) -> HttpResponse:
    """Keep the filters that are set under a name."""
    form = SaveViewForm(request.POST)
    teams, words = teams_of(request.user), tags_to_find(request.user)
    # Read as codes again, so that nothing but codes is kept, whatever was sent.
    chosen = CaseFilter.read(QueryDict(request.POST.get("query", "")), teams, words)
    if form.is_valid():
        try:
            save_view(
                actor=request.user,
                now=clock.now(),
                form_key=form.key,
                name=form.cleaned_data["name"],
                query=chosen.query,
            )
            return redirect(_address(chosen.query))
        except CaseError as error:
            form.add_error(None, str(error))
    with access.session(request.user):
        return _list(request, chosen, teams, words, form=form)


@personal()
@require_POST
def view_discard(request: SignedInRequest, view_uid: UUID) -> HttpResponse:
    """Throw one's own view away."""
    discard_view(actor=request.user, now=clock.now(), view_uid=view_uid)
    return redirect("cases")


@personal()
@require_POST
def view_share(request: SignedInRequest) -> HttpResponse:
    """Offer the filters that are set to a team of one's own. They open nothing to anybody."""
    teams, words = teams_of(request.user), tags_to_find(request.user)
    form = ShareViewForm(request.POST, teams=teams)
    chosen = CaseFilter.read(QueryDict(request.POST.get("query", "")), teams, words)
    if form.is_valid():
        try:
            share_view(
                actor=request.user,
                now=clock.now(),
                form_key=form.key,
                team_uid=UUID(form.cleaned_data["team"]),
                query=chosen.query,
            )
            return redirect(_address(chosen.query))
        except CaseError as error:
            form.add_error(None, str(error))
    with access.session(request.user):
        return _list(request, chosen, teams, words, share_form=form)


@personal()
@require_POST
def view_unshare(request: SignedInRequest, shared_view_uid: UUID) -> HttpResponse:
    """Take back what one shared, or what a team that one supervises shares."""
    unshare_view(actor=request.user, now=clock.now(), view_uid=shared_view_uid)
    return redirect("cases")


@listing(READ_CARD)
@require_POST
def names(request: SignedInRequest) -> HttpResponse:
    """Show names in lists until signing out; recorded once. The same button hides them again."""
    if request.POST.get("names") == "hide":
        request.session.pop(NAMES_MARK, None)
    elif not shows_names(request):
        show_names(actor=request.user, now=clock.now())
        request.session[NAMES_MARK] = str(request.user.uid)
    return redirect("cases")


def shows_names(request: SignedInRequest) -> bool:
    """Whether this person had the names of her caseload shown in this session."""
    return request.session.get(NAMES_MARK) == str(request.user.uid)


def sections_of_list(with_names: bool) -> list[Section]:
    """What a list opens."""
    return [Section.CARD, Section.IDENTITY] if with_names else [Section.CARD]


def _address(query: str, before: str = "") -> str:
    parts = "&".join(filter(None, (query, f"before={before}" if before else "")))
    return f"{reverse('cases')}?{parts}" if parts else reverse("cases")
