"""Reaching her: the rule first, then the number for some minutes, then how it went."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import clock
from casemgmt.access.sections import Section, read
from casemgmt.accounts.requests import SignedInRequest
from cases import access, addresses, contacting, kin
from cases.actions.contacting import SHOWN_FOR, begin_contact, is_shown_to, note_contact
from cases.alerts import standing_alerts
from cases.answers import REACHED_BY, Fact, facts_of
from cases.choices.survivor import ContactChannel
from cases.forms.contacting import ContactForm, OutcomeForm
from cases.guards import guarded
from cases.models import Case, ContactAttempt, ContactInstruction, SupportContact, Survivor
from cases.views.desk_forms import done
from cases.views.safety import instruction_in_words, line_of
from cases.views.shell import render_case


def _standing(case: Case) -> ContactInstruction | None:
    return access.records(ContactInstruction, case).filter(ended_at__isnull=True).order_by("-pk").first()


def _on_record(case: Case) -> list[Fact]:
    """Her telephones and her e-mail, as far as they are kept beside the rule."""
    kept = access.records(Survivor, case).first()
    return [fact for fact in facts_of(REACHED_BY, (kept.contact or {}) if kept else {}) if not fact.is_open]


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(read(Section.IDENTITY))
def reach(request: SignedInRequest, case: Case) -> HttpResponse:
    """Her rule, what stands against it now, and the words that one has read it. No number stands here."""
    form = ContactForm(request.POST if request.method == "POST" else None)
    made = done(
        request, form,
        lambda: begin_contact(actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, **form.facts),
        words=_("On record."),
    )  # fmt: skip
    if made is not None:
        return HttpResponseRedirect(reverse("case-contact-attempt", args=[case.uid, made.uid]))

    def build() -> dict[str, Any]:
        standing = _standing(case)
        rule = standing.rule if standing else {}
        way = rule.get("channel", ContactChannel.NONE)
        against = contacting.obstacles(rule or None, standing.verified_on if standing else None, way, clock.now())
        form.suggest(way)
        return {
            "form": form,
            "rule": instruction_in_words(standing, reads_value=False) if standing else None,
            "against": [one.label for one in against],
            "her_time": contacting.her_clock(rule, clock.now()).replace(tzinfo=None) if rule.get("zone") else None,
            "alerts": standing_alerts(case),
        }

    return render_case(request, case, "safety", "cases/contact/reach.html", build, status=422 if form.errors else 200)


def _person_of(row: ContactAttempt, case: Case) -> SupportContact | None:
    """Of an attempt to reach somebody who stands by her, that person."""
    named = row.facts.get("person")
    return access.records(SupportContact, case).filter(uid=named).first() if named else None


@require_http_methods(["GET", "HEAD", "POST"])
@guarded(read(Section.IDENTITY))
def attempt(request: SignedInRequest, case: Case, contact_attempt_uid: UUID) -> HttpResponse:
    """One attempt: the number for whoever began it, for some minutes; the rule beside it; and how it went."""
    row = access.get_record(ContactAttempt, case, contact_attempt_uid)
    form = OutcomeForm(request.POST if request.method == "POST" else None)
    made = done(
        request, form,
        lambda: note_contact(
            actor=request.user, now=clock.now(), form_key=form.key, case_uid=case.uid, attempt_uid=row.uid, **form.facts
        ),
        words=_("Saved."),
    )  # fmt: skip
    if made is not None:
        return HttpResponseRedirect(reverse("case-overview", args=[case.uid]))

    def build() -> dict[str, Any]:
        standing = _standing(case)
        is_shown = is_shown_to(request.user, row, clock.now())
        person = _person_of(row, case) if kin.is_own(request.user, case) else None
        if person is not None:
            form.speak_of_person()
            ways = kin.ways_to(person) if is_shown else []
            return {
                "form": form,
                "line": line_of(row, case, request.user),
                "is_hers": row.made_by_id == request.user.pk and row.noted_at is None,
                "person": kin.supporter(person),
                "rule": None,
                "is_shown": is_shown,
                "has_number": bool(ways),
                "also": ways,
                "minutes": SHOWN_FOR.seconds // 60,
                "again": reverse("case-support-reach", args=[case.uid, person.uid]) if person.ended_at is None else "",
            }  # fmt: skip
        # No letter goes to where she lives, when that may stand nowhere (R13).
        is_hidden = bool(standing and addresses.is_letter(standing.rule) and addresses.is_hidden(case, clock.now()))
        return {
            "form": form,
            "line": line_of(row, case, request.user),
            "is_hers": row.made_by_id == request.user.pk and row.noted_at is None,
            "rule": instruction_in_words(standing, reads_value=is_shown and not is_hidden) if standing else None,
            "is_shown": is_shown,
            "has_number": bool(is_shown and standing and standing.value),
            "care_of": addresses.care_of(case) if is_shown and is_hidden else "",
            "also": _on_record(case) if is_shown else [],
            "minutes": SHOWN_FOR.seconds // 60,
            "again": reverse("case-reach", args=[case.uid]),
        }

    return render_case(request, case, "safety", "cases/contact/attempt.html", build, status=422 if form.errors else 200)
