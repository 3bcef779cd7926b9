"""Somebody asks whether a person is helped here: the sentence to say, and what is written down.

The page is the same for everybody they may ask about: it looks nothing up (access.md §5).
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from audit import clock
from casemgmt.access.rules import for_roles
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.forms import HavenForm
from cases.actions.callers import hold_inquiry, record_inquiry
from cases.actions.numbers import check_number
from cases.callers import INQUIRY_READERS, KEEPERS, STAFF_ROLES, inquiries_for, open_records
from cases.choices.callers import CountedKind, InquirerKind, InquiryAnswer, InquiryWay, SafetyConcern
from cases.errors.callers import NumberTooShort
from cases.forms.callers import InquiryForm
from cases.models import Inquiry
from cases.views.callers import months_of
from cases.views.desk_forms import done

#: Inquiries of one page, the newest.
SHOWN = 50


@for_roles(*STAFF_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def inquiries(request: SignedInRequest) -> HttpResponse:
    """What to say, what to write down, and what was written down: all of it, or one's own of the last days."""
    reader, now = request.user, clock.now()
    asks_number = request.method == "POST" and "check" in request.POST
    # Nothing is saved by asking: what was typed stays in the form.
    typed = {name: request.POST[name] for name in InquiryForm.base_fields if asks_number and name in request.POST}
    form = InquiryForm(request.POST if request.method == "POST" and not asks_number else None, initial=typed)
    answer = _answer_about(request, typed.get("number", "")) if asks_number else None
    made = None if asks_number else done(
        request, form,
        lambda: record_inquiry(
            actor=reader, now=now, form_key=form.key, facts=form.facts,
            **{name: form.cleaned_data[name] for name in ("at", "kind", "words")},
        ),
        words=_("Written down. Whoever asked was told nothing, and nothing was looked up."),
    )  # fmt: skip
    if made is not None:
        return redirect("inquiries")
    reads_all = reader.holds_role(*INQUIRY_READERS, at=now)
    rows = list(inquiries_for(reader, at=now)[: SHOWN + 1])
    with open_records(reader, rows[:SHOWN]):
        context = {
            "form": form,
            "answer": answer,
            "lines": [_line(row) for row in rows[:SHOWN]],
            "is_more": len(rows) > SHOWN,
            "reads_all": reads_all,
            "may_hold": reader.holds_role(*KEEPERS, at=now),
            "months": months_of(reader, CountedKind.INQUIRY) if reads_all else [],
        }
        return render(request, "cases/inquiries.html", context, status=422 if form.errors else 200)


def _answer_about(request: SignedInRequest, number: str) -> dict[str, str]:
    """What the page says of a number that calls: the tone of a note, its heading and its words."""
    try:
        is_listed = check_number(actor=request.user, now=clock.now(), number=number)
    except NumberTooShort as error:
        return {"tone": "warn", "title": _("This number was not looked at"), "text": str(error)}
    if is_listed:
        return {
            "tone": "bad", "title": _("Nobody here speaks with whoever calls from this number"),
            "text": _("Say the sentence above, end the call, and write it down. Whoever has to know finds it on her list."),
        }  # fmt: skip
    return {
        "tone": "", "title": _("This number is on no list"),
        "text": _("That proves nothing: say the sentence above all the same."),
    }  # fmt: skip


def _line(row: Inquiry) -> dict[str, Any]:
    """One inquiry in words, read while it is open."""
    facts = row.facts
    return {
        "row": row,
        "kind": InquirerKind(row.kind).label,
        "way": InquiryWay(facts["way"]).label,
        "answer": InquiryAnswer(facts["answer"]).label,
        "safety": SafetyConcern(facts["safety"]).label,
        "is_danger": facts["safety"] == SafetyConcern.YES,
        "who": facts["who"],
        "organisation": facts["organisation"],
        "about": facts["about"],
        "number": facts.get("number", ""),
        "words": row.words,
    }


@for_roles(*KEEPERS)
@require_POST
def inquiry_hold(request: SignedInRequest, inquiry_uid: UUID) -> HttpResponse:
    """Keep it past its time because the law asks for it, or no longer."""
    form = HavenForm(request.POST)
    hold_inquiry(
        actor=request.user, now=clock.now(), form_key=form.key if form.is_valid() else None, inquiry_uid=inquiry_uid,
        is_held=request.POST.get("hold") == "on",
    )  # fmt: skip
    messages.success(request, _("Saved."))
    return redirect("inquiries")
