"""Court proceedings of a case: seen through it alone, whoever else looks at the same one (vault.md §3)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section, read, write
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.forms import HavenForm
from cases.actions.proceedings import change_proceeding, join_proceeding, leave_proceeding
from cases.forms.proceedings import ProceedingForm
from cases.guards import guarded
from cases.models import Case, CaseProceeding
from cases.proceedings import day_in, lines_of, public_facts, standing_in
from cases.views.desk_forms import done
from cases.views.shell import render_case, viewers_of, visible_names


def _only_inside(request: SignedInRequest, case: Case) -> None:
    """What the house watches at the courts is its own: an attorney has her own docket."""
    if request.user.organisation_id != case.organisation_id:
        raise Refused(read(Section.LEGAL))


def _says(case: Case) -> bool:
    assert case.holding is not None
    return case.holding.writes(Section.NARRATIVE)


@require_safe
@guarded(read(Section.LEGAL))
def proceedings(request: SignedInRequest, case: Case) -> HttpResponse:
    """The proceedings of this case."""
    _only_inside(request, case)
    assert case.holding is not None
    may_write = case.holding.writes(Section.LEGAL) and not case.is_closed

    def build() -> dict[str, Any]:
        sees = visible_names(request.user, case, viewers_of(case), Section.LEGAL)
        return {"proceedings": lines_of(request.user, case), "may_write": may_write, "sees_legal": sees}

    return render_case(request, case, "legal", "cases/proceedings.html", build)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.LEGAL))
def proceeding_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """Begin to look at a proceeding."""
    _only_inside(request, case)
    form = ProceedingForm(request.POST if request.method == "POST" else None, is_new=True, says=_says(case))
    made = done(
        request, form,
        lambda: join_proceeding(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, facts=form.facts, side=form.side
        ),
        words=_("Written down. Its hearings stand on the lists of this case."),
    )  # fmt: skip
    return _back(case) if made is not None else _form(request, case, form, _("Write down a court proceeding"))


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.LEGAL))
def proceeding_change(request: SignedInRequest, case: Case, case_proceeding_uid: UUID) -> HttpResponse:
    """Write down how the court went on, and what it is to her."""
    _only_inside(request, case)
    row, says, heading = _standing(case, case_proceeding_uid), _says(case), _("How the court went on")
    if request.method != "POST":

        def build() -> dict[str, Any]:
            said = public_facts(request.user, [row]).get(row.uid, {})
            initial = {**said, "next_on": day_in(said), **row.what, "statement": (row.statement or "") if says else ""}
            return {"form": ProceedingForm(initial=initial, is_new=False, says=says), "heading": heading, "said": said}

        return render_case(request, case, "legal", "cases/proceeding_form.html", build)
    form = ProceedingForm(request.POST, is_new=False, says=says)
    made = done(
        request, form,
        lambda: change_proceeding(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, row_uid=case_proceeding_uid,
            facts=form.facts, side=form.side,
        ),
        words=_("Saved."),
    )  # fmt: skip
    return _back(case) if made is not None else _form(request, case, form, heading)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.LEGAL))
def proceeding_leave(request: SignedInRequest, case: Case, case_proceeding_uid: UUID) -> HttpResponse:
    """Look at it no more."""
    _only_inside(request, case)
    _standing(case, case_proceeding_uid)
    form = HavenForm(request.POST if request.method == "POST" else None)
    made = done(
        request, form,
        lambda: leave_proceeding(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, row_uid=case_proceeding_uid
        ),
        words=_("It stands on this case no more, and its dates are off the lists."),
    )  # fmt: skip
    return _back(case) if made is not None else _form(request, case, form, _("Take the proceeding off this case"))


def _standing(case: Case, uid: UUID) -> CaseProceeding:
    row = next((one for one in standing_in(case) if one.uid == uid), None)
    if row is None:
        raise Hidden
    return row


def _back(case: Case) -> HttpResponse:
    return HttpResponseRedirect(reverse("case-proceedings", args=[case.uid]))


def _form(request: SignedInRequest, case: Case, form: HavenForm, heading: str) -> HttpResponse:
    context = {"form": form, "heading": heading}
    status = 422 if form.errors else 200
    return render_case(request, case, "legal", "cases/proceeding_form.html", lambda: context, status=status)
