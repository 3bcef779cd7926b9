"""The tab of other people on a case: listed, written down, changed, taken off. Never beside the way to reach her (R20)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.sections import READ_CARD, Section, read, write
from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases.actions.other_people import MARKED, change_other_person, end_other_person, note_other_person
from cases.forms.other_people import OtherEndForm, OtherPersonForm
from cases.guards import guarded
from cases.marks import mark_of
from cases.models import Case, OtherPerson
from cases.other_people import day_of, line_of, lines_of
from cases.views.desk_forms import done
from cases.views.shell import render_case, viewers_of, visible_names

_TAB = "others"


@require_safe
@guarded(read(Section.SAFETY))
def others(request: SignedInRequest, case: Case) -> HttpResponse:
    """Everybody else of whom the case speaks."""
    assert case.holding is not None
    may_write = case.holding.writes(Section.SAFETY) and not case.is_closed

    def build() -> dict[str, Any]:
        sees = visible_names(request.user, case, viewers_of(case), Section.SAFETY)
        return {**lines_of(request.user, case), "may_write": may_write, "sees_safety": sees}

    return render_case(request, case, _TAB, "cases/others.html", build, is_apart=True)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.SAFETY))
def other_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """Write somebody down."""
    form = OtherPersonForm(request.POST if request.method == "POST" else None, says_part=_says_part(case))
    made = done(
        request, form,
        lambda: note_other_person(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, said=form.said
        ),
        words=_("Written down. Only those who may read her safety see it."),
    )  # fmt: skip
    if made is not None:
        return _back(request, case)
    return _form(request, case, form, _("Write down another person"))


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.SAFETY))
def other_change(request: SignedInRequest, case: Case, other_person_uid: UUID) -> HttpResponse:
    """Change what is known of somebody."""
    row, says_part = _listed(case, other_person_uid), _says_part(case)
    if request.method != "POST":
        heading = _("Change what is known")

        def build() -> dict[str, Any]:
            form = OtherPersonForm(initial=_former(row, says_part=says_part), says_part=says_part)
            return {"form": form, "heading": heading}

        return render_case(request, case, _TAB, "cases/other_form.html", build, is_apart=True)
    form = OtherPersonForm(request.POST, says_part=says_part)
    made = done(
        request, form,
        lambda: change_other_person(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, person_uid=other_person_uid,
            said=form.said, mark=form.cleaned_data["mark"] or None,
        ),
        words=_("Saved."),
    )  # fmt: skip
    return _back(request, case) if made is not None else _form(request, case, form, _("Change what is known"))


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.SAFETY))
def other_end(request: SignedInRequest, case: Case, other_person_uid: UUID) -> HttpResponse:
    """Take somebody off the list, with the reason."""
    row = _listed(case, other_person_uid)
    form = OtherEndForm(request.POST if request.method == "POST" else None)
    made = done(
        request, form,
        lambda: end_other_person(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, person_uid=other_person_uid,
            reason=form.cleaned_data["reason"],
        ),
        words=_("No longer listed. The entry stays in the history."),
    )  # fmt: skip
    if made is not None:
        return _back(request, case)

    def build() -> dict[str, Any]:
        return {"form": form, "heading": _("Take off the list"), "line": line_of(request.user, case, row)}

    status = 422 if form.errors else 200
    return render_case(request, case, _TAB, "cases/other_form.html", build, status=status, is_apart=True)


def _listed(case: Case, uid: UUID) -> OtherPerson:
    row = access.records(OtherPerson, case).filter(uid=uid, ended_at__isnull=True).first()
    if row is None:
        raise Hidden
    return row


def _says_part(case: Case) -> bool:
    """Whether the reader writes what happened, of which their part is one."""
    assert case.holding is not None
    return case.holding.writes(Section.NARRATIVE)


def _former(row: OtherPerson, *, says_part: bool) -> dict[str, Any]:
    """The entry as the form shows it. Inside an opening."""
    who = dict(row.who or {})
    days = {name: day_of(who, name) for name in ("birth_date", "standing_on")}
    part = {"part": row.part or ""} if says_part else {}
    former = {**who, **days, "dangers": row.dangers, **part, "mark": mark_of(row, *MARKED)}
    return {name: value for name, value in former.items() if value not in ("", None)}


def _back(request: SignedInRequest, case: Case) -> HttpResponse:
    """To the list; home, where a wall has just come between the writer and the case, because she knows the person."""
    still = access.visible(Case, request.user, READ_CARD, among=[case.pk]).exists()
    return HttpResponseRedirect(reverse("case-others", args=[case.uid]) if still else reverse("home"))


def _form(request: SignedInRequest, case: Case, form: OtherPersonForm, heading: str) -> HttpResponse:
    status = 422 if form.errors else 200
    return render_case(
        request, case, _TAB, "cases/other_form.html", lambda: {"form": form, "heading": heading}, status=status,
        is_apart=True,
    )  # fmt: skip
