"""One page for changing one part of a record: the form, what is missing, and what to do when two people save at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from casemgmt.access.errors import Hidden
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.forms import HavenForm
from casemgmt.interface.lines import in_a_row
from cases import access
from cases.drafts import kept_draft
from cases.errors import CaseError
from cases.errors.casework import StaleVersion
from cases.errors.survivor import AboutFields
from cases.marks import mark_of
from cases.models import Case, ContactInstruction
from cases.views.shell import render_case, viewers_of, visible_names


@dataclass(frozen=True)
class Page:
    """What an edit page says and where it belongs. ``marked``: the fields of ``model`` it is made from."""

    tab: str
    heading: Any
    lead: Any
    done: Any
    back: str
    section: str
    model: type
    marked: tuple[str, ...]
    draft_kind: str = ""


@dataclass(frozen=True)
class Difference:
    """One answer on which two people differ, in words."""

    label: str
    theirs: str
    own: str


def the_one(model: Any, case: Case) -> Any:
    """The one record of this kind of an opened case; of the contact instructions the one that counts now."""
    if model is Case:
        return case
    rows = access.records(model, case)
    found = (rows.filter(ended_at__isnull=True) if model is ContactInstruction else rows).order_by("-pk").first()
    if found is None:
        raise Hidden
    return found


def edit(
    request: SignedInRequest, case: Case, page: Page, *, make_form: Callable[..., HavenForm],
    initial: Callable[[Any], dict[str, Any]], save: Callable[[HavenForm], Any],
    prepare: Callable[[HavenForm, Any], None] | None = None, field_of: dict[str, str] | None = None,
    onward: str = "", template: str = "cases/survivor_edit.html", more: dict[str, Any] | None = None,
    find: Callable[[], Any] | None = None,
) -> HttpResponse:  # fmt: skip
    """Show the form, or save it: 422 with the sentences, 409 with the colleague's answers above and one's own kept.

    ``initial(record)`` reads the record for the form, ``prepare(form, record)`` fits the form to it; both run while
    the case is open. ``save(form)`` calls the one action. ``field_of`` names the form field for an error's ``what``.
    ``onward``: where "Save and go on" leads; ``more``: what its own ``template`` takes beside the rest. ``find()``: the
    record, where a case has several of this kind.
    """
    form = make_form(request.POST) if request.method == "POST" else make_form()
    is_stale = False
    if request.method == "POST" and form.is_valid():
        try:
            save(form)
        except StaleVersion:
            is_stale = True
        except CaseError as error:
            _say(form, error, field_of or {})
        else:
            messages.success(request, page.done)
            goes_on = bool(onward) and "onward" in request.POST
            return HttpResponseRedirect(onward if goes_on else reverse(page.back, args=[case.uid]))

    def build() -> dict[str, Any]:
        context = _context(request, case, page, form, is_stale, make_form, initial, prepare, find)
        return context | {"onward": onward} | (more or {})

    status = 409 if is_stale else 422 if form.errors else 200
    return render_case(request, case, page.tab, template, build, status=status)


def _say(form: HavenForm, error: CaseError, field_of: dict[str, str]) -> None:
    """Put the sentence beside the field it is about."""
    for name in error.what if isinstance(error, AboutFields) else []:
        name = field_of.get(name, name)
        if name in form.fields:
            form.add_error(name, str(error))
    if not form.errors:
        form.add_error(error.field if error.field in form.fields else None, str(error))


def _context(
    request: SignedInRequest, case: Case, page: Page, form: HavenForm, is_stale: bool, make_form: Callable[..., HavenForm],
    initial: Callable[[Any], dict[str, Any]], prepare: Callable[[HavenForm, Any], None] | None,
    find: Callable[[], Any] | None,
) -> dict[str, Any]:  # fmt: skip
    record = find() if find is not None else the_one(page.model, case)
    stored = initial(record) | {"mark": mark_of(record, *page.marked)}
    context: dict[str, Any] = {"page": page, "names": visible_names(request.user, case, viewers_of(case), page.section)}
    kept = None
    if is_stale:
        # The next save is a decision: the form now carries the version that stands above it.
        theirs = make_form(initial=stored)
        if prepare is not None:
            # What may not be asked may not be shown in the comparison either.
            prepare(theirs, record)
        context["differences"] = differences(theirs, stored, form.cleaned_data)
        context["who"], context["when"] = last_hand(record)
        own = {name: value for name, value in form.cleaned_data.items() if name != "form_key"}
        form = make_form(initial=own | {"mark": stored["mark"]})
    elif not form.is_bound:
        kept = kept_draft(request.user, page.draft_kind, case.uid) if page.draft_kind else None
        form.initial = stored | (kept.initial if kept else {})
    if prepare is not None:
        prepare(form, record)
    return context | {"form": form, "kept": kept}


def differences(form: HavenForm, theirs: dict[str, Any], own: dict[str, Any]) -> list[Difference]:
    """The visible answers on which what is stored and what was sent differ."""
    found = []
    for field in form.visible_fields():
        pair = [_words(form, field.name, answers.get(field.name)) for answers in (theirs, own)]
        if pair[0] != pair[1]:
            found.append(Difference(str(field.label), *pair))
    return found


def _words(form: HavenForm, name: str, value: Any) -> str:
    """A value of a form field as the person would read it."""
    field = form.fields[name]
    parts = getattr(field, "fields", None)
    listed = getattr(field, "choices", None) or [pair for part in parts or [] for pair in getattr(part, "choices", [])]
    words = {str(code): str(label) for code, label in listed or []}
    values = value if isinstance(value, list | tuple) else [value]
    return in_a_row(words.get(str(one), str(one)) for one in values if one not in (None, ""))


def last_hand(record: Any) -> tuple[str, Any]:
    """Who changed the record last, by name, and when."""
    last = record.history.order_by("-history_id").only("history_user_id", "history_date").first()
    if last is None:
        return "", None
    return names_of([last.history_user_id]).get(last.history_user_id, ""), last.history_date


def names_of(uids: list[UUID | None]) -> dict[UUID | None, str]:
    """The names of people by uid."""
    return dict(User.objects.filter(uid__in=[uid for uid in uids if uid]).values_list("uid", "name"))
