"""Code lists and texts of the house, for administrators. No case is opened here, and none is within reach."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.accounts.choices import Language, Role
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.forms import HavenForm
from cases import access, codes, texts
from cases.actions.configuring import add_code, add_text, change_text, end_text, set_code
from cases.choices.configuration import CROSSWALKS, ListName, TemplateKind
from cases.codes import CodeList, Row
from cases.forms.configuring import CodeForm, NewCodeForm, TextForm, new_text_form, places_for_page
from cases.models import TextTemplate
from cases.views.desk_forms import done, step

administrator = for_roles(Role.ADMINISTRATOR)
#: So many former wordings stand on the page of a text.
MOST_WORDINGS = 20


def _house(request: SignedInRequest) -> None:
    if not request.user.organisation.is_ours:
        raise Hidden


# ---- Code lists ----


@administrator
@require_safe
def code_lists(request: SignedInRequest) -> HttpResponse:
    """Every list, with how many answers forms offer today and how many are the house's own."""
    _house(request)
    today = timezone.localdate()
    lines = []
    for one in codes.lists():
        rows = [row for row in codes.rows_of(one.name) if row.code not in one.unasked]
        lines.append({
            "list": one, "offered": sum(row.stands(today) for row in rows), "own": sum(row.is_own for row in rows),
        })  # fmt: skip
    return render(request, "cases/configuring/lists.html", {"lines": lines})


@administrator
@require_safe
def code_list(request: SignedInRequest, list_name: str) -> HttpResponse:
    """One list: every answer with its words, dates, place and crosswalks, ended ones too."""
    _house(request)
    one = _list(list_name)
    today = timezone.localdate()
    lines = [_line(one, row, today) for row in codes.rows_of(one.name) if row.code not in one.unasked]
    return render(request, "cases/configuring/list.html", {"list": one, "lines": lines})


def _list(list_name: str) -> CodeList:
    one = codes.the_list(list_name)
    if one is None:
        raise Hidden
    return one


def _line(one: CodeList, row: Row, today: Any) -> dict[str, Any]:
    return {
        "row": row, "stands": row.stands(today), "is_coming": row.active_from is not None and row.active_from > today,
        "counts_as": codes.label(one.name, row.counts_as) if row.counts_as else "", "is_fixed": row.code in one.fixed,
        "crosswalks": [(system.upper(), row.crosswalks[system]) for system in CROSSWALKS if row.crosswalks[system]],
    }  # fmt: skip


@administrator
@require_http_methods(["GET", "POST"])
def code_new(request: SignedInRequest, list_name: str) -> HttpResponse:
    """Add an own answer."""
    _house(request)
    one = _list(list_name)
    if not one.takes_own:
        raise Hidden
    form = NewCodeForm(request.POST if request.method == "POST" else None, of=one)
    return step(
        request, form,
        lambda: add_code(
            actor=request.user, now=clock.now(), form_key=form.key, list_name=one.name, code=form.cleaned_data["code"],
            counts_as=form.cleaned_data["counts_as"], facts=form.facts,
        ),
        words=_("Added. Forms offer it from now on, within its dates."), back=reverse("code-list", args=[one.name]),
        template="cases/configuring/code_form.html", context={"list": one},
    )  # fmt: skip


@administrator
@require_http_methods(["GET", "POST"])
def code_saved(request: SignedInRequest, list_name: str, code: str) -> HttpResponse:
    """Change the words, dates, place or crosswalks of an answer."""
    _house(request)
    one = _list(list_name)
    row = next((row for row in codes.rows_of(one.name) if row.code == code and code not in one.unasked), None)
    if row is None:
        raise Hidden
    form = CodeForm(request.POST if request.method == "POST" else None, of=one, row=row)
    shipped = str(one.choices(code).label) if code in one.choices.values else ""
    return step(
        request, form,
        lambda: set_code(
            actor=request.user, now=clock.now(), form_key=form.key, list_name=one.name, code=code, facts=form.facts
        ),
        words=_("Saved. Records keep the answer that they hold."), back=reverse("code-list", args=[one.name]),
        template="cases/configuring/code_form.html",
        context={"list": one, **_line(one, row, timezone.localdate()), "shipped": shipped},
    )  # fmt: skip


# ---- Texts ----


@administrator
@require_safe
def text_templates(request: SignedInRequest) -> HttpResponse:
    """The texts that are offered, letters and words for notes."""
    _house(request)
    kinds = [
        {"kind": kind, "label": kind.label, "lines": [_text_line(row) for row in texts.standing(kind)]}
        for kind in (TemplateKind.LETTER, TemplateKind.NOTE)
    ]
    return render(request, "cases/configuring/texts.html", {"kinds": kinds})


def _text_line(row: TextTemplate) -> dict[str, Any]:
    is_note = row.kind == TemplateKind.NOTE
    return {
        "row": row, "name": codes.label(ListName.NOTE_TYPE, row.about_code) if is_note else row.name,
        "language": Language(row.language).label,
    }  # fmt: skip


@administrator
@require_http_methods(["GET", "POST"])
def text_new(request: SignedInRequest, kind: str) -> HttpResponse:
    """Write a letter, or words to begin a note with."""
    _house(request)
    if kind not in TemplateKind.values:
        raise Hidden
    form = new_text_form(kind)(request.POST if request.method == "POST" else None)
    return step(
        request, form, lambda: add_text(actor=request.user, now=clock.now(), form_key=form.key, kind=kind, **form.answers),
        words=_("Saved. It is offered from now on."), back=reverse("text-templates"),
        template="cases/configuring/text_form.html",
        context={"label": TemplateKind(kind).label, "places": places_for_page(kind)},
    )  # fmt: skip


@administrator
@require_http_methods(["GET", "POST"])
def text(request: SignedInRequest, text_template_uid: UUID) -> HttpResponse:
    """One text: worded anew; its former wordings beneath."""
    _house(request)
    row = _text(text_template_uid)
    first = {"body": texts.wording(row), "version": row.version}
    form = TextForm(request.POST if request.method == "POST" else None, initial=first)
    made = done(
        request, form,
        lambda: change_text(
            actor=request.user, now=clock.now(), form_key=form.key, text_uid=row.uid, **form.answers
        ),
        words=_("Saved. Letters that were written before stay as they are."),
    )  # fmt: skip
    if made is not None:
        return HttpResponseRedirect(reverse("text-templates"))
    former = row.history.filter(version__lt=row.version).order_by("-version", "-history_id")[:MOST_WORDINGS]
    context = {
        "form": form, "label": TemplateKind(row.kind).label, "line": _text_line(row), "places": places_for_page(row.kind),
        "former": [(one, texts.wording(one)) for one in former],
    }  # fmt: skip
    return render(request, "cases/configuring/text_form.html", context, status=422 if form.errors else 200)


@administrator
@require_http_methods(["GET", "POST"])
def text_end(request: SignedInRequest, text_template_uid: UUID) -> HttpResponse:
    """Offer a text no more."""
    _house(request)
    row = _text(text_template_uid)
    form = HavenForm(request.POST if request.method == "POST" else None)
    return step(
        request, form, lambda: end_text(actor=request.user, now=clock.now(), form_key=form.key, text_uid=row.uid),
        words=_("It is no longer offered."), back=reverse("text-templates"), template="cases/configuring/text_end.html",
        context={"line": _text_line(row)},
    )  # fmt: skip


def _text(text_template_uid: UUID) -> TextTemplate:
    row = access.for_the_house(TextTemplate).filter(uid=text_template_uid, ended_at__isnull=True).first()
    if row is None:
        raise Hidden
    return row
