"""The house's list of tags, and the tags of a case."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from casemgmt.access.errors import Refused
from casemgmt.access.rules import for_roles
from casemgmt.access.sections import Section, write
from casemgmt.accounts.requests import SignedInRequest
from cases import access
from cases.actions.tagging import TAG_ROLES, make_tag, offer_tag_again, retire_tag, set_tags
from cases.errors import CaseError
from cases.forms.tagging import CaseTagsForm, NewTagForm
from cases.guards import guarded
from cases.models import Case, Tag
from cases.narrowing import tags_of, tags_on
from cases.views.desk_forms import done
from cases.views.shell import render_case


@for_roles(*TAG_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def tags(request: SignedInRequest) -> HttpResponse:
    """The words of the house, and a new one. How often a word is used is not said: the list is kept without any case."""
    form = NewTagForm(request.POST if request.method == "POST" else None)
    made = done(
        request, form,
        lambda: make_tag(actor=request.user, now=clock.now(), form_key=form.key, word=form.cleaned_data["word"]),
        words=_("The tag is on the list."),
    )  # fmt: skip
    return redirect("tags") if made is not None else _shown(request, form)


def _shown(request: SignedInRequest, form: NewTagForm, problem: str = "") -> HttpResponse:
    listed = list(access.of_house(Tag, request.user).order_by("word"))
    context = {
        "form": form,
        "offered": [tag for tag in listed if tag.retired_at is None],
        "retired": [tag for tag in listed if tag.retired_at is not None],
        "problem": problem,
    }
    return render(request, "cases/tags.html", context, status=422 if form.errors or problem else 200)


@for_roles(*TAG_ROLES)
@require_POST
def tag_retire(request: SignedInRequest, tag_uid: UUID) -> HttpResponse:
    """Offer a word no longer; cases that carry it keep it."""
    retire_tag(actor=request.user, now=clock.now(), tag_uid=tag_uid)
    return redirect("tags")


@for_roles(*TAG_ROLES)
@require_POST
def tag_offer(request: SignedInRequest, tag_uid: UUID) -> HttpResponse:
    """Offer a word again."""
    try:
        offer_tag_again(actor=request.user, now=clock.now(), tag_uid=tag_uid)
    except CaseError as error:
        return _shown(request, NewTagForm(), str(error))
    return redirect("tags")


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(write(Section.CARD))
def case_tags(request: SignedInRequest, case: Case) -> HttpResponse:
    """Which words of the list this case carries. For colleagues of the house that keeps it."""
    reader = request.user
    if reader.organisation_id != case.organisation_id:
        raise Refused(write(Section.CARD))
    carried = tags_on(reader, [case]).get(case.pk, [])
    offered = tags_of(reader)
    # A word that is no longer offered stays on a case until somebody takes it off, so it can be seen and taken off here.
    words = sorted({tag.pk: tag for tag in [*offered, *carried]}.values(), key=lambda tag: tag.word.lower())
    initial = {"tags": [str(tag.uid) for tag in carried]}
    form = CaseTagsForm(request.POST if request.method == "POST" else None, words=words, initial=initial)
    saved = done(
        request, form,
        lambda: set_tags(
            actor=reader, now=clock.now(), form_key=form.key, case_uid=case.uid, tag_uids=form.chosen
        ),
        words=_("The tags are saved."),
    )  # fmt: skip
    if saved is not None:
        return HttpResponseRedirect(reverse("case-overview", args=[case.uid]))

    def build() -> dict[str, Any]:
        return {"form": form, "words": words, "keeps_list": reader.holds_role(*TAG_ROLES), "is_closed": case.is_closed}

    return render_case(request, case, "overview", "cases/case_tags.html", build, status=422 if form.errors else 200)
