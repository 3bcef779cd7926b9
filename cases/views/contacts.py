"""Contacts of a case at other organisations, each with what a release lets anybody say to them."""

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
from cases.actions.contacts import change_contact, link_contact, unlink_contact
from cases.contacts import book_of, facts_behind, lines_of, standing_in
from cases.forms.contacts import CaseContactForm
from cases.guards import guarded
from cases.models import Case, CaseContact
from cases.views.desk_forms import done
from cases.views.shell import render_case, viewers_of, visible_names


def _only_inside(request: SignedInRequest, case: Case) -> None:
    """Whom the house works with is its own: a clinic or a shelter would be revealed."""
    if request.user.organisation_id != case.organisation_id:
        raise Refused(read(Section.ADVOCACY))


@require_safe
@guarded(read(Section.ADVOCACY))
def contacts(request: SignedInRequest, case: Case) -> HttpResponse:
    """Who outside has to do with this case."""
    _only_inside(request, case)
    assert case.holding is not None
    may_write = case.holding.writes(Section.ADVOCACY) and not case.is_closed

    def build() -> dict[str, Any]:
        sees = visible_names(request.user, case, viewers_of(case), Section.ADVOCACY)
        return {"contacts": lines_of(request.user, case), "may_write": may_write, "sees_advocacy": sees}

    return render_case(request, case, "overview", "cases/contacts.html", build)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.ADVOCACY))
def contact_new(request: SignedInRequest, case: Case) -> HttpResponse:
    """Put somebody on the case."""
    _only_inside(request, case)
    form = CaseContactForm(request.POST if request.method == "POST" else None, book=book_of(request.user))

    def act() -> CaseContact:
        chosen = form.cleaned_data.get("contact")
        return link_contact(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, words=form.cleaned_data["words"],
            contact_uid=UUID(chosen) if chosen else None, said=None if chosen else form.said,
        )  # fmt: skip

    made = done(request, form, act, words=_("On the case. Nothing was told to them."))
    return _back(case) if made is not None else _form(request, case, form, _("Put a contact on the case"))


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.ADVOCACY))
def contact_change(request: SignedInRequest, case: Case, case_contact_uid: UUID) -> HttpResponse:
    """Change what is kept of a contact, and what they have to do with this case."""
    _only_inside(request, case)
    row, heading = _standing(case, case_contact_uid), _("Change a contact")
    if request.method != "POST":

        def build() -> dict[str, Any]:
            behind = facts_behind(request.user, [row]).get(row.uid)
            if behind is None:
                raise Hidden
            initial = {**behind[1], "partner": behind[0].partner_id, "words": row.what.get("words", "")}
            return {"form": CaseContactForm(initial=initial, book=None), "heading": heading, "is_change": True}

        return render_case(request, case, "overview", "cases/contact_form.html", build)
    form = CaseContactForm(request.POST, book=None)
    made = done(
        request, form,
        lambda: change_contact(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, row_uid=case_contact_uid,
            words=form.cleaned_data["words"], said=form.said,
        ),
        words=_("Saved."),
    )  # fmt: skip
    return _back(case) if made is not None else _form(request, case, form, heading)


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.ADVOCACY))
def contact_end(request: SignedInRequest, case: Case, case_contact_uid: UUID) -> HttpResponse:
    """Take a contact off the case."""
    _only_inside(request, case)
    _standing(case, case_contact_uid)
    form = HavenForm(request.POST if request.method == "POST" else None)
    made = done(
        request, form,
        lambda: unlink_contact(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, row_uid=case_contact_uid
        ),
        words=_("Off the case."),
    )  # fmt: skip
    return _back(case) if made is not None else _form(request, case, form, _("Take the contact off the case"))


def _standing(case: Case, uid: UUID) -> CaseContact:
    row = next((one for one in standing_in(case) if one.uid == uid), None)
    if row is None:
        raise Hidden
    return row


def _back(case: Case) -> HttpResponse:
    return HttpResponseRedirect(reverse("case-contacts", args=[case.uid]))


def _form(request: SignedInRequest, case: Case, form: HavenForm, heading: str) -> HttpResponse:
    context = {"form": form, "heading": heading}
    status = 422 if form.errors else 200
    return render_case(request, case, "overview", "cases/contact_form.html", lambda: context, status=status)
