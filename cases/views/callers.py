"""Contacts before cases: the list, a quick form, and one contact with what came of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import clock
from casemgmt.access.errors import Hidden
from casemgmt.access.rules import for_roles
from casemgmt.accounts.models import User
from casemgmt.accounts.requests import SignedInRequest
from casemgmt.interface.forms import HavenForm
from cases.actions.callers import decide_contact, hold_contact, record_contact
from cases.actions.cases import INTAKE_DRAFT
from cases.actions.drafts import save_draft
from cases.actions.intake import OPENING_ROLES
from cases.callers import KEEPERS, contacts_for, counts_of, label_of, open_records
from cases.choices.callers import CallerNeed, CallerOffer, CallerOutcome, CountedKind, DeclineReason, SafetyConcern
from cases.forms.callers import ContactForm, OutcomeForm
from cases.htcds.places import languages
from cases.models import Contact
from cases.views.desk_forms import done

#: Contacts of one page, the newest.
SHOWN = 50
#: Months that are counted, this one too.
MONTHS = 12


@for_roles(*OPENING_ROLES)
@never_cache
@require_safe
def callers(request: SignedInRequest) -> HttpResponse:
    """The newest contacts of the house, and how many there were in each month."""
    rows = list(contacts_for(request.user, at=clock.now())[: SHOWN + 1])
    with open_records(request.user, rows[:SHOWN]):
        context = {
            "lines": [_line(row) for row in rows[:SHOWN]],
            "is_more": len(rows) > SHOWN,
            "months": months_of(request.user, CountedKind.CONTACT),
        }
        return render(request, "cases/callers.html", context)


def months_of(reader: User, kind: CountedKind) -> list[tuple[Any, int, list[tuple[Any, int]]]]:
    """The last months, newest first: the month, how many, and how many of each code."""
    today = timezone.localdate()
    since = today.replace(year=today.year - 1, day=1)
    counted = list(counts_of(reader, kind, since=since).items())[:MONTHS]
    return [
        (
            month,
            sum(codes.values()),
            sorted(((label_of(kind, code), number) for code, number in codes.items()), key=str),
        )
        for month, codes in counted
    ]


def _line(row: Contact) -> dict[str, Any]:
    """One contact in words, read while it is open."""
    facts = row.facts
    return {
        "row": row,
        "need": CallerNeed(facts["need"]).label,
        "outcome": CallerOutcome(row.outcome).label,
        "reason": DeclineReason(row.decline_reason).label if row.decline_reason else "",
        "is_open": row.outcome == CallerOutcome.OPEN,
        "language": dict(languages()).get(facts["language"], ""),
        "minutes": facts["minutes"],
        "offered": [CallerOffer(code).label for code in facts["offered"]],
        "safety": SafetyConcern(facts["safety"]).label,
        "is_danger": facts["safety"] == SafetyConcern.YES,
    }


@for_roles(*OPENING_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def caller_new(request: SignedInRequest) -> HttpResponse:
    """Write a contact down."""
    form = ContactForm(request.POST if request.method == "POST" else None)
    made = done(
        request, form,
        lambda: record_contact(
            actor=request.user, now=clock.now(), form_key=form.key, facts=form.facts,
            **{name: form.cleaned_data[name] for name in ("at", "words", "outcome", "reason")},
        ),
        words=_("Written down. It has no name, and after 90 days only a number stays of it."),
    )  # fmt: skip
    if made is not None:
        return redirect("caller", contact_uid=made.uid)
    return render(request, "cases/caller_new.html", {"form": form}, status=422 if form.errors else 200)


@for_roles(*OPENING_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def caller(request: SignedInRequest, contact_uid: UUID) -> HttpResponse:
    """One contact; while it is open, what came of it."""
    row = _get(request.user, contact_uid)
    form = OutcomeForm(request.POST if request.method == "POST" else None)
    decided = done(
        request, form,
        lambda: decide_contact(
            actor=request.user, now=clock.now(), form_key=form.key, contact_uid=contact_uid,
            outcome=form.cleaned_data["outcome"], reason=form.cleaned_data["reason"],
        ),
        words=_("Saved."),
    )  # fmt: skip
    if decided is not None:
        return redirect("caller", contact_uid=contact_uid)
    with open_records(request.user, [row]):
        context = {
            "line": _line(row), "words": row.words, "form": form,
            "may_hold": request.user.holds_role(*KEEPERS, at=clock.now()),
        }  # fmt: skip
        return render(request, "cases/caller.html", context, status=422 if form.errors else 200)


@for_roles(*OPENING_ROLES)
@require_POST
def caller_take_in(request: SignedInRequest, contact_uid: UUID) -> HttpResponse:
    """On to the intake, with what fits as a draft. The contact is marked when the case opens."""
    row = _get(request.user, contact_uid)
    if row.outcome == CallerOutcome.INTAKE:
        messages.info(request, _("She was taken in already."))
        return redirect("caller", contact_uid=contact_uid)
    with open_records(request.user, [row]):
        fields = {"language": [row.facts["language"]], "opened_on": [timezone.localdate(row.at).isoformat()]}
    save_draft(
        actor=request.user, now=clock.now(), kind=INTAKE_DRAFT, about_uid=row.uid,
        fields={name: values for name, values in fields.items() if values[0]},
    )  # fmt: skip
    return redirect("intake-form", draft_uid=row.uid)


@for_roles(*KEEPERS)
@require_POST
def caller_hold(request: SignedInRequest, contact_uid: UUID) -> HttpResponse:
    """Keep it past its time because the law asks for it, or no longer."""
    form = HavenForm(request.POST)
    hold_contact(
        actor=request.user, now=clock.now(), form_key=form.key if form.is_valid() else None, contact_uid=contact_uid,
        is_held=request.POST.get("hold") == "on",
    )  # fmt: skip
    messages.success(request, _("Saved."))
    return redirect("caller", contact_uid=contact_uid)


def _get(reader: User, uid: UUID) -> Contact:
    row = contacts_for(reader, at=clock.now()).filter(uid=uid).first()
    if row is None:
        raise Hidden
    return row
